"""The Research Organization Registry (ROR) as organizations: its data dump, schema 1 and 2, and answers of its API."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.dates import date_from_text
from evigraph.clean.entity_rows import EntityLink, EntityRows, extras_of
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.registries.archive import records_of_files
from evigraph.clean.text import clean_line
from evigraph.model.entities import ORGANIZATION
from evigraph.model.pid import normalise_ror

Json = dict[str, Any]

SOURCE = "ror"

#: Relations of ROR, read from the organization that states them to the other.
_RELATIONS: dict[str, str] = {
    "parent": "IsChildOf",
    "child": "IsParentOf",
    "related": "IsRelatedTo",
    "successor": "IsPredecessorOf",
    "predecessor": "IsSuccessorOf",
}

#: Fields that have a column, or are written into one.
_KNOWN = frozenset(
    {
        *("id", "name", "names", "aliases", "acronyms", "labels", "types", "country", "locations", "addresses"),
        *("links", "established", "status", "external_ids", "relationships"),
    }
)


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables organization, entity_link and defect that a ROR payload gives.

    A zip holds the same registry in several forms; the JSON of schema 2 is read, without it that of schema 1. An
    entry without a valid ROR id is lost as `no_identifier`, one without a name as `no_name`.
    """
    rows = Rows(SOURCE, Path(path).name)
    entities = EntityRows(rows)
    for position, value, size in records_of_files(path, rows.defect, _is_wanted(path)):
        try:
            _take(value, position, size, rows, entities)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            rows.defect(position, "unexpected_form", f"record {position} was left out: {error!r}", True)
        yield from entities.full()
        yield from rows.full()
    yield from entities.rest()
    yield from rows.rest()


def _is_wanted(path: str) -> Callable[[str], bool]:
    """Whether a member of the dump is to be read: the JSON of the newest schema there."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".json")]
    except (zipfile.BadZipFile, OSError):
        names = []
    newest = [name for name in names if "schema_v2" in name.lower()] or names
    return lambda name: name.lower().endswith(".json") and (not newest or name in newest)


def _take(value: Json, position: int, size: int, rows: Rows, entities: EntityRows) -> None:
    ror_id = normalise_ror(text(value.get("id")))
    if ror_id is None:
        rows.defect(position, "no_identifier", f"record {position} has no ROR id; it was left out", True)
        return
    key = ror_id.rsplit("/", 1)[-1]
    names = _names(value)
    if not names["display"]:
        rows.defect(position, "no_name", f"{ror_id} has no name; it was left out", True)
        return
    display = names["display"][0]
    others = dict.fromkeys((*names["other"], *names["acronym"]))
    country, city = _place(value)
    organization = {
        "source_key": key,
        "position": position,
        "datestamp": date_from_text(text(member(value, "admin", "last_modified", "date"))),
        "legal_name": display,
        "short_name": next(iter(names["acronym"]), None),
        "alternative_names": [name for name in others if name != display],
        "types": [kind.lower() for kind in texts(value.get("types"))],
        "country_code": country[0],
        "country_name": country[1],
        "city": city,
        "website_url": _website(value.get("links")),
        "established": value["established"] if type(value.get("established")) is int else None,
        "status": text(value.get("status")),
        "pids": [{"scheme": "ror", "value": ror_id}, *_external_ids(value.get("external_ids"))],
        "extras": extras_of({name: stated for name, stated in value.items() if name not in _KNOWN}),
    }
    if entities.take(ORGANIZATION, organization, size):
        for entry in objects(value.get("relationships")):
            other = normalise_ror(text(entry.get("id")))
            kind = (text(entry.get("type")) or "").lower()
            if other:
                right_id = f"{SOURCE}:{other.rsplit('/', 1)[-1]}"
                link = EntityLink(
                    "organization", f"{SOURCE}:{key}", _RELATIONS.get(kind, kind), "organization", right_id
                )
                entities.link(link, f"{SOURCE}:{key}")


def _names(value: Json) -> dict[str, list[str]]:
    """The name that ROR shows, acronyms, and the others."""
    found: dict[str, list[str]] = {"display": [], "acronym": [], "other": []}
    for entry in objects(value.get("names")):
        kinds = texts(entry.get("types"))
        kind = "display" if "ror_display" in kinds else "acronym" if "acronym" in kinds else "other"
        if name := clean_line(text(entry.get("value"))):
            found[kind].append(name)
    if name := clean_line(text(value.get("name"))):
        found["display"].append(name)
    found["acronym"] += texts(value.get("acronyms"))
    labels = [text(entry.get("label")) for entry in objects(value.get("labels"))]
    found["other"] += [name for name in (*texts(value.get("aliases")), *labels) if name]
    if not found["display"]:
        found["display"] = found["other"][:1]
    return found


def _place(value: Json) -> tuple[tuple[str | None, str | None], str | None]:
    """Country as code and name, and city, of the first place that is stated."""
    details = member(next(iter(objects(value.get("locations"))), None), "geonames_details")
    if details:
        country = text(member(details, "country_code")), text(member(details, "country_name"))
        return country, text(member(details, "name"))
    country = text(member(value, "country", "country_code")), text(member(value, "country", "country_name"))
    return country, text(member(next(iter(objects(value.get("addresses"))), None), "city"))


def _website(value: Any) -> str | None:
    stated = [text(entry.get("value")) for entry in objects(value) if entry.get("type") == "website"]
    return next(iter(stated), None) or next(iter(texts(value)), None)


def _external_ids(value: Any) -> list[Json]:
    """Identifiers of other registries, the preferred one of each first."""
    entries = objects(value)
    if entries and "all" not in entries[0]:  # schema 1: an object by scheme
        entries = [{"type": scheme, **stated} for scheme, stated in entries[0].items() if type(stated) is dict]
    found: dict[tuple[str, str], Json] = {}
    for entry in entries:
        scheme = (text(entry.get("type")) or "").lower()
        for stated in (*texts(entry.get("preferred")), *texts(entry.get("all"))):
            pid = stated.replace(" ", "") if scheme == "isni" else stated
            if scheme:
                found.setdefault((scheme, pid), {"scheme": scheme, "value": pid})
    return list(found.values())
