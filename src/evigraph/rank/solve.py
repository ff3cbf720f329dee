"""PageRank and AttRank of a citation graph: right-hand sides, choice of the method, closed form for dangling works."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank import kernel, late, sweeps
from evigraph.rank.graph import CitationGraph
from evigraph.rank.parameters import FIRST_YEAR, Parameters

#: Called with the name of what is being done, the units done and the units in all, some hundred times in a run.
Progress = Callable[[str, int, int], None]

#: The shares of citations to newer years, and to works of the same year, beyond which sweeps are faster than pushing.
MOST_BACKWARD = 0.01
MOST_INSIDE = 0.15

#: Score that goes round in cycles may touch so many times the citations pushed so far before sweeps take over.
MOST_EXTRA = 4.0

#: Into how many parts the work is cut between two calls of the progress function.
_PARTS = 100


@dataclass(frozen=True)
class Solution:
    """The indicators of the works in their places, and how they came about."""

    citation_count: npt.NDArray[np.int64]
    impulse: npt.NDArray[np.int64]
    influence: npt.NDArray[np.float64]
    popularity: npt.NDArray[np.float64]
    ram: npt.NDArray[np.float64]
    facts: dict[str, Any]


def solve(
    graph: CitationGraph, parameters: Parameters, progress: Progress | None = None, method: str | None = None
) -> Solution:
    """The indicators, by the faster of two methods unless one is named: `push` (`kernel`) or `sweep` (`sweeps`).

    Both are exact to rounding. Sweeps are chosen by looking at the graph, where more than 1 % of the citations go
    to newer years or more than 15 % stay inside a year, and later, where pushing turns out to go round and round.
    """
    starts = _starts_of_years(graph.years)
    n_inside, n_backward = (int(number) for number in kernel.count_backward(graph.row, graph.cited, starts))
    is_timely = n_backward <= MOST_BACKWARD * graph.n_edges and n_inside <= MOST_INSIDE * graph.n_edges
    records = kernel.new_records(graph.n_nodes)
    facts: dict[str, Any] = {"n_same_year_citations": n_inside, "n_backward_citations": n_backward}
    teleport, attention_facts = _teleport(graph, starts, parameters)
    facts |= attention_facts
    is_solved = False
    if method == "push" or (method is None and is_timely):
        is_solved = _push(graph, starts, parameters, teleport, records, facts, progress, method == "push")
    if not is_solved:
        _sweep(graph, starts, parameters, teleport, records, facts, progress)
    del teleport
    influence, popularity = _combine(graph, parameters, records, facts)
    packed = records.view(np.int64)[:, kernel.COUNTS]
    ram = kernel.faded_counts(graph.row, graph.cited, starts, _fading(graph.years, starts, parameters))
    return Solution(packed & 0xFFFFFFFF, packed >> 32, influence, popularity, ram, facts)


def _fading(
    years: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], parameters: Parameters
) -> npt.NDArray[np.float64]:
    """What a citation by a work of each year is worth in RAM."""
    year_of = years[starts[:-1]].astype(np.int64)
    is_dated = (year_of >= FIRST_YEAR) & (year_of <= parameters.current_year)
    age = np.where(is_dated, parameters.current_year - year_of, parameters.current_year)
    return np.asarray(np.float64(parameters.ram_gamma) ** age)


def _starts_of_years(years: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The first place of each year, newest year first, and the number of places."""
    changes = np.flatnonzero(years[1:] != years[:-1]) + 1
    return np.concatenate(([0], changes, [years.size])) if years.size else np.zeros(1, dtype=np.int64)


def _first_place_not_after(
    years: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """For each bound the first place whose year is at most that."""
    ascending = -years[starts[:-1]].astype(np.int64)
    return starts[np.searchsorted(ascending, -bounds, side="left")]


def _teleport(
    graph: CitationGraph, starts: npt.NDArray[np.int64], parameters: Parameters
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """β · attention + γ · recency of each work, and the facts of the attention window."""
    year_of = graph.years[starts[:-1]].astype(np.int64)
    is_dated = (year_of >= FIRST_YEAR) & (year_of <= parameters.current_year)
    age = parameters.current_year + 1 - np.where(is_dated, year_of, 0)
    # Only ratios matter, so the youngest age is the origin: no exponential can underflow for all works.
    youngest = int(age.min()) if age.size else 0
    weight = np.array([math.exp(parameters.popularity_rho * (int(value) - youngest)) for value in age])
    n_works = np.diff(starts)
    total = math.fsum(weight * n_works)
    teleport = np.repeat(parameters.popularity_gamma * weight / total, n_works) if age.size else np.zeros(0)
    window = np.flatnonzero(is_dated & (year_of >= parameters.start_year))
    first, stop = (int(starts[window[0]]), int(starts[window[-1] + 1])) if window.size else (0, 0)
    n_attention = int(graph.row[stop] - graph.row[first])
    if n_attention:
        counts = np.zeros(graph.n_nodes, dtype=np.int32)
        kernel.count_attention(graph.row, graph.cited, first, stop, counts)
        teleport += counts * (parameters.popularity_beta / n_attention)
    return teleport, {
        "attention_start_year": parameters.start_year,
        "n_attention_citations": n_attention,
        "is_attention_empty": n_attention == 0,
    }


def _push(
    graph: CitationGraph,
    starts: npt.NDArray[np.int64],
    parameters: Parameters,
    teleport: npt.NDArray[np.float64],
    records: npt.NDArray[np.float64],
    facts: dict[str, Any],
    progress: Progress | None,
    is_forced: bool,
) -> bool:
    """Whether pushing came to its end; solutions and counts are then in `records`."""
    n_nodes, n_edges = graph.n_nodes, graph.n_edges
    records[:, kernel.INFLUENCE] = 1.0
    records[:, kernel.UNIFORM] = 1.0
    records[:, kernel.POPULARITY] = teleport
    years = graph.years[starts[:-1]].astype(np.int64)
    impulse_until = _first_place_not_after(graph.years, starts, years - parameters.impulse_years - 1)
    alphas = np.array([parameters.influence_alpha, parameters.popularity_alpha])
    slot = np.zeros(n_nodes, dtype=np.int32)
    is_late = np.zeros(-(-n_nodes // 8) * 8, dtype=np.uint8)
    dropped, work = np.zeros(3), np.zeros(late.N_COUNTERS, dtype=np.int64)
    most_extra = math.inf if is_forced else MOST_EXTRA
    # Parts of about equal numbers of citations, each of whole blocks.
    cuts: Any = np.searchsorted(graph.row[starts], np.arange(1, _PARTS) * (n_edges / _PARTS)) if n_nodes else []
    bounds = np.unique(np.concatenate(([0], cuts, [starts.size - 1]))).astype(np.int64)
    for first, stop in pairwise(bounds):
        if not kernel.push_blocks(
            first,
            stop,
            starts,
            impulse_until,
            graph.row,
            graph.cited,
            alphas,
            records,
            records.view(np.int64),
            slot,
            is_late,
            dropped,
            work,
            most_extra,
        ):
            return False
        if progress is not None:
            progress("rank", int(graph.row[starts[stop]]), n_edges)
    touched = int(work[late.N_PUSHED] + work[late.N_INSIDE] + work[late.N_LATE])
    facts |= {
        "method": "push",
        "passes": touched / n_edges if n_edges else 0.0,
        "n_cyclic_nodes": int(work[late.N_CYCLIC]),
        "unsent": dropped.tolist(),
    }
    return True


def _sweep(
    graph: CitationGraph,
    starts: npt.NDArray[np.int64],
    parameters: Parameters,
    teleport: npt.NDArray[np.float64],
    records: npt.NDArray[np.float64],
    facts: dict[str, Any],
    progress: Progress | None,
) -> None:
    """Leaves solutions and counts in `records`."""
    n_edges = graph.n_edges
    records[:] = 0.0
    start, citing = sweeps.transpose(graph.row, graph.cited)
    alphas = np.array([parameters.influence_alpha, parameters.popularity_alpha])
    is_backward = 2 * facts["n_backward_citations"] > n_edges
    # Each sweep shrinks the change at least by the larger α, so about this many bring it to nothing.
    largest = max(parameters.influence_alpha, parameters.popularity_alpha)
    expected = 4 if largest == 0 else 4 + math.ceil(50 * math.log(2) / -math.log(largest))
    is_stale, unsent = np.ones(graph.n_nodes, dtype=np.uint8), np.zeros(3)
    n_read, n_sweeps = 0, 0
    while is_stale.any():
        n_read += sweeps.sweep(
            graph.row, graph.cited, start, citing, alphas, teleport, records, is_stale, unsent, is_backward
        )
        n_sweeps += 1
        if progress is not None:
            progress("rank", min(n_sweeps, expected - 1), expected)
    years = graph.years[starts[:-1]].astype(np.int64)
    impulse_from = _first_place_not_after(graph.years, starts, years + parameters.impulse_years)
    sweeps.finish(graph.row, start, citing, alphas, teleport, starts, impulse_from, records, records.view(np.int64))
    if progress is not None:
        progress("rank", expected, expected)
    divisors = np.array([alphas[0], alphas[1], alphas[1]])
    facts |= {
        "method": "sweep",
        "passes": n_read / n_edges if n_edges else 0.0,
        "n_sweeps": n_sweeps,
        "unsent": np.divide(unsent, divisors, out=np.zeros(3), where=divisors > 0).tolist(),
    }


def _combine(
    graph: CitationGraph,
    parameters: Parameters,
    records: npt.NDArray[np.float64],
    facts: dict[str, Any],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Influence and popularity from the solved systems, in closed form; adds their certificates to the facts.

    With S(b) the solution for b without dangling works, u = 1/N and d_b the score of S(b) on dangling works:
    PageRank is S(u) scaled to the sum 1, and AttRank is S(w) + α d S(u) with d = d_w / (1 - α d_u).
    """
    n_nodes = graph.n_nodes
    unsent = facts.pop("unsent")
    if not n_nodes:
        facts |= {"influence_certificate": 0.0, "popularity_certificate": 0.0}
        return np.zeros(0), np.zeros(0)
    sums = kernel.combine(graph.row, records)
    # What is not sent on would have been worth α + α² + … of itself: the L1 error of S(b) is at most this.
    alphas = (parameters.influence_alpha, parameters.popularity_alpha, parameters.popularity_alpha)
    error = [alpha / (1 - alpha) * lost for alpha, lost in zip(alphas, unsent, strict=True)]
    influence = records[:, kernel.INFLUENCE] / sums[0]
    alpha = parameters.popularity_alpha
    uniform_dangling, dangling = sums[4] / n_nodes, sums[5]
    share = alpha * dangling / (1 - alpha * uniform_dangling)
    popularity = records[:, kernel.POPULARITY] + (share / n_nodes) * records[:, kernel.UNIFORM]
    largest = alpha * (dangling + error[2]) / (1 - alpha * (uniform_dangling + error[1] / n_nodes))
    facts["influence_certificate"] = float(2 * error[0] / sums[0])
    facts["popularity_certificate"] = float(
        error[2] + (largest - share) * (sums[1] + error[1]) / n_nodes + share * error[1] / n_nodes
    )
    return influence, popularity
