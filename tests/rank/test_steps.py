from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from evigraph.errors import SettingsError
from evigraph.model.tables import EDGE, INDICATOR, NODE, PRODUCT, RELATION, SCORE
from evigraph.rank.steps import EDGE_STEP, INDICATOR_STEP, NODE_STEP, SCORE_STEP

PRODUCTS = [
    {"product_id": "c", "type": "publication", "year": 2019},
    {"product_id": "a", "type": "publication", "year": 2018},
    {"product_id": "d", "type": "dataset", "year": 2020},
    {"product_id": "b", "type": "publication", "year": 2019},
    {"product_id": "undated", "type": "publication", "year": None},
]


def rows(table: Any, expression: Any) -> list[dict[str, Any]]:
    found: pa.Table = table.conform(expression.to_pyarrow())
    return found.sort_by([(name, "ascending") for name in table.key]).to_pylist()


def products() -> Any:
    return ibis.memtable(PRODUCT.from_rows(PRODUCTS))


def relations(*pairs: tuple[str, str, str]) -> Any:
    return ibis.memtable(
        RELATION.from_rows([{"source_id": s, "relation": r, "target_id": t, "sources": ["x"]} for s, r, t in pairs])
    )


def score(node: pa.Table, edge: pa.Table, **parameters: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    (table, _), facts = SCORE_STEP.compute(parameters, node.select(["node", "year"]), edge)
    return SCORE.conform(table).to_pylist(), dict(facts)


def node_table(*years: int) -> pa.Table:
    return NODE.from_rows([{"node": n, "product_id": f"p{n}", "year": year} for n, year in enumerate(years)])


def edge_table(*pairs: tuple[int, int]) -> pa.Table:
    return EDGE.from_rows([{"citing": citing, "cited": cited} for citing, cited in pairs])


def test_dated_products_are_numbered_newest_first_then_by_id() -> None:
    found = rows(NODE, NODE_STEP.expression(products()))
    assert [(row["node"], row["product_id"], row["year"]) for row in found] == [
        (0, "d", 2020),
        (1, "b", 2019),
        (2, "c", 2019),
        (3, "a", 2018),
    ]


def test_citations_are_by_publications_and_between_nodes() -> None:
    node = ibis.memtable(NODE_STEP.expression(products()).to_pyarrow())
    relation = relations(
        ("b", "Cites", "a"),
        ("a", "IsCitedBy", "b"),
        ("c", "Cites", "d"),
        ("d", "Cites", "a"),
        ("b", "Cites", "undated"),
        ("undated", "Cites", "a"),
        ("b", "Cites", "elsewhere"),
        ("a", "Cites", "a"),
        ("a", "References", "b"),
    )
    found = rows(EDGE, EDGE_STEP.expression(relation, products(), node))
    assert [(row["citing"], row["cited"]) for row in found] == [(1, 3), (2, 0)]


def test_scores_become_indicators_of_products() -> None:
    node = NODE_STEP.expression(products()).to_pyarrow()
    (table, _), _ = SCORE_STEP.compute({}, node.select(["node", "year"]), edge_table((1, 3), (2, 3)))
    found = rows(INDICATOR, INDICATOR_STEP.expression(ibis.memtable(node), ibis.memtable(table)))
    assert [row["product_id"] for row in found] == ["a", "b", "c", "d"]
    assert [row["citation_count"] for row in found] == [2, 0, 0, 0]
    assert [row["influence_class"] for row in found] == ["C1", "C5", "C5", "C5"]
    assert sum(row["influence"] for row in found) == pytest.approx(1.0, rel=1e-11)


def test_rows_may_come_in_any_order() -> None:
    node, edge = node_table(2020, 2019, 2018), edge_table((0, 1), (0, 2), (1, 2))
    straight, _ = score(node, edge)
    mixed, _ = score(node.take([2, 0, 1]), edge.take([2, 0, 1]))
    assert straight == mixed
    assert [row["citation_count"] for row in straight] == [0, 1, 2]


def test_the_current_year_is_the_newest_that_is_not_in_the_future() -> None:
    node, edge = node_table(2999, 2021, 2018), edge_table((1, 2))
    _, facts = score(node, edge, horizon_year=2022)
    assert (facts["current_year"], facts["is_current_year_given"], facts["n_years_in_future"]) == (2021, False, 1)
    _, facts = score(node, edge, horizon_year=2022, current_year=2018)
    assert (facts["current_year"], facts["is_current_year_given"]) == (2018, True)
    assert facts["is_attention_empty"]


def test_a_year_beyond_the_next_counts_as_not_known() -> None:
    found, _ = score(node_table(2999, 2018), edge_table((1, 0), (0, 1)), horizon_year=2022)
    # An undated work gives impulse, as it has no year that would be too late, and gets none.
    assert [row["impulse"] for row in found] == [0, 1]


def test_parameters_of_the_run_reach_the_ranking() -> None:
    _, facts = score(
        node_table(2020, 2010), edge_table((0, 1)), influence_alpha=0.85, impulse_years=20, current_year=None
    )
    assert facts["parameters"]["influence_alpha"] == 0.85
    found, _ = score(node_table(2020, 2010), edge_table((0, 1)), impulse_years=20)
    assert found[1]["impulse"] == 1
    with pytest.raises(SettingsError, match="popularity_beta"):
        score(node_table(2020), edge_table(), popularity_beta=2.0)


def test_a_graph_without_works() -> None:
    found, facts = score(node_table(), edge_table(), horizon_year=2022)
    assert found == []
    assert facts["n_nodes"] == 0
    found, facts = score(node_table(), edge_table())
    assert found == []


def test_the_score_step_declares_what_it_uses() -> None:
    assert {"current_year", "horizon_year", "influence_alpha"} <= set(SCORE_STEP.uses)
    assert np.unique(SCORE_STEP.uses).size == len(SCORE_STEP.uses)
