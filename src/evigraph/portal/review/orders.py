"""The order of each queue, learnt in the background from what was decided and voted so far.

An order tells nobody who voted what, and a record's score is shown to those alone who may see its votes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from evigraph.errors import EvigraphError
from evigraph.review.protocol import Stage
from evigraph.review.records import abstract_of, keywords_of
from evigraph.review.state import ReviewState

if TYPE_CHECKING:
    # The learner is loaded when a queue is first ordered: a portal starts without it.
    from evigraph.review.queue.explanation import Explanation
    from evigraph.review.queue.pool import Text
    from evigraph.review.queue.ranking import Label, Ranking

_LOG = logging.getLogger(__name__)

#: Seconds between two times of learning.
_REST = 1.0

#: Gives the citation links of a review's works as this graph knows them: pairs of citing and cited.
Links = Callable[[ReviewState], list[tuple[str, str]]]


@dataclass
class _Queue:
    """One queue: its learner with the works that it knows, the labels that it learnt from, and the order."""

    works: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    ranking: Ranking | None = None
    order: Sequence[str] = ()
    running: Future[None] | None = None
    ordinal: int = -1
    rests_until: float = 0.0


class Orders:
    """Orders of queues by review and stage, kept in memory: each can be made anew from the review's votes."""

    def __init__(
        self, folder: Path | None = None, links: Links = lambda _state: [], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Orders whose prepared texts lie in a folder of each review; `links` gives the graph's citations."""
        self._folder, self._links, self._clock = folder, links, clock
        self._lock = Lock()
        self._queues: dict[tuple[str, Stage], _Queue] = {}
        self._learner = ThreadPoolExecutor(1, "evigraph-queue")

    def order(self, state: ReviewState, stage: Stage) -> Sequence[str] | None:
        """The order in which a queue is read, as it was last learnt; null: by the records.

        Where more is known than it was learnt from, learning begins, and a later call gives the new order.
        """
        if not state.rule(stage).is_ranked:
            return None
        queue = self._queue(state, stage)
        with self._lock:
            is_idle = queue.running is None or queue.running.done()
            if state.ordinal != queue.ordinal and is_idle and self._clock() >= queue.rests_until:
                queue.ordinal = state.ordinal
                queue.running = self._learner.submit(self._learn, state, stage, queue)
        return queue.order or None

    def wait(self, state: ReviewState, stage: Stage) -> None:
        """Returns once what is being learnt is learnt."""
        if (running := self._queue(state, stage).running) is not None:
            running.result()

    def explanation(self, state: ReviewState, stage: Stage, head: str) -> Explanation | None:
        """Why a work stands where it stands in the queue; null where nothing was learnt of it yet."""
        from evigraph.review.queue.explanation import explain

        ranking = self._queue(state, stage).ranking
        if ranking is None or not ranking.labelled or head not in ranking.pool.record_ids:
            return None
        return explain(ranking, head)

    def _queue(self, state: ReviewState, stage: Stage) -> _Queue:
        with self._lock:
            return self._queues.setdefault((state.review_id, stage), _Queue())

    def _learn(self, state: ReviewState, stage: Stage, queue: _Queue) -> None:
        from evigraph.review.queue.pool import prepare
        from evigraph.review.queue.ranking import Ranking

        began = self._clock()
        try:
            labels, works, words = labels_now(state, stage), tuple(state.statuses(stage)), state.protocol.words()
            if queue.ranking is None or works != queue.works or words != queue.words:
                folder = self._folder / state.review_id / "queue" if self._folder is not None else None
                texts = [_text(state, head) for head in works]
                ranking = Ranking(prepare(texts, self._links(state), " ".join(words), folder))
            else:
                ranking = queue.ranking
            known = set(works)
            ranking.learn({head: label for head, label in labels.items() if head in known})
            order = ranking.order()
            with self._lock:
                queue.ranking, queue.works, queue.words = ranking, works, words
                queue.order = order
        except (EvigraphError, ValueError, MemoryError) as error:
            _LOG.warning("the queue of review %s keeps its order: %s", state.review_id, error)
        finally:
            # Learning takes no more than a sixth of one processor, however many vote at once.
            ended = self._clock()
            queue.rests_until = ended + max(_REST, 5 * (ended - began))


def labels_now(state: ReviewState, stage: Stage) -> dict[str, Label]:
    """What is known of a stage's works: the decisions, and the votes on those still open, without their voters."""
    from evigraph.review.queue.ranking import labels_of

    decided: dict[str, bool] = {}
    votes: dict[str, list[bool]] = {}
    for head, status in list(state.statuses(stage).items()):
        if status.is_decided:
            decided[head] = status.standing == "included"
        elif status.n_votes:
            cast = state.counted_votes(stage, head).values()
            votes[head] = [vote.decision != "exclude" for vote in cast if vote.decision != "skip"]
    return labels_of(decided, votes)


def _text(state: ReviewState, head: str) -> Text:
    from evigraph.review.queue.pool import Text

    group = state.library.of(head)
    return Text(head, group[0].title, abstract_of(group), "; ".join(keywords_of(group)))
