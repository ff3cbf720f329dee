"""What is read out of the indicators: what carries a score, fair comparisons, and sums for people and places."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import TEXT

#: The indicators that are compared and explained, in the order of the columns made of them.
COMPARED: tuple[str, ...] = ("citation_count", "impulse", "influence", "popularity")

#: Those of them that are counts.
COUNTS: tuple[str, ...] = ("citation_count", "impulse")

#: The kinds of entities that products are summed up for.
ENTITY_KINDS: tuple[str, ...] = ("author", "journal", "organization", "project", "community")

RANKING = Table(
    "ranking",
    "How the run was ranked, in one row: parameters, and the constants that scores are made of.",
    ("current_year",),
    (
        Column("current_year", pa.int32(), "the year the graph is looked at from"),
        Column("start_year", pa.int32(), "first year of the attention window", nullable=False),
        Column("impulse_years", pa.int32(), "a citation counts for impulse up to so many years", nullable=False),
        Column("influence_alpha", pa.float64(), "what a work passes on of its influence", nullable=False),
        Column("popularity_alpha", pa.float64(), "what a work passes on of its popularity", nullable=False),
        Column("attention_weight", pa.float64(), "popularity that a citation of the window adds", nullable=False),
    ),
)

CITATION = Table(
    "citation",
    "A citation that the indicators count, with what it carries to the cited product.",
    ("product_id", "citing_id"),
    (
        Column("product_id", TEXT, "the cited product"),
        Column("citing_id", TEXT, "the citing publication"),
        Column("year", pa.int32(), "year of the citing publication; 0: not known, or in the future", nullable=False),
        Column("influence", pa.float64(), "the part of the product's influence that it carries", nullable=False),
        Column("popularity", pa.float64(), "the part of the product's popularity, attention included", nullable=False),
        Column("is_early", pa.bool_(), "whether it counts for impulse", nullable=False),
        Column("is_recent", pa.bool_(), "whether it falls into the attention window", nullable=False),
    ),
)

GROUP_MEMBER = Table(
    "group_member",
    "A ranked product in a group of products that it may fairly be compared with.",
    ("view", "group_id", "product_id"),
    (
        Column("view", TEXT, "all, year, type, field or journal"),
        Column("group_id", TEXT, "the group: a year, a type, scheme:term, issn:… or name:…, or all"),
        Column("product_id", TEXT, "the product"),
        Column("label", TEXT, "the group for people", nullable=False),
        Column("is_shown", pa.bool_(), "of a field: one of the three it is compared in; else true", nullable=False),
    ),
)


def _compared(name: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_percentile", pa.float64(), "percent of the group below it; equals count half", nullable=False),
        Column(f"{name}_class", TEXT, "C1 to C5 inside the group, by the rule for all products", nullable=False),
    )


INDICATOR_VIEW = Table(
    "indicator_view",
    "A product's indicators compared inside one group.",
    ("product_id", "view", "group_id"),
    (
        Column("product_id", TEXT, "the product"),
        Column("view", TEXT, "all, year, type, field or journal"),
        Column("group_id", TEXT, "the group, as in indicator_group"),
        Column("n_products", pa.int64(), "ranked products of the group", nullable=False),
        *(column for name in COMPARED for column in _compared(name)),
        Column("n_alike", pa.int64(), "products of the group of the same type and year", nullable=False),
        Column("expected_citation_count", pa.float64(), "their mean citation count", nullable=False),
        Column("fwci", pa.float64(), "citation count / that mean; null where the mean is 0"),
        Column("expected_impulse", pa.float64(), "their mean impulse", nullable=False),
        Column("fwci_impulse", pa.float64(), "impulse / that mean; null where the mean is 0"),
    ),
)

INDICATOR_GROUP = Table(
    "indicator_group",
    "A group that products are compared in: its size, mean, and what reaches each class.",
    ("view", "group_id", "indicator"),
    (
        Column("view", TEXT, "all, year, type, field or journal"),
        Column("group_id", TEXT, "the group"),
        Column("indicator", TEXT, "citation_count, impulse, influence or popularity"),
        Column("label", TEXT, "the group for people", nullable=False),
        Column("n_products", pa.int64(), "ranked products of the group", nullable=False),
        Column("mean", pa.float64(), "mean of a count; null for influence and popularity"),
        Column("c1_from", pa.float64(), "least value in class C1; null where the class is empty"),
        Column("c2_from", pa.float64(), "least value in C2 or better"),
        Column("c3_from", pa.float64(), "least value in C3 or better"),
        Column("c4_from", pa.float64(), "least value in C4 or better"),
    ),
)

ENTITY_PRODUCT = Table(
    "entity_product",
    "A product of an author, journal, organization, project or community.",
    ("kind", "entity_id", "place"),
    (
        Column("kind", TEXT, "author, journal, organization, project or community"),
        Column("entity_id", TEXT, "orcid:…, issn:…, name:… or the id in the table of that kind"),
        Column("place", pa.int64(), "by citation count among the entity's products, from 1; those not ranked last"),
        Column("product_id", TEXT, "the product", nullable=False),
        Column("name", TEXT, "its name as this product states it; null where the product states none"),
        Column("citation_count", pa.int64(), "of the product; null where it is not ranked"),
    ),
)

ENTITY_INDICATOR = Table(
    "entity_indicator",
    "The indicators of an author, journal, organization, project or community, from its ranked products.",
    ("kind", "entity_id"),
    (
        Column("kind", TEXT, "author, journal, organization, project or community"),
        Column("entity_id", TEXT, "orcid:…, issn:…, name:… or the id in the table of that kind"),
        Column("name", TEXT, "the name most of its products state, else that of its table"),
        Column("named_by", TEXT, "what tells it from others: orcid, issn, registry, or name alone", nullable=False),
        Column("n_products", pa.int64(), "products", nullable=False),
        Column("n_ranked", pa.int64(), "those that are ranked", nullable=False),
        Column("n_influential", pa.int64(), "ranked products with an influence class above C5", nullable=False),
        Column("n_popular", pa.int64(), "ranked products with a popularity class above C5", nullable=False),
        Column("impulse", pa.int64(), "sum of the impulse", nullable=False),
        Column("citation_count", pa.int64(), "sum of the citation counts", nullable=False),
        Column("h_index", pa.int64(), "the most h for which h products have h citations or more", nullable=False),
        Column("g_index", pa.int64(), "the most g for which the first g have g² citations or more", nullable=False),
        Column("i10_index", pa.int64(), "products with ten citations or more", nullable=False),
        Column("m_index", pa.float64(), "h by years from the first ranked product to the current year, both counted"),
        Column("first_year", pa.int32(), "year of the first ranked product"),
        Column("last_year", pa.int32(), "year of the newest"),
    ),
)

#: Every table of this module.
IMPACT_TABLES: tuple[Table, ...] = (
    RANKING,
    CITATION,
    GROUP_MEMBER,
    INDICATOR_VIEW,
    INDICATOR_GROUP,
    ENTITY_PRODUCT,
    ENTITY_INDICATOR,
)

#: Those that a release holds.
RELEASED_IMPACT_TABLES: tuple[Table, ...] = (
    CITATION,
    INDICATOR_VIEW,
    INDICATOR_GROUP,
    ENTITY_PRODUCT,
    ENTITY_INDICATOR,
)
