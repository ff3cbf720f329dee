"""Results by relevance and impact together, in the way of BIP! Finder.

A hit has two marks between 0 and 1: its relevance over the greatest of all hits, and the fourth root of its
indicator over the greatest of all hits. Hits are put in order of the lesser of the two, then of the greater, then
of product_id: what comes first is good in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import tantivy

from evigraph.store.index import order_field, value_field

#: Hits looked at from either end, at first and at most. A page that is certain sooner is answered sooner.
_FIRST_LOOK, _LAST_LOOK = 2_000, 32_000


@dataclass(frozen=True)
class Mixed:
    """A hit with its two marks."""

    address: tantivy.DocAddress
    relevance: float
    impact: float
    place: int

    @property
    def order(self) -> tuple[float, float, int]:
        """By what hits are put in order."""
        low, high = sorted((self.relevance, self.impact))
        return -low, -high, self.place


def mixed_page(
    searcher: tantivy.Searcher, schema: tantivy.Schema, query: tantivy.Query, indicator: str, end: int
) -> list[Mixed]:
    """The first `end` hits of `query` by relevance and this indicator.

    Looks at the most relevant hits and at those highest in the indicator, twice as many until no other hit can be
    among the first `end` (its lesser mark is no more than the least mark seen from either end), or 32,000 of each.
    """
    look = _FIRST_LOOK
    while True:
        relevant = searcher.search(query, look, count=False).hits
        if not relevant:
            return []
        high = searcher.search(query, look, order_by_field=order_field(indicator), order=tantivy.Order.Asc, count=False)
        addresses = [address for _, address in high.hits]
        last = int(str(searcher.fast_field_values(order_field(indicator), addresses[-1:])[0]))
        inside = tantivy.Query.range_query(schema, order_field(indicator), tantivy.FieldType.Integer, None, last)
        # A weight of zero: the range chooses hits and leaves their relevance as it is.
        scored = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.boost_query(inside, 0.0))]
        )
        scores = {(at.segment_ord, at.doc): (score, at) for score, at in relevant}
        for score, at in searcher.search(scored, look, count=False).hits:
            scores.setdefault((at.segment_ord, at.doc), (score, at))
        found = list(scores.values())
        where = [at for _, at in found]
        values = [float(value or 0) for value in searcher.fast_field_values(value_field(indicator), where)]
        places = [int(str(place)) for place in searcher.fast_field_values("place", where)]
        most_relevant, most = relevant[0][0] or 1.0, max(values) or 1.0
        hits = sorted(
            (
                Mixed(at, score / most_relevant, (value / most) ** 0.25, place)
                for (score, at), value, place in zip(found, values, places, strict=True)
            ),
            key=lambda hit: hit.order,
        )
        unseen = min(relevant[-1][0] / most_relevant, _impact(searcher, addresses[-1:], indicator, most))
        if len(relevant) < look or look >= _LAST_LOOK or (len(hits) >= end and -hits[end - 1].order[0] >= unseen):
            return hits[:end]
        look *= 2


def _impact(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress], indicator: str, most: float) -> float:
    return float((float(searcher.fast_field_values(value_field(indicator), addresses)[0] or 0) / most) ** 0.25)
