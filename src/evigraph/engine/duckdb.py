"""The DuckDB engine: one machine, all cores, spilling to disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.engine.api import BatchFunction, FileFunction
from evigraph.engine.contract import conforming, empty
from evigraph.engine.layout import COMPRESSION, check_keys, fresh_folder, parquet_files, put_in_place, row_group_size
from evigraph.engine.regroup import BATCH_ROWS, whole_groups
from evigraph.engine.workers import FileOutputs, Workers
from evigraph.model.table import Table


class DuckDBEngine:
    """Runs set expressions in DuckDB and row functions in a pool of processes.

    Args:
        memory: what DuckDB may hold before it spills, for example `2GB`; None: DuckDB's default.
        threads: cores to use; None: all that this process may use.
        scratch: folder for spilled data; None: a temporary one.
    """

    name = "duckdb"

    def __init__(self, memory: str | None = None, threads: int | None = None, scratch: Path | None = None) -> None:
        cores = threads or len(os.sched_getaffinity(0))
        self._scratch = Path(tempfile.mkdtemp(prefix="evigraph-", dir=scratch))
        settings: dict[str, Any] = {"threads": cores, "temp_directory": str(self._scratch)}
        if memory:
            settings["memory_limit"] = memory
        self._connection = ibis.duckdb.connect(**settings)
        # Every write states its order, so DuckDB need not keep the order of the input, which costs memory.
        self._connection.raw_sql("SET preserve_insertion_order = false")
        # A bar drawn by the database would run into the lines of the command.
        self._connection.raw_sql("SET enable_progress_bar = false")
        self._workers = Workers(cores)

    def read(self, table: Table, folder: Path) -> ir.Table:
        """The table stored in `folder`, lazily; without rows where there are no files."""
        files = parquet_files(folder)
        if not files:
            return empty(table)
        return self._connection.read_parquet([str(path) for path in files]).select(*table.names)

    def write(self, table: Table, expression: ir.Table, folder: Path) -> int:
        """Runs the expression and writes it in key order. Returns the row count."""
        temporary = fresh_folder(folder)
        rows = self._copy(table, expression, temporary)
        put_in_place(temporary, folder)
        return rows

    def _copy(self, table: Table, expression: ir.Table, folder: Path) -> int:
        ordered = conforming(table, expression).order_by(list(table.key))
        self._connection.to_parquet(
            ordered,
            folder / "part-00000.parquet",
            compression=COMPRESSION,
            row_group_size=row_group_size(table),
            preserve_order=True,
        )
        return check_keys(table, folder)

    def map_batches(
        self, expression: ir.Table, function: BatchFunction, table: Table, folder: Path, by: str | None = None
    ) -> int:
        """Runs `function` over the rows in worker processes and writes the result in key order."""
        temporary = fresh_folder(folder)
        loose = self._scratch / f"{folder.parent.name}-{folder.name}.parquet"
        batches: Iterable[pa.RecordBatch]
        if by is None:
            batches = self._stream(expression, BATCH_ROWS)
        else:
            batches = whole_groups(self._stream(expression.order_by(by), BATCH_ROWS), by)
        with pq.ParquetWriter(loose, table.schema, compression="lz4") as writer:
            for batch in self._workers.map_batches(batches, function, table.schema):
                writer.write_batch(batch)
        rows = self._copy(table, self._connection.read_parquet(str(loose)), temporary)
        loose.unlink()
        put_in_place(temporary, folder)
        return rows

    def map_files(
        self, files: Sequence[str], function: FileFunction, outputs: FileOutputs
    ) -> Iterator[tuple[str, dict[str, int]]]:
        """Runs `function` over each file in worker processes; one Parquet file a payload file and table."""
        return self._workers.map_files(files, function, outputs)

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The expression's rows in memory."""
        return self._connection.to_pyarrow(expression)

    def batches(self, expression: ir.Table) -> Iterable[pa.RecordBatch]:
        """The expression's rows, batch by batch."""
        return self._stream(expression, 65_536)

    def _stream(self, expression: ir.Table, rows: int) -> Iterator[pa.RecordBatch]:
        # Not Ibis' to_pyarrow_batches: version 12 calls a method that DuckDB 2.0 no longer has.
        self._connection._run_pre_execute_hooks(expression)
        relation = self._connection.con.sql(self._connection.compile(expression))
        yield from relation.to_arrow_reader(rows)

    def scalar(self, expression: ir.Scalar) -> Any:
        """The value of a scalar expression."""
        return self._connection.to_pyarrow(expression).as_py()

    def close(self) -> None:
        """Ends worker processes, closes the database, removes spilled data."""
        self._workers.close()
        self._connection.disconnect()
        shutil.rmtree(self._scratch, ignore_errors=True)
