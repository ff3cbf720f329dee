"""Arrow batches from rows, value by value gathered into columns first.

Arrow's own converter looks at every nested value to learn what it is; here the contract of the table says so, and
each leaf of it is one call for all rows of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from evigraph.model.table import Table
from evigraph.model.tables import REFERENCE
from evigraph.model.types import PID

Row = dict[str, Any]

_PID_FIELDS = list(PID)
_IDS_TYPE, _SCHEME_TYPE = REFERENCE.schema.field("pids").type, PID.field("scheme").type


def batch_of(table: Table, rows: Sequence[Row]) -> pa.RecordBatch:
    """The rows as a batch of the table's schema; a column that a row leaves out is null.

    Raises:
        ValueError, TypeError, pyarrow.ArrowException: a value does not fit its column.
    """
    batch = pa.RecordBatch.from_arrays(_arrays(rows, list(table.schema)), schema=table.schema)
    check_nulls(table, batch)
    return batch


def spread(firsts: Sequence[int], counts: Sequence[int]) -> tuple[pa.Int64Array, pa.Int32Array]:
    """For each row of some lists put behind each other the number of its list, and its position.

    Args:
        firsts: for each list the position of its first row.
        counts: for each list its number of rows.
    """
    sizes = np.array(counts, np.int64)
    ends = np.cumsum(sizes)
    positions = np.arange(int(sizes.sum())) + np.repeat(np.array(firsts, np.int64) - (ends - sizes), sizes)
    return pa.array(np.repeat(np.arange(len(sizes)), sizes)), pa.array(positions.astype(np.int32))


def check_nulls(table: Table, batch: pa.RecordBatch) -> None:
    """Raises a ValueError where a column that may not be null holds nulls."""
    for number, field in enumerate(table.schema):
        if not field.nullable and batch.column(number).null_count:
            raise ValueError(f"column {field.name} may not be null")


def _arrays(rows: Sequence[Row], fields: Sequence[pa.Field]) -> list[pa.Array]:
    """The array of each field; null where a row leaves it out."""
    names = [field.name for field in fields]
    try:
        # Each row is looked into once, while it is near.
        flat = list(chain.from_iterable(map(itemgetter(*names), rows)))
    except KeyError:
        columns = [[row.get(name) for row in rows] for name in names]
    else:
        columns = [flat[at :: len(names)] for at in range(len(names))]
    return [_array(column, field.type) for column, field in zip(columns, fields, strict=True)]


def _array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_list(type_):
        return _list_array(values, type_)
    if pa.types.is_struct(type_):
        return _struct_array(values, type_)
    return pa.array(values, type_)


def _list_array(values: list[Any], type_: pa.ListType) -> pa.Array:
    kinds = set(map(type, values))
    if kinds <= {list}:
        lengths = np.fromiter(map(len, values), np.int32, len(values))
        offsets = np.zeros(len(values) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        flat = _array(list(chain.from_iterable(values)), type_.value_type)
        return pa.ListArray.from_arrays(pa.array(offsets), flat, type=type_)
    return pa.array(values, type_)


def _struct_array(values: list[Any], type_: pa.StructType) -> pa.Array:
    kinds = set(map(type, values))
    if kinds <= {dict}:
        fields = _fields(type_)
        return pa.StructArray.from_arrays(_arrays(values, fields), fields=fields)
    if kinds <= {dict, type(None)}:
        fields = _fields(type_)
        missing = pa.array([value is None for value in values], pa.bool_())
        nothing = dict.fromkeys(field.name for field in fields)
        given = [nothing if value is None else value for value in values]
        return pa.StructArray.from_arrays(_arrays(given, fields), fields=fields, mask=missing)
    return pa.array(values, type_)


@cache
def _fields(type_: pa.StructType) -> list[pa.Field]:
    return list(type_)


class ReferenceColumns:
    """The rows of the table reference as flat columns: nine rows in ten of a graph are references."""

    def __init__(self, payload: str) -> None:
        self._payload = payload
        # A run is a stretch of one record's list: record, first position, number of entries.
        self._records: list[str] = []
        self._firsts: list[int] = []
        self._counts: list[int] = []
        self._n_ids: list[int] = []
        self._schemes: list[str] = []
        self._values: list[str] = []
        self._texts: list[str | None] = []

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, record_id: str, position: int, pids: Sequence[tuple[str, str]], text: str | None) -> None:
        """Takes one entry; its identifiers are distinct."""
        counts = self._counts
        if counts and self._records[-1] == record_id and self._firsts[-1] + counts[-1] == position:
            counts[-1] += 1
        else:
            self._records.append(record_id)
            self._firsts.append(position)
            counts.append(1)
        self._n_ids.append(len(pids))
        for scheme, value in pids:
            self._schemes.append(scheme)
            self._values.append(value)
        self._texts.append(text)

    def add_many(
        self,
        record_id: str,
        position: int,
        pids: Sequence[Sequence[tuple[str, str]]],
        texts: Sequence[str | None],
    ) -> None:
        """Takes a list of entries, each with its distinct identifiers."""
        self._records.append(record_id)
        self._firsts.append(position)
        self._counts.append(len(texts))
        self._n_ids += map(len, pids)
        for scheme, value in chain.from_iterable(pids):
            self._schemes.append(scheme)
            self._values.append(value)
        self._texts += texts

    def batch(self) -> pa.RecordBatch:
        """All rows as a batch.

        Raises:
            ValueError, TypeError, pyarrow.ArrowException: a value does not fit its column.
        """
        n_rows = len(self._texts)
        runs, positions = spread(self._firsts, self._counts)
        offsets = np.zeros(n_rows + 1, np.int32)
        np.cumsum(np.array(self._n_ids, np.int32), out=offsets[1:])
        ids = [pa.array(self._schemes, _SCHEME_TYPE), pa.array(self._values, PID.field("value").type)]
        columns = {
            "record_id": pa.array(self._records, REFERENCE.schema.field("record_id").type).take(runs),
            "payload": pa.repeat(pa.scalar(self._payload, REFERENCE.schema.field("payload").type), n_rows),
            "position": positions,
            "pids": pa.ListArray.from_arrays(
                pa.array(offsets), pa.StructArray.from_arrays(ids, fields=_PID_FIELDS), type=_IDS_TYPE
            ),
            "text": pa.array(self._texts, REFERENCE.schema.field("text").type),
        }
        return pa.RecordBatch.from_arrays([columns[name] for name in REFERENCE.names], schema=REFERENCE.schema)

    def rows(self) -> Iterator[Row]:
        """All rows one by one."""
        at = pid_at = 0
        for record_id, first, count in zip(self._records, self._firsts, self._counts, strict=True):
            for position in range(first, first + count):
                end = pid_at + self._n_ids[at]
                pids = zip(self._schemes[pid_at:end], self._values[pid_at:end], strict=True)
                yield {
                    "record_id": record_id,
                    "payload": self._payload,
                    "position": position,
                    "pids": [{"scheme": scheme, "value": value} for scheme, value in pids],
                    "text": self._texts[at],
                }
                at, pid_at = at + 1, end
