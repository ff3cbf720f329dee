"""Point and range look-ups in sorted Parquet files, without loading them.

A table of a release is a folder of Parquet files whose rows ascend by key across the files in name order. The
footers say between which values each row group lies; a look-up bisects those, decodes the key columns of one
row group, bisects again, and only then reads the wanted columns. Time does not grow with the table.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evigraph.errors import ReleaseError
from evigraph.model.table import Table

#: A value of each key column, or of the first few of them.
Key = tuple[Any, ...]

#: A row as a dictionary of plain Python values.
Row = dict[str, Any]

#: Bytes of decoded row groups that the tables of one release keep in memory together.
CACHE_BYTES = 192 * 1024 * 1024

#: Footers of one table that stay parsed; the bounds of their row groups stay for good.
_FOOTERS_KEPT = 32

_READERS = ThreadPoolExecutor(min(os.cpu_count() or 1, 8), thread_name_prefix="keyed")


class GroupCache:
    """Decoded columns of row groups, the least recently used dropped first, bounded in bytes. Thread-safe."""

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._groups: OrderedDict[tuple[Any, ...], pa.Table] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> pa.Table | None:
        """The columns kept under `key`, or None."""
        with self._lock:
            table = self._groups.get(key)
            if table is not None:
                self._groups.move_to_end(key)
            return table

    def put(self, key: tuple[Any, ...], table: pa.Table) -> None:
        """Keeps `table`, dropping what was not used for longest. What is larger than an eighth is not kept."""
        size = table.nbytes
        if size > self._max_bytes // 8:
            return
        with self._lock:
            if key in self._groups:
                return
            self._groups[key] = table
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, dropped = self._groups.popitem(last=False)
                self._bytes -= dropped.nbytes


@dataclass(frozen=True)
class _Bounds:
    """A row group: its number in the file, least and greatest value of each key column, number of rows."""

    group: int
    low: Key
    high: Key
    n_rows: int

    def may_hold(self, prefix: Key) -> bool:
        return all(low <= value <= high for value, low, high in zip(prefix, self.low, self.high, strict=False))

    def holds_only(self, prefix: Key) -> bool:
        return all(low == value == high for value, low, high in zip(prefix, self.low, self.high, strict=False))


class KeyedTable:
    """A table of a release, read by key. Safe to use from many threads.

    `columns` arguments name top-level columns; None means all of them.

    Raises:
        ReleaseError: a file is not Parquet or lacks the columns of the table's contract.
    """

    def __init__(self, folder: Path, table: Table, cache: GroupCache | None = None) -> None:
        self.table = table
        self._paths = sorted(folder.glob("*.parquet"))
        self._cache = cache or GroupCache(CACHE_BYTES // 8)
        self._lock = threading.Lock()
        self._footers: OrderedDict[int, Any] = OrderedDict()
        self._bounds: dict[int, list[_Bounds]] = {}

    def get(self, key: Key | str, columns: Sequence[str] | None = None) -> Row | None:
        """The row with this key, or None."""
        rows = self.range(_tuple(key), 0, 1, columns)
        return rows[0] if rows else None

    def get_many(self, keys: Iterable[Key | str], columns: Sequence[str] | None = None) -> dict[Any, Row]:
        """The rows that exist among `keys`, by key as given; each row group is read once."""
        wanted: dict[tuple[int, int, int], list[tuple[Any, Key]]] = {}
        for key in dict.fromkeys(keys):
            for part, bounds in self._groups_of(_tuple(key)):
                wanted.setdefault((part, bounds.group, bounds.n_rows), []).append((key, _tuple(key)))
        places = sorted(wanted)
        read = partial(self._rows_of, wanted, columns)
        # Decoding releases the interpreter's lock: row groups are read side by side.
        answers = _READERS.map(read, places) if len(places) > 2 else map(read, places)
        return {key: row for rows in answers for key, row in rows}

    def _rows_of(
        self,
        wanted: dict[tuple[int, int, int], list[tuple[Any, Key]]],
        columns: Sequence[str] | None,
        place: tuple[int, int, int],
    ) -> list[tuple[Any, Row]]:
        """The rows of one row group that are among those wanted of it."""
        part, group, n_rows = place
        found = []
        for key, values in wanted[place]:
            first, end = self._span(part, group, values, n_rows)
            if first < end:
                # A slice, not `take`: making its array of places would load pandas.
                found.append((key, self._read(part, group, columns).slice(first, 1).to_pylist()[0]))
        return found

    def range(
        self, prefix: Key | str, offset: int = 0, limit: int | None = None, columns: Sequence[str] | None = None
    ) -> list[Row]:
        """The rows whose key starts with `prefix`, in key order, after the first `offset`, at most `limit`."""
        rows: list[Row] = []
        for part, group, first, end in self._spans(_tuple(prefix)):
            if offset >= end - first:
                offset -= end - first
                continue
            first += offset
            offset = 0
            if limit is not None:
                end = min(end, first + limit - len(rows))
            rows.extend(self._read(part, group, columns).slice(first, end - first).to_pylist())
            if limit is not None and len(rows) >= limit:
                break
        return rows

    def count(self, prefix: Key | str) -> int:
        """How many rows have a key that starts with `prefix`."""
        return sum(end - first for _, _, first, end in self._spans(_tuple(prefix)))

    def values(self, prefix: Key | str, column: str) -> list[Any]:
        """One column of the rows whose key starts with `prefix`, in key order."""
        found: list[Any] = []
        for part, group, first, end in self._spans(_tuple(prefix)):
            found.extend(self._read(part, group, (column,)).column(0).slice(first, end - first).to_pylist())
        return found

    def all(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Every row in key order; for tables that are small."""
        for part in range(len(self._paths)):
            for bounds in self._part_bounds(part):
                yield from self._read(part, bounds.group, columns).to_pylist()

    def _spans(self, prefix: Key) -> Iterator[tuple[int, int, int, int]]:
        """Where the rows of `prefix` lie: part, row group, first row, end."""
        for part, bounds in self._groups_of(prefix):
            if bounds.holds_only(prefix):
                yield part, bounds.group, 0, bounds.n_rows
                continue
            first, end = self._span(part, bounds.group, prefix, bounds.n_rows)
            if first < end:
                yield part, bounds.group, first, end

    def _span(self, part: int, group: int, prefix: Key, n_rows: int) -> tuple[int, int]:
        keys = self._read(part, group, self.table.key[: len(prefix)])
        columns = [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in keys.columns]

        def key_at(row: int) -> Key:
            return tuple(column[row].as_py() for column in columns)

        first = bisect_left(range(n_rows), prefix, key=key_at)
        if first == n_rows or key_at(first) != prefix:
            return first, first
        return first, bisect_right(range(n_rows), prefix, lo=first, key=key_at)

    def _groups_of(self, prefix: Key) -> Iterator[tuple[int, _Bounds]]:
        """Part and bounds of each row group that may hold keys starting with `prefix`."""
        value = prefix[0]
        # The part before the first that starts at or after the value may still end in it.
        first = bisect_left(range(len(self._paths)), (0, value), key=self._start)
        for part in range(max(first - 1, 0), len(self._paths)):
            bounds = self._part_bounds(part)
            for group in range(bisect_left(bounds, value, key=lambda bound: bound.high[0]), len(bounds)):
                if bounds[group].low[0] > value:
                    return
                if bounds[group].may_hold(prefix):
                    yield part, bounds[group]

    def _start(self, part: int) -> tuple[int, Any]:
        """The first value of the leading key column in `part` or, where that is empty, after it."""
        for place in range(part, len(self._paths)):
            if bounds := self._part_bounds(place):
                return 0, bounds[0].low[0]
        return 1, None

    def _part_bounds(self, part: int) -> list[_Bounds]:
        bounds = self._bounds.get(part)
        if bounds is None:
            footer = self._footer(part)
            bounds = [
                self._group_bounds(part, footer, group)
                for group in range(footer.num_row_groups)
                if footer.row_group(group).num_rows
            ]
            self._bounds[part] = bounds
        return bounds

    def _group_bounds(self, part: int, footer: Any, group: int) -> _Bounds:
        described = footer.row_group(group)
        places = {described.column(i).path_in_schema: i for i in range(described.num_columns)}
        lows: list[Any] = []
        highs: list[Any] = []
        for name in self.table.key:
            if name not in places:
                raise ReleaseError(f"{self._paths[part]}: no column {name}; the release is damaged, build it again")
            statistics = described.column(places[name]).statistics
            if statistics is not None and statistics.has_min_max:
                lows.append(statistics.min)
                highs.append(statistics.max)
            else:
                values = self._read(part, group, (name,)).column(0)
                bounds = pc.min_max(values).as_py()
                lows.append(bounds["min"])
                highs.append(bounds["max"])
        return _Bounds(group, tuple(lows), tuple(highs), described.num_rows)

    def _footer(self, part: int) -> Any:
        with self._lock:
            footer = self._footers.get(part)
            if footer is not None:
                self._footers.move_to_end(part)
                return footer
        try:
            footer = pq.read_metadata(self._paths[part])
        except (OSError, pa.ArrowInvalid) as error:
            raise ReleaseError(f"{self._paths[part]}: not readable ({error}); build the release again") from error
        with self._lock:
            self._footers[part] = footer
            while len(self._footers) > _FOOTERS_KEPT:
                self._footers.popitem(last=False)
        return footer

    def _read(self, part: int, group: int, columns: Sequence[str] | None) -> pa.Table:
        names = tuple(columns) if columns is not None else self.table.names
        key = (id(self), part, group, names)
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        try:
            # A handle of its own: one reader must not be used by two threads at once.
            with pq.ParquetFile(self._paths[part], metadata=self._footer(part), memory_map=True) as file:
                table = file.read_row_group(group, columns=list(names), use_threads=False).select(list(names))
        except (OSError, KeyError, pa.ArrowInvalid) as error:
            raise ReleaseError(f"{self._paths[part]}: not readable ({error}); build the release again") from error
        self._cache.put(key, table)
        return table


def _tuple(key: Key | str) -> Key:
    return (key,) if isinstance(key, str) else tuple(key)
