"""Works that are related to a product without a link to it: by references in common, and by words in common."""

from __future__ import annotations

from collections import Counter

from evigraph.store.analysis import words_of
from evigraph.store.cards import Card
from evigraph.store.compile import STOP_WORDS
from evigraph.store.keyed import Row
from evigraph.store.query import Or, Word
from evigraph.store.release import Release

#: Works shown of each kind.
SHOWN = 15

#: References that are followed, and works that cite one of them which are counted. A reference that more works cite
#: says little of what two of them have in common.
_FOLLOWED, _COUNTED = 300, 400


def by_references(release: Release, product_id: str) -> list[tuple[Card, int]]:
    """Works with two references or more in common with the product (bibliographic coupling), and how many."""
    shared: Counter[str] = Counter()
    for cited in release.related_ids(product_id, "Cites", _FOLLOWED):
        shared.update(release.related_ids(cited, "IsCitedBy", _COUNTED))
    del shared[product_id]
    ranked = sorted(((n, one) for one, n in shared.items() if n > 1), key=lambda pair: (-pair[0], pair[1]))[:SHOWN]
    cards = release.search.cards(one for _, one in ranked)
    return [(cards[one], n) for n, one in ranked if one in cards]


def by_text(release: Release, product: Row) -> list[Card]:
    """Works that share words with the product's title, rare words weighing most."""
    words = [word for word in words_of(product["title"] or "") if word not in STOP_WORDS and len(word) > 2]
    if not words:
        return []
    asked = Or(tuple(Word(word) for word in dict.fromkeys(words)))
    found = release.search.page(asked, "relevance", 0, SHOWN + 1).hits
    return [card for card in found if card["product_id"] != product["product_id"]][:SHOWN]
