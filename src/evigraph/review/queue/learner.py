"""The learner: a linear support vector machine that goes on from where it stood when a label is added."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix, csr_matrix

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Of ASReview's ELAS u4: how much an error costs, and how much heavier one side weighs than the other.
COST, RATIO = 0.11, 9.8
#: Equations are solved to this share of their right side; few changes of the active set are ever needed.
TOLERANCE, MAX_CHANGES = 1e-5, 50


@dataclass
class Learner:
    """Weights of terms, w, that minimise |w|^2 / 2 + sum_i C_i max(0, 1 - y_i (w x_i + b))^2, b counted in w.

    This is the problem that liblinear solves for scikit-learn's LinearSVC with squared hinge. It has one optimum, so
    where the search starts changes the time alone: it goes on from the answer before. The search is the finite Newton
    method (Keerthi and DeCoste, JMLR 6, 2005) in the dual: over the labels whose margin is missed, beta = y - w x is
    proportional to what they add to w, which is a system of linear equations, solved by conjugate gradients.

    `own[record]` is the squared length of the terms that no other record has (see `Representation`).
    """

    matrix: csr_matrix
    own: Floats
    _beta: Floats = field(init=False)
    weights: Floats = field(init=False)
    bias: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Begins with nothing learnt."""
        self._beta = np.zeros(self.matrix.shape[0])
        self.weights = np.zeros(self.matrix.shape[1])

    def fit(self, rows: Rows, signs: Floats, costs: Floats) -> int:
        """Learns from labelled rows: +1 relevant or -1, and what an error on each costs. Says in how many products."""
        labelled = self.matrix[rows]
        turned = labelled.T
        loose = self.own[rows] + 0.5 / costs
        beta = self._beta[rows]
        active = np.ones(len(rows), dtype=bool) if not beta.any() else (beta * signs > 0) | (beta == 0)
        n_products = 0
        for _ in range(MAX_CHANGES):
            beta[~active] = 0.0
            n_products += _solve(labelled, turned, loose, signs, beta, active)
            weights, bias = turned @ beta, float(beta.sum())
            missed = signs * (labelled @ weights + bias + self.own[rows] * beta) < 1.0
            if (missed == active).all():
                break
            active = missed
        self._beta = np.zeros_like(self._beta)
        self._beta[rows] = beta
        self.weights, self.bias = weights, bias
        return n_products

    def scores(self) -> Floats:
        """The signed distance of every record: above 0 is on the relevant side."""
        return np.asarray(self.matrix @ self.weights + self.bias, dtype=np.float64)


def balanced_costs(signs: Floats, weights: Floats) -> Floats:
    """What an error on each label costs: sides balanced as ELAS u4 does, times how sure the label is.

    An irrelevant label weighs n_relevant / (9.8 n_irrelevant) of a relevant one; the mean of the weights is 1.
    """
    is_relevant = signs > 0
    n_relevant, n_irrelevant = float(weights[is_relevant].sum()), float(weights[~is_relevant].sum())
    each = weights * np.where(is_relevant, 1.0, n_relevant / (RATIO * n_irrelevant))
    return np.asarray(COST * each * len(each) / each.sum(), dtype=np.float64)


def _solve(
    labelled: csr_matrix, turned: csc_matrix, loose: Floats, signs: Floats, beta: Floats, active: npt.NDArray[np.bool_]
) -> int:
    """Solves (X X' + 1 + diag(loose)) beta = signs over the active labels, in place, from the `beta` given."""

    def times(vector: Floats) -> Floats:
        return np.where(active, labelled @ (turned @ vector) + vector.sum() + loose * vector, 0.0)

    scale = 1 / (1 + loose + 1)  # the diagonal, a row's length being near 1
    rest = np.where(active, signs, 0.0) - times(beta)
    near = scale * rest
    along = near.copy()
    product = float(rest @ near)
    enough = TOLERANCE**2 * float(signs @ (scale * signs))
    for n in range(10 * len(signs)):
        if product <= enough:
            return n + 1
        image = times(along)
        step = product / float(along @ image)
        beta += step * along
        rest -= step * image
        near = scale * rest
        product, before = float(rest @ near), product
        along = near + product / before * along
    return 10 * len(signs)
