"""Worker processes on one machine for row functions."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.engine.api import BatchFunction, FileFunction
from evigraph.engine.layout import COMPRESSION
from evigraph.model.table import Table

#: Where each named table's batches of one file go.
FileOutputs = Mapping[str, tuple[Table, Callable[[str], Path]]]


#: Columns of which a file has one value. Of the others most values differ: a dictionary of them takes longer and more
#: room than compression alone.
_REPEATED = ("source", "payload")

_PRELOADED = ("evigraph.engine.arrow_alone", "pyarrow.parquet", "lxml.etree", "orjson")


class Workers:
    """A pool of processes, started when first needed. Results do not depend on how many there are."""

    def __init__(self, processes: int) -> None:
        self.processes = max(1, processes)
        self._pool: ProcessPoolExecutor | None = None

    def _executor(self, function: Callable[..., object]) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not fork: the parent holds threads (DuckDB, Arrow) whose locks a forked child would inherit.
            context = multiprocessing.get_context("forkserver")
            # What is loaded before the fork is loaded once.
            module = getattr(function, "__module__", None)
            context.set_forkserver_preload([*_PRELOADED, *([module] if module and module != "__main__" else [])])
            self._pool = ProcessPoolExecutor(self.processes, mp_context=context, initializer=_prepare)
        return self._pool

    def map_batches(
        self, batches: Iterable[pa.RecordBatch], function: BatchFunction, schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        """What `function` gives for each batch, in order, with a bounded number of batches in flight."""
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for batch in batches:
            waiting.append(self._executor(function).submit(apply, function, batch, schema))
            if len(waiting) > 2 * self.processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def map_files(
        self, files: Iterable[str], function: FileFunction, outputs: FileOutputs
    ) -> Iterator[tuple[str, dict[str, int]]]:
        """Each file with the number of rows written for each table, in the order of `files`."""
        futures = [
            (
                file,
                self._executor(function).submit(
                    write_file_outputs,
                    file,
                    function,
                    {name: (table, str(place(file))) for name, (table, place) in outputs.items()},
                ),
            )
            for file in files
        ]
        for file, future in futures:
            yield file, future.result()

    def close(self) -> None:
        """Ends the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _prepare() -> None:
    # The pool is the parallelism; Arrow's own threads in each worker would only compete.
    pa.set_cpu_count(1)
    # Row functions hold thousands of rows without a cycle among them; by default the collector walks through
    # them every few hundred objects, a quarter of the time of a crosswalk.
    gc.set_threshold(100_000, 20, 100)


def apply(function: BatchFunction, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """`function(batch)` in exactly the columns and types of `schema`."""
    result = function(batch)
    return result.select(schema.names).cast(schema)


def write_file_outputs(file: str, function: FileFunction, places: Mapping[str, tuple[Table, str]]) -> dict[str, int]:
    """The rows written for each table when `function` is run over `file`.

    A table without rows gets no file, except the first of `places`: that one always appears, and last, so that a
    finished file can be told from an unfinished one. Each appears under its name only when the whole payload has
    been read.
    """
    counts = dict.fromkeys(places, 0)
    first = next(iter(places))
    with ExitStack() as opened:
        writers: dict[str, pq.ParquetWriter] = {}

        def writer(name: str) -> pq.ParquetWriter:
            if name not in writers:
                table, place = places[name]
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                repeated = [name for name in _REPEATED if name in table.names]
                written = pq.ParquetWriter(
                    f"{place}.partial", table.schema, compression=COMPRESSION, use_dictionary=repeated
                )
                writers[name] = opened.enter_context(written)
            return writers[name]

        writer(first)
        for name, batch in function(file):
            writer(name).write_batch(batch.cast(places[name][0].schema))
            counts[name] += batch.num_rows
    for name in sorted(writers, key=lambda name: name == first):
        place = places[name][1]
        Path(f"{place}.partial").rename(place)
    return counts
