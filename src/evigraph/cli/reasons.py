"""Answers to "why": why records are one product, and why two are not."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evigraph.deduplicate.api import compare, explain
from evigraph.model.pid import parse_pid
from evigraph.store.event import Event
from evigraph.store.release import Release

Row = Mapping[str, Any]


def why_one(release: Release, product_id: str, decisions: Sequence[Event] = ()) -> dict[str, Any]:
    """The records of a product, the evidence that joins them, and both in words."""
    product = release.product(product_id, ("title", "record_ids")) or {}
    record_ids = product["record_ids"]
    evidence = release.evidence(record_ids)
    records = release.records(record_ids, ("record_id", "source", "title", "year", "payload", "datestamp"))
    lines = [f"{product_id}: {product['title']}"]
    if len(record_ids) == 1:
        lines.append(f"one record, {record_ids[0]}: nothing was merged")
    else:
        lines.append(f"{len(record_ids)} records are one product:")
        lines += [f"  {r['record_id']}: {r['title']} ({r['year'] or 'no year'})" for r in records]
        lines += [f"  because {reason}" for reason in explain([row for row in evidence if row["is_match"]])]
        lines += [f"  although {reason}" for reason in explain([row for row in evidence if not row["is_match"]])]
    pending = _pending(release, decisions, record_ids)
    return {
        "product_id": product_id,
        "records": records,
        "evidence": evidence,
        "decided_since": [event.event_id for event in pending],
        "explanation": lines + _in_words(pending),
    }


def why_two(
    release: Release, left: str, left_id: str, right: str, right_id: str, decisions: Sequence[Event] = ()
) -> dict[str, Any]:
    """Why what was asked for on the left and on the right is, or is not, one product.

    Any two may be asked about, also a pair that was never compared: it is compared now. `decisions` are those in
    force in the ledger; of them those that the release does not know are told.
    """
    record_l, record_r = _record_of(release, left, left_id), _record_of(release, right, right_id)
    finding = compare(record_l, record_r)
    is_same_record = record_l["record_id"] == record_r["record_id"]
    if left_id == right_id:
        members = (release.product(left_id, ("record_ids",)) or {})["record_ids"]
        evidence = _path(release.evidence(members), record_l["record_id"], record_r["record_id"])
        told = [f"{left} and {right} are the same product, {left_id}: {record_l['title']}"]
        if is_same_record:
            told.append(f"  both name the record {record_l['record_id']}")
        told += [f"  because {reason}" for reason in explain(evidence)]
        told += _compared(finding, is_new=not is_same_record and not _holds(evidence, record_l, record_r))
        concerned = members
    else:
        concerned, evidence = _between(release, left_id, right_id)
        told = [
            f"{left_id}: {record_l['title']}",
            f"{right_id}: {record_r['title']}",
            "two products",
            *(f"  {reason}" for reason in explain(evidence)),
            *_compared(finding, is_new=not _holds(evidence, record_l, record_r)),
        ]
        if any(row["verdict"] == "open" for row in evidence):
            told.append("  a person should decide: evigraph serve, then /open-pairs")
    pending = _pending(release, decisions, concerned)
    return {
        "product_ids": [left_id, right_id],
        "is_same_product": left_id == right_id,
        "records": [record_l["record_id"], record_r["record_id"]],
        "is_match": finding.is_match,
        "verdict": finding.verdict,
        "level": finding.level,
        "score": finding.score,
        "rule": finding.rule,
        "title_similarity": finding.title_similarity,
        "author_similarity": finding.author_similarity,
        "evidence": evidence,
        "decided_since": [event.event_id for event in pending],
        "explanation": told + _in_words(pending),
    }


def _compared(finding: Any, is_new: bool) -> list[str]:
    return [f"  compared by themselves ({finding.verdict}): {finding.explanation}"] if is_new else []


def _holds(evidence: Iterable[Row], left: Row, right: Row) -> bool:
    pair = {left["record_id"], right["record_id"]}
    return any({row["record_id_l"], row["record_id_r"]} == pair for row in evidence)


def _between(release: Release, left_id: str, right_id: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The records of two products, and the evidence between a record of one and a record of the other."""
    sides = [set((release.product(each, ("record_ids",)) or {})["record_ids"]) for each in (left_id, right_id)]
    records = sorted(sides[0] | sides[1])
    rows = [
        row for row in release.evidence(records) if (row["record_id_l"] in sides[0]) != (row["record_id_r"] in sides[0])
    ]
    return records, rows


def _path(evidence: Sequence[dict[str, Any]], start: str, end: str) -> list[dict[str, Any]]:
    """The evidence on a shortest chain of matches from one record to another, and what else is said of its links."""
    links: dict[str, list[str]] = {}
    for row in evidence:
        if row["is_match"]:
            links.setdefault(row["record_id_l"], []).append(row["record_id_r"])
            links.setdefault(row["record_id_r"], []).append(row["record_id_l"])
    before: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and end not in before:
        record = waiting.popleft()
        for other in sorted(links.get(record, ())):
            if other not in before:
                before[other] = record
                waiting.append(other)
    steps: set[frozenset[str]] = {frozenset((start, end))}
    while end in before and end != start:
        steps.add(frozenset((end, before[end])))
        end = before[end]
    return [row for row in evidence if frozenset((row["record_id_l"], row["record_id_r"])) in steps]


def _pending(release: Release, decisions: Sequence[Event], record_ids: Iterable[str]) -> list[Event]:
    """The decisions about these records that the release does not know yet."""
    ids = set(record_ids)
    known = release.manifest.ledger_ordinal
    if not any(event.ordinal > known for event in decisions):
        return []
    for record in release.records(sorted(ids), ("pids",)):
        ids |= {f"{pid['scheme']}:{pid['value']}" for pid in record["pids"] or ()}
    return [event for event in decisions if event.ordinal > known and ids & {event.subject_l, event.subject_r}]


def _in_words(pending: Sequence[Event]) -> list[str]:
    return [
        f"decided since this release, for the next run: {event.subject_l} and {event.subject_r} are "
        f"{'the same' if event.kind == 'same' else 'different'} ({event.actor}: {event.reason})"
        for event in pending
    ]


def _record_of(release: Release, asked: str, product_id: str) -> dict[str, Any]:
    """The record that was asked for by its own id or identifier, else the product's first."""
    product = release.product(product_id, ("record_ids",)) or {}
    records = release.records(product["record_ids"])
    pid = parse_pid(asked)
    for record in records:
        stated = {(p["scheme"], p["value"]) for p in record["pids"] or []}
        if asked == record["record_id"] or (pid and (pid.scheme, pid.value) in stated):
            return record
    return records[0]
