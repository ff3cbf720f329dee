from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evigraph.engine.checkpoint import Work, fingerprint
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.engine.execute import Execution
from evigraph.engine.layout import write_rows
from evigraph.engine.step import GraphStep, RowStep, SetStep
from evigraph.errors import ContractError
from evigraph.model.tables import ALIAS, MEMBER

ROWS = pa.table({"record_id": ["b", "a", "c"], "product_id": ["P", "P", "Q"]})


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="512MB", threads=1)
    yield engine
    engine.close()


@pytest.fixture
def execution(engine: DuckDBEngine, tmp_path: Path) -> Execution:
    write_rows(MEMBER, ROWS, tmp_path / "given" / "member")
    execution = Execution(engine, Work(tmp_path / "work"), {"suffix": "!"})
    execution.provide(MEMBER, tmp_path / "given" / "member", "given")
    return execution


def aliases(member: ir.Table) -> ir.Table:
    return member.select(alias=member.record_id, product_id=member.product_id)


def shout(batch: pa.RecordBatch) -> pa.RecordBatch:
    upper = pa.compute.utf8_upper(batch.column("record_id"))
    return pa.record_batch({"alias": upper, "product_id": batch.column("product_id")})


def join_words(parameters: dict[str, str], rows: pa.Table) -> tuple[tuple[pa.Table, ...], dict[str, int]]:
    alias = "".join(sorted(rows["record_id"].to_pylist())) + parameters["suffix"]
    return (ALIAS.from_rows([{"alias": alias, "product_id": "P"}]),), {"n_rows": rows.num_rows}


SET = SetStep("enrich.test", (MEMBER,), ALIAS, aliases)


def written(execution: Execution, step: str) -> list[str]:
    folder = execution.work.table(step, ALIAS)
    values: list[str] = pq.read_table(folder)["alias"].to_pylist()
    return values


def test_a_set_step_is_written_in_key_order(execution: Execution) -> None:
    report = execution.run(SET)
    assert (report.was_run, report.rows) == (True, {"alias": 3})
    assert written(execution, "enrich.test") == ["a", "b", "c"]


def test_a_row_step_runs_in_workers(execution: Execution) -> None:
    execution.run(RowStep("enrich.rows", (MEMBER,), ALIAS, lambda member: member, shout))
    assert written(execution, "enrich.rows") == ["A", "B", "C"]


def test_a_graph_step_states_facts_and_sees_the_parameters_it_names(execution: Execution) -> None:
    step = GraphStep("enrich.graph", (MEMBER,), (ALIAS,), lambda member: (member,), join_words, ("suffix",))
    report = execution.run(step)
    assert report.facts == {"n_rows": 3}
    assert written(execution, "enrich.graph") == ["abc!"]


def again(execution: Execution) -> Execution:
    other = Execution(execution.engine, execution.work, execution.parameters)
    other.folders, other.prints = dict(execution.folders), dict(execution.prints)
    other.folders.pop("alias", None)
    other.prints.pop("alias", None)
    return other


def test_a_finished_step_is_not_run_again_on_the_same_input(execution: Execution) -> None:
    second = again(execution)
    assert execution.run(SET).was_run
    assert not second.run(SET).was_run


def test_a_step_is_run_again_when_its_input_is_another(execution: Execution) -> None:
    second = again(execution)
    second.prints["member"] = ["another"]
    assert execution.run(SET).was_run
    assert second.run(SET).was_run


def test_a_step_cut_off_before_its_end_is_run_again(execution: Execution) -> None:
    second = again(execution)
    execution.run(SET)
    (execution.work.folder / "enrich.test" / "done.json").unlink()
    assert second.run(SET).was_run
    assert written(second, "enrich.test") == ["a", "b", "c"]


def test_parameters_that_a_step_does_not_name_do_not_make_it_stale() -> None:
    assert fingerprint("enrich.x", ["a"], {}) == fingerprint("enrich.x", ["a"], {})
    assert fingerprint("enrich.x", ["a"], {"suffix": "!"}) != fingerprint("enrich.x", ["a"], {"suffix": "?"})
    assert fingerprint("enrich.x", ["a"], {}) != fingerprint("rank.x", ["a"], {})


def test_a_key_made_twice_is_a_defect_of_the_step(execution: Execution) -> None:
    def doubled(member: ir.Table) -> ir.Table:
        return member.select(alias=ibis.literal("same"), product_id=member.product_id)

    with pytest.raises(ContractError, match="twice"):
        execution.run(SetStep("enrich.doubled", (MEMBER,), ALIAS, doubled))


def test_a_column_left_out_is_told_before_anything_runs(execution: Execution) -> None:
    step = SetStep("enrich.short", (MEMBER,), ALIAS, lambda member: member.select("product_id"))
    with pytest.raises(ContractError, match="left out alias"):
        execution.run(step)


def test_a_table_nobody_wrote_cannot_be_read(execution: Execution) -> None:
    with pytest.raises(ContractError, match="before any step"):
        execution.run(SetStep("enrich.early", (ALIAS,), ALIAS, lambda alias: alias))
