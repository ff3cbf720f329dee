"""The engine: where set expressions and row functions run.

A step never executes anything. It hands the engine an Ibis expression (sets) or a pure function over Arrow
batches (rows); the engine runs it and writes the result as Parquet in the order of the table's key. The write
is the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from evigraph.model.table import Table

if TYPE_CHECKING:
    # Row functions need these types only in words; loading Ibis takes longer than all that they need.
    import ibis.expr.types as ir

#: Rows in, rows out. Must be a module-level function or a picklable object: it may run in another process.
BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]

#: One payload file in, batches of named tables out. Picklable, as above.
FileFunction = Callable[[str], Iterator[tuple[str, pa.RecordBatch]]]


class Engine(Protocol):
    """Few verbs, two implementations: DuckDB on one machine, Spark beyond it."""

    name: str

    def read(self, table: Table, folder: Path) -> ir.Table:
        """The table stored in `folder` as a lazy expression; an empty table where the folder has no files."""
        ...

    def write(self, table: Table, expression: ir.Table, folder: Path) -> int:
        """Runs the expression, checks it against the contract, writes it sorted by key. Returns the row count.

        Raises:
            ContractError: columns or types differ from the contract, or a key is null or not unique.
        """
        ...

    def map_batches(
        self, expression: ir.Table, function: BatchFunction, table: Table, folder: Path, by: str | None = None
    ) -> int:
        """Runs `function` over the expression's rows and writes what it returns, sorted by key.

        With `by`, all rows that share the value of that column arrive in one batch, ordered by that column;
        inside a group the order is not defined: the function sorts.
        """
        ...

    def map_files(
        self, files: Sequence[str], function: FileFunction, outputs: Mapping[str, tuple[Table, Callable[[str], Path]]]
    ) -> Iterator[tuple[str, dict[str, int]]]:
        """Runs `function` over each file and writes each named table's batches to a file of its own.

        `outputs` maps a table's name to its contract and to the function that names the Parquet file for a
        payload file. Yields each finished file with its row counts, in the order in which they finish.
        """
        ...

    def arrow(self, expression: ir.Table) -> pa.Table:
        """The expression's rows in memory. For graph algorithms and small results only."""
        ...

    def batches(self, expression: ir.Table) -> Iterable[pa.RecordBatch]:
        """The expression's rows, batch by batch."""
        ...

    def scalar(self, expression: ir.Scalar) -> Any:
        """The value of a scalar expression."""
        ...

    def close(self) -> None:
        """Releases sessions and worker processes."""
        ...
