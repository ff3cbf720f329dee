from __future__ import annotations

import numpy as np
import pytest

from evigraph.rank.classes import class_limits, class_sizes, classify, round_scores
from rank.reference import reference_classes


def test_without_ties_the_classes_are_full() -> None:
    sizes = class_sizes(classify(np.arange(100_000.0)))
    assert sizes == {"C1": 10, "C2": 90, "C3": 900, "C4": 9_000, "C5": 90_000}


def test_below_20_000_nodes_the_second_class_keeps_its_share() -> None:
    # BIP! Ranker lets the best 0.1 % shrink to one node here.
    assert class_limits(19_999) == (1, 19, 199, 1_999)
    assert class_sizes(classify(np.arange(19_999.0)))["C2"] == 18


def test_a_tie_group_that_crosses_a_limit_falls_into_the_lower_class() -> None:
    scores = np.array([9.0, 8.0, 8.0] + [1.0] * 17)  # limits: 1, 1, 1, 2
    assert classify(scores).tolist() == [1, 5, 5] + [5] * 17
    scores = np.array([9.0, 8.0, 7.0] + [1.0] * 17)
    assert classify(scores).tolist() == [1, 4, 5] + [5] * 17


def test_a_top_group_larger_than_every_limit_leaves_all_classes_empty_but_the_last() -> None:
    assert set(classify(np.zeros(50)).tolist()) == {5}
    assert classify(np.array([3.0] * 6 + [1.0] * 44)).tolist() == [5] * 50
    # Five fit 10 % of 50, but not 1 %.
    assert classify(np.array([3.0] * 5 + [1.0] * 45)).tolist() == [4] * 5 + [5] * 45


@pytest.mark.parametrize("n_nodes", range(1, 10))
def test_fewer_than_ten_nodes_have_one_best(n_nodes: int) -> None:
    expected = [1] + [5] * (n_nodes - 1)
    assert classify(np.arange(n_nodes, 0, -1)).tolist() == expected


def test_no_nodes_no_classes() -> None:
    assert classify(np.zeros(0)).tolist() == []


@pytest.mark.parametrize("seed", range(20))
def test_the_classes_are_those_of_the_rule_as_worded(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = round_scores(np.floor(random.pareto(1.0, random.integers(1, 3_000)) * 10) / 7)
    assert classify(scores).tolist() == reference_classes(scores)


def test_twelve_significant_digits() -> None:
    given = np.array([0.0, 1 / 3, 2e-9 / 3, 123456789012.6, 0.1 + 0.2, 1e-300, 5.0, -1 / 3])
    expected = [0.0, 0.333333333333, 6.66666666667e-10, 123456789013.0, 0.3, 1e-300, 5.0, -0.333333333333]
    assert round_scores(given).tolist() == pytest.approx(expected, rel=4e-16, abs=0.0)


def test_rounding_makes_ties_whole_and_keeps_order() -> None:
    random = np.random.default_rng(1)
    scores = 10.0 ** random.uniform(-20, 3, 10_000)
    noisy = scores * (1 + random.integers(-3, 4, scores.size) * 2.0**-52)
    same = round_scores(scores) == round_scores(noisy)
    assert same.mean() > 0.99
    order = np.argsort(noisy, kind="stable")
    assert np.all(np.diff(round_scores(noisy)[order]) >= 0)
    texts = [float(f"{score:.11e}") for score in noisy]
    assert round_scores(noisy).tolist() == pytest.approx(texts, rel=1e-15)
