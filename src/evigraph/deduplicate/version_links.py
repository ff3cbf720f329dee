"""At level `duplicate`: works published again stay products of their own, and are linked as versions of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate.versions import found_versions
from evigraph.engine.step import GraphStep
from evigraph.model.tables import EVIDENCE, MEMBER, RECORD, VERSION_LINK


def _found(evidence: ir.Table, member: ir.Table, record: ir.Table) -> tuple[ir.Table, ...]:
    """The records between which comparison found versions, nobody decided otherwise, and the product of each of these.

    They are brought together here and not by the engine: told that the products differ, DuckDB multiplied all of them.
    """
    decided = evidence.filter(evidence.rule == "decision").select("record_id_l", "record_id_r")
    versions = found_versions(evidence.anti_join(decided, ["record_id_l", "record_id_r"]), record)
    pairs = versions.select("source_record_id", "target_record_id").distinct()
    ends = pairs.select(record_id="source_record_id").union(pairs.select(record_id="target_record_id"))
    return pairs, member.semi_join(ends, "record_id").select("record_id", "product_id")


def version_links(
    parameters: Mapping[str, Any], versions: pa.Table, member: pa.Table
) -> tuple[tuple[pa.Table, ...], Mapping[str, Any]]:
    """The rows of `version_link`: none where versions are merged, for there what lies apart lies so for a reason."""
    if parameters.get("level") != "duplicate":
        versions = versions.slice(0, 0)
    for end in ("source", "target"):
        of_end = member.rename_columns([f"{end}_record_id", f"{end}_id"])
        versions = versions.join(of_end, f"{end}_record_id", join_type="inner")
    apart = versions.filter(pc.not_equal(versions["source_id"], versions["target_id"]))
    links = apart.select(["source_id", "target_id"]).group_by(["source_id", "target_id"]).aggregate([])
    rows = links.sort_by([("source_id", "ascending"), ("target_id", "ascending")])
    return (VERSION_LINK.conform(rows),), {"n_version_links": len(rows)}


STEP = GraphStep(
    "deduplicate.version_link", (EVIDENCE, MEMBER, RECORD), (VERSION_LINK,), _found, version_links, ("level",)
)
