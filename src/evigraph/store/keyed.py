"""Point and range look-ups in the rows of a release, without loading them. Time does not grow with the table."""

from __future__ import annotations

import os
import re
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from evigraph.errors import ReleaseError
from evigraph.model.table import Table
from evigraph.store.rows import Directory, Key, read_directory

#: A row as a dictionary of plain Python values.
Row = dict[str, Any]

#: Bytes of decompressed blocks that the tables of one release keep in memory together.
CACHE_BYTES = 64 * 1024 * 1024

#: DuckDB writes the hexadecimal digits of control characters as capitals, orjson does not.
_ESCAPE = re.compile(rb"\\(?:u00..|.)")


class BlockCache:
    """Decompressed blocks, the least recently used dropped first, bounded in bytes. Thread-safe."""

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> bytes | None:
        """The block kept under `key`, or None."""
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def put(self, key: tuple[Any, ...], block: bytes) -> None:
        """Keeps `block`, dropping what was not used for longest. What is larger than an eighth is not kept."""
        if len(block) > self._max_bytes // 8:
            return
        with self._lock:
            if key in self._blocks:
                return
            self._blocks[key] = block
            self._bytes += len(block)
            while self._bytes > self._max_bytes:
                _, dropped = self._blocks.popitem(last=False)
                self._bytes -= len(dropped)


class KeyedTable:
    """A table of a release, read by key from the file that `write_rows` wrote. Safe to use from many threads.

    The file is opened when it is first asked for. `columns` arguments name top-level columns; None means all of them.

    Raises:
        ReleaseError: the file is missing or damaged.
    """

    def __init__(self, path: Path, table: Table, cache: BlockCache | None = None) -> None:
        self.table = table
        self._path = path
        self._cache = cache or BlockCache(CACHE_BYTES // 8)

    @cached_property
    def _directory(self) -> Directory:
        return read_directory(self._path)

    @cached_property
    def _file(self) -> int:
        return os.open(self._path, os.O_RDONLY)

    def get(self, key: Key | str, columns: Sequence[str] | None = None) -> Row | None:
        """The row with this key, or None."""
        rows = self.range(key, 0, 1, columns)
        return rows[0] if rows else None

    def get_many(self, keys: Iterable[Key | str], columns: Sequence[str] | None = None) -> dict[Any, Row]:
        """The rows that exist among `keys`, by key as given."""
        return {key: row for key in dict.fromkeys(keys) if (row := self.get(key, columns)) is not None}

    def range(
        self, prefix: Key | str, offset: int = 0, limit: int | None = None, columns: Sequence[str] | None = None
    ) -> list[Row]:
        """The rows whose key starts with `prefix`, in key order, after the first `offset`, at most `limit`."""
        rows: list[Row] = []
        for number, is_whole in self._blocks_of(_tuple(prefix)):
            if is_whole and offset >= (n_rows := self._directory.rows[number]):
                offset -= n_rows
                continue
            lines = self._lines(number, _tuple(prefix), is_whole)
            wanted = lines[offset:] if limit is None else lines[offset : offset + limit - len(rows)]
            offset = max(0, offset - len(lines))
            rows.extend(_parsed(line, columns) for line in wanted)
            if limit is not None and len(rows) >= limit:
                break
        return rows

    def count(self, prefix: Key | str) -> int:
        """How many rows have a key that starts with `prefix`."""
        return sum(
            self._directory.rows[number] if is_whole else len(self._lines(number, _tuple(prefix), is_whole))
            for number, is_whole in self._blocks_of(_tuple(prefix))
        )

    def counts(self, prefix: Key | str) -> dict[Any, int]:
        """How many rows there are for each value of the key column that comes after `prefix`, in its order."""
        prefix = _tuple(prefix)
        name = self.table.key[len(prefix)]
        counted: dict[Any, int] = {}
        for number, is_whole in self._blocks_of(prefix):
            lines = self._lines(number, prefix, is_whole)
            at = 0
            while at < len(lines):
                value = orjson.loads(lines[at])[name]
                starts = _starts((*prefix, value), self.table)
                end = bisect_left(range(len(lines)), True, lo=at, key=lambda i, s=starts: not lines[i].startswith(s))  # type: ignore[misc]
                counted[value] = counted.get(value, 0) + end - at
                at = end
        return counted

    def values(self, prefix: Key | str, column: str, limit: int | None = None) -> list[Any]:
        """One column of the rows whose key starts with `prefix`, in key order, the first `limit`."""
        return [row[column] for row in self.range(prefix, 0, limit)]

    def all(self, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Every row in key order."""
        for number in range(len(self._directory.rows)):
            for line in self._block(number)[1:].split(b"\n"):
                yield _parsed(line, columns)

    def _blocks_of(self, prefix: Key) -> Iterator[tuple[int, bool]]:
        """Numbers of the blocks that may hold keys starting with `prefix`, and whether all their keys do."""
        firsts = self._directory.first_keys
        length = len(prefix)
        # The block before the first that starts at or after the key may still end in it.
        at = bisect_left(firsts, prefix)
        for number in range(max(at - 1, 0), len(firsts)):
            begins = firsts[number][:length]
            if begins > prefix:
                return
            is_whole = begins == prefix and number + 1 < len(firsts) and firsts[number + 1][:length] == prefix
            yield number, is_whole

    def _lines(self, number: int, prefix: Key, is_whole: bool) -> list[bytes]:
        """The lines of a block whose key starts with `prefix`."""
        text = self._block(number)
        if is_whole:
            return text[1:].split(b"\n")
        # A line break stands only between rows, so nothing inside a row is taken for the beginning of one.
        needle = b"\n" + _starts(prefix, self.table)
        first = text.find(needle)
        if first < 0:
            return []
        last = text.rfind(needle)
        end = text.find(b"\n", last + 1)
        return text[first + 1 : end if end >= 0 else len(text)].split(b"\n")

    def _block(self, number: int) -> bytes:
        key = (id(self), number)
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        directory = self._directory
        start = directory.starts[number]
        try:
            packed = os.pread(self._file, directory.starts[number + 1] - start, start)
            text = bytes(pa.Codec("zstd").decompress(packed, directory.sizes[number], asbytes=True))
        except (OSError, pa.ArrowInvalid) as error:
            raise ReleaseError(f"{self._path}: not readable ({error}); build the release again") from error
        self._cache.put(key, text)
        return text

    def __del__(self) -> None:
        if "_file" in self.__dict__:
            os.close(self._file)


def _starts(prefix: Key, table: Table) -> bytes:
    """How the line of a row begins whose key starts with `prefix`."""
    told = orjson.dumps(dict(zip(table.key, prefix, strict=False)))
    if b"\\u00" in told:
        told = _ESCAPE.sub(lambda match: match.group()[:2] + match.group()[2:].upper(), told)
    # What comes after it says that the last value ends here.
    return told[:-1] + (b"}" if len(prefix) == len(table.columns) else b",")


def _parsed(line: bytes, columns: Sequence[str] | None) -> Row:
    row: Row = orjson.loads(line)
    return row if columns is None else {name: row[name] for name in columns}


def _tuple(key: Key | str) -> Key:
    return (key,) if isinstance(key, str) else tuple(key)
