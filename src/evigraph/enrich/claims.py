"""Links that people made, with the product that each is of."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.said import CLAIM, CLAIMED_LINK
from evigraph.model.tables import IDENTIFIER, MEMBER


def claimed_links(claim: ir.Table, member: ir.Table, identifier: ir.Table) -> ir.Table:
    """Each claim of a product that this graph holds; one of another product only where it holds that too.

    Where a name stands for several products, as an identifier that a decision parted, the smallest id answers.
    """
    products = claim.filter(claim.target_kind == "product")
    named = claim.select("subject").union(products.select(subject="target"), distinct=True)
    records = named.join(member, named.subject == member.record_id).select("subject", "product_id")
    stated = identifier.select("product_id", subject=identifier.scheme + ":" + identifier.value)
    by_name = records.union(stated.semi_join(named, "subject").select("subject", "product_id"))
    known = by_name.group_by("subject").agg(product_id=lambda t: t.product_id.min())
    held = claim.join(known, "subject")
    others = known.select(target="subject", other_id="product_id")
    joined = held.left_join(others, "target").drop("target_right")
    is_product = joined.target_kind == "product"
    target_id = ibis.ifelse(is_product, joined.other_id, joined.target)
    found = joined.mutate(target_id=target_id).filter(target_id.notnull())
    return found.filter(found.target_id != found.product_id).select(*CLAIMED_LINK.names)


STEP = SetStep("enrich.claimed_link", (CLAIM, MEMBER, IDENTIFIER), CLAIMED_LINK, claimed_links, needs=(CLAIM,))
