"""Small graphs: the systems solved round by round, with nothing to compile.

Compiling the kernel takes seconds once, and loading it longer than a small graph needs; here every round sends all
scores along all citations, x ← α Pᵀ x + b, until no score changes by more than a negligible part of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.graph import CitationGraph
from evigraph.rank.records import COUNTS, POPULARITY, RAM, new_records
from evigraph.rank.systems import Systems

#: A change of a score that is negligible beside it.
NEGLIGIBLE = 2.0**-50

#: Citations times rounds up to which a graph is small: about a second.
_MOST_STEPS = 1 << 24


def expected_rounds(alphas: npt.NDArray[np.float64]) -> int:
    """About how many rounds bring the change to nothing: each shrinks it at least by the larger α."""
    largest = float(alphas.max())
    return 4 if largest == 0 else 4 + math.ceil(-math.log2(NEGLIGIBLE) * math.log(2) / -math.log(largest))


def is_small(graph: CitationGraph, systems: Systems) -> bool:
    """Whether rounds are the fastest way for the graph."""
    return graph.n_edges * expected_rounds(systems.alphas) <= _MOST_STEPS


def solve_in_rounds(graph: CitationGraph, systems: Systems) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Records with solutions and counts, and the facts of the method."""
    n_nodes, cited = graph.n_nodes, graph.cited
    n_references = np.diff(graph.row)
    n_made = np.diff(graph.row[systems.starts])
    citing = np.repeat(np.arange(n_nodes, dtype=np.int32), n_references)

    def received(given: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.bincount(cited, weights=given, minlength=n_nodes)

    base = np.ones((3, n_nodes))
    base[POPULARITY] = np.repeat(systems.recency, np.diff(systems.starts))
    base[POPULARITY] += received(np.repeat(systems.attention, n_made))
    shares = systems.alphas[[0, 1, 1], np.newaxis] / np.maximum(n_references, 1)
    found, change, n_rounds = base, base, 0
    while (change > NEGLIGIBLE * found).any():
        given = (shares * found)[:, citing]
        new = base + np.stack([received(one) for one in given])
        found, change, n_rounds = new, np.abs(new - found), n_rounds + 1
    records = new_records(n_nodes)
    records[:] = 0.0
    records[:, :3] = found.T
    records[:, RAM] = received(np.repeat(systems.fading, n_made))
    is_fresh = cited < np.repeat(systems.impulse_until, n_made)
    impulse = np.bincount(cited[is_fresh], minlength=n_nodes)
    records.view(np.int64)[:, COUNTS] = np.bincount(cited, minlength=n_nodes) + (impulse << 32)
    return records, {
        "method": "rounds",
        "passes": float(n_rounds),
        "unsent": change.sum(axis=1),
        "sums": np.concatenate((found.sum(axis=1), found[:, n_references == 0].sum(axis=1))),
    }
