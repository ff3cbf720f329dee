"""References as MEDLINE's tagged text (.nbib), as PubMed sends them to citation managers.

The columns come first, in the order of PubMed's own export; then what an exported reference had besides, under its
own tags. Fields of other formats and sources stand under the tag XTRA as `name: value`, which other software leaves
alone. Read again (`evigraph.clean.exports.medline`), an export gives the same record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evigraph.publish.formats.rows import (
    DIALECT,
    Row,
    alternate_ids_of,
    container_of,
    databases_of,
    dialect_of,
    extras_of,
    full_title,
    pid_of,
    resource_type_of,
    terms_in_place,
    urls_of,
)

END = "\n"
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_EXTRA = "XTRA"
_PUBMED = "PubMed NBIB"
#: Columns of a line, as PubMed breaks them.
_WIDTH = 88
#: Tags that belong to the author before them, and so stand before all authors where they belong to none.
_OF_AUTHORS = frozenset({"AU", "AD", "AUID"})
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISSNS = (("issn_print", "Print"), ("issn_online", "Electronic"), ("issn_linking", "Linking"))

#: PubMed's publication types by OpenAIRE's names of resource types.
TYPES: dict[str, str] = {
    "Article": "Journal Article",
    "Review": "Review",
    "Preprint": "Preprint",
    "Book": "Book",
    "Part of book or chapter of book": "Book Chapter",
    "Conference object": "Congress",
    "Thesis": "Academic Dissertation",
    "Doctoral thesis": "Academic Dissertation",
    "Report": "Technical Report",
    "Dataset": "Dataset",
}


def write(rows: Iterable[Row], with_extras: bool = True) -> Iterator[str]:
    """The text of a MEDLINE file, reference by reference; `with_extras`: fields without column too.

    `rows` are rows of the table record or product as dictionaries.
    """
    for row in rows:
        yield reference(row, with_extras)


def reference(row: Row, with_extras: bool = True) -> str:
    """One reference, and the blank line after it."""
    extras = extras_of(row) if with_extras else []
    dialect = dialect_of(row)
    is_medline = dialect is not None and dialect.split()[-1:] in (["NBIB"], ["MEDLINE"])
    own = [(name, value) for name, value in extras if name == "PT" or (is_medline and _TAG.fullmatch(name))]
    others = [extra for extra in extras if extra not in own]
    pmid = pid_of(row, "pmid")
    # The dialect tells readers whose numbers these are; where there is no PMID it marks the beginning, too.
    mark = [] if pmid and dialect in (None, _PUBMED) else [_line(_EXTRA, f"{DIALECT}: {dialect or 'NBIB'}")]
    headings, own = terms_in_place(row, own, "MH", "mesh", _heading)
    loose = [(tag, value) for tag, value in own if tag in _OF_AUTHORS]
    has_type = is_medline or any(tag == "PT" for tag, _ in own)
    lines = [_line(tag, value) for tag, value in _columns(row, headings, loose, has_type, dialect) if value]
    lines += [_line(tag, value) for tag, value in own if tag not in _OF_AUTHORS]
    lines += [_line(_EXTRA, f"{name}: {value}") for name, value in others]
    return END.join([*(lines[:1] if pmid else []), *mark, *(lines[1:] if pmid else lines), "", ""])


def _heading(text: str) -> str:
    return text.partition("/")[0].lstrip("*").strip().casefold()


def _columns(
    row: Row,
    headings: list[tuple[Mapping[str, Any], list[str]]],
    loose: list[tuple[str, str]],
    has_type: bool,
    dialect: str | None,
) -> Iterator[tuple[str, str | None]]:
    container = container_of(row)
    yield "PMID", pid_of(row, "pmid")
    for column, kind in _ISSNS:
        if issn := container.get(column):
            yield "IS", f"{issn} ({kind})"
    yield from (("ISBN", isbn) for isbn in alternate_ids_of(row, "isbn"))
    yield "VI", container.get("volume")
    yield "IP", container.get("issue")
    yield "DP", _date(row)
    yield "TI", full_title(row)
    yield "PG", "-".join(page for page in (container.get("first_page"), container.get("last_page")) if page)
    yield "EN", container.get("edition")
    if doi := pid_of(row, "doi"):
        yield "AID", f"{doi} [doi]"
    yield from (("LID", url) for url in urls_of(row))
    for number, description in enumerate(row.get("descriptions") or ()):
        yield "OAB" if number else "AB", description
    yield from loose
    for author in row.get("authors") or ():
        yield from _author(author)
    if (language := row.get("language")) != "und":
        yield "LA", language
    if not has_type:
        yield "PT", TYPES.get(resource_type_of(row) or "")
    for title in row.get("alternative_titles") or ():
        yield "TT", title
    yield "PB", row.get("publisher")
    yield "TA", container.get("abbreviated_name")
    yield "JT", container.get("name")
    for subject, texts in headings:
        if texts or subject["scheme"] == "mesh":
            yield from (("MH", text) for text in texts or [subject["value"]])
        else:
            yield "OT", subject["value"]
    yield "PMC", pid_of(row, "pmc")
    for database in databases_of(row):
        if (database, dialect) not in (("PubMed", _PUBMED), ("ERIC", "ERIC NBIB")):
            yield "DB", database


def _author(author: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    full, given, family = author.get("full_name") or "", author.get("given_name"), author.get("family_name")
    if author.get("is_group"):
        yield "CN", full
    elif given and family:
        whole = f"{given} {family} "
        suffix = full[len(whole) :] if full.startswith(whole) else ""
        initials = "".join(word[0].upper() for word in re.split(r"[\s-]+", given) if word)
        yield "FAU", " ".join(part for part in (f"{family},", given, suffix) if part)
        yield "AU", " ".join(part for part in (family, initials, suffix) if part)
    else:
        yield "FAU", full
        yield "AU", full
    if orcid := author.get("orcid"):
        yield "AUID", f"ORCID: {orcid}"
    for affiliation in author.get("affiliations") or ():
        yield "AD", affiliation.get("name")


def _date(row: Row) -> str | None:
    parts = (row.get("published_on") or str(row.get("year") or "")).split("-")
    month = [_MONTHS[int(parts[1]) - 1]] if len(parts) > 1 else []
    return " ".join([parts[0], *month, *(str(int(day)) for day in parts[2:])])


def _line(tag: str, value: str) -> str:
    """The field, broken into lines of at most 88 columns where it has spaces."""
    lines: list[str] = []
    line = f"{tag:<4}-"
    for word in re.sub(r"[ \t\r\n\f]+", " ", value).strip().split(" "):
        if len(line) + 1 + len(word) > _WIDTH and (lines or line[5:]):
            lines.append(line)
            line = f"      {word}"
        else:
            line = f"{line} {word}"
    return END.join([*lines, line])
