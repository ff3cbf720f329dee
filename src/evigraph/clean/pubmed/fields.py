"""The fields that PubMed's articles and books have alike: text, dates, authors, subjects, identifiers, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from lxml import etree

from evigraph.clean.dates import date_from_parts, date_from_text
from evigraph.clean.markup import EMPTY_HEADINGS
from evigraph.clean.names import are_plain_names, author, is_plain_family, plain_author
from evigraph.clean.text import clean_line, clean_text
from evigraph.clean.vocabularies import identifying_pid
from evigraph.model.pid import Pid

#: Elements of one parent by name.
Parts = dict[str, list[etree._Element]]

#: SUBJECT structs of MeSH descriptors, and the headings with qualifiers in MEDLINE's notation.
Mesh = tuple[list[dict[str, str | None]], str | None]

#: Takes a defect that costs no record: code and message.
Tell = Callable[[str, str], None]

#: `clean_line` for terms that come again and again: journals, countries, headings, funders.
term_of = lru_cache(maxsize=65_536)(clean_line)

#: What an entry of a byline says: given name, family name, group, suffix, ORCID, affiliations.
_Stated = tuple[str | None, str | None, str | None, str | None, str | None, list[str | dict[str, str | None] | None]]

#: Labels that name no section.
_EMPTY_LABELS = frozenset({"UNLABELLED", "UNLABELED", "UNASSIGNED"})

_PAGES = re.compile(
    r"(?:suppl(?:\s*\d*)?:?\s*)?(?P<first>[A-Za-z]*\d[\w.]*)\s*[-\u2010-\u2015]\s*(?P<last>[A-Za-z]*\d[\w.]*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<letters>[A-Za-z]*)(?P<digits>\d+)(?P<rest>[A-Za-z]?)$")


def children(element: etree._Element | None) -> Parts:
    """The element's children by name, in their order."""
    parts: Parts = {}
    if element is not None:
        for child in element:
            tag = child.tag
            if tag in parts:
                parts[tag].append(child)
            else:
                parts[tag] = [child]
    return parts


def first(parts: Parts, name: str) -> etree._Element | None:
    """The first child of that name."""
    found = parts.get(name)
    return found[0] if found else None


def first_text(parts: Parts, name: str) -> str | None:
    """The text of the first child of that name, stripped; None where there is none."""
    found = parts.get(name)
    if not found or not (text := found[0].text):
        return None
    return text.strip() or None


def markup_of(element: etree._Element | None) -> str | None:
    """The element's content: its text, or where it has elements in it, its markup."""
    if element is None:
        return None
    if len(element) == 0:
        return element.text
    markup = etree.tostring(element, encoding="unicode", with_tail=False)
    return markup[markup.index(">") + 1 : markup.rindex("<")]


def date_of(element: etree._Element | None, tell: Tell) -> str | None:
    """The ISO 8601 date of an element with Year, Month, Day, or MedlineDate; `bad_date` where it has none."""
    if element is None:
        return None
    year = month = day = medline = None
    for part in element:
        tag = part.tag
        if tag == "Year":
            year = part.text
        elif tag == "Month":
            month = part.text
        elif tag == "Day":
            day = part.text
        elif tag == "MedlineDate":
            medline = part.text
    found = _date(year, month, day, medline)
    if found is None and (text := " ".join(part for part in (year, month, day, medline) if part)):
        tell("bad_date", f'"{text}" in {element.tag} is no date of 1400 to 2100; it was left out')
    return found


@lru_cache(maxsize=16_384)
def _date(year: str | None, month: str | None, day: str | None, medline: str | None) -> str | None:
    return date_from_parts((year, month, day)) or date_from_text(medline)


def abstract_of(element: etree._Element | None) -> str | None:
    """The text of an abstract, each section on a line of its own after its label ("METHODS: …")."""
    lines: list[str] = []
    for part in () if element is None else element:
        if part.tag != "AbstractText":
            continue
        text = clean_text(markup_of(part))
        label = clean_line(part.get("Label"))
        if text and label and label.upper() not in _EMPTY_LABELS and label.lower() not in EMPTY_HEADINGS:
            text = f"{label}{' ' if label.endswith(':') else ': '}{text}"
        if text:
            lines.append(text)
    return "\n".join(lines) or None


def authors_of(element: etree._Element | None, name: str = "Author") -> list[dict[str, Any]]:
    """AUTHOR structs of a list of authors, editors or investigators in the order of the byline.

    Entries that PubMed keeps only because they were once wrong (`ValidYN="N"`) are left out.
    """
    stated: list[_Stated] = []
    for person in () if element is None else element:
        if person.tag != name or person.get("ValidYN") == "N":
            continue
        family = given = initials = suffix = group = orcid = None
        affiliations: list[str | dict[str, str | None] | None] = []
        for part in person:
            tag = part.tag
            if tag == "LastName":
                family = markup_of(part)
            elif tag == "ForeName":
                given = markup_of(part)
            elif tag == "Initials":
                initials = part.text
            elif tag == "AffiliationInfo":
                affiliations += _affiliations(part)
            elif tag == "Identifier":
                if part.get("Source", "").upper() == "ORCID":
                    orcid = part.text
            elif tag == "Suffix":
                suffix = markup_of(part)
            elif tag == "CollectiveName":
                group = markup_of(part)
            elif tag == "Affiliation":
                affiliations.append(part.text)
        stated.append((given or initials, family, group, suffix, orcid, affiliations))
    if not stated:
        return []
    are_plain = are_plain_names([f"{given} {family}" for given, family, *_ in stated])
    authors: list[dict[str, Any]] = []
    for given, family, group, suffix, orcid, affiliations in stated:
        if are_plain and given and family and not group and not suffix and is_plain_family(family):
            authors.append(plain_author(given, family, orcid, affiliations))
            continue
        found = author(
            given_name=given,
            family_name=family,
            full_name=group,
            suffix=suffix,
            orcid=orcid,
            is_group=group is not None and family is None,
            affiliations=affiliations,
        )
        if found is not None:
            authors.append(found)
    return authors


def _affiliations(element: etree._Element) -> list[str | dict[str, str | None] | None]:
    """The institutions of one AffiliationInfo; its identifier counts where it stands beside a single name."""
    names: list[str | dict[str, str | None] | None] = []
    ror_id: str | None = None
    for part in element:
        if part.tag == "Affiliation":
            names.append(markup_of(part))
        elif part.get("Source", "").upper() == "ROR":
            ror_id = part.text
    if ror_id and len(names) <= 1:
        return [{"name": markup_of(first(children(element), "Affiliation")), "ror_id": ror_id}]
    return names


def keywords_of(lists: Iterable[etree._Element]) -> list[dict[str, str | None]]:
    """SUBJECT structs of keyword lists, each term once."""
    distinct: dict[str, dict[str, str | None]] = {}
    for keywords in lists:
        for keyword in keywords:
            value = clean_line(markup_of(keyword))
            value = value.rstrip(".;,") if value else None
            if value:
                distinct.setdefault(value.casefold(), {"scheme": "keyword", "value": value, "term_id": None})
    return list(distinct.values())


def subject_of(descriptor: str, term_id: str | None) -> dict[str, str | None]:
    """The SUBJECT struct of a MeSH descriptor."""
    return {"scheme": "mesh", "value": term_of(descriptor), "term_id": term_id}


def mesh_of(element: etree._Element | None) -> Mesh:
    """SUBJECT structs of the MeSH descriptors, and the headings with qualifiers in MEDLINE's notation.

    Subjects are the descriptors alone, as people search them. The notation is that of MEDLINE's MH field,
    `Descriptor/*qualifier`, where the asterisk marks a major topic; headings are separated by `; `.
    """
    subjects: list[dict[str, str | None]] = []
    headings: list[str] = []
    for heading in () if element is None else element:
        stated = ""
        for part in heading:
            name = part.text
            if not name:
                continue
            star = "*" if part.get("MajorTopicYN") == "Y" else ""
            if part.tag == "DescriptorName":
                subjects.append(subject_of(name, part.get("UI")))
                stated = star + name
            else:
                stated = f"{stated}/{star}{name}"
        if stated:
            headings.append(stated)
    return subjects, "; ".join(headings) or None


def funding_of(element: etree._Element | None) -> list[dict[str, str | None]]:
    """FUNDING structs of a GrantList, each funder and award once."""
    distinct: dict[tuple[str | None, str | None], dict[str, str | None]] = {}
    for grant in () if element is None else element:
        parts = children(grant)
        funder, award = term_of(first_text(parts, "Agency")), clean_line(first_text(parts, "GrantID"))
        if funder or award:
            distinct.setdefault((funder, award), {"funder_name": funder, "funder_id": None, "award": award})
    return list(distinct.values())


def pids_of(
    id_list: etree._Element | None, locations: Iterable[etree._Element], pmid: str
) -> tuple[list[Pid], list[dict[str, str]]]:
    """The identifiers of a record, its PMID first, and as EXTRAs those that identify no work.

    A DOI of the ArticleIdList counts; where there is none, a valid one of the ELocationIDs.
    """
    pids = [Pid("pmid", pmid)]
    extras: list[dict[str, str]] = []
    for article_id in () if id_list is None else id_list:
        scheme, text = article_id.get("IdType", "pubmed"), article_id.text
        if not text or scheme == "pubmed":
            continue
        if scheme in ("doi", "pmc") and (pid := identifying_pid(scheme, text)):
            pids.append(pid)
        else:
            extras.append({"name": f"ArticleId.{scheme}", "value": text.strip()})
    has_doi = any(pid.scheme == "doi" for pid in pids)
    for location in locations:
        kind, text = location.get("EIdType", ""), location.text
        if not text:
            continue
        is_valid = location.get("ValidYN", "Y") == "Y"
        if kind == "doi" and is_valid and (pid := identifying_pid("doi", text)):
            if not has_doi:
                pids.append(pid)
            elif pid not in pids:
                extras.append({"name": "ELocationID.doi", "value": pid.value})
        elif {"name": f"ArticleId.{kind}", "value": text.strip()} not in extras:
            extras.append({"name": f"ELocationID.{kind}", "value": text.strip()})
    return pids, extras


def pages_of(element: etree._Element | None) -> tuple[str | None, str | None]:
    """First and last page; MEDLINE's short form is written out ("512-8" is 512 to 518, "S12-5" S12 to S15)."""
    parts = children(element)
    start, end = first_text(parts, "StartPage"), first_text(parts, "EndPage")
    if start:
        return start, _full_page(start, end) if end else None
    return pages_from_text(first_text(parts, "MedlinePgn"))


def pages_from_text(text: str | None) -> tuple[str | None, str | None]:
    """First and last page of the first range that MEDLINE's pagination states, or its first page alone."""
    if not text:
        return None, None
    piece = re.split(r"\s*[,;]", text.strip(), maxsplit=1)[0].strip()
    if match := _PAGES.match(piece):
        return match["first"], _full_page(match["first"], match["last"])
    return piece or None, None


def _full_page(start: str, end: str) -> str:
    """The last page with the digits and letters that its short form leaves out."""
    low, high = _NUMBERED.match(start), _NUMBERED.match(end)
    if not low or not high or high["letters"] not in ("", low["letters"]) or low["rest"] != high["rest"]:
        return end
    digits = high["digits"]
    if len(digits) < len(low["digits"]):
        digits = low["digits"][: -len(digits)] + digits
    if int(digits) < int(low["digits"]):
        return end
    return f"{low['letters']}{digits}{high['rest']}"
