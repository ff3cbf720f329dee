"""The step that turns evidence into products: tables to codes, `cluster`, codes back to tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate.blocks import large_blocks
from evigraph.deduplicate.cluster import RULES, Codes, Links, Weights, cluster
from evigraph.deduplicate.product_ids import product_ids
from evigraph.engine.step import GraphStep
from evigraph.model.tables import BLOCK_KEY, DECISION, EVIDENCE, MEMBER, RECORD, STATED_PID

#: How many dissolved groups, and how many of the largest products, the manifest names.
MAX_LISTED = 20

#: Which matches make a product unless a setting says otherwise: versions of one work are one product.
DEFAULT_LEVEL = "version"

#: Least that a pair's evidence weighs, and most for and against, in nats.
LEAST, MOST_FOR, MOST_AGAINST = 0.1, 8.0, 1.5

#: The most, in nats, that a version weighs against one publication, at level `duplicate`.
MOST_APART = 4.0

#: The same where the facts leave no doubt, as with two PMIDs: no third record, which tells less, joins the two.
SURELY_APART, NO_DOUBT = 100.0, 1e-6

#: Evidence below this, in nats, speaks against: an open pair does not.
AGAINST = -1.0


def _inputs(
    record: ir.Table, stated_pid: ir.Table, evidence: ir.Table, decision: ir.Table, block_key: ir.Table
) -> tuple[ir.Table, ...]:
    return (
        record.select("record_id", "source", "source_key", "year"),
        stated_pid.select("record_id", "scheme", "value", "makes_identity"),
        evidence.select("record_id_l", "record_id_r", "rule", "is_match", "level", "score", "level_score"),
        decision.select("decision_id", "subject_l", "subject_r"),
        large_blocks(block_key).select("key", "n_records"),
    )


def _codes(values: pa.ChunkedArray, ids: pa.ChunkedArray) -> Codes:
    """The place of each value among the sorted record ids."""
    places: Codes = pc.index_in(values, value_set=ids).to_numpy().astype(np.int64)
    return places


def _weights(evidence: pa.Table, level: str) -> Weights:
    """The evidence of each row, in nats, above 0 for a match of this level and below 0 for anything else.

    An open pair weighs almost nothing: a person will decide. At level `duplicate` a match weighs no more than its
    publication facts, and a version speaks against one publication by what they say: so a record that says little of
    where it appeared does not glue the conference paper to the article.
    """
    odds = _odds(evidence["score"])
    is_match = evidence["is_match"].to_numpy().astype(np.bool_)
    weight: Weights = np.where(is_match, np.clip(odds, LEAST, MOST_FOR), np.clip(odds, -MOST_AGAINST, -LEAST))
    if level == "duplicate":
        facts = _odds(evidence["level_score"])
        apart, together = np.clip(facts, -MOST_APART, -LEAST), np.minimum(weight, np.maximum(facts, LEAST))
        is_version = pc.equal(pc.fill_null(evidence["level"], ""), "version").to_numpy().astype(np.bool_)
        has_facts = pc.is_valid(evidence["level_score"]).to_numpy().astype(np.bool_)
        weight = np.where(is_match & has_facts, np.where(is_version, apart, together), weight)
        weight = np.where(is_version & has_facts & (facts < np.log(NO_DOUBT)), -SURELY_APART, weight)
    return weight


def _odds(share: pa.ChunkedArray) -> Weights:
    """The log-odds of each share; 0 where there is none."""
    known = np.clip(pc.fill_null(share, 0.5).to_numpy(), 1e-9, 1 - 1e-9)
    odds: Weights = np.log(known) - np.log(1 - known)
    return odds


def _n_unanswered(decisions: pa.Table, ids: pa.ChunkedArray, stated: pa.Table) -> int:
    """How many decisions speak of something that no record answers to."""
    subjects = pa.chunked_array([*decisions["subject_l"].chunks, *decisions["subject_r"].chunks], type=pa.string())
    if not len(subjects):
        return 0
    names = pc.binary_join_element_wise(stated["scheme"], stated["value"], ":")
    known = pc.or_(pc.is_in(subjects, value_set=ids), pc.is_in(subjects, value_set=names)).to_numpy()
    return int(np.count_nonzero(~(known[: len(decisions)] & known[len(decisions) :])))


def members(
    parameters: Mapping[str, Any],
    records: pa.Table,
    stated: pa.Table,
    evidence: pa.Table,
    decisions: pa.Table,
    large: pa.Table,
) -> tuple[tuple[pa.Table, ...], Mapping[str, Any]]:
    """The `member` table, and what the manifest says of it. The order of the rows that go in is nothing.

    Facts: which matches made products; numbers of records, products and products of several records; how many products
    have how many records, and the largest; pairs inside a product that evidence speaks against, and where; blocks too
    large to be compared wholly; identifiers that too many works share; groups whose links by title were dropped;
    matches refused because of what speaks against them; decisions about records that this graph does not hold.
    """
    records = records.take(pc.sort_indices(records["record_id"]))
    ids = records["record_id"]
    ends = _codes(
        pa.chunked_array([*evidence["record_id_l"].chunks, *evidence["record_id_r"].chunks], pa.string()), ids
    )
    rule = pc.fill_null(pc.index_in(evidence["rule"], value_set=pa.array(RULES)), len(RULES)).to_numpy()
    identifiers = stated.filter(stated["makes_identity"])
    shared = stated.filter(pc.invert(stated["makes_identity"])).group_by(["scheme", "value"]).aggregate([])
    stating = _codes(identifiers["record_id"], ids)
    links = Links(
        ends[: len(evidence)],
        ends[len(evidence) :],
        rule.astype(np.int64),
        _weights(evidence, parameters.get("level") or DEFAULT_LEVEL),
    )
    found = cluster(
        len(records),
        links,
        pc.fill_null(records["year"], 0).to_numpy().astype(np.int64),
        pc.is_valid(records["year"]).to_numpy().astype(np.bool_),
    )
    clusters, of_record, sizes = np.unique(found.leaders, return_inverse=True, return_counts=True)
    of_cluster = pa.array(
        product_ids(found.leaders, identifiers, stating, records["source"], records["source_key"]), type=pa.string()
    )
    is_against = (links.weight < AGAINST) & (of_record[links.left] == of_record[links.right])
    contradicted, n_against = np.unique(of_record[links.left[is_against]], return_counts=True)
    most_against = np.argsort(-n_against, kind="stable")[:MAX_LISTED]
    member = pa.table({"record_id": ids, "product_id": of_cluster.take(pa.array(of_record))})
    largest = np.argsort(-sizes, kind="stable")[:MAX_LISTED]
    facts = {
        "level": parameters.get("level") or DEFAULT_LEVEL,
        "n_records": len(records),
        "n_products": len(clusters),
        "n_products_of_several_records": int(np.count_nonzero(sizes > 1)),
        "cluster_sizes": {int(size): int(n) for size, n in zip(*np.unique(sizes, return_counts=True), strict=True)},
        "largest_products": [
            {"product_id": of_cluster[place].as_py(), "n_records": int(sizes[place])}
            for place in largest.tolist()
            if sizes[place] > 2
        ],
        "n_contradictions": int(np.count_nonzero(is_against)),
        "contradicted_products": [
            {"product_id": of_cluster[int(contradicted[place])].as_py(), "n_pairs": int(n_against[place])}
            for place in most_against.tolist()
        ],
        "n_large_blocks": len(large),
        "n_shared_identifiers": len(shared),
        "n_dissolved_groups": len(found.dissolved),
        "dissolved_groups": [
            {"record_id": ids[group.leader].as_py(), "n_records": group.n_records, "n_years": group.n_years}
            for group in found.dissolved[:MAX_LISTED]
        ],
        "n_refused_links": found.n_refused,
        "n_decisions": len(decisions),
        "n_decisions_without_record": _n_unanswered(decisions, ids, stated),
    }
    return (MEMBER.conform(member),), facts


STEP = GraphStep(
    "deduplicate.member", (RECORD, STATED_PID, EVIDENCE, DECISION, BLOCK_KEY), (MEMBER,), _inputs, members, ("level",)
)
