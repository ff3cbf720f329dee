from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from evigraph.review.queue.learner import COST, Learner, balanced_costs
from evigraph.review.queue.representation import Representation, represent

WORDS = [f"word{n}" for n in range(40)]


def made_up(seed: int, n: int = 60) -> tuple[Representation, Any]:
    """Texts whose relevant ones use the first words more, and their signs."""
    rng = np.random.default_rng(seed)
    signs = np.where(rng.random(n) < 0.3, 1.0, -1.0)
    signs[:2] = 1.0, -1.0
    texts = [" ".join(rng.choice(WORDS[:25] if sign > 0 else WORDS[10:], 15)) for sign in signs]
    return represent(texts), signs


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.integers(4, 60))
def test_scores_are_those_of_scikit_learns_linear_svc(seed: int, n_labelled: int) -> None:
    svm = pytest.importorskip("sklearn.svm")
    words, signs = made_up(seed)
    rows = np.arange(n_labelled)
    costs = balanced_costs(signs[rows], np.ones(n_labelled))
    learner = Learner(words.matrix, words.own)
    learner.fit(rows, signs[rows], costs)
    # What only one record has is a column of its own for the peer.
    dense = np.hstack([words.matrix.toarray(), np.diag(np.sqrt(words.own))])
    theirs = svm.LinearSVC(loss="squared_hinge", C=COST, tol=1e-9, max_iter=200_000, random_state=0)
    theirs.fit(dense[rows], signs[rows], sample_weight=costs / COST)
    assert learner.scores()[n_labelled:] == pytest.approx(theirs.decision_function(dense)[n_labelled:], abs=2e-4)


@pytest.mark.parametrize("cost", [1.0, 50.0, 5000.0])
def test_the_optimum_does_not_depend_on_where_the_search_starts(cost: float) -> None:
    words, signs = made_up(3)
    warm = Learner(words.matrix, words.own)
    for n in range(2, 60):
        rows = np.arange(n)
        warm.fit(rows, signs[rows], cost * balanced_costs(signs[rows], np.ones(n)))
    cold = Learner(words.matrix, words.own)
    cold.fit(rows, signs[rows], cost * balanced_costs(signs[rows], np.ones(n)))
    assert warm.scores() == pytest.approx(cold.scores(), abs=1e-3)


def test_labels_of_high_cost_that_are_met_add_nothing() -> None:
    # With errors dear enough the margins are met, and only some labels hold the border.
    words, signs = made_up(5)
    rows = np.arange(60)
    learner = Learner(words.matrix, words.own)
    learner.fit(rows, signs, np.full(60, 50.0))
    reached = signs * learner.scores()
    assert (learner._beta * signs > -1e-3).all()
    assert reached.min() > 0.9
    assert (learner._beta == 0).any()


def test_costs_balance_the_sides_and_follow_how_sure_a_label_is() -> None:
    signs = np.array([1.0, -1.0, -1.0, -1.0, -1.0])
    costs = balanced_costs(signs, np.ones(5))
    assert costs.mean() == pytest.approx(COST)
    assert costs[0] / costs[1] == pytest.approx(9.8 * 4)
    unsure = balanced_costs(signs, np.array([1.0, 0.5, 1.0, 1.0, 1.0]))
    assert unsure[1] / unsure[2] == pytest.approx(0.5)


def test_mixed_rows_are_learnt_as_if_they_were_written_out() -> None:
    words, signs = made_up(7)
    rng = np.random.default_rng(0)
    mix = csr_matrix((rng.random((60, 60)) < 0.1) * 0.3 + np.eye(60))
    own = words.own + 0.1
    dense = mix @ np.hstack([words.matrix.toarray(), np.diag(np.sqrt(own))])
    rows = np.arange(25)
    costs = balanced_costs(signs[rows], np.ones(25))
    mixed, written = Learner(words.matrix, own, mix), Learner(csr_matrix(dense), np.zeros(60))
    for learner in (mixed, written):
        learner.fit(rows, signs[rows], costs)
    assert mixed.scores() == pytest.approx(written.scores(), abs=1e-4)
    for learner in (mixed, written):
        learner.lean(rows, signs[rows])
    assert mixed.scores() == pytest.approx(written.scores(), abs=1e-9)
