"""The shapes of the JSON answers, as the OpenAPI description states them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field("about:blank", description="An address that names the kind of problem")
    title: str = Field(description="The problem in a few words")
    status: int = Field(description="The status of the answer")
    detail: str = Field(description="What was wrong and what to do")


class Identifier(BaseModel):
    """An identifier: its scheme and normalised value."""

    scheme: str
    value: str


class Indicators(BaseModel):
    """The four indicators of BIP!, raw and as classes C1 (top 0.01 %) to C5."""

    citation_count: int
    citation_count_class: str
    popularity: float
    popularity_class: str
    influence: float
    influence_class: str
    impulse: int
    impulse_class: str


class RankedAgainst(BaseModel):
    """What the classes were computed against."""

    n_products: int
    current_year: int | None


class Said(BaseModel):
    """Which records said a value: the field, the place in its list (null: the field as a whole), the records."""

    field: str
    position: int | None
    record_ids: list[str]


class RecordFacts(BaseModel):
    """A record of a product: its source, when that last changed it, where it was read."""

    record_id: str
    source: str
    source_key: str
    datestamp: str | None
    payload: str
    position: int


class Product(BaseModel):
    """A research product: the columns of the data dictionary's table `product`, and what belongs to it."""

    model_config = ConfigDict(extra="allow")

    product_id: str
    type: str | None
    title: str | None
    authors: list[dict[str, Any]] | None
    descriptions: list[str] | None
    published_on: str | None
    year: int | None
    subjects: list[dict[str, Any]] | None
    container: dict[str, Any] | None
    pids: list[Identifier] | None
    instances: list[dict[str, Any]] | None
    access_right: str | None = Field(description="COAR access right of the best instance; null: not known")
    sources: list[str] | None
    record_ids: list[str] | None
    provenance: list[Said]
    indicators: Indicators | None = Field(description="null: not ranked, because it has no publication year")
    ranked_against: RankedAgainst
    relations: dict[str, int] = Field(description="How many relations of each DataCite type")
    records: list[RecordFacts]
    evidence: list[dict[str, Any]] = Field(description="Why its records are one product")
    release_id: str


class Comparison(BaseModel):
    """A product's place in a group of like products.

    `indicators` has for each indicator the percentile (percent of the group below, equals counted half), the class
    inside the group, the group's mean of a count, and the least value `from` which each class begins.
    """

    view: str = Field(description="all, type, year, journal or field")
    group_id: str
    label: str
    n_products: int
    indicators: dict[str, dict[str, Any]]
    n_alike: int = Field(description="Products of the group of the same type and year")
    expected_citation_count: float = Field(description="Their mean citation count")
    fwci: float | None = Field(description="Citation count / that mean; in a field, BIP!'s FWCI")
    expected_impulse: float
    fwci_impulse: float | None


class Explained(BaseModel):
    """A score as a sum of parts, and the citations that carry it, the weightiest first."""

    score: float
    parts: dict[str, float]
    n_citations: int
    citations: list[dict[str, Any]]


class NextClass(BaseModel):
    """What it would take to reach the class `target`, all else unchanged: a value above `above`."""

    indicator: str
    target: str
    above: float
    missing: float
    n_citations: int | None = Field(description="So many more citations that each carry `per_citation`")
    per_citation: float
    is_own: bool = Field(description="Whether that is what the product's own citations carry on average")


class Impact(BaseModel):
    """What is behind the indicators of a product."""

    product_id: str
    release_id: str
    ranked_against: RankedAgainst
    parameters: dict[str, Any] | None
    indicators: dict[str, Any]
    comparisons: list[Comparison]
    explained: dict[str, Explained | None] = Field(description="influence and popularity; null: an older release")
    next_class: dict[str, NextClass | None]
    history: list[dict[str, Any]] = Field(description="This release and those before it, newest first")


class EntityProduct(BaseModel):
    """A product of an entity, by its place among them."""

    product_id: str
    place: int
    citation_count: int | None = Field(description="null: the product is not ranked")
    title: str | None
    year: int | None


class Entity(BaseModel):
    """The indicators of an author, journal, organization, project or community; see table `entity_indicator`."""

    kind: str
    entity_id: str
    name: str | None
    named_by: str
    n_products: int
    n_ranked: int
    n_influential: int
    n_popular: int
    impulse: int
    citation_count: int
    h_index: int
    g_index: int
    i10_index: int
    m_index: float | None
    first_year: int | None
    last_year: int | None
    products: list[EntityProduct]
    page: int
    per_page: int
    release_id: str


class Result(BaseModel):
    """A product in a list of results."""

    product_id: str
    title: str
    authors: list[str]
    n_authors: int
    venue: str | None
    year: int | None
    published_on: str | None
    type: str | None
    resource_type: str | None
    access_right: str | None
    is_peer_reviewed: bool | None
    is_retracted: bool
    doi: str | None
    sources: list[str]
    n_versions: int
    classes: dict[str, str] | None
    counts: dict[str, int] | None


class FacetCount(BaseModel):
    """A value of a facet and how many results have it."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """A page of results. `results` is in a total order: the same question to the same release, the same answer."""

    query: str
    sort: str
    total: int
    page: int
    per_page: int
    release_id: str
    notes: list[str] = Field(description="What could not be taken literally in the query")
    facets: dict[str, list[FacetCount]]
    results: list[Result]
