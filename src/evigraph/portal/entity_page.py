"""The page of an author, journal, organization, project, community or data source: what it shows of a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evigraph.portal import wording
from evigraph.portal.charts import Chart, year_chart
from evigraph.portal.rendering import entity_path, web_address
from evigraph.store import marks
from evigraph.store.cards import Card
from evigraph.store.entities import KINDS as REGISTERED
from evigraph.store.keyed import Row
from evigraph.store.query import Exact
from evigraph.store.release import Release

#: The kinds that have pages, with what one of them is called.
KINDS: dict[str, str] = {
    "author": "Author",
    "journal": "Journal",
    "organization": "Organization",
    "project": "Project",
    "community": "Community",
    "data_source": "Data source",
}

#: Products on a page of an entity's list.
LISTED = 25

#: Products whose years are read for the chart.
_CHARTED = 10_000

#: What tells an entity from others of its kind, in words.
_NAMED_BY = {
    "orcid": "Told from others by its ORCID iD.",
    "issn": "Told from others by its ISSN.",
    "registry": "Told from others by its entry in a registry.",
    "name": "Known by this name alone: two of the same name share this page, and other spellings have pages of "
    "their own.",
}


@dataclass(frozen=True)
class Fact:
    """A line of what is known of an entity: its label, its text, and where it leads."""

    label: str
    text: str
    address: str | None = None


@dataclass(frozen=True)
class Figure:
    """A number of the indicators, what it is called and what it means."""

    label: str
    value: int | float
    meaning: str


@dataclass(frozen=True)
class EntityPage:
    """Everything the page of an entity shows."""

    kind: str
    entity_id: str
    kind_label: str
    name: str
    named_by: str
    description: str | None
    facts: list[Fact]
    figures: list[Figure]
    products: list[Card]
    n_products: int
    chart: Chart | None
    number: int

    @property
    def path(self) -> str:
        """The address of the page."""
        return entity_path(self.kind, self.entity_id)

    @property
    def n_pages(self) -> int:
        """Pages of the list of products."""
        return -(-self.n_products // LISTED)

    @property
    def first(self) -> int:
        """The number of the first product on the page."""
        return (self.number - 1) * LISTED + 1


def entity_page(release: Release, kind: str, entity_id: str, number: int = 1) -> EntityPage | None:
    """The page of an entity, its products the most cited first; None where this graph knows nothing of it."""
    row = release.entities.kind(kind).get(entity_id) if kind in REGISTERED else None
    if row is not None:
        entity_id = row[REGISTERED[kind].key[0]]
    indicator = release.entity(kind, entity_id)
    if row is None and indicator is None:
        return None
    products, n_products, years = _products(release, kind, entity_id, indicator, number)
    name = entity_name(kind, row) if row else None
    return EntityPage(
        kind=kind,
        entity_id=entity_id,
        kind_label=KINDS[kind],
        name=name or (indicator["name"] if indicator else None) or entity_id.partition(":")[2],
        named_by=_NAMED_BY.get(indicator["named_by"] if indicator else "registry", ""),
        description=(row.get("summary") or row.get("description")) if row else None,
        facts=_facts(kind, entity_id, row),
        figures=_figures(indicator),
        products=products,
        n_products=n_products,
        chart=year_chart(years, width=320, height=56),
        number=number,
    )


def _products(
    release: Release, kind: str, entity_id: str, indicator: Row | None, number: int
) -> tuple[list[Card], int, Mapping[int, int]]:
    offset = (number - 1) * LISTED
    if indicator is None:
        asked = Exact("mark", marks.entity(kind, entity_id))
        walked = release.search.walk(asked, "citation_count", offset=offset, limit=LISTED)
        counted, _ = release.search.counts(asked, "year", size=600)
        return walked.hits, walked.total, {int(year): n for year, n in counted}
    listed = release.entity_products(kind, entity_id, 0, _CHARTED)
    ids = [row["product_id"] for row in listed]
    page = ids[offset : offset + LISTED]
    if offset >= _CHARTED:
        page = [row["product_id"] for row in release.entity_products(kind, entity_id, offset, LISTED)]
    cards = release.search.cards(page)
    return [cards[one] for one in page if one in cards], int(indicator["n_products"]), release.search.years(ids)


def _figures(indicator: Row | None) -> list[Figure]:
    if indicator is None:
        return []
    told = [
        ("citation_count", "Citations", "of its ranked products together"),
        ("impulse", "Impulse", "citations in the first years after publication, of all its products together"),
        ("n_influential", "Influential products", "with an influence class above Average"),
        ("n_popular", "Popular products", "with a popularity class above Average"),
        ("h_index", "h-index", "so many products have at least as many citations"),
        ("g_index", "g-index", "the first g products together have g² citations or more"),
        ("i10_index", "i10-index", "products with ten citations or more"),
        ("m_index", "m-index", "h-index by years since the first product"),
    ]
    return [Figure(label, indicator[name], meaning) for name, label, meaning in told if indicator[name] is not None]


#: Where the name of each kind stands in its table, the best first.
_NAMES: dict[str, tuple[str, ...]] = {
    "organization": ("legal_name", "short_name"),
    "project": ("title", "acronym", "code"),
    "community": ("name", "acronym"),
    "data_source": ("official_name", "english_name"),
}


def entity_name(kind: str, row: Mapping[str, Any]) -> str | None:
    """The name of an entity by its row in the table of its kind; None where it has none."""
    return next((row[column] for column in _NAMES[kind] if row[column]), None)


#: Columns of each kind that its page lists, with their labels; a column that ends in _url is a link.
_LISTED_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "organization": (
        ("short_name", "Short name"),
        ("country_name", "Country"),
        ("city", "City"),
        ("established", "Founded"),
        ("types", "Kind"),
        ("website_url", "Website"),
    ),
    "project": (
        ("acronym", "Acronym"),
        ("code", "Grant number"),
        ("call_identifier", "Call"),
        ("started_on", "Start"),
        ("ended_on", "End"),
        ("website_url", "Website"),
    ),
    "community": (
        ("acronym", "Code"),
        ("type", "Kind"),
        ("subjects", "Subjects"),
        ("zenodo_community", "On Zenodo"),
    ),
    "data_source": (
        ("type", "Kind"),
        ("access_rights", "Access"),
        ("languages", "Languages"),
        ("content_types", "Holds"),
        ("compatibility", "OpenAIRE guidelines"),
        ("website_url", "Website"),
    ),
}

#: Schemes that entities are told apart by: what they are called, and where they lead.
_SCHEMES = {
    "orcid": ("ORCID iD", "https://orcid.org/"),
    "issn": ("ISSN", "https://portal.issn.org/resource/ISSN/"),
    "ror": ("ROR", "https://ror.org/"),
}


def _facts(kind: str, entity_id: str, row: Row | None) -> list[Fact]:
    scheme, _, value = entity_id.partition(":")
    label, address = _SCHEMES.get(scheme, ("", ""))
    found = [Fact(label, value, address + value)] if label else []
    if row is None:
        return found
    if funders := [one["name"] or one["short_name"] for one in row.get("fundings") or []]:
        found.append(Fact("Funded by", "; ".join(dict.fromkeys(filter(None, funders)))))
    found += [fact for column in _LISTED_COLUMNS[kind] if (fact := _fact(row, *column))]
    others = [pid for pid in row.get("pids") or [] if pid["value"] and pid["value"] != value]
    return found + [Fact(pid["scheme"].upper(), pid["value"], web_address(pid["value"])) for pid in others]


def _fact(row: Mapping[str, Any], column: str, label: str) -> Fact | None:
    value = row[column]
    if not value:
        return None
    text = ", ".join(value) if isinstance(value, list) else str(value)
    if column.endswith("_on"):
        return Fact(label, wording.date(text))
    return Fact(label, text, web_address(text) if column.endswith("_url") else None)
