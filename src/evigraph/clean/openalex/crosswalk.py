"""OpenAlex works as records: JSON lines and REST answers here, the web's CSV export through `openalex_csv`.

Fields as OpenAlex documents the Work object (docs.openalex.org). Both forms of funding are read (`grants` until
2025, `awards` and `funders` since), and both of types (OpenAlex's own, Crossref's in older snapshots).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.dates import date_from_text
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.names import author
from evigraph.clean.openalex.parts import abstract_of, funding_of, instances_of, subjects_of
from evigraph.clean.resource_types import CONFERENCE_PAPER, OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import identifying_pid, says_retracted
from evigraph.model.pid import normalise_issn, normalise_openalex

Json = dict[str, Any]

SOURCE = "openalex"

#: An OpenAlex id that is not a work's: authors, sources, institutions, topics, publishers, funders, concepts.
_OTHER_ENTITY = re.compile(r"https?://(?:api\.)?openalex\.org/(?:\w+/)?[A-VX-Z]\d+$", re.IGNORECASE)

#: Fields that are kept under OpenAlex's own name, a dot for each level.
_EXTRAS = (
    *("cited_by_count", "fwci", "citation_normalized_percentile.value", "cited_by_percentile_year.min"),
    *("cited_by_percentile_year.max", "referenced_works_count", "open_access.oa_status", "is_paratext"),
    *("type", "type_crossref", "primary_topic.field.display_name", "primary_topic.domain.display_name"),
    *("apc_paid.value_usd", "apc_list.value_usd", "created_date"),
)

#: Sources in which works appear, as against those that hold copies.
_CONTAINER_TYPES = frozenset({"journal", "book series", "conference", "ebook platform"})


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a payload of OpenAlex works gives.

    Forms: see `evigraph.clean.json_payload.json_objects`. A work without a usable title is lost as `no_title`, one
    without an OpenAlex id as `no_identifier`, another entity (an author, a source) as `not_a_product`.
    """
    rows = Rows(SOURCE, Path(path).name)
    works = ((item.position, item.value, item.size) for item in json_objects(path, rows.defect))
    return batches_of(works, rows)


def batches_of(works: Iterable[tuple[int, Json, int]], rows: Rows) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches that works in OpenAlex's JSON form give: their position, the work, the bytes it took."""
    for position, work, size in works:
        try:
            _take(work, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            what = text(work.get("id")) or f"record {position}"
            rows.defect(position, "unexpected_form", f"{rows.payload}: {what} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def _take(work: Json, position: int, size: int, rows: Rows) -> None:
    stated_id = text(work.get("id")) or text(member(work, "ids", "openalex"))
    key = normalise_openalex(stated_id)
    if key is None:
        if stated_id and _OTHER_ENTITY.match(stated_id):
            message = f"{stated_id} is not a work but another entity of OpenAlex; it was left out"
            rows.defect(position, "not_a_product", message, True)
        else:
            message = f"record {position} has no OpenAlex id ({(stated_id or 'nothing')[:80]}); it was left out"
            rows.defect(position, "no_identifier", message, True)
        return
    title = next((title for name in ("title", "display_name") if (title := clean_title(text(work.get(name))))), None)
    if title is None or not is_usable_title(title):
        message = f"{key} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    if not rows.record(_record(work, key, title, position), size):
        return
    for given in texts(work.get("referenced_works")):
        cited = normalise_openalex(given)
        pids = [{"scheme": "openalex", "value": cited}] if cited else []
        rows.reference({"pids": pids, "text": None if cited else given})


def _record(work: Json, key: str, title: str, position: int) -> Json:
    get = work.get
    ids = get("ids")
    kind = _type(work)
    published_on = date_from_text(text(get("publication_date"))) or date_from_text(text(get("publication_year")))
    doi = identifying_pid("doi", text(get("doi")) or text(member(ids, "doi")))
    pids = [
        {"scheme": pid.scheme, "value": pid.value}
        for pid in (
            doi,
            identifying_pid("pmid", text(member(ids, "pmid"))),
            identifying_pid("pmc", text(member(ids, "pmcid"))),
            identifying_pid("openalex", key),
        )
        if pid
    ]
    instances = instances_of(work, kind, doi.value if doi else None, published_on)
    if not instances:
        instances = [_bare_instance(work, kind, doi.value if doi else None, key, published_on)]
    mag = text(member(ids, "mag"))
    alternate_ids = [{"scheme": "mag", "value": mag}] if mag else []
    alternate_ids += [pid for instance in instances for pid in instance["alternate_ids"]]
    abstract = clean_text(text(get("abstract")) or abstract_of(get("abstract_inverted_index")))
    return {
        "source_key": key,
        "position": position,
        "datestamp": text(get("updated_date")),
        "type": kind.type,
        "title": title,
        "authors": _authors(get("authorships")),
        "descriptions": [abstract] if abstract else [],
        "published_on": published_on,
        "publisher": _publisher(work),
        "language": language_code(text(get("language"))),
        "subjects": subjects_of(work),
        "container": _container(work),
        "pids": pids,
        "alternate_ids": alternate_ids,
        "instances": instances,
        "funding": funding_of(work),
        "is_retracted": get("is_retracted") is True or says_retracted(title),
        "extras": _extras(work),
    }


def _type(work: Json) -> ResourceType:
    name = text(work.get("type"))
    kind = resource_type(name, SOURCE)
    registered = text(work.get("type_crossref")) or text(member(work.get("primary_location"), "raw_type"))
    if name == "article" and registered == "proceedings-article":
        return CONFERENCE_PAPER
    if kind is OTHER_LITERATURE and name in (None, "other") and registered:
        return resource_type(registered, SOURCE)
    return kind


def _authors(value: Any) -> list[Json]:
    authors: list[Json] = []
    for entry in objects(value):
        person = entry.get("author")
        institutions = [
            {"name": text(place.get("display_name")), "ror_id": text(place.get("ror"))}
            for place in objects(entry.get("institutions"))
        ]
        found = author(
            full_name=text(member(person, "display_name")) or text(entry.get("raw_author_name")),
            orcid=text(member(person, "orcid")),
            affiliations=institutions or texts(entry.get("raw_affiliation_strings")),
        )
        if found:
            authors.append(found)
    return authors


def _container(work: Json) -> Json | None:
    source = member(work.get("primary_location"), "source")
    is_container = text(member(source, "type")) in _CONTAINER_TYPES
    biblio = work.get("biblio")
    container = {
        "name": clean_line(text(member(source, "display_name"))) if is_container else None,
        "issn_linking": normalise_issn(text(member(source, "issn_l"))) if is_container else None,
        "volume": text(member(biblio, "volume")),
        "issue": text(member(biblio, "issue")),
        "first_page": text(member(biblio, "first_page")),
        "last_page": text(member(biblio, "last_page")),
    }
    return container if any(container.values()) else None


def _publisher(work: Json) -> str | None:
    source = member(work.get("primary_location"), "source")
    if text(member(source, "type")) not in _CONTAINER_TYPES:
        return None
    return clean_line(text(member(source, "host_organization_name")))


def _bare_instance(work: Json, kind: ResourceType, doi: str | None, key: str, published_on: str | None) -> Json:
    """The instance of a work for which OpenAlex lists no location: its DOI, else OpenAlex's own page."""
    return {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": [doi_address(doi) if doi else f"https://openalex.org/{key}"],
        "pids": [{"scheme": "doi", "value": doi}] if doi else [],
        "alternate_ids": [],
        "access_right": None,
        "published_on": published_on,
        "hosted_by": None,
        "collected_from": "OpenAlex",
    }


def _extras(work: Json) -> list[Json]:
    extras: list[Json] = []
    for name in _EXTRAS:
        value = member(work, *name.split("."))
        if value is not None and (stated := str(value) if isinstance(value, bool) else text(value)):
            extras.append({"name": name, "value": stated})
    indexes = texts(work.get("indexed_in"))
    extras += [{"name": "indexed_in", "value": index} for index in indexes]
    primary = member(work.get("primary_location"), "source")
    extras += [{"name": "ISSN", "value": issn} for issn in texts(member(primary, "issn"))]
    asserted = (clean_line(text(entry.get("display_name"))) for entry in objects(work.get("institution_assertions")))
    extras += [{"name": "institution_assertion", "value": place} for place in asserted if place]
    return extras
