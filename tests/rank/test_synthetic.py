from __future__ import annotations

import numpy as np
import pytest

from evigraph.errors import SettingsError
from evigraph.rank.synthetic import synthetic_literature


def test_it_looks_like_literature() -> None:
    given = synthetic_literature(30_000, seed=1)
    lag = given.years[given.citing] - given.years[given.cited]
    has_references = np.bincount(given.citing, minlength=given.n_nodes) > 0
    assert given.n_nodes == 30_000
    assert given.years.max() - given.years.min() == 59
    assert np.mean(lag == 0) == pytest.approx(0.014, abs=0.004)
    assert np.mean(lag < 0) == pytest.approx(0.004, abs=0.002)
    assert np.mean(~has_references) == pytest.approx(0.3, abs=0.03)
    assert 7 < given.citing.size / given.n_nodes < 12
    assert np.bincount(given.cited).max() > 20 * given.citing.size / given.n_nodes


def test_the_same_seed_gives_the_same_graph() -> None:
    first, second, other = (synthetic_literature(1_000, seed=seed) for seed in (1, 1, 2))
    assert first.citing.tobytes() == second.citing.tobytes()
    assert first.years.tobytes() == second.years.tobytes()
    assert first.citing.tobytes() != other.citing.tobytes()


def test_unshuffled_nodes_run_from_new_to_old() -> None:
    given = synthetic_literature(1_000, seed=1, is_shuffled=False)
    assert np.all(np.diff(given.years) <= 0)


@pytest.mark.parametrize("n_nodes", [0, 1, 2, 7, 59])
def test_small_graphs(n_nodes: int) -> None:
    given = synthetic_literature(n_nodes, seed=1)
    assert given.years.size == n_nodes
    assert np.all((given.citing >= 0) & (given.citing < max(n_nodes, 1)))
    assert np.all((given.cited >= 0) & (given.cited < max(n_nodes, 1)))


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(SettingsError, match="shares"):
        synthetic_literature(10, seed=1, share_same_year=1.5)
