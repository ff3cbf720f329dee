"""Synthetic literature of any size, a part at a time: each reference is a function of its work, its number and a seed.

It looks like `evigraph.rank.synthetic`: sixty years that grow by 4.5 % a year, 29 % of the works without references,
lags of one year and a mixture of exponentials, skewed fitness inside a year, copied references, some citations of the
same and of later years, some reciprocal pairs. Works are numbered newest first; inside a year their order says nothing
about their citations. Nothing is kept between parts, so a graph of any size is written in little memory.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import gcd
from typing import Any

import numpy as np

from evigraph.rank.compiled import compiled
from evigraph.rank.synthetic import GROWTH, N_YEARS

_MOST_REFERENCES = 4096
_WORKS_A_PART = 1 << 19
_STRIDE = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _uniform(seed: int, work: int, number: int) -> float:
    """A number in (0, 1) that depends on its three arguments alone (splitmix64)."""
    x = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(work)
    x = (x ^ (x >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return (np.float64(x >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@compiled
def _n_references(seed: int, work: int, mean_references: float) -> int:
    if _uniform(seed, work, 0) < 0.29:
        return 0
    radius = np.sqrt(-2.0 * np.log(_uniform(seed, work, 1)))
    normal = radius * np.cos(2.0 * np.pi * _uniform(seed, work, 2))
    return min(int(np.exp(np.log(mean_references) - 0.405 + 0.9 * normal) + 0.5), _MOST_REFERENCES)


@compiled
def _choice(seed: int, work: int, year: int, number: int, starts: Any, strides: Any, same: float, future: float) -> Any:
    """The first choice of a reference: its place and its year counted from the newest; -1 for none."""
    item = 8 + 8 * number
    kind = _uniform(seed, work, item)
    if kind < same:
        other = year
    elif kind < same + future:
        other = year - 1 - int(3.0 * _uniform(seed, work, item + 1))
    else:
        mean = 4.0 if _uniform(seed, work, item + 2) < 0.6 else 11.0
        other = year + 1 + int(-np.log(_uniform(seed, work, item + 3)) * mean)
    if other < 0 or other >= starts.size - 1:
        return -1, other
    size = starts[other + 1] - starts[other]
    if size == 0:
        return -1, other
    # Skewed by rank, and ranks are strewn over the year by a step that has no divisor in common with its size.
    u = _uniform(seed, work, item + 4)
    rank = int(u * u * np.sqrt(u) * size)
    return starts[other] + (rank * strides[other]) % size, other


@compiled
def _part(
    first: int,
    stop: int,
    seed: int,
    mean_references: float,
    starts: Any,
    strides: Any,
    same: float,
    future: float,
    n_references: Any,
    cited: Any,
) -> int:
    """Fills the rows of works `first` to `stop`; returns their number of references, or -1 if `cited` is too short."""
    end = 0
    year = 0
    row = np.empty(_MOST_REFERENCES + 1, dtype=np.int32)
    for work in range(first, stop):
        while work >= starts[year + 1]:
            year += 1
        n = 0
        for number in range(_n_references(seed, work, mean_references)):
            target, other = _choice(seed, work, year, number, starts, strides, same, future)
            if target < 0:
                continue
            if other > year and _uniform(seed, work, 8 + 8 * number + 5) < 0.3:
                n_theirs = _n_references(seed, target, mean_references)
                if n_theirs > 0:
                    theirs = int(_uniform(seed, work, 8 + 8 * number + 6) * n_theirs)
                    copied, oldest = _choice(seed, target, other, theirs, starts, strides, same, future)
                    if copied >= 0 and oldest > year:
                        target = copied
            row[n] = target
            n += 1
        partner = work ^ 1
        is_pair = n > 0 and _uniform(seed, work >> 1, 3) < 0.018 and starts[year] <= partner < starts[year + 1]
        if is_pair and _n_references(seed, partner, mean_references) > 0:
            row[n] = partner
            n += 1
        if end + n > cited.size:
            return -1
        # Shell sort, duplicates and the work itself left out.
        gap = 1
        while gap < n // 3:
            gap = 3 * gap + 1
        while gap > 0:
            for here in range(gap, n):
                value = row[here]
                there = here
                while there >= gap and row[there - gap] > value:
                    row[there] = row[there - gap]
                    there -= gap
                row[there] = value
            gap //= 3
        start = end
        for here in range(n):
            if row[here] != work and (end == start or cited[end - 1] != row[here]):
                cited[end] = row[here]
                end += 1
        n_references[work - first] = end - start
    return end


def literature(
    n_nodes: int,
    mean_references: float = 14.0,
    share_same_year: float = 0.013,
    share_future: float = 0.004,
    last_year: int = 2020,
    seed: int = 1,
) -> Iterator[tuple[Any, Any, Any]]:
    """Parts of a graph for `evigraph.rank.layout.write_graph`, made by as many threads as there are processors."""
    weights = GROWTH ** -np.arange(N_YEARS, dtype=np.float64)
    shares = np.concatenate(([0.0], np.cumsum(weights) / weights.sum()))
    starts = np.rint(shares * n_nodes).astype(np.int64)
    sizes = np.diff(starts)
    strides = np.ones(N_YEARS, dtype=np.int64)
    for year, size in enumerate(sizes):
        stride = int(size * 0.6180339887) | 1
        while gcd(stride, int(size)) > 1:
            stride += 1
        strides[year] = stride

    def part(first: int) -> tuple[Any, Any, Any]:
        stop = min(first + _WORKS_A_PART, n_nodes)
        n_references = np.zeros(stop - first, dtype=np.int32)
        room = int((stop - first) * (mean_references + 2)) + 2 * _MOST_REFERENCES
        while True:
            cited = np.empty(room, dtype=np.int32)
            n = _part(
                first, stop, seed, mean_references, starts, strides, share_same_year, share_future, n_references, cited
            )
            if n >= 0:
                break
            room *= 2
        years = last_year - (np.searchsorted(starts, np.arange(first, stop), side="right") - 1)
        return years, n_references, cited[:n]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ahead: deque[Future[tuple[Any, Any, Any]]] = deque()
        for first in range(0, n_nodes, _WORKS_A_PART):
            ahead.append(pool.submit(part, first))
            if len(ahead) > 4:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
