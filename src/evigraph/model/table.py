"""The contract of a table: its columns, key and meanings.

Everything that leaves a step is a table with such a contract. Validation, the canonical hash, the sort
order on disk and the data dictionary in the documentation are all derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from evigraph.errors import ContractError


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, and what it means in a sentence."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """A table's contract: name, meaning, columns in order, and the columns whose values identify a row.

    Rows are written in ascending order of `key`, which is unique and never null.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ContractError(f"table {self.name} declares a column twice")
        for name in self.key:
            if name not in names:
                raise ContractError(f"table {self.name} has no column {name} for its key")

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, key columns non-nullable."""
        return pa.schema(
            [
                pa.field(column.name, column.type, nullable=column.nullable and column.name not in self.key)
                for column in self.columns
            ]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def conform(self, data: pa.Table) -> pa.Table:
        """`data` with exactly this table's columns, order and types.

        Raises:
            ContractError: a column is missing, cannot be cast, or a column that may not be null holds nulls.
        """
        missing = [name for name in self.names if name not in data.column_names]
        if missing:
            raise ContractError(f"table {self.name}: the step left out {', '.join(missing)}")
        try:
            cast = data.select(list(self.names)).cast(self.schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
            raise ContractError(f"table {self.name}: {error}") from error
        for field in self.schema:
            if not field.nullable and cast.column(field.name).null_count:
                raise ContractError(f"table {self.name}: column {field.name} may not be null")
        return cast

    def from_rows(self, rows: list[dict[str, object]]) -> pa.Table:
        """An Arrow table of these rows; columns a row leaves out are null.

        Raises:
            ContractError: a value does not fit its column.
        """
        try:
            return pa.Table.from_pylist(rows, schema=self.schema)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
            raise ContractError(f"table {self.name}: {error}") from error

    def empty(self) -> pa.Table:
        """A table with no rows."""
        return self.schema.empty_table()
