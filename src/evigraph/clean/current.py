"""The statements that count: of each record its newest version, and what belongs to that version.

A source may tell a record many times (PubMed's update files, a later harvest). The version in the payload that
was harvested last wins, inside one payload the last. A withdrawn record is gone, with its references and
links; so is one that an author's objection withholds.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.said import AMENDMENT
from evigraph.model.tables import (
    DEFECT,
    DEFECT_TOLD,
    LINK,
    LINK_TOLD,
    PAYLOAD,
    RECORD,
    RECORD_TOLD,
    REFERENCE,
    REFERENCE_TOLD,
)


def newest_versions(told: ir.Table, payload: ir.Table) -> ir.Table:
    """One row a `record_id`: from the payload harvested last, in it the last; without withdrawn records."""
    ranked = told.join(payload.select("source", "payload", "ordinal"), ["source", "payload"]).mutate(
        place=ibis.row_number().over(group_by="record_id", order_by=[ibis.desc("ordinal"), ibis.desc("position")])
    )
    return ranked.filter(ranked.place == 0, ~ranked.is_deleted).select(*RECORD.names)


def current_records(told: ir.Table, payload: ir.Table, amendment: ir.Table) -> ir.Table:
    """The newest versions, without records that are withheld after an author's objection.

    An objection names a product by its records and by an identifier: what any source tells under one of these names,
    now or in a later harvest, is not in the graph at all, so nothing that is made of records can show it.
    """
    record = newest_versions(told, payload)
    withheld = amendment.filter(amendment.field == "objection").select("subject").distinct()
    stated = record.select("record_id", pid=record.pids.unnest())
    names = stated.select("record_id", subject=stated.pid.scheme + ":" + stated.pid.value)
    names = names.union(record.select("record_id", subject="record_id"))
    return record.anti_join(names.semi_join(withheld, "subject"), "record_id")


def belonging(statements: ir.Table, told: ir.Table, record: ir.Table) -> ir.Table:
    """The statements of each record's current version, and those of payloads that hold statements alone.

    A relation file (OpenAIRE's relations, an index of citations) tells no records; its statements stand beside
    the record, whichever payload that came from.
    """
    own = statements.semi_join(record.select("record_id", "payload"), ["record_id", "payload"])
    tellers = told.select("payload").distinct()
    loose = statements.anti_join(tellers, "payload").semi_join(record.select("record_id"), "record_id")
    return own.union(loose)


STEPS = (
    SetStep("clean.record", (RECORD_TOLD, PAYLOAD, AMENDMENT), RECORD, current_records),
    SetStep("clean.reference", (REFERENCE_TOLD, RECORD_TOLD, RECORD), REFERENCE, belonging),
    SetStep("clean.link", (LINK_TOLD, RECORD_TOLD, RECORD), LINK, belonging),
    SetStep("clean.defect", (DEFECT_TOLD,), DEFECT, lambda told: told),
)
