"""At level `duplicate`: works published again stay products of their own, and are linked as versions of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.versions import found_versions
from evigraph.engine.step import GraphStep
from evigraph.model.tables import EVIDENCE, MEMBER, RECORD, VERSION_LINK


def _apart(evidence: ir.Table, member: ir.Table, record: ir.Table) -> tuple[ir.Table, ...]:
    """The products between which comparison found versions, and about whose records nobody decided otherwise."""
    decided = evidence.filter(evidence.rule == "decision").select("record_id_l", "record_id_r")
    versions = found_versions(evidence.anti_join(decided, ["record_id_l", "record_id_r"]), record)
    of_source = member.select(source_record_id="record_id", source_id="product_id")
    of_target = member.select(target_record_id="record_id", target_id="product_id")
    placed = versions.join(of_source, "source_record_id").join(of_target, "target_record_id")
    return (placed.filter(placed.source_id != placed.target_id).select("source_id", "target_id").distinct(),)


def version_links(parameters: Mapping[str, Any], apart: pa.Table) -> tuple[tuple[pa.Table, ...], Mapping[str, Any]]:
    """The rows of `version_link`: none where versions are merged, for there what lies apart lies so for a reason."""
    rows = apart if parameters.get("level") == "duplicate" else apart.slice(0, 0)
    return (VERSION_LINK.conform(rows),), {"n_version_links": len(rows)}


STEP = GraphStep(
    "deduplicate.version_link", (EVIDENCE, MEMBER, RECORD), (VERSION_LINK,), _apart, version_links, ("level",)
)
