"""Crossref works as records: REST answers, JSON lines, the public data file.

Fields as the REST API documents them (api.crossref.org/swagger-ui); every one of them may be missing, and some
have changed their form over the years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.parts import (
    NO_TERMS,
    cited_relations,
    funding_of,
    links_of,
    references_of,
    stated_date,
    terms_of,
)
from evigraph.clean.crossref.work import Affiliation, Date, Person, Work, usual_work, work_of
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.names import are_plain_names, author, is_plain_family, plain_author
from evigraph.clean.resource_types import OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import peer_reviewed, says_retracted
from evigraph.model.pid import Pid, normalise_doi, normalise_issn

Json = dict[str, Any]

SOURCE = "crossref"
_COLLECTED_FROM = "Crossref"

#: Fields that are kept under Crossref's own name, which is theirs with hyphens.
_EXTRAS = tuple(
    (name, name.replace("_", "-"))
    for name in (
        *("is_referenced_by_count", "reference_count", "member", "subtype", "group_title", "publisher_location"),
        *("article_number", "part_number", "component_number", "proceedings_subject", "version"),
    )
)

#: What has the form of a DOI though it is none by the Handbook.
_LIKE_DOI = re.compile(r"10\.\d+(?:\.\d+)*/\S+")
_PAGES = re.compile(r"([^\s,;\-\u2010-\u2015]+)\s*[-\u2010-\u2015]+\s*([^\s,;\-\u2010-\u2015]+)")
_MAX_PAGES = 100  # a longer text is a list, of which the first range counts
_SAFE_IN_ADDRESS = "/:;()@!$*'+,=~"

#: What comes again and again is cleaned once: publishers, journals, ISSNs.
_term = lru_cache(maxsize=65_536)(clean_line)
_issn = lru_cache(maxsize=65_536)(normalise_issn)

_NOT_SAFE = re.compile(r"[^A-Za-z0-9_./:;()@!$*'+,=~-]")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a payload of Crossref works gives.

    Forms: see `evigraph.clean.json_payload.json_objects`. A work without a usable title is lost as `no_title`, one
    without anything like a DOI as `no_identifier`, a grant as `not_a_product`.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    for position, stated, size in json_objects(path, rows.defect, usual_work):
        try:
            _take(work_of(stated) if type(stated) is dict else stated, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            what = text(stated.get("DOI") if type(stated) is dict else stated.DOI) or f"record {position}"
            rows.defect(position, "unexpected_form", f"{name}: {what} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def doi_address(doi: str) -> str:
    """The address that resolves a DOI, with characters that an address may not have encoded."""
    return "https://doi.org/" + (quote(doi, safe=_SAFE_IN_ADDRESS) if _NOT_SAFE.search(doi) else doi)


def _take(work: Work, position: int, size: int, rows: Rows) -> None:
    stated_doi = (work.DOI or "").strip()
    doi = normalise_doi(stated_doi)
    like_doi = None if doi else _LIKE_DOI.search("".join(stated_doi.split()).lower())
    key = doi or (like_doi.group() if like_doi else None)
    if key is None:
        message = f"record {position} has no DOI ({stated_doi[:80] or 'nothing'}); it was left out"
        rows.defect(position, "no_identifier", message, True)
        return
    if work.type == "grant":
        rows.defect(position, "not_a_product", f"{key} is a grant, not a research product; it was left out", True)
        return
    title, alternatives = _titles(work)
    if title is None:
        message = f"{key} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    if doi is None:
        rows.defect(position, "doi_invalid", f"{key} is not a valid DOI; kept, but it makes no identity", False)
    links = list(links_of(work, key)) if work.relation or work.update_to or work.updated_by else []
    is_retracted = any(says_so for _, says_so in links) or says_retracted(title)
    record = _record(work, key, doi is not None, position, title, alternatives, is_retracted)
    if not rows.record(record, size):
        return
    cited = cited_relations(work) if work.relation else set()
    if work.reference:
        dois, lines = references_of(work)
        rows.references(dois, lines)
        if cited:
            cited.difference_update(map(normalise_doi, dois))
    for other in sorted(cited - {key}) if cited else ():
        rows.reference({"pids": [Pid("doi", other)]})
    for link, _ in links:
        if link["value"]:
            rows.link(link)


def _record(
    work: Work, key: str, is_valid: bool, position: int, title: str, alternatives: list[str], is_retracted: bool
) -> Json:
    kind = _type(work)
    published_on = next((date for date in map(stated_date, _dates(work)) if date), None)
    datestamp = _datestamp(work)
    container = _container(work)
    publisher = _term(work.publisher)
    pids = [{"scheme": "doi", "value": key}] if is_valid else []
    alternate_ids = [] if is_valid else [{"scheme": "doi", "value": key}]
    if work.ISBN or work.isbn_type:
        alternate_ids += [{"scheme": "isbn", "value": isbn} for isbn in _isbns(work)]
    if given_ids := work.alternative_id:
        alternate_ids += [{"scheme": "publisher", "value": given} for given in texts(given_ids) if given != key]
    subtitle = clean_title(text(stated)) if (stated := work.subtitle) else None
    if subtitle and title.lower().endswith(subtitle.lower()):
        subtitle = None
    abstract = clean_text(work.abstract)
    terms = terms_of(work, datestamp[:10] if datestamp else None) if work.license else NO_TERMS
    urls = [doi_address(key)]
    if (landing := text(member(work.resource, "primary", "URL"))) and landing.startswith("http"):
        urls.append(landing)
    container_name = container["name"] if container else None
    host = text([entry.get("name") for entry in objects(work.institution)]) if kind.label == "Preprint" else None
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "version_type": terms.version_type,
        "urls": urls,
        "pids": pids,
        "alternate_ids": [],
        "access_right": terms.access_right,
        "access_route": None,
        "license": terms.license.label,
        "license_url": terms.license.url,
        "refereed": peer_reviewed(kind.label, is_from_crossref=True, has_doi=is_valid),
        "published_on": published_on,
        "hosted_by": container_name or _term(host) or publisher,
        "hosted_by_id": None,
        "collected_from": _COLLECTED_FROM,
    }
    return {
        "source_key": key,
        "position": position,
        "datestamp": datestamp,
        "type": kind.type,
        "title": title,
        "subtitle": subtitle,
        "alternative_titles": alternatives,
        "authors": _people(work.author),
        "descriptions": [abstract] if abstract else [],
        "published_on": published_on,
        "publisher": publisher,
        "language": language_code(work.language),
        "subjects": [
            {"scheme": "asjc", "value": value, "term_id": None}
            for given in texts(work.subject)
            if (value := _term(given))
        ]
        if work.subject
        else [],
        "container": container,
        "pids": pids,
        "alternate_ids": alternate_ids,
        "instances": [instance],
        "funding": funding_of(work) if work.funder else [],
        "is_retracted": is_retracted,
        "extras": _extras(work),
    }


def _dates(work: Work) -> tuple[Date | None, ...]:
    """The dates of a work in the order in which one is taken; `issued` is Crossref's earliest of the others."""
    return (
        *(work.issued, work.published, work.published_online, work.published_print, work.published_other),
        *(work.posted, work.approved),
    )


def _type(work: Work) -> ResourceType:
    name = text(work.type)
    if name == "posted-content" and (subtype := text(work.subtype)):
        if subtype == "other":
            return OTHER_LITERATURE
        return resource_type(subtype, SOURCE)
    return resource_type(name, SOURCE)


def _titles(work: Work) -> tuple[str | None, list[str]]:
    """The main title, None where none is usable, and the others without repetitions."""
    titles = (work.title, work.original_title, work.short_title)
    stated = [clean_title(given) for value in titles if value for given in value]
    if len(stated) == 1:
        return (stated[0], []) if is_usable_title(stated[0]) else (None, [stated[0]] if stated[0] else [])
    distinct: dict[str, str] = {}
    for found in stated:
        if found:
            distinct.setdefault(found.casefold(), found)
    ordered = list(distinct.values())
    main = next((found for found in ordered if is_usable_title(found)), None)
    return main, [found for found in ordered if found != main]


def _people(stated: list[Person] | None) -> list[Json]:
    """The byline. Crossref gives it in order; `sequence` only marks the first author."""
    if not stated:
        return []
    are_plain = are_plain_names([f"{person.given} {person.family}" for person in stated])
    people: list[Json] = []
    for person in stated:
        given, family = person.given, person.family
        places = [p.name if p.id is None else _affiliation(p) for p in person.affiliation] if person.affiliation else ()
        if are_plain and given and family and not person.name and not person.suffix and is_plain_family(family):
            people.append(plain_author(given, family, person.ORCID, places))
            continue
        found = author(
            given_name=text(given),
            family_name=text(family),
            full_name=text(person.name),
            suffix=text(person.suffix),
            orcid=text(person.ORCID),
            is_group=bool(person.name) and not family and not given,
            affiliations=places,
        )
        if found:
            people.append(found)
    return people


def _affiliation(place: Affiliation) -> dict[str, str | None]:
    """The AFFILIATION of a place that states identifiers."""
    ids = [text(entry.get("id")) for entry in objects(place.id) if text(entry.get("id-type")) in ("ROR", "ror")]
    return {"name": place.name, "ror_id": ids[0] if ids else None}


def _container(work: Work) -> Json | None:
    issns: dict[str, str] = {}
    for entry in work.issn_type or ():
        if (issn := _issn(entry.value)) and (kind := text(entry.type)):
            issns.setdefault(kind, issn)
    first_page, last_page = _pages(text(page)) if (page := work.page) else (None, None)
    event, short, other_short = work.event, work.short_container_title, work.container_title_short
    container = {
        "name": _term(text(work.container_title)),
        "abbreviated_name": _term(text(short) or text(other_short)) if short or other_short else None,
        "issn_print": issns.get("print"),
        "issn_online": issns.get("electronic"),
        "issn_linking": issns.get("linking"),
        "volume": text(work.volume),
        "issue": text(work.issue) or text(member(work.journal_issue, "issue")),
        "first_page": first_page or text(work.article_number),
        "last_page": last_page,
        "edition": text(work.edition_number),
        "conference_place": clean_line(text(member(event, "location"))) if event else None,
        "conference_on": stated_date(member(event, "start")) if event else None,
    }
    return container if any(container.values()) else None


def _pages(page: str | None) -> tuple[str | None, str | None]:
    """First and last page as stated; an article number or a single page has no last one."""
    if not page:
        return None, None
    match = _PAGES.search(page[:_MAX_PAGES])
    return (match[1], match[2]) if match else (page, None)


def _isbns(work: Work) -> list[str]:
    stated = [*texts(work.ISBN), *(text(entry.get("value")) or "" for entry in objects(work.isbn_type))]
    cleaned = (re.sub(r"[^0-9X]", "", given.rsplit("/", 1)[-1].upper()) for given in stated)
    return list(dict.fromkeys(isbn for isbn in cleaned if len(isbn) in (10, 13)))


def _datestamp(work: Work) -> str | None:
    for date in (work.indexed, work.deposited, work.created):
        if date is not None:
            if moment := text(date.date_time):
                return moment
            if day := stated_date(date):
                return day
    return None


def _extras(work: Work) -> list[Json]:
    extras = [
        {"name": name, "value": value}
        for attribute, name in _EXTRAS
        if (stated := getattr(work, attribute)) is not None and (value := text(stated)) is not None
    ]
    for name, people in (("editor", work.editor), ("translator", work.translator), ("chair", work.chair)):
        if people:
            extras += [{"name": name, "value": person["full_name"]} for person in _people(people)]
    if work.ISSN:
        typed = {text(entry.value) for entry in work.issn_type or ()}
        extras += [{"name": "ISSN", "value": issn} for issn in texts(work.ISSN) if issn not in typed]
    for name, date in (("published-online", work.published_online), ("published-print", work.published_print)):
        if date is not None and (day := stated_date(date)):
            extras.append({"name": name, "value": day})
    if work.event and (event := clean_line(text(member(work.event, "name")))):
        extras.append({"name": "event", "value": event})
    for name, bodies in (("institution", work.institution), ("standards-body", work.standards_body)):
        if bodies:
            names = (clean_line(text(entry.get("name"))) for entry in objects(bodies))
            extras += [{"name": name, "value": stated} for stated in names if stated]
    if work.degree:
        extras += [{"name": "degree", "value": degree} for degree in texts(work.degree)]
    if work.clinical_trial_number:
        extras += [
            {"name": "clinical-trial-number", "value": number}
            for entry in objects(work.clinical_trial_number)
            if (number := text(entry.get("clinical-trial-number")))
        ]
    if work.link:
        read = (link.URL for link in work.link if link.intended_application != "similarity-checking")
        addresses = dict.fromkeys(address for url in read if (address := text(url)))
        extras += [{"name": "link", "value": address} for address in addresses]
    return extras
