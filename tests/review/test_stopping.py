from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from evigraph.review.stopping import (
    knee,
    knee_limit,
    n_irrelevant_in_a_row,
    p_of_sample,
    p_of_tail,
    progress,
    recall_at_least,
)

PEERS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("stopping_peers.json").read_text())
labels = st.lists(st.sampled_from([0, 0, 0, 1]), min_size=1, max_size=60)


@pytest.mark.parametrize("peer", PEERS, ids=[f"order {n}" for n in range(len(PEERS))])
def test_the_tail_rule_is_that_of_buscarpy(peer: dict[str, Any]) -> None:
    seen = [int(label) for label in peer["labels"]]
    assert p_of_tail(seen, peer["n_pool"], peer["target"]) == pytest.approx(peer["p"], abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(labels, st.integers(0, 100), st.sampled_from([0.8, 0.9, 0.95]))
def test_the_tail_rule_is_the_least_of_all_tails(seen: list[int], n_left: int, target: float) -> None:
    n_pool, found = len(seen) + n_left, sum(seen)
    n_missing = int(np.floor(found / target + 1)) - found
    if n_missing > n_left:
        assert p_of_tail(seen, n_pool, target) == 0
        return
    each = []
    for size in range(1, len(seen) + 1):
        k = sum(seen[-size:])
        each.append(float(hypergeom.cdf(k, n_left + size, k + n_missing, size)))
    assert p_of_tail(seen, n_pool, target) == pytest.approx(min(each), abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 30), st.integers(2, 200), st.data())
def test_a_random_sample_is_tested_hypergeometrically(found: int, n_left: int, data: st.DataObject) -> None:
    n_sample = data.draw(st.integers(1, n_left))
    relevant = data.draw(st.integers(0, min(3, n_sample)))
    n_missing = int(np.floor((found + relevant) / 0.95 + 1)) - found - relevant
    p = p_of_sample(found, n_left, n_sample, relevant)
    if n_missing > n_left - n_sample:
        assert p == 0
    else:
        assert p == pytest.approx(float(hypergeom.cdf(relevant, n_left, relevant + n_missing, n_sample)), abs=1e-9)


def test_without_a_sample_nothing_is_known() -> None:
    assert p_of_sample(20, 100, 0, 0) == 1
    assert p_of_tail([], 100) == 1
    assert recall_at_least([0, 0], 100) == 0


def test_a_sample_drawn_at_random_keeps_its_promise() -> None:
    # 900 left of which 4 are relevant, 40 found: recall 0.91. At most 5 % of such samples may say 0.95 was reached.
    rng = np.random.default_rng(0)
    left = np.zeros(900, dtype=int)
    left[:4] = 1
    wrong = 0
    for _ in range(400):
        drawn = rng.permutation(left)[:600]
        # Recall once the sample is counted too.
        reached = (40 + drawn.sum()) / 44
        wrong += bool(p_of_sample(40, 900, 600, int(drawn.sum())) < 0.05 and reached < 0.95)
    assert wrong <= 0.05 * 400 + 3 * np.sqrt(400 * 0.05 * 0.95)


@settings(deadline=None, max_examples=60)
@given(labels, st.integers(0, 100))
def test_the_bound_of_recall_agrees_with_the_test(seen: list[int], n_left: int) -> None:
    n_pool, found = len(seen) + n_left, sum(seen)
    bound = recall_at_least(seen, n_pool)
    assert found / (found + n_left) - 1e-12 <= bound <= 1 if found else bound == 0
    if found and bound < 1:
        # A target just above the bound is not granted, one just below it is.
        assert p_of_tail(seen, n_pool, min(bound + 1e-6, 1.0)) >= 0.05
    if found:
        assert p_of_tail(seen, n_pool, bound - 1e-6) < 0.05


def test_all_read_is_all_found() -> None:
    assert recall_at_least([1, 0, 1, 0], 4) == 1
    assert p_of_tail([1, 0, 1, 0], 4) == 0


def test_heuristics_count_what_they_say() -> None:
    assert n_irrelevant_in_a_row([1, 0, 1, 0, 0]) == 2
    assert n_irrelevant_in_a_row([0, 0]) == 2
    assert n_irrelevant_in_a_row([1]) == 0
    # Ten finds at once, then none among ninety: 1 a record before the knee, (1 + 0) / 90 after it.
    assert knee([1] * 10 + [0] * 90) == pytest.approx(90)
    assert knee([0] * 10) == knee([]) == knee([1]) == 0
    assert (knee_limit(0), knee_limit(40), knee_limit(500)) == (156, 116, 6)


def test_progress_is_told_at_even_steps_and_at_the_end() -> None:
    seen = [1, 1, 0, 1, *[0] * 96]
    points = progress(seen, 200, n_points=10)
    assert [point.n_screened for point in points] == list(range(10, 101, 10))
    last = points[-1]
    assert (last.n_relevant, last.n_irrelevant_in_a_row, last.share_screened) == (3, 96, 0.5)
    assert last.p == p_of_tail(seen, 200)
    assert last.recall_at_least == recall_at_least(seen, 200)
    assert progress([], 10) == []
    assert len(progress([0, 1, 0], 10)) == 3
