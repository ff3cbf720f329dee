"""Every kind of graph against an independent reference: scores to 1e-9, counts exactly, classes all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evigraph.rank.api import rank
from evigraph.rank.graph import citation_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from rank.reference import reference_classes, reference_scores

PARAMETERS = Parameters.for_year(2020)
SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")


def graph(years: Any, citations: Any) -> tuple[Any, Any, Any]:
    pairs = np.array(list(citations), dtype=np.int32).reshape(-1, 2)
    return np.array(years, dtype=np.int32), pairs[:, 0], pairs[:, 1]


def random_graph(seed: int, n_nodes: int, n_edges: int, n_citing: int, years: Any) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    citing, cited = random.integers(0, n_citing, n_edges), random.integers(0, n_nodes, n_edges)
    return random.choice(years, n_nodes).astype(np.int32), citing.astype(np.int32), cited.astype(np.int32)


RECENT = np.arange(2000, 2021)
GRAPHS: dict[str, tuple[Any, Any, Any]] = {
    "empty": graph([], []),
    "one work": graph([2020], []),
    "one work that cites itself": graph([2020], [(0, 0)]),
    "no citations": graph([2020, 2019, 2000], []),
    "star inwards": graph([2020] * 500 + [2010], [(n, 500) for n in range(500)]),
    "star outwards": graph([2020] + [2010] * 500, [(0, n) for n in range(1, 501)]),
    "chain": graph(2020 - np.arange(400) // 8, [(n, n + 1) for n in range(399)]),
    "chain against time": graph(2020 - np.arange(400) // 8, [(n + 1, n) for n in range(399)]),
    "ring": graph(2020 - np.arange(300) // 6, [(n, (n + 1) % 300) for n in range(300)]),
    "ring in a year": graph([2020] * 300, [(n, (n + 1) % 300) for n in range(300)]),
    "pairs that cite each other": graph(
        2020 - np.arange(200) // 10, [pair for n in range(0, 200, 2) for pair in ((n, n + 1), (n + 1, n))]
    ),
    "all cite all": graph([2020] * 20 + [2019] * 20, [(j, i) for j in range(40) for i in range(40)]),
    "duplicates and self-citations": graph(
        [2020, 2019, 2018, 2018], [(0, 1), (0, 1), (0, 2), (1, 2), (1, 2), (2, 2), (3, 3), (2, 3), (3, 2)]
    ),
    "hardly anybody cites": random_graph(1, 3_000, 2_000, 100, RECENT),
    "many cycles": random_graph(2, 1_000, 5_000, 1_000, RECENT),
    "two years": random_graph(3, 500, 3_000, 500, np.array([2019, 2020])),
    "years missing": random_graph(4, 800, 4_000, 800, np.array([0, 0, 0, 2015, 2018, 2020])),
    "years absurd": random_graph(5, 800, 4_000, 800, np.array([-5, 1, 850, 2019, 2020, 2035, 9999, 30_000])),
    "no year known": random_graph(6, 500, 2_500, 500, np.array([0])),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_ranking_equals_the_reference(name: str) -> None:
    years, citing, cited = GRAPHS[name]
    found = rank(years, citing, cited, PARAMETERS)
    expected = reference_scores(years, citing, cited, PARAMETERS)
    for score in SCORES:
        np.testing.assert_allclose(getattr(found, score), expected[score], rtol=1e-9, atol=0)
        assert getattr(found, f"{score}_class").tolist() == reference_classes(expected[score]), score
    for score in ("citation_count", "impulse"):
        assert np.array_equal(getattr(found, score), expected[score])


@pytest.mark.parametrize("method", ["push", "sweep", "rounds"])
@pytest.mark.parametrize("name", GRAPHS)
def test_each_method_on_its_own_equals_the_reference(name: str, method: str) -> None:
    years, citing, cited = GRAPHS[name]
    built = citation_graph(years, citing, cited)
    expected = reference_scores(years, citing, cited, PARAMETERS)
    order = np.arange(years.size) if built.order is None else built.order
    for n_threads in (1, 2):
        found = solve(built, PARAMETERS, method=method, n_threads=n_threads)
        for score in SCORES:
            np.testing.assert_allclose(getattr(found, score), expected[score][order], rtol=1e-11, atol=0)
        for score in ("influence", "popularity"):
            distance = np.abs(getattr(found, score) - expected[score][order]).sum()
            # The reference itself is right to about 1e-15 a round.
            assert distance <= found.facts[f"{score}_certificate"] + 1e-13
