"""References resolved to products, and the relations between products that follow."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.pid import IDENTITY_SCHEMES
from evigraph.model.relation import INVERSE
from evigraph.model.tables import CITED_REFERENCE, IDENTIFIER, LINK, MEMBER, RECORD, REFERENCE, RELATION


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
    stated = reference.select("record_id", "payload", "position", pid=reference.pids.unnest())
    stated = stated.select("record_id", "payload", "position", scheme=stated.pid.scheme, value=stated.pid.value)
    scheme_order = ibis.cases(
        *((stated.scheme == scheme, rank) for rank, scheme in enumerate(IDENTITY_SCHEMES)),
        else_=len(IDENTITY_SCHEMES),
    )
    found = (
        stated.mutate(scheme_order=scheme_order)
        .join(identifier, ["scheme", "value"])
        .rename(target_id="product_id")
        .mutate(
            place=ibis.row_number().over(
                group_by=["record_id", "payload", "position"],
                order_by=["scheme_order", "value", "target_id"],
            )
        )
    )
    best = found.filter(found.place == 0).select("record_id", "payload", "position", "target_id")
    return entry.left_join(best, ["record_id", "payload", "position"]).select(
        "product_id", "record_id", "payload", "position", "pids", "text", "target_id"
    )


def relations(cited_reference: ir.Table, link: ir.Table, member: ir.Table, identifier: ir.Table) -> ir.Table:
    """All distinct relations between two different products, each from both ends, with the sources that say it."""
    citing = cited_reference.filter(cited_reference.target_id.notnull()).select(
        "record_id", source_id="product_id", relation=ibis.literal("Cites"), target_id="target_id"
    )
    linked = link.join(member, "record_id").rename(source_id="product_id")
    linked = linked.join(identifier.rename(target_id="product_id"), ["scheme", "value"])
    linked = linked.select("record_id", "source_id", "relation", "target_id")
    forward = citing.union(linked)
    inverse = ibis.cases(
        *((forward.relation == name, other) for name, other in sorted(INVERSE.items())), else_="IsRelatedTo"
    )
    backward = forward.select("record_id", source_id="target_id", relation=inverse, target_id="source_id")
    both = forward.union(backward)
    both = both.filter(both.source_id != both.target_id)
    # The source is the part of a record id before its first colon.
    both = both.mutate(source=both.record_id.split(":")[0])
    distinct = both.select("source_id", "relation", "target_id", "source").distinct()
    return distinct.group_by(["source_id", "relation", "target_id"]).agg(sources=lambda t: t.source.collect().sort())


STEPS = (
    SetStep("enrich.identifier", (RECORD, MEMBER), IDENTIFIER, identifiers),
    SetStep("enrich.cited_reference", (REFERENCE, MEMBER, IDENTIFIER), CITED_REFERENCE, cited_references),
    SetStep("enrich.relation", (CITED_REFERENCE, LINK, MEMBER, IDENTIFIER), RELATION, relations),
)
