"""The order of each queue as the learner last gave it; until there is one, the order of the records."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from evigraph.review.protocol import Stage
from evigraph.review.state import ReviewState


class Orders:
    """Orders of queues by review and stage, kept in memory: each can be made anew from the review's votes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: dict[tuple[str, Stage], Sequence[str]] = {}

    def order(self, state: ReviewState, stage: Stage) -> Sequence[str] | None:
        """The order in which a queue is read, or null: by the records."""
        if not state.rule(stage).is_ranked:
            return None
        with self._lock:
            return self._orders.get((state.review_id, stage))

    def keep(self, state: ReviewState, stage: Stage, order: Sequence[str]) -> None:
        """Keeps a new order."""
        with self._lock:
            self._orders[state.review_id, stage] = order
