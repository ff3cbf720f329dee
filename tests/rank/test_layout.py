from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from evigraph.errors import InputError
from evigraph.rank.graph import citation_graph
from evigraph.rank.layout import open_graph, write_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from evigraph.rank.synthetic import synthetic_literature


def written(folder: Path, n_nodes: int) -> None:
    given = synthetic_literature(n_nodes, seed=1, is_shuffled=False)
    graph = citation_graph(given.years, given.citing, given.cited)
    cuts = [0, n_nodes // 3, n_nodes // 2, n_nodes]
    parts = [
        (
            graph.years[first:stop],
            np.diff(graph.row[first : stop + 1]),
            graph.cited[graph.row[first] : graph.row[stop]],
        )
        for first, stop in pairwise(cuts)
    ]
    assert write_graph(folder, parts) == {"n_nodes": n_nodes, "n_edges": graph.n_edges}


@pytest.mark.parametrize("n_nodes", [0, 1, 3_000])
def test_a_graph_written_in_parts_is_ranked_as_in_memory(tmp_path: Path, n_nodes: int) -> None:
    written(tmp_path, n_nodes)
    given = synthetic_literature(n_nodes, seed=1, is_shuffled=False)
    parameters = Parameters.for_year(2020)
    expected = solve(citation_graph(given.years, given.citing, given.cited), parameters)
    found = solve(open_graph(tmp_path), parameters)
    for name in ("citation_count", "impulse", "influence", "popularity", "ram"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_what_was_not_finished_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no citation graph"):
        open_graph(tmp_path)
    written(tmp_path, 100)
    (tmp_path / "cited.bin").write_bytes(b"\0" * 8)
    with pytest.raises(InputError, match="do not fit"):
        open_graph(tmp_path)
