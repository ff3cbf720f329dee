"""DataCite DOIs as records: REST answers (JSON:API), lines of the public data file, bare attributes.

Fields as the REST API documents them (support.datacite.org/docs/api); any may be missing, and of older records a
list may be the one thing in it, or a name the one that the first version of the API gave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.datacite.parts import (
    CITABLE,
    CITING,
    datacite_resource_type,
    dates_of,
    funding_of,
    people_of,
    related_of,
    rights_of,
)
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import identifying_pid, is_placeholder_doi, peer_reviewed, says_retracted
from evigraph.model.pid import IDENTITY_SCHEMES, make_pid, normalise_arxiv, normalise_doi, normalise_issn

Json = dict[str, Any]

SOURCE = "datacite"
_COLLECTED_FROM = "DataCite"

#: The prefix under which arXiv registers a DOI for each of its articles; the id follows it.
_ARXIV_PREFIX = "10.48550/arxiv."

#: States in which DataCite no longer, or not yet, shows a DOI to the public.
_HIDDEN_STATES = frozenset({"registered", "draft", "deleted"})

#: Kinds of description in the order in which they are taken; series information is no description of the work.
_DESCRIPTIONS = ("abstract", "other", "methods", "technicalinfo", "tableofcontents")

#: Attributes that have a column, wholly or by a rule of their own.
_HOMED = frozenset(
    {
        *("doi", "id", "identifier", "identifiers", "alternateIdentifiers", "prefix", "suffix", "creators", "author"),
        *("titles", "title", "publisher", "container", "publicationYear", "published", "subjects", "contributors"),
        *("dates", "language", "types", "relatedIdentifiers", "relatedItems", "rightsList", "descriptions"),
        *("description", "fundingReferences", "url", "contentUrl", "landingPage", "updated", "state", "isActive"),
        # The deposit itself in base64, from which DataCite made all the other fields.
        "xml",
    }
)


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a payload of DataCite DOIs gives.

    Forms: those of `evigraph.clean.json_payload.json_objects`; each object is a DOI with `attributes`, an answer
    with one DOI under `data`, or the attributes alone. A DOI without a usable title is lost as `no_title`, one
    without anything like a DOI as `no_identifier`. One that is registered but not findable is a withdrawn record.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    for position, value, size in json_objects(path, rows.defect):
        try:
            _take(value, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            what = text(value.get("id")) or f"record {position}"
            rows.defect(position, "unexpected_form", f"{name}: {what} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def _take(value: Json, position: int, size: int, rows: Rows) -> None:
    if "attributes" not in value and type(value.get("data")) is dict:
        value = value["data"]
    attributes = value.get("attributes")
    if type(attributes) is not dict:
        attributes = value
    stated_doi = next((given for given in _stated_dois(value, attributes)), "")
    doi = normalise_doi(stated_doi)
    if doi is None:
        message = f"record {position} has no DOI ({stated_doi[:80] or 'nothing'}); it was left out"
        rows.defect(position, "no_identifier", message, True)
        return
    is_hidden = attributes.get("isActive") is False or (text(attributes.get("state")) or "") in _HIDDEN_STATES
    title, subtitle, alternatives = _titles(attributes)
    if is_hidden:
        stub = {"source_key": doi, "position": position, "datestamp": text(attributes.get("updated"))}
        rows.record(stub | {"is_deleted": True, "title": title, "pids": [{"scheme": "doi", "value": doi}]}, size)
        return
    if title is None:
        message = f"{doi} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    record = _record(value, attributes, doi, position, title)
    record["subtitle"], record["alternative_titles"] = subtitle, alternatives
    if rows.record(record, size):
        _relate(attributes, doi, rows)


def _stated_dois(value: Json, attributes: Json) -> Iterator[str]:
    for stated in (attributes.get("doi"), value.get("id"), attributes.get("identifier"), attributes.get("id")):
        if given := text(stated):
            yield given


def _record(value: Json, attributes: Json, doi: str, position: int, title: str) -> Json:
    get = attributes.get
    types = get("types")
    kind = datacite_resource_type(
        text(member(types, "resourceTypeGeneral")) or text(get("resource-type-id")), text(member(types, "resourceType"))
    )
    dates = dates_of(attributes)
    rights = rights_of(attributes)
    publisher = clean_line(text(member(get("publisher"), "name")) or text(get("publisher")))
    container, container_extras = _container(attributes)
    pids, alternate_ids = _identifiers(attributes, doi)
    addresses = [*texts(get("url")), *texts(member(get("landingPage"), "url")), *texts(get("contentUrl"))]
    urls = [doi_address(doi), *(given for given in addresses if given.lower().startswith("http"))]
    creators = people_of(get("creators") or get("author"))
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": list(dict.fromkeys(urls)),
        "pids": [{"scheme": "doi", "value": doi}],
        "access_right": rights.access_right,
        "license": rights.license.label,
        "license_url": rights.license.url,
        "refereed": peer_reviewed(kind.label, is_from_crossref=False, has_doi=True),
        "published_on": dates.published_on,
        "hosted_by": publisher,
        "collected_from": _COLLECTED_FROM,
    }
    extras = container_extras + [{"name": f"dates.{name}", "value": given} for name, given in dates.others]
    extras += [{"name": "rightsList", "value": given} for given in rights.statements]
    return {
        "source_key": doi,
        "position": position,
        "datestamp": text(get("updated")),
        "type": kind.type,
        "title": title,
        "authors": [person["author"] for person in creators],
        "descriptions": _descriptions(attributes),
        "published_on": dates.published_on,
        "publisher": publisher,
        "language": language_code(text(get("language"))),
        "subjects": _subjects(get("subjects")),
        "container": container,
        "pids": pids,
        "alternate_ids": alternate_ids,
        "instances": [instance],
        "funding": funding_of(attributes),
        "is_retracted": dates.is_withdrawn or says_retracted(title),
        "extras": extras + _extras(value, attributes),
    }


def _titles(attributes: Json) -> tuple[str | None, str | None, list[str]]:
    """The main title, None where none is usable; the subtitle; the others without repetitions."""
    plain: list[str] = []
    others: list[str] = []
    subtitles: list[str] = []
    for entry in objects(attributes.get("titles")) or [{"title": attributes.get("title")}]:
        if found := clean_title(text(entry.get("title"))):
            kind = (text(entry.get("titleType")) or "").lower()
            (subtitles if kind == "subtitle" else others if kind else plain).append(found)
        if found := clean_title(text(entry.get("subtitle"))):
            subtitles.append(found)
    ordered = list(dict.fromkeys([*plain, *others]))
    main = next((found for found in ordered if is_usable_title(found)), None)
    if main is None and subtitles and is_usable_title(subtitles[0]):
        main = subtitles.pop(0)
    subtitle = subtitles[0] if subtitles else None
    if subtitle and main and main.lower().endswith(subtitle.lower()):
        subtitle = None
    return main, subtitle, [found for found in [*ordered, *subtitles[1:]] if found != main]


def _descriptions(attributes: Json) -> list[str]:
    """The descriptions as plain text, abstracts first."""
    stated = objects(attributes.get("descriptions")) or [{"description": attributes.get("description")}]
    ranked: list[tuple[int, int, str]] = []
    for number, entry in enumerate(stated):
        kind = (text(entry.get("descriptionType")) or "abstract").lower()
        found = clean_text(text(entry.get("description")))
        if found and kind != "seriesinformation":
            rank = _DESCRIPTIONS.index(kind) if kind in _DESCRIPTIONS else len(_DESCRIPTIONS)
            ranked.append((rank, number, found))
    return list(dict.fromkeys(found for _, _, found in sorted(ranked)))


def _subjects(value: Any) -> list[Json]:
    subjects: dict[tuple[str, str], Json] = {}
    stated = value if type(value) is list else [value]
    for entry in stated:
        name = clean_line(text(member(entry, "subject")) or text(entry))
        if not name:
            continue
        scheme = (clean_line(text(member(entry, "subjectScheme"))) or "keyword").lower()
        term_id = text(member(entry, "valueUri")) or text(member(entry, "classificationCode"))
        subjects.setdefault((scheme, name), {"scheme": scheme, "value": name, "term_id": term_id})
    return list(subjects.values())


def _container(attributes: Json) -> tuple[Json | None, list[Json]]:
    """Where the work appeared, of `container` and of the item in which it `IsPublishedIn`; and what has no column.

    DataCite does not say whether an ISSN is of print or online, so only its EISSN and linking ISSN have a column.
    """
    stated = attributes.get("container")
    held: Json = stated if type(stated) is dict else {}
    items = objects(attributes.get("relatedItems"))
    item: Json = next((entry for entry in items if text(entry.get("relationType")) == "IsPublishedIn"), {})
    item_title = next((given for entry in objects(item.get("titles")) if (given := text(entry.get("title")))), None)

    def either(name: str) -> str | None:
        return text(held.get(name)) or text(item.get(name))

    identifier = item.get("relatedItemIdentifier")
    stated_ids = [
        (text(held.get("identifierType")), text(held.get("identifier"))),
        (
            text(member(identifier, "relatedItemIdentifierType")),
            text(member(identifier, "relatedItemIdentifier")) or text(identifier),
        ),
    ]
    issns = {kind: issn for kind, value in stated_ids if kind and (issn := normalise_issn(value))}
    container = {
        "name": clean_line(text(held.get("title")) or item_title),
        "issn_online": issns.get("EISSN"),
        "issn_linking": issns.get("LISSN"),
        "volume": either("volume"),
        "issue": either("issue"),
        "first_page": either("firstPage"),
        "last_page": either("lastPage"),
        "edition": either("edition"),
    }
    extras = [
        {"name": kind or "identifier", "value": value}
        for kind, value in dict.fromkeys(stated_ids)
        if value and kind not in ("EISSN", "LISSN")
    ]
    homed = ("title", "identifier", "identifierType", "volume", "issue", "firstPage", "lastPage", "edition")
    extras = [{"name": f"container.{extra['name']}", "value": extra["value"]} for extra in extras]
    extras += [
        {"name": f"container.{name}", "value": given}
        for name, part in held.items()
        if name not in homed and (given := text(part))
    ]
    return (container if any(container.values()) else None), extras


def _identifiers(attributes: Json, doi: str) -> tuple[list[Json], list[Json]]:
    """The identifiers that make identity, the DOI first, and the others under the type that the source gives them."""
    pids: list[Json] = []
    alternate_ids: list[Json] = []
    (alternate_ids if is_placeholder_doi(doi) else pids).append({"scheme": "doi", "value": doi})
    if doi.startswith(_ARXIV_PREFIX) and (arxiv := normalise_arxiv(doi.removeprefix(_ARXIV_PREFIX))):
        pids.append({"scheme": "arxiv", "value": arxiv})
    stated = [
        *(
            (text(entry.get("identifierType")), entry.get("identifier"))
            for entry in objects(attributes.get("identifiers"))
        ),
        *(
            (text(entry.get("alternateIdentifierType")), entry.get("alternateIdentifier"))
            for entry in objects(attributes.get("alternateIdentifiers"))
        ),
    ]
    for kind, value in stated:
        scheme = (kind or "other").lower()
        pid = identifying_pid(scheme, text(value)) or make_pid(f"datacite {scheme}", text(value))
        if pid is None or (pid.scheme == "doi" and pid.value == doi):
            continue
        scheme = pid.scheme.removeprefix("datacite ")
        # Another DOI is a copy's or a version's as often as the work's own.
        is_own = scheme in IDENTITY_SCHEMES and scheme != "doi" and pid.scheme == scheme
        (pids if is_own else alternate_ids).append({"scheme": scheme, "value": pid.value})
    return pids, alternate_ids


def _extras(value: Json, attributes: Json) -> list[Json]:
    return [{"name": name, "value": given} for name, given in _unhomed(value, attributes)]


def _unhomed(value: Json, attributes: Json) -> Iterator[tuple[str, str]]:
    """The fields that have no column, each under its own name."""
    get = attributes.get
    for person in people_of(get("contributors")):
        yield f"contributors.{person['role'] or 'Other'}", person["author"]["full_name"]
    for name in ("resourceType", "resourceTypeGeneral"):
        if stated := text(member(get("types"), name)):
            yield f"types.{name}", stated
    for entry in objects(get("descriptions")):
        is_series = (text(entry.get("descriptionType")) or "").lower() == "seriesinformation"
        if is_series and (stated := clean_line(text(entry.get("description")))):
            yield "descriptions.SeriesInformation", stated
    for entry in objects(get("fundingReferences")):
        for name in ("awardTitle", "awardUri"):
            if stated := text(entry.get(name)):
                yield f"fundingReferences.{name}", stated
    if stated := text(member(get("publisher"), "publisherIdentifier")):
        yield "publisher.publisherIdentifier", stated
    for item in objects(get("relatedItems")):
        yield "relatedItems", _as_json(item)
    if client := text(member(value.get("relationships"), "client", "data", "id")):
        yield "client", client
    for name, held in attributes.items():
        if name in _HOMED or (attributes is value and name in ("type", "relationships")):
            continue
        for part in held if type(held) is list else [held]:
            if part is not None and part not in ("", {}, []):
                yield name, text(part) or _as_json(part)


def _as_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _relate(attributes: Json, doi: str, rows: Rows) -> None:
    """Puts in what the record says of other works: links, and what it cites as its reference list too."""
    cited: set[tuple[str, str]] = set()
    for related in related_of(attributes):
        pid = related.pid
        if pid and (pid.scheme, pid.value) != ("doi", doi):
            note = related.stated if related.stated != related.relation else None
            rows.link({"relation": related.relation, "scheme": pid.scheme, "value": pid.value, "note": note or None})
        if related.relation not in CITING:
            continue
        if pid and pid.scheme in CITABLE:
            if (pid.scheme, pid.value) in cited or pid.value == doi:
                continue
            cited.add((pid.scheme, pid.value))
            rows.reference({"pids": [{"scheme": pid.scheme, "value": pid.value}], "text": related.text})
        elif related.text:
            rows.reference({"pids": [], "text": related.text})
