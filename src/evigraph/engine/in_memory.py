"""Steps run over tables in memory, for a few thousand rows that need neither files nor a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from evigraph.engine.contract import ibis_type
from evigraph.engine.step import GraphStep, RowStep, SetStep, Step
from evigraph.model.table import Table

#: Rows that a row step gets at a time.
_BATCH_ROWS = 32_768


def expression_of(table: Table, rows: pa.Table) -> ir.Table:
    """The rows as an expression, with the types of the contract and nulls allowed, as an engine reads them."""
    return ibis.memtable(rows, schema=ibis.schema({column.name: ibis_type(column.type) for column in table.columns}))


def run_in_memory(
    steps: Sequence[Step], tables: Mapping[str, pa.Table], parameters: Mapping[str, Any]
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """All tables by name, those given and those that the steps wrote; and the facts that the steps state.

    The answers are those of `evigraph.engine.execute` on the same rows: the steps are the same, only that nothing is
    written down between them. Rows come in no particular order. A step that groups its rows (`by`) is not for here.
    """
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar = false")
    made = dict(tables)
    facts: dict[str, Any] = {}
    try:
        for step in steps:
            reads = [expression_of(table, made[table.name]) for table in step.reads]
            match step:
                case SetStep():
                    answers = {step.writes: connection.to_pyarrow(step.expression(*reads))}
                case RowStep():
                    rows = connection.to_pyarrow(step.rows(*reads)).combine_chunks()
                    batches = [step.function(batch) for batch in rows.to_batches(max_chunksize=_BATCH_ROWS)]
                    answers = {step.writes: pa.Table.from_batches(batches, schema=step.writes.schema)}
                case GraphStep():
                    used = {name: parameters.get(name) for name in step.uses}
                    results, said = step.compute(used, *(connection.to_pyarrow(each) for each in step.inputs(*reads)))
                    answers = dict(zip(step.writes, results, strict=True))
                    facts.update(said)
            made.update({table.name: table.conform(rows) for table, rows in answers.items()})
    finally:
        connection.disconnect()
    return made, facts
