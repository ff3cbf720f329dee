"""How the rows of a release are kept for look-ups: JSON lines in small compressed blocks, in key order.

A file holds the rows of one table. Each row is a line that begins with its key columns, so that the rows of a key are
found in a block by comparing bytes. At the end stand, for every block, where it lies, its rows, and its first key.
Reading one row costs one block: some 32 KB decompressed and one line parsed, whatever the size of the table.

Layout: blocks (zstd), directory (zstd over JSON), its two lengths and a mark.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from evigraph.engine.json_rows import json_rows
from evigraph.errors import ReleaseError
from evigraph.model.entities import COMMUNITY, DATA_SOURCE, ORGANIZATION, PRODUCT_ENTITY, PROJECT
from evigraph.model.table import Table
from evigraph.model.tables import (
    ALIAS,
    CITATION,
    CITED_REFERENCE,
    ENTITY_INDICATOR,
    ENTITY_PRODUCT,
    EVIDENCE,
    INDICATOR,
    INDICATOR_GROUP,
    INDICATOR_VIEW,
    OPEN_PAIR,
    PRODUCT,
    RECORD,
    RECORD_RELATION,
    RELATION,
)

#: The tables of a release that are looked up by key.
LOOKED_UP: tuple[Table, ...] = (
    *(PRODUCT, INDICATOR, RELATION, CITED_REFERENCE, RECORD, ALIAS, EVIDENCE, OPEN_PAIR, RECORD_RELATION),
    *(CITATION, INDICATOR_VIEW, INDICATOR_GROUP, ENTITY_INDICATOR, ENTITY_PRODUCT),
    *(PRODUCT_ENTITY, ORGANIZATION, PROJECT, DATA_SOURCE, COMMUNITY),
)

#: A value of each key column, or of the first few of them.
Key = tuple[Any, ...]

#: Bytes of lines that a block holds at least, the last aside.
BLOCK_BYTES = 32_768

_MARK = b"evgrows1"
_TAIL = struct.Struct("<QQ8s")
_LEVEL = 3


@dataclass(frozen=True)
class Directory:
    """The blocks of a file: where each begins in it (and the last ends), bytes of its text, rows, first key."""

    starts: list[int]
    sizes: list[int]
    rows: list[int]
    first_keys: list[Key]


def rows_file(index: Path, table: Table) -> Path:
    """Where the rows of a table lie in the folder of an index."""
    return index / "rows" / f"{table.name}.rows"


def write_rows(table: Table, folder: Path, path: Path) -> int:
    """Writes the rows of the table in `folder` to the file `path`. Returns their number.

    The text of a block is its lines, each with the line break before it.
    """
    codec = pa.Codec("zstd", compression_level=_LEVEL)
    starts, sizes, rows, keys = [0], [], [], []
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for text, n_rows, key in _blocks(table, folder):
            block = codec.compress(text, asbytes=True)
            file.write(block)
            starts.append(starts[-1] + len(block))
            sizes.append(len(text))
            rows.append(n_rows)
            keys.append(key)
        directory = orjson.dumps([starts, sizes, rows, keys])
        packed = codec.compress(directory, asbytes=True)
        file.write(packed)
        file.write(_TAIL.pack(len(packed), len(directory), _MARK))
        file.flush()
        os.fsync(file.fileno())
    return sum(rows)


def _blocks(table: Table, folder: Path) -> Iterator[tuple[bytes, int, Key]]:
    """Text, rows and first key of each block; a block ends with the batch that its last row came in."""
    for batch in json_rows(table, folder):
        lines = batch.column("row")
        keys = [batch.column(name) for name in table.key]
        ends = np.cumsum(np.asarray(pa.compute.binary_length(lines)) + 1)
        first, begun = 0, 0
        while first < len(lines):
            end = min(int(np.searchsorted(ends, begun + BLOCK_BYTES)) + 1, len(lines))
            text = "\n" + "\n".join(lines.slice(first, end - first).to_pylist())
            yield text.encode(), end - first, tuple(column[first].as_py() for column in keys)
            first, begun = end, int(ends[end - 1])


def read_directory(path: Path) -> Directory:
    """The directory of a file of rows.

    Raises:
        ReleaseError: the file is missing or is none of rows.
    """
    try:
        with path.open("rb") as file:
            end = file.seek(-_TAIL.size, os.SEEK_END)
            n_packed, n_plain, mark = _TAIL.unpack(file.read(_TAIL.size))
            if mark != _MARK:
                raise ValueError("it is no file of rows")
            file.seek(end - n_packed)
            plain = pa.Codec("zstd").decompress(file.read(n_packed), n_plain, asbytes=True)
        starts, sizes, rows, keys = orjson.loads(plain)
    except (OSError, ValueError, struct.error, pa.ArrowInvalid) as error:
        raise ReleaseError(f"{path}: not readable ({error}); build the release again") from error
    return Directory(starts, sizes, rows, [tuple(key) for key in keys])
