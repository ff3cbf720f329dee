"""EndNote XML, which EndNote, Zotero, Mendeley and others write, as references.

Every value has as its tag the path of its element inside the record (`titles/secondary-title`), an attribute that
says something of its own the path, `@` and its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from evigraph.clean.exports.endnote_stream import LostRecord, XmlRecord, xml_records
from evigraph.clean.exports.reference import Accession, Reference, Role
from evigraph.clean.payload import Report

_MARK = re.compile(r"<(?:ref-type|rec-number|source-app|foreign-keys|electronic-resource-num|secondary-title)\b")
_RECORDS = re.compile(r"<records[\s>]")

#: The order in which EndNote writes the parts of a record. Others write them in other orders, which mean nothing; read
#: in one order, a file and what is written from it give the same record.
ORDER: tuple[str, ...] = (
    *("database", "source-app", "rec-number", "foreign-keys", "ref-type", "contributors", "auth-address"),
    *("auth-affiliaton", "titles", "periodical", "alt-periodical", "pages", "volume", "number", "edition", "section"),
    *("keywords", "dates", "pub-location", "publisher", "isbn", "accession-num", "call-num", "label", "urls"),
    *("electronic-resource-num", "abstract", "notes", "research-notes", "custom1", "custom2", "custom3", "custom4"),
    *("custom5", "custom6", "custom7", "remote-database-name", "remote-database-provider", "language", "access-date"),
)
_PLACES = {name: place for place, name in enumerate(ORDER)}

#: Elements inside a record are followed to this depth.
_MAX_DEPTH = 12

_ROLES: dict[str, Role] = {
    "titles/title": Role.TITLE,
    "titles/translated-title": Role.ALTERNATIVE_TITLE,
    "titles/short-title": Role.ALTERNATIVE_TITLE,
    "contributors/authors/author": Role.AUTHOR,
    "titles/secondary-title": Role.CONTAINER,
    "periodical/full-title": Role.CONTAINER,
    "periodical/abbr-1": Role.ABBREVIATED_CONTAINER,
    "pages": Role.PAGES,
    "volume": Role.VOLUME,
    "number": Role.ISSUE,
    "edition": Role.EDITION,
    "keywords/keyword": Role.KEYWORD,
    "dates/year": Role.YEAR,
    "dates/pub-dates/date": Role.DATE,
    "publisher": Role.PUBLISHER,
    "isbn": Role.SERIAL,
    "issn": Role.ISSN,
    "electronic-resource-num": Role.DOI,
    "pmcid": Role.PMCID,
    "custom2": Role.PMCID,
    "abstract": Role.ABSTRACT,
    "language": Role.LANGUAGE,
    "urls/related-urls/url": Role.URL,
    "urls/web-urls/url": Role.URL,
    "remote-database-name": Role.DATABASE,
    "work-type": Role.KIND,
}
_PRECEDENCE = {Role.CONTAINER: ("periodical/full-title", "titles/secondary-title")}

#: Types of reference whose secondary title is a series, not the work that holds this one.
_WHOLE = frozenset({"book", "edited book", "electronic book", "thesis", "report", "computer program", "dataset"})

#: Attributes that only say how a text looks or where EndNote keeps it.
_SILENT = frozenset({"face", "font", "size", "color"})

_PMID_NOTE = re.compile(r"PMID:?\s*\d{1,8}\.?$")
_PMCID = re.compile(r"PMC\d{1,8}$")
_EMBASE = re.compile(r"L?\d{6,12}$")
_STYLES = {"superscript": "sup", "subscript": "sub"}


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is EndNote XML: a list of records with elements of EndNote's own."""
    return head.lstrip()[:1] == "<" and bool(_RECORDS.search(head)) and bool(_MARK.search(head))


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of an EndNote XML file; see `evigraph.clean.exports.endnote_stream` for the defects."""
    name = Path(path).name
    n_given = 0
    for number, record in enumerate(xml_records(path, report), 1):
        if isinstance(record, LostRecord):
            message = f"{name}: record {number} was left out: {record.reason}. Export it again."
            report(n_given, record.code, message, True)
            continue
        yield reference_of(record)
        n_given += 1


def reference_of(record: XmlRecord) -> Reference:
    """The reference that a record states."""
    element = record.element
    source_app = element.find("source-app")
    writer = source_app.get("name") if source_app is not None else None
    dialect = "EndNote XML" if writer in (None, "", "EndNote") else f"{writer} EndNote XML"
    reference = Reference(dialect, precedence=_PRECEDENCE, problems=record.problems, size=record.size)
    for child in sorted(element, key=_place):
        _add(reference, child, "", 0)
    kind = (reference.first(Role.TYPE) or "").casefold()
    for at, entry in enumerate(reference.fields):
        is_series = entry.tag == "titles/secondary-title" and kind in _WHOLE
        if entry.tag == "notes" and _PMID_NOTE.match(entry.value):
            reference.fields[at] = entry._replace(role=Role.PMID)
        is_no_pmcid = entry.role is Role.PMCID and not _PMCID.match(entry.value)
        if is_series or is_no_pmcid:
            reference.fields[at] = entry._replace(role=None)
    _identify(reference)
    return reference


def _place(element: etree._Element) -> int:
    return _PLACES.get(etree.QName(element).localname, len(ORDER))


def _add(reference: Reference, element: etree._Element, above: str, depth: int) -> None:
    path = above + etree.QName(element).localname
    for key, value in element.attrib.items():
        name = etree.QName(key).localname
        if name not in _SILENT:
            role = Role.TYPE if (path, name) == ("ref-type", "name") else None
            reference.add(f"{path}@{name}", str(value), role)
    if all(etree.QName(child).localname == "style" for child in element) or depth >= _MAX_DEPTH:
        is_marked = path in ("titles/title", "abstract")
        text = _text(element, is_marked)
        role = _ROLES.get(path)
        reference.add(path, text, role)
        return
    if own := (element.text or "").strip():
        reference.add(path, own)
    for child in element:
        _add(reference, child, f"{path}/", depth + 1)


def _text(element: etree._Element, is_marked: bool) -> str:
    """The text of an element; raised and lowered letters in HTML's tags where they are wanted, for 10⁶ is not 106."""
    parts = [element.text or ""]
    for style in element:
        text = "".join(map(str, style.itertext()))
        tag = next((tag for face, tag in _STYLES.items() if face in (style.get("face") or "")), None)
        parts.append(f"<{tag}>{text}</{tag}>" if tag and is_marked and text.strip() else text)
        parts.append(style.tail or "")
    return "".join(parts).replace("\r\n", "\n").replace("\r", "\n").strip()


def _identify(reference: Reference) -> None:
    """Gives the accession number its meaning where the name of the database tells which it is."""
    number = next(iter(reference.said("accession-num")), None)
    if number is None:
        return
    database = " ".join(reference.said("remote-database-name")).casefold()
    provider = " ".join(reference.said("remote-database-provider")).casefold()
    if number.isdecimal() and ("pubmed" in database or "medline" in database or provider == "nlm"):
        reference.accession = Accession("pubmed", number)
        reference.fields = [
            entry._replace(role=Role.PMID) if entry.tag == "accession-num" else entry for entry in reference.fields
        ]
    elif number.startswith(("WOS:", "ISI:")):
        reference.accession = Accession("wos", number)
    elif number.startswith("2-s2.0-"):
        reference.accession = Accession("scopus", number)
    elif "embase" in database and _EMBASE.match(number):
        reference.accession = Accession("embase", number)
