"""The learner: a linear support vector machine that goes on from where it stood when a label is added."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

#: Of ASReview's ELAS u4: how much an error costs, and how much heavier one side weighs than the other.
COST, RATIO = 0.11, 9.8
#: Equations are solved to this share of their right side; few changes of the active set are ever needed.
TOLERANCE, MAX_CHANGES = 1e-5, 50


@dataclass
class Learner:
    """Weights of terms, w, that minimise |w|^2 / 2 + sum_i C_i max(0, 1 - y_i (w z_i + b))^2, b counted in w.

    This is the problem that liblinear solves for scikit-learn's LinearSVC with squared hinge. It has one optimum, so
    where the search starts changes the time alone: it goes on from the answer before. The search is the finite Newton
    method (Keerthi and DeCoste, JMLR 6, 2005) in the dual: over the labels whose margin is missed, what each adds to w
    is the answer of a system of linear equations, solved by conjugate gradients.

    The row z_i of a record is its row of `matrix`; with a `mix`, it is the sum of the rows of `matrix` that row i of
    `mix` weighs (see `neighbours`), which is never written out. `own[record]` is the squared length of the terms that
    no other record has (see `Representation`).
    """

    matrix: csr_matrix
    own: Floats
    mix: csr_matrix | None = None
    _beta: Floats = field(init=False)
    #: Of terms; and of what each record has alone, which neighbours share through the mix.
    weights: Floats = field(init=False)
    own_weights: Floats = field(init=False)
    bias: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Begins with nothing learnt."""
        self._beta = np.zeros(self.matrix.shape[0])
        self.weights = np.zeros(self.matrix.shape[1])
        self.own_weights = np.zeros(self.matrix.shape[0])

    def fit(self, rows: Rows, signs: Floats, costs: Floats) -> None:
        """Learns from labelled rows: +1 relevant or -1, and what an error on each costs."""
        system = _System(self, rows)
        loose = 0.5 / costs
        beta = self._beta[rows]
        active = (beta * signs > 0) | (beta == 0)
        for _ in range(MAX_CHANGES):
            beta[~active] = 0.0
            system.solve(loose, signs, beta, active)
            missed = signs * system.scores(beta) < 1.0
            if (missed == active).all():
                break
            active = missed
        self._keep(system, rows, beta)
        self.bias = float(beta.sum())

    def lean(self, rows: Rows, shares: Floats) -> None:
        """Weights that point to the rows with positive shares and away from the others, without a border."""
        self._keep(_System(self, rows), rows, shares)
        self.bias = 0.0

    def _keep(self, system: _System, rows: Rows, beta: Floats) -> None:
        self._beta = np.zeros_like(self._beta)
        self._beta[rows] = beta
        pull = system.pull(beta)
        self.weights = np.asarray(system.turned @ pull, dtype=np.float64)
        self.own_weights = self.own * (self._beta if self.mix is None else pull)

    def scores(self) -> Floats:
        """The signed distance of every record: above 0 is on the relevant side.

        Without a mix, what a record has alone counts for labelled records only, as no other can have learnt of it.
        """
        plain = self.matrix @ self.weights + self.own_weights
        return np.asarray((plain if self.mix is None else self.mix @ plain) + self.bias, dtype=np.float64)


class _System:
    """Products with the likeness of the labelled rows to each other."""

    def __init__(self, learner: Learner, rows: Rows) -> None:
        self.mix = None if learner.mix is None else learner.mix[rows]
        # Mixed rows may need any row of the matrix.
        self.matrix = learner.matrix[rows] if learner.mix is None else learner.matrix
        self.own = learner.own[rows] if learner.mix is None else learner.own
        self.turned = self.matrix.T

    def pull(self, beta: Floats) -> Floats:
        """What each row of the matrix adds to the weights."""
        return beta if self.mix is None else np.asarray(self.mix.T @ beta)

    def scores(self, beta: Floats) -> Floats:
        """Of the labelled rows, if the labels add `beta` to the weights."""
        pull = self.pull(beta)
        plain = self.matrix @ (self.turned @ pull) + self.own * pull
        return np.asarray((plain if self.mix is None else self.mix @ plain) + beta.sum(), dtype=np.float64)

    def solve(self, loose: Floats, signs: Floats, beta: Floats, active: npt.NDArray[np.bool_]) -> None:
        """Solves (Z Z' + 1 + diag(loose)) beta = signs over the active labels, in place, from the `beta` given."""
        scale = 1 / (2 + loose)  # the inverse of the diagonal, a row's length being near 1
        rest = np.where(active, signs - self.scores(beta) - loose * beta, 0.0)
        near = scale * rest
        along = near.copy()
        product = float(rest @ near)
        enough = TOLERANCE**2 * float(signs @ (scale * signs))
        for _ in range(10 * len(signs)):
            if product <= enough:
                return
            image = np.where(active, self.scores(along) + loose * along, 0.0)
            step = product / float(along @ image)
            beta += step * along
            rest -= step * image
            near = scale * rest
            product, before = float(rest @ near), product
            along = near + product / before * along


def balanced_costs(signs: Floats, weights: Floats) -> Floats:
    """What an error on each label costs: sides balanced as ELAS u4 does, times how sure the label is.

    An irrelevant label weighs n_relevant / (9.8 n_irrelevant) of a relevant one; the mean of the weights is 1.
    """
    is_relevant = signs > 0
    n_relevant, n_irrelevant = float(weights[is_relevant].sum()), float(weights[~is_relevant].sum())
    each = weights * np.where(is_relevant, 1.0, n_relevant / (RATIO * n_irrelevant))
    return np.asarray(COST * each * len(each) / each.sum(), dtype=np.float64)
