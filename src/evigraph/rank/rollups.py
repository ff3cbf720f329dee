"""Indicators of authors, journals, organizations, projects and communities, as set steps.

Per entity the sums that BIP! gives for projects (products in a class above C5 for influence and popularity, total
impulse, total citations) and the family of the h-index.
"""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.entities import COMMUNITY, ORGANIZATION, PRODUCT_ENTITY, PROJECT
from evigraph.model.tables import ENTITY_INDICATOR, ENTITY_PRODUCT, INDICATOR, PRODUCT, RANKING
from evigraph.rank.classes import LABELS

#: Kinds of entities that `product_entity` links products with.
_LINKED = ("organization", "project", "community")


def text(value: str) -> ir.Value:
    """A text as a value of an expression."""
    return ibis.literal(value, "string")


def journal_id(container: ir.Value) -> ir.Value:
    """What tells a journal from others: its linking ISSN, else print, else online ISSN, else its name; or null."""
    issn = ibis.coalesce(container.issn_linking, container.issn_print, container.issn_online)
    return ibis.coalesce(text("issn:") + issn, text("name:") + container["name"])


def entity_products(product: ir.Table, product_entity: ir.Table, indicator: ir.Table) -> ir.Table:
    """Which product belongs to which author, journal, organization, project and community.

    An author is an ORCID iD where one is stated, else a name as it is written: then two people of one name are one
    author, and one person with two spellings is two. Groups are no authors. Organizations are those that sources
    link with the product and those that its authors' affiliations name by ROR.
    """
    byline = product.select("product_id", author=product.authors.unnest())
    byline = byline.filter(~ibis.coalesce(byline.author.is_group, False))
    orcid = byline.author.orcid
    authors = byline.select(
        "product_id",
        kind=text("author"),
        entity_id=ibis.coalesce(text("orcid:") + orcid, text("name:") + byline.author.full_name),
        name=byline.author.full_name,
    )
    journals = product.select(
        "product_id",
        kind=text("journal"),
        entity_id=journal_id(product.container),
        name=product.container["name"],
    )
    affiliated = byline.select("product_id", affiliation=byline.author.affiliations.unnest())
    employers = affiliated.select(
        "product_id",
        kind=text("organization"),
        # The id of ROR's own record: the nine characters that end its address.
        entity_id=text("ror:") + affiliated.affiliation.ror_id.right(9),
        name=affiliated.affiliation["name"],
    )
    linked = product_entity.filter(product_entity.kind.isin(_LINKED))
    linked = linked.select("product_id", "kind", "entity_id", name=ibis.null("string"))
    stated = reduce(lambda left, right: left.union(right), [authors, journals, employers, linked])
    stated = stated.filter(stated.entity_id.notnull())
    each = stated.group_by(["kind", "entity_id", "product_id"]).agg(name=stated["name"].min())
    scored = each.left_join(indicator.select("product_id", "citation_count"), "product_id").select(
        "kind", "entity_id", "product_id", "name", "citation_count"
    )
    order = ibis.window(
        group_by=["kind", "entity_id"],
        order_by=[ibis.coalesce(scored.citation_count, -1).desc(), scored.product_id.asc()],
    )
    return scored.mutate(place=ibis.row_number().over(order).cast("int64") + 1).select(*ENTITY_PRODUCT.names)


def entity_indicators(
    member: ir.Table,
    indicator: ir.Table,
    product: ir.Table,
    ranking: ir.Table,
    organization: ir.Table,
    project: ir.Table,
    community: ir.Table,
) -> ir.Table:
    """The indicators of every entity.

    h is the most h for which h products have h citations or more (Hirsch 2005), g the most g, products at most, for
    which the g most cited have g² citations together (Egghe 2006), i10 the products with ten or more, m is h by the
    years since the first ranked product. `name` is the one that most products state, the first of equals.
    """
    key = ["kind", "entity_id"]
    facts = indicator.select("product_id", "impulse", "influence_class", "popularity_class").join(
        product.select("product_id", "year"), "product_id"
    )
    row = member.left_join(facts, "product_id").select(
        *key, "product_id", "citation_count", "place", "impulse", "influence_class", "popularity_class", "year"
    )
    so_far = ibis.window(group_by=key, order_by=["place"], preceding=None, following=0)
    ranked = row.filter(row.citation_count.notnull())
    summed = ranked.mutate(n_so_far=ranked.citation_count.sum().over(so_far))
    in_h = summed.citation_count >= summed.place
    in_g = summed.n_so_far >= summed.place * summed.place
    sums = summed.group_by(key).agg(
        n_ranked=summed.count(),
        n_influential=_n(summed.influence_class != LABELS[-1]),
        n_popular=_n(summed.popularity_class != LABELS[-1]),
        impulse=_whole(summed.impulse.sum()),
        citation_count=_whole(summed.citation_count.sum()),
        h_index=_n(in_h),
        g_index=_n(in_g),
        i10_index=_n(summed.citation_count >= 10),
        first_year=summed.year.min(),
        last_year=summed.year.max(),
    )
    counted = member.group_by(key).agg(n_products=member.count())
    named = _names(member, organization, project, community)
    made = counted.left_join(sums, key).drop("kind_right", "entity_id_right")
    made = made.left_join(named, key).drop("kind_right", "entity_id_right").cross_join(ranking.select("current_year"))
    zero = {
        name: ibis.coalesce(made[name], 0)
        for name in ("n_ranked", "n_influential", "n_popular", "impulse", "citation_count")
    } | {name: ibis.coalesce(made[name], 0) for name in ("h_index", "g_index", "i10_index")}
    made = made.mutate(**zero)
    years = (made.current_year - made.first_year + 1).cast("float64")
    scheme = made.entity_id.split(":")[0]
    is_own = scheme.isin(("orcid", "issn", "name")) & made.kind.isin(("author", "journal"))
    return made.mutate(
        m_index=ibis.ifelse(years >= 1, made.h_index.cast("float64") / years, ibis.null("float64")),
        named_by=ibis.ifelse(is_own, scheme, text("registry")),
    ).select(*ENTITY_INDICATOR.names)


def _n(condition: ir.Value) -> ir.Value:
    return _whole(condition.cast("int64").sum())


def _whole(total: ir.Value) -> ir.Value:
    """A sum as a whole number: DuckDB adds in 128 bits, which Ibis takes for 64 and would write as a float."""
    return total.cast("float64").cast("int64")


def _names(member: ir.Table, organization: ir.Table, project: ir.Table, community: ir.Table) -> ir.Table:
    """One name for each entity: what most products call it, else what its own table does."""
    key = ["kind", "entity_id"]
    stated = member.filter(member["name"].notnull()).group_by([*key, "name"]).agg(n=lambda t: t.count())
    order = ibis.window(group_by=key, order_by=[stated.n.desc(), stated["name"].asc()])
    first = stated.mutate(turn=ibis.row_number().over(order))
    first = first.filter(first.turn == 0).select(*key, called="name")
    own = [
        organization.select(entity_id="organization_id", kind=text("organization"), own="legal_name"),
        project.select(
            entity_id="project_id",
            kind=text("project"),
            own=ibis.coalesce(project.title, project.acronym, project.code),
        ),
        community.select(entity_id="community_id", kind=text("community"), own="name"),
        # Products may name a community by its code.
        community.filter(community.acronym.notnull())
        .group_by("acronym")
        .agg(own=lambda t: t["name"].min())
        .select(entity_id="acronym", kind=text("community"), own="own"),
    ]
    tables = reduce(lambda left, right: left.union(right), [part.select(*key, "own") for part in own])
    tables = tables.group_by(key).agg(own=tables.own.min())
    every = member.select(*key).distinct().left_join(tables, key).drop("kind_right", "entity_id_right")
    every = every.left_join(first, key).drop("kind_right", "entity_id_right")
    # A registry's own name goes before what bylines call an organization.
    return every.select(*key, name=ibis.coalesce(every.own, every.called))


STEPS = (
    SetStep("rank.entity_product", (PRODUCT, PRODUCT_ENTITY, INDICATOR), ENTITY_PRODUCT, entity_products),
    SetStep(
        "rank.entity_indicator",
        (ENTITY_PRODUCT, INDICATOR, PRODUCT, RANKING, ORGANIZATION, PROJECT, COMMUNITY),
        ENTITY_INDICATOR,
        entity_indicators,
    ),
)
