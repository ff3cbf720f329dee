"""Answers to "why": why records are one product, and why two are not."""

from __future__ import annotations

from typing import Any

from evigraph.deduplicate.api import compare, explain
from evigraph.model.pid import parse_pid
from evigraph.store.release import Release


def why_one(release: Release, product_id: str) -> dict[str, Any]:
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
    return {"product_id": product_id, "records": records, "evidence": evidence, "explanation": lines}


def why_two(release: Release, left: str, left_id: str, right: str, right_id: str) -> dict[str, Any]:
    """Why what was asked for on the left and on the right is, or is not, one product."""
    if left_id == right_id:
        answer = why_one(release, left_id)
        answer["explanation"].insert(0, f"{left} and {right} are the same product")
        return answer
    record_l, record_r = _leading_record(release, left, left_id), _leading_record(release, right, right_id)
    finding = compare(record_l, record_r)
    decided = release.evidence([record_l["record_id"], record_r["record_id"]])
    lines = [
        f"{left_id}: {record_l['title']}",
        f"{right_id}: {record_r['title']}",
        "two products" + ("" if finding.is_match else ", because:"),
        f"  {finding.explanation}",
        *(f"  {reason}" for reason in explain(decided)),
    ]
    return {
        "product_ids": [left_id, right_id],
        "records": [record_l["record_id"], record_r["record_id"]],
        "is_match": finding.is_match,
        "rule": finding.rule,
        "title_similarity": finding.title_similarity,
        "author_similarity": finding.author_similarity,
        "evidence": decided,
        "explanation": lines,
    }


def _leading_record(release: Release, asked: str, product_id: str) -> dict[str, Any]:
    """The record that was asked for by its own id or identifier, else the product's first."""
    product = release.product(product_id, ("record_ids",)) or {}
    records = release.records(product["record_ids"])
    pid = parse_pid(asked)
    for record in records:
        stated = {(p["scheme"], p["value"]) for p in record["pids"] or []}
        if asked == record["record_id"] or (pid and (pid.scheme, pid.value) in stated):
            return record
    return records[0]
