"""Late score: what works receive after their turn in the ranking kernel, and how it is passed on.

A citation of a newer work brings score to a work that has been pushed already. What it receives is passed on to
other finished works, newest first and again and again until it is negligible, and from each work that received any
to the unfinished ones once, when all is known. Few works take part, each several times: so they and the citations
between them are held in compact arrays while it lasts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evigraph.rank.compiled import compiled, prefetch

#: What score that arrives must exceed, relative to the score it comes to, to be worth passing on.
NEGLIGIBLE = 2.0**-50

#: Positions in the array of work counters: citations pushed along in time, inside a block, and late; works in cycles.
N_PUSHED, N_INSIDE, N_LATE, N_CYCLIC, N_COUNTERS = 0, 1, 2, 3, 4

#: Columns of an entry: score to pass on, score received in all, what is negligible (three each), share of a citation.
_RECEIVED, _LEAST, _SHARE, _N_COLUMNS = 3, 6, 9, 10

#: Positions in the state of a block's late score.
_N_ENTRIES, _N_LINKS, _LOWEST, _N_WANTED, _STATE_SIZE = 0, 1, 2, 3, 4

#: How many entries ahead records are fetched when late score leaves for unfinished works.
_AHEAD = 3


@compiled
def _longer(array: Any, n_needed: int) -> Any:
    """`array`, of one dimension, with room for `n_needed` items and as many again."""
    longer = np.zeros(2 * n_needed, dtype=array.dtype)
    # Item by item: a slice would take longer to compile than all else here.
    for item in range(array.size):
        longer[item] = array[item]
    return longer


@compiled
def _longer_entries(entries: Any, n_needed: int) -> Any:
    longer = np.zeros((2 * n_needed, _N_COLUMNS), dtype=np.float64)
    for entry in range(entries.shape[0]):
        for column in range(_N_COLUMNS):
            longer[entry, column] = entries[entry, column]
    return longer


@compiled
def _enter(place: int, entry: int, row: Any, records: Any, slot: Any, entries: Any, owner: Any, begin: Any) -> None:
    """Makes `entry` that of the work in `place`."""
    slot[place] = entry + 1
    owner[entry] = place
    begin[entry] = -1
    for system in range(3):
        entries[entry, system] = 0.0
        entries[entry, _RECEIVED + system] = 0.0
        entries[entry, _LEAST + system] = NEGLIGIBLE * records[place, system]
    entries[entry, _SHARE] = 1.0 / max(1, row[place + 1] - row[place])


@compiled
def _pass_on(
    high: int,
    row: Any,
    cited: Any,
    alphas: Any,
    records: Any,
    slot: Any,
    is_late: Any,
    entries: Any,
    owner: Any,
    begin: Any,
    end: Any,
    links: Any,
    state: Any,
    dropped: Any,
    work: Any,
    allowed: float,
) -> None:
    """Passes score on among finished works until none is left, the arrays are full or the work is too much.

    `state` holds the numbers of entries and of links, the newest place that waits (`high` where none does), and how
    many more entries and links are wanted (0 but where the arrays are full).
    """
    # Arrays are not replaced in here: numba would then count references to them in the innermost loop.
    flags = is_late.view(np.uint64)
    while state[_LOWEST] < high and work[N_INSIDE] + work[N_LATE] <= allowed:
        word = state[_LOWEST] // 8
        last_word = (high - 1) // 8
        lowest = high
        while word <= last_word:
            if flags[word] == 0:
                word += 1
                continue
            for place in range(word * 8, min(word * 8 + 8, high)):
                if is_late[place] == 0:
                    continue
                entry = slot[place] - 1
                if begin[entry] < 0:
                    n_most = row[place + 1] - row[place]
                    if state[_N_ENTRIES] + n_most > owner.size or state[_N_LINKS] + n_most > links.size:
                        state[_LOWEST] = min(lowest, place)
                        state[_N_WANTED] = n_most
                        return
                is_late[place] = 0
                a, b, c = entries[entry, 0], entries[entry, 1], entries[entry, 2]
                entries[entry, 0] = 0.0
                entries[entry, 1] = 0.0
                entries[entry, 2] = 0.0
                entries[entry, _RECEIVED] += a
                entries[entry, _RECEIVED + 1] += b
                entries[entry, _RECEIVED + 2] += c
                if a <= entries[entry, _LEAST] and b <= entries[entry, _LEAST + 1] and c <= entries[entry, _LEAST + 2]:
                    dropped[0] += a
                    dropped[1] += b
                    dropped[2] += c
                    continue
                if begin[entry] < 0:
                    begin[entry] = state[_N_LINKS]
                    for edge in range(row[place], row[place + 1]):
                        target = cited[edge]
                        if target >= high:
                            break
                        if slot[target] == 0:
                            _enter(target, state[_N_ENTRIES], row, records, slot, entries, owner, begin)
                            state[_N_ENTRIES] += 1
                        links[state[_N_LINKS]] = slot[target] - 1
                        state[_N_LINKS] += 1
                    end[entry] = state[_N_LINKS]
                a *= alphas[0] * entries[entry, _SHARE]
                b *= alphas[1] * entries[entry, _SHARE]
                c *= alphas[1] * entries[entry, _SHARE]
                for link in range(begin[entry], end[entry]):
                    other = links[link]
                    entries[other, 0] += a
                    entries[other, 1] += b
                    entries[other, 2] += c
                    target = owner[other]
                    is_late[target] = 1
                    if target < place:
                        lowest = min(lowest, target)
                work[N_LATE] += end[entry] - begin[entry]
            word += 1
        state[_LOWEST] = lowest


@compiled
def _leave(
    high: int,
    n_entries: int,
    row: Any,
    cited: Any,
    alphas: Any,
    records: Any,
    slot: Any,
    entries: Any,
    owner: Any,
    work: Any,
) -> None:
    """Adds what works received to their scores, passes it on to unfinished works, and clears `slot`."""
    last_edge = cited.size - 1
    for entry in range(n_entries):
        if entry + _AHEAD < n_entries:
            place = owner[entry + _AHEAD]
            for edge in range(row[place], row[place + 1]):
                prefetch(records, cited[min(edge, last_edge)])
        place = owner[entry]
        slot[place] = 0
        a, b, c = entries[entry, _RECEIVED], entries[entry, _RECEIVED + 1], entries[entry, _RECEIVED + 2]
        records[place, 0] += a
        records[place, 1] += b
        records[place, 2] += c
        a *= alphas[0] * entries[entry, _SHARE]
        b *= alphas[1] * entries[entry, _SHARE]
        c *= alphas[1] * entries[entry, _SHARE]
        for edge in range(row[place + 1] - 1, row[place] - 1, -1):
            target = cited[edge]
            if target < high:
                break
            work[N_LATE] += 1
            records[target, 0] += a
            records[target, 1] += b
            records[target, 2] += c


@compiled
def settle(
    low: int,
    high: int,
    n_backward: int,
    row: Any,
    cited: Any,
    alphas: Any,
    records: Any,
    slot: Any,
    is_late: Any,
    dropped: Any,
    work: Any,
    allowed: float,
) -> None:
    """Passes on the score that the block of places `low` to `high` sends to newer works, by `n_backward` citations.

    Ends early, unfinished, where the work exceeds `allowed`. `slot` and `is_late` are zero before and after.
    """
    size = 2 * n_backward + 64
    entries = np.zeros((size, _N_COLUMNS), dtype=np.float64)
    owner = np.zeros(size, dtype=np.int32)
    begin, end = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    links = np.zeros(4 * size, dtype=np.int32)
    state = np.zeros(_STATE_SIZE, dtype=np.int64)
    state[_LOWEST] = high
    for place in range(low, high):
        for edge in range(row[place], row[place + 1]):
            target = cited[edge]
            if target >= low:
                break
            if slot[target] == 0:
                _enter(target, state[_N_ENTRIES], row, records, slot, entries, owner, begin)
                state[_N_ENTRIES] += 1
            entry = slot[target] - 1
            share = 1.0 / (row[place + 1] - row[place])
            entries[entry, 0] += alphas[0] * records[place, 0] * share
            entries[entry, 1] += alphas[1] * records[place, 1] * share
            entries[entry, 2] += alphas[1] * records[place, 2] * share
            is_late[target] = 1
            state[_LOWEST] = min(state[_LOWEST], target)
    while state[_LOWEST] < high and work[N_INSIDE] + work[N_LATE] <= allowed:
        _pass_on(
            high,
            row,
            cited,
            alphas,
            records,
            slot,
            is_late,
            entries,
            owner,
            begin,
            end,
            links,
            state,
            dropped,
            work,
            allowed,
        )
        if state[_N_WANTED] > 0:
            n_needed = state[_N_ENTRIES] + state[_N_WANTED]
            if n_needed > owner.size:
                entries, owner = _longer_entries(entries, n_needed), _longer(owner, n_needed)
                begin, end = _longer(begin, n_needed), _longer(end, n_needed)
            if state[_N_LINKS] + state[_N_WANTED] > links.size:
                links = _longer(links, state[_N_LINKS] + state[_N_WANTED])
            state[_N_WANTED] = 0
    _leave(high, state[_N_ENTRIES], row, cited, alphas, records, slot, entries, owner, work)
