"""Organizations, projects and data sources of OpenAIRE's API: their parameters, how they are chosen and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import HTTPException

from evigraph.publish.api import openaire
from evigraph.store.entities import EntityTable
from evigraph.store.keyed import Row
from evigraph.store.release import Release


@dataclass(frozen=True)
class Kind:
    """A kind of entity: its table, the columns its text parameters search, further parameters, sorts, writer."""

    name: str
    texts: Mapping[str, tuple[str, ...]]
    exact: Mapping[str, str]
    write: Callable[[Row], dict[str, Any]]
    dates: Mapping[str, str] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters and what they mean."""
        return {
            **{name: "words of " + " or ".join(columns) for name, columns in self.texts.items()},
            **{name: f"{column} as a whole" for name, column in self.exact.items()},
            **dict.fromkeys(self.dates, "YYYY or YYYY-MM-DD, included"),
            **{name: f"{' or '.join(parts)} of {column}" for name, (column, parts) in self.within.items()},
            "id": "its id",
            "pid": "an identifier in another registry",
        }

    def chosen(self, release: Release, given: Mapping[str, list[str]]) -> pa.BooleanArray:
        """For each entity whether the parameters hold: values of one are alternatives, parameters hold together.

        Raises:
            HTTPException: 400, a value cannot be.
        """
        table = release.entities.kind(self.name)
        holds = table.every()
        for name, values in given.items():
            either = self._one(table, name, values[0])
            for value in values[1:]:
                either = pc.or_(pc.fill_null(either, False), pc.fill_null(self._one(table, name, value), False))
            holds = pc.and_(holds, pc.fill_null(either, False))
        return holds

    def _one(self, table: EntityTable, name: str, value: str) -> pa.BooleanArray:
        plain = value.strip('"')
        if name in self.texts:
            return table.containing(self.texts[name], plain)
        if name in self.exact:
            return table.having(self.exact[name], plain)
        if name in self.within:
            column, parts = self.within[name]
            return table.having_key(table.ids_where(column, parts, plain))
        if name in self.dates:
            if not plain.replace("-", "").isdecimal() or len(plain) not in (4, 7, 10):
                raise HTTPException(400, f"{name} is a date as YYYY or YYYY-MM-DD.")
            first, last = (plain, None) if name.startswith("from") else (None, plain)
            return table.between(self.dates[name], first, last)
        if name == "pid":
            return table.having_pid(plain) if "pids" in table.table.names else table.having_key([])
        return table.having_key([plain, f"openaire:{plain}"])


ORGANIZATIONS = Kind(
    "organization",
    texts={
        "search": ("legal_name", "short_name", "alternative_names"),
        "legalName": ("legal_name",),
        "legalShortName": ("short_name",),
    },
    exact={"countryCode": "country_code", "relCollectedFromDatasourceId": "source"},
    write=openaire.organization,
)
PROJECTS = Kind(
    "project",
    texts={
        "search": ("title", "acronym", "code", "keywords", "summary"),
        "title": ("title",),
        "keywords": ("keywords", "subjects"),
    },
    exact={
        "code": "code",
        "grantID": "code",
        "acronym": "acronym",
        "callIdentifier": "call_identifier",
        "relCollectedFromDatasourceId": "source",
    },
    write=openaire.project,
    dates={
        "fromStartDate": "started_on",
        "toStartDate": "started_on",
        "fromEndDate": "ended_on",
        "toEndDate": "ended_on",
    },
    sorts={"startDate": "started_on", "endDate": "ended_on"},
    within={
        "fundingShortName": ("fundings", ("short_name",)),
        "fundingStreamId": ("fundings", ("stream_id",)),
        "funder": ("fundings", ("name", "short_name")),
    },
)
DATA_SOURCES = Kind(
    "data_source",
    texts={
        "search": ("official_name", "english_name", "description"),
        "officialName": ("official_name",),
        "englishName": ("english_name",),
        "subjects": ("subjects",),
        "contentTypes": ("content_types",),
    },
    exact={"dataSourceTypeName": "type", "relCollectedFromDatasourceId": "source"},
    write=openaire.data_source,
)
