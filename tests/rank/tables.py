"""Small tables for tests of steps: rows in, rows out."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from evigraph.engine.contract import ibis_type
from evigraph.model.table import Table


def given(table: Table, *rows: dict[str, Any]) -> Any:
    """The rows as an expression; columns left out are null."""
    schema = ibis.schema({column.name: ibis_type(column.type) for column in table.columns})
    return ibis.memtable(table.from_rows(list(rows)), schema=schema)


def rows_of(table: Table, expression: Any) -> list[dict[str, Any]]:
    """The rows of an expression that fits the table's contract, in key order."""
    found: pa.Table = table.conform(expression.to_pyarrow())
    return found.sort_by([(name, "ascending") for name in table.key]).to_pylist()


def indicator(product_id: str, citation_count: int = 0, **values: Any) -> dict[str, Any]:
    """A row of indicators; what is left out is the least."""
    usual: dict[str, Any] = {
        "impulse": 0,
        "influence": 0.1,
        "popularity": 0.1,
        "ram": 0.0,
        **dict.fromkeys(
            ("citation_count_class", "impulse_class", "influence_class", "popularity_class", "ram_class"), "C5"
        ),
    }
    return {"product_id": product_id, "citation_count": citation_count, **usual, **values}
