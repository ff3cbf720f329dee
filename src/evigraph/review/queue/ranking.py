"""The order of the queue, learnt from what the reviewers have decided so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evigraph.errors import EvigraphError
from evigraph.review.drawing import drawn
from evigraph.review.queue.learner import Learner, balanced_costs
from evigraph.review.queue.pool import Pool

Floats = npt.NDArray[np.float64]

#: What the protocol's words weigh beside a relevant record, and one reviewer's vote beside a decision.
PROTOCOL_WEIGHT, VOTE_WEIGHT = 1.0, 0.5


@dataclass(frozen=True)
class Label:
    """What is known of a record: relevant or not, and how sure that is (a decision 1, a single vote less)."""

    is_relevant: bool
    weight: float = 1.0


def labels_of(decided: Mapping[str, bool], votes: Mapping[str, Sequence[bool]]) -> dict[str, Label]:
    """The labels of a review with several reviewers: decisions, and of records still open the votes so far.

    `decided` says whether a record was included; `votes` holds the votes on each (true: include or maybe), of records
    decided too. Where open votes disagree the record counts as relevant, as one reviewer found it so. No reviewer's
    name comes in and none goes out: the order tells nobody who voted what.
    """
    open_ones = {
        record_id: Label(any(cast), VOTE_WEIGHT)
        for record_id, cast in votes.items()
        if cast and record_id not in decided
    }
    return {record_id: Label(is_included) for record_id, is_included in decided.items()} | open_ones


@dataclass
class Ranking:
    """Scores of a pool's records, learnt anew from all labels each time, going on from the answer before.

    The learner is that of ASReview's default model (ELAS u4). It reads each record's own words, pairs and links,
    as u4 does, and beside them its smoothed row (see `neighbours`): smoothing finds the tail. The protocol, where the
    pool has one, counts as one relevant record more.

    Attributes:
        scores: of each record, higher is sooner; all 0 before anything is known.
    """

    pool: Pool
    learner: Learner = field(init=False)
    scores: Floats = field(init=False)
    labelled: dict[int, Label] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Begins with nothing learnt."""
        self.learner = Learner(self.pool.matrix, self.pool.own, self.pool.mix)
        self.scores = np.zeros(len(self.pool.record_ids))
        self._place = {record_id: n for n, record_id in enumerate(self.pool.record_ids)}

    def learn(self, labels: Mapping[str, Label]) -> None:
        """Scores all records by these labels. Raises EvigraphError for a record that the pool does not have."""
        try:
            self.labelled = {self._place[record_id]: label for record_id, label in labels.items() if label.weight > 0}
        except KeyError as unknown:
            raise EvigraphError(f"record {unknown} is not in the queue's pool: prepare the pool again") from None
        known = dict(self.labelled)
        if self.pool.has_protocol:
            known[len(self.pool.record_ids)] = Label(True, PROTOCOL_WEIGHT)
        rows = np.array(sorted(known), dtype=np.int64)
        signs = np.array([1.0 if known[row].is_relevant else -1.0 for row in rows])
        weights = np.array([known[row].weight for row in rows])
        if len(set(signs.tolist())) == 2:
            self.learner.fit(rows, signs, balanced_costs(signs, weights))
        else:  # no border can be drawn with one side alone: likeness to what is known
            self.learner.lean(rows, signs * weights)
        self.scores = self.learner.scores()[: len(self.pool.record_ids)]

    def order(self, among: Sequence[str] | None = None, seed: int = 0) -> list[str]:
        """The records that have no label, or those of `among`, best first; equal scores by a shuffle of this seed."""
        if among is None:
            rows = np.array([n for n in range(len(self.scores)) if n not in self.labelled], dtype=np.int64)
        else:
            rows = np.array([self._place[record_id] for record_id in among], dtype=np.int64)
        tie = np.random.default_rng(seed).permutation(len(self.scores))
        ranked = rows[np.lexsort((tie[rows], -self.scores[rows]))]
        return [self.pool.record_ids[row] for row in ranked]

    def score(self, record_id: str) -> float:
        """The score of one record."""
        return float(self.scores[self._place[record_id]])

    def place(self, record_id: str) -> int:
        """The row of a record in the pool."""
        return self._place[record_id]


def unranked(record_ids: Sequence[str], seed: int | None = None) -> list[str]:
    """The queue with ranking switched off: by id, or with a seed in an order drawn at random."""
    return sorted(record_ids) if seed is None else list(drawn(record_ids, len(record_ids), str(seed)))


def audit_sample(record_ids: Sequence[str], size: int, seed: int) -> list[str]:
    """A random sample of the unscreened records, for `stopping.p_of_sample`; all of them where there are no more."""
    return unranked(record_ids, seed)[:size]
