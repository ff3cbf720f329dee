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
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.names import author
from evigraph.clean.resource_types import OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import peer_reviewed, says_retracted
from evigraph.model.pid import normalise_doi, normalise_issn

Json = dict[str, Any]

SOURCE = "crossref"
_COLLECTED_FROM = "Crossref"

#: Dates of a work, in the order in which one is taken; `issued` is Crossref's earliest of the others.
_DATES = ("issued", "published", "published-online", "published-print", "published-other", "posted", "approved")

_TITLES = ("title", "original-title", "short-title")

#: Contributors that are kept beside the authors.
_CONTRIBUTORS = ("editor", "translator", "chair")

#: Fields that are kept under Crossref's own name.
_EXTRAS = (
    *("is-referenced-by-count", "reference-count", "member", "subtype", "group-title"),
    *("publisher-location", "article-number", "part-number", "component-number", "proceedings-subject", "version"),
)

#: What has the form of a DOI though it is none by the Handbook.
_LIKE_DOI = re.compile(r"10\.\d+(?:\.\d+)*/\S+")
_PAGES = re.compile(r"([^\s,;\-\u2010-\u2015]+)\s*[-\u2010-\u2015]+\s*([^\s,;\-\u2010-\u2015]+)")
_MAX_PAGES = 100  # a longer text is a list, of which the first range counts
_SAFE_IN_ADDRESS = "/:;()@!$*'+,=~"
_UPDATES = ("relation", "update-to", "updated-by")

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
    for position, work, size in json_objects(path, rows.defect):
        try:
            _take(work, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            what = text(work.get("DOI")) or f"record {position}"
            rows.defect(position, "unexpected_form", f"{name}: {what} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def doi_address(doi: str) -> str:
    """The address that resolves a DOI, with characters that an address may not have encoded."""
    return "https://doi.org/" + (quote(doi, safe=_SAFE_IN_ADDRESS) if _NOT_SAFE.search(doi) else doi)


def _take(work: Json, position: int, size: int, rows: Rows) -> None:
    stated_doi = text(work.get("DOI")) or ""
    doi = normalise_doi(stated_doi)
    like_doi = None if doi else _LIKE_DOI.search("".join(stated_doi.split()).lower())
    key = doi or (like_doi.group() if like_doi else None)
    if key is None:
        message = f"record {position} has no DOI ({stated_doi[:80] or 'nothing'}); it was left out"
        rows.defect(position, "no_identifier", message, True)
        return
    if work.get("type") == "grant":
        rows.defect(position, "not_a_product", f"{key} is a grant, not a research product; it was left out", True)
        return
    title, alternatives = _titles(work)
    if title is None:
        message = f"{key} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    if doi is None:
        rows.defect(position, "doi_invalid", f"{key} is not a valid DOI; kept, but it makes no identity", False)
    links = list(links_of(work, key)) if any(map(work.__contains__, _UPDATES)) else []
    is_retracted = any(says_so for _, says_so in links) or says_retracted(title)
    record = _record(work, key, doi is not None, position, title, alternatives, is_retracted)
    if not rows.record(record, size):
        return
    cited = cited_relations(work) if "relation" in work else set()
    if "reference" in work:
        dois, lines = references_of(work)
        rows.references(dois, lines)
        cited.difference_update(dois)
    if cited and (others := sorted(cited - {key})):
        rows.references([*others], [None] * len(others))
    for link, _ in links:
        if link["value"]:
            rows.link(link)


def _record(
    work: Json, key: str, is_valid: bool, position: int, title: str, alternatives: list[str], is_retracted: bool
) -> Json:
    get = work.get
    kind = _type(work)
    published_on = next((date for field in _DATES if (date := stated_date(get(field)))), None)
    datestamp = _datestamp(work)
    container = _container(work)
    publisher = _term(text(get("publisher")))
    pids = [{"scheme": "doi", "value": key}] if is_valid else []
    alternate_ids = [] if is_valid else [{"scheme": "doi", "value": key}]
    if "ISBN" in work or "isbn-type" in work:
        alternate_ids += [{"scheme": "isbn", "value": isbn} for isbn in _isbns(work)]
    if given_ids := get("alternative-id"):
        alternate_ids += [{"scheme": "publisher", "value": given} for given in texts(given_ids) if given != key]
    subtitle = clean_title(text(stated)) if (stated := get("subtitle")) else None
    if subtitle and title.lower().endswith(subtitle.lower()):
        subtitle = None
    abstract = clean_text(text(stated)) if (stated := get("abstract")) else None
    terms = terms_of(work, datestamp[:10] if datestamp else None) if "license" in work else NO_TERMS
    urls = [doi_address(key)]
    if (landing := text(member(work, "resource", "primary", "URL"))) and landing.startswith("http"):
        urls.append(landing)
    container_name = container["name"] if container else None
    host = text([entry.get("name") for entry in objects(get("institution"))]) if kind.label == "Preprint" else None
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "version_type": terms.version_type,
        "urls": urls,
        "pids": pids,
        "alternate_ids": [],
        "access_right": terms.access_right,
        "license": terms.license.label,
        "license_url": terms.license.url,
        "refereed": peer_reviewed(kind.label, is_from_crossref=True, has_doi=is_valid),
        "published_on": published_on,
        "hosted_by": container_name or _term(host) or publisher,
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
        "authors": _people(get("author")),
        "descriptions": [abstract] if abstract else [],
        "published_on": published_on,
        "publisher": publisher,
        "language": language_code(text(stated) if (stated := get("language")) else None),
        "subjects": [
            {"scheme": "asjc", "value": value, "term_id": None}
            for given in texts(get("subject"))
            if (value := _term(given))
        ]
        if "subject" in work
        else [],
        "container": container,
        "pids": pids,
        "alternate_ids": alternate_ids,
        "instances": [instance],
        "funding": funding_of(work) if "funder" in work else [],
        "is_retracted": is_retracted,
        "extras": _extras(work),
    }


def _type(work: Json) -> ResourceType:
    name = text(work.get("type"))
    if name == "posted-content" and (subtype := text(work.get("subtype"))):
        if subtype == "other":
            return OTHER_LITERATURE
        return resource_type(subtype, SOURCE)
    return resource_type(name, SOURCE)


def _titles(work: Json) -> tuple[str | None, list[str]]:
    """The main title, None where none is usable, and the others without repetitions."""
    stated = [clean_title(given) for name in _TITLES if (value := work.get(name)) for given in texts(value)]
    if len(stated) == 1:
        return (stated[0], []) if is_usable_title(stated[0]) else (None, [stated[0]] if stated[0] else [])
    distinct: dict[str, str] = {}
    for found in stated:
        if found:
            distinct.setdefault(found.casefold(), found)
    ordered = list(distinct.values())
    main = next((found for found in ordered if is_usable_title(found)), None)
    return main, [found for found in ordered if found != main]


def _people(value: Any) -> list[Json]:
    """The byline. Crossref gives it in order; `sequence` only marks the first author."""
    people: list[Json] = []
    for person in objects(value):
        get = person.get
        name, family, given = get("name"), get("family"), get("given")
        is_group = bool(name) and not family and not given
        suffix, orcid = get("suffix"), get("ORCID")
        found = author(
            given_name=text(given),
            family_name=text(family),
            full_name=text(name) if name else None,
            suffix=text(suffix) if suffix else None,
            orcid=text(orcid) if orcid else None,
            is_group=is_group,
            affiliations=[_affiliation(place) for place in objects(place)] if (place := get("affiliation")) else (),
        )
        if found:
            people.append(found)
    return people


def _affiliation(place: Json) -> dict[str, str | None]:
    name = text(place.get("name"))
    if "id" not in place:
        return {"name": name, "ror_id": None}
    ids = [text(entry.get("id")) for entry in objects(place["id"]) if text(entry.get("id-type")) in ("ROR", "ror")]
    return {"name": name, "ror_id": ids[0] if ids else None}


def _container(work: Json) -> Json | None:
    get = work.get
    issns: dict[str, str] = {}
    for entry in objects(get("issn-type")):
        if (issn := _issn(text(entry.get("value")))) and (kind := text(entry.get("type"))):
            issns.setdefault(kind, issn)
    first_page, last_page = _pages(text(page)) if (page := get("page")) else (None, None)
    event, short, other_short = get("event"), get("short-container-title"), get("container-title-short")
    container = {
        "name": _term(text(get("container-title"))),
        "abbreviated_name": _term(text(short) or text(other_short)) if short or other_short else None,
        "issn_print": issns.get("print"),
        "issn_online": issns.get("electronic"),
        "issn_linking": issns.get("linking"),
        "volume": text(volume) if (volume := get("volume")) is not None else None,
        "issue": text(get("issue")) or text(member(work, "journal-issue", "issue")),
        "first_page": first_page or text(get("article-number")),
        "last_page": last_page,
        "edition": text(edition) if (edition := get("edition-number")) is not None else None,
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


def _isbns(work: Json) -> list[str]:
    stated = [*texts(work.get("ISBN")), *(text(entry.get("value")) or "" for entry in objects(work.get("isbn-type")))]
    cleaned = (re.sub(r"[^0-9X]", "", given.rsplit("/", 1)[-1].upper()) for given in stated)
    return list(dict.fromkeys(isbn for isbn in cleaned if len(isbn) in (10, 13)))


def _datestamp(work: Json) -> str | None:
    for field in ("indexed", "deposited", "created"):
        if moment := text(member(work, field, "date-time")):
            return moment
        if day := stated_date(work.get(field)):
            return day
    return None


def _extras(work: Json) -> list[Json]:
    get = work.get
    extras = [
        {"name": name, "value": value} for name in _EXTRAS if name in work and (value := text(work[name])) is not None
    ]
    for name in _CONTRIBUTORS:
        if stated := get(name):
            extras += [{"name": name, "value": person["full_name"]} for person in _people(stated)]
    if issns := get("ISSN"):
        typed = {text(entry.get("value")) for entry in objects(get("issn-type"))}
        extras += [{"name": "ISSN", "value": issn} for issn in texts(issns) if issn not in typed]
    for field in ("published-online", "published-print"):
        if field in work and (day := stated_date(work[field])):
            extras.append({"name": field, "value": day})
    if "event" in work and (event := clean_line(text(member(work["event"], "name")))):
        extras.append({"name": "event", "value": event})
    for field in ("institution", "standards-body"):
        if field in work:
            names = (clean_line(text(entry.get("name"))) for entry in objects(work[field]))
            extras += [{"name": field, "value": stated} for stated in names if stated]
    if "degree" in work:
        extras += [{"name": "degree", "value": degree} for degree in texts(work["degree"])]
    if "clinical-trial-number" in work:
        extras += [
            {"name": "clinical-trial-number", "value": number}
            for entry in objects(work["clinical-trial-number"])
            if (number := text(entry.get("clinical-trial-number")))
        ]
    if links := get("link"):
        read = (entry for entry in objects(links) if entry.get("intended-application") != "similarity-checking")
        addresses = dict.fromkeys(address for entry in read if (address := text(entry.get("URL"))))
        extras += [{"name": "link", "value": address} for address in addresses]
    return extras
