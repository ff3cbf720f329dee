"""Records to deduplicate, and all steps of the stage run in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from evigraph.deduplicate.steps import STEPS
from evigraph.engine.contract import ibis_type
from evigraph.engine.step import GraphStep, RowStep, SetStep
from evigraph.model.entities import ORGANIZATION, RECORD_MARK
from evigraph.model.table import Table
from evigraph.model.tables import DECISION, LINK, RECORD

Row = dict[str, Any]


@pytest.fixture(scope="session")
def backend() -> Any:
    return ibis.duckdb.connect(threads=1)


@pytest.fixture
def record() -> Callable[..., Row]:
    """Makes a row of `record`: a source, a key, and what differs from a plain synthetic article."""

    def make(source: str, key: str, /, **stated: Any) -> Row:
        authors = [
            dict(zip(("given_name", "family_name"), name.split(" ", 1), strict=True))
            for name in stated.pop("names", ["Ada Nowak", "Ben Okoro"])
        ]
        pids = [dict(zip(("scheme", "value"), pid.split(":", 1), strict=True)) for pid in stated.pop("pids", [])]
        row: Row = {
            "record_id": f"{source}:{key}",
            "source": source,
            "source_key": key,
            "payload": f"{source}.jsonl",
            "position": 0,
            "is_deleted": False,
            "type": "publication",
            "title": "Synthetic observations on the behaviour of entirely imaginary networks",
            "year": 2020,
            "authors": [
                {"rank": rank, "full_name": f"{author['given_name']} {author['family_name']}", **author}
                for rank, author in enumerate(authors, 1)
            ],
            "pids": pids,
        }
        return row | stated

    return make


def _expression(table: Table, rows: pa.Table) -> ir.Table:
    """The rows as an engine would read them from files, where any column may hold nulls."""
    return ibis.memtable(rows, schema=ibis.schema({column.name: ibis_type(column.type) for column in table.columns}))


class Graph:
    """What the steps made of some records."""

    def __init__(self, tables: dict[str, pa.Table], facts: dict[str, Any]) -> None:
        self.tables = tables
        self.facts = facts

    def rows(self, table: str) -> list[Row]:
        return self.tables[table].to_pylist()

    @property
    def product_of(self) -> dict[str, str]:
        return {row["record_id"]: row["product_id"] for row in self.rows("member")}

    @property
    def aliases(self) -> dict[str, str]:
        return {row["alias"]: row["product_id"] for row in self.rows("alias")}

    @property
    def clusters(self) -> set[frozenset[str]]:
        together: dict[str, set[str]] = {}
        for record_id, product_id in self.product_of.items():
            together.setdefault(product_id, set()).add(record_id)
        return {frozenset(members) for members in together.values()}


@pytest.fixture
def deduplicate(backend: Any) -> Callable[..., Graph]:
    """Runs all steps of the stage on rows of `record`, of `decision`, of `record_mark` and of `link`."""

    def run(
        records: list[Row],
        decisions: list[Row] | None = None,
        marks: list[Row] | None = None,
        links: list[Row] | None = None,
    ) -> Graph:
        tables = {
            "record": RECORD.from_rows(records),
            "decision": DECISION.from_rows(decisions or []),
            "record_mark": RECORD_MARK.from_rows(marks or []),
            "link": LINK.from_rows(links or []),
            "organization": ORGANIZATION.empty(),
        }
        facts: dict[str, Any] = {}
        for step in STEPS:
            reads = [_expression(table, tables[table.name]) for table in step.reads]
            match step:
                case SetStep():
                    made = {step.writes: backend.to_pyarrow(step.expression(*reads))}
                case RowStep():
                    rows = backend.to_pyarrow(step.rows(*reads)).combine_chunks()
                    batches = [step.function(batch) for batch in rows.to_batches()]
                    made = {step.writes: pa.Table.from_batches(batches, schema=step.writes.schema)}
                case GraphStep():
                    answers, said = step.compute({}, *(backend.to_pyarrow(table) for table in step.inputs(*reads)))
                    made = dict(zip(step.writes, answers, strict=True))
                    facts.update(said)
            for table, rows in made.items():
                conformed = table.conform(rows)
                keys = conformed.select(list(table.key)).group_by(list(table.key)).aggregate([])
                assert len(keys) == len(conformed), f"{step.name} writes a key of {table.name} twice"
                tables[table.name] = conformed
        return Graph(tables, facts)

    return run


@pytest.fixture
def decide() -> Callable[..., Row]:
    """Makes a row of `decision`."""

    def make(kind: str, left: str, right: str, number: int = 1, **stated: Any) -> Row:
        row: Row = {
            "decision_id": f"decision-{number}",
            "kind": kind,
            "subject_l": left,
            "subject_r": right,
            "actor": "a librarian",
            "reason": "I read both",
            "decided_at": f"2026-01-{number:02}T10:00:00Z",
        }
        return row | stated

    return make
