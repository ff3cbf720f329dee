"""References as RIS, the format that every reference manager and screening tool reads.

The columns come first, each under the tag of the RefMan specification; then what an exported reference had besides,
under its own tags. Fields of other formats and sources have no RIS tag: they stand as `Name: value` in the lines
before TY, where databases put their own notes and reading software finds none of its business. Read again
(`evigraph.clean.exports.ris`), an export gives the same record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evigraph.publish.formats.rows import (
    DIALECT,
    Row,
    alternate_ids_of,
    container_of,
    databases_of,
    dialect_of,
    extras_of,
    full_title,
    inverted_name,
    pid_of,
    resource_type_of,
    terms_in_place,
    urls_of,
)

#: Line end of the specification.
END = "\r\n"

#: The specification's types by OpenAIRE's names of resource types; GEN for what has none.
TYPES: dict[str, str] = {
    "Article": "JOUR",
    "Data Paper": "JOUR",
    "Software Paper": "JOUR",
    "Review": "JOUR",
    "Book": "BOOK",
    "Part of book or chapter of book": "CHAP",
    "Conference object": "CPAPER",
    "Contribution for newspaper or weekly magazine": "NEWS",
    "Thesis": "THES",
    "Doctoral thesis": "THES",
    "Master thesis": "THES",
    "Bachelor thesis": "THES",
    "Report": "RPRT",
    "External research report": "RPRT",
    "Internal report": "RPRT",
    "Preprint": "UNPB",
    "Patent": "PAT",
    "Journal": "JFULL",
    "Dataset": "DATA",
    "Collection": "DATA",
    "Software": "COMP",
    "Film": "VIDEO",
    "Audiovisual": "ADVS",
    "Sound": "SOUND",
    "Image": "FIGURE",
}

#: Types whose container is a periodical and stands in JF; that of others stands in T2.
_PERIODICALS = frozenset({"JOUR", "EJOUR", "MGZN", "INPR", "ABST", "NEWS", "JFULL"})
_TAG = re.compile(r"[A-Z][A-Z0-9]|PMID|PMCID")
_NAME = re.compile(r"[^\s:][^:\t\r\n]{0,79}")
_ISSNS = (("issn_print", "Print"), ("issn_online", "Electronic"), ("issn_linking", "Linking"))
#: A value that goes on in further lines is indented, so that none of them can be taken for a tag.
_INDENT = " " * 6


def write(rows: Iterable[Row], with_extras: bool = True) -> Iterator[str]:
    """The text of a RIS file, reference by reference, in UTF-8 when encoded; `with_extras`: fields without column too.

    `rows` are rows of the table record or product as dictionaries.
    """
    for row in rows:
        yield reference(row, with_extras)


def reference(row: Row, with_extras: bool = True) -> str:
    """One reference from TY to ER, and the blank line after it."""
    extras = extras_of(row) if with_extras else []
    dialect = dialect_of(row)
    is_ris = dialect is not None and dialect.split()[-1:] == ["RIS"]
    own = [(name, value) for name, value in extras if name == "TY" or (is_ris and _TAG.fullmatch(name))]
    others = [extra for extra in extras if extra not in own and _NAME.fullmatch(extra[0])]
    if dialect and dialect != "RIS" and with_extras:
        others.insert(0, (DIALECT, dialect))
    kind = next((value for name, value in own if name == "TY"), None) or TYPES.get(resource_type_of(row) or "", "GEN")
    terms, own = terms_in_place(row, own, "KW", None, lambda text: text.lstrip("*").strip().casefold())
    keywords = [text for subject, texts in terms for text in texts or [subject["value"]]]
    lines = [f"{name}: {_value(value)}" for name, value in others]
    lines += [_line("TY", kind)]
    lines += [_line(tag, value) for tag, value in _columns(row, kind.upper(), keywords) if value]
    lines += [_line(tag, value) for tag, value in own if tag != "TY"]
    return END.join([*lines, "ER  - ", "", ""])


def _columns(row: Row, kind: str, keywords: list[str]) -> Iterator[tuple[str, str | None]]:
    container = container_of(row)
    is_periodical = kind in _PERIODICALS
    yield "TI", full_title(row)
    for title in row.get("alternative_titles") or ():
        yield "TT", title
    for author in row.get("authors") or ():
        # EndNote's rule: a closing comma marks a name that is not to be turned round.
        name = author.get("full_name") or ""
        yield "AU", name.replace(",", ",,") + "," if author.get("is_group") else inverted_name(author)
    if published_on := row.get("published_on"):
        yield "PY", published_on[:4]
        if len(published_on) > 4:
            yield "DA", published_on.replace("-", "/") + ("//" if len(published_on) == 7 else "")
    elif year := row.get("year"):
        yield "PY", str(year)
    yield "JF" if is_periodical else "T2", container.get("name")
    yield "JA", container.get("abbreviated_name")
    yield "VL", container.get("volume")
    yield "IS", container.get("issue")
    yield "SP", container.get("first_page")
    yield "EP", container.get("last_page")
    if not is_periodical:
        yield "ET", container.get("edition")
    for column, kind_of_issn in _ISSNS:
        if issn := container.get(column):
            yield "SN", f"{issn} ({kind_of_issn})"
    for isbn in alternate_ids_of(row, "isbn"):
        yield "SN", isbn
    yield "DO", pid_of(row, "doi")
    if pmid := pid_of(row, "pmid"):
        yield "N1", f"PMID: {pmid}"
    yield "C2", pid_of(row, "pmc")
    for description in row.get("descriptions") or ():
        yield "AB", description
    for keyword in keywords:
        yield "KW", keyword
    if (language := row.get("language")) != "und":
        yield "LA", language
    yield "PB", row.get("publisher")
    for url in urls_of(row):
        yield "UR", url
    for database in databases_of(row):
        yield "DB", database


def _line(tag: str, value: str) -> str:
    return f"{tag}  - {_value(value)}"


def _value(value: str) -> str:
    """The value with its further lines indented."""
    lines = [line for part in re.split(r"[\r\n\f]+", value) if (line := part.strip())]
    return f"{END}{_INDENT}".join(lines)
