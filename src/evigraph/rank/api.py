"""The four BIP! indicators and their classes for a citation graph in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank import kernel
from evigraph.rank.classes import class_sizes, classify, round_scores
from evigraph.rank.graph import CitationGraph, citation_graph
from evigraph.rank.parameters import FIRST_YEAR, Parameters

#: Called with the name of what is being done, the units done and the units in all, some hundred times in a run.
Progress = Callable[[str, int, int], None]

#: The share of citations that run to newer years from which topological order replaces time (`kernel`).
MOST_BACKWARD = 0.02

#: Score that reaches a work at most so many years newer is pushed on at once, more in a sweep of its own.
_WINDOW_YEARS = 3

#: Into how many parts the work is cut between two calls of the progress function.
_PARTS = 100

_SCORES = ("citation_count", "impulse", "influence", "popularity")


@dataclass(frozen=True)
class Ranking:
    """The indicators of nodes 0 … N-1, one entry a node; classes are numbers from 1 (C1, best) to 5 (C5).

    Influence and popularity have twelve significant digits. `facts` says how the ranking came about, as plain
    values for a manifest: sizes, what was dropped, parameters, attention window, classes, method, passes over
    the citations, and the certificates: bounds of the L1 distance from the exact solution, rounding aside.
    """

    citation_count: npt.NDArray[np.int64]
    impulse: npt.NDArray[np.int64]
    influence: npt.NDArray[np.float64]
    popularity: npt.NDArray[np.float64]
    citation_count_class: npt.NDArray[np.int8]
    impulse_class: npt.NDArray[np.int8]
    influence_class: npt.NDArray[np.int8]
    popularity_class: npt.NDArray[np.int8]
    facts: dict[str, Any]


def rank(
    years: npt.NDArray[Any],
    citing: npt.NDArray[Any],
    cited: npt.NDArray[Any],
    parameters: Parameters,
    progress: Progress | None = None,
) -> Ranking:
    """The four indicators of each node of a citation graph, with classes.

    Nodes are 0 … N-1 with a publication year each (0: not known), in any order; citation e goes from node
    `citing[e]` to node `cited[e]`. Self-citations of a node and repeated citations are dropped and counted.

    With N all nodes, P(j, i) = 1 / out(j) where j cites i, and D the score of works that cite nothing:

    - citation count: how many works cite i;
    - impulse: how many works j cite i with year(j) - year(i) ≤ 3 (`impulse_years`). As at BIP! there is no
      lower bound: a citation from a work dated before i, or from one without a year, counts, while a work
      without a year has no impulse;
    - influence (PageRank): s = α (Pᵀ s + D / N) + (1 - α) / N. Sums to 1;
    - popularity (AttRank): s = α (Pᵀ s + D / N) + β A + γ T, where A(i) is i's share of the citations from works
      of the attention window and T(i) is proportional to e^(ρ (current year + 1 - year(i))). Years below 1000
      or after the current year count as 0 here. Sums to 1, and to γ / (1 - α) where the window holds no
      citation; then `is_attention_empty` is set in the facts.

    The definitions are those of BIP! Ranker (Vergoulis et al. 2021). Where ours differs: references to works
    outside the graph leak no score (they are no citations of this graph), duplicates count once, scores are
    exact to rounding instead of iterated to an absolute 1e-12, and `classify` has no case in which it fails.

    Raises:
        InputError: the arrays do not fit each other, or a citation names a node that is not there.
    """
    graph = citation_graph(years, citing, cited)
    n_nodes, n_edges = graph.n_nodes, graph.n_edges
    year_starts = _starts_of_years(graph.years)
    records = kernel.new_records(n_nodes)
    counts = records.view(np.int64)
    facts: dict[str, Any] = {
        "n_nodes": n_nodes,
        "n_edges": n_edges,
        "n_self_loops_dropped": graph.n_self_loops_dropped,
        "n_duplicates_dropped": graph.n_duplicates_dropped,
        "n_dangling_nodes": int(np.count_nonzero(np.diff(graph.row) == 0)),
        "n_undated_nodes": int(np.count_nonzero(graph.years < FIRST_YEAR)),
        "n_nodes_after_current_year": int(np.count_nonzero(graph.years > parameters.current_year)),
        "parameters": parameters.as_dict(),
        "current_year": parameters.current_year,
    }
    facts |= _prepare(graph, year_starts, parameters, records, counts)
    facts |= _solve(graph, year_starts, parameters, records, counts, progress)
    influence, popularity, certificates = _combine(graph, parameters, records, facts)
    facts |= certificates
    packed = counts[:, kernel.COUNTS]
    arrays: dict[str, npt.NDArray[Any]] = {
        "citation_count": packed & 0xFFFFFFFF,
        "impulse": packed >> 32,
        "influence": round_scores(influence),
        "popularity": round_scores(popularity),
    }
    del records, counts, packed, influence, popularity
    if graph.order is not None:
        for name, values in arrays.items():
            arrays[name] = np.empty_like(values)
            arrays[name][graph.order] = values
    classes: dict[str, Any] = {f"{name}_class": classify(arrays[name]) for name in _SCORES}
    facts["class_sizes"] = {name: class_sizes(classes[f"{name}_class"]) for name in _SCORES}
    return Ranking(**arrays, **classes, facts=facts)


def _starts_of_years(years: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The first place of each year, newest year first, and the number of places."""
    changes = np.flatnonzero(years[1:] != years[:-1]) + 1
    return np.concatenate(([0], changes, [years.size])) if years.size else np.zeros(1, dtype=np.int64)


def _first_place_before(years: npt.NDArray[np.int32], bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each bound the first place whose year is smaller, in years that descend."""
    return np.searchsorted(-years.astype(np.int64), -bounds, side="right")


def _prepare(
    graph: CitationGraph,
    year_starts: npt.NDArray[np.int64],
    parameters: Parameters,
    records: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
) -> dict[str, Any]:
    """Facts of the attention window; sets the right-hand sides of the three systems in `records`."""
    year_of = graph.years[year_starts[:-1]].astype(np.int64)
    is_dated = (year_of >= FIRST_YEAR) & (year_of <= parameters.current_year)
    age = parameters.current_year + 1 - np.where(is_dated, year_of, 0)
    # Only ratios matter, so the youngest age is the origin: no exponential can underflow for all works.
    youngest = int(age.min()) if age.size else 0
    weight = np.array([math.exp(parameters.popularity_rho * (int(value) - youngest)) for value in age])
    total = math.fsum(weight * np.diff(year_starts))
    recency = parameters.popularity_gamma * weight / total if age.size else weight
    window = np.flatnonzero(is_dated & (year_of >= parameters.start_year))
    first, stop = (int(year_starts[window[0]]), int(year_starts[window[-1] + 1])) if window.size else (0, 0)
    n_attention = int(graph.row[stop] - graph.row[first])
    if n_attention:
        kernel.count_attention(graph.row, graph.cited, first, stop, counts)
        records[:, kernel.POPULARITY] = counts[:, kernel.COUNTS] * (parameters.popularity_beta / n_attention)
        counts[:, kernel.COUNTS] = 0
    records[:, kernel.INFLUENCE] = 1.0
    records[:, kernel.UNIFORM] = 1.0
    for index, (low, high) in enumerate(pairwise(year_starts)):
        records[low:high, kernel.POPULARITY] += recency[index]
    return {
        "attention_start_year": parameters.start_year,
        "n_attention_citations": n_attention,
        "is_attention_empty": n_attention == 0,
    }


def _solve(
    graph: CitationGraph,
    year_starts: npt.NDArray[np.int64],
    parameters: Parameters,
    records: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    progress: Progress | None,
) -> dict[str, Any]:
    """How the systems were solved; leaves the solutions and the counts in `records`."""
    n_nodes, n_edges = graph.n_nodes, graph.n_edges
    n_inside, n_backward = kernel.count_backward(graph.row, graph.cited, year_starts)
    is_against_time = n_backward > MOST_BACKWARD * n_edges
    starts = np.array([0, n_nodes], dtype=np.int64) if is_against_time else year_starts
    years = graph.years[year_starts[:-1]].astype(np.int64)
    impulse_until = _first_place_before(graph.years, years - parameters.impulse_years)
    alphas = np.array([parameters.influence_alpha, parameters.popularity_alpha])
    windows = starts[:-1] if is_against_time else _first_place_before(graph.years, years + _WINDOW_YEARS + 1)
    unpushed = np.zeros((n_nodes, 3))
    is_late = np.zeros(-(-n_nodes // 8) * 8, dtype=np.uint8)
    dropped, work = np.zeros(3), np.zeros(kernel.N_COUNTERS, dtype=np.int64)
    # Parts of about equal numbers of citations, each of whole blocks.
    aims = np.arange(1, _PARTS) * (n_edges / _PARTS)
    cuts = np.searchsorted(graph.row[starts], aims) if n_nodes else np.zeros(0, dtype=np.int64)
    bounds = np.unique(np.concatenate(([0], cuts, [starts.size - 1])))
    for first, stop in pairwise(bounds):
        kernel.push_blocks(
            first,
            stop,
            starts,
            windows,
            year_starts,
            impulse_until,
            graph.row,
            graph.cited,
            alphas,
            records,
            counts,
            unpushed,
            is_late,
            dropped,
            work,
        )
        if progress is not None:
            progress("rank", int(graph.row[starts[stop]]), n_edges)
    n_sweeps = 0
    while n_nodes and kernel.settle_all(
        starts, windows, graph.row, graph.cited, alphas, records, unpushed, is_late, dropped, work
    ):
        n_sweeps += 1
    touched = int(work[kernel.N_PUSHED] + work[kernel.N_INSIDE] + work[kernel.N_LATE])
    return {
        "method": "push in topological order" if is_against_time else "push by year",
        "n_sweeps": n_sweeps,
        "n_blocks": int(starts.size - 1),
        "n_same_year_citations": n_inside,
        "n_backward_citations": n_backward,
        "n_cyclic_nodes": int(work[kernel.N_CYCLIC]),
        "passes": touched / n_edges if n_edges else 0.0,
        "dropped": [float(value) for value in dropped],
    }


def _combine(
    graph: CitationGraph,
    parameters: Parameters,
    records: npt.NDArray[np.float64],
    facts: dict[str, Any],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], dict[str, Any]]:
    """Influence, popularity and their certificates, from the solved systems, in closed form.

    With S(b) the solution for b without dangling works, u = 1/N and d_b the score of S(b) on dangling works:
    PageRank is S(u) scaled to the sum 1, and AttRank is S(w) + α d S(u) with d = d_w / (1 - α d_u).
    """
    n_nodes = graph.n_nodes
    dropped = facts.pop("dropped")
    if not n_nodes:
        empty = np.zeros(0)
        return empty, empty, {"influence_certificate": 0.0, "popularity_certificate": 0.0}
    sums = kernel.combine(graph.row, records)
    # S(b) is short of the exact solution by at most this, and never above it: all terms are positive.
    alphas = (parameters.influence_alpha, parameters.popularity_alpha, parameters.popularity_alpha)
    short = [alpha / (1 - alpha) * lost for alpha, lost in zip(alphas, dropped, strict=True)]
    influence = records[:, kernel.INFLUENCE] / sums[0]
    alpha = parameters.popularity_alpha
    uniform_dangling, dangling = sums[4] / n_nodes, sums[5]
    share = alpha * dangling / (1 - alpha * uniform_dangling)
    popularity = records[:, kernel.POPULARITY] + (share / n_nodes) * records[:, kernel.UNIFORM]
    most = alpha * (dangling + short[2]) / (1 - alpha * (uniform_dangling + short[1] / n_nodes))
    return (
        influence,
        popularity,
        {
            "influence_certificate": float(2 * short[0] / sums[0]),
            "popularity_certificate": float(
                short[2] + (most - share) * (sums[1] + short[1]) / n_nodes + share * short[1] / n_nodes
            ),
        },
    )
