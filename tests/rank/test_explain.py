from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.model.tables import CITATION, EDGE, NODE, RANKING, SCORE
from evigraph.rank.api import citations_to_pass, explain
from evigraph.rank.carried import citations
from evigraph.rank.classes import class_bounds, class_entries, classify
from evigraph.rank.steps import SCORE_STEP
from rank.tables import given as table
from rank.tables import rows_of

YEARS = st.one_of(st.integers(2008, 2021), st.sampled_from([0, 850, 1995, 2035]))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int]]]:
    n_nodes = draw(st.integers(1, 15))
    node = st.integers(0, n_nodes - 1)
    pairs = draw(st.lists(st.tuples(node, node), max_size=40))
    return draw(st.lists(YEARS, min_size=n_nodes, max_size=n_nodes)), sorted({(j, i) for j, i in pairs if j != i})


def ranked(
    years: list[int], pairs: list[tuple[int, int]], **parameters: Any
) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """Scores, the citations of each product, and facts, by the steps of a run."""
    node = NODE.from_rows([{"node": n, "product_id": f"p{n:02}", "year": year} for n, year in enumerate(years)])
    edge = EDGE.from_rows([{"citing": j, "cited": i} for j, i in pairs])
    (score, ranking), facts = SCORE_STEP.compute(
        {"current_year": 2020, **parameters}, node.select(["node", "year"]), edge
    )
    expression = citations(
        *(table(c, *t.to_pylist()) for c, t in ((EDGE, edge), (NODE, node), (SCORE, score), (RANKING, ranking)))
    )
    by_product: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(CITATION, expression):
        by_product.setdefault(row["product_id"], []).append(row)
    return SCORE.conform(pa.table(score)).to_pylist(), by_product, dict(facts)


@settings(max_examples=30)
@given(graphs(), st.sampled_from([{}, {"influence_alpha": 0.85}, {"attention_years": 30, "popularity_rho": -0.5}]))
def test_the_parts_sum_to_the_score(graph: tuple[Any, Any], parameters: dict[str, Any]) -> None:
    years, pairs = graph
    scores, by_product, facts = ranked(years, pairs, **parameters)
    for row, year in zip(scores, years, strict=True):
        cited = by_product.get(f"p{row['node']:02}", [])
        assert len(cited) == row["citation_count"]
        assert sum(citation["is_early"] for citation in cited) == row["impulse"]
        for name in ("influence", "popularity"):
            made = explain(name, row[name], year, cited, facts)
            assert made is not None
            assert math.fsum(part.value for part in made.parts) == pytest.approx(row[name], rel=1e-10)
            attention = sum(part.value for part in made.parts if part.name in ("citations", "attention"))
            assert math.fsum(value for _, value in made.citations) == pytest.approx(attention, rel=1e-10, abs=1e-300)


def test_the_citations_that_weigh_most_come_first() -> None:
    # p3 is cited by p0, which cites nothing else, and by p1, which cites two.
    _, by_product, facts = ranked([2020, 2019, 2018, 2010], [(0, 3), (1, 3), (1, 2)])
    found = explain("influence", 1.0, 2010, by_product["p03"], facts)
    assert found is not None
    assert [citing for citing, _ in found.citations] == ["p00", "p01"]
    assert found.citations[0][1] == pytest.approx(2 * found.citations[1][1])
    # Both citations fall into the window of 2018 to 2020, whose three citations share the attention.
    popularity = explain("popularity", 1.0, 2010, by_product["p03"], facts)
    assert popularity is not None
    assert {part.name: part.value for part in popularity.parts}["attention"] == pytest.approx(0.5 * 2 / 3)


def test_a_release_without_constants_is_not_explained() -> None:
    assert explain("influence", 0.1, 2020, [], {"parameters": {}}) is None


@given(st.lists(st.integers(0, 12), min_size=1, max_size=300), st.integers(0, 299))
def test_so_many_citations_reach_the_class_and_one_less_does_not(counts: list[int], place: int) -> None:
    place %= len(counts)
    values = np.array(counts)
    bounds = class_bounds(values)
    grade = f"C{classify(values, bounds)[place]}"
    facts = {"class_entries": {"citation_count": class_entries(bounds)}}
    step = citations_to_pass("citation_count", counts[place], grade, [], facts)
    if grade == "C1" or step is None:
        assert grade == "C1"
        return
    assert step.n_citations is not None
    values[place] = counts[place] + step.n_citations
    assert f"C{classify(values)[place]}" == step.target
    values[place] -= 1
    assert f"C{classify(values)[place]}" > step.target


def test_a_score_is_told_in_citations_like_its_own_or_like_those_of_the_graph() -> None:
    facts = {
        "class_entries": {"influence": {"C4": 0.5, "C3": 0.6, "C2": 0.7, "C1": 0.8}},
        "constants": {"influence_dangling": 0.01, "attention_weight": 0.0},
        "parameters": {"influence_alpha": 0.5},
        "n_nodes": 10,
        "n_edges": 8,
    }
    own = citations_to_pass("influence", 0.3, "C5", [{"influence": 0.05}, {"influence": 0.15}], facts)
    assert own is not None
    assert (own.target, own.above, own.n_citations, own.is_own) == ("C4", 0.5, 3, True)
    none = citations_to_pass("influence", 0.3, "C5", [], facts)
    assert none is not None
    # (0.5 - 0.01 · 10) / 8 = 0.05 a citation.
    assert (none.per_citation, none.n_citations, none.is_own) == (pytest.approx(0.05), pytest.approx(4, abs=1), False)
    assert citations_to_pass("influence", 0.9, "C1", [], facts) is None
