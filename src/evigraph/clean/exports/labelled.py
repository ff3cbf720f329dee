"""References from text in which each field stands under a label: Ovid, ProQuest, CSA, Cochrane; and Embase's long CSV.

A record is read as one row of a table whose headings stand beside its cells, so that what a label means is told once
for all tables and texts (`evigraph.clean.exports.csv_columns`). Several values under one label are lines of one cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from evigraph.clean.exports.csv import Columns
from evigraph.clean.exports.csv_columns import fold
from evigraph.clean.exports.csv_rows import TableForm, TableRow
from evigraph.clean.exports.reference import Accession, Reference
from evigraph.clean.exports.text import head_of, text_lines
from evigraph.clean.payload import Report
from evigraph.clean.text import clean_title

Stated = tuple[str, str]


class Form(NamedTuple):
    """A form of labelled text.

    `marks` occur in the beginning of a file of it. `begins` is the line before a record; where the form has none,
    the label `first` begins one. `field(line, above)` gives the label and the value that a line states, None where
    it goes on with the field `above`. `ends` is a line after which nothing belongs to the record.
    """

    dialect: str
    marks: re.Pattern[str]
    begins: re.Pattern[str]
    field: Callable[[str, str], Stated | None]
    ends: re.Pattern[str]
    first: str | None = None


#: Fields of ProQuest's text that run over several paragraphs, any of which may begin like a label; and the labels
#: that end them nonetheless.
_LONG = frozenset({"abstract", "full text"})
_LABELS_AFTER_LONG = (
    "abstract|full text|title|alternate title|author|correspondence author|publication title|volume|issue|pages|"
    "number of pages|publication year|publication date|publisher|place of publication|subject|classification|"
    "country of publication|publication subject|issn|electronic issn|isbn|source type|language of publication|"
    "language|document type|doi|proquest document id|document url|copyright|last updated|database|location|"
    "identifier keyword|links|company organization|accession number|publication info|degree|department|"
    "university institution|advisor|dissertation thesis number"
)
_AFTER_LONG = frozenset(_LABELS_AFTER_LONG.split("|"))
_LABEL = r"[^\W\d_a-z][\w/()' .-]{0,60}"
_PROQUEST = re.compile(rf"({_LABEL}): ?(.*)$")
_OVID = re.compile(rf"({_LABEL})$")
_CSA = re.compile(r"[A-Z]{2}: ([A-Z][\w/() -]{1,60})$")
_COCHRANE = re.compile(r"([A-Z]{2,3}): ?(?:(?:PUBMED|EMBASE) )?(.*)$")
_EMBASE = re.compile(r'"?([A-Z][A-Z/]+[A-Z /()-]*)"?,')
_DATABASE = re.compile(r"Database: ([^<>]{2,80}?)\s*(?:<[^<>]*>.*)?$")
_NEVER = re.compile(r"(?!)")

#: Cochrane's labels in the words of other exports.
_COCHRANE_LABELS = {
    **{"ID": "Cochrane ID", "NO": "Issue", "PM": "PubMed ID", "XR": "Embase ID", "KY": "Keywords", "YR": "Year"},
    **{"US": "URL", "PG": "Pages", "SO": "Source title", "CC": "Cochrane Review Group Code", "PT": "Publication type"},
}


def _proquest(line: str, above: str) -> Stated | None:
    match = _PROQUEST.match(line)
    if not above and (match is None or fold(match[1]) not in _AFTER_LONG):
        # The title stands over the labels, and again among them.
        return "Title", line
    if match is None:
        return None
    return None if fold(above) in _LONG and fold(match[1]) not in _AFTER_LONG else (match[1], match[2])


def _ovid(line: str, above: str) -> Stated | None:
    match = _OVID.match(line)
    return (match[1], "") if match else None


def _csa(line: str, above: str) -> Stated | None:
    match = _CSA.match(line)
    return (match[1], "") if match else None


def _cochrane(line: str, above: str) -> Stated | None:
    match = _COCHRANE.match(line)
    return (_COCHRANE_LABELS.get(match[1], match[1]), match[2]) if match else None


def _embase(line: str, above: str) -> Stated | None:
    match = _EMBASE.match(line)
    return (match[1], line[match.end() :]) if match else None


#: `Record #1 of 3` and `TI: value`; `TI: Title` over its value; `Document 1 of 3` and `Label: value`; `<1>` and a label
#: over its value; `"TITLE","value"`, Embase's "CSV – fields by row".
FORMS: tuple[Form, ...] = (
    Form(
        "Cochrane text",
        re.compile(r"^Record #\d+ of \d+\s*\n\s*ID: ", re.MULTILINE),
        re.compile(r"Record #\d+ of \d+$"),
        _cochrane,
        _NEVER,
    ),
    Form(
        "CSA text",
        re.compile(r"^(?:TI: Title|DN: Database Name)\s*\n[ \t]*\S", re.MULTILINE),
        re.compile(r"Record \d+ of \d+$"),
        _csa,
        _NEVER,
    ),
    Form(
        "ProQuest text",
        re.compile(r"^Document \d+ of \d+\s*$", re.MULTILINE),
        re.compile(r"Document \d+ of \d+$"),
        _proquest,
        re.compile(r"_{20,}$"),
    ),
    Form(
        "Ovid text",
        re.compile(r"^<\d+\.? ?>\s*\n[A-Z][A-Za-z ]+\n[ \t]+\S", re.MULTILINE),
        re.compile(r"<\d+\.? ?>$"),
        _ovid,
        _NEVER,
    ),
    Form(
        "Embase CSV",
        re.compile(r'\A\s*"?TITLE"?,.*\n(?:.*\n){0,20}?"?(?:AUTHOR NAMES|SOURCE|SOURCE TITLE)"?,'),
        _NEVER,
        _embase,
        _NEVER,
        first="TITLE",
    ),
)


def form_of(head: str) -> Form | None:
    """The form of a file that begins with this text, or None."""
    return next((form for form in FORMS if form.marks.search(head)), None)


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is one of the forms."""
    return form_of(head) is not None


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of a labelled text in their order, one for each line or label that begins one.

    What stands before the first and after the last is the database's own: its name is used, the rest left out.
    Defects: `encoding`.
    """
    form = form_of(head_of(path))
    if form is None:
        return
    wrong: list[str] = []
    database: str | None = None
    fields: list[tuple[str, list[str]]] | None = None
    for line in text_lines(path, report, wrong.append):
        text = line.strip()
        above = fields[-1][0] if fields else ""
        stated = form.field(line.rstrip(), above) if text else None
        is_end = form.ends.match(text) is not None
        is_mark = is_end or form.begins.match(text) is not None
        if is_mark or (stated is not None and stated[0] == form.first):
            if fields:
                yield _reference(form, fields, database, wrong)
            fields = None if is_end else []
        if is_mark:
            continue
        if fields is None:
            database = match[1] if (match := _DATABASE.match(text)) else database
        elif stated is not None:
            fields.append((stated[0], [stated[1].strip()] if stated[1].strip() else []))
        elif text and fields:
            fields[-1][1].append(text)
    if fields:
        yield _reference(form, fields, database, wrong)
    for message in wrong[:1]:
        report(-1, "encoding", message, False)


def _reference(form: Form, fields: list[tuple[str, list[str]]], database: str | None, wrong: list[str]) -> Reference:
    """The reference that the fields of one record state; `wrong` is told as its own, and emptied."""
    cells: dict[str, list[str]] = {}
    for label, lines in fields:
        values = _values(lines) if form.first else [" ".join(lines)]
        told = cells.setdefault(label, [])
        told += [value for value in values if value.strip() and value not in told]
    if database:
        cells.setdefault("Database", [database])
    if form.dialect == "Ovid text" and "Title" in cells:
        cells["Title"] = [clean_title(title, strip_full_stop=True) or title for title in cells["Title"]]
    size = sum(len(line) for _, lines in fields for line in lines)
    row = TableRow(["\n".join(values) for values in cells.values()], 0, size)
    reference = _columns(form.dialect, tuple(cells)).reference(row)
    if form.dialect == "Ovid text" and "embase" in (database or "").casefold():
        number = next((value for label in _NUMBERS for value in cells.get(label, ())), "")
        # Ovid leaves out the L with which Embase's own numbers begin.
        reference.accession = Accession("embase", f"L{number}") if re.fullmatch(r"\d{6,12}", number) else None
    reference.problems += [("encoding", message) for message in wrong[:1]]
    wrong.clear()
    return reference


def _values(lines: list[str]) -> list[str]:
    """The values of a field by rows: the cells after its label; as they stand where their quotes are damaged."""
    try:
        return [cell for row in csv.reader(f"{line}\n" for line in lines) for cell in row]
    except csv.Error:
        return [" ".join(lines)]


_NUMBERS = ("Unique Identifier", "Accession Number")


@lru_cache(maxsize=1024)
def _columns(dialect: str, labels: tuple[str, ...]) -> Columns:
    return Columns(TableForm(",", True, list(labels), 0, dialect))
