"""References from MEDLINE's tagged text: PubMed's .nbib, ERIC's variant of it, and Ovid's Medlars export.

Source of the format: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions". A tag stands in four columns before a
hyphen, a value goes on in lines that begin with six spaces, a blank line ends the reference. ORCID iDs (AUID) and
affiliations (AD) belong to the author before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from evigraph.clean.exports.csv_cells import parts_of_source
from evigraph.clean.exports.record import DIALECT, author_of
from evigraph.clean.exports.reference import Accession, Field, Reference, Role
from evigraph.clean.exports.text import text_lines
from evigraph.clean.exports.types import export_type, medline_type
from evigraph.clean.payload import Report
from evigraph.clean.pubmed.references import RELATIONS, RETRACTED
from evigraph.clean.text import clean_title
from evigraph.model.pid import make_pid, normalise_orcid

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3})[ \t]{0,2}-(?:[ \t]|$)")
_NUMBERING = re.compile(r"<\d+\.? ?>$|\d+\.$")
_SPACES = re.compile(r"[ \t]+")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV|2nd|3rd|4th|5th)\.?")
_STATED_PMID = re.compile(r"\bPMID:?\s*([1-9]\d{0,7})\b")
_STATED_DOI = re.compile(r"\bdoi:\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)
_RESOLVER = re.compile(r"https?://(?:dx\.)?doi\.org/10\.", re.IGNORECASE)
_BEGINNING = re.compile(r"^(?:PMID- ?\d|OWN - |STAT- |FAU - |XTRA- |UI  - \d|VN  - Ovid)", re.MULTILINE)

#: Tag of evigraph's own for fields of other formats, as `name: value`.
EXTRA = "XTRA"

_ROLES: dict[str, Role] = {
    "PMID": Role.PMID,
    "TI": Role.TITLE,
    "TT": Role.ALTERNATIVE_TITLE,
    "AB": Role.ABSTRACT,
    "OAB": Role.ABSTRACT,
    "CN": Role.GROUP_AUTHOR,
    "DP": Role.YEAR,
    "YR": Role.YEAR,
    "JT": Role.CONTAINER,
    "TA": Role.ABBREVIATED_CONTAINER,
    "VI": Role.VOLUME,
    "IP": Role.ISSUE,
    "PG": Role.PAGES,
    "EN": Role.EDITION,
    "IS": Role.ISSN,
    "ISSN": Role.ISSN,
    "ISBN": Role.ISBN,
    "PMC": Role.PMCID,
    "MH": Role.MESH,
    "OT": Role.KEYWORD,
    "LA": Role.LANGUAGE,
    "LG": Role.LANGUAGE,
    "PB": Role.PUBLISHER,
    "DB": Role.DATABASE,
    "PT": Role.KIND,
    "LR": Role.DATESTAMP,
    "GR": Role.GRANT,
}
_PRECEDENCE: dict[Role, tuple[str, ...]] = {
    Role.ABSTRACT: ("AB", "OAB"),
    Role.DOI: ("AID", "LID", "DO", "DI"),
    Role.CONTAINER: ("JT", "BTI", "CTI"),
    Role.YEAR: ("DP", "YR"),
}

#: Tags of notes on other works with the RefType of NLM's XML that says the same.
_LINKS: dict[str, str] = {
    "CIN": "CommentIn",
    "CON": "CommentOn",
    "CRF": "CorrectedandRepublishedFrom",
    "CRI": "CorrectedandRepublishedIn",
    "DDIN": "AssociatedDataset",
    "DRIN": "AssociatedPublication",
    "ECF": "ExpressionOfConcernFor",
    "ECI": "ExpressionOfConcernIn",
    "EFR": "ErratumFor",
    "EIN": "ErratumIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RPF": "RepublishedFrom",
    "RPI": "RepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "RRI": "RetractedandRepublishedIn",
    "SPIN": "SummaryForPatientsIn",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
}

#: Tags of which a reference has one: a second one after a blank line is the next reference.
_ONCE = frozenset({"PMID", "TI", "BTI", "JT", "DP", "VI", "PG", "OWN", "UI"})


@dataclass
class _Raw:
    """The lines of one reference: tag and value; what was amiss."""

    entries: list[list[str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0

    @property
    def tags(self) -> set[str]:
        """The tags it has."""
        return {tag for tag, _ in self.entries}

    @property
    def is_marked(self) -> bool:
        """Whether it begins a reference for sure: by its PMID, or by the mark of evigraph's own export."""
        return any(tag == "PMID" or (tag == EXTRA and value.startswith(f"{DIALECT}: ")) for tag, value in self.entries)


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is MEDLINE's tagged text and no RIS."""
    return _BEGINNING.search(head) is not None and re.search(r"^TY[ \t]{0,3}-", head, re.MULTILINE) is None


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of a file in their order, one for each PMID.

    Where the file has none, a blank line or a number in pointed brackets begins a reference. A blank line inside one
    does no harm. Defects: `encoding`, `no_identifier` where only some have a PMID; of the file `stray_text`.
    """
    before: _Raw | None = None
    has_pmids = False
    for raw in _fragments(path, report):
        if before is not None and not raw.is_marked and not raw.tags & before.tags & _ONCE:
            before.entries += raw.entries
            before.problems += raw.problems
            continue
        if before is not None:
            yield _reference(before, has_pmids)
        before = raw
        has_pmids = has_pmids or "PMID" in raw.tags
    if before is not None:
        yield _reference(before, has_pmids)


def _fragments(path: str, report: Report) -> Iterator[_Raw]:
    """What stands between blank lines, and from one PMID to the next."""
    wrong: list[str] = []
    current = _Raw()
    n_stray = 0
    stray = ""
    for line in text_lines(path, report, wrong.append):
        text = line.strip(" \t")
        match = _TAG.match(line)
        is_end = not text or _NUMBERING.match(text) or (match and match[1] == "PMID" and "PMID" in current.tags)
        if is_end and current.entries:
            yield current
            current = _Raw()
        if match:
            current.entries.append([match[1], _SPACES.sub(" ", line[match.end() :]).strip()])
        elif text and current.entries:
            last = current.entries[-1]
            last[1] = f"{last[1]} {_SPACES.sub(' ', text)}".strip()
        elif text and not _NUMBERING.match(text):
            n_stray, stray = n_stray + 1, stray or text
        current.size += len(line)
        if wrong and current.entries:
            current.problems.append(("encoding", wrong[0]))
            wrong.clear()
    if current.entries:
        yield current
    if n_stray:
        message = f"{n_stray} lines between the references belong to none and were left out, the first: {stray[:80]}"
        report(-1, "stray_text", message, False)
    for message in wrong[:1]:
        report(-1, "encoding", message, False)


def _reference(raw: _Raw, has_pmids: bool) -> Reference:
    said: dict[str, list[str]] = {}
    for tag, value in raw.entries:
        if value:
            said.setdefault(tag, []).append(value)
    reference = Reference("NBIB", problems=raw.problems[:1], size=raw.size, precedence=_PRECEDENCE)
    _describe(reference, said)
    if has_pmids and "PMID" not in said:
        reference.problems.append(("no_identifier", "it has no PMID as the others have; it was kept"))
    last: dict[str, Any] | None = None  # what is known of the author before, while it grows
    short: str | None = None
    loose: list[Field] = []  # what belongs to no author; put first, where it stays so when written before the authors
    for tag, value in raw.entries:
        if not value:
            continue
        if tag in ("FAU", "CN") or (tag == "AU" and "FAU" not in said):
            last = _name_parts(value) if tag == "FAU" else {}
            short = short_name(last, value) if tag == "FAU" else None
            entry = Field(tag, value, Role.GROUP_AUTHOR if tag == "CN" else Role.AUTHOR, last)
            if author_of(entry) is None:
                last = None  # what follows is nobody's
            (loose if last is None and tag == "AU" else reference.fields).append(entry)
        elif tag == "AD" and _is_embase(said):
            loose.append(Field(tag, value))  # the address for letters
        elif tag == "AD" and last is not None:
            last.setdefault("affiliations", []).append(value)
        elif tag == "AUID" and last is not None and "orcid" not in last and (orcid := _orcid(value)):
            last["orcid"] = orcid
        elif tag in ("AU", "AD", "AUID"):
            # A short form says nothing that the full one before it does not, unless it is another's.
            if tag != "AU" or value != short:
                loose.append(Field(tag, value))
            short = None if tag == "AU" else short
        else:
            _take(reference, tag, value, said)
    reference.fields[:0] = loose
    if reference.dialect == "Ovid MEDLINE":
        for role, part in parts_of_source(" ".join(said.get("SO", ())), "Ovid text"):
            if reference.first(role) is None:
                reference.add(f"SO ({role})", part, role)
    return reference


def _describe(reference: Reference, said: dict[str, list[str]]) -> None:
    """Puts in who wrote the reference, its accession number, its type, and its links."""
    extras = (text.partition(": ") for text in said.get(EXTRA, ()))
    stated = next((value for name, _, value in extras if name == DIALECT), None)
    numbers = [*said.get("PMID", ()), *(said.get("UI", ()) if _is_medline(said) else ())]
    pmid = next((pid.value for text in numbers if (pid := make_pid("pmid", text))), None)
    if any("Ovid" in text for text in said.get("VN", ())):
        reference.dialect = "Ovid MEDLINE"
        if _is_embase(said) and (pui := next(iter(said.get("UI", ())), "")).isdecimal():
            # Ovid leaves out the L with which Embase's own numbers begin.
            reference.accession = Accession("embase", f"L{pui}")
    elif "ERIC" in said.get("OWN", ()):
        reference.dialect, reference.database = "ERIC NBIB", "ERIC"
        if number := next((text for text in said.get("OID", ()) if re.fullmatch(r"E[JD]\d+", text)), None):
            reference.accession = Accession("eric", number)
    elif pmid and stated is None:
        reference.dialect, reference.database = "PubMed NBIB", "PubMed"
    if pmid and reference.accession is None and stated in (None, "Ovid MEDLINE"):
        reference.accession = Accession("pubmed", pmid)
    reference.dialect = stated or reference.dialect
    kinds = said.get("PT", ())
    reference.resource_type = export_type((), kinds) if _is_embase(said) else medline_type(kinds)
    for tag, ref_type in _LINKS.items():
        for text in said.get(tag, ()):
            reference.is_retracted = reference.is_retracted or ref_type in RETRACTED
            if link := _link(ref_type, text):
                reference.links.append(link)


def _take(reference: Reference, tag: str, value: str, said: dict[str, list[str]]) -> None:
    """Puts in a field that is none of an author."""
    role = _ROLES.get(tag)
    if tag == EXTRA:
        name, colon, stated = value.partition(": ")
        if name != DIALECT:
            reference.add(name if colon else EXTRA, stated if colon else value)
    elif tag in ("TI", "TT", "BTI", "CTI"):
        title = value
        while (shorter := clean_title(title, strip_full_stop=True, strip_brackets=True)) and shorter != title:
            title = shorter
        if tag == "TI" and "[" in value[:1] and title != value:
            reference.add(tag, value)  # the brackets say that the title was translated
        is_title = tag == "BTI" and "TI" not in said
        reference.add(tag, title, Role.TITLE if is_title else _ROLES.get(tag, Role.CONTAINER))
    elif tag in ("AID", "LID", "DO", "DI"):
        if value.endswith("[doi]") or _RESOLVER.match(value) or (tag in ("DO", "DI") and "10." in value):
            reference.add(tag, value, Role.DOI)
        else:
            reference.add(tag, value, Role.URL if value.startswith(("http://", "https://")) else None)
    elif tag == "UI" and "PMID" not in said and _is_medline(said):
        reference.add(tag, value, Role.PMID)
    elif tag == "MH" and _is_embase(said):
        reference.add(tag, value, Role.KEYWORD)
    elif tag == "GR":
        parts = value.split("/")
        agency = parts[2:3] or parts[1:2]
        reference.add(tag, value, role, {"award": parts[0], "funder_name": agency[0] if agency else None})
    else:
        reference.add(tag, value, role)


def _is_medline(said: dict[str, list[str]]) -> bool:
    return "DB" not in said or any("MEDLINE" in name.upper() for name in said["DB"])


def _is_embase(said: dict[str, list[str]]) -> bool:
    """Whether it is of Embase, whose terms are Emtree's and whose types are its own."""
    return "Embase" in said.get("DB", ()) and any("Ovid" in text for text in said.get("VN", ()))


def _name_parts(text: str) -> dict[str, Any]:
    """The parts of "Family, Given Suffix"; the name as one where it is not of that form, for it is no group's."""
    pieces = [piece.strip() for piece in text.split(",")]
    words = [word for word in pieces[-1].split(" ") if word]
    if len(pieces) != 2 or not pieces[0] or not words:
        return {"family_name": None, "full_name": text.strip(" ,")}
    suffix = words.pop() if len(words) > 1 and _SUFFIX.fullmatch(words[-1]) else None
    return {"family_name": pieces[0], "given_name": " ".join(words), "suffix": suffix}


def short_name(parts: dict[str, Any], text: str) -> str:
    """MEDLINE's short form of a name: family name and initials, "van Dijk JP Jr"."""
    if not parts.get("given_name"):
        return text
    initials = "".join(word[0].upper() for word in re.split(r"[\s-]+", parts["given_name"]) if word)
    return " ".join(part for part in (parts["family_name"], initials, parts.get("suffix")) if part)


def _orcid(text: str) -> str | None:
    label, _, value = text.partition(":")
    return normalise_orcid(value.strip()) if label.strip().upper() == "ORCID" else None


def _link(ref_type: str, text: str) -> dict[str, Any] | None:
    """The LINK row of a note on another work, None where it states no identifier; the note itself is kept anyway."""
    if match := _STATED_PMID.search(text):
        pid = make_pid("pmid", match[1])
    elif match := _STATED_DOI.search(text):
        pid = make_pid("doi", match[1].rstrip(".,;"))
    else:
        return None
    if pid is None:
        return None
    return {"relation": RELATIONS[ref_type], "scheme": pid.scheme, "value": pid.value, "note": ref_type}
