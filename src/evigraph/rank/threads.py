"""Work on the places of a graph shared out among threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: How many works sums are taken over one after the other: parts begin at a multiple of it.
SUMMED = 1 << 12


def shared_out(n_threads: int, n_nodes: int, run: Callable[[int, int], Any]) -> None:
    """Calls `run` for about equal parts of the places, each from a multiple of `SUMMED`, on all threads."""
    size = max(1, -(-n_nodes // (SUMMED * 4 * n_threads))) * SUMMED
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(lambda first: run(first, min(first + size, n_nodes)), range(0, n_nodes, size)))


def default_threads() -> int:
    """As many threads as this process may use processors, eight at most: memory serves no more."""
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
