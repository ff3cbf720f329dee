"""Steps run one after another, each on what the ones before it wrote."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from evigraph.engine.api import Engine
from evigraph.engine.checkpoint import Work, fingerprint
from evigraph.engine.layout import has_rows, write_rows
from evigraph.engine.step import GraphStep, RowStep, SetStep, Step
from evigraph.errors import ContractError
from evigraph.model.table import Table


@dataclass(frozen=True)
class StepReport:
    """What became of a step: rows written for each table, facts it states, seconds it took, whether it ran now."""

    name: str
    rows: Mapping[str, int]
    facts: Mapping[str, Any]
    seconds: float
    was_run: bool


@dataclass
class Execution:
    """The tables of a run so far: where each lies and what it depends on.

    A table may be written by several steps; whoever reads it gets the rows of all.
    """

    engine: Engine
    work: Work
    parameters: Mapping[str, Any]
    folders: dict[str, list[Path]] = field(default_factory=dict)
    prints: dict[str, list[str]] = field(default_factory=dict)

    def provide(self, table: Table, folder: Path, fingerprint: str) -> None:
        """Makes a table that no step wrote known to the steps that read it."""
        self.folders.setdefault(table.name, []).append(folder)
        self.prints.setdefault(table.name, []).append(fingerprint)

    def read(self, table: Table) -> ir.Table:
        """The table as an expression."""
        if table.name not in self.folders:
            raise ContractError(f"table {table.name} is read before any step has written it")
        parts = [self.engine.read(table, folder) for folder in self.folders[table.name]]
        return reduce(lambda left, right: left.union(right), parts)

    def run(self, step: Step) -> StepReport:
        """Runs the step, unless it has already been run on the same input with the same code."""
        writes = step.writes if isinstance(step, GraphStep) else (step.writes,)
        uses = step.uses if isinstance(step, GraphStep) else ()
        used = {name: self.parameters.get(name) for name in uses}
        inputs = [print_ for table in step.reads for print_ in self.prints.get(table.name, [])]
        mark = fingerprint(step.name, inputs, used)
        report = self.work.finished(step.name, mark)
        was_run = report is None
        if report is None:
            self.work.begin(step.name)
            started = time.monotonic()
            rows, facts = self._execute(step, used)
            report = {"rows": rows, "facts": dict(facts), "seconds": round(time.monotonic() - started, 3)}
            self.work.finish(step.name, mark, report)
        for table in writes:
            self.provide(table, self.work.table(step.name, table), mark)
        return StepReport(step.name, report["rows"], report["facts"], report["seconds"], was_run)

    def _has_rows(self, table: Table) -> bool:
        return any(has_rows(folder) for folder in self.folders.get(table.name, []))

    def _execute(self, step: Step, used: Mapping[str, Any]) -> tuple[dict[str, int], Mapping[str, Any]]:
        if isinstance(step, SetStep) and step.needs and not any(map(self._has_rows, step.needs)):
            folder = self.work.table(step.name, step.writes)
            return {step.writes.name: write_rows(step.writes, step.writes.empty(), folder)}, {}
        tables = [self.read(table) for table in step.reads]
        match step:
            case SetStep():
                folder = self.work.table(step.name, step.writes)
                return {step.writes.name: self.engine.write(step.writes, step.expression(*tables), folder)}, {}
            case RowStep():
                folder = self.work.table(step.name, step.writes)
                rows = self.engine.map_batches(step.rows(*tables), step.function, step.writes, folder, step.by)
                return {step.writes.name: rows}, {}
            case GraphStep():
                return self._execute_graph(step, tables, used)

    def _execute_graph(
        self, step: GraphStep, tables: Sequence[ir.Table], used: Mapping[str, Any]
    ) -> tuple[dict[str, int], Mapping[str, Any]]:
        loaded = [self.engine.arrow(expression) for expression in step.inputs(*tables)]
        results, facts = step.compute(used, *loaded)
        written = {}
        for table, result in zip(step.writes, results, strict=True):
            written[table.name] = write_rows(table, result, self.work.table(step.name, table))
        return written, facts
