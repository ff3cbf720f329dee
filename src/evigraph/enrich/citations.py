"""References resolved to products, and the relations between products that follow."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.enrich import claims
from evigraph.model.pid import IDENTITY_SCHEMES
from evigraph.model.relation import INVERSE
from evigraph.model.said import CLAIMED_LINK, PEOPLE
from evigraph.model.tables import (
    CITED_REFERENCE,
    IDENTIFIER,
    LINK,
    MEMBER,
    RECORD,
    REFERENCE,
    RELATION,
    RESOLVED_CITATION,
    STATED_CITATION,
    VERSION_LINK,
)


def identifiers(record: ir.Table, member: ir.Table) -> ir.Table:
    """Each identifier of each record with the product it stands for.

    Where a person's decision keeps records with one identifier apart, the product with the smallest id answers.
    """
    stated = record.select("record_id", pid=record.pids.unnest())
    stated = stated.select("record_id", scheme=stated.pid.scheme, value=stated.pid.value)
    joined = stated.join(member, "record_id").group_by(["scheme", "value"])
    return joined.agg(product_id=lambda t: t.product_id.min())


def cited_references(reference: ir.Table, member: ir.Table, identifier: ir.Table) -> ir.Table:
    """Every reference with the product it resolves to by any of its identifiers, best scheme first, else null."""
    entry = reference.join(member, "record_id")
    best = _resolved(reference, REFERENCE.key, "pids", identifier, "target_id")
    return entry.left_join(best, list(REFERENCE.key)).select(
        "product_id", "record_id", "payload", "position", "pids", "text", "target_id"
    )


def resolved_citations(stated: ir.Table, identifier: ir.Table) -> ir.Table:
    """Every citation between identifiers with the products at both ends, each by its best identifier, else null."""
    keys = list(STATED_CITATION.key)
    citing = _resolved(stated, STATED_CITATION.key, "citing", identifier, "source_id")
    cited = _resolved(stated, STATED_CITATION.key, "cited", identifier, "target_id")
    half = stated.select(*keys).left_join(citing, keys).select(*keys, "source_id")
    return half.left_join(cited, keys).select(*keys, "source_id", "target_id")


def _resolved(stated: ir.Table, keys: tuple[str, ...], pids: str, identifier: ir.Table, name: str) -> ir.Table:
    """The product, as the column `name`, of each row of which an identifier in the list `pids` is known."""
    single = stated.select(*keys, pid=stated[pids].unnest())
    single = single.select(*keys, scheme=single.pid.scheme, value=single.pid.value)
    scheme_order = ibis.cases(
        *((single.scheme == scheme, rank) for rank, scheme in enumerate(IDENTITY_SCHEMES)),
        else_=len(IDENTITY_SCHEMES),
    )
    found = (
        single.mutate(scheme_order=scheme_order)
        .join(identifier, ["scheme", "value"])
        .rename({name: "product_id"})
        .mutate(
            place=ibis.row_number().over(group_by=list(keys), order_by=["scheme_order", "value", name]),
        )
    )
    return found.filter(found.place == 0).select(*keys, name)


def relations(
    cited_reference: ir.Table,
    resolved_citation: ir.Table,
    link: ir.Table,
    member: ir.Table,
    identifier: ir.Table,
    claimed_link: ir.Table,
    version_link: ir.Table,
) -> ir.Table:
    """All distinct relations between two different products, each from both ends, with the sources that say it."""
    cites = ibis.literal("Cites")
    known = resolved_citation.filter(resolved_citation.source_id.notnull(), resolved_citation.target_id.notnull())
    stated = known.select("source", "source_id", relation=cites, target_id="target_id")
    # The source is the part of a record id before its first colon.
    citing = cited_reference.filter(cited_reference.target_id.notnull())
    citing = citing.select(
        source=citing.record_id.split(":")[0], source_id="product_id", relation=cites, target_id="target_id"
    )
    linked = link.join(member, "record_id").rename(source_id="product_id")
    linked = linked.join(identifier.rename(target_id="product_id"), ["scheme", "value"])
    linked = linked.select(
        source=linked.record_id.split(":")[0], source_id="source_id", relation="relation", target_id="target_id"
    )
    said = claimed_link.filter(claimed_link.target_kind == "product")
    said = said.select(source=ibis.literal(PEOPLE), source_id="product_id", relation="relation", target_id="target_id")
    is_version = ibis.literal("IsVersionOf")
    found = version_link.select("source_id", "target_id", source=ibis.literal("comparison"), relation=is_version)
    found = found.select("source", "source_id", "relation", "target_id")
    forward = citing.union(linked).union(stated).union(said).union(found)
    inverse = ibis.cases(
        *((forward.relation == name, other) for name, other in sorted(INVERSE.items())), else_="IsRelatedTo"
    )
    backward = forward.select("source", source_id="target_id", relation=inverse, target_id="source_id")
    both = forward.union(backward)
    both = both.filter(both.source_id != both.target_id)
    distinct = both.select("source_id", "relation", "target_id", "source").distinct()
    return distinct.group_by(["source_id", "relation", "target_id"]).agg(sources=lambda t: t.source.collect().sort())


STEPS = (
    SetStep("enrich.identifier", (RECORD, MEMBER), IDENTIFIER, identifiers),
    SetStep("enrich.cited_reference", (REFERENCE, MEMBER, IDENTIFIER), CITED_REFERENCE, cited_references),
    SetStep("enrich.resolved_citation", (STATED_CITATION, IDENTIFIER), RESOLVED_CITATION, resolved_citations),
    claims.STEP,
    SetStep(
        "enrich.relation",
        (CITED_REFERENCE, RESOLVED_CITATION, LINK, MEMBER, IDENTIFIER, CLAIMED_LINK, VERSION_LINK),
        RELATION,
        relations,
    ),
)
