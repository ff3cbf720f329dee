"""Cells that hold several values: names, keywords, cited works, and Embase's and PubMed's citations in one line."""

from __future__ import annotations

import ast
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from evigraph.clean.exports.reference import Role
from evigraph.clean.vocabularies import identifying_pid

#: A longer cell is not read as a list that Python wrote.
_MAX_LIST = 100_000

_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]?){1,4}$")
_FAMILY_INITIALS = re.compile(r"[^\d,;]*[^\W\d_]{2}[^\d,;]*\s(?:[A-Z]\.?-?){1,4}(?:\s(?:Jr|Sr|2nd|3rd|I{2,3}|IV)\.?)?$")
_AUTHOR_NUMBER = re.compile(r"\s*\(\d{5,}\)$")
_TAKEN_TOGETHER = re.compile(
    r"[a-z.](?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bDi)(?<!\bDu)(?<!\bLa)(?<!\bLe)(?<!\bVan)(?=[A-Z])"
)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s;\"<>\]]+")
_ENDS_IN_YEAR = re.compile(r"\(\d{4}[a-z]?\)\W*$")

_EMBASE_SOURCE = re.compile(
    r"(?P<container>.+?)\s+\((?P<year>\d{4})\)\s*"
    r"(?:(?P<volume>[^\s:(]+)?(?::\s*(?P<issue>[^(]+?))?)?\s*(?:\((?P<pages>[^)]+)\))?\s*(?:\.|$)"
    r"(?:.*?Date of Publication:\s*(?P<date>[^.]+))?",
    re.DOTALL,
)
_PUBMED_CITATION = re.compile(
    r".+?\.\s+(?P<date>\d{4}[^;:.]*)(?:;\s*(?P<volume>[^(:;.]+)?(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]+))?)?\."
)
#: "Journal. 12 (3) (pp 1-9), 2018. Date of Publication: …", "Journal. 12(3):1-9, 2018 Jan.", and PsycINFO's
#: "Journal. Vol.12(3), 2018, pp. 1-9."
_OVID_SOURCE = re.compile(
    r"(?P<container>.+?)\.\s(?:Conference: .*?\.\s)?(?:Vol\. ?)?(?P<volume>\d[\w-]*) ?(?:\((?P<issue>[^()]+)\))?"
    r"(?:: ?(?P<pages>[A-Za-z]*\d[\w-]*)| \((?:pp? ?(?P<pages_in>[A-Za-z]*\d[\w-]*)|[^()]*)\))?"
    r",\s(?P<date>\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)(?:, ?pp?\. ?(?P<pages_after>[A-Za-z]*\d[\w-]*))?(?:[.,]|$)"
)
#: "Journal, vol. 12, no. 3, pp. 1-9, Mar 1999".
_CSA_SOURCE = re.compile(
    r"(?P<container>.+?), vol\. (?P<volume>[\w-]+)(?:, no\. (?P<issue>[\w-]+))?(?:, pp?\. (?P<pages>[\w-]+))?"
    r"(?:, (?P<date>(?:[A-Z][a-z]{2,8}\.? )?(?:\d{1,2},? )?\d{4}))?(?:[.,]|$)"
)
_SOURCES = {"Embase CSV": _EMBASE_SOURCE, "CSA text": _CSA_SOURCE, "Ovid text": _OVID_SOURCE}
_PART_ROLES = {
    "container": Role.CONTAINER,
    "year": Role.YEAR,
    "date": Role.DATE,
    "volume": Role.VOLUME,
    "issue": Role.ISSUE,
    "pages": Role.PAGES,
    "pages_in": Role.PAGES,
    "pages_after": Role.PAGES,
}


def python_list(cell: str) -> list[str] | None:
    """The texts of a list as Python writes it (`['Marx, Karl']`), which tables made by scripts hold; else None."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _MAX_LIST:
        return None
    try:
        value: Any = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return [one.strip() for one in value if isinstance(one, str)] if isinstance(value, list) else None


def names_of(cell: str, dialect: str = "CSV") -> list[str] | None:
    """The names in a cell, or None where it cannot be told where one ends and the next begins.

    Semicolons, bars and line breaks separate names whatever else there is. Commas do where every part is a family
    name with initials ("Liu R., Adler D.G.") or has at least two words ("Joseph Rottman, Erran Carmel"), or where
    every second part is initials ("Smith, J., Doe, K."). "Marx, Karl" is one name; "A, B, C" is not taken apart.
    """
    if (listed := python_list(cell)) is not None:
        return [name for name in listed if name]
    text = cell.strip()
    for separator in (";", "|", "\n"):
        if separator in text:
            return _cleaned(text.split(separator))
    if dialect == "Springer CSV":
        return None if _TAKEN_TOGETHER.search(text) else [text]
    if " and " in text and ("," in text.partition(" and ")[0] or text.count(" and ") > 1):
        parts = re.split(r",?\s+and\s+", text)
        names = [name for part in parts for name in (names_of(part, dialect) or [part])]
        return _cleaned(names)
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if len(pieces) < 2:
        return _cleaned([text])
    bare = [piece.rstrip(".") for piece in pieces]
    if all(_FAMILY_INITIALS.match(piece) for piece in pieces) or all(_FAMILY_INITIALS.match(piece) for piece in bare):
        return _cleaned(pieces)
    if len(pieces) % 2 == 0 and all(_INITIALS.match(piece) for piece in pieces[1::2]):
        return [f"{family}, {given}" for family, given in zip(pieces[::2], pieces[1::2], strict=True)]
    if all(" " in piece for piece in pieces):
        return _cleaned(pieces)
    return [text] if len(pieces) == 2 else None


def _cleaned(names: list[str]) -> list[str]:
    found = (_AUTHOR_NUMBER.sub("", name.strip().rstrip(",")).strip() for name in names)
    return [name for name in found if name]


def terms_of(cell: str, dialect: str = "CSV") -> list[str]:
    """The keywords in a cell: between semicolons, else bars, else line breaks, else commas outside parentheses."""
    if (listed := python_list(cell)) is not None:
        return listed
    for separator in (";", "|", "\n"):
        if separator in cell:
            return _filled(cell.split(separator))
    terms, depth, start = [], 0, 0
    for at, character in enumerate(cell):
        depth = max(0, depth + (character == "(") - (character == ")"))
        if character == "," and not depth and (dialect == "Embase CSV" or cell[at + 1 : at + 2] in (" ", "")):
            terms.append(cell[start:at])
            start = at + 1
    return _filled([*terms, cell[start:]])


def _filled(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def cited_works(cell: str) -> list[dict[str, Any]]:
    """The REFERENCE rows of a cell that lists cited works between semicolons: text, and the DOI where one is stated.

    A semicolon inside a title does not part a reference where all others end in their year in parentheses, as
    Scopus's do.
    """
    parts = _filled(re.split(r";\s+|;$", cell.strip()))
    if len(parts) > 1 and sum(map(bool, map(_ENDS_IN_YEAR.search, parts))) >= 0.8 * len(parts):
        parts = _joined(parts)
    rows: list[dict[str, Any]] = []
    for text in parts:
        match = _DOI.search(text)
        pid = identifying_pid("doi", match.group().rstrip(".,)]")) if match else None
        rows.append({"pids": [pid] if pid else [], "text": text})
    return rows


def _joined(parts: list[str]) -> list[str]:
    whole: list[str] = []
    open_part = ""
    for part in parts:
        open_part = f"{open_part}; {part}" if open_part else part
        if _ENDS_IN_YEAR.search(part):
            whole.append(open_part)
            open_part = ""
    return [*whole, open_part] if open_part else whole


def parts_of_source(cell: str, dialect: str) -> list[tuple[Role, str]]:
    """Journal, date, volume, issue and pages of a citation in one line, as far as they are told.

    It is the Source of Embase and of Ovid, and PubMed's Citation.
    """
    match = _SOURCES.get(dialect, _PUBMED_CITATION).match(cell[:1000])
    if match is None:
        return []
    return [(_PART_ROLES[name], text.strip()) for name, text in match.groupdict().items() if text and text.strip()]


def doi_of_open_url(cell: str) -> str | None:
    """The DOI that an OpenURL states (`id=doi:10.1016/…`), or None."""
    try:
        stated = parse_qs(urlsplit(cell.strip()).query)
    except ValueError:
        return None
    return next((text[4:] for text in stated.get("id", ()) if text.lower().startswith("doi:10.")), None)
