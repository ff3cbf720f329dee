"""Fair comparisons: groups of like products, and every product's place in its groups, as set steps.

BIP! compares over all works at once, which favours old works and crowded fields. Beside that stand here, by the
same rule for classes, the product's year, type, fields and journal, with percentiles; and BIP!'s field-weighted
citation impact (TopicClassesAndFWCI of BIP! Ranker).
"""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.impact import COMPARED, COUNTS
from evigraph.model.tables import GROUP_MEMBER, INDICATOR, INDICATOR_GROUP, INDICATOR_VIEW, PRODUCT
from evigraph.rank.classes import LABELS, ONE_IN
from evigraph.rank.rollups import journal_id, text

#: Classifications of subjects, the best first. Others that sources state come before free keywords.
SCHEMES = ("openalex_topic", "fos", "mesh", "openalex_concept")
FREE_SCHEMES = ("openalex_keyword", "keyword")

#: What is stated among subjects and is no field.
NO_FIELDS = ("sdg",)

#: The least ranked products of a field or journal that something is compared in.
FEWEST = 20

#: Fields that a product is compared in at most.
MOST_FIELDS = 3


def group_members(product: ir.Table, indicator: ir.Table) -> ir.Table:
    """The groups of every ranked product.

    A field is a subject that `FEWEST` ranked products or more have. A product is a member of all its fields and is
    shown in three at most: those of the best classification it has (`SCHEMES`), the smallest, which are the most
    specific, first. Journals have the same least size. Years and types are groups however small.
    """
    ranked = product.semi_join(indicator, "product_id")
    parts = [
        _group(ranked, "all", text("all"), text("all products")),
        _group(ranked, "year", ranked.year.cast("string"), ranked.year.cast("string")),
        _group(ranked.filter(ranked.type.notnull()), "type", ranked.type, ranked.type),
        _large(_group(ranked, "journal", journal_id(ranked.container), ranked.container["name"])),
    ]
    whole = [part.mutate(is_shown=ibis.literal(True)).select(*GROUP_MEMBER.names) for part in parts]
    return reduce(lambda left, right: left.union(right), [*whole, _fields(ranked)])


def _group(rows: ir.Table, view: str, group_id: ir.Value, label: ir.Value) -> ir.Table:
    group = rows.select("product_id", view=text(view), group_id=group_id, label=ibis.coalesce(label, group_id))
    return group.filter(group.group_id.notnull())


def _large(members: ir.Table) -> ir.Table:
    """The groups that have products enough, each under its smallest label."""
    each = ibis.window(group_by=["view", "group_id"])
    counted = members.mutate(n_products=members.count().over(each), label=members.label.min().over(each))
    return counted.filter(counted.n_products >= FEWEST)


def _fields(ranked: ir.Table) -> ir.Table:
    stated = ranked.select("product_id", subject=ranked.subjects.unnest())
    stated = stated.select("product_id", scheme=stated.subject.scheme, label=stated.subject.value)
    stated = stated.filter(stated.scheme.notnull(), stated.label.notnull(), stated.scheme.notin(NO_FIELDS))
    stated = stated.mutate(view=text("field"), group_id=stated.scheme + ":" + stated.label).distinct()
    members = _large(stated)
    order = ibis.cases(
        *((members.scheme == scheme, place) for place, scheme in enumerate(SCHEMES)),
        *((members.scheme == scheme, len(SCHEMES) + 1 + place) for place, scheme in enumerate(FREE_SCHEMES)),
        else_=len(SCHEMES),
    )
    members = members.mutate(scheme_order=order)
    own = ibis.window(group_by="product_id", order_by=["scheme_order", "n_products", "group_id"])
    best = members.scheme_order.min().over(ibis.window(group_by="product_id"))
    placed = members.mutate(place=ibis.row_number().over(own), best=best)
    is_shown = (placed.place < MOST_FIELDS) & (placed.scheme_order == placed.best)
    return placed.mutate(is_shown=is_shown).select(*GROUP_MEMBER.names)


def _class(below: ir.Value, n_products: ir.Value) -> ir.Value:
    """The class of a member that `below` others are below of, by the rule of `evigraph.rank.classes.classify`."""
    # As many have its value or a higher one; the whole tie group has to fit into the share.
    n_so_far = n_products - below
    limits = [ibis.greatest(1, n_products // one_in) for one_in in ONE_IN]
    return ibis.cases(
        *((n_so_far <= limit, label) for limit, label in zip(limits, LABELS, strict=False)), else_=LABELS[-1]
    )


def _placed(member: ir.Table, product: ir.Table, indicator: ir.Table) -> ir.Table:
    """Members with indicators, percentiles and classes inside their group."""
    facts = product.select("product_id", type=ibis.coalesce(product.type, ""), year=product.year)
    scored = member.join(indicator.select("product_id", *COMPARED), "product_id").join(facts, "product_id")
    each = ibis.window(group_by=["view", "group_id"])
    scored = scored.mutate(n_products=scored.count().over(each))
    ranks = {}
    for name in COMPARED:
        by_value = ibis.window(group_by=["view", "group_id"], order_by=[scored[name].asc()])
        ranks[f"{name}_below"] = ibis.rank().over(by_value)
        ranks[f"{name}_until"] = ibis.cume_dist().over(by_value)
    placed = scored.mutate(**ranks)
    columns = {}
    for name in COMPARED:
        below = placed[f"{name}_below"].cast("int64")
        # The share of values up to this one, as the whole number that it stands for.
        until = (placed[f"{name}_until"] * placed.n_products).round().cast("int64")
        columns[f"{name}_percentile"] = (below + until).cast("float64") * 50.0 / placed.n_products
        columns[f"{name}_class"] = _class(below, placed.n_products)
    return placed.mutate(**columns)


def indicator_views(member: ir.Table, product: ir.Table, indicator: ir.Table) -> ir.Table:
    """Every product's place in the groups that it is shown in, and its citations by those of like products.

    The field-weighted citation impact of a product in a group is its citation count by the mean of the group's
    products of the same type and year, itself included; as at BIP! there is one for each field.
    """
    placed = _placed(member, product, indicator)
    alike = ibis.window(group_by=["view", "group_id", "type", "year"])
    placed = placed.mutate(
        n_alike=placed.count().over(alike),
        n_citations=placed.citation_count.sum().over(alike),
        n_impulse=placed.impulse.sum().over(alike),
    )
    n_alike = placed.n_alike.cast("float64")
    placed = placed.mutate(
        expected_citation_count=placed.n_citations.cast("float64") / n_alike,
        expected_impulse=placed.n_impulse.cast("float64") / n_alike,
    )
    placed = placed.mutate(
        fwci=placed.citation_count.cast("float64") / placed.expected_citation_count.nullif(0.0),
        fwci_impulse=placed.impulse.cast("float64") / placed.expected_impulse.nullif(0.0),
    )
    return placed.filter(placed.is_shown).select(*INDICATOR_VIEW.names)


def indicator_groups(member: ir.Table, product: ir.Table, indicator: ir.Table) -> ir.Table:
    """Size, mean and class limits of every group, a row for each indicator."""
    placed = _placed(member, product, indicator)
    parts = []
    for name in COMPARED:
        value = placed[name].cast("float64")
        # A sum of whole numbers is the same in any order; a sum of scores is not, and nobody asks for it.
        count = placed[name].cast("int64") if name in COUNTS else ibis.null("int64")
        grade = placed[f"{name}_class"]
        rows = placed.select(
            "view",
            "group_id",
            "label",
            count=count,
            **{f"c{place}": ibis.ifelse(grade <= label, value, ibis.null("float64")) for place, label in _grades()},
        )
        made = rows.group_by(["view", "group_id"]).agg(
            label=rows.label.min(),
            n_products=rows.count(),
            total=rows["count"].sum().cast("float64"),
            **{f"c{place}_from": rows[f"c{place}"].min() for place, _ in _grades()},
        )
        made = made.mutate(indicator=text(name), mean=made.total / made.n_products)
        parts.append(made.select(*INDICATOR_GROUP.names))
    return reduce(lambda left, right: left.union(right), parts)


def _grades() -> list[tuple[int, str]]:
    return list(enumerate(LABELS[:-1], start=1))


STEPS = (
    SetStep("rank.group_member", (PRODUCT, INDICATOR), GROUP_MEMBER, group_members),
    SetStep("rank.indicator_view", (GROUP_MEMBER, PRODUCT, INDICATOR), INDICATOR_VIEW, indicator_views),
    SetStep("rank.indicator_group", (GROUP_MEMBER, PRODUCT, INDICATOR), INDICATOR_GROUP, indicator_groups),
)
