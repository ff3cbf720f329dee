"""Identifiers of works: schemes, normal forms, and the id a product derives from them.

Normal forms follow OpenAIRE's so that the md5 half of a product id is OpenAIRE's wherever both know the
work by the same DOI.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

#: Schemes that make identity, best first: the order in which a product takes its id from them.
IDENTITY_SCHEMES: tuple[str, ...] = (
    "doi",
    "pmid",
    "pmc",
    "handle",
    "arxiv",
    "nct",
    "pdb",
    "w3id",
    "openalex",
    "openaire",
    "omid",
)

#: Width of the prefix of a product id.
PREFIX_WIDTH = 12

#: Values that sources put where an identifier is missing.
PLACEHOLDERS = frozenset({"", "none", "na", "n/a", "null", "unknown", "-", "0", "not available"})

_DOI_START = re.compile(r"10\.\d{4,9}(?:\.\d+)*/")
_PMC = re.compile(r"(?:PMC)?0*(\d{1,8})$", re.IGNORECASE)
_PMID = re.compile(r"0*([1-9]\d{0,7})$")
_ARXIV_NEW = re.compile(r"(\d{4}\.\d{4,5})(v\d+)?$")
_ARXIV_OLD = re.compile(r"([a-z-]+(?:\.[a-z]{2})?/\d{7})(v\d+)?$", re.IGNORECASE)
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])$")
_ISSN = re.compile(r"(\d{4})[-‐-―−]?(\d{3}[\dXx])$")  # noqa: RUF001 - dashes that sources use
_ROR = re.compile(r"(?:https?://)?ror\.org/(0[a-z0-9]{6}\d{2})/?$", re.IGNORECASE)
_OPENALEX = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:works/)?)?(W\d{1,12})$", re.IGNORECASE)
_OPENAIRE = re.compile(r"(?:\d{2}\|)?([A-Za-z0-9_.-]{12}::[0-9a-f]{32})$")
_OMID = re.compile(r"(?:https?://w3id\.org/oc/meta/|omid:)?(br/06\d{1,24})$", re.IGNORECASE)
_HANDLE = re.compile(r"(?:https?://hdl\.handle\.net/|hdl:)?([0-9A-Za-z.]+/\S+)$", re.IGNORECASE)
_PRODUCT_ID = re.compile(r"[A-Za-z0-9_.-]{12}::[0-9a-f]{32}$")


class Pid(NamedTuple):
    """An identifier: scheme and normalised value; as text `scheme:value`."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def normalise_doi(text: str | None) -> str | None:
    """The DOI in `text`, lower-case from `10.` on, or None if it holds no valid one.

    Follows OpenAIRE: white space is removed, a `doi:` label or resolver address before `10.` is cut.
    Stricter than OpenAIRE in that a prefix of four to nine digits and a non-empty suffix are required
    (DOI Handbook §2.2).
    """
    if not text:
        return None
    squeezed = "".join(text.split()).lower().replace("%2f", "/")
    match = _DOI_START.search(squeezed)
    if not match:
        return None
    doi = squeezed[match.start() :]
    return doi if len(doi) > match.end() - match.start() else None


def normalise_pmid(text: str | None) -> str | None:
    """A PubMed id without leading zeros, or None."""
    if not text:
        return None
    tail = text.strip().rstrip("/").rsplit("/", 1)[-1].lower().removeprefix("pmid:").removeprefix("pmid")
    match = _PMID.match(tail.strip())
    return match.group(1) if match else None


def normalise_pmcid(text: str | None) -> str | None:
    """A PubMed Central id as `PMC` and digits, or None."""
    if not text:
        return None
    tail = text.strip().rstrip("/").rsplit("/", 1)[-1].lower().removeprefix("pmcid:").strip()
    match = _PMC.match(tail)
    return f"PMC{match.group(1)}" if match else None


def normalise_arxiv(text: str | None) -> str | None:
    """An arXiv id without its version (`2101.00001`, `math.gt/0309136`), or None."""
    if not text:
        return None
    tail = text.strip().removesuffix(".pdf")
    tail = re.sub(r"^(?:https?://)?(?:www\.)?arxiv\.org/(?:abs|pdf)/|^arxiv:\s*", "", tail, flags=re.IGNORECASE)
    match = _ARXIV_NEW.match(tail) or _ARXIV_OLD.match(tail)
    return match.group(1).lower() if match else None


def normalise_orcid(text: str | None) -> str | None:
    """An ORCID iD as `0000-0000-0000-000X` with a right check digit (ISO 7064 mod 11-2), or None."""
    if not text:
        return None
    match = _ORCID.match(text.strip().rstrip("/").rsplit("/", 1)[-1])
    if not match:
        return None
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        return None
    return "-".join(group.upper() for group in match.groups())


def normalise_issn(text: str | None) -> str | None:
    """An ISSN as `1234-567X` with a right check digit (ISO 3297), or None."""
    if not text:
        return None
    match = _ISSN.match(text.strip())
    if not match:
        return None
    digits = "".join(match.groups()).upper()
    total = sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True))
    check = -total % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        return None
    return f"{digits[:4]}-{digits[4:]}"


def normalise_ror(text: str | None) -> str | None:
    """A ROR id as `https://ror.org/…`, or None."""
    match = _ROR.match(text.strip()) if text else None
    return f"https://ror.org/{match.group(1).lower()}" if match else None


def normalise_openalex(text: str | None) -> str | None:
    """An OpenAlex work id as `W…`, or None."""
    match = _OPENALEX.match(text.strip()) if text else None
    return match.group(1).upper() if match else None


def normalise_openaire(text: str | None) -> str | None:
    """An OpenAIRE id (`prefix::md5`) without its numeric type, or None."""
    match = _OPENAIRE.match(text.strip()) if text else None
    return match.group(1) if match else None


def normalise_omid(text: str | None) -> str | None:
    """An OpenCitations Meta id of a work as `br/06…`, or None."""
    match = _OMID.match(text.strip()) if text else None
    return match.group(1).lower() if match else None


def normalise_handle(text: str | None) -> str | None:
    """A Handle without its resolver, or None."""
    match = _HANDLE.match(text.strip()) if text else None
    return match.group(1) if match else None


def _as_stated(text: str | None) -> str | None:
    stripped = text.strip() if text else ""
    return stripped or None


#: The normal form of each scheme.
NORMALISERS: dict[str, Callable[[str | None], str | None]] = {
    "doi": normalise_doi,
    "pmid": normalise_pmid,
    "pmc": normalise_pmcid,
    "arxiv": normalise_arxiv,
    "handle": normalise_handle,
    "openalex": normalise_openalex,
    "openaire": normalise_openaire,
    "omid": normalise_omid,
    "nct": _as_stated,
    "pdb": _as_stated,
    "w3id": _as_stated,
}


def make_pid(scheme: str, text: str | None) -> Pid | None:
    """The identifier that `text` states in `scheme` (any letter case), or None where it states none."""
    scheme = scheme.strip().lower()
    scheme = {"pmcid": "pmc", "pubmed": "pmid"}.get(scheme, scheme)
    if text is None or text.strip().lower() in PLACEHOLDERS:
        return None
    value = NORMALISERS.get(scheme, _as_stated)(text)
    return Pid(scheme, value) if value else None


def parse_pid(text: str) -> Pid | None:
    """The identifier a person typed or pasted: a DOI or its address, `pmid:1`, `PMC1`, `W1`, digits (a PMID).

    Returns None where the text is no identifier.
    """
    text = text.strip()
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in {*NORMALISERS, "pmcid", "pubmed"}:
        return make_pid(scheme, rest)
    lowered = text.lower()
    if doi := (normalise_doi(text) if lowered.startswith(("10.", "http", "doi", "www.")) else None):
        return Pid("doi", doi)
    if "pubmed" in lowered or text.isdecimal():
        return make_pid("pmid", text)
    if re.fullmatch(r"PMC\d{1,8}", text, re.IGNORECASE):
        return make_pid("pmc", text)
    if value := normalise_openalex(text):
        return Pid("openalex", value)
    if value := normalise_arxiv(text):
        return Pid("arxiv", value)
    return None


def is_product_id(text: str) -> bool:
    """Whether `text` has the form of a product id, ours or OpenAIRE's."""
    return bool(_PRODUCT_ID.match(text))


def id_of(pid: Pid) -> str:
    """The product id that an identifier gives: its scheme padded to 12 with `_`, `::`, md5 of its value.

    An OpenAIRE id is its own product id. The definition is OpenAIRE's (Graph documentation, entity
    identifiers); its `doi_dedup___` prefix carries the same md5.
    """
    if pid.scheme == "openaire":
        return pid.value
    prefix = pid.scheme[:PREFIX_WIDTH].ljust(PREFIX_WIDTH, "_")
    return f"{prefix}::{hashlib.md5(pid.value.encode(), usedforsecurity=False).hexdigest()}"


def identity_order(pid: Pid) -> tuple[int, str]:
    """Sort key of identifiers: the best scheme first, then the smallest value."""
    try:
        return IDENTITY_SCHEMES.index(pid.scheme), pid.value
    except ValueError:
        return len(IDENTITY_SCHEMES), f"{pid.scheme}:{pid.value}"


def best_pid(pids: Iterable[Pid]) -> Pid | None:
    """The identifier a product takes its id from, or None where there is none that makes identity."""
    candidates = [pid for pid in pids if pid.scheme in IDENTITY_SCHEMES]
    return min(candidates, key=identity_order, default=None)
