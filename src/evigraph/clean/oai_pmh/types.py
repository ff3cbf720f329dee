"""What repositories say a work is: COAR addresses, info:eu-repo, DCMI types and plain words as resource types.

Sources: COAR Resource Types 3 (vocabularies.coar-repositories.org), info:eu-repo's object types as the OpenAIRE
guidelines 3.0 give them, and the DCMI Type Vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from evigraph.clean.resource_types import OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.vocabularies import NOT_PEER_REVIEWED, PEER_REVIEWED, version_type

_COAR = "http://purl.org/coar/resource_type/"

#: A line for each of OpenAIRE's instance types: COAR's code, then words for it without spaces in lower case.
_TABLE = """
Article|c_6501 journalarticle article researcharticle infoarticle postprint
Article|c_2df8fbb1 researcharticle
Article|c_3e5a contributiontojournal contributiontoperiodical
Article|c_b239 editorial
Article|c_545b lettertotheeditor letter
Article|c_7acd corrigendum
Article|c_7bab
Data Paper|c_beb9 datapaper
Software Paper|c_7bab softwarepaper
Review|c_dcae04bc reviewarticle
Review|c_efa0 review
Review|c_ba08 bookreview
Review|H9BQ-739P peerreview
Journal|c_0640 journal
Book|c_2f33 book monograph
Part of book or chapter of book|c_3248 bookpart bookchapter chapter booksection
Conference object|c_c94f conferenceobject conferenceoutput conference conferenceitem conferencecontribution
Conference object|c_5794 conferencepaper
Conference object|c_f744 conferenceproceedings proceedings
Conference object|c_6670 conferenceposter poster
Conference object|c_18cp conferencepapernotinproceedings
Conference object|c_18co conferenceposternotinproceedings
Conference object|R60J-J5BD conferencepresentation presentation
Contribution for newspaper or weekly magazine|c_998f newspaperarticle magazinearticle
Doctoral thesis|c_db06 doctoralthesis phdthesis doctoraldissertation
Master thesis|c_bdcc masterthesis mastersthesis
Bachelor thesis|c_7a1f bachelorthesis bachelorsthesis
Thesis|c_46ec thesis dissertation studentthesis
Report|c_93fc report
Report|c_18gh technicalreport
Report|c_ba1f reportpart
Report|c_18hj reporttofundingagency
Report|c_186u policyreport
Report|c_18wz otherreport othertypeofreport
External research report|c_18ws researchreport externalresearchreport
Internal report|c_18ww internalreport
Project deliverable|c_18op projectdeliverable
Project milestone|c_18wq memorandum
Project proposal|c_baaf researchproposal
Data Management Plan|c_ab20 datamanagementplan outputmanagementplan
Lecture|c_8544 lecture
Newsletter|c_2659 newsletter
Patent|c_15cd patent
Preprint|c_816b preprint eprint
Preprint|c_8042 workingpaper
Annotation|c_1162 annotation
Other literature type|c_86bc bibliography
Other literature type|c_71bd technicaldocumentation
Other literature type|c_0857 manuscript letterletter
Other literature type|c_18cf text other
Other literature type|c_18cw musicalnotation
Dataset|c_ddb1 dataset datasets researchdata
Clinical Trial|c_cb28 clinicaltrial clinicalstudy
Collection|c_ddb1 collection
Image|c_c513 image picture
Image|c_ecc8 stillimage
Film|c_8a7e movingimage film video
Sound|c_18cc sound
Sound|c_18cd musicalcomposition
Audiovisual|c_12ce video audiovisual
Image|c_12cc cartographicmaterial
Image|c_12cd map
Software|c_5ce6 software softwareapplication computerprogram
Software|c_393c workflow
InteractiveResource|c_e9a0 website interactiveresource
InteractiveResource|c_7ad9 website
Event|c_1843 event
PhysicalObject|c_1843 physicalobject
Other ORP type|c_1843 service learningobject
"""

#: Words that hardly say anything: another statement counts before them.
_VAGUE = frozenset({"text", "other", "collection", "info", "notspecified"})


def _read_table() -> tuple[dict[str, ResourceType], dict[str, ResourceType]]:
    by_code: dict[str, ResourceType] = {}
    by_word: dict[str, ResourceType] = {}
    for entry in _TABLE.split("\n"):
        label, bar, rest = entry.partition("|")
        if not bar:
            continue
        code, *words = rest.split()
        kind = resource_type(label, "openaire")._replace(coar_uri=_COAR + code)
        by_code.setdefault(code.lower(), kind)
        for word in words:
            by_word.setdefault(word, kind)
    by_code["c_1843"] = OTHER_LITERATURE
    return by_code, by_word


_BY_CODE, _BY_WORD = _read_table()


class Kind(NamedTuple):
    """What a repository says of a work: its type, review and version, and the statements that are none of these."""

    resource_type: ResourceType
    refereed: str | None
    version_type: str | None
    others: tuple[str, ...]


def coar_type(uri: str | None) -> ResourceType | None:
    """The resource type of a COAR address or code, or None."""
    return _BY_CODE.get(uri.strip().rstrip("/").rpartition("/")[2].lower()) if uri else None


def kind_of(statements: Iterable[str | None]) -> Kind:
    """What all `type` statements of a record say together.

    A COAR address counts before a term of info:eu-repo, that before a word, and a vague word ("text") last. What is
    understood of none is given back in `others`, as are words beside the one that counted.
    """
    found: list[tuple[int, int, ResourceType]] = []
    stated_types = [statement for statement in statements if statement]
    refereed = version = None
    others: list[tuple[int, str]] = []
    for at, stated in enumerate(stated_types):
        word = _folded(stated)
        if word in ("peerreviewed", "nonpeerreviewed", "notpeerreviewed"):
            refereed = refereed or (PEER_REVIEWED if word == "peerreviewed" else NOT_PEER_REVIEWED)
            continue
        if kind := coar_type(stated) if "coar" in stated.lower() or stated.startswith("c_") else None:
            found.append((0, at, kind))
        elif found_version(stated):
            version = version or version_type(stated)
            continue
        elif kind := _BY_WORD.get(word):
            rank = 3 if word in _VAGUE else 1 if stated.lower().startswith("info:eu-repo") else 2
            found.append((rank, at, kind))
        others.append((at, stated))
    _, chosen_at, chosen = min(found, default=(9, -1, OTHER_LITERATURE))
    return Kind(chosen, refereed, version, tuple(stated for at, stated in others if at != chosen_at))


def found_version(stated: str) -> bool:
    """Whether a statement is one of info:eu-repo's or COAR's versions ("publishedVersion"), not a type."""
    lowered = stated.lower()
    is_named = lowered.endswith("version") or "/coar/version/" in lowered
    return is_named and version_type(stated) is not None


def _folded(stated: str) -> str:
    tail = re.sub(r"^(?:info:eu-repo/semantics/|https?://purl\.org/dc/dcmitype/|doc-type:)", "", stated.strip().lower())
    return re.sub(r"[^a-z]", "", tail)
