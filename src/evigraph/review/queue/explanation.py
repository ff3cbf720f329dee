"""What moved a record up: the words, neighbours and citation links that its score is the sum of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evigraph.review.queue.pool import LINK
from evigraph.review.queue.ranking import Ranking

#: How many reasons of each kind are told, and what the protocol is called among the neighbours.
N_TOLD, PROTOCOL = 5, "protocol"


@dataclass(frozen=True)
class Part:
    """One summand of a score: a term, a neighbouring record or a linked work, and what it adds (or takes away).

    `is_included` says of a neighbour whether it was labelled relevant (None: it has no label).
    """

    name: str
    contribution: float
    is_included: bool | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a record stands where it stands.

    `score` = `bias` + all words + all links + all neighbours. The tuples hold the heaviest that raised it, at most
    `N_TOLD` each: `words` of its own text, `links` works that it cites or that cite it, as labelled records do,
    `neighbours` records like it. `sums` has the whole of each kind.
    """

    score: float
    bias: float
    words: tuple[Part, ...]
    links: tuple[Part, ...]
    neighbours: tuple[Part, ...]
    sums: dict[str, float]


def explain(ranking: Ranking, record_id: str) -> Explanation:
    """The parts of one record's score.

    The learner is linear in rows that are themselves sums of rows: a record's own, once as it is and once smoothed, and
    its neighbours'. So what each term and each neighbour brought can be told apart.
    """
    pool, learner, row = ranking.pool, ranking.learner, ranking.place(record_id)
    n_rows = pool.mix.shape[0]
    sources = pool.mix[[row]]
    words: dict[str, float] = {}
    links: dict[str, float] = {}
    alone = 0.0
    neighbours = []
    for source, share in zip(sources.indices.tolist(), sources.data.tolist(), strict=True):
        theirs = pool.matrix[[source]]
        parts = share * theirs.data * learner.weights[theirs.indices]
        own = share * float(learner.own_weights[source])
        other = source % n_rows
        if other != row:
            name = pool.record_ids[other] if other < len(pool.record_ids) else PROTOCOL
            neighbours.append(Part(name, float(parts.sum()) + own, _included(ranking, other)))
            continue
        alone += own
        for column, part in zip(theirs.indices.tolist(), parts.tolist(), strict=True):
            term = pool.terms[column]
            kind, name = (links, term.removeprefix(LINK)) if term.startswith(LINK) else (words, term)
            kind[name] = kind.get(name, 0.0) + part
    sums = {
        "words": sum(words.values()) + alone,
        "links": sum(links.values()),
        "neighbours": sum(part.contribution for part in neighbours),
    }
    return Explanation(
        score=ranking.score(record_id),
        bias=learner.bias,
        words=_heaviest(Part(name, part) for name, part in words.items()),
        links=_heaviest(Part(name, part) for name, part in links.items()),
        neighbours=_heaviest(neighbours),
        sums=sums,
    )


def _included(ranking: Ranking, row: int) -> bool | None:
    label = ranking.labelled.get(row)
    return label.is_relevant if label else None


def _heaviest(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(sorted((p for p in parts if p.contribution > 0), key=lambda p: (-p.contribution, p.name))[:N_TOLD])
