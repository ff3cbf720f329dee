"""The hash of a table's rows, whichever engine wrote the files.

Canonical form: rows in key order; column by column, each nested column taken apart into its leaves. A leaf adds
to its own running hash the presence of each value (a byte), the lengths of lists and texts (8 bytes, little
endian) and the values themselves. File bytes, row groups, batches, list field names and times have no part in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evigraph.model.table import Table

#: Raised when the form changes, so that hashes of different forms are never compared.
FORM = "evigraph-canonical-1"


class CanonicalHash:
    """A running hash over the rows of one table, given in key order in batches of any size."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._leaves: dict[str, hashlib._Hash] = {}
        self.rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""
        self.rows += batch.num_rows
        for column in self._table.columns:
            self._add(column.name, batch.column(column.name))

    def _leaf(self, path: str) -> hashlib._Hash:
        return self._leaves.setdefault(path, hashlib.sha256())

    def _add(self, path: str, values: pa.Array) -> None:
        self._leaf(f"{path}?").update(pc.is_valid(values).cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
        type_ = values.type
        if pa.types.is_list(type_) or pa.types.is_large_list(type_):
            lengths = pc.fill_null(pc.list_value_length(values), 0).cast(pa.int64())
            self._leaf(f"{path}#").update(lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
            # list_flatten leaves out what lies behind null lists and outside a slice.
            self._add(f"{path}[]", pc.list_flatten(values))
        elif pa.types.is_struct(type_):
            for index, field in enumerate(type_):
                # struct_field carries a missing struct on to its fields.
                self._add(f"{path}.{field.name}", pc.struct_field(values, [index]))
        else:
            self._add_plain(path, pc.drop_null(values))

    def _add_plain(self, path: str, values: pa.Array) -> None:
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            lengths = pc.binary_length(values).cast(pa.int64())
            self._leaf(f"{path}#").update(lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
            self._leaf(path).update(_text_bytes(values.cast(pa.large_string())))
        elif pa.types.is_boolean(values.type):
            self._leaf(path).update(values.cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
        elif pa.types.is_floating(values.type):
            # -0.0 and 0.0 are one value.
            numbers = values.to_numpy(zero_copy_only=False).astype("<f8") + 0.0
            self._leaf(path).update(numbers.tobytes())
        else:
            self._leaf(path).update(values.to_numpy(zero_copy_only=False).astype("<i8").tobytes())

    def hexdigest(self) -> str:
        """The hash of all rows so far, as 64 hexadecimal digits."""
        whole = hashlib.sha256(f"{FORM}\n{self._table.name}\n{self.rows}\n".encode())
        for path in sorted(self._leaves):
            whole.update(f"{path} {self._leaves[path].hexdigest()}\n".encode())
        return whole.hexdigest()


def _text_bytes(values: pa.Array) -> bytes:
    offsets_buffer, data = values.buffers()[1:3]
    if data is None or not len(values):
        return b""
    offsets = np.frombuffer(offsets_buffer, dtype=np.int64)
    start, end = offsets[values.offset], offsets[values.offset + len(values)]
    return memoryview(data)[start:end].tobytes()


def hash_table(table: Table, files: Iterable[Path]) -> tuple[str, int]:
    """The canonical hash and the row count of a table stored in key order in `files`."""
    running = CanonicalHash(table)
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=16_384):
                running.update(batch.select(list(table.names)).cast(table.schema))
    return running.hexdigest(), running.rows


def hash_release(tables: dict[str, str]) -> str:
    """The release's hash: over the names and hashes of its tables."""
    lines = "".join(f"{name} {tables[name]}\n" for name in sorted(tables))
    return hashlib.sha256(f"{FORM}\n{lines}".encode()).hexdigest()
