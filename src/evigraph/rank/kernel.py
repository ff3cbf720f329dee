"""The ranking kernel: scores are pushed once along the citations, newest works first.

A score depends only on the works that cite a work, and nearly all of them are newer. So the works are taken
in blocks of one year, newest first, and each block's scores are final when its turn comes, but for two things:

- *Citations inside a block* are solved first, on their own: works in topological order, then the works in or
  below a cycle in sweeps, until what is left no longer changes a score. Then the block's scores are pushed to
  the older works, once.
- *Citations of newer works* bring score to works whose turn has been. It is passed on among those, in sweeps
  from the newest one touched, and then from each of them to the older works, once, before the next block begins.

Where many citations run against time the second part would dominate; then `solve` turns to `sweeps`.

Three linear systems x = α Pᵀ x + b are solved at once (Pᵀ without any dangling redistribution):

- column 0: b = 1, α of influence;
- column 1: b = 1, α of popularity;
- column 2: b = β · attention + γ · recency, α of popularity;

and column 3 of the same 32 bytes counts citations (low 32 bits) and impulse (high 32 bits). `solve` turns
the solutions into PageRank and AttRank with dangling works, in closed form.

Score that is not passed on because it is below 2^-50 of the score it came to is summed: the sum bounds the error
of the solution, which is the certificate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.compiled import compiled, prefetch
from evigraph.rank.late import N_CYCLIC, N_INSIDE, N_LATE, N_PUSHED, NEGLIGIBLE, settle

#: Columns of the record that is kept for each work.
INFLUENCE, UNIFORM, POPULARITY, COUNTS = 0, 1, 2, 3

#: How many references ahead records are fetched.
_AHEAD = 96


def new_records(n_nodes: int) -> npt.NDArray[np.float64]:
    """Zeroed records for `n_nodes` works, four columns, each record inside one cache line."""
    memory = np.zeros(4 * n_nodes + 8, dtype=np.float64)
    shift = -memory.ctypes.data % 64 // 8
    return memory[shift : shift + 4 * n_nodes].reshape(n_nodes, 4)


@compiled
def count_attention(row: Any, cited: Any, first: int, stop: int, counts: Any) -> None:
    """Adds to `counts[p]` how many of the works in places `first` to `stop` cite the work in place p."""
    for edge in range(row[first], row[stop]):
        counts[cited[edge]] += 1


@compiled
def faded_counts(row: Any, cited: Any, starts: Any, weights: Any) -> Any:
    """For each place the sum over the works that cite it of the weight of their block."""
    faded = np.zeros(row.size - 1, dtype=np.float64)
    last_edge = cited.size - 1
    for block in range(starts.size - 1):
        for edge in range(row[starts[block]], row[starts[block + 1]]):
            prefetch(faded, cited[min(edge + _AHEAD, last_edge)])
            faded[cited[edge]] += weights[block]
    return faded


@compiled
def count_backward(row: Any, cited: Any, starts: Any) -> Any:
    """How many citations stay inside a block, and how many go to a newer block."""
    inside = 0
    backward = 0
    for block in range(starts.size - 1):
        low, high = starts[block], starts[block + 1]
        for place in range(low, high):
            for edge in range(row[place], row[place + 1]):
                if cited[edge] >= high:
                    break
                if cited[edge] < low:
                    backward += 1
                else:
                    inside += 1
    return inside, backward


@compiled
def _solve_inside(
    low: int, high: int, row: Any, cited: Any, alphas: Any, records: Any, dropped: Any, work: Any
) -> None:
    """Solves the systems inside the block of places `low` to `high`, in `records`."""
    n_citing = 0
    for place in range(low, high):
        edge = row[place]
        while edge < row[place + 1] and cited[edge] < low:
            edge += 1
        if edge < row[place + 1] and cited[edge] < high:
            n_citing += 1
    if n_citing == 0:
        return
    waits_for = np.zeros(high - low, dtype=np.int32)
    is_pending = np.zeros(high - low, dtype=np.uint8)
    pending = np.empty(n_citing, dtype=np.int32)
    n_citing = 0
    for place in range(low, high):
        edge = row[place]
        while edge < row[place + 1] and cited[edge] < low:
            edge += 1
        if edge < row[place + 1] and cited[edge] < high:
            pending[n_citing] = place
            n_citing += 1
            is_pending[place - low] = 1
            while edge < row[place + 1] and cited[edge] < high:
                waits_for[cited[edge] - low] += 1
                edge += 1
    # Topological order: a work is pushed when all that cite it inside the block have been.
    queue = np.empty(n_citing, dtype=np.int32)
    n_queued = 0
    for index in range(n_citing):
        if waits_for[pending[index] - low] == 0:
            queue[n_queued] = pending[index]
            n_queued += 1
    head = 0
    while head < n_queued:
        place = queue[head]
        head += 1
        is_pending[place - low] = 0
        share = 1.0 / (row[place + 1] - row[place])
        a = alphas[0] * records[place, 0] * share
        b = alphas[1] * records[place, 1] * share
        c = alphas[1] * records[place, 2] * share
        for edge in range(row[place], row[place + 1]):
            target = cited[edge]
            if target >= high:
                break
            if target >= low:
                work[N_INSIDE] += 1
                records[target, 0] += a
                records[target, 1] += b
                records[target, 2] += c
                waits_for[target - low] -= 1
                if waits_for[target - low] == 0 and is_pending[target - low]:
                    queue[n_queued] = target
                    n_queued += 1
    if n_queued == n_citing:
        return
    # What is left lies in a cycle or is cited from one: sweeps, newest first, of what is not pushed yet.
    n_cyclic = 0
    for index in range(n_citing):
        if is_pending[pending[index] - low]:
            pending[n_cyclic] = pending[index]
            n_cyclic += 1
    work[N_CYCLIC] += n_cyclic
    # `waits_for` has served: from here on it is the entry of a work in `unpushed`.
    unpushed = np.empty((n_cyclic, 3), dtype=np.float64)
    for index in range(n_cyclic):
        place = pending[index]
        waits_for[place - low] = index
        for system in range(3):
            unpushed[index, system] = records[place, system]
            records[place, system] = 0.0
    is_active = True
    while is_active:
        is_active = False
        for index in range(n_cyclic):
            place = pending[index]
            a, b, c = unpushed[index, 0], unpushed[index, 1], unpushed[index, 2]
            if (
                a <= NEGLIGIBLE * records[place, 0]
                and b <= NEGLIGIBLE * records[place, 1]
                and c <= NEGLIGIBLE * records[place, 2]
            ):
                continue
            is_active = True
            records[place, 0] += a
            records[place, 1] += b
            records[place, 2] += c
            unpushed[index, 0] = 0.0
            unpushed[index, 1] = 0.0
            unpushed[index, 2] = 0.0
            share = 1.0 / (row[place + 1] - row[place])
            a *= alphas[0] * share
            b *= alphas[1] * share
            c *= alphas[1] * share
            for edge in range(row[place], row[place + 1]):
                target = cited[edge]
                if target >= high:
                    break
                if target >= low:
                    work[N_INSIDE] += 1
                    if is_pending[target - low]:
                        entry = waits_for[target - low]
                        unpushed[entry, 0] += a
                        unpushed[entry, 1] += b
                        unpushed[entry, 2] += c
                    else:
                        records[target, 0] += a
                        records[target, 1] += b
                        records[target, 2] += c
    for index in range(n_cyclic):
        for system in range(3):
            records[pending[index], system] += unpushed[index, system]
            dropped[system] += unpushed[index, system]


@compiled
def push_blocks(
    first: int,
    stop: int,
    starts: Any,
    impulse_until: Any,
    row: Any,
    cited: Any,
    alphas: Any,
    records: Any,
    counts: Any,
    slot: Any,
    is_late: Any,
    dropped: Any,
    work: Any,
    most_extra: float,
) -> Any:
    """Solves and pushes blocks `first` to `stop`, in place; False where that takes too long and is given up.

    It is given up when cycles have touched `most_extra` times the citations that were pushed.
    `starts` are the first places of the blocks, followed by N; `impulse_until` has for each block the first place
    too old for citations by the block to count for its impulse. `counts` is `records` seen as integers. `slot` and
    `is_late` are zero for every work; `is_late` is filled up to a multiple of eight.
    """
    last_edge = row[row.size - 1] - 1
    for block in range(first, stop):
        low, high, until = starts[block], starts[block + 1], impulse_until[block]
        _solve_inside(low, high, row, cited, alphas, records, dropped, work)
        n_backward = np.int64(0)
        for place in range(low, high):
            begin, end = row[place], row[place + 1]
            if begin == end:
                continue
            share = 1.0 / (end - begin)
            a = alphas[0] * records[place, 0] * share
            b = alphas[1] * records[place, 1] * share
            c = alphas[1] * records[place, 2] * share
            edge = begin
            while edge < end and cited[edge] < high:
                n_backward += cited[edge] < low
                counts[cited[edge], 3] += 1 + (np.int64(cited[edge] < until) << 32)
                edge += 1
            while edge < end:
                prefetch(records, cited[min(edge + _AHEAD, last_edge)])
                target = cited[edge]
                records[target, 0] += a
                records[target, 1] += b
                records[target, 2] += c
                counts[target, 3] += 1 + (np.int64(target < until) << 32)
                edge += 1
            work[N_PUSHED] += end - begin
        # Early blocks say little: a tenth of all citations counts as pushed from the start.
        allowed = most_extra * max(work[N_PUSHED], cited.size // 10)
        if n_backward:
            settle(low, high, n_backward, row, cited, alphas, records, slot, is_late, dropped, work, allowed)
        if work[N_INSIDE] + work[N_LATE] > allowed:
            return False
    return True


@compiled
def combine(row: Any, records: Any) -> Any:
    """Sums over all works (0-2) and over dangling works (3-5) of the three solutions, compensated (Neumaier)."""
    total = np.zeros(6)
    lost = np.zeros(6)
    for place in range(records.shape[0]):
        is_dangling = row[place] == row[place + 1]
        for system in range(3):
            value = records[place, system]
            for column in range(system, 6 if is_dangling else 3, 3):
                old = total[column]
                new = old + value
                if abs(old) >= abs(value):
                    lost[column] += (old - new) + value
                else:
                    lost[column] += (value - new) + old
                total[column] = new
    return total + lost
