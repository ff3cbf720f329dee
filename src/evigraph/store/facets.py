"""What a product is counted under in lists of results: the facets, and a product's values of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from evigraph.model.entities import ORGANIZATION, PROJECT
from evigraph.store.cards import INDICATORS

#: What the access facet says where no access right is known.
UNKNOWN = "unknown"

#: Fields whose values are counted for a list of results, those that people narrow by most often first.
FACETS = (
    "type",
    "resource_type",
    "year",
    "access",
    "source",
    "language",
    "subject",
    *(f"{name}_class" for name in INDICATORS),
    "peer_review",
    "route",
    "license",
    "host",
    "field",
    "funder",
    "project",
    "organization",
    "country",
)

#: Subjects of these schemes place a product in a field.
FIELD_SCHEMES = frozenset({"openalex_topic", "fos", "openalex_concept"})

PEER_REVIEWED, NOT_PEER_REVIEWED = "yes", "no"

_LONGEST_LABEL = 200


class Names:
    """Names of the projects and organizations of a release, and the organizations' countries, by id.

    Kept in memory while an index is built: some hundred bytes for each of them.
    """

    def __init__(self, tables: Path) -> None:
        self._organizations: dict[str, tuple[str | None, str | None]] = {
            row["organization_id"]: (row["legal_name"] or row["short_name"], row["country_code"])
            for row in _columns(
                tables / ORGANIZATION.name, ("organization_id", "legal_name", "short_name", "country_code")
            )
        }
        self._projects = {
            row["project_id"]: project_label(row)
            for row in _columns(tables / PROJECT.name, ("project_id", "code", "acronym", "title"))
        }

    def of(self, entities: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """The values of the facets project, organization and country of a product's entities as (kind, id)."""
        found: dict[str, dict[str, None]] = {"project": {}, "organization": {}, "country": {}}
        for kind, entity_id in entities:
            if kind == "project" and (label := self._projects.get(entity_id)):
                found["project"][label] = None
            elif kind == "organization":
                name, country = self._organizations.get(entity_id, (None, None))
                if name:
                    found["organization"][name] = None
                if country:
                    found["country"][country] = None
        return {name: labels(values) for name, values in found.items()}


def project_label(row: Mapping[str, Any]) -> str | None:
    """A project for people: acronym, or title where it has none, and the number of the grant."""
    name = row["acronym"] or row["title"]
    if not name or name == "unidentified":
        return None
    return f"{name[: _LONGEST_LABEL - 60]} ({row['code'][:50]})" if row["code"] else name


def facet_values(product: Mapping[str, Any], indicator: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    """A product's values of the facets that its own row and its indicators give."""
    instances = product["instances"] or []
    subjects = product["subjects"] or []
    reviewed = {True: [PEER_REVIEWED], False: [NOT_PEER_REVIEWED]}.get(product["is_peer_reviewed"], [])
    values: dict[str, list[Any]] = {
        "type": labels([product["type"]]),
        "resource_type": labels(one["resource_type"] for one in instances),
        "year": [] if product["year"] is None else [product["year"]],
        "access": [product["access_right"] or UNKNOWN],
        "source": labels(product["sources"] or []),
        "language": labels([product["language"]]),
        "subject": labels(one["value"] for one in subjects),
        "peer_review": reviewed,
        "route": labels(one["access_route"] for one in instances),
        "license": labels(one["license"] for one in instances),
        "host": labels(one["hosted_by"] for one in instances),
        "field": labels(one["value"] for one in subjects if one["scheme"] in FIELD_SCHEMES),
        "funder": labels(one["funder_name"] for one in product["funding"] or []),
    }
    if indicator:
        for name in INDICATORS:
            values[f"{name}_class"] = [indicator[f"{name}_class"]]
    return values


def labels(values: Iterable[str | None]) -> list[str]:
    """The values that there are, each once, cut where they are longer than a label can be."""
    return list(dict.fromkeys([value[:_LONGEST_LABEL] for value in values if value]))


def _columns(folder: Path, columns: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(columns)):
                yield from batch.to_pylist()
