"""References from RIS in all its dialects.

The format is that of Reference Manager: a tag of two characters, two spaces, a hyphen, a space, a value; TY begins a
reference and ER ends it. What writers make of it differs: one space or tabs, small letters, no ER, no TY, values over
several lines, lists of keywords in one field, a first page that is a range, notes in N2 and abstracts in N1. Lines
before TY as `Provider: JSTOR` belong to the reference that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from evigraph.clean.exports.dialects import Dialect, accession_of, dialect_of
from evigraph.clean.exports.record import DIALECT
from evigraph.clean.exports.reference import Reference, Role
from evigraph.clean.exports.text import text_lines
from evigraph.clean.exports.values import pages
from evigraph.clean.payload import Report

_TAG = re.compile(r"([A-Z][A-Z0-9])(?:  -|[ ]*\t[ \t]*-)(?:[ \t]|$)")
_LOOSE_TAG = re.compile(r"([A-Z][A-Z0-9])[ \t]*-(?:[ \t]|$)")
_SMALL_TAG = re.compile(r"([a-z][a-z0-9])  -(?:[ \t]|$)")
_PMID_TAG = re.compile(r"(PMID|PMCID)  ?-(?:[ \t]|$)")
_HEADER = re.compile(r"(?:([^\s:][^:\t]{0,79}):[ \t]+|(Content):)(\S.*)$")
_NUMBERING = re.compile(r"(?:\d+[.)]|<\d+>|Record #?\d+ of \d+.*|-{3,}|={3,})$")
_BEGINNING = re.compile(r"^(?:TY|ty)[ \t]{0,3}-", re.MULTILINE)
_SMALL_TAGS = frozenset(
    {
        *("ty", "er", "au", "a1", "a2", "ti", "t1", "t2", "jo", "jf", "ja", "py", "y1", "da", "vl", "is"),
        *("sp", "ep", "ab", "n1", "n2", "kw", "do", "ur", "sn", "pb", "cy", "la", "id"),
    }
)

#: What every dialect means by a tag. Tags with a meaning of their own in some are settled in `_role`.
_ROLES: dict[str, Role] = {
    "TY": Role.TYPE,
    "TI": Role.TITLE,
    "T1": Role.TITLE,
    "CT": Role.TITLE,
    "ST": Role.ALTERNATIVE_TITLE,
    "TT": Role.ALTERNATIVE_TITLE,
    "AU": Role.AUTHOR,
    "A1": Role.AUTHOR,
    "PY": Role.YEAR,
    "Y1": Role.YEAR,
    "DA": Role.DATE,
    "JF": Role.CONTAINER,
    "T2": Role.CONTAINER,
    "JO": Role.CONTAINER,
    "BT": Role.CONTAINER,
    "JA": Role.ABBREVIATED_CONTAINER,
    "J2": Role.ABBREVIATED_CONTAINER,
    "JI": Role.ABBREVIATED_CONTAINER,
    "J1": Role.ABBREVIATED_CONTAINER,
    "J9": Role.ABBREVIATED_CONTAINER,
    "VL": Role.VOLUME,
    "VO": Role.VOLUME,
    "IS": Role.ISSUE,
    "CP": Role.ISSUE,
    "SP": Role.FIRST_PAGE,
    "EP": Role.LAST_PAGE,
    "ET": Role.EDITION,
    "SN": Role.SERIAL,
    "DO": Role.DOI,
    "PMID": Role.PMID,
    "PMCID": Role.PMCID,
    "AB": Role.ABSTRACT,
    "N2": Role.ABSTRACT,
    "KW": Role.KEYWORD,
    "LA": Role.LANGUAGE,
    "PB": Role.PUBLISHER,
    "PU": Role.PUBLISHER,
    "UR": Role.URL,
    "DB": Role.DATABASE,
    "M3": Role.KIND,
}

#: Types whose container is a periodical; `evigraph.publish.formats.ris` writes it as JF then, else as T2.
PERIODICALS = frozenset({"JOUR", "EJOUR", "MGZN", "INPR", "ABST", "NEWS", "JFULL"})
#: Types of whole works, of which a lone SP is the number of pages.
_WHOLE = frozenset({"BOOK", "EBOOK", "EDBOOK", "THES", "RPRT", "GOVDOC", "PAMP", "CTLG"})

_PRECEDENCE: dict[Role, tuple[str, ...]] = {
    Role.TITLE: ("TI", "T1", "CT"),
    Role.YEAR: ("PY", "Y1"),
    Role.ABBREVIATED_CONTAINER: ("JA", "J2", "JI", "J1", "J9", "JO"),
    Role.VOLUME: ("VL", "VO"),
    Role.ISSUE: ("IS", "CP"),
    Role.FIRST_PAGE: ("SP", "C7"),
    Role.DOI: ("DO", "M3", "L2", "L1", "L3"),
    Role.ABSTRACT: ("AB", "N2"),
    Role.PUBLISHER: ("PB", "PU"),
    Role.DATABASE: ("DB", "Database"),
}
_JOURNAL_FIRST = ("JF", "T2", "JO", "BT")
_BOOK_FIRST = ("T2", "BT", "JF", "JO")

#: Fields that Ovid writes after the end of a reference.
_AFTER_ER = frozenset({"NL"})
#: Tags with which a reference without TY may be known to be one.
_ESSENTIAL = frozenset({"TI", "T1", "AU", "A1", "DO", "AB", "N2"})
_RESOLVER = re.compile(r"https?://(?:dx\.)?doi\.org/10\.\S+$", re.IGNORECASE)
_STATED_PMID = re.compile(r"PMID:\s*\d{1,8}$", re.IGNORECASE)


@dataclass
class _Raw:
    """The lines of one reference: tag and the lines of its value; the lines before it; what was amiss."""

    entries: list[tuple[str, list[str]]] = field(default_factory=list)
    headers: list[tuple[str, list[str]]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is RIS: it has a line TY, or tags that end in a line ER."""
    if _BEGINNING.search(head):
        return True
    return bool(re.search(r"^ER  -", head, re.MULTILINE) and re.search(r"^(?:AU|A1|TI|T1)  - ", head, re.MULTILINE))


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of a RIS file in their order: one for each TY, and one for each that lacks it (`missing_ty`).

    Defects of a reference: `missing_er`, `missing_ty`, `no_type`, `encoding`, `stray_fields` (fields after its ER,
    which are counted as its own). Of the file: `stray_text`, for lines between references that are none of it.
    """
    headers: dict[str, str] = {}
    before: _Raw | None = None
    for raw in _fragments(path, report):
        tags = {tag for tag, _ in raw.entries}
        if before is not None and "TY" not in tags and not tags & _ESSENTIAL:
            before.entries += raw.entries
            if not tags <= _AFTER_ER:
                message = f"{', '.join(sorted(tags))} stood after its ER line and was read as its own"
                before.problems.append(("stray_fields", message))
            continue
        if before is not None:
            yield _reference(before, headers)
        before = raw
    if before is not None:
        yield _reference(before, headers)


def _fragments(path: str, report: Report) -> Iterator[_Raw]:
    """What stands from TY, or the first tag, to ER, or the next TY."""
    wrong: list[str] = []
    current: _Raw | None = None
    headers: list[tuple[str, list[str]]] = []
    stray: list[str] = []
    n_stray = 0
    is_loose = False
    is_after = False  # whether the fields read now have no TY before them
    for line in text_lines(path, report, wrong.append):
        found = _tag(line, is_loose)
        text = line.strip()
        if found and found[0] == "TY":
            is_loose = is_loose or not (_TAG.match(line) or _SMALL_TAG.match(line))
            if current is not None:
                yield _unended(current, "where the next one begins")
                current = None
        if found and found[0] == "ER":
            if current is not None:
                yield current
            current = None
        elif found:
            if current is None:
                current, headers = _Raw(headers=headers), []
                is_after = found[0] != "TY"
            current.entries.append((found[0], [found[1]] if found[1] else []))
        elif current is not None and not (is_after and _NUMBERING.match(text)):
            if text:
                current.entries[-1][1].append(text)
        elif text and line[0].isspace() and headers:
            headers[-1][1].append(text)
        elif header := _HEADER.match(text):
            headers.append((header[1] or header[2], [header[3]]))
        elif text and not _NUMBERING.match(text):
            n_stray += 1
            stray = stray or [text]
        if current is not None:
            current.size += len(line)
            if wrong:
                current.problems.append(("encoding", wrong[0]))
                wrong.clear()
    if current is not None:
        yield _unended(current, "with the file")
    if n_stray:
        message = f"{n_stray} lines between the references belong to none and were left out, the first: {stray[0][:80]}"
        report(-1, "stray_text", message, False)
    for message in wrong[:1]:
        report(-1, "encoding", message, False)


def _unended(raw: _Raw, where: str) -> _Raw:
    """The lines of a reference without ER, without the number of the next one."""
    last = raw.entries[-1][1]
    if len(last) > 1 and _NUMBERING.match(last[-1]):
        last.pop()
    raw.problems.append(("missing_er", f"it has no ER line; it ends {where}"))
    return raw


def _tag(line: str, is_loose: bool) -> tuple[str, str] | None:
    """The tag that a line begins with and the value after it, or None where it goes on with the line before."""
    match = _TAG.match(line) or _PMID_TAG.match(line) or (_LOOSE_TAG.match(line) if is_loose else None)
    if match is None and line[:2] in ("TY", "ER"):
        # These two are looked for in every spelling, for what a reference is depends on them.
        match = _LOOSE_TAG.match(line)
    if match is None and (match := _SMALL_TAG.match(line)) and match[1] not in _SMALL_TAGS:
        return None
    return (match[1].upper(), line[match.end() :].strip()) if match else None


def _reference(raw: _Raw, headers: dict[str, str]) -> Reference:
    """The reference that the lines state; `headers` are the Provider and Database that were stated last."""
    entries = [(tag, "\n".join(lines)) for tag, lines in raw.entries]
    stated: str | None = None
    reference = Reference("RIS", problems=_once(raw.problems), size=raw.size)
    for name, lines in raw.headers:
        value = "\n".join(lines)
        if name == DIALECT:
            stated = value
        elif name in ("Provider", "Database"):
            headers[name] = value
        if name != DIALECT and not (name == "Content" and "/" in value):
            reference.add(name, value, Role.DATABASE if name == "Database" else None)
    said: dict[str, list[str]] = {}
    for tag, value in entries:
        if value:
            said.setdefault(tag, []).append(value)
    if "TY" not in said:
        is_missing = all(tag != "TY" for tag, _ in entries)
        code, what = ("missing_ty", "no TY line") if is_missing else ("no_type", "nothing in TY")
        reference.problems.append((code, f"it has {what}; it was read as GEN"))
        said["TY"] = ["GEN"]
        reference.add("TY", "GEN", Role.TYPE)
    kind = said["TY"][0].upper()
    dialect = dialect_of(said, headers, stated.removesuffix(" RIS") if stated and stated.endswith(" RIS") else None)
    reference.dialect = stated or (f"{dialect.writer} RIS" if dialect.writer else "RIS")
    reference.database = dialect.database
    # Web of Science's own tag of its number, where another of its exports was written as RIS.
    numbers = [*said.get("AN", ()), *("\n".join(lines) for name, lines in raw.headers if name == "UT")]
    reference.accession = accession_of({**said, "AN": numbers} if numbers else said, dialect)
    containers = _JOURNAL_FIRST if kind in PERIODICALS else _BOOK_FIRST
    reference.precedence = {**_PRECEDENCE, Role.CONTAINER: containers}
    for tag, value in entries:
        if not value:
            continue
        role = _role(tag, value, said, kind, dialect)
        for part in re.split(r"\s*[;\n]\s*", value) if role in (Role.AUTHOR, Role.KEYWORD) else [value]:
            reference.add(tag, part, role)
    return reference


def _once(problems: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The problems, of each code the first."""
    return list({code: (code, message) for code, message in reversed(problems)}.values())[::-1]


def _role(tag: str, value: str, said: dict[str, list[str]], kind: str, dialect: Dialect) -> Role | None:
    """What a field says, given the other fields of its reference and its type."""
    role = _ROLES.get(tag)
    is_title_in_bt = kind in _WHOLE and not said.keys() & {"TI", "T1"}
    if tag in ("A1", "N2"):
        # Where the tag of the specification's successor is there too, these hold something else: editors, notes.
        return None if {"A1": "AU", "N2": "AB"}[tag] in said else role
    if tag == "SP":
        is_count = kind in _WHOLE and "EP" not in said and not any(pages(stated)[1] for stated in said["SP"])
        return None if is_count else role
    if tag == "ET":
        return None if kind in PERIODICALS else role
    if tag == "JO":
        tags = ("JF", "T2") if is_title_in_bt else ("JF", "T2", "BT")
        others = [name for other in tags for name in said.get(other, ())] or said["JO"][:1]
        return role if value in others else Role.ABBREVIATED_CONTAINER
    if tag == "BT":
        return Role.TITLE if is_title_in_bt else role
    if tag == "C2":
        return Role.PMCID if re.fullmatch(r"PMC\d{1,8}", value) else None
    if tag == "C7":
        return (
            Role.FIRST_PAGE if kind in PERIODICALS and "SP" not in said and re.fullmatch(r"\w*\d\w*", value) else None
        )
    if tag == "N1":
        return Role.PMID if _STATED_PMID.match(value) else None
    if tag == "AN":
        is_pmid = dialect == Dialect("EndNote", "PubMed") and re.fullmatch(r"[1-9]\d{0,7}", value)
        return Role.PMID if is_pmid else None
    if tag in ("L1", "L2", "L3") and "DO" not in said:
        return Role.DOI if _RESOLVER.match(value) else None
    if tag == "M3" and "DO" not in said and value.lower().startswith("doi:"):
        return Role.DOI
    return role
