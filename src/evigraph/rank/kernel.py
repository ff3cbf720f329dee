"""The ranking kernel: scores are pushed along the citations, newest works first, each citation once or little more.

A score depends only on the works that cite a work, and nearly all of them are newer. So works are taken in blocks of
one year, newest first, and a block's scores are known when its turn comes, but for citations of its own year and of
later years by older works. `evigraph.rank.push` calls the parts in this order for each block:

- `enter` pushes the block's scores to works whose turn has been, itself included: most works that are cited by others
  of their year stand after them (`graph`), and have them when their own place comes;
- `late.settle` passes on what came too late for that;
- `push` sends the block's scores to the works of the next blocks (near), and those of a block that is `REACH` blocks
  newer to all the rest (far): by then hardly anything will change any more;
- `late.leave` sends what has changed in between after them.

Three linear systems x = α Pᵀ x + b are solved at once (Pᵀ without any dangling redistribution):

- column 0: b = 1, α of influence;
- column 1: b = 1, α of popularity;
- column 2: b = β · attention + γ · recency, α of popularity;

two more columns of the same 64 bytes, one cache line, hold RAM and, as two whole numbers of 32 bits, citation count
and impulse, and three hold what of the solutions has been sent on to finished works (`late`).
`systems` has the right-hand sides, X

Each record is added to in the same order whatever the number of threads: threads share out the *cited* works.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evigraph.rank.compiled import add, compiled, prefetch
from evigraph.rank.records import N_COLUMNS
from evigraph.rank.threads import SUMMED

#: Positions in the array of work counters: citations inside a block, to newer blocks, and followed again.
N_INSIDE, N_BACKWARD, N_LATE, N_COUNTERS = 0, 1, 2, 3

#: Flags of a work: there may be something to send; it is in the list of works that have sent; it cites what finished
#: works are, or is one of them that cite.
WAITS, IS_LISTED, CITES = 1, 2, 4

#: How many works ahead what citations to newer works touch is fetched, and how many citations ahead for the others.
_WORKS_AHEAD, _AHEAD = 8, 64

#: Records after those of the works, for each thread: what takes the citations that are another's to push along.
N_SPARE = 8


@compiled
def enter(
    low: int,
    high: int,
    until: int,
    fade: float,
    attention: float,
    row: Any,
    cited: Any,
    alphas: Any,
    cells: Any,
    flags: Any,
    todo: Any,
    work: Any,
) -> int:
    """Pushes places `low` to `high` along their citations of places up to `high`; returns the newest to settle.

    A work that comes after the one that cites it, in the order of the places, has its turn still to come; the others
    are flagged to be settled. `until` is the first place too old for the citations to count for its impulse, `fade`
    what they are worth in RAM, `attention` what they add to β · attention. `todo` is room for places.
    """
    newest = high
    last = cited.size - 1
    batch = low
    while batch < high:
        # First those that have such citations are picked out, …
        n_todo = 0
        for place in range(batch, min(batch + todo.size, high)):
            start = row[place]
            todo[n_todo] = place
            n_todo += (start < row[place + 1]) & (cited[min(start, last)] < high)
        # … then they push, while what the ones after them touch is fetched.
        for item in range(n_todo):
            if item + _WORKS_AHEAD < n_todo:
                edge = row[todo[item + _WORKS_AHEAD]]
                prefetch(cells, todo[item + _WORKS_AHEAD] * N_COLUMNS)
                prefetch(cells, cited[edge] * N_COLUMNS)
                prefetch(flags, cited[edge])
                prefetch(cells, cited[min(edge + 1, last)] * N_COLUMNS)
            place = todo[item]
            flags[place] |= CITES
            cell = place * N_COLUMNS
            x, y, z = cells[cell], cells[cell + 1], cells[cell + 2]
            cells[cell + 5] = x
            cells[cell + 6] = y
            cells[cell + 7] = z
            edge, end = row[place], row[place + 1]
            share = 1.0 / (end - edge)
            a = alphas[0] * x * share
            b = alphas[1] * y * share
            c = alphas[1] * z * share + attention
            while edge < end and cited[edge] < high:
                target = cited[edge]
                add(cells, target * N_COLUMNS, a, b, c, fade, 1 + (np.int64(target < until) << 32))
                if target < place and flags[target] & CITES:
                    flags[target] |= WAITS
                    newest = min(newest, target)
                work[N_INSIDE if target >= low else N_BACKWARD] += 1
                edge += 1
        batch += todo.size
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
    flags: Any,
    spare: int,
    is_keeper: bool,
) -> None:
    """Pushes the scores of places `low` to `high` along their citations of places `first_target` to `stop_target`.

    When near, works that `enter` and `late.settle` have not dealt with are taken to have sent what they have; the
    keeper notes it. All citations are gone through without looking which are to be followed, since a processor that
    guesses that wrong loses more: the others go to the records from `spare`.
    """
    last = row[high] - 1
    for place in range(low, high):
        start, end = row[place], row[place + 1]
        if start == end:
            continue
        cell = place * N_COLUMNS
        x, y, z = cells[cell + 5], cells[cell + 6], cells[cell + 7]
        if is_near and cited[start] >= high:
            x, y, z = cells[cell], cells[cell + 1], cells[cell + 2]
            if is_keeper:
                flags[place] |= CITES
                cells[cell + 5] = x
                cells[cell + 6] = y
                cells[cell + 7] = z
        for edge in range(start, end):
            ahead = np.int64(cited[min(edge + _AHEAD, last)])
            prefetch(cells, (ahead if (ahead >= first_target) & (ahead < stop_target) else spare) * N_COLUMNS)
        share = 1.0 / (end - start)
        a = alphas[0] * x * share
        b = alphas[1] * y * share
        c = alphas[1] * z * share + attention
        # Near ones stand first in a row, far ones last.
        for item in range(end - start):
            edge = start + item if is_near else end - 1 - item
            target = np.int64(cited[edge])
            if target >= stop_target if is_near else target < first_target:
                break
            number = 1 + (np.int64(target < until) << 32)
            if target < first_target if is_near else target >= stop_target:
                target = spare + (edge & (N_SPARE - 1))
            add(cells, target * N_COLUMNS, a, b, c, fade, number)


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
