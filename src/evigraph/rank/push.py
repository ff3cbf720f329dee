"""The order in which the parts of the ranking kernel are called, on one thread or several, and what it starts from."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank import kernel, late
from evigraph.rank.graph import CitationGraph
from evigraph.rank.records import INFLUENCE, N_COLUMNS, POPULARITY, UNIFORM, new_records, room_for_listed
from evigraph.rank.systems import REACH, Systems
from evigraph.rank.threads import shared_out

#: Citations followed again may be so many times all citations before pushing is given up.
MOST_EXTRA = 4.0

#: How often late score is passed on at each turn: what is left waits for the next, when more has come.
N_SWEEPS = 6
_NO_LIMIT = 2**62

#: Citations that are sampled to share out cited works among threads.
_SAMPLED = 4096


class Pushing:
    """The state of a run between two blocks.

    Attributes:
        n_done: how many blocks have had their turn.
        n_left: how many citations late score has followed to unfinished works.
        newest: the newest place that waits to pass late score on.
    """

    def __init__(self, graph: CitationGraph, systems: Systems, n_threads: int) -> None:
        self.graph = graph
        self.systems = systems
        self.n_threads = n_threads
        self.n_done = 0
        records = new_records(graph.n_nodes + kernel.N_SPARE * n_threads)
        records[graph.n_nodes :] = 0.0
        self.records = records[: graph.n_nodes]
        self.work = np.zeros(kernel.N_COUNTERS, dtype=np.int64)
        self.n_left = 0
        self.newest = graph.n_nodes
        self._flags = np.zeros(-(-graph.n_nodes // 8) * 8, dtype=np.uint8)
        self._todo = np.empty(late.BATCH + 8, dtype=np.int64)
        n_room = room_for_listed(graph.n_nodes)
        self._listed, self._before = np.empty(n_room, dtype=np.int32), np.empty(3 * n_room, dtype=np.float64)
        self._cells = records.reshape(-1)

    @property
    def n_blocks(self) -> int:
        """How many blocks there are."""
        return self.systems.starts.size - 1

    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """All else that the next turn depends on."""
        return self.records, self._flags, self.work

    def fill(self) -> None:
        """Sets what all works start from."""
        self.work[:] = 0
        self._flags[:] = 0
        starts = self.systems.starts.tolist()

        def fill(first: int, stop: int) -> None:
            for block, (low, high) in enumerate(pairwise(starts)):
                if low < stop and first < high:
                    record = np.zeros(N_COLUMNS)
                    record[[INFLUENCE, UNIFORM, POPULARITY]] = 1.0, 1.0, self.systems.recency[block]
                    self.records[max(first, low) : min(stop, high)] = record

        shared_out(self.n_threads, self.graph.n_nodes, fill)

    def run(self, most_extra: float, between: Callable[[], None]) -> bool:
        """Gives all blocks their turn, and calls `between` after each; False where that takes too long."""
        most = int(most_extra * self.graph.n_edges) if math.isfinite(most_extra) else _NO_LIMIT
        with ThreadPoolExecutor(self.n_threads) as pool:
            while self.n_done < self.n_blocks:
                if not self._turn(pool, self.n_done, most):
                    return False
                self.n_done += 1
                between()
        return True

    def _turn(self, pool: ThreadPoolExecutor, block: int, most: int) -> bool:
        systems, graph = self.systems, self.graph
        low, high = (int(place) for place in systems.starts[block : block + 2])
        common = (graph.row, graph.cited, systems.alphas, self._cells)
        others: list[Future[None]] = []
        oldest = block - REACH
        if oldest >= 0:
            bounds = self._bounds(oldest, high, graph.n_nodes, max(1, self.n_threads - 1))
            for part, (first, stop) in enumerate(pairwise(bounds)):
                others.append(pool.submit(self._push, oldest, False, first, stop, part))
        floor = int(systems.starts[max(0, oldest + 1)])
        if self.n_threads == 1:
            _wait(others)
        newest = kernel.enter(
            low,
            high,
            systems.impulse_until[block],
            systems.fading[block],
            systems.attention[block],
            *common,
            self._flags,
            self._todo,
            self.work,
        )
        newest = min(newest, self.newest)
        is_last = block == self.n_blocks - 1
        n_listed = 0
        while newest < high:
            n_listed, newest, is_done = late.settle(
                newest,
                low,
                high,
                floor,
                *common,
                self._flags,
                self._flags.view(np.uint64),
                self._todo,
                self._listed,
                self._before,
                n_listed,
                self.work,
                most,
                _NO_LIMIT if is_last else N_SWEEPS,
            )
            if is_done and (newest == high or (floor <= newest and not is_last)):
                break
            # A work of a block whose far citations are being pushed waits, or the list is full.
            _wait(others)
            if self.work[kernel.N_LATE] > most:
                return False
            if not is_done:
                self.n_left += self._leave(n_listed, block, high, graph.n_nodes, True)
                n_listed = 0
            elif floor == 0 and not is_last:
                break
            floor = 0
        self.newest = newest
        _wait(others)
        stop_near = int(systems.starts[min(self.n_blocks, block + REACH + 1)])
        bounds = self._bounds(block, high, stop_near, self.n_threads)

        def near(part: int) -> int:
            self._push(block, True, bounds[part], bounds[part + 1], part)
            # Works so far behind that all of theirs is sent reach past the near ones.
            stop = graph.n_nodes if part == self.n_threads - 1 else bounds[part + 1]
            return self._leave(n_listed, block, bounds[part], stop, part == 0)

        self.n_left += sum(pool.map(near, range(self.n_threads)))
        return True

    def _bounds(self, block: int, first: int, stop: int, n_parts: int) -> list[int]:
        """Places that cut `first` to `stop` into parts which the works of a block cite about equally often."""
        if n_parts == 1 or stop <= first:
            return [first] + [stop] * n_parts
        begin, end = (int(self.graph.row[place]) for place in self.systems.starts[block : block + 2])
        sample = np.sort(self.graph.cited[begin : end : max(1, (end - begin) // _SAMPLED)])
        sample = sample[(sample >= first) & (sample < stop)]
        if not sample.size:
            return [first] + [stop] * n_parts
        cuts = [int(sample[sample.size * part // n_parts]) for part in range(1, n_parts)]
        return [first, *cuts, stop]

    def _push(self, block: int, is_near: bool, first_target: int, stop_target: int, part: int) -> None:
        systems = self.systems
        kernel.push(
            int(systems.starts[block]),
            int(systems.starts[block + 1]),
            is_near,
            first_target,
            stop_target,
            systems.impulse_until[block],
            systems.fading[block],
            systems.attention[block],
            self.graph.row,
            self.graph.cited,
            systems.alphas,
            self._cells,
            self._flags,
            self.graph.n_nodes + kernel.N_SPARE * part,
            part == 0,
        )

    def _leave(self, n_listed: int, block: int, first_target: int, stop_target: int, is_keeper: bool) -> int:
        return int(
            late.leave(
                n_listed,
                block,
                REACH,
                self.systems.starts,
                first_target,
                stop_target,
                self.graph.row,
                self.graph.cited,
                self.systems.alphas,
                self._cells,
                self._flags,
                self._listed,
                self._before,
                is_keeper,
            )
        )


def _wait(running: list[Future[None]]) -> None:
    while running:
        running.pop().result()
