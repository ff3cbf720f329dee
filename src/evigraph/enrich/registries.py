"""What registries add: marks on records before they are merged, and what each product belongs to.

Marks are a table of their own beside the records, so that a record stays what its source says, and the merged
product can name the registry as the one who said a value.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.entities import ENTITY_LINK, ISSN_LINK, JOURNAL, PRODUCT_ENTITY, RECORD_MARK, RETRACTION
from evigraph.model.said import AMENDMENT, CLAIMED_LINK, PEOPLE
from evigraph.model.tables import MEMBER, RECORD

#: Schemes by which a registry of retractions names works.
_SCHEMES = ("doi", "pmid")


def record_marks(record: ir.Table, retraction: ir.Table, issn_link: ir.Table, amendment: ir.Table) -> ir.Table:
    """For each record that a registry or a curator says something of: who reports it retracted, its container's
    ISSN-L, and the type, authors and dead links that a curator set right.

    A work is retracted where a registry reports a retraction by one of its identifiers and no reinstatement on the
    same day or later (an undated one counts as later). An ISSN-L is given only where the record states none, by
    the ISSN of the print edition before that of the online edition.
    """
    amended = _amended(record, amendment)
    retracted = _stated(record).join(_in_force(retraction), ["scheme", "value"])
    said = amended.filter(amended.field == "retraction").select("record_id", retraction_id="by")
    retracted = retracted.select("record_id", "retraction_id").union(said, distinct=True)
    retracted = retracted.group_by("record_id").agg(retracted_by=lambda t: t.retraction_id.collect().sort())
    unlinked = record.filter(record.container.issn_linking.isnull())
    issns = _by_issn(unlinked, ("issn_print", "issn_online")).join(issn_link, "issn")
    best = issns.mutate(place=ibis.row_number().over(group_by="record_id", order_by=["column", "issn"]))
    linked = best.filter(best.place == 0).select(
        "record_id", "issn_linking", issn_linking_by=best.source + ":" + best.issn
    )
    typed = amended.filter(amended.field == "type")
    typed = typed.mutate(place=ibis.row_number().over(group_by="record_id", order_by=ibis.desc("by")))
    typed = typed.filter(typed.place == 0).select("record_id", amended_type="after", amended_type_by="by")
    dead = amended.filter(amended.field == "dead_link")
    dead = dead.group_by("record_id").agg(dead_links=lambda t: t.before.collect().sort())
    authors = amended.filter(amended.field == "author")
    authors = authors.mutate(change=authors.by + "\n" + authors.before + "\n" + authors.after)
    authors = authors.group_by("record_id").agg(amended_authors=lambda t: t.change.collect().sort())
    parts = retracted, linked, typed, dead, authors
    marked = parts[0].select("record_id")
    for part in parts[1:]:
        marked = marked.union(part.select("record_id"), distinct=True)
    for part in parts:
        columns = [name for name in part.columns if name != "record_id"]
        marked = marked.left_join(part, "record_id").select(*marked.columns, *columns)
    return marked.select(*RECORD_MARK.names)


def _amended(record: ir.Table, amendment: ir.Table) -> ir.Table:
    """The amendments of each record by any of its names, once each; `by` says who, as a source and its key."""
    stated = record.select("record_id", pid=record.pids.unnest())
    names = stated.select("record_id", subject=stated.pid.scheme + ":" + stated.pid.value)
    names = names.union(record.select("record_id", subject="record_id"))
    found = names.join(amendment, "subject")
    by = _text(f"{PEOPLE}:") + found.amendment_id
    return found.select("record_id", "field", "before", "after", by=by).distinct()


def product_entities(
    entity_link: ir.Table,
    journal: ir.Table,
    retraction: ir.Table,
    record: ir.Table,
    member: ir.Table,
    claimed_link: ir.Table,
) -> ir.Table:
    """What each product belongs to, by the links of its records and of people, its ISSNs and its identifiers."""
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
    said = claimed_link.filter(claimed_link.target_kind != "product")
    said = said.select(
        "product_id", kind="target_kind", relation="relation", entity_id="target_id", source=_text(PEOPLE)
    )
    distinct = of_products.select(*key, "source").union(said.select(*key, "source"), distinct=True)
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
        "enrich.record_mark",
        (RECORD, RETRACTION, ISSN_LINK, AMENDMENT),
        RECORD_MARK,
        record_marks,
        needs=(RETRACTION, ISSN_LINK, AMENDMENT),
    ),
)

#: After they have been.
STEPS = (
    SetStep(
        "enrich.product_entity",
        (ENTITY_LINK, JOURNAL, RETRACTION, RECORD, MEMBER, CLAIMED_LINK),
        PRODUCT_ENTITY,
        product_entities,
        needs=(ENTITY_LINK, JOURNAL, RETRACTION, CLAIMED_LINK),
    ),
)
