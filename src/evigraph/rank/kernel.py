"""The ranking kernel: scores are pushed along the citations, newest works first, each citation once or little more.

A score depends only on the works that cite a work, and nearly all of them are newer. So works are taken in blocks of
one year, newest first, and a block's scores are known when its turn comes, but for citations of its own year and of
later years by older works. `evigraph.rank.push` calls the parts in this order for each block:

- `enter` counts the block's citations of works whose turn has been, itself included;
- `late.settle` solves the block, and passes on what it sends to works whose turn has been;
- `push` sends the block's scores to the works of the next blocks (near), and those of a block that is `REACH` blocks
  newer to all the rest (far): by then hardly anything will change any more;
- `late.leave` sends what has changed in between after them.

Three linear systems x = α Pᵀ x + b are solved at once (Pᵀ without any dangling redistribution):

- column 0: b = 1, α of influence;
- column 1: b = 1, α of popularity;
- column 2: b = β · attention + γ · recency, α of popularity;

two more columns of the same 64 bytes, one cache line, hold RAM and, as two whole numbers of 32 bits, citation count
and impulse, and three hold what of the solutions has been sent on to finished works (`late`).
`solve` turns the solutions into PageRank and AttRank with dangling works, in closed form.

Each record is added to in the same order whatever the number of threads: threads share out the *cited* works.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.compiled import compiled, prefetch

#: Columns of the record that is kept for each work, and their number.
INFLUENCE, UNIFORM, POPULARITY, RAM, COUNTS, SENT, N_COLUMNS = 0, 1, 2, 3, 4, 5, 8

#: Positions in the array of work counters: citations inside a block, to newer blocks, and followed again.
N_INSIDE, N_BACKWARD, N_LATE, N_COUNTERS = 0, 1, 2, 3

#: Flags of a work: there may be something to send; it is in the list of works that have sent.
WAITS, IS_LISTED, CITES = 1, 2, 4

#: How many works ahead the citations to newer works are fetched.
_AHEAD = 24

#: How many works at a time are looked up before their citations are followed.
_BATCH = 16

#: How many works the sums are taken over one after the other.
SUMMED = 1 << 12


def new_records(n_nodes: int) -> npt.NDArray[np.float64]:
    """Memory for the records of `n_nodes` works, from the beginning of a cache line; `fill` sets it."""
    memory = np.empty(N_COLUMNS * n_nodes + 8, dtype=np.float64)
    shift = -memory.ctypes.data % 64 // 8
    return memory[shift : shift + N_COLUMNS * n_nodes].reshape(n_nodes, N_COLUMNS)


@compiled
def fill(first: int, stop: int, starts: Any, recency: Any, row: Any, cells: Any, flags: Any) -> None:
    """Sets the records of places `first` to `stop`; `recency` is γ · recency of each block."""
    block = 0
    for place in range(first, stop):
        while place >= starts[block + 1]:
            block += 1
        flags[place] = CITES if row[place] < row[place + 1] else 0
        cell = place * N_COLUMNS
        cells[cell] = 1.0
        cells[cell + 1] = 1.0
        cells[cell + 2] = recency[block]
        cells[cell + 3] = 0.0
        cells[cell + 4] = 0.0
        cells[cell + 5] = 0.0
        cells[cell + 6] = 0.0
        cells[cell + 7] = 0.0


@compiled
def end_of_year(years: Any, first: int) -> Any:
    """The first place after `first` with an older year; years descend."""
    low, high = first, years.size
    while high - low > 1:
        middle = (low + high) // 2
        if years[middle] == years[first]:
            low = middle
        else:
            high = middle
    return high


@compiled
def look(row: Any, cited: Any, starts: Any, step: int, reach: int) -> Any:
    """Of every `step`-th thousand works: how many citations, of these inside a year, to newer ones, to far newer ones.

    Far newer is at least `reach` blocks away.
    """
    n_seen = 0
    n_inside = 0
    n_backward = 0
    n_far = 0
    for block in range(starts.size - 1):
        low, high = starts[block], starts[block + 1]
        far = starts[max(0, block - reach + 1)]
        for part in range((low // 1024) // step * step, (high + 1023) // 1024, step):
            for place in range(max(low, part * 1024), min(high, part * 1024 + 1024)):
                n_seen += row[place + 1] - row[place]
                for edge in range(row[place], row[place + 1]):
                    if cited[edge] >= high:
                        break
                    if cited[edge] >= low:
                        n_inside += 1
                    else:
                        n_backward += 1
                        n_far += cited[edge] < far
    return n_seen, n_inside, n_backward, n_far


@compiled
def enter(
    low: int,
    high: int,
    until: int,
    fade: float,
    attention: float,
    row: Any,
    cited: Any,
    cells: Any,
    counts: Any,
    flags: Any,
    work: Any,
) -> int:
    """Counts the citations by places `low` to `high` of places up to `high`; returns the newest place to settle.

    Those that cite such places are flagged to be settled. `until` is the first place too old for the citations to
    count for its impulse, `fade` what they are worth in RAM, `attention` what they add to β · attention.
    """
    newest = high
    for place in range(low, high):
        if place + _AHEAD < high:
            for edge in range(row[place + _AHEAD], row[place + _AHEAD + 1]):
                if cited[edge] >= high:
                    break
                prefetch(cells, cited[edge] * N_COLUMNS)
                prefetch(flags, cited[edge])
        edge = row[place]
        end = row[place + 1]
        if edge == end or cited[edge] >= high:
            continue
        flags[place] |= WAITS
        newest = min(newest, place)
        while edge < end and cited[edge] < high:
            target = cited[edge]
            cell = target * N_COLUMNS
            cells[cell + 3] += fade
            counts[cell + 4] += 1 + (np.int64(target < until) << 32)
            if attention > 0.0:
                cells[cell + 2] += attention
                if target < low:
                    flags[target] |= (flags[target] // CITES) & WAITS
                    newest = min(newest, target)
            if target >= low:
                work[N_INSIDE] += 1
            else:
                work[N_BACKWARD] += 1
            edge += 1
    return newest


@compiled
def push(
    low: int,
    high: int,
    is_near: bool,
    first_target: int,
    stop_target: int,
    until: int,
    fade: float,
    attention: float,
    row: Any,
    cited: Any,
    alphas: Any,
    cells: Any,
    counts: Any,
    is_keeper: bool,
) -> None:
    """Pushes the scores of places `low` to `high` along their citations of places `first_target` to `stop_target`.

    When near, works that `late.settle` has not dealt with are taken to have sent what they have; the keeper notes it.
    """
    begin = np.empty(_BATCH, dtype=np.int64)
    stop = np.empty(_BATCH, dtype=np.int64)
    next_begin = np.zeros(_BATCH, dtype=np.int64)
    next_stop = np.zeros(_BATCH, dtype=np.int64)
    batch = low - _BATCH
    while batch < high:
        # The next works' citations are looked up, and what they touch is fetched …
        for item in range(_BATCH):
            place = batch + _BATCH + item
            if place >= high:
                next_begin[item] = 0
                next_stop[item] = 0
                continue
            start, end = row[place], row[place + 1]
            if is_near:
                edge = start
                while edge < end and cited[edge] < first_target:
                    edge += 1
                next_begin[item] = edge
                while edge < end and cited[edge] < stop_target:
                    prefetch(cells, cited[edge] * N_COLUMNS)
                    edge += 1
                next_stop[item] = edge
            else:
                edge = end
                while edge > start and cited[edge - 1] >= stop_target:
                    edge -= 1
                next_stop[item] = edge
                while edge > start and cited[edge - 1] >= first_target:
                    prefetch(cells, cited[edge - 1] * N_COLUMNS)
                    edge -= 1
                next_begin[item] = edge
        # … while those before them are pushed.
        if batch >= low:
            for item in range(_BATCH):
                place = batch + item
                if place >= high:
                    break
                start, end = row[place], row[place + 1]
                if start == end:
                    continue
                cell = place * N_COLUMNS
                x, y, z = cells[cell + 5], cells[cell + 6], cells[cell + 7]
                if is_near and cited[start] >= high:
                    x, y, z = cells[cell], cells[cell + 1], cells[cell + 2]
                    if is_keeper:
                        cells[cell + 5] = x
                        cells[cell + 6] = y
                        cells[cell + 7] = z
                share = 1.0 / (end - start)
                a = alphas[0] * x * share
                b = alphas[1] * y * share
                c = alphas[1] * z * share + attention
                for edge in range(begin[item], stop[item]):
                    target = cited[edge]
                    cell = target * N_COLUMNS
                    cells[cell] += a
                    cells[cell + 1] += b
                    cells[cell + 2] += c
                    cells[cell + 3] += fade
                    counts[cell + 4] += 1 + (np.int64(target < until) << 32)
        for item in range(_BATCH):
            begin[item] = next_begin[item]
            stop[item] = next_stop[item]
        batch += _BATCH


@compiled
def sums(first: int, stop: int, row: Any, cells: Any, total: Any) -> None:
    """For each `SUMMED` works of places `first` to `stop` the sums of the solutions, in `total`.

    Columns: over all works (0-2), over dangling works (3-5), and what citing works have not sent on (6-8). `first` is
    a multiple of `SUMMED`.
    """
    for start in range(first, stop, SUMMED):
        x, y, z = 0.0, 0.0, 0.0
        dx, dy, dz = 0.0, 0.0, 0.0
        ux, uy, uz = 0.0, 0.0, 0.0
        for place in range(start, min(start + SUMMED, stop)):
            cell = place * N_COLUMNS
            x += cells[cell]
            y += cells[cell + 1]
            z += cells[cell + 2]
            if row[place] == row[place + 1]:
                dx += cells[cell]
                dy += cells[cell + 1]
                dz += cells[cell + 2]
            else:
                ux += cells[cell] - cells[cell + 5]
                uy += cells[cell + 1] - cells[cell + 6]
                uz += cells[cell + 2] - cells[cell + 7]
        part = start // SUMMED
        total[part, 0] = x
        total[part, 1] = y
        total[part, 2] = z
        total[part, 3] = dx
        total[part, 4] = dy
        total[part, 5] = dz
        total[part, 6] = ux
        total[part, 7] = uy
        total[part, 8] = uz


@compiled
def finish(first: int, stop: int, scale: float, share: float, cells: Any) -> None:
    """Turns the solutions of places `first` to `stop` into influence and popularity, in place."""
    for place in range(first, stop):
        cell = place * N_COLUMNS
        cells[cell] *= scale
        cells[cell + 2] += share * cells[cell + 1]
