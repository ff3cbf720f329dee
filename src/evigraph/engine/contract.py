"""Expressions held to a table's contract before they run."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from evigraph.errors import ContractError
from evigraph.model.table import Table


def conforming(table: Table, expression: ir.Table) -> ir.Table:
    """The expression with exactly the contract's columns, order and types.

    Raises:
        ContractError: a column is missing, or its type cannot stand for the contract's.
    """
    missing = [name for name in table.names if name not in expression.columns]
    if missing:
        raise ContractError(f"table {table.name}: the step left out {', '.join(missing)}")
    columns = []
    for column in table.columns:
        stated = expression[column.name]
        wanted = ibis_type(column.type)
        if stated.type().copy(nullable=True) != wanted:
            if not stated.type().castable(wanted):
                raise ContractError(f"table {table.name}: column {column.name} is {stated.type()}, not {wanted}")
            stated = stated.cast(wanted).name(column.name)
        columns.append(stated)
    return expression.select(*columns)


def ibis_type(type_: pa.DataType) -> dt.DataType:
    """The Ibis data type of an Arrow type."""
    return dt.DataType.from_pyarrow(type_)


def empty(table: Table) -> ir.Table:
    """A table expression without rows."""
    return ibis.memtable(table.empty(), schema=ibis.schema({c.name: ibis_type(c.type) for c in table.columns}))
