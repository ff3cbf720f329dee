"""Versions: how the records of one product are related, where they tell of more than one publication of it.

A product holds a work once; that its preprint and its article are not the same text is kept here, between their
records, for a relation between a product and itself would say nothing.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.relation import INVERSE
from evigraph.model.tables import EVIDENCE, LINK, MEMBER, RECORD, RECORD_RELATION, STATED_PID

#: Relations that sources state between versions of one work.
VERSION_RELATIONS: tuple[str, ...] = (
    *("IsVersionOf", "HasVersion", "IsNewVersionOf", "IsPreviousVersionOf"),
    *("IsVariantFormOf", "IsOriginalFormOf", "IsTranslationOf", "HasTranslation", "IsIdenticalTo"),
)

#: What names deduplication among the sources of a relation.
FOUND = "comparison"


def _preprints(record: ir.Table) -> ir.Table:
    """The records all of whose copies are preprints."""
    copies = record.select("record_id", copy=record.instances.unnest())
    copies = copies.select("record_id", kind=copies.copy.resource_type.lower().fill_null(""))
    counted = copies.group_by("record_id").agg(
        n=copies.count(), n_preprints=ibis.ifelse(copies.kind == "preprint", 1, 0).sum()
    )
    return counted.filter(counted.n == counted.n_preprints).select("record_id")


def found_versions(evidence: ir.Table, record: ir.Table) -> ir.Table:
    """Matches at the level of versions: the preprint IsVersionOf the publication, else the larger id of the smaller."""
    pairs = evidence.filter(evidence.is_match, evidence.level == "version").select("record_id_l", "record_id_r")
    preprints = _preprints(record).mutate(is_preprint=ibis.literal(True))
    left = preprints.select(record_id_l="record_id", is_preprint_l="is_preprint")
    right = preprints.select(record_id_r="record_id", is_preprint_r="is_preprint")
    told = pairs.distinct().left_join(left, "record_id_l").select("record_id_l", "record_id_r", "is_preprint_l")
    told = told.left_join(right, "record_id_r").select("record_id_l", "record_id_r", "is_preprint_l", "is_preprint_r")
    is_left_version = told.is_preprint_l.fill_null(False) & ~told.is_preprint_r.fill_null(False)
    return told.select(
        source=ibis.literal(FOUND),
        source_record_id=ibis.ifelse(is_left_version, told.record_id_l, told.record_id_r),
        relation=ibis.literal("IsVersionOf"),
        target_record_id=ibis.ifelse(is_left_version, told.record_id_r, told.record_id_l),
    )


def _stated(link: ir.Table, stated_pid: ir.Table) -> ir.Table:
    """What records say of other versions, with every record that states the identifier they point to."""
    links = link.filter(link.relation.isin(VERSION_RELATIONS)).select("record_id", "relation", "scheme", "value")
    holders = stated_pid.select("scheme", "value", target_record_id="record_id")
    joined = links.distinct().join(holders, ["scheme", "value"])
    return joined.select(
        source=joined.record_id.split(":")[0],
        source_record_id="record_id",
        relation="relation",
        target_record_id="target_record_id",
    )


def record_relations(
    evidence: ir.Table, link: ir.Table, stated_pid: ir.Table, member: ir.Table, record: ir.Table
) -> ir.Table:
    """Relations between versions inside each product, from both ends, with the sources that say them."""
    forward = _stated(link, stated_pid).union(found_versions(evidence, record))
    inverse = ibis.cases(
        *((forward.relation == name, other) for name, other in sorted(INVERSE.items())), else_="IsRelatedTo"
    )
    backward = forward.select(
        "source", source_record_id="target_record_id", relation=inverse, target_record_id="source_record_id"
    )
    both = forward.union(backward)
    both = both.filter(both.source_record_id != both.target_record_id).distinct()
    of_source = member.select(source_record_id="record_id", product_id="product_id")
    of_target = member.select(target_record_id="record_id", target_product_id="product_id")
    placed = both.join(of_source, "source_record_id").join(of_target, "target_record_id")
    inside = placed.filter(placed.product_id == placed.target_product_id)
    key = list(RECORD_RELATION.key)
    return inside.group_by([*key, "product_id"]).agg(sources=lambda t: t.source.collect().sort())


STEP = SetStep(
    "deduplicate.record_relation",
    (EVIDENCE, LINK, STATED_PID, MEMBER, RECORD),
    RECORD_RELATION,
    record_relations,
)
