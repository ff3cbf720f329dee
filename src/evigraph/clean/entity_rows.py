"""The collector of rows about organizations, projects, journals and the like, beside `Rows` for records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from evigraph.clean.batches import BATCH_BYTES, BATCH_ROWS, Row, Rows, fitting_batches
from evigraph.model.entities import ENTITY_LINK_TOLD, TOLD_ENTITIES
from evigraph.model.table import Table

#: Links that are gathered before a batch leaves: they are narrow.
LINK_ROWS = 1 << 15

#: Kinds of things that a link may join, those first from which a link is read.
KINDS: tuple[str, ...] = ("product", "project", "data_source", "organization", "community")

#: Relations with the name that the other end has for them; the first is the one that is kept.
_PAIRS: tuple[tuple[str, str], ...] = (
    ("isProducedBy", "produces"),
    ("hasAuthorInstitution", "isAuthorInstitutionOf"),
    ("hasParticipant", "isParticipant"),
    ("isHostedBy", "hosts"),
    ("isProvidedBy", "provides"),
    ("isFundedBy", "funds"),
    ("IsChildOf", "IsParentOf"),
    ("IsSuccessorOf", "IsPredecessorOf"),
    ("IsRelatedTo", "IsRelatedTo"),
)
_NAMES = {name.lower(): name for pair in _PAIRS for name in pair}
_INVERSE = {**dict(_PAIRS), **{right: left for left, right in _PAIRS}}
_READ_FROM_HERE = frozenset(left for left, _ in _PAIRS)


def extras_of(fields: Mapping[str, Any]) -> list[Row]:
    """The filled fields as extras: texts as they are, all else as JSON."""
    return [
        {"name": name, "value": value if type(value) is str else json.dumps(value, ensure_ascii=False)}
        for name, value in fields.items()
        if value not in (None, "", [], {})
    ]


class EntityLink(NamedTuple):
    """A link in the direction in which it is kept."""

    left_kind: str
    left_id: str
    relation: str
    right_kind: str
    right_id: str


def oriented(link: EntityLink) -> EntityLink:
    """The link read from the end that comes first: by kind, between equal kinds by the relation's name.

    A dump holds most links from both ends; kept in one direction they are half as many. A relation whose inverse
    is not known stays as it is stated.
    """
    relation = _NAMES.get(link.relation.lower(), link.relation)
    inverse = _INVERSE.get(relation)
    left, right = KINDS.index(link.left_kind), KINDS.index(link.right_kind)
    turn = left > right or (
        left == right and (relation not in _READ_FROM_HERE or (relation == inverse and link.left_id > link.right_id))
    )
    if inverse is None or not turn:
        return link._replace(relation=relation)
    return EntityLink(link.right_kind, link.right_id, inverse, link.left_kind, link.left_id)


class EntityRows:
    """Rows of the tables of `evigraph.model.entities` of one payload, as batches that fit their contracts.

    What does not fit a contract costs its row and is counted as a defect `contract` of `rows`. A second row of a
    table with the same key in one payload is refused as `repeated_record`.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._waiting: dict[Table, list[Row]] = {}
        self._seen: dict[Table, set[str]] = {}
        self._mentioned: dict[Table, set[str]] = {}
        self._n_waiting = 0
        self._n_bytes = 0
        self._links: list[tuple[EntityLink, str | None, str | None]] = []
        self.n_rows = 0

    def take(self, table: Table, row: Row, size: int = 0) -> bool:
        """Whether the row was taken; needs `source_key` and `position`.

        Filled in: the id (`source:source_key`), source and payload; lists that are missing or null become empty.
        """
        key = row["source_key"]
        entity_id = f"{self._rows.source}:{key}"
        seen = self._seen.setdefault(table, set())
        if key in seen:
            message = f"{entity_id} stands in the file twice; the first one was kept"
            self._rows.defect(row["position"], "repeated_record", message, True)
            return False
        seen.add(key)
        row[table.key[0]] = entity_id
        if "is_mention" in table.names:
            row["is_mention"] = False
        self.add(table, row, size)
        return True

    def mention(self, table: Table, row: Row) -> None:
        """Takes what a record says in passing of an entity; of each entity the first in the payload.

        Where a payload describes the entity for its own sake, that counts instead (`is_mention`).
        """
        key = row["source_key"]
        if key not in (mentioned := self._mentioned.setdefault(table, set())):
            mentioned.add(key)
            row[table.key[0]] = f"{self._rows.source}:{key}"
            row["is_mention"] = True
            self.add(table, row)

    def add(self, table: Table, row: Row, size: int = 0) -> None:
        """Takes a row as it is, only `source`, `payload` and missing lists filled in."""
        row["source"] = self._rows.source
        row["payload"] = self._rows.payload
        for column in table.columns:
            if row.get(column.name) is None and pa.types.is_list(column.type):
                row[column.name] = []
        self._waiting.setdefault(table, []).append(row)
        self._n_waiting += 1
        self._n_bytes += size
        self.n_rows += 1

    def link(self, link: EntityLink, teller_id: str | None = None, provenance: str | None = None) -> None:
        """Takes a link; `teller_id` is the record or entity that says it of itself."""
        self._links.append((oriented(link), teller_id, provenance))

    def full(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The batches that are due, mostly none."""
        if self._n_waiting >= BATCH_ROWS or self._n_bytes >= BATCH_BYTES or len(self._links) >= LINK_ROWS:
            yield from self.rest()

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """All rows gathered and not yet given. To be called before `Rows.rest`, which gives the defects."""
        waiting, self._waiting, self._n_waiting, self._n_bytes = self._waiting, {}, 0, 0
        for table, rows in waiting.items():
            told = TOLD_ENTITIES[table]
            for batch in fitting_batches(told, rows, self._refuse):
                yield told.name, batch
        links, self._links = self._links, []
        if links:
            yield ENTITY_LINK_TOLD.name, self._link_batch(links)

    def _link_batch(self, links: list[tuple[EntityLink, str | None, str | None]]) -> pa.RecordBatch:
        ends, tellers, provenance = zip(*links, strict=True)
        stated: dict[str, Any] = dict(zip(EntityLink._fields, zip(*ends, strict=True), strict=True))
        stated |= {"teller_id": tellers, "provenance": provenance}
        stated |= {"source": [self._rows.source] * len(links), "payload": [self._rows.payload] * len(links)}
        schema = ENTITY_LINK_TOLD.schema
        return pa.RecordBatch.from_arrays(
            [pa.array(stated[field.name], pa.string()) for field in schema], schema=schema
        )

    def _refuse(self, row: Row, error: object) -> None:
        self.n_rows -= 1
        place = row.get("position")
        message = f"does not fit its table, the row was left out: {error}"
        self._rows.defect(place if isinstance(place, int) else -1, "contract", message, True)
