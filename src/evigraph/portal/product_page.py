"""The page of one product: what it shows, gathered from a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evigraph.model.types import CONTAINER
from evigraph.portal import wording
from evigraph.portal.charts import Chart, year_chart
from evigraph.portal.entity_page import entity_name
from evigraph.portal.published_review import PublishedReview, published_review
from evigraph.portal.rendering import entity_path, host_of, pid_address, web_address
from evigraph.portal.standing import Standing, standing_of
from evigraph.store.cards import INDICATORS, Card
from evigraph.store.document import RECORD_COLUMNS, provenance_of
from evigraph.store.entities import KINDS
from evigraph.store.keyed import Row
from evigraph.store.release import Release
from evigraph.store.search import citing

#: Entries of a list that the product's page shows before it links to the whole list.
_SHOWN = 5

_OPEN = "c_abf2"

#: Entities that a product's page names, with the heading of each kind.
_BELONGINGS = {"organization": "Organizations", "project": "Projects", "community": "Communities"}


@dataclass(frozen=True)
class Said:
    """A record that said a value: its source's name, when the source last changed it, its id."""

    source: str
    date: str | None
    record_id: str


@dataclass(frozen=True)
class Link:
    """An address that a version can be reached at, and what to call it."""

    label: str
    address: str


@dataclass(frozen=True)
class Version:
    """An instance: one hosted copy of the work."""

    access_right: str | None
    access_route: str | None
    host: str
    links: list[Link]
    kind: str
    published_on: str | None
    is_peer_reviewed: bool | None
    license: str | None
    license_address: str | None
    source: str
    pids: list[Mapping[str, str]]
    said: list[Said]


@dataclass(frozen=True)
class Indicator:
    """A row of the impact block. `dots` is the class as one to five dots."""

    name: str
    label: str
    sentence: str
    value: int | float
    grade: str
    text: str
    dots: int


@dataclass(frozen=True)
class Reference:
    """An entry of a reference list: the work it resolves to, or what the source gives of it."""

    position: int
    card: Card | None
    text: str | None
    pids: list[Mapping[str, str]]


@dataclass(frozen=True)
class ReferenceList:
    """One record's reference list."""

    record_id: str
    source: str
    entries: list[Reference]
    n: int
    n_resolved: int


class Provenance:
    """Says which records said a value of a product."""

    def __init__(self, release: Release, product: Row) -> None:
        self._records = {row["record_id"]: row for row in release.records(product["record_ids"] or [], RECORD_COLUMNS)}
        self._labels = release.manifest.source_label
        self._by_place: dict[tuple[str, int | None], list[str]] = {}
        for entry in provenance_of(product):
            self._by_place.setdefault((entry["field"], entry["position"]), []).extend(entry["record_ids"] or [])

    def said(self, name: str, position: int | None = None) -> list[Said]:
        """The records that said this value; with no position, those that said any value of the field."""
        ids = self._by_place.get((name, position)) or self._by_place.get((name, None))
        if ids is None and position is None:
            ids = [record_id for (field, _), found in self._by_place.items() if field == name for record_id in found]
        return [self._said(record_id) for record_id in dict.fromkeys(ids or [])]

    def _said(self, record_id: str) -> Said:
        record = self._records.get(record_id)
        source = record["source"] if record else record_id.partition(":")[0]
        return Said(self._labels(source), record["datestamp"] if record else None, record_id)

    @property
    def records(self) -> list[Said]:
        """All records of the product."""
        return [self._said(record_id) for record_id in self._records]


@dataclass(frozen=True)
class ProductPage:
    """Everything the page of a product shows."""

    product: Row
    provenance: Provenance
    versions: list[Version]
    indicators: list[Indicator]
    kind: str
    cited_by: list[Card]
    n_cited_by: int
    citation_chart: Chart | None
    references: ReferenceList | None
    related: list[tuple[str, list[Card], int]]
    retraction_notices: list[Card]
    has_open_version: bool
    n_ranked: int
    current_year: int | None
    standing: Standing | None
    review: PublishedReview | None
    belongs_to: list[tuple[str, list[tuple[str, str]]]]

    @property
    def product_id(self) -> str:
        """The product's id."""
        return str(self.product["product_id"])

    @property
    def container(self) -> dict[str, Any]:
        """Where the work appeared, every part of it None where it is not known."""
        return {**dict.fromkeys(field.name for field in CONTAINER), **(self.product["container"] or {})}

    @property
    def keywords(self) -> list[str]:
        """The keywords in their order, each once."""
        values = {
            subject["value"].lower(): subject["value"]
            for subject in reversed(self.product["subjects"] or [])
            if subject["value"]
        }
        return list(reversed(values.values()))

    @property
    def n_counted(self) -> int | None:
        """Citations that the indicators count; None where the product is not ranked."""
        return next((int(row.value) for row in self.indicators if row.name == "citation_count"), None)

    @property
    def is_retracted(self) -> bool:
        """Whether a source or a retraction notice says that the work was retracted."""
        return bool(self.product["is_retracted"] or self.retraction_notices)

    @property
    def is_merged(self) -> bool:
        """Whether more than one record describes the product."""
        return len(self.product["record_ids"] or []) > 1


def product_page(release: Release, product: Row) -> ProductPage:
    """The page of a product, from its row."""
    product_id = product["product_id"]
    provenance = Provenance(release, product)
    counts = release.relation_counts(product_id)
    n_cited_by = counts.get("IsCitedBy", 0)
    cited_by = release.search.page(citing(product_id), "influence", 0, _SHOWN).hits if n_cited_by else []
    years = release.search.years(citing(product_id)) if n_cited_by else {}
    versions = _versions(release, product, provenance)
    return ProductPage(
        product=product,
        provenance=provenance,
        versions=versions,
        indicators=_indicators(release.indicator(product_id)),
        kind=next((version.kind for version in versions if version.kind), "")
        or wording.TYPES.get(product["type"] or "", ""),
        cited_by=cited_by,
        n_cited_by=n_cited_by,
        citation_chart=year_chart(years, width=200, height=44, first=product["year"]),
        references=_first_list(reference_lists(release, product_id, limit=_SHOWN, held_first=True)),
        related=_related(release, product_id, counts),
        retraction_notices=_cards(release, product_id, "IsObsoletedBy") if product["is_retracted"] else [],
        has_open_version=any(version.access_right == _OPEN for version in versions),
        n_ranked=release.manifest.n_ranked,
        current_year=release.manifest.current_year,
        standing=standing_of(release, product_id),
        review=published_review(release, product),
        belongs_to=_belongs_to(release, product),
    )


def _belongs_to(release: Release, product: Row) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the product belongs to, by heading: each by its name, with the address of its page."""
    found = release.entities.of_product(product["product_id"])
    paths: dict[str, dict[str, str]] = {heading: {} for heading in _BELONGINGS.values()}
    for author in product["authors"] or []:
        for affiliation in author["affiliations"] or []:
            if affiliation["ror_id"] and affiliation["name"]:
                key = f"ror:{affiliation['ror_id'][-9:]}"
                paths[_BELONGINGS["organization"]].setdefault(entity_path("organization", key), affiliation["name"])
    for kind, heading in _BELONGINGS.items():
        for row in found.get(kind, []):
            key = row[KINDS[kind].key[0]]
            paths[heading][entity_path(kind, key)] = entity_name(kind, row) or key
    return [(heading, [(name, path) for path, name in named.items()]) for heading, named in paths.items() if named]


def reference_lists(
    release: Release, product_id: str, offset: int = 0, limit: int | None = None, *, held_first: bool = False
) -> list[ReferenceList]:
    """The reference lists of a product's records, the longest first, each from `offset` on.

    With `held_first` the works that this graph holds come before the others.
    """
    by_record: dict[str, list[Row]] = {}
    for row in release.references(product_id):
        by_record.setdefault(row["record_id"], []).append(row)
    lists = []
    for record_id, rows in sorted(by_record.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        # Counted here: the position a source gives may be the line of a relation file.
        numbered = list(enumerate(rows, 1))
        if held_first:
            numbered.sort(key=lambda pair: pair[1]["target_id"] is None)
        shown = numbered[offset:] if limit is None else numbered[offset : offset + limit]
        cards = release.search.cards(row["target_id"] for _, row in shown if row["target_id"])
        lists.append(
            ReferenceList(
                record_id=record_id,
                source=release.manifest.source_label(record_id.partition(":")[0]),
                entries=[
                    Reference(number, cards.get(row["target_id"]), row["text"], row["pids"] or [])
                    for number, row in shown
                ],
                n=len(rows),
                n_resolved=sum(row["target_id"] is not None for row in rows),
            )
        )
    return lists


def _first_list(lists: list[ReferenceList]) -> ReferenceList | None:
    return lists[0] if lists else None


def _indicators(row: Row | None) -> list[Indicator]:
    if row is None:
        return []
    return [
        Indicator(
            name=name,
            label=wording.INDICATOR_NAMES[name],
            sentence=wording.INDICATOR_SENTENCES[name],
            value=row[name],
            grade=(grade := row[f"{name}_class"]),
            text=wording.CLASSES.get(grade, str(grade)),
            dots=max(1, 6 - int(grade[1:])) if grade[1:].isdecimal() else 0,
        )
        for name in INDICATORS
    ]


def _versions(release: Release, product: Row, provenance: Provenance) -> list[Version]:
    labels = {source.name: source.label for source in release.manifest.sources}
    versions = []
    for position, instance in enumerate(product["instances"] or []):
        links = _links(instance)
        collected_from = instance["collected_from"] or ""
        host = instance["hosted_by"] or (host_of(links[0].address) if links else "") or collected_from
        versions.append(
            Version(
                access_right=instance["access_right"],
                access_route=instance["access_route"],
                host=host or "Host not stated",
                links=links,
                kind=instance["resource_type"] or "",
                published_on=instance["published_on"],
                is_peer_reviewed={"peerReviewed": True, "nonPeerReviewed": False}.get(instance["refereed"] or ""),
                license=instance["license"] or instance["license_url"],
                license_address=web_address(instance["license_url"]),
                source=labels.get(collected_from, collected_from),
                pids=instance["pids"] or [],
                said=provenance.said("instances", position),
            )
        )
    return versions


def _links(instance: Mapping[str, Any]) -> list[Link]:
    """Where a version can be reached: its identifiers' addresses, then its own, each once."""
    links: dict[str, Link] = {}
    for pid in instance["pids"] or []:
        address = pid_address(pid["scheme"], pid["value"])
        if address:
            name = wording.SCHEMES[pid["scheme"]][0]
            links.setdefault(_comparable(address), Link(f"{name} {pid['value']}", address))
    for url in instance["urls"] or []:
        address = web_address(url)
        if address:
            links.setdefault(_comparable(address), Link(address.partition("://")[2], address))
    return list(links.values())


def _comparable(address: str) -> str:
    return address.lower().replace("http://", "https://").replace("://dx.doi.org/", "://doi.org/").rstrip("/")


def _related(release: Release, product_id: str, counts: Mapping[str, int]) -> list[tuple[str, list[Card], int]]:
    shown = []
    for relation, heading in wording.RELATIONS.items():
        if relation in counts:
            shown.append((heading, _cards(release, product_id, relation), counts[relation]))
    return shown


def _cards(release: Release, product_id: str, relation: str) -> list[Card]:
    ids = release.related_ids(product_id, relation, limit=20)
    cards = release.search.cards(ids)
    return [cards[other] for other in ids if other in cards]
