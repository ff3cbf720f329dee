"""Who is reading which record just now, so that two people do not give one record its last vote. Kept in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from threading import Lock

from evigraph.review.allotment import Task
from evigraph.review.protocol import Stage
from evigraph.review.state import ReviewState

#: Seconds after which a record that was opened and not voted on is given to others.
_EXPIRES = 600.0


class Reservations:
    """The record that each reader has open. A hint, not a lock: a vote too many is only a vote."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._open: dict[tuple[str, Stage], dict[str, tuple[str, float]]] = {}

    def take(self, state: ReviewState, stage: Stage, account: str, waiting: Iterable[Task]) -> Task | None:
        """The first task that still wants a vote beyond those of people who have it open; else the first at all."""
        now, first = self._clock(), None
        rule, statuses = state.rule(stage), state.statuses(stage)
        with self._lock:
            held = self._open.setdefault((state.review_id, stage), {})
            readers: dict[str, int] = {}
            for reader, (head, until) in list(held.items()):
                if until < now:
                    del held[reader]
                elif reader != account:
                    readers[head] = readers.get(head, 0) + 1
            for task in waiting:
                first = first or task
                is_shared = bool(task.batch_id) and state.batches[task.batch_id].purpose == "calibration"
                if is_shared or statuses[task.head].n_votes + readers.get(task.head, 0) < rule.n_votes:
                    first = task
                    break
            if first is not None:
                held[account] = (first.head, now + _EXPIRES)
        return first

    def release(self, state: ReviewState, stage: Stage, account: str) -> None:
        """Gives back what a reader has open."""
        with self._lock:
            self._open.get((state.review_id, stage), {}).pop(account, None)
