"""The indicators of a citation graph: choice of the method, closed form for dangling works."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.graph import CitationGraph
from evigraph.rank.parameters import Parameters
from evigraph.rank.records import COUNTS, INFLUENCE, POPULARITY, RAM, UNIFORM, new_records
from evigraph.rank.rounds import expected_rounds, is_small, solve_in_rounds
from evigraph.rank.systems import REACH, Systems, systems_of
from evigraph.rank.threads import SUMMED, default_threads, shared_out

#: Called with the name of what is being done, the units done and the units in all, some hundred times in a run.
Progress = Callable[[str, int, int], None]

#: The shares of citations to newer years, to years far newer, and to works of the same year, beyond which sweeps are
#: faster than pushing.
MOST_BACKWARD = 0.01
MOST_FAR = 0.001
MOST_INSIDE = 0.15

#: About how many works are looked at to choose the method; small graphs are looked at whole.
_LOOKED_AT = 1 << 20


@dataclass(frozen=True)
class Solution:
    """The indicators of the works in their places, and how they came about.

    The arrays are columns of the records that the kernel kept: they lie in memory with gaps between their items.
    """

    citation_count: npt.NDArray[np.uint32]
    impulse: npt.NDArray[np.uint32]
    influence: npt.NDArray[np.float64]
    popularity: npt.NDArray[np.float64]
    ram: npt.NDArray[np.float64]
    facts: dict[str, Any]


def solve(
    graph: CitationGraph,
    parameters: Parameters,
    progress: Progress | None = None,
    method: str | None = None,
    n_threads: int | None = None,
    checkpoint: Path | None = None,
) -> Solution:
    """The indicators, by the fastest of three methods unless one is named: `push` (`kernel`), `sweep`, or `rounds`.

    All are exact to rounding. Small graphs are solved in rounds, with nothing to compile. Sweeps are chosen by looking
    at the graph, where more than 1 % of the citations go to newer years, 0.1 % far back or more than 15 % stay inside a
    year, and later, where pushing turns out to go round and round. The answer does not depend on the number of threads,
    not even in its last digit; without `n_threads` it is as many as there are processors, eight at most.

    With a folder `checkpoint`, pushing that is interrupted (Ctrl-C, SIGTERM) ends the year it is at, keeps its state
    there and stops; it also keeps it every quarter of an hour. The next run with the same graph and parameters goes
    on from it, to the same bits as an undisturbed one, and clears the folder.
    """
    threads = default_threads() if n_threads is None else n_threads
    systems, facts = systems_of(graph, parameters)
    facts["n_threads"] = threads
    records: npt.NDArray[np.float64] | None = None
    step = 1 if graph.n_nodes <= 2 * _LOOKED_AT else graph.n_nodes // _LOOKED_AT
    if method == "rounds" or (method is None and is_small(graph, systems)):
        _, inside, backward, _ = look(graph, systems, 1)
        facts |= {"n_same_year_citations": inside, "n_backward_citations": backward}
        records, found = solve_in_rounds(graph, systems)
        facts |= found
        if progress is not None:
            progress("rank", graph.n_edges, graph.n_edges)
    elif method == "push" or (method is None and _is_timely(*look(graph, systems, step))):
        records = _push(graph, systems, threads, facts, progress, method == "push", checkpoint)
    if records is None:
        records = _sweep(graph, systems, facts, progress)
    _combine(graph, parameters, records, facts, threads)
    counts = records.view(np.uint32)
    return Solution(
        counts[:, 2 * COUNTS],
        counts[:, 2 * COUNTS + 1],
        records[:, INFLUENCE],
        records[:, POPULARITY],
        records[:, RAM],
        facts,
    )


def look(graph: CitationGraph, systems: Systems, step: int) -> tuple[int, int, int, int]:
    """Of every `step`-th thousand works: how many citations, of these inside a year, to newer ones, to far newer ones.

    Far newer is so many years that pushing cannot wait for them.
    """
    n_seen = n_inside = n_backward = n_far = 0
    starts = systems.starts.tolist()
    for block, (low, high) in enumerate(pairwise(starts)):
        far = starts[max(0, block - REACH + 1)]
        size = high - low if step == 1 else 1024
        for first in range(low, high, max(1, size * step)):
            cited = graph.cited[graph.row[first] : graph.row[min(first + size, high)]]
            n_seen += cited.size
            n_newer = int(np.count_nonzero(cited < low))
            n_inside += int(np.count_nonzero(cited < high)) - n_newer
            n_backward += n_newer
            n_far += int(np.count_nonzero(cited < far))
    return n_seen, n_inside, n_backward, n_far


def _is_timely(n_seen: int, n_inside: int, n_backward: int, n_far: int) -> bool:
    """Whether citations follow time well enough for pushing."""
    return n_backward <= MOST_BACKWARD * n_seen and n_far <= MOST_FAR * n_seen and n_inside <= MOST_INSIDE * n_seen


def _push(
    graph: CitationGraph,
    systems: Systems,
    n_threads: int,
    facts: dict[str, Any],
    progress: Progress | None,
    is_forced: bool,
    folder: Path | None,
) -> npt.NDArray[np.float64] | None:
    """Records with solutions and counts, or None where that would take too long."""
    # Here, since small graphs do without compiled code, and loading it takes longer than they do.
    from evigraph.rank import kernel
    from evigraph.rank.checkpoint import Checkpoint, interrupts_noted
    from evigraph.rank.push import MOST_EXTRA, Pushing

    n_edges = graph.n_edges
    pushing = Pushing(graph, systems, n_threads)
    checkpoint = None if folder is None else Checkpoint(folder)
    if checkpoint is None or not checkpoint.restore(pushing):
        pushing.fill()
    noting: AbstractContextManager[list[int]] = nullcontext([]) if checkpoint is None else interrupts_noted()
    with noting as noted:

        def between() -> None:
            if progress is not None:
                progress("rank", int(graph.row[systems.starts[pushing.n_done]]), n_edges)
            if checkpoint is not None and pushing.n_done < pushing.n_blocks and (noted or checkpoint.is_due()):
                checkpoint.keep(pushing)
                if noted:
                    signal.raise_signal(noted.pop())

        is_solved = pushing.run(math.inf if is_forced else MOST_EXTRA, between)
    if checkpoint is not None:
        checkpoint.remove()
    if not is_solved:
        return None
    n_again = int(pushing.work[kernel.N_LATE]) + pushing.n_left
    facts |= {
        "n_same_year_citations": int(pushing.work[kernel.N_INSIDE]),
        "n_backward_citations": int(pushing.work[kernel.N_BACKWARD]),
        "method": "push",
        "passes": 1 + n_again / n_edges if n_edges else 0.0,
    }
    facts["sums"] = _sums(graph, pushing.records, n_threads)
    facts["unsent"] = facts["sums"][6:]
    return pushing.records


def _sweep(
    graph: CitationGraph, systems: Systems, facts: dict[str, Any], progress: Progress | None
) -> npt.NDArray[np.float64]:
    """Records with solutions and counts."""
    from evigraph.rank import sweeps

    n_edges, starts, alphas = graph.n_edges, systems.starts, systems.alphas
    _, n_inside, n_backward, _ = look(graph, systems, 1)
    teleport = np.repeat(systems.recency, np.diff(starts))
    for block in np.flatnonzero(systems.attention):
        first, stop = graph.row[starts[block : block + 2]]
        teleport += systems.attention[block] * np.bincount(graph.cited[first:stop], minlength=graph.n_nodes)
    records = new_records(graph.n_nodes)
    records[:] = 0.0
    start, citing = sweeps.transpose(graph.row, graph.cited)
    is_backward = 2 * n_backward > n_edges
    expected = expected_rounds(alphas)
    is_stale, unsent = np.ones(graph.n_nodes, dtype=np.uint8), np.zeros(3)
    n_read, n_sweeps = 0, 0
    while is_stale.any():
        n_read += sweeps.sweep(
            graph.row, graph.cited, start, citing, alphas, teleport, records, is_stale, unsent, is_backward
        )
        n_sweeps += 1
        if progress is not None:
            progress("rank", min(n_sweeps, expected - 1), expected)
    sweeps.finish(
        graph.row,
        start,
        citing,
        alphas,
        teleport,
        starts,
        systems.impulse_from,
        systems.fading,
        records,
        records.view(np.int64),
    )
    if progress is not None:
        progress("rank", expected, expected)
    divisors = np.array([alphas[0], alphas[1], alphas[1]])
    facts |= {
        "n_same_year_citations": int(n_inside),
        "n_backward_citations": int(n_backward),
        "method": "sweep",
        "passes": n_read / n_edges if n_edges else 0.0,
        "n_sweeps": n_sweeps,
        "unsent": np.divide(unsent, divisors, out=np.zeros(3), where=divisors > 0),
        "sums": _sums(graph, records, 1),
    }
    return records


def _sums(graph: CitationGraph, records: Any, n_threads: int) -> npt.NDArray[np.float64]:
    """Sums over all works (0-2) and over dangling works (3-5) of the solutions, and of what is not sent (6-8)."""
    from evigraph.rank import kernel

    parts = np.zeros((-(-graph.n_nodes // SUMMED), 9))
    cells = records.reshape(-1)
    shared_out(n_threads, graph.n_nodes, lambda first, stop: kernel.sums(first, stop, graph.row, cells, parts))
    return np.array([math.fsum(column) for column in parts.T])


def _combine(
    graph: CitationGraph,
    parameters: Parameters,
    records: npt.NDArray[np.float64],
    facts: dict[str, Any],
    n_threads: int,
) -> None:
    """Turns solved systems into influence and popularity, in closed form; adds their certificates to the facts.

    With S(b) the solution for b without dangling works, u = 1/N and d_b the score of S(b) on dangling works:
    PageRank is S(u) scaled to the sum 1, and AttRank is S(w) + α d S(u) with d = d_w / (1 - α d_u).
    """
    n_nodes = graph.n_nodes
    unsent, sums = (facts.pop(name) for name in ("unsent", "sums"))
    if not n_nodes:
        facts |= {"influence_certificate": 0.0, "popularity_certificate": 0.0}
        return
    # What is not sent on would have been worth α + α² + … of itself: the L1 error of S(b) is at most this.
    alphas = (parameters.influence_alpha, parameters.popularity_alpha, parameters.popularity_alpha)
    error = [alpha / (1 - alpha) * float(lost) for alpha, lost in zip(alphas, unsent, strict=True)]
    alpha = parameters.popularity_alpha
    uniform_dangling, dangling = sums[4] / n_nodes, sums[5]
    share = alpha * dangling / (1 - alpha * uniform_dangling)

    def finish(first: int, stop: int) -> None:
        for start in range(first, stop, SUMMED):
            part = records[start : min(start + SUMMED, stop)]
            part[:, INFLUENCE] *= 1 / sums[0]
            part[:, POPULARITY] += share / n_nodes * part[:, UNIFORM]

    shared_out(n_threads, n_nodes, finish)
    largest = alpha * (dangling + error[2]) / (1 - alpha * (uniform_dangling + error[1] / n_nodes))
    facts["influence_certificate"] = float(2 * error[0] / sums[0])
    facts["popularity_certificate"] = float(
        error[2] + (largest - share) * (sums[1] + error[1]) / n_nodes + share * error[1] / n_nodes
    )
