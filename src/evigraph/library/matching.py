"""Which records of a library are one: clusters, the reasons, and the pairs that wait for a person."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evigraph.deduplicate.steps import STEPS
from evigraph.deduplicate.titles import fold
from evigraph.engine.checkpoint import Work
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.engine.execute import Execution
from evigraph.engine.layout import write_rows
from evigraph.library.reading import Row
from evigraph.model.tables import DECISION, EVIDENCE, MEMBER, RECORD

Level = Literal["duplicate", "version"]


@dataclass(frozen=True)
class Matching:
    """What was found.

    Attributes:
        clusters: the records of each cluster, in no particular order; every record is in one.
        evidence: rows of `evidence`; those about a record that was exported again name that record.
        again: records that were exported again, each with the record that it repeats and the reason.
        facts: what clustering says of itself.
    """

    clusters: list[list[Row]]
    evidence: list[Row]
    again: dict[str, tuple[str, str]]
    facts: dict[str, Any]


def match(records: Sequence[Row], decisions: Sequence[Row], level: Level) -> Matching:
    """The clusters of some records.

    A record that a database knows under one number and that was exported more than once is compared once: the further
    copies follow the first. `level`: whether only a publication told twice makes a cluster (duplicate), or also a
    work published again (version).
    """
    again = exported_again(records)
    compared = [record for record in records if record["record_id"] not in again]
    heads = {copy: head for copy, (head, _) in again.items()}
    bound = [_about_heads(decision, heads) for decision in decisions]
    product_of, evidence, facts = _compared(compared, [decision for decision in bound if decision], level)
    clusters: defaultdict[str, list[Row]] = defaultdict(list)
    for record in records:
        record_id = str(record["record_id"])
        clusters[product_of[heads.get(record_id, record_id)]].append(record)
    return Matching(list(clusters.values()), evidence, again, facts)


def exported_again(records: Sequence[Row]) -> dict[str, tuple[str, str]]:
    """Each record that repeats an earlier one under the same number of its database: the earlier one, and why.

    Only where the titles agree: a tool that numbers references anew in every export gives one number to many works.
    """
    first: dict[tuple[str, str], str] = {}
    again: dict[str, tuple[str, str]] = {}
    for record in records:
        database, colon, number = record["source_key"].partition("#")[0].partition(":")
        title = fold(record["title"] or "")
        if not colon or not title:
            continue
        head = first.setdefault((f"{database}:{number}", title), record["record_id"])
        if head != record["record_id"]:
            again[record["record_id"]] = (head, f"both are {database} {number}, exported again")
    return again


def _about_heads(decision: Row, heads: dict[str, str]) -> Row | None:
    left, right = (heads.get(decision[name], decision[name]) for name in ("subject_l", "subject_r"))
    return None if left == right else {**decision, "subject_l": left, "subject_r": right}


def _compared(
    records: list[Row], decisions: list[Row], level: Level
) -> tuple[dict[str, str], list[Row], dict[str, Any]]:
    facts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="evigraph-") as folder:
        engine = DuckDBEngine(scratch=Path(folder))
        try:
            execution = Execution(engine, Work(Path(folder) / "work"), {})
            for table, rows in ((RECORD, records), (DECISION, decisions)):
                write_rows(table, table.from_rows(rows), Path(folder) / table.name)
                execution.provide(table, Path(folder) / table.name, table.name)
            for step in STEPS:
                facts.update(execution.run(step).facts)
                if MEMBER.name in execution.folders:
                    break
            members = engine.arrow(execution.read(MEMBER)).to_pylist()
            evidence = engine.arrow(execution.read(EVIDENCE)).to_pylist()
        finally:
            engine.close()
    evidence.sort(key=lambda row: tuple(row[name] for name in EVIDENCE.key))
    return {row["record_id"]: row["product_id"] for row in members}, evidence, facts
