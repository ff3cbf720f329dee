from __future__ import annotations

import numpy as np
import pytest

from evigraph.rank import graph as building
from evigraph.rank.graph import citation_graph


@pytest.fixture(params=["small", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to build: rows of small graphs are sorted without compiled code."""
    if request.param == "compiled":
        monkeypatch.setattr(building, "_SMALL", -1)


def test_sorted_citations_of_nodes_in_order_are_not_copied() -> None:
    cited = np.array([1, 2, 2], dtype=np.int32)
    graph = citation_graph(np.array([2020, 2019, 2018]), np.array([0, 0, 1]), cited)
    assert np.shares_memory(graph.cited, cited)
    assert not graph.cited.flags.writeable
    assert graph.row.tolist() == [0, 2, 3, 3]
    assert graph.order is None


def test_nodes_are_placed_newest_first_and_citations_cleaned() -> None:
    # Node 1 is the newest, then 2, then 0.
    years = np.array([2000, 2010, 2005])
    graph = citation_graph(years, np.array([1, 1, 1, 2, 0, 2]), np.array([0, 2, 0, 0, 0, 0]))
    assert graph.order is not None
    assert graph.order.tolist() == [1, 2, 0]
    assert graph.years.tolist() == [2010, 2005, 2000]
    assert graph.row.tolist() == [0, 2, 3, 3]
    assert graph.cited.tolist() == [1, 2, 2]
    assert (graph.n_self_loops_dropped, graph.n_duplicates_dropped) == (1, 2)


@pytest.mark.parametrize("seed", range(5))
def test_rows_hold_each_distinct_citation_once(seed: int) -> None:
    random = np.random.default_rng(seed)
    years = np.sort(random.integers(1990, 2020, 50))[::-1]
    citing, cited = random.integers(0, 50, 2_000), random.integers(0, 50, 2_000)
    graph = citation_graph(years, citing, cited)
    place = np.argsort(graph.order)
    pairs = zip(place[citing].tolist(), place[cited].tolist(), strict=True)
    expected = sorted({(j, i) for j, i in pairs if j != i})
    found = [(place, int(i)) for place in range(50) for i in graph.cited[graph.row[place] : graph.row[place + 1]]]
    assert found == expected
    assert graph.n_edges + graph.n_self_loops_dropped + graph.n_duplicates_dropped == 2_000


def test_works_of_a_year_stand_before_those_of_the_year_that_they_cite() -> None:
    # 4 → 2 → 0 → 3 inside 2010, 1 and 5 cite each other, 6 is older.
    years = np.array([2010, 2010, 2010, 2010, 2010, 2010, 2000])
    graph = citation_graph(years, np.array([4, 2, 0, 1, 5, 3]), np.array([2, 0, 3, 5, 1, 6]))
    assert graph.order is not None
    assert graph.order.tolist() == [4, 2, 0, 3, 1, 5, 6]
    assert graph.cited.tolist() == [1, 2, 3, 6, 5, 4]


def test_years_far_apart_are_sorted_too() -> None:
    graph = citation_graph(np.array([-2_000_000_000, 2_000_000_000, 5]), np.array([], int), np.array([], int))
    assert graph.years.tolist() == [2_000_000_000, 5, -2_000_000_000]
