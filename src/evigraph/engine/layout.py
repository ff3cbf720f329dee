"""How tables lie on disk: Parquet files in key order, written whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evigraph.errors import ContractError
from evigraph.model.table import Table

COMPRESSION = "zstd"

#: Rows a row group for tables with nested columns, whose rows are long, and for the others.
WIDE_ROW_GROUP = 2_048
SCANNED_ROW_GROUP = 122_880


def row_group_size(table: Table) -> int:
    """Rows in a Parquet row group of `table`: few where rows are wide."""
    nested = any(pa.types.is_nested(column.type) for column in table.columns)
    return WIDE_ROW_GROUP if nested and len(table.columns) > 8 else SCANNED_ROW_GROUP


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files of a table's folder in name order, which is key order."""
    return sorted(folder.glob("*.parquet"))


def has_rows(folder: Path) -> bool:
    """Whether a table's folder holds any row; reads the files' footers alone."""
    return any(pq.read_metadata(path).num_rows for path in parquet_files(folder))


def fresh_folder(folder: Path) -> Path:
    """An empty folder beside `folder`, to be written and then given to `put_in_place`."""
    temporary = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    return temporary


def put_in_place(temporary: Path, folder: Path) -> None:
    """Replaces `folder` by the finished `temporary`."""
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def write_rows(table: Table, rows: pa.Table, folder: Path) -> int:
    """Writes rows that are in memory as a table's folder, in key order. Returns their number.

    Raises:
        ContractError: the rows do not fit the contract.
    """
    temporary = fresh_folder(folder)
    ordered = table.conform(rows).sort_by([(name, "ascending") for name in table.key])
    pq.write_table(
        ordered, temporary / "part-00000.parquet", compression=COMPRESSION, row_group_size=row_group_size(table)
    )
    n_rows = check_keys(table, temporary)
    put_in_place(temporary, folder)
    return n_rows


def check_keys(table: Table, folder: Path) -> int:
    """The number of rows in `folder`, whose columns have the contract's types and whose keys ascend strictly.

    Streams the key columns only, so its memory does not grow with the table.

    Raises:
        ContractError: a column is of another type; a key is null, out of order, or there twice.
    """
    for path in parquet_files(folder):
        _check_types(table, pq.read_schema(path))
    rows = 0
    last: pa.RecordBatch | None = None
    for batch in _key_batches(table, folder):
        if any(column.null_count for column in batch.columns):
            raise ContractError(f"table {table.name}: a key column ({', '.join(table.key)}) is null")
        rows += batch.num_rows
        joined = batch if last is None else pa.Table.from_batches([last, batch]).combine_chunks().to_batches()[0]
        _check_ascending(table, joined)
        last = batch.slice(batch.num_rows - 1)
    return rows


def _check_types(table: Table, written: pa.Schema) -> None:
    # An engine may widen what a step computed, as DuckDB does with sums of integers, and write that without a word.
    for column in table.columns:
        if not _is_alike(found := written.field(column.name).type, column.type):
            raise ContractError(f"table {table.name}: column {column.name} was written as {found}, not {column.type}")


def _is_alike(written: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether two types hold the same values; what may be null inside lists is stated differently by each engine."""
    if pa.types.is_list(written) and pa.types.is_list(wanted):
        return _is_alike(written.value_type, wanted.value_type)
    if pa.types.is_struct(written) and pa.types.is_struct(wanted):
        return [field.name for field in written] == [field.name for field in wanted] and all(
            _is_alike(left.type, right.type) for left, right in zip(written, wanted, strict=True)
        )
    return bool(written == wanted)


def _key_batches(table: Table, folder: Path) -> Iterator[pa.RecordBatch]:
    for path in parquet_files(folder):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=262_144, columns=list(table.key)):
                if batch.num_rows:
                    # iter_batches gives columns in file order; the key has an order of its own.
                    yield batch.select(list(table.key))


def _check_ascending(table: Table, keys: pa.RecordBatch) -> None:
    if keys.num_rows < 2:
        return
    ascending: pa.Array | None = None
    for column in reversed(keys.columns):
        left, right = column.slice(0, len(column) - 1), column.slice(1)
        below = pc.less(left, right)
        ascending = below if ascending is None else pc.or_(below, pc.and_(pc.equal(left, right), ascending))
    if ascending is not None and not pc.all(ascending).as_py():
        first = pc.index(ascending, pa.scalar(False)).as_py()
        row = keys.slice(first + 1, 1).to_pylist()[0]
        raise ContractError(f"table {table.name}: key {row} is there twice or out of order")
