"""Crossref's unixref and unixsd, as Crossref gives them by OAI-PMH and by its XML API: one record of a deposit.

Source: Crossref's unixref 1.0 and 1.1 (`crossref` with one work inside) and the query result 3.0 that wraps it. What
the work shares with Crossref's REST API goes by the same rules (`evigraph.clean.crossref.parts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.crossref.parts import funding_of, links_of, references_of, stated_date, terms_of
from evigraph.clean.crossref.work import Work, work_of
from evigraph.clean.languages import language_code
from evigraph.clean.listed import identifying_doi
from evigraph.clean.oai_pmh.element import (
    attribute,
    block,
    children,
    descendants,
    first,
    line,
    local_name,
    text_of,
    title,
    value_of,
)
from evigraph.clean.oai_pmh.statement import Origin, Statement, stated_identifier
from evigraph.clean.oai_pmh.unixref_work import (
    citations,
    date_parts,
    funders,
    licences,
    people,
    relations,
    roles,
    updates,
)
from evigraph.clean.resource_types import ResourceType, resource_type
from evigraph.clean.text import clean_line, is_usable_title
from evigraph.clean.vocabularies import peer_reviewed, says_retracted
from evigraph.model.pid import normalise_doi, normalise_issn

Json = dict[str, Any]

#: What a work may be in a deposit, by the element that describes it, as the REST API names it.
_TYPES: dict[str, str] = {
    "journal_metadata": "journal",
    "journal_volume": "journal-volume",
    "journal_issue": "journal-issue",
    "journal_article": "journal-article",
    "book_metadata": "book",
    "book_series_metadata": "book",
    "book_set_metadata": "book-set",
    "proceedings_metadata": "proceedings",
    "proceedings_series_metadata": "proceedings",
    "series_metadata": "book-series",
    "set_metadata": "book-set",
    "conference_paper": "proceedings-article",
    "content_item": "book-chapter",
    "dissertation": "dissertation",
    "report-paper_metadata": "report",
    "report-paper_series_metadata": "report",
    "standard_metadata": "standard",
    "database_metadata": "database",
    "dataset": "dataset",
    "posted_content": "posted-content",
    "peer_review": "peer-review",
    "component": "component",
}
_BOOK_TYPES: dict[str, str] = {"edited_book": "edited-book", "monograph": "monograph", "reference": "reference-book"}
_PARTS: dict[str, str] = {"section": "book-section", "part": "book-part", "reference_entry": "reference-entry"}

#: What is kept under its own name.
_KEPT = (
    *("publisher_place", "conference_name", "conference_acronym", "conference_number", "coden", "component_number"),
    *("item_number", "degree", "institution_name", "timestamp"),
)

#: Dates of an item in the order of their elements.
_DATES = ("publication_date", "posted_date", "approval_date", "creation_date", "review_date")


class _Work(NamedTuple):
    """The work that a deposit is about: its element, DOI and type, and the elements that it stands in."""

    item: etree._Element
    doi: str
    type: str
    around: tuple[etree._Element, ...]


def unixref(metadata: etree._Element, origin: Origin, identifier: str | None = None) -> Statement:
    """What a deposit states of the work with the DOI `identifier`; its title may be missing.

    Without an identifier, or where no work in it has that DOI, the innermost work counts.
    """
    deposit = metadata if local_name(metadata) == "crossref" else next(descendants(metadata, "crossref"), metadata)
    work = _chosen(deposit, normalise_doi(identifier))
    if work is None:
        said = text_of(first(deposit, "error")) or "no work with a DOI"
        return Statement({"title": None}, problems=[("no_identifier", f"the deposit holds {said[:200]}")])
    stated: Json = {
        "license": licences(work.item),
        "relation": relations(work.item),
        "update-to": updates(work.item),
        "funder": funders(work.item),
        "reference": citations(work.item),
    }
    as_rest = work_of(stated)
    links = list(links_of(as_rest, work.doi))
    main = title(next(iter(_titles(work.item, "title")), None))
    is_retracted = any(says_so for _, says_so in links) or (main is not None and says_retracted(main))
    row = _row(work, as_rest, origin, main if is_usable_title(main) else None)
    row["is_retracted"] = is_retracted
    return Statement(
        row,
        references=_references(as_rest),
        links=[link for link, _ in links if link["value"]],
        key=work.doi,
    )


def _references(as_rest: Work) -> list[Json]:
    dois, texts = references_of(as_rest)
    return [
        {
            "pids": [{"scheme": "doi", "value": doi}] if (doi := identifying_doi(stated)) else [],
            "text": clean_line(text),
        }
        for stated, text in zip(dois, texts, strict=True)
    ]


def _chosen(deposit: etree._Element, doi: str | None) -> _Work | None:
    works = list(_works(deposit, ()))
    return next((work for work in works if work.doi == doi), works[-1] if works else None)


def _works(element: etree._Element, around: tuple[etree._Element, ...]) -> Iterator[_Work]:
    """The works with a DOI in a deposit, each after the one that it stands in."""
    siblings: list[etree._Element] = []
    for child in children(element):
        name = local_name(child)
        if name in _TYPES and (doi := normalise_doi(value_of(child, "doi_data", "doi"))):
            yield _Work(child, doi, _type_of(child, element), (*around, *siblings))
        if name in ("citation_list", "titles", "contributors", "doi_data", "program", "crossmark", "abstract"):
            continue
        yield from _works(child, (*around, *siblings))
        siblings.append(child)


def _type_of(item: etree._Element, parent: etree._Element) -> str:
    name = local_name(item)
    if name in ("book_metadata", "book_series_metadata"):
        return _BOOK_TYPES.get(attribute(parent, "book_type") or "", "book")
    if name == "content_item":
        return _PARTS.get(attribute(item, "component_type") or "", "book-chapter")
    return _TYPES[name]


def _kind(work: _Work) -> ResourceType:
    stated = attribute(work.item, "type") if work.type == "posted-content" else None
    return resource_type(stated if stated and stated != "other" else work.type, "crossref")


def _row(work: _Work, as_rest: Work, origin: Origin, main: str | None) -> Json:
    item, kind = work.item, _kind(work)
    published_on = _published_on(item) or next(
        (found for element in reversed(work.around) if (found := _published_on(element))), None
    )
    container = _container(work)
    publisher = line(_found(work, "publisher", "publisher_name"))
    contributors = first(item, "contributors")
    terms = terms_of(as_rest, None)
    addresses = [doi_address(work.doi)]
    if (landing := value_of(item, "doi_data", "resource")) and landing.lower().startswith("http"):
        addresses.append(landing)
    pids = [{"scheme": "doi", "value": work.doi}]
    isbns = [
        text for element in (item, *work.around) for entry in children(element, "isbn") if (text := text_of(entry))
    ]
    numbers = [stated_identifier(isbn, "isbn") for isbn in isbns]
    others = [title(entry) for entry in _titles(item, "title")[1:] + _titles(item, "original_language_title")]
    language = next(
        (stated for element in (item, *reversed(work.around)) if (stated := attribute(element, "language"))), None
    )
    return {
        "type": kind.type,
        "title": main,
        "subtitle": title(next(iter(_titles(item, "subtitle")), None)),
        "alternative_titles": [other for other in dict.fromkeys(others) if other and other != main],
        "authors": people(contributors, "author"),
        "descriptions": [text for entry in children(item, "abstract") if (text := block(entry))],
        "published_on": published_on,
        "publisher": publisher,
        "language": language_code(language),
        "container": container,
        "pids": pids,
        "alternate_ids": [{"scheme": "isbn", "value": isbn[1]} for isbn in numbers if isbn is not None],
        "instances": [
            {
                "resource_type": kind.label,
                "resource_type_id": kind.coar_uri,
                "version_type": terms.version_type,
                "urls": addresses,
                "pids": pids,
                "access_right": terms.access_right,
                "license": terms.license.label,
                "license_url": terms.license.url,
                "refereed": peer_reviewed(kind.label, is_from_crossref=True, has_doi=True),
                "published_on": published_on,
                "hosted_by": (container or {}).get("name") or publisher,
                "collected_from": origin.collected_from,
            }
        ],
        "funding": funding_of(as_rest),
        "extras": _extras(work, isbns, numbers),
    }


def _titles(item: etree._Element, name: str) -> list[etree._Element]:
    titles = [entry for part in children(item, "titles") for entry in children(part, name)]
    if name == "title" and not titles:
        return children(item, "full_title", "proceedings_title", "title")
    return titles


def _titles_of(element: etree._Element | None) -> list[etree._Element]:
    return [] if element is None else _titles(element, "title")


def _published_on(item: etree._Element) -> str | None:
    """The earliest date of publication; of two that agree the more precise one."""
    stated = [stated_date({"date-parts": date_parts(entry)}) for entry in children(item, *_DATES)]
    dates = [found for found in stated if found]
    if not dates:
        return None
    earliest = min(dates, key=lambda found: (found[:4], found[:7] if len(found) > 4 else "9", found))
    return earliest


def _found(work: _Work, *path: str) -> etree._Element | None:
    """The element down a path in the work itself, else in what it stands in, the nearest first."""
    return next(
        (found for element in (work.item, *reversed(work.around)) if (found := first(element, *path)) is not None), None
    )


def _container(work: _Work) -> Json | None:
    """The journal, book or conference that the work stands in, with its place there."""
    item = work.item
    container: Json = {
        "volume": text_of(_found(work, "journal_volume", "volume")) or text_of(_found(work, "volume")),
        "issue": text_of(_found(work, "issue")),
        "first_page": value_of(item, "pages", "first_page") or _article_number(item),
        "last_page": value_of(item, "pages", "last_page"),
        "edition": text_of(_found(work, "edition_number")),
    }
    for element in work.around:
        name = local_name(element)
        if name == "journal_metadata":
            container["name"] = line(first(element, "full_title"))
            container["abbreviated_name"] = line(first(element, "abbrev_title"))
        elif name == "event_metadata":
            container["conference_place"] = line(first(element, "conference_location"))
            container["conference_on"] = _conference_date(first(element, "conference_date"))
        elif name in _TYPES and name not in ("journal_issue", "journal_volume"):
            container["name"] = title(next(iter(_titles(element, "title")), None)) or container.get("name")
    for element in (*work.around, item):
        for holder in (element, first(element, "series_metadata"), first(element, "proceedings_series_metadata")):
            for entry in children(holder, "issn"):
                column = "issn_online" if attribute(entry, "media_type") == "electronic" else "issn_print"
                if issn := normalise_issn(text_of(entry)):
                    container.setdefault(column, issn)
    return container if any(container.values()) else None


def _article_number(item: etree._Element) -> str | None:
    for entry in children(first(item, "publisher_item"), "item_number"):
        if attribute(entry, "item_number_type") == "article_number":
            return text_of(entry)
    return None


def _conference_date(date: etree._Element | None) -> str | None:
    """The day on which a conference began, from the attributes of its date."""
    year, month, day = (attribute(date, f"start_{part}") for part in ("year", "month", "day"))
    return stated_date({"date-parts": [[part for part in (year, month, day) if part]]}) if year else None


def _extras(work: _Work, isbns: list[str], found: list[tuple[str, str] | None]) -> list[Json]:
    """What has no column, under Crossref's own names."""
    item = work.item
    contributors = first(item, "contributors")
    extras = [
        {"name": role, "value": person["full_name"]}
        for role in roles(contributors)
        for person in people(contributors, role)
    ]
    for element in work.around:
        around = first(element, "contributors")
        extras += [
            {"name": f"{local_name(element)}.{role}", "value": person["full_name"]}
            for role in roles(around)
            for person in people(around, role)
        ]
    for entry in children(item, "publication_date"):
        if media := attribute(entry, "media_type"):
            extras += [
                {"name": f"publication_date.{media}", "value": day}
                for day in (stated_date({"date-parts": date_parts(entry)}),)
                if day
            ]
    for name in _KEPT:
        seen = {text_of(entry) for element in (item, *work.around) for entry in _near(element, name)}
        extras += [{"name": name, "value": value} for value in sorted(value for value in seen if value)]
    for element in (item, *work.around):
        series = first(element, "series_metadata")
        extras += [
            {"name": "series_title", "value": stated} for entry in _titles_of(series) if (stated := title(entry))
        ]
    extras += [{"name": "isbn", "value": isbn} for isbn, good in zip(isbns, found, strict=True) if good is None]
    return extras


def _near(element: etree._Element, name: str) -> list[etree._Element]:
    """The elements of that name in an element and in those right below it."""
    return [*children(element, name), *(entry for part in children(element) for entry in children(part, name))]
