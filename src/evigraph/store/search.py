"""The search index of a release, asked: hits in a total order, totals, and counts for each facet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
import tantivy

from evigraph.errors import ReleaseError
from evigraph.store.analysis import register
from evigraph.store.cards import INDICATORS, Card
from evigraph.store.compile import compile_filters, compile_query
from evigraph.store.facets import FACETS
from evigraph.store.index import ORDERS, build_index, make_schema, order_field
from evigraph.store.mixed import mixed_page
from evigraph.store.query import Between, Exact, Node, Parsed, any_of, parse
from evigraph.store.snippets import Marker

__all__ = ["FILTERS", "MAX_WINDOW", "SORTS", "Results", "SearchIndex", "build_index"]

#: Orders that `search` takes. Without words to be relevant to, relevance is popularity.
SORTS = ("relevance", *ORDERS, *(f"relevance_{name}" for name in INDICATORS))

#: Filters that `search` takes: the facets, and every keyword.
FILTERS = FACETS

#: How deep a list of results can be paged.
MAX_WINDOW = 10_000

#: Ids of a whole list that are read together.
_AT_ONCE = 1_000

#: Hits with the same relevance that are put in order of product_id beyond the page asked for.
_TIES = 1_000


def citing(product_id: str) -> Node:
    """What holds for the works that cite this product."""
    return Exact("cites", product_id)


_FACET_SIZES = {"year": 600, "subject": 40, "source": 100}
_FACET_SIZE = 50


@dataclass(frozen=True)
class Results:
    """The hits of one page, how many there are in all, and the counts of each facet.

    A facet's counts are those of the results without that facet's own filter, so that further values can be
    added to it. Values come most frequent first, years ascending.
    """

    hits: list[Card]
    total: int
    sort: str
    facets: dict[str, list[tuple[str, int]]]
    marker: Marker
    notes: tuple[str, ...] = ()
    n_any: int | None = None
    scores: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Walked:
    """A page of products in one order, how many there are in all, and where the next page begins (None: it is last)."""

    hits: list[Card]
    total: int
    next: int | None


class SearchIndex:
    """An index built by `build_index`, open for reading. Safe to use from many threads.

    Raises:
        ReleaseError: the folder holds no index, or one of another version of evigraph.
    """

    def __init__(self, folder: Path) -> None:
        try:
            index = tantivy.Index.open(str(folder))
            register(index)
            self._searcher = index.searcher()
            for name in (*FACETS, "place", "date_number", *map(order_field, ORDERS)):
                self._searcher.search(tantivy.Query.exists_query(name), 1, count=False)
        except ValueError as error:
            raise ReleaseError(
                f"the search index in {folder} cannot be opened ({error}): run the graph again"
            ) from error
        self._schema = make_schema()

    @property
    def n_documents(self) -> int:
        """How many products the index holds."""
        return int(self._searcher.num_docs)

    def search(
        self,
        query: str = "",
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: str = "relevance",
        offset: int = 0,
        limit: int = 20,
        *,
        match_any: bool = False,
        facets: Sequence[str] = FACETS,
    ) -> Results:
        """The products that `query` asks for (see `store.query`), inside the filters, in the order asked for.

        Values of one filter are alternatives, filters hold together. Names that are no filter are ignored, as
        is a sort that is none. `facets` names those to count; those with a filter are counted too. Equal products
        follow in order of product_id. Where nothing has all words as typed, words spelled alike are searched, and a
        note says so. With `match_any` one of the words
        is enough; `n_any` says how many that would find where all words find nothing.
        """
        parsed = parse(query)
        asked = compile_query(any_of(parsed.node) if match_any and parsed.node else parsed.node, self._schema)
        if parsed.node is None and query.strip():
            parsed = Parsed(None, (*parsed.notes, "Nothing in this query can be searched."))
            asked = tantivy.Query.empty_query()
        chosen = compile_filters(
            {name: filters[name] for name in FILTERS if name in filters} if filters else {}, self._schema
        )
        everything = _all_of([asked, *chosen.values()])
        if sort not in SORTS or (sort.startswith("relevance") and parsed.node is None):
            sort = sort.removeprefix("relevance_") if sort.removeprefix("relevance_") in ORDERS else "popularity"
        offset = max(0, min(offset, MAX_WINDOW))
        limit = max(0, min(limit, MAX_WINDOW - offset))
        addresses, scores, total = self._page(everything, sort, offset, limit)
        notes = parsed.notes
        if not total and parsed.node is not None and not match_any:
            alike = compile_query(parsed.node, self._schema, is_forgiving=True)
            found = self._page(_all_of([alike, *chosen.values()]), sort, offset, limit)
            if found[2]:
                asked, (addresses, scores, total) = alike, found
                notes = (*notes, "Nothing has all these words as they are typed: words spelled alike were searched.")
        n_any = None
        if not total and parsed.node is not None and not match_any and any_of(parsed.node) != parsed.node:
            wider = _all_of([compile_query(any_of(parsed.node), self._schema), *chosen.values()])
            n_any = _total(self._searcher.search(wider, 1))
        return Results(
            hits=self._cards(addresses),
            total=total,
            sort=sort,
            facets=self._facets(facets, asked, chosen) if facets else {},
            marker=Marker(parsed.node),
            notes=notes,
            n_any=n_any,
            scores=scores,
        )

    def walk(
        self,
        asked: Node | None,
        order: str | None = None,
        *,
        after: int | None = None,
        offset: int = 0,
        limit: int = 20,
        is_reversed: bool = False,
    ) -> Walked:
        """The products that `asked` holds for, in one of `ORDERS` (None: by product_id), from a place on.

        `after` is the `next` of the page before: however deep, a page costs the same. Without it `offset` counts
        from the start, up to `MAX_WINDOW`. `is_reversed` turns the order round.
        """
        query = compile_query(asked, self._schema)
        name = order_field(order) if order else "place"
        total = _total(self._searcher.search(query, 1))
        if after is not None:
            bounds = (None, after - 1) if is_reversed else (after + 1, None)
            further = tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, *bounds)
            query, offset = _all_of([query, further]), 0
        direction = tantivy.Order.Desc if is_reversed else tantivy.Order.Asc
        found = self._searcher.search(
            query, limit + 1, offset=offset, order_by_field=name, order=direction, count=False
        )
        addresses = [address for _, address in found.hits[:limit]]
        places = self._searcher.fast_field_values(name, addresses[-1:]) if len(found.hits) > limit else []
        return Walked(self._cards(addresses), total, int(str(places[0])) if places else None)

    def every(
        self,
        query: str = "",
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: str = "popularity",
        *,
        match_any: bool = False,
    ) -> Iterator[str]:
        """The ids of all products that `search` would find, however many, in one of `ORDERS` (else by popularity).

        Read piece by piece, each of which costs the same. Words that find nothing are searched by spelling too.
        """
        parsed = parse(query)
        if parsed.node is None and query.strip():
            return
        node = any_of(parsed.node) if match_any and parsed.node else parsed.node
        wanted = {name: values for name, values in (filters or {}).items() if name in FILTERS}
        chosen = compile_filters(wanted, self._schema)
        everything = _all_of([compile_query(node, self._schema), *chosen.values()])
        if not match_any and parsed.node is not None and not _total(self._searcher.search(everything, 1)):
            everything = _all_of([compile_query(node, self._schema, is_forgiving=True), *chosen.values()])
        name = order_field(sort if sort in ORDERS else "popularity")
        after = -1
        while True:
            further = tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, after + 1, None)
            found = self._searcher.search(
                _all_of([everything, further]), _AT_ONCE, order_by_field=name, order=tantivy.Order.Asc, count=False
            )
            addresses = [address for _, address in found.hits]
            if not addresses:
                return
            for card in self._cards(addresses):
                yield card["product_id"]
            after = int(str(self._searcher.fast_field_values(name, addresses[-1:])[0]))

    def page(self, asked: Node | None, sort: str, offset: int, limit: int) -> Results:
        """A page of the products that `asked` holds for: the most relevant first, or in one of `ORDERS`."""
        addresses, scores, total = self._page(compile_query(asked, self._schema), sort, offset, limit)
        return Results(self._cards(addresses), total, sort, {}, Marker(asked), scores=scores)

    def n_counted_at_least(self, n_citations: int) -> int:
        """How many products are cited at least so often; products lie in order of their counts."""
        low, high = 0, self.n_documents
        while low < high:
            middle = (low + high) // 2
            found = self.walk(Between(order_field("citation_count"), middle, middle), limit=1).hits
            counts = found[0]["counts"] if found else None
            if counts and counts["citation_count"] >= n_citations:
                low = middle + 1
            else:
                high = middle
        return low

    def counts(self, asked: Node | None, name: str, size: int = _FACET_SIZE) -> tuple[list[tuple[str, int]], int]:
        """How many of the products that `asked` holds for have each value of a facet, and how many there are in all."""
        query = compile_query(asked, self._schema)
        answer = self._searcher.aggregate(query, {name: {"terms": {"field": name, "size": size}}})
        counted = [(_key(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[name]["buckets"]]
        return sorted(counted, key=lambda pair: (-pair[1], pair[0])), _total(self._searcher.search(query, 1))

    def cards(self, product_ids: Iterable[str]) -> dict[str, Card]:
        """The cards of these products by id, those that exist."""
        ids = list(dict.fromkeys(product_ids))
        if not ids:
            return {}
        found = self._searcher.search(self._ids(ids), len(ids), count=False)
        return {card["product_id"]: card for card in self._cards([address for _, address in found.hits])}

    def among(self, product_ids: Sequence[str], sort: str = "influence", offset: int = 0, limit: int = 20) -> Results:
        """A page of these products in one of `ORDERS`."""
        if not product_ids:
            return Results([], 0, sort, {}, Marker(None))
        addresses, _, total = self._page(self._ids(product_ids), sort, offset, limit)
        return Results(self._cards(addresses), total, sort, {}, Marker(None))

    def years(self, asked: Node | Sequence[str]) -> dict[int, int]:
        """How many of the products that `asked` holds for, or names, were published in each year that is known."""
        if not asked:
            return {}
        query = self._ids(asked) if isinstance(asked, Sequence) else compile_query(asked, self._schema)
        return {int(year): n for year, n in self._count(query, ["year"])["year"]}

    def _ids(self, product_ids: Sequence[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "product_id", list(product_ids))

    def _page(
        self, query: tantivy.Query, sort: str, offset: int, limit: int
    ) -> tuple[list[tantivy.DocAddress], list[float], int]:
        if limit <= 0:
            return [], [], _total(self._searcher.search(query, 1))
        if sort.startswith("relevance_"):
            mixed = mixed_page(self._searcher, self._schema, query, sort.removeprefix("relevance_"), offset + limit)
            total = _total(self._searcher.search(query, 1))
            return [hit.address for hit in mixed[offset:]], [hit.relevance for hit in mixed[offset:]], total
        if sort != "relevance":
            found = self._searcher.search(
                query, limit, offset=offset, order_by_field=order_field(sort), order=tantivy.Order.Asc
            )
            return [address for _, address in found.hits], [], _total(found)
        # The engine breaks ties by place in its files; put them in order of product_id, across pages too.
        end = offset + limit
        found = self._searcher.search(query, end + _TIES)
        hits = found.hits
        last = next((i for i in range(end, len(hits)) if hits[i][0] < hits[end - 1][0]), len(hits))
        hits = hits[:last]
        places = self._searcher.fast_field_values("place", [address for _, address in hits])
        ordered = sorted(zip(hits, places, strict=True), key=lambda pair: (-pair[0][0], pair[1]))[offset:end]
        return [address for (_, address), _ in ordered], [score for (score, _), _ in ordered], _total(found)

    def _cards(self, addresses: Iterable[tantivy.DocAddress]) -> list[Card]:
        return [cast(Card, orjson.loads(bytes(self._searcher.doc(address)["card"][0]))) for address in addresses]

    def _facets(
        self, names: Sequence[str], asked: tantivy.Query, chosen: Mapping[str, tantivy.Query]
    ) -> dict[str, list[tuple[str, int]]]:
        free = [name for name in names if name not in chosen]
        counts = self._count(_all_of([asked, *chosen.values()]), free)
        for name in chosen:
            others = [query for other, query in chosen.items() if other != name]
            counts.update(self._count(_all_of([asked, *others]), [name]))
        return {name: counts[name] for name in FACETS if name in counts}

    def _count(self, query: tantivy.Query, names: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
        asked: dict[str, Any] = {
            name: {"terms": {"field": name, "size": _FACET_SIZES.get(name, _FACET_SIZE)}} for name in names
        }
        answer = self._searcher.aggregate(query, asked) if asked else {}
        counts = {
            name: [(_key(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[name]["buckets"]]
            for name in names
        }
        return {
            name: sorted(
                found, key=(lambda pair: (int(pair[0]), 0)) if name == "year" else (lambda pair: (-pair[1], pair[0]))
            )
            for name, found in counts.items()
        }


def _total(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]


def _key(key: Any) -> str:
    return str(int(key)) if isinstance(key, (int, float)) else str(key)


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])
