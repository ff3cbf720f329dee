from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from evigraph.rank import solve as solving
from evigraph.rank.graph import citation_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from evigraph.rank.synthetic import SyntheticLiterature, synthetic_literature
from rank.reference import reference_scores

PARAMETERS = Parameters.for_year(2020)

GRAPHS = {
    "usual": synthetic_literature(3_000, seed=1),
    "stress": synthetic_literature(3_000, seed=1, share_same_year=0.088, share_future=0.01),
    "one year": synthetic_literature(1_000, seed=1, share_same_year=1.0, share_future=0.0),
    "against time": synthetic_literature(1_000, seed=1, share_same_year=0.0, share_future=1.0),
    "answered": synthetic_literature(1_000, seed=1, share_reciprocal=1.0),
    "sparse": synthetic_literature(3_000, seed=1, mean_references=1.0, share_same_year=0.1, share_future=0.1),
}


def assert_right(graph: SyntheticLiterature, found: Any, order: Any) -> None:
    expected = reference_scores(graph.years, graph.citing, graph.cited, PARAMETERS)
    for name in ("citation_count", "impulse"):
        assert np.array_equal(getattr(found, name), expected[name][order]), name
    np.testing.assert_allclose(found.ram, expected["ram"][order], rtol=1e-13)
    for name in ("influence", "popularity"):
        np.testing.assert_allclose(getattr(found, name), expected[name][order], rtol=1e-10)
        assert 0 <= found.facts[f"{name}_certificate"] < 1e-13


@pytest.mark.parametrize("method", ["push", "sweep", "rounds"])
@pytest.mark.parametrize("name", GRAPHS)
def test_both_methods_are_right_on_any_graph(name: str, method: str) -> None:
    given = GRAPHS[name]
    graph = citation_graph(given.years, given.citing, given.cited)
    found = solve(graph, PARAMETERS, method=method)
    assert found.facts["method"] == method
    assert_right(given, found, graph.order)


def test_pushing_that_goes_round_and_round_gives_way_to_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "is_small", lambda graph, systems: False)
    monkeypatch.setattr(solving, "MOST_BACKWARD", 1.0)
    monkeypatch.setattr(solving, "MOST_INSIDE", 1.0)
    given = GRAPHS["against time"]
    graph = citation_graph(given.years, given.citing, given.cited)
    found = solve(graph, PARAMETERS)
    assert found.facts["method"] == "sweep"
    assert_right(given, found, graph.order)


@pytest.mark.parametrize(("name", "method"), [("usual", "push"), ("stress", "sweep"), ("one year", "sweep")])
def test_the_method_follows_from_the_graph(name: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = GRAPHS[name]
    graph = citation_graph(given.years, given.citing, given.cited)
    assert solve(graph, PARAMETERS).facts["method"] == "rounds"
    monkeypatch.setattr(solving, "is_small", lambda graph, systems: False)
    assert solve(graph, PARAMETERS).facts["method"] == method


def test_a_small_graph_needs_no_compiled_code() -> None:
    program = """
import sys
import numpy as np
from evigraph.rank.api import Parameters, rank
found = rank(np.array([2019, 2020]), np.array([1]), np.array([0]), Parameters.for_year(2020))
assert found.citation_count.tolist() == [1, 0]
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_time_order_takes_hardly_more_than_one_pass() -> None:
    given = synthetic_literature(3_000, seed=1, share_future=0.0, share_reciprocal=0.0)
    found = solve(citation_graph(given.years, given.citing, given.cited), PARAMETERS, method="push")
    assert found.facts["passes"] < 1.1
    assert found.facts["n_backward_citations"] == 0
