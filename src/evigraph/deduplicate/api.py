"""What the levels above may ask of deduplication: are these two the same, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evigraph.deduplicate.cluster import RULES
from evigraph.deduplicate.comparables import comparable_of
from evigraph.deduplicate.compare import Comparable, Finding, compare

__all__ = ["Comparable", "Finding", "are_same", "explain"]


def are_same(record_l: Mapping[str, Any], record_r: Mapping[str, Any]) -> Finding:
    """Whether two rows of `record` are the same work by the rules alone, and why; decisions are not asked."""
    return compare(comparable_of(record_l), comparable_of(record_r))


def _strength(row: Mapping[str, Any]) -> tuple[int, bool, str, str]:
    rule = row["rule"]
    place = RULES.index(rule) if rule in RULES else len(RULES)
    return place, not row["is_match"], row["record_id_l"], row["record_id_r"]


def explain(evidence_rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """One sentence a row of `evidence`, the strongest first: decisions, identifiers, titles; for before against."""
    lines = []
    for row in sorted(evidence_rows, key=_strength):
        verdict = "are the same" if row["is_match"] else "are not the same"
        lines.append(f"{row['record_id_l']} and {row['record_id_r']} {verdict}: {row['explanation']}.")
    return lines
