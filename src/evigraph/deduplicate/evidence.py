"""Evidence: all reasons for and against, from comparison and people's decisions."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.tables import COMPARABLE, COMPARISON, DECISION, EVIDENCE, STATED_PID


def decided_records(decision: ir.Table, comparable: ir.Table, stated_pid: ir.Table) -> ir.Table:
    """The records that each decision speaks of: decision_id, side (l or r), record_id.

    A subject is a record id, or `scheme:value`: then all records that state the identifier, or the first of them
    where it makes no identity. A subject that no record answers to gives no row.
    """
    subjects = decision.select("decision_id", side=ibis.literal("l"), subject=decision.subject_l).union(
        decision.select("decision_id", side=ibis.literal("r"), subject=decision.subject_r)
    )
    stated = stated_pid.filter(stated_pid.makes_identity | (stated_pid.record_id == stated_pid.leader_id))
    answering = comparable.select(subject=comparable.record_id, record_id=comparable.record_id).union(
        stated.select(subject=stated.scheme + ":" + stated.value, record_id=stated.record_id)
    )
    return subjects.join(answering, "subject").select("decision_id", "side", "record_id").distinct()


def _decided_pairs(decision: ir.Table, decided: ir.Table) -> ir.Table:
    """The pairs of records that decisions link or part: decision_id, id_l, id_r.

    `same` links the first record of each side (records that share an identifier are one already). `different`
    parts each record of one side from each of the other; a record that stands on both sides has no side.
    """
    same = decided.semi_join(decision.filter(decision.kind == "same"), "decision_id")
    leading = same.group_by("decision_id", "side").agg(record_id=same.record_id.min())
    different = decided.semi_join(decision.filter(decision.kind == "different"), "decision_id")
    sides = different.group_by("decision_id", "record_id").agg(n_sides=different.side.nunique())
    one_sided = different.semi_join(sides.filter(sides.n_sides == 1), ["decision_id", "record_id"])
    both = leading.select("decision_id", "side", "record_id").union(
        one_sided.select("decision_id", "side", "record_id")
    )
    left = both.filter(both.side == "l").select("decision_id", id_l="record_id")
    right = both.filter(both.side == "r").select("decision_id", id_r="record_id")
    met = left.join(right, "decision_id")
    return met.filter(met.id_l != met.id_r).select("decision_id", "id_l", "id_r")


def decision_evidence(decision: ir.Table, comparable: ir.Table, stated_pid: ir.Table) -> ir.Table:
    """One row for each pair of records that people decided about; of several decisions on a pair the latest counts."""
    known = decision.filter(decision.kind.isin(["same", "different"]))
    pairs = _decided_pairs(known, decided_records(known, comparable, stated_pid))
    told = pairs.join(known, "decision_id").select(
        "decision_id",
        "kind",
        "actor",
        "reason",
        decided_at=known.decided_at.fill_null(""),
        record_id_l=ibis.least(pairs.id_l, pairs.id_r),
        record_id_r=ibis.greatest(pairs.id_l, pairs.id_r),
    )
    latest = ibis.window(
        group_by=[told.record_id_l, told.record_id_r],
        order_by=[ibis.desc(told.decided_at), ibis.desc(told.decision_id)],
    )
    ranked = told.mutate(place=ibis.row_number().over(latest))
    final = ranked.filter(ranked.place == 0)
    who = (final.actor.nullif("")).fill_null("someone")
    when = ibis.ifelse(final.decided_at == "", "", ibis.literal(" on ") + final.decided_at.substr(0, 10))
    why = ibis.ifelse(final.reason.fill_null("") == "", "", ibis.literal(": ") + final.reason.fill_null(""))
    verdict = ibis.ifelse(final.kind == "same", "the same", "different")
    return final.select(
        "record_id_l",
        "record_id_r",
        rule=ibis.literal("decision"),
        is_match=final.kind == "same",
        verdict=ibis.ifelse(final.kind == "same", "match", "no"),
        level=ibis.ifelse(final.kind == "same", ibis.literal("duplicate"), ibis.null("string")),
        score=ibis.null("float64"),
        level_score=ibis.null("float64"),
        title_similarity=ibis.null("float64"),
        author_similarity=ibis.null("float64"),
        explanation=who + " decided" + when + " that they are " + verdict + why,
    )


def evidence(stated_pid: ir.Table, comparison: ir.Table, decision: ir.Table, comparable: ir.Table) -> ir.Table:
    """All evidence: what comparisons found, and decisions; at most one row a pair and rule."""
    columns = list(EVIDENCE.names)
    return comparison.select(columns).union(decision_evidence(decision, comparable, stated_pid).select(columns))


STEP = SetStep("deduplicate.evidence", (STATED_PID, COMPARISON, DECISION, COMPARABLE), EVIDENCE, evidence)
