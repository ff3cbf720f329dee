"""Crossref's Funder Registry as organizations: its RDF file, its CSV list, and answers of Crossref's REST API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.dates import date_from_text
from evigraph.clean.entity_rows import EntityLink, EntityRows, extras_of
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import text, texts
from evigraph.clean.payload import sniff
from evigraph.clean.registries.rdf_statements import Subject, Value, subjects
from evigraph.clean.registries.table import table_rows
from evigraph.clean.text import clean_line
from evigraph.model.entities import ORGANIZATION

Json = dict[str, Any]

SOURCE = "funders"

#: The registry's DOIs have one prefix; the number behind it is the FundRef id.
_FUNDER = re.compile(r"(?:10\.13039/|^)(\d{5,14})/?$")

#: Properties of the RDF file that point from a funder to another, as relations of organizations.
_RELATIONS: dict[str, str] = {
    "broader": "IsChildOf",
    "narrower": "IsParentOf",
    "replaces": "IsSuccessorOf",
    "isReplacedBy": "IsPredecessorOf",
    "continuationOf": "IsSuccessorOf",
    "renamedAs": "IsPredecessorOf",
    "incorporates": "IsSuccessorOf",
    "incorporatedInto": "IsPredecessorOf",
    "mergedWith": "IsRelatedTo",
    "affilWith": "IsRelatedTo",
}
_RDF_KNOWN = frozenset({"prefLabel", "altLabel", "modified", "address", "inScheme", "type"})
_JSON_KNOWN = frozenset({"id", "name", "alt-names", "location", "uri", "replaces", "replaced-by"})

#: Columns of the list by what they say.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("uri", "funder_id", "id"),
    "name": ("primary_name_display", "name", "funder_name"),
}


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables organization, entity_link and defect that a payload of the Funder Registry gives.

    A funder without a DOI of the registry is lost as `no_identifier`, one without a name as `no_name`.
    """
    rows = Rows(SOURCE, Path(path).name)
    entities = EntityRows(rows)
    kind = sniff(path)
    read = _of_table if kind in ("csv", "text") else _of_json if kind.startswith("json") else _of_rdf
    for position, stated_id, row, links in read(path, rows):
        key = funder_key(stated_id)
        if key is None:
            rows.defect(position, "no_identifier", f"{stated_id or 'a funder'} is no id of a funder", True)
        elif not row["legal_name"]:
            rows.defect(position, "no_name", f"funder {key} has no name; it was left out", True)
        else:
            row |= {"source_key": key, "position": position, "types": ["funder", *row.get("types", [])]}
            row["pids"] = [{"scheme": "fundref", "value": key}, {"scheme": "doi", "value": f"10.13039/{key}"}]
            if entities.take(ORGANIZATION, row):
                for relation, other in links:
                    if found := funder_key(other):
                        ends = (f"{SOURCE}:{key}", f"{SOURCE}:{found}")
                        entities.link(EntityLink("organization", ends[0], relation, "organization", ends[1]), ends[0])
        yield from entities.full()
        yield from rows.full()
    yield from entities.rest()
    yield from rows.rest()


def funder_key(stated: str | None) -> str | None:
    """The FundRef id in a DOI of the registry, its address, or the id itself; None where there is none."""
    match = _FUNDER.search(stated.strip()) if stated else None
    return match.group(1) if match else None


_Funder = tuple[int, str | None, Json, list[tuple[str, str]]]


def _of_rdf(path: str, rows: Rows) -> Iterator[_Funder]:
    for subject in subjects(path, rows):
        if "prefLabel" not in subject.values and "10.13039/" not in subject.address:
            continue  # the scheme itself, or a label
        yield subject.position, subject.address, _rdf_row(subject), _rdf_links(subject)


def _rdf_row(subject: Subject) -> Json:
    values = subject.values
    names = _lines(values.get("prefLabel", []))
    others = [name for name in (*names[1:], *_lines(values.get("altLabel", []))) if name != names[0]] if names else []
    modified = next(iter(values.get("modified", [])), None)
    return {
        "legal_name": names[0] if names else None,
        "alternative_names": list(dict.fromkeys(others)),
        "types": [value.text for value in values.get("fundingBodyType", []) if not value.is_address],
        "country_name": next((value.text for value in values.get("address", []) if not value.is_address), None),
        "datestamp": date_from_text(modified.text) if modified else None,
        "extras": [
            {"name": name, "value": value.text}
            for name, stated in values.items()
            if name not in _RDF_KNOWN and name not in _RELATIONS and name != "fundingBodyType"
            for value in stated
        ],
    }


def _lines(values: list[Value]) -> list[str]:
    lines = (clean_line(value.text) for value in values if not value.is_address)
    return list(dict.fromkeys(line for line in lines if line))


def _rdf_links(subject: Subject) -> list[tuple[str, str]]:
    return [
        (relation, value.text)
        for name, relation in _RELATIONS.items()
        for value in subject.values.get(name, [])
        if value.is_address
    ]


def _of_json(path: str, rows: Rows) -> Iterator[_Funder]:
    for position, value, _ in json_objects(path, rows.defect):
        row = {
            "legal_name": clean_line(text(value.get("name"))),
            "alternative_names": [name for name in map(clean_line, texts(value.get("alt-names"))) if name],
            "country_name": clean_line(text(value.get("location"))),
            "extras": extras_of({name: held for name, held in value.items() if name not in _JSON_KNOWN}),
        }
        links = [("IsSuccessorOf", other) for other in texts(value.get("replaces"))]
        links += [("IsPredecessorOf", other) for other in texts(value.get("replaced-by"))]
        yield position, text(value.get("uri")) or text(value.get("id")), row, links


def _of_table(path: str, rows: Rows) -> Iterator[_Funder]:
    known = {name for names in _COLUMNS.values() for name in names}
    for position, cells, _ in table_rows(path, rows, frozenset({"uri"}), "the list of funders"):
        stated_id, name = (next((cells[n] for n in names if n in cells), None) for names in _COLUMNS.values())
        row = {
            "legal_name": clean_line(name),
            "extras": extras_of({name: cell for name, cell in cells.items() if name not in known}),
        }
        yield position, stated_id, row, []
