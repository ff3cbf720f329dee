from __future__ import annotations

from evigraph.deduplicate.steps import STEPS
from evigraph.engine.step import GraphStep
from evigraph.model.entities import ORGANIZATION, RECORD_MARK
from evigraph.model.tables import DECISION, LINK, PRODUCT, RECORD


def test_each_step_reads_only_what_is_there_before_it() -> None:
    there = {RECORD.name, DECISION.name, RECORD_MARK.name, LINK.name, ORGANIZATION.name}
    for step in STEPS:
        assert {table.name for table in step.reads} <= there, step.name
        there |= {table.name for table in (step.writes if isinstance(step, GraphStep) else (step.writes,))}
    assert PRODUCT.name in there


def test_steps_are_named_after_the_stage_and_what_they_write() -> None:
    for step in STEPS:
        writes = step.writes if isinstance(step, GraphStep) else (step.writes,)
        assert step.name in {f"deduplicate.{table.name}" for table in writes}
