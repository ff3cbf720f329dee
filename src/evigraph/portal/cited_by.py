"""The works that cite a product: what was asked of their list, and what its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from evigraph.portal import wording
from evigraph.portal.charts import Chart, year_chart
from evigraph.portal.rendering import product_path
from evigraph.portal.serving import page_number
from evigraph.store.cards import Card
from evigraph.store.index import ORDERS
from evigraph.store.query import And, Years
from evigraph.store.release import Release
from evigraph.store.search import MAX_WINDOW, citing

#: Works on a page.
LISTED = 25


@dataclass(frozen=True)
class AskedOfCiting:
    """What an address asks of the works that cite a product: their order, years (None: all), and page."""

    product_id: str
    sort: str = "influence"
    years: tuple[int, int] | None = None
    page: int = 1

    @classmethod
    def read(cls, product_id: str, parameters: Mapping[str, str]) -> AskedOfCiting:
        """What the parameters of an address ask for. What cannot be understood is left out."""
        sort = parameters.get("sort", "")
        first, _, last = parameters.get("year", "").partition("-")
        years = (int(first), int(last or first)) if _is_year(first) and (not last or _is_year(last)) else None
        return cls(product_id, sort if sort in ORDERS else "influence", years, page_number(parameters))

    def with_filter(self, _: str, value: str) -> AskedOfCiting:
        """The same for the years of a bar of the chart, on the first page."""
        return AskedOfCiting.read(self.product_id, {"sort": self.sort, "year": value})

    def path(self, *, is_paged: bool = True) -> str:
        """The address that asks this; without the page for a pager to add its own."""
        pairs = [("sort", self.sort)]
        if self.years:
            first, last = self.years
            pairs.append(("year", str(first) if first == last else f"{first}-{last}"))
        if is_paged and self.page > 1:
            pairs.append(("page", str(self.page)))
        return f"{product_path(self.product_id, 'cited-by')}?{urlencode(pairs)}"


@dataclass(frozen=True)
class CitedBy:
    """A page of the works that cite a product: in all, those of the years asked for, and how many in each year."""

    asked: AskedOfCiting
    cards: list[Card]
    n: int
    n_shown: int
    chart: Chart | None

    @property
    def first(self) -> int:
        """The number of the first work on the page."""
        return (self.asked.page - 1) * LISTED + 1

    @property
    def n_pages(self) -> int:
        """How many pages there are."""
        return -(-min(self.n_shown, MAX_WINDOW) // LISTED)

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders there are: label, address, whether it is this one."""
        return [
            (wording.SORTS[name], replace(self.asked, sort=name, page=1).path(), name == self.asked.sort)
            for name in ORDERS
        ]

    @property
    def all_years(self) -> str:
        """The address of the same without a choice of years."""
        return replace(self.asked, years=None, page=1).path()


def cited_by(release: Release, asked: AskedOfCiting) -> CitedBy:
    """The page that was asked for."""
    node = citing(asked.product_id)
    years = release.search.years(node)
    wanted = And((node, Years(*asked.years))) if asked.years else node
    found = release.search.page(wanted, asked.sort, min((asked.page - 1) * LISTED, MAX_WINDOW), LISTED)
    n = found.total if wanted is node else release.search.page(node, asked.sort, 0, 0).total
    return CitedBy(asked, found.hits, n, found.total, year_chart(years, width=420, height=56))


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4
