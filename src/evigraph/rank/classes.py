"""Scores to classes C1 to C5, and the rounding that makes equal scores equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

#: The classes, best first.
LABELS: tuple[str, ...] = ("C1", "C2", "C3", "C4", "C5")

#: What share of all nodes the classes C1 to C4 may hold at most, as one in so many: nested, best first.
ONE_IN: tuple[int, ...] = (10_000, 1_000, 100, 10)

#: Significant decimal digits that a published score has.
DIGITS = 12

#: Below this, scores are left as they are: scaling them would leave the range of float64.
_SMALLEST_ROUNDED = 1e-280

_LEAST_EXPONENT = -300
_POWERS = np.array([float(f"1e{exponent}") for exponent in range(_LEAST_EXPONENT, 309)])


def round_scores(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`scores` to twelve significant decimal digits, in a new array.

    The order in which a computer adds the parts of a score splits exact ties in the last two or three of its
    sixteen digits; at twelve the ties are whole again. Monotone, and the same on every machine: it uses only
    comparison, multiplication and division.
    """
    rounded = np.array(scores, dtype=np.float64)
    magnitude = np.abs(rounded)
    chosen = np.flatnonzero((magnitude >= _SMALLEST_ROUNDED) & np.isfinite(rounded))
    for part in np.array_split(chosen, max(1, chosen.size >> 20)):
        exponent = np.searchsorted(_POWERS, magnitude[part], side="right") - 1 + _LEAST_EXPONENT
        shift = DIGITS - 1 - exponent
        down = _POWERS[np.maximum(-shift, 0) - _LEAST_EXPONENT]
        up = _POWERS[np.maximum(shift, 0) - _LEAST_EXPONENT]
        rounded[part] = np.rint(rounded[part] / down * up) / up * down
    return rounded


def class_limits(n_nodes: int) -> tuple[int, ...]:
    """How many nodes C1, C1-C2, C1-C3 and C1-C4 may hold: the whole part of their share, at least 1."""
    return tuple(max(1, n_nodes // one_in) for one_in in ONE_IN)


@dataclass(frozen=True)
class Bounds:
    """The order statistics that classes hang on, one for each of C1 to C4; None where the limit takes all scores in.

    Of a limit of k nodes, `last[…]` is the k-th best score and `beyond[…]` the one after it.
    """

    last: tuple[float | None, ...]
    beyond: tuple[float | None, ...]


def class_bounds(scores: npt.NDArray[Any]) -> Bounds:
    """The order statistics of `scores` at the limits of the classes."""
    limits = class_limits(scores.size)
    places = sorted({scores.size - 1 - k + up for k in limits if k < scores.size for up in (0, 1)})
    # Order statistics do; no full sort is needed.
    ordered = np.partition(scores, places) if places else scores

    def at(k: int, up: int) -> float | None:
        return ordered[scores.size - 1 - k + up].item() if k < scores.size else None

    return Bounds(tuple(at(k, 1) for k in limits), tuple(at(k, 0) for k in limits))


def classify(scores: npt.NDArray[Any], bounds: Bounds | None = None) -> npt.NDArray[np.int8]:
    """The class of each score as a number, 1 (C1, best) to 5 (C5).

    BIP!'s rule: C1 to C4 hold the best 0.01 %, 0.1 %, 1 % and 10 % of *all* nodes. Equal scores are never
    parted: a group of them that crosses the limit of a class falls into the next lower class as a whole, so a
    class never exceeds its share and may be empty. `scores` are compared as they are: round them before.
    `bounds`, where they are known already, are those of the scores.
    """
    classes = np.full(scores.size, len(LABELS), dtype=np.int8)
    if not scores.size:
        return classes
    bounds = bounds or class_bounds(scores)
    # A score is inside a limit of k exactly when it exceeds the (k+1)-th largest: everything above that one
    # numbers at most k, and its own tie group reaches past k.
    for number in range(len(ONE_IN), 0, -1):
        beyond = bounds.beyond[number - 1]
        if beyond is None:
            classes[:] = number
        else:
            classes[scores > beyond] = number
    return classes


def class_entries(bounds: Bounds) -> dict[str, float | None]:
    """For C1 to C4 the score that a work of a lower class has to exceed to be in the class, all else unchanged.

    That is the last score which the limit has room for: who passes it takes that place, or finds one free where a
    group of equals was left out. None where the class has room for all.
    """
    return dict(zip(LABELS, bounds.last, strict=False))


def class_sizes(classes: npt.NDArray[np.int8]) -> dict[str, int]:
    """How many nodes each class holds, by its label."""
    counts = np.bincount(classes, minlength=len(LABELS) + 1)
    return {label: int(counts[number]) for number, label in enumerate(LABELS, start=1)}
