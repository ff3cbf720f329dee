"""The page of search results: what was asked, read from an address, and what the page shows of the answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from evigraph.portal import wording
from evigraph.portal.charts import Chart, year_chart
from evigraph.portal.rendering import coins
from evigraph.store.cards import Card
from evigraph.store.release import Release
from evigraph.store.search import MAX_WINDOW, SORTS, Results
from evigraph.store.snippets import Run

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

#: Filters as addresses name them, in the order in which the page shows them, and the index's name for each.
FILTERS = {
    "year": "year",
    "type": "type",
    "resource_type": "resource_type",
    "access": "access",
    "source": "source",
    "popularity_class": "popularity_class",
    "influence_class": "influence_class",
    "impulse_class": "impulse_class",
    "citation_class": "citation_count_class",
    "language": "language",
    "keyword": "subject",
    "field": "field",
    "peer_review": "peer_review",
    "route": "route",
    "license": "license",
    "host": "host",
    "funder": "funder",
    "project": "project",
    "organization": "organization",
    "country": "country",
}

#: Facets that are counted only where they are asked for, beside those with a filter.
FURTHER = ("field", "peer_review", "route", "license", "host", "funder", "project", "organization", "country")

#: Values of a facet that are shown before one asks for more.
_SHOWN = 6

_ACCESS_CODES = {code: name for name, code in wording.ACCESS_NAMES.items()}


@dataclass(frozen=True)
class Asked:
    """A search as an address states it."""

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    match_any: bool = False
    per_page: int = PAGE_SIZE
    all_facets: bool = False

    @classmethod
    def read(cls, items: Iterable[tuple[str, str]]) -> Asked:
        """What the parameters of an address ask for. What cannot be understood is left out."""
        given: dict[str, list[str]] = {}
        for name, value in items:
            if value.strip():
                given.setdefault(name, []).append(value.strip())

        def last(name: str, usual: str) -> str:
            return given.get(name, [usual])[-1]

        filters = {name: tuple(dict.fromkeys(given[name])) for name in FILTERS if name in given}
        first, end = last("year_from", ""), last("year_to", "")
        if any(year.isascii() and year.isdecimal() and len(year) <= 4 for year in (first, end)):
            filters["year"] = (f"{first}-{end}",)
        return cls(
            q=last("q", ""),
            filters=filters,
            sort=last("sort", "relevance") if last("sort", "") in SORTS else "relevance",
            page=_whole(last("page", "1"), 1, 1, 10_000),
            match_any=last("match", "all") == "any",
            per_page=_whole(last("per_page", str(PAGE_SIZE)), PAGE_SIZE, 1, MAX_PAGE_SIZE),
            all_facets=last("facets", "") == "all",
        )

    @property
    def offset(self) -> int:
        """Results before the page asked for."""
        return (self.page - 1) * self.per_page

    @property
    def index_filters(self) -> dict[str, tuple[str, ...]]:
        """The filters under the index's names, access rights as their codes."""
        return {
            FILTERS[name]: tuple(wording.ACCESS_NAMES.get(value, value) for value in values)
            if name == "access"
            else values
            for name, values in self.filters.items()
        }

    def items(self) -> list[tuple[str, str]]:
        """The parameters of the address that asks this."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        if self.match_any:
            pairs.append(("match", "any"))
        if self.all_facets:
            pairs.append(("facets", "all"))
        if self.per_page != PAGE_SIZE:
            pairs.append(("per_page", str(self.per_page)))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def path(self, base: str = "/search") -> str:
        """The address that asks this."""
        return f"{base}?{urlencode(self.items())}" if self.items() else base

    def with_filter(self, name: str, *values: str) -> Asked:
        """The same with these values of one filter, on the first page."""
        filters = {other: kept for other, kept in self.filters.items() if other != name}
        if values:
            filters[name] = values
        return replace(self, filters=filters, page=1)

    def toggled(self, name: str, value: str) -> Asked:
        """The same with one value of a filter added, or taken away where it is set."""
        kept = self.filters.get(name, ())
        return self.with_filter(name, *(v for v in kept if v != value), *(() if value in kept else (value,)))

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """What a form has to carry so that it changes only the parameters in `without`."""
        return [(name, value) for name, value in self.items() if name not in (*without, "page")]


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: how it is shown, how many results have it, and the address that toggles it."""

    label: str
    n: int
    path: str
    is_set: bool


@dataclass(frozen=True)
class Facet:
    """A facet: its values, those shown at once and those on request."""

    name: str
    label: str
    shown: list[FacetValue]
    more: list[FacetValue]


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the address without it."""

    label: str
    path: str


@dataclass(frozen=True)
class Hit:
    """A result: its card, title with the words found marked, two lines of its abstract, its COinS."""

    card: Card
    title: list[Run]
    snippet: list[Run]
    coins: str


@dataclass(frozen=True)
class SearchPage:
    """Everything the page of results shows."""

    asked: Asked
    results: Results
    hits: list[Hit]
    facets: list[Facet]
    years: Chart | None
    chips: list[Chip]
    sorts: list[tuple[str, str, bool]]
    milliseconds: int
    n_pages: int
    pages: list[int | None]

    @property
    def first(self) -> int:
        """The number of the first result on the page."""
        return self.asked.offset + 1

    @property
    def further(self) -> tuple[str, str] | None:
        """The names of the facets that can be asked for beside those shown, and the address; None: all are shown."""
        names = [wording.FACETS[name].lower() for name in FURTHER if FILTERS[name] not in self.results.facets]
        return (wording.joined(names, "or"), replace(self.asked, all_facets=True).path()) if names else None

    def page_path(self, number: int) -> str:
        """The address of another page of the same results."""
        return replace(self.asked, page=number).path()


def answer(release: Release, asked: Asked, facets: Sequence[str] | None = None) -> Results:
    """The results of what was asked, in one release; `facets` are those to count, None: those of the page."""
    if facets is None:
        facets = [index for name, index in FILTERS.items() if asked.all_facets or name not in FURTHER]
    return release.search.search(
        asked.q,
        asked.index_filters,
        asked.sort,
        asked.offset,
        asked.per_page,
        match_any=asked.match_any,
        facets=facets,
    )


def search_page(release: Release, asked: Asked) -> SearchPage:
    """The page of results for what was asked, in one release."""
    started = time.perf_counter()
    results = answer(release, asked)
    labels = {source.name: source.label for source in release.manifest.sources}
    hits = _hits(release, results)
    n_pages = -(-min(results.total, MAX_WINDOW) // asked.per_page)
    return SearchPage(
        asked=asked,
        results=results,
        hits=hits,
        facets=[
            facet
            for name, index in FILTERS.items()
            if name != "year" and index in results.facets and (facet := _facet(asked, results, name, labels))
        ],
        years=year_chart({int(year): n for year, n in results.facets["year"]}, width=216, height=48),
        chips=_chips(asked, labels),
        sorts=[
            (label, replace(asked, sort=sort, page=1).path(), sort == results.sort)
            for sort, label in wording.SORTS.items()
            if not sort.startswith("relevance") or asked.q
        ],
        milliseconds=max(1, round((time.perf_counter() - started) * 1000)),
        n_pages=n_pages,
        pages=_page_numbers(asked.page, n_pages),
    )


def _hits(release: Release, results: Results) -> list[Hit]:
    columns = ("descriptions", "container", "authors")
    rows: dict[str, dict[str, Any]] = release.products([card["product_id"] for card in results.hits], columns)
    hits = []
    for card in results.hits:
        row = rows.get(card["product_id"])
        abstract = next((text for text in (row or {}).get("descriptions") or [] if text), "")
        hits.append(
            Hit(
                card=card,
                title=results.marker.runs(card["title"]),
                snippet=results.marker.snippet(abstract) if abstract else [],
                coins=coins(card, row),
            )
        )
    return hits


def _facet(asked: Asked, results: Results, name: str, labels: Mapping[str, str]) -> Facet | None:
    counts = {
        (_ACCESS_CODES.get(value, value) if name == "access" else value): n
        for value, n in results.facets[FILTERS[name]]
    }
    chosen = asked.filters.get(name, ())
    for value in chosen:
        counts.setdefault(value, 0)
    if name.endswith("_class"):
        counts = dict(sorted(counts.items()))
    # One value that all of them have narrows nothing.
    if not counts or (len(counts) == 1 and not chosen and next(iter(counts.values())) == results.total):
        return None
    values = [
        FacetValue(wording.facet_value(name, value, labels), n, asked.toggled(name, value).path(), value in chosen)
        for value, n in counts.items()
    ]
    values.sort(key=lambda value: not value.is_set)
    n_shown = max(_SHOWN, len(chosen))
    return Facet(name, wording.FACETS[name], values[:n_shown], values[n_shown:])


def _chips(asked: Asked, labels: Mapping[str, str]) -> list[Chip]:
    return [
        Chip(
            f"{wording.FACETS[name]}: {wording.facet_value(name, value, labels)}",
            asked.toggled(name, value).path(),
        )
        for name, values in asked.filters.items()
        for value in values
    ]


def _page_numbers(page: int, n_pages: int) -> list[int | None]:
    """Page numbers to link: the first, the last, those near; None where some are left out."""
    wanted = sorted({1, n_pages, *range(page - 2, page + 3)} & set(range(1, n_pages + 1)))
    numbers: list[int | None] = []
    for number in wanted:
        if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


def _whole(text: str, usual: int, low: int, high: int) -> int:
    return min(max(int(text), low), high) if text.isascii() and text.isdecimal() and len(text) < 9 else usual
