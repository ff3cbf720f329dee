"""Every step on both engines: the same rows in, the same rows out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evigraph import pipeline
from evigraph.engine.api import Engine
from evigraph.engine.checkpoint import Work
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.engine.execute import Execution
from evigraph.engine.layout import has_rows, parquet_files
from evigraph.engine.step import GraphStep, Step
from evigraph.harvest.payloads import payloads
from evigraph.model.tables import ENTITY_INDICATOR, INDICATOR_VIEW
from evigraph.publish.canonical import hash_table
from evigraph.settings import EngineSettings, Settings

pytestmark = pytest.mark.spark

STEPS = [step for step in pipeline.STEPS if not isinstance(step, GraphStep)]


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    if not shutil.which("java"):
        pytest.skip("no Java runtime on this machine: the Spark engine is NOT tested here")
    pytest.importorskip("pyspark", reason="evigraph[spark] is not installed: the Spark engine is NOT tested here")
    from evigraph.engine.spark import SparkEngine

    engine = SparkEngine("local[2]", memory="1g", partitions=2)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def on_duckdb(small_graph: Path) -> Iterator[Execution]:
    """The whole run on DuckDB: what each step reads, and what it should write."""
    engine = DuckDBEngine(memory="1GB", threads=2)
    execution, _ = pipeline.execute(small_graph, Settings(), engine, payloads(small_graph), lambda *_: None)
    yield execution
    engine.close()


def test_the_rows_are_worth_comparing(on_duckdb: Execution) -> None:
    deduplicated = ("record", "pair", "evidence", "member", "product", "cited_reference", "relation")
    ranked = ("edge", "citation", "group_member", "indicator_view", "indicator_group", "entity_indicator")
    for name in (*deduplicated, *ranked):
        assert any(map(has_rows, on_duckdb.folders[name])), f"table {name} is empty: nothing is compared"
    view, entity = on_duckdb.read(INDICATOR_VIEW), on_duckdb.read(ENTITY_INDICATOR)
    assert set(on_duckdb.engine.arrow(view.select("view").distinct())["view"].to_pylist()) >= {"all", "field", "year"}
    assert set(on_duckdb.engine.arrow(entity.select("kind").distinct())["kind"].to_pylist()) >= {
        "author",
        "journal",
        "organization",
    }


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_answers_alike(step: Step, on_duckdb: Execution, spark: Engine, tmp_path: Path) -> None:
    assert not isinstance(step, GraphStep)
    execution = Execution(spark, Work(tmp_path), on_duckdb.parameters)
    for table in step.reads:
        for folder in on_duckdb.folders[table.name]:
            execution.provide(table, folder, "given")
    execution.run(step)
    written = parquet_files(execution.work.table(step.name, step.writes))
    expected = parquet_files(on_duckdb.work.table(step.name, step.writes))
    assert hash_table(step.writes, written) == hash_table(step.writes, expected)


def test_a_whole_run_gives_the_same_release(small_graph: Path, spark: Engine, tmp_path: Path) -> None:
    hashes = {}
    for name in ("duckdb", "spark"):
        home = tmp_path / name
        shutil.copytree(small_graph / "sources", home / "sources")
        settings = Settings(engine=EngineSettings(name=name, master="local[2]", memory="1GB"))  # type: ignore[arg-type]
        hashes[name] = pipeline.run(home, settings, name).release_hash
    assert hashes["duckdb"] == hashes["spark"]
