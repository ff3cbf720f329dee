"""What registries add: marks on records before they are merged, and what each product belongs to.

Marks are a table of their own beside the records, so that a record stays what its source says, and the merged
product can name the registry as the one who said a value.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.entities import ENTITY_LINK, ISSN_LINK, JOURNAL, PRODUCT_ENTITY, RECORD_MARK, RETRACTION
from evigraph.model.tables import MEMBER, RECORD

#: Schemes by which a registry of retractions names works.
_SCHEMES = ("doi", "pmid")


def record_marks(record: ir.Table, retraction: ir.Table, issn_link: ir.Table) -> ir.Table:
    """For each record that a registry says something of: who reports it retracted, and its container's ISSN-L.

    A work is retracted where a registry reports a retraction by one of its identifiers and no reinstatement on the
    same day or later (an undated one counts as later). An ISSN-L is given only where the record states none, by
    the ISSN of the print edition before that of the online edition.
    """
    retracted = _stated(record).join(_in_force(retraction), ["scheme", "value"])
    retracted = retracted.select("record_id", "retraction_id").distinct()
    retracted = retracted.group_by("record_id").agg(retracted_by=lambda t: t.retraction_id.collect().sort())
    unlinked = record.filter(record.container.issn_linking.isnull())
    issns = _by_issn(unlinked, ("issn_print", "issn_online")).join(issn_link, "issn")
    best = issns.mutate(place=ibis.row_number().over(group_by="record_id", order_by=["column", "issn"]))
    linked = best.filter(best.place == 0).select(
        "record_id", "issn_linking", issn_linking_by=best.source + ":" + best.issn
    )
    marked = retracted.select("record_id").union(linked.select("record_id"), distinct=True)
    marked = marked.left_join(retracted, "record_id").select("record_id", "retracted_by")
    return marked.left_join(linked, "record_id").select(*RECORD_MARK.names)


def product_entities(
    entity_link: ir.Table, journal: ir.Table, retraction: ir.Table, record: ir.Table, member: ir.Table
) -> ir.Table:
    """What each product belongs to, by the links of its records, its ISSNs and its identifiers."""
    links = entity_link.filter(entity_link.left_kind == "product")
    links = links.select(
        record_id="left_id", kind="right_kind", relation="relation", entity_id="right_id", source=links.sources.unnest()
    )
    issns = _by_issn(journal.mutate(container=ibis.struct(_issns(journal)), record_id="journal_id"), tuple(_ISSNS))
    held = (
        issns.select("issn", entity_id="record_id")
        .distinct()
        .join(journal.select("source", entity_id="journal_id"), "entity_id")
    )
    journals = _by_issn(record, (*_ISSNS, "issn_linking")).join(held, "issn")
    reports = retraction.select("retraction_id", "source", pid=retraction.original_pids.unnest())
    reports = reports.select("retraction_id", "source", scheme=reports.pid.scheme, value=reports.pid.value)
    reported = _stated(record).join(reports, ["scheme", "value"])
    told = links.union(
        journals.select(
            "record_id", "entity_id", "source", kind=_text("journal"), relation=_text("IsPublishedIn")
        ).select(*links.columns)
    ).union(
        reported.select(
            "record_id", "source", entity_id="retraction_id", kind=_text("retraction"), relation=_text("IsReportedBy")
        ).select(*links.columns)
    )
    key = list(PRODUCT_ENTITY.key)
    of_products = told.join(member.select("record_id", "product_id"), "record_id")
    distinct = of_products.select(*key, "source").distinct()
    return distinct.group_by(key).agg(sources=lambda t: t.source.collect().sort())


_ISSNS = ("issn_print", "issn_online")


def _issns(journal: ir.Table) -> dict[str, ir.Value]:
    return {name: journal[name] for name in _ISSNS}


def _text(value: str) -> ir.Value:
    return ibis.literal(value, "string")


def _by_issn(rows: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """Each ISSN of each row's container: `record_id`, `issn`, and as `column` the place of its column."""
    parts = [
        rows.select("record_id", issn=rows.container[name], column=ibis.literal(place, "int32"))
        for place, name in enumerate(columns)
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.union(part)
    return joined.filter(joined.issn.notnull())


def _stated(record: ir.Table) -> ir.Table:
    """Each identifier of each record by which registries name works."""
    stated = record.select("record_id", pid=record.pids.unnest())
    stated = stated.select("record_id", scheme=stated.pid.scheme, value=stated.pid.value)
    return stated.filter(stated.scheme.isin(_SCHEMES))


def _in_force(retraction: ir.Table) -> ir.Table:
    """Retractions that no later reinstatement takes back, by the identifiers of the work."""
    events = retraction.select("retraction_id", "nature", "noticed_on", pid=retraction.original_pids.unnest())
    events = events.select(
        "retraction_id", "noticed_on", nature=events.nature.lower(), scheme=events.pid.scheme, value=events.pid.value
    )
    back = events.filter(events.nature == "reinstatement").mutate(until=ibis.coalesce(events.noticed_on, _text("9999")))
    back = back.group_by(["scheme", "value"]).agg(until=lambda t: t.until.max())
    made = events.filter(events.nature == "retraction").left_join(back, ["scheme", "value"])
    made = made.filter(made.until.isnull() | (ibis.coalesce(made.noticed_on, _text("")) > made.until))
    return made.select("retraction_id", "scheme", "value")


#: Before the records are merged.
MARKS = (
    SetStep(
        "enrich.record_mark", (RECORD, RETRACTION, ISSN_LINK), RECORD_MARK, record_marks, needs=(RETRACTION, ISSN_LINK)
    ),
)

#: After they have been.
STEPS = (
    SetStep(
        "enrich.product_entity",
        (ENTITY_LINK, JOURNAL, RETRACTION, RECORD, MEMBER),
        PRODUCT_ENTITY,
        product_entities,
        needs=(ENTITY_LINK, JOURNAL, RETRACTION),
    ),
)
