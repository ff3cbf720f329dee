"""When to stop screening: the hypergeometric rule of Callaghan and Müller-Hansen, customary heuristics, both over time.

Labels are 1 (relevant) or 0 in the order in which records were screened; `n_pool` counts all records, screened or not.
A rule never says that nothing is left. The statistical rule says how likely so few finds lately would be if the target
recall were missed; the heuristics say nothing of recall and are shown because reviewers know them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: The recall that is asked for, and how sure to be of it.
TARGET, CONFIDENCE = 0.95, 0.95


@dataclass(frozen=True)
class Progress:
    """Where screening stood after some number of records: one point of the panel's curves.

    Attributes:
        n_screened, n_relevant: records screened, and relevant ones among them.
        p: what `p_of_tail` says; the rule stops below 1 - confidence.
        recall_at_least: what `recall_at_least` grants.
        n_irrelevant_in_a_row, share_screened, knee: the heuristics.
    """

    n_screened: int
    n_relevant: int
    p: float
    recall_at_least: float
    n_irrelevant_in_a_row: int
    share_screened: float
    knee: float


def p_of_sample(n_found: int, n_left: int, n_sample: int, n_in_sample: int, target: float = TARGET) -> float:
    """How likely a random sample of what is left holds so few relevant records if the target recall were missed.

    The rule's final form (Callaghan and Müller-Hansen, Systematic Reviews 9:273, 2020, eq. 3 to 6): by rank `n_found`
    relevant records were found; then `n_sample` of the `n_left` unscreened ones were drawn at random, `n_in_sample` of
    them relevant. Had recall been missed, K relevant ones or more were among the `n_left`, K being the least number
    with (n_found + n_in_sample) / (n_found + K) below the target. The answer is P(X <= n_in_sample), X hypergeometric.
    """
    if n_sample <= 0:
        return 1.0
    n_missing = _least_missing(n_found + n_in_sample, target)
    if n_missing > n_left - n_sample:
        return 0.0
    return float(_few_in_sample(np.array([n_in_sample]), n_missing, np.array([n_left]), n_left - n_sample)[0])


def p_of_tail(labels: npt.ArrayLike, n_pool: int, target: float = TARGET) -> float:
    """The same test on the records screened last, the smallest over all tails: it needs no random sample.

    The last i records count as if drawn at random from all that was unscreened before them. Ranked screening finds
    relevant records sooner than chance does, so the test errs towards going on; that it is looked at after every record
    errs the other way. Equal to `calculate_h0` of the authors' package buscarpy.
    """
    seen = np.asarray(labels, dtype=np.int64)
    n_missing = _least_missing(int(seen.sum()), target)
    return _p_of_missing(seen, n_pool, n_missing)


def recall_at_least(labels: npt.ArrayLike, n_pool: int, confidence: float = CONFIDENCE) -> float:
    """The lower bound of recall that the test of `p_of_tail` grants at this confidence; 0 before the first find.

    If the labels speak against m missing records but not against m - 1, recall is at least n / (n + m - 1).
    """
    seen = np.asarray(labels, dtype=np.int64)
    n_found, n_left = int(seen.sum()), n_pool - len(seen)
    if not n_found:
        return 0.0
    possible, refuted = 0, n_left + 1
    while refuted - possible > 1:
        middle = (possible + refuted) // 2
        if _p_of_missing(seen, n_pool, middle) < 1 - confidence:
            refuted = middle
        else:
            possible = middle
    return n_found / (n_found + possible)


def n_irrelevant_in_a_row(labels: npt.ArrayLike) -> int:
    """How many irrelevant records were screened since the last relevant one."""
    relevant = np.flatnonzero(np.asarray(labels))
    return len(np.asarray(labels)) - (int(relevant[-1]) + 1 if len(relevant) else 0)


def knee(labels: npt.ArrayLike) -> float:
    """How much steeper the curve of finds was before its knee than it is after it (Cormack and Lynam, SIGIR 2016).

    The knee is the point of the curve farthest above the line from its start to where it stands. The slope after it is
    counted with one find more, so that it is never nil. Their rule stops at 156 - min(found, 150), or 6 from 150 on.
    """
    found = np.concatenate([[0], np.cumsum(np.asarray(labels))])
    n = len(found) - 1
    if n < 2 or not found[-1]:
        return 0.0
    at = int(np.argmax(found * n - np.arange(n + 1) * found[-1]))
    if at in (0, n):
        return 0.0
    return float((found[at] / at) / ((1 + found[-1] - found[at]) / (n - at)))


def knee_limit(n_relevant: int) -> float:
    """The knee at which Cormack and Lynam stop: the more was found, the smaller."""
    return 156.0 - min(n_relevant, 150)


def progress(labels: Sequence[int], n_pool: int, n_points: int = 100) -> list[Progress]:
    """The curves of the stopping panel: at most `n_points` even steps of what was screened, the last one always."""
    seen = np.asarray(labels, dtype=np.int64)
    steps = {math.ceil(len(seen) * n / n_points) for n in range(1, n_points + 1)} - {0}
    return [
        Progress(
            n_screened=n,
            n_relevant=int(seen[:n].sum()),
            p=p_of_tail(seen[:n], n_pool),
            recall_at_least=recall_at_least(seen[:n], n_pool),
            n_irrelevant_in_a_row=n_irrelevant_in_a_row(seen[:n]),
            share_screened=n / n_pool,
            knee=knee(seen[:n]),
        )
        for n in sorted(steps)
    ]


def _least_missing(n_found: int, target: float) -> int:
    """The least number of relevant records that must be missing for recall to be below the target."""
    return math.floor(n_found / target + 1) - n_found


def _p_of_missing(seen: Integers, n_pool: int, n_missing: int) -> float:
    """The smallest probability, over all tails, of so few finds in the tail if `n_missing` are left after it."""
    n_left = n_pool - len(seen)
    if n_missing > n_left:
        return 0.0
    # An irrelevant record more in the tail always lowers p, so the smallest is at a tail that begins just after a
    # relevant record, or at the whole: one tail for each number of finds.
    begins = np.concatenate([np.flatnonzero(seen)[::-1] + 1, [0]])
    n_in_tail = np.arange(len(begins))
    is_tail = begins < len(seen)
    if not is_tail.any():
        return 1.0
    return float(_few_in_sample(n_in_tail[is_tail], n_missing, n_pool - begins[is_tail], n_left).min())


def _few_in_sample(n_in_sample: Integers, n_missing: int, n_before: Integers, n_left: int) -> Floats:
    """P(X <= n_in_sample) if n_in_sample + n_missing of the `n_before` records were relevant and `n_left` remained.

    As many were in the sample or fewer just when `n_missing` or more are among those that remained, whose number
    Y is hypergeometric too: 1 - P(Y < n_missing), a sum of few terms.
    """
    relevant = n_in_sample + n_missing
    fewer = np.zeros(len(n_before))
    for y in range(n_missing):
        with np.errstate(invalid="ignore"):
            term = _ln_choose(relevant, y) + _ln_choose(n_before - relevant, n_left - y) - _ln_choose(n_before, n_left)
        is_possible = (y <= n_left) & (n_left - y <= n_before - relevant)
        fewer += np.where(is_possible, np.exp(np.where(is_possible, term, 0.0)), 0.0)
    return np.clip(1 - fewer, 0.0, 1.0)


def _ln_choose(n: npt.ArrayLike, k: npt.ArrayLike) -> Floats:
    from scipy.special import gammaln  # here, because it takes a third of a second

    n, k = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)
