"""The Spark engine: the same steps when the folder outgrows one machine (extra `evigraph[spark]`)."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from evigraph.engine.api import BatchFunction, FileFunction
from evigraph.engine.contract import conforming, empty
from evigraph.engine.layout import COMPRESSION, check_keys, fresh_folder, parquet_files, put_in_place, row_group_size
from evigraph.engine.regroup import whole_groups
from evigraph.engine.workers import FileOutputs, apply, write_file_outputs
from evigraph.errors import SettingsError
from evigraph.model.table import Table


class SparkEngine:
    """Runs set expressions and row functions on Spark; the folders must be visible to every executor.

    Args:
        master: Spark master; `local[*]` runs inside this process.
        memory: memory of the driver, for example `4g`.
        partitions: partitions of a shuffle.
    """

    name = "spark"

    def __init__(self, master: str = "local[*]", memory: str | None = None, partitions: int = 8) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise SettingsError(
                "the Spark engine is not installed: install evigraph[spark], or use --engine duckdb"
            ) from error
        if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
            raise SettingsError("the Spark engine needs a Java runtime (17 or newer), or use --engine duckdb")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = (
            SparkSession.builder.master(master)
            .appName("evigraph")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", str(partitions))
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "4096")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.log.level", "ERROR")
        )
        if memory:
            builder = builder.config("spark.driver.memory", memory)
        on_interrupt = signal.getsignal(signal.SIGINT)
        self._session = builder.getOrCreate()
        if threading.current_thread() is threading.main_thread():
            # PySpark's own handler stays when the session has ended, and then fails at every Ctrl-C of this process.
            signal.signal(signal.SIGINT, on_interrupt)
        self._connection = ibis.pyspark.connect(self._session)
        self._n_views = 0

    def read(self, table: Table, folder: Path) -> ir.Table:
        """The table stored in `folder`, lazily; without rows where there are no files."""
        files = parquet_files(folder)
        if not files:
            return empty(table)
        self._n_views += 1
        view = f"{table.name}_{self._n_views}"
        self._session.read.parquet(*map(str, files)).createOrReplaceTempView(view)
        return self._connection.table(view).select(*table.names)

    def write(self, table: Table, expression: ir.Table, folder: Path) -> int:
        """Runs the expression and writes it in key order. Returns the row count."""
        from pyspark.sql.pandas.types import from_arrow_schema

        frame = self._frame(conforming(table, expression))
        # Ibis leaves out a cast where it believes in the type already; Spark counts rows in 32 bits all the same.
        columns = [frame[field.name].cast(field.dataType) for field in from_arrow_schema(table.schema).fields]
        return self._save(table, frame.select(columns), folder)

    def _frame(self, expression: ir.Table) -> Any:
        # Ibis offers no public way from an expression to a lazy Spark data frame.
        self._connection._run_pre_execute_hooks(expression)
        return self._session.sql(self._connection.compile(expression))

    def _save(self, table: Table, frame: Any, folder: Path) -> int:
        temporary = fresh_folder(folder)
        written = temporary / "spark"
        (
            frame.orderBy(*table.key)
            .write.option("compression", COMPRESSION)
            .option("parquet.block.row.count.limit", row_group_size(table))
            .parquet(str(written))
        )
        # Spark numbers its files in the order of the sort; ours have no hidden companions.
        for number, path in enumerate(sorted(written.glob("part-*.parquet"))):
            path.rename(temporary / f"part-{number:05d}.parquet")
        shutil.rmtree(written)
        rows = check_keys(table, temporary)
        put_in_place(temporary, folder)
        return rows

    def map_batches(
        self, expression: ir.Table, function: BatchFunction, table: Table, folder: Path, by: str | None = None
    ) -> int:
        """Runs `function` over the rows in Spark's Python workers and writes the result in key order."""
        from pyspark.sql.pandas.types import from_arrow_schema

        frame = self._frame(expression)
        if by is not None:
            frame = frame.repartition(by).sortWithinPartitions(by)
        schema = table.schema

        def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in whole_groups(batches, by) if by is not None else batches:
                yield apply(function, batch, schema)

        return self._save(table, frame.mapInArrow(rows, from_arrow_schema(schema)), folder)

    def map_files(
        self, files: Sequence[str], function: FileFunction, outputs: FileOutputs
    ) -> Iterator[tuple[str, dict[str, int]]]:
        """Runs `function` over each file in Spark tasks; one Parquet file a payload file and table."""
        if not files:
            return
        jobs = [(file, {name: (table, str(place(file))) for name, (table, place) in outputs.items()}) for file in files]

        def run(job: tuple[str, dict[str, tuple[Table, str]]]) -> tuple[str, dict[str, int]]:
            file, places = job
            return file, write_file_outputs(file, function, places)

        yield from self._session.sparkContext.parallelize(jobs, len(jobs)).map(run).collect()

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The expression's rows in memory."""
        return self._frame(expression).toArrow()

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """The expression's rows, batch by batch."""
        yield from self.arrow(expression).to_batches(65_536)

    def scalar(self, expression: ir.Scalar) -> Any:
        """The value of a scalar expression."""
        return self._frame(expression.as_table()).collect()[0][0]

    def close(self) -> None:
        """Stops the session."""
        self._session.stop()
