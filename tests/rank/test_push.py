from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evigraph.rank import push as pushing
from evigraph.rank.graph import citation_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from evigraph.rank.synthetic import synthetic_literature

PARAMETERS = Parameters.for_year(2020)
COLUMNS = ("citation_count", "impulse", "influence", "popularity", "ram")

GRAPHS: dict[str, dict[str, Any]] = {
    "usual": {"n_nodes": 20_000},
    "stress": {"n_nodes": 5_000, "share_same_year": 0.088, "share_future": 0.01},
    "against time": {"n_nodes": 1_000, "share_same_year": 0.0, "share_future": 1.0},
    "one work": {"n_nodes": 1},
    "no work": {"n_nodes": 0},
}


def bits(found: Any) -> dict[str, bytes]:
    return {name: np.ascontiguousarray(getattr(found, name)).tobytes() for name in COLUMNS}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_number_of_threads_does_not_change_a_bit(name: str) -> None:
    given = synthetic_literature(seed=3, **GRAPHS[name])
    graph = citation_graph(given.years, given.citing, given.cited)
    alone = solve(graph, PARAMETERS, method="push", n_threads=1)
    for n_threads in (2, 3, 5):
        together = solve(graph, PARAMETERS, method="push", n_threads=n_threads)
        assert bits(together) == bits(alone)
        assert {**together.facts, "n_threads": 1} == alone.facts


@pytest.mark.parametrize(("reach", "n_sweeps", "room"), [(1, 1, 0), (2, 5, 0), (60, 3, 0), (4, 3, 300)])
def test_how_far_and_how_often_score_is_passed_on_changes_no_score(
    reach: int, n_sweeps: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = synthetic_literature(5_000, seed=3, share_same_year=0.03, share_future=0.02)
    graph = citation_graph(given.years, given.citing, given.cited)
    expected = solve(graph, PARAMETERS, method="sweep")
    monkeypatch.setattr(pushing, "REACH", reach)
    monkeypatch.setattr(pushing, "N_SWEEPS", n_sweeps)
    if room:
        # A list of works that have sent which is full time and again.
        monkeypatch.setattr(pushing, "room_for_listed", lambda n_nodes: room)
    for n_threads in (1, 2):
        found = solve(graph, PARAMETERS, method="push", n_threads=n_threads)
        for name in ("citation_count", "impulse"):
            assert np.array_equal(getattr(found, name), getattr(expected, name))
        for name in ("influence", "popularity", "ram"):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=2e-13)
