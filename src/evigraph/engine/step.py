"""Steps: what each reads, what it writes, and the pure function between. The pipeline executes them.

Four kinds, after where the computation runs: files to rows, rows to rows, sets, graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.engine.api import BatchFunction
from evigraph.model.table import Table


@dataclass(frozen=True)
class SetStep:
    """One set expression: `expression(*tables)` in the order of `reads` gives the rows of `writes`.

    Where none of the tables in `needs` has a row, neither has the answer, and nothing is computed.
    """

    name: str
    reads: tuple[Table, ...]
    writes: Table
    expression: Callable[..., ir.Table]
    needs: tuple[Table, ...] = ()


@dataclass(frozen=True)
class RowStep:
    """A pure function over batches: `function(batch)` over the rows of `rows(*tables)`.

    With `by`, rows that share that column's value arrive in one batch.
    """

    name: str
    reads: tuple[Table, ...]
    writes: Table
    rows: Callable[..., ir.Table]
    function: BatchFunction
    by: str | None = None


@dataclass(frozen=True)
class GraphStep:
    """A graph algorithm in the memory of one machine.

    `inputs(*tables)` gives the expressions whose rows are loaded; `compute(parameters, *rows)` gives one Arrow
    table for each of `writes` in their order, and facts for the manifest. `parameters` are the run's, as plain
    values, restricted to the names in `uses`.
    """

    name: str
    reads: tuple[Table, ...]
    writes: tuple[Table, ...]
    inputs: Callable[..., tuple[ir.Table, ...]]
    compute: Callable[..., tuple[tuple[pa.Table, ...], Mapping[str, Any]]]
    uses: tuple[str, ...] = ()


Step = SetStep | RowStep | GraphStep
