"""Relations of the OpenAIRE Graph as references and links: statements without records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.entity_rows import EntityLink, EntityRows
from evigraph.clean.json_values import member, text
from evigraph.clean.openaire.entities import kind_of
from evigraph.clean.relations import relation_type
from evigraph.model.pid import normalise_openaire
from evigraph.model.table import Table
from evigraph.model.tables import LINK, REFERENCE
from evigraph.model.types import PID

Json = dict[str, Any]

_BATCH_ROWS = 1 << 15


def is_relation(value: Json) -> bool:
    """Whether a JSON object is a relation of the graph (`source`, `target`, `relType`), not an entity."""
    return "source" in value and "target" in value and ("relType" in value or "reltype" in value)


class Relations:
    """The reference and link rows that the relations of one file give, as batches.

    `Cites` becomes a REFERENCE of the citing product, every other relation between products a LINK, those with
    organizations, projects, data sources and communities a link of `entities`. Relations with something else
    (persons) are counted and reported once for each name as `relation_not_used`.

    The position of a reference is its line in the file, so it is unique for record and payload. It cannot meet a
    position of a reference list in the same file: an OpenAIRE product has none.
    """

    def __init__(self, rows: Rows, entities: EntityRows) -> None:
        self._rows = rows
        self._entities = entities
        self._citing: list[str] = []
        self._positions: list[int] = []
        self._cited: list[str] = []
        self._links: list[tuple[str, str, str, str]] = []
        self._known_links: set[int] = set()
        self._unused: Counter[str] = Counter()

    def take(self, value: Json, position: int) -> None:
        """Takes one relation; one without two ids of the graph is lost as `relation_incomplete`."""
        get = value.get
        name = _name(get("relType") or get("reltype"))
        source, target = _end(get("source")), _end(get("target"))
        if not source or not target or not name:
            message = f"record {position} is a relation without its kind or one of its ends; it was left out"
            self._rows.defect(position, "relation_incomplete", message, True)
        elif (kinds := (_kind(value, "source"), _kind(value, "target"))) != ("product", "product"):
            if kinds[0] is None or kinds[1] is None:
                self._unused[name] += 1
                return
            link = EntityLink(kinds[0], f"openaire:{source}", name, kinds[1], f"openaire:{target}")
            self._entities.link(link, provenance=text(member(value.get("provenance"), "provenance")))
        elif name == "Cites" or name == "cites":
            self._citing.append(f"openaire:{source}")
            self._positions.append(position)
            self._cited.append(target)
        else:
            stated = (f"openaire:{source}", relation_type(name), target, name)
            if (key := hash(stated[:3])) not in self._known_links:
                self._known_links.add(key)
                self._links.append(stated)

    def full(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The batches that are due, mostly none."""
        if len(self._citing) + len(self._links) >= _BATCH_ROWS:
            yield from self._batches()

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """All that is left; and the report of what was not used."""
        yield from self._batches()
        for name, number in sorted(self._unused.items()):
            message = f"relations {name} with something that this graph does not hold: {number:,}, not used"
            self._rows.defect(-1, "relation_not_used", message, False)

    def _batches(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        if number := len(self._citing):
            schemes = pa.array(["openaire"] * number, pa.string())
            pids = pa.StructArray.from_arrays([schemes, pa.array(self._cited, pa.string())], fields=list(PID))
            columns = {
                "record_id": pa.array(self._citing, pa.string()),
                "position": pa.array(self._positions, pa.int32()),
                "pids": pa.ListArray.from_arrays(pa.array(range(number + 1), pa.int32()), pids),
            }
            yield REFERENCE.name, self._batch(REFERENCE, columns, number)
            self._citing, self._positions, self._cited = [], [], []
        if number := len(self._links):
            record_ids, relations, values, notes = zip(*self._links, strict=True)
            stated = {"record_id": record_ids, "relation": relations, "value": values, "note": notes}
            columns = {name: pa.array(column, pa.string()) for name, column in stated.items()}
            columns["scheme"] = pa.array(["openaire"] * number, pa.string())
            yield LINK.name, self._batch(LINK, columns, number)
            self._links = []

    def _batch(self, table: Table, columns: dict[str, pa.Array], number: int) -> pa.RecordBatch:
        columns["payload"] = pa.array([self._rows.payload] * number, pa.string())
        arrays = [
            columns[field.name].cast(field.type) if field.name in columns else pa.nulls(number, field.type)
            for field in table.schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=table.schema)


def _name(value: Any) -> str | None:
    return text(member(value, "name")) or text(value)


def _end(value: Any) -> str | None:
    """The id at one end; older dumps have an object there."""
    return normalise_openaire(text(member(value, "id")) or text(value))


def _kind(value: Json, end: str) -> str | None:
    """What stands at one end; a product where nothing is said."""
    stated = text(value.get(f"{end}Type")) or text(member(value.get(end), "type"))
    return "product" if stated is None else kind_of(stated)
