"""What waits for a person: pairs that the comparison leaves open and that nothing else has settled."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.tables import EVIDENCE, MEMBER, OPEN_PAIR


def open_pairs(evidence: ir.Table, member: ir.Table) -> ir.Table:
    """One row for each two products between which evidence is open and about whose records nobody has decided.

    Of several open pairs of records between two products the surest is asked: the answer binds both products.
    """
    key = ["record_id_l", "record_id_r"]
    decided = evidence.filter(evidence.rule == "decision").select(*key)
    waiting = evidence.filter(evidence.verdict == "open").anti_join(decided, key)
    left = member.select(record_id_l="record_id", product_id_l="product_id")
    right = member.select(record_id_r="record_id", product_id_r="product_id")
    placed = waiting.join(left, "record_id_l").join(right, "record_id_r")
    apart = placed.filter(placed.product_id_l != placed.product_id_r)
    apart = apart.mutate(
        one=ibis.least(apart.product_id_l, apart.product_id_r),
        other=ibis.greatest(apart.product_id_l, apart.product_id_r),
        is_version=ibis.ifelse(apart.level == "version", 1, 0),
        surety=apart.score.fill_null(0.0),
    )
    order = ["is_version", ibis.desc("surety"), *key, "rule"]
    surest = apart.mutate(choice=ibis.row_number().over(group_by=["one", "other"], order_by=order))
    asked = surest.filter(surest.choice == 0)
    return asked.mutate(place=ibis.row_number().over(order_by=order) + 1).select(*OPEN_PAIR.names)


STEP = SetStep("deduplicate.open_pair", (EVIDENCE, MEMBER), OPEN_PAIR, open_pairs)
