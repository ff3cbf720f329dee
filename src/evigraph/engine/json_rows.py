"""The rows of a table as JSON text, made by DuckDB on all cores: what a store of rows is written from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from evigraph.engine.layout import parquet_files
from evigraph.model.table import Table

#: Rows of one batch.
_BATCH_ROWS = 16_384


def json_rows(table: Table, folder: Path) -> Iterator[pa.RecordBatch]:
    """The table's rows in key order: its key columns, and last `row`, the whole row as a JSON object.

    Key columns come first in the object, the others follow in the order of the contract; nulls are written. Doubles
    are written with as many digits as read back the same number.
    """
    files = parquet_files(folder)
    if not files:
        return
    key = list(table.key)
    others = [name for name in table.names if name not in key]
    members = ", ".join(f'"{name}" := "{name}"' for name in [*key, *others])
    columns = ", ".join(f'"{name}"' for name in key)
    connection = duckdb.connect()
    try:
        connection.execute("SET enable_progress_bar = false")
        query = f"SELECT {columns}, CAST(to_json(struct_pack({members})) AS VARCHAR) AS row FROM read_parquet(?)"
        yield from connection.sql(query, params=[[str(path) for path in files]]).to_arrow_reader(_BATCH_ROWS)
    finally:
        connection.close()
