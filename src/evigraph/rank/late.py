"""Late score: what works receive after their turn in the ranking kernel, and how it is passed on.

Citations of the same year and of newer works bring score to works that have been pushed already, or are about to be.
A record holds what of the score has been sent on to finished works. What it has in excess is passed on when
it is more than a negligible part of the score, newest works first, again and again until nothing is left to pass on.
What stays unsent is negligible beside the score of the same work, so the error of every score is negligible beside
that score.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evigraph.rank.compiled import add, compiled, first_byte, prefetch
from evigraph.rank.kernel import CITES, IS_LISTED, N_LATE, WAITS
from evigraph.rank.records import N_COLUMNS

#: What a work has not sent on is negligible up to this part of what it has.
NEGLIGIBLE = 2.0**-48

_ANY_WAITS, _ONE = np.uint64(0x0101010101010101), np.uint64(1)

#: How many places are dealt with together; `settle` finds eight at a time.
BATCH = 256


@compiled
def settle(
    newest: int,
    low: int,
    high: int,
    floor: int,
    row: Any,
    cited: Any,
    alphas: Any,
    cells: Any,
    flags: Any,
    words: Any,
    todo: Any,
    listed: Any,
    before: Any,
    n_listed: int,
    work: Any,
    most: int,
    n_sweeps: int,
) -> Any:
    """Passes score on among places `floor` to `high` until none waits; `newest` is the newest that may wait.

    Works before `low` that send are entered in `listed`, and what they had sent `before`. Returns the number of them,
    the newest place that waits (`high` where none does, or one before `floor`), and whether it has come to an end: it
    does not where the list is full or the work exceeds `most`.
    """
    last_edge = cited.size - 1
    last_word = (high + 7) // 8
    held_back = high
    if newest < floor:
        held_back = newest
    start = max(newest, floor)
    while start < high and n_sweeps > 0:
        n_sweeps -= 1
        if work[N_LATE] > most or n_listed + BATCH > listed.size:
            return n_listed, min(held_back, start), False
        lowest = high
        word = start // 8
        while word < last_word:
            n_todo = 0
            while word < last_word and n_todo < BATCH:
                waiting = words[word] & _ANY_WAITS
                while waiting:
                    place = word * 8 + first_byte(waiting)
                    waiting &= waiting - _ONE
                    todo[n_todo] = place
                    n_todo += (place >= floor) & (place < high)
                    prefetch(cells, place * N_COLUMNS)
                    prefetch(row, place)
                word += 1
            if n_listed + n_todo > listed.size:
                return n_listed, min(held_back, lowest, todo[0]), False
            ahead = word * 8
            for item in range(min(16, n_todo)):
                prefetch(cited, min(row[todo[item]], last_edge))
            for item in range(n_todo):
                if item + 16 < n_todo:
                    prefetch(cited, min(row[todo[item + 16]], last_edge))
                if item + 6 < n_todo:
                    # As many as are sent along at a time, more or less: to count them costs more than to fetch one.
                    edge = row[todo[item + 6]]
                    for target in (cited[min(edge, last_edge)], cited[min(edge + 1, last_edge)]):
                        prefetch(cells, target * N_COLUMNS)
                        prefetch(flags, target)
                    prefetch(cells, cited[min(edge + 2, last_edge)] * N_COLUMNS)
                place = todo[item]
                flags[place] &= ~np.uint8(WAITS)
                begin, end = row[place], row[place + 1]
                cell = place * N_COLUMNS
                x, y, z = cells[cell], cells[cell + 1], cells[cell + 2]
                a, b, c = x - cells[cell + 5], y - cells[cell + 6], z - cells[cell + 7]
                if a <= NEGLIGIBLE * x and b <= NEGLIGIBLE * y and c <= NEGLIGIBLE * z:
                    continue
                if place < low and not flags[place] & IS_LISTED:
                    flags[place] |= IS_LISTED
                    listed[n_listed] = place
                    before[3 * n_listed] = cells[cell + 5]
                    before[3 * n_listed + 1] = cells[cell + 6]
                    before[3 * n_listed + 2] = cells[cell + 7]
                    n_listed += 1
                cells[cell + 5] = x
                cells[cell + 6] = y
                cells[cell + 7] = z
                share = 1.0 / (end - begin)
                a *= alphas[0] * share
                b *= alphas[1] * share
                c *= alphas[1] * share
                edge = begin
                while edge < end:
                    target = cited[edge]
                    if target >= high:
                        break
                    add(cells, target * N_COLUMNS, a, b, c, 0.0, 0)
                    flags[target] |= (flags[target] // CITES) & WAITS
                    if target < ahead:
                        if target >= floor:
                            lowest = min(lowest, target)
                        else:
                            held_back = min(held_back, target)
                    edge += 1
                work[N_LATE] += edge - begin
        start = lowest
    return n_listed, min(held_back, start), True


@compiled
def leave(
    n_listed: int,
    block: int,
    reach: int,
    starts: Any,
    first_target: int,
    stop_target: int,
    row: Any,
    cited: Any,
    alphas: Any,
    cells: Any,
    flags: Any,
    listed: Any,
    before: Any,
    is_keeper: bool,
) -> int:
    """Pushes what listed works have sent since `before` to places `first_target` to `stop_target` that have had theirs.

    A work has pushed to as many blocks as `reach` after its own, and to all once it is as far behind `block`. The
    keeper clears the list; returns how many citations were followed.
    """
    far = starts[max(0, block - reach + 1)]
    n_followed = 0
    for item in range(n_listed):
        if item + 16 < n_listed:
            prefetch(row, listed[item + 16])
            prefetch(cells, listed[item + 16] * N_COLUMNS)
        if item + 8 < n_listed:
            start = row[listed[item + 8]]
            prefetch(cited, start)
            prefetch(cited, min(start + 16, cited.size - 1))
        if item + 3 < n_listed:
            place = listed[item + 3]
            for edge in range(row[place], row[place + 1]):
                target = np.int64(cited[edge])
                is_ours = (target >= first_target) & (target < stop_target)
                prefetch(cells, (target if is_ours else place) * N_COLUMNS)
        place = listed[item]
        if is_keeper:
            flags[place] &= ~np.uint8(IS_LISTED)
        limit = stop_target
        if place >= far:
            its_block = block - 1
            while place < starts[its_block]:
                its_block -= 1
            limit = min(limit, starts[min(starts.size - 1, its_block + reach + 1)])
        share = 1.0 / (row[place + 1] - row[place])
        cell = place * N_COLUMNS
        a = alphas[0] * (cells[cell + 5] - before[3 * item]) * share
        b = alphas[1] * (cells[cell + 6] - before[3 * item + 1]) * share
        c = alphas[1] * (cells[cell + 7] - before[3 * item + 2]) * share
        for edge in range(row[place], row[place + 1]):
            target = cited[edge]
            if target >= limit:
                break
            if target >= first_target:
                add(cells, target * N_COLUMNS, a, b, c, 0.0, 0)
                n_followed += 1
    return n_followed
