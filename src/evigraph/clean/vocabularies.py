"""The field's vocabularies: access rights, versions, peer review, placeholder identifiers; and resource types.

The tables are ours, made from the standards: COAR Access Rights 1 and Version Types 1
(vocabularies.coar-repositories.org), and the cleaning rules that the OpenAIRE Graph documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from evigraph.clean.resource_types import (
    ARTICLE,
    CONFERENCE_PAPER,
    OTHER_LITERATURE,
    ResourceType,
    pubmed_resource_type,
    resource_type,
)
from evigraph.model.pid import Pid, make_pid

__all__ = [
    "ACCESS_RIGHTS",
    "ARTICLE",
    "CLOSED",
    "CONFERENCE_PAPER",
    "EMBARGOED",
    "NOT_PEER_REVIEWED",
    "OPEN",
    "OTHER_LITERATURE",
    "PEER_REVIEWED",
    "RESTRICTED",
    "ResourceType",
    "access_right",
    "best_access_right",
    "identifying_pid",
    "is_placeholder_doi",
    "peer_reviewed",
    "pubmed_resource_type",
    "resource_type",
    "says_retracted",
    "version_type",
    "version_uris",
]

#: COAR Access Rights, most open first.
OPEN, EMBARGOED, RESTRICTED, CLOSED = "c_abf2", "c_f1cf", "c_16ec", "c_14cb"
ACCESS_RIGHTS: dict[str, str] = {
    OPEN: "open access",
    EMBARGOED: "embargoed access",
    RESTRICTED: "restricted access",
    CLOSED: "metadata only access",
}
_ACCESS_RANK = {code: rank for rank, code in enumerate(ACCESS_RIGHTS)}
_ACCESS_NAMES: dict[str, str] = {
    "open": OPEN,
    "openaccess": OPEN,
    "opensource": OPEN,
    "embargo": EMBARGOED,
    "embargoed": EMBARGOED,
    "embargoedaccess": EMBARGOED,
    "restricted": RESTRICTED,
    "restrictedaccess": RESTRICTED,
    "closed": CLOSED,
    "closedaccess": CLOSED,
    "metadataonlyaccess": CLOSED,
}


def access_right(*statements: str | None) -> str | None:
    """The COAR code that the first understood of these codes, addresses or names stands for; None: not known.

    Understands COAR's codes and addresses, `info:eu-repo/semantics/…`, and OpenAIRE's names ("OPEN", "Open
    Access", "EMBARGO", "CLOSED"); "UNKNOWN" and "not available" are not statements.
    """
    for statement in statements:
        if not statement:
            continue
        tail = statement.strip().rstrip("/").rsplit("/", 1)[-1]
        if tail in ACCESS_RIGHTS:
            return tail
        if code := _ACCESS_NAMES.get(re.sub(r"[\s_-]", "", tail.lower())):
            return code
    return None


def best_access_right(codes: Iterable[str | None]) -> str | None:
    """The most open of these access rights, as OpenAIRE shows for a product; None where none is known."""
    known = [code for code in codes if code in _ACCESS_RANK]
    return min(known, key=_ACCESS_RANK.__getitem__, default=None)


_COAR_VERSION = "http://purl.org/coar/version/"

#: COAR version types by the names that sources use for them.
_VERSIONS: dict[str, str] = {
    "ao": "c_b1a7d7d4d402bcce",
    "draft": "c_b1a7d7d4d402bcce",
    "smur": "c_71e4c1898caa6e32",
    "submittedversion": "c_71e4c1898caa6e32",
    "am": "c_ab4af688f83e57aa",
    "acceptedversion": "c_ab4af688f83e57aa",
    "p": "c_fa2ee174bc00049f",
    "vor": "c_970fb48d4fbd8a85",
    "publishedversion": "c_970fb48d4fbd8a85",
    "cvor": "c_e19f295774971610",
    "evor": "c_dc82b40f9837b551",
    "updatedversion": "c_dc82b40f9837b551",
}


def version_type(name: str | None) -> str | None:
    """The COAR version URI for a source's name of a version (`vor`, `acceptedVersion`, `am`), or None."""
    code = _VERSIONS.get(name.strip().rsplit("/", 1)[-1].lower()) if name else None
    return _COAR_VERSION + code if code else None


def version_uris() -> frozenset[str]:
    """The COAR version URIs that `version_type` gives."""
    return frozenset(_COAR_VERSION + code for code in _VERSIONS.values())


PEER_REVIEWED, NOT_PEER_REVIEWED = "peerReviewed", "nonPeerReviewed"

#: OpenAIRE's instance types that count as peer-reviewed where Crossref registered them.
_REFEREED_LABELS = frozenset(
    {
        "Article",
        "Book",
        "Part of book or chapter of book",
        "Thesis",
        "Doctoral thesis",
        "Master thesis",
        "Bachelor thesis",
        "Data Paper",
        "Conference object",
    }
)


def peer_reviewed(
    label: str, *, is_from_crossref: bool, has_doi: bool, other_labels: Iterable[str] = (), stated: str | None = None
) -> str | None:
    """Whether an instance was refereed: `peerReviewed`, `nonPeerReviewed`, or None where there is no ground.

    OpenAIRE's rule (graph cleaning): what a source states holds; else an instance is peer-reviewed exactly if it
    comes from Crossref, has a DOI, is an article, part of a book, book, thesis, data paper or conference object,
    and no instance of the product is of "Other literature type". OpenAIRE calls all others not peer-reviewed; we
    say so only of preprints, whose type is the statement, and leave the others unknown.
    """
    word = re.sub(r"[\s_-]", "", stated.lower()) if stated else ""
    if word in ("peerreviewed", "0001"):
        return PEER_REVIEWED
    if word in ("nonpeerreviewed", "notpeerreviewed", "0002"):
        return NOT_PEER_REVIEWED
    if label == "Preprint":
        return NOT_PEER_REVIEWED
    if is_from_crossref and has_doi and label in _REFEREED_LABELS and OTHER_LITERATURE.label not in other_labels:
        return PEER_REVIEWED
    return None


#: DOIs that many records share or nobody registered, and what they are.
PLACEHOLDER_DOIS: dict[str, str] = {
    "10.1000/xyz123": "the example of the DOI Handbook",
    "10.1000/182": "the DOI Handbook itself, copied from its example",
    "10.5555/12345678": "Crossref's example record",
    "10.1234/5678": "an example of many manuals",
    "10.1234/abcd": "an example of many manuals",
    "10.1234/example": "an example of many manuals",
    "10.1002/(issn)": "a publisher's address of a journal, cut off",
}
#: Suffixes that templates leave behind where a DOI was never filled in.
PLACEHOLDER_SUFFIX = (
    r"(?:xxx[x./-]*|0{4,}|n/?a|none|null|nan|undefined|unknown|tb[ad]|test|doi|placeholder|insert.*|your[-_ ]?doi)$"
)
_PLACEHOLDER_SUFFIX = re.compile(PLACEHOLDER_SUFFIX)


def is_placeholder_doi(doi: str) -> bool:
    """Whether a normalised DOI stands where one is missing, so that it must never make identity.

    Our own short list: examples of manuals, and suffixes that only templates have.
    """
    return doi in PLACEHOLDER_DOIS or _PLACEHOLDER_SUFFIX.match(doi, doi.find("/") + 1) is not None


def identifying_pid(scheme: str, text: str | None) -> Pid | None:
    """The identifier that `text` states in `scheme`, unless it states none or a placeholder."""
    pid = make_pid(scheme, text)
    return None if pid is None or (pid.scheme == "doi" and is_placeholder_doi(pid.value)) else pid


#: Publishers' mark of a retracted work in its own title; notices say "Retraction" and are not meant.
_RETRACTED_TITLE = re.compile(r"(?:RETRACTED|WITHDRAWN)(?: ARTICLE| PAPER| CHAPTER)?\s*:|\[RETRACTED\]")


def says_retracted(title: str) -> bool:
    """Whether a work's own title says that it was retracted or withdrawn ("RETRACTED ARTICLE: …")."""
    return _RETRACTED_TITLE.match(title) is not None
