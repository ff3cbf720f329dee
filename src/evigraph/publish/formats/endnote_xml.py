"""References as EndNote XML, which EndNote, Zotero, Mendeley and Covidence read.

Extras of a reference that was read from EndNote XML go back to the places that their names tell; those of other
formats stand in the notes as `Name: value`. Read again (`evigraph.clean.exports.endnote`), an export gives the same
record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from evigraph.publish.formats.rows import (
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
    urls_of,
)

#: EndNote's reference types, name and number, by OpenAIRE's names of resource types; Generic for what has none.
TYPES: dict[str, tuple[str, int]] = {
    "Article": ("Journal Article", 17),
    "Data Paper": ("Journal Article", 17),
    "Software Paper": ("Journal Article", 17),
    "Review": ("Journal Article", 17),
    "Book": ("Book", 6),
    "Part of book or chapter of book": ("Book Section", 5),
    "Conference object": ("Conference Paper", 47),
    "Contribution for newspaper or weekly magazine": ("Newspaper Article", 23),
    "Thesis": ("Thesis", 32),
    "Doctoral thesis": ("Thesis", 32),
    "Master thesis": ("Thesis", 32),
    "Report": ("Report", 27),
    "External research report": ("Report", 27),
    "Internal report": ("Report", 27),
    "Preprint": ("Unpublished Work", 34),
    "Patent": ("Patent", 25),
    "Dataset": ("Dataset", 59),
    "Software": ("Computer Program", 9),
}
_GENERIC = ("Generic", 13)

#: The order in which EndNote writes the parts of a record; `evigraph.clean.exports.endnote` reads them in it.
ORDER: tuple[str, ...] = (
    *("database", "source-app", "rec-number", "foreign-keys", "ref-type", "contributors", "auth-address"),
    *("auth-affiliaton", "titles", "periodical", "alt-periodical", "pages", "volume", "number", "edition", "section"),
    *("keywords", "dates", "pub-location", "publisher", "isbn", "accession-num", "call-num", "label", "urls"),
    *("electronic-resource-num", "abstract", "notes", "research-notes", "custom1", "custom2", "custom3", "custom4"),
    *("custom5", "custom6", "custom7", "remote-database-name", "remote-database-provider", "language", "access-date"),
)
_PLACES = {name: place for place, name in enumerate(ORDER)}

#: Types whose secondary title is a series.
_WHOLE = frozenset({"book", "edited book", "electronic book", "thesis", "report", "computer program", "dataset"})
_ISSNS = (("issn_print", "Print"), ("issn_online", "Electronic"), ("issn_linking", "Linking"))
_PATH = re.compile(r"[A-Za-z_][\w.-]*(?:/[A-Za-z_][\w.-]*)*(?:@[A-Za-z_][\w.-]*)?")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_Placed = list[tuple[str, str]]


def write(rows: Iterable[Row], with_extras: bool = True) -> Iterator[str]:
    """The text of an EndNote XML file, record by record, in UTF-8 when encoded.

    `rows` are rows of the table record or product as dictionaries; `with_extras`: fields without a column too.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
    for row in rows:
        yield etree.tostring(record(row, with_extras), encoding="unicode") + "\n"
    yield "</records></xml>\n"


def record(row: Row, with_extras: bool = True) -> etree._Element:
    """The `record` element of one reference."""
    is_own = (dialect_of(row) or "").endswith("EndNote XML")
    extras = extras_of(row) if with_extras else []
    own = [pair for pair in extras if is_own and _PATH.fullmatch(pair[0])]
    others = [pair for pair in extras if pair not in own]
    values = [*_columns(row, own, is_own), *own]
    if others:
        values.append(("notes", "\n".join(f"{name}: {value}" for name, value in others)))
    # What stands under one part of a record is brought together; the order inside stays.
    values.sort(key=lambda pair: _PLACES.get(re.split("[/@]", pair[0])[0], len(ORDER)))
    return _element(values)


def _columns(row: Row, own: _Placed, is_own: bool) -> Iterator[tuple[str, str]]:
    """The values of the columns, each with its path; `own` are the extras that have places of their own."""
    container = container_of(row)
    kind = next((value for name, value in own if name == "ref-type@name"), None)
    if not is_own:
        yield from (("source-app@name", "evigraph"), ("source-app", "evigraph"))
    if kind is None and not any(name == "ref-type" for name, _ in own):
        kind, number = TYPES.get(resource_type_of(row) or "", _GENERIC)
        if not is_own:
            yield from (("ref-type@name", kind), ("ref-type", str(number)))
    is_whole = (kind or "").casefold() in _WHOLE
    year = row.get("published_on") or (str(row["year"]) if row.get("year") else None)
    first, last = container.get("first_page"), container.get("last_page")
    serials = [f"{issn} ({kind_of})" for name, kind_of in _ISSNS if (issn := container.get(name))]
    stated: list[tuple[str, str | None]] = [
        *(("contributors/authors/author", _person(author)) for author in row.get("authors") or ()),
        ("titles/title", full_title(row)),
        *(("titles/translated-title", title) for title in row.get("alternative_titles") or ()),
        ("titles/secondary-title", None if is_whole else container.get("name")),
        ("periodical/full-title", container.get("name")),
        ("periodical/abbr-1", container.get("abbreviated_name")),
        ("pages", f"{first}-{last}" if first and last else first or last),
        ("volume", container.get("volume")),
        ("number", container.get("issue")),
        ("edition", container.get("edition")),
        *(("keywords/keyword", term["value"]) for term in row.get("subjects") or ()),
        ("dates/year", year[:4] if year else None),
        ("dates/pub-dates/date", year if year and len(year) > 4 else None),
        ("publisher", row.get("publisher")),
        ("isbn", "\n".join([*serials, *alternate_ids_of(row, "isbn")])),
        *(("urls/related-urls/url", url) for url in urls_of(row)),
        ("electronic-resource-num", pid_of(row, "doi")),
        *(("abstract", text) for text in row.get("descriptions") or ()),
        ("custom2", pid_of(row, "pmc")),
        ("language", row.get("language") if row.get("language") != "und" else None),
        *(("remote-database-name", name) for name in databases_of(row)),
        _pmid(row, own),
    ]
    yield from ((path, text) for path, text in stated if text)


def _pmid(row: Row, own: _Placed) -> tuple[str, str | None]:
    """The PubMed id: the accession number of what PubMed gave, a note in what others did."""
    pmid = pid_of(row, "pmid")
    names = [*databases_of(row), *(value for name, value in own if name == "remote-database-name")]
    is_pubmed = any("pubmed" in name.lower() or "medline" in name.lower() for name in names)
    is_pubmed = is_pubmed or ("remote-database-provider", "NLM") in own
    has_other = any(name == "accession-num" for name, _ in own)
    if is_pubmed and (not has_other or str(row.get("source_key", "")).startswith(f"pubmed:{pmid}")):
        return "accession-num", pmid
    return "notes", f"PMID: {pmid}" if pmid else None


def _person(author: Row) -> str:
    """The name as EndNote has it: a closing comma marks a name that is not to be turned round."""
    name: str = author.get("full_name") or ""
    return name.replace(",", ",,") + "," if author.get("is_group") else inverted_name(author)


def _element(values: _Placed) -> etree._Element:
    record = etree.Element("record")
    leaf: etree._Element | None = None
    leaf_path = ""
    for path, value in values:
        text = _FORBIDDEN.sub("", value).replace("\n", "\r")
        place, _, attribute = path.partition("@")
        # An attribute and the text that follows it belong to one element; anything else begins a new one.
        is_same = leaf is not None and place == leaf_path and leaf.text is None
        if leaf is None or not is_same or (attribute and attribute in leaf.attrib):
            leaf, leaf_path = _new_leaf(record, place.split("/")), place
        if attribute:
            leaf.set(attribute, text)
        else:
            leaf.text = text
    return record


def _new_leaf(record: etree._Element, names: list[str]) -> etree._Element:
    """A new element at the path, in the last element of every name above it where that holds no text of its own."""
    above = record
    for name in names[:-1]:
        last = above[-1] if len(above) else None
        is_open = last is not None and last.tag == name and last.text is None
        above = last if last is not None and is_open else etree.SubElement(above, name)
    return etree.SubElement(above, names[-1])
