"""What the levels above may ask: are two records the same and why; which of some records are one work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from evigraph.deduplicate.cluster import RULES
from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.comparables import comparable_of
from evigraph.deduplicate.compare import Finding
from evigraph.deduplicate.compare import compare as compare_comparables
from evigraph.deduplicate.precedence import in_order
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD

__all__ = ["Comparable", "Deduplication", "Finding", "Level", "compare", "deduplicate_records", "explain"]

Row = Mapping[str, Any]

#: Which matches make a cluster: `duplicate`, one publication told twice; `version`, also one work published again.
Level = Literal["duplicate", "version"]


def compare(left: Row, right: Row) -> Finding:
    """What comparing two rows of `record` found: verdict, level, score and why, by the rules alone.

    Any two records may be asked about, also a pair that no block ever brought together; fields that a row leaves out
    count as not stated. People's decisions are not asked. Which of the two is left makes no difference.
    """
    return compare_comparables(comparable_of(left), comparable_of(right))


@dataclass(frozen=True)
class Deduplication:
    """Which records are one work, and the evidence.

    Attributes:
        level: which matches made the clusters.
        clusters: every record once; a tuple of record ids for each work, the record that best represents it first
            (by `evigraph.deduplicate.precedence`). The clusters are in the order of their first record in the input.
        evidence: rows of `evidence` (the table's columns, as dicts) in the order of the two record ids: all matches,
            all pairs that a person should decide, near misses, and the decisions that were given.
        facts: numbers for a report, among them `n_records` and `n_refused_links`.
    """

    level: Level
    clusters: tuple[tuple[str, ...], ...]
    evidence: tuple[dict[str, Any], ...]
    facts: Mapping[str, Any]

    def inside(self) -> dict[str, list[dict[str, Any]]]:
        """The matching rows of evidence inside each cluster of several records, by its representative."""
        leader = self.representative_of()
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.evidence:
            if row["is_match"] and leader[row["record_id_l"]] == leader[row["record_id_r"]]:
                found[leader[row["record_id_l"]]].append(row)
        return dict(found)

    def representative_of(self) -> dict[str, str]:
        """For each record id the id of the record that represents its cluster."""
        return {record_id: cluster[0] for cluster in self.clusters for record_id in cluster}

    def open_pairs(self) -> list[dict[str, Any]]:
        """The rows of evidence that wait for a person: verdict `open`, not yet in one cluster, nobody has decided."""
        leader = self.representative_of()
        decided = {(row["record_id_l"], row["record_id_r"]) for row in self.evidence if row["rule"] == "decision"}
        return [
            row
            for row in self.evidence
            if row["verdict"] == "open"
            and leader[row["record_id_l"]] != leader[row["record_id_r"]]
            and (row["record_id_l"], row["record_id_r"]) not in decided
        ]

    def versions(self) -> list[dict[str, Any]]:
        """At level `duplicate`: the rows of evidence that link two clusters as versions of one work."""
        leader = self.representative_of()
        return [
            row
            for row in self.evidence
            if row["verdict"] == "match"
            and row["level"] == "version"
            and leader[row["record_id_l"]] != leader[row["record_id_r"]]
        ]


def deduplicate_records(
    records: pa.Table | Sequence[Row], *, level: Level = "duplicate", decisions: Iterable[Row] = ()
) -> Deduplication:
    """Which of some records are one work, in memory: the steps of the pipeline on these records alone.

    Args:
        records: a table with the columns of `record`, or rows of it as dicts; a row needs `record_id` (unique,
            `source:key`), `source` and `source_key`, and may leave out what it does not state.
        level: which matches make a cluster.
        decisions: rows of `decision` (`Ledger.decision_table` gives them), which bind: `same` joins, `different` parts.
    """
    table = records if isinstance(records, pa.Table) else RECORD.from_rows([dict(row) for row in records])
    given = {"record": table, "decision": DECISION.from_rows([dict(row) for row in decisions])}
    tables, facts = run_in_memory(CLUSTERING, given, {"level": level})
    rows = table.select(["record_id", "source", "type", "instances"]).to_pylist()
    product_of = dict(zip(*(tables["member"][name].to_pylist() for name in ("record_id", "product_id")), strict=True))
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[product_of[row["record_id"]]].append(row)
    evidence = tables["evidence"].sort_by([(name, "ascending") for name in ("record_id_l", "record_id_r", "rule")])
    return Deduplication(
        level,
        tuple(tuple(record["record_id"] for record in in_order(group)) for group in groups.values()),
        tuple(evidence.to_pylist()),
        facts,
    )


def _strength(row: Row) -> tuple[int, bool, str, str]:
    rule = row["rule"]
    place = RULES.index(rule) if rule in RULES else len(RULES)
    return place, not row["is_match"], row["record_id_l"], row["record_id_r"]


def explain(evidence_rows: Iterable[Row]) -> list[str]:
    """One sentence a row of `evidence`, the strongest first: decisions, identifiers, titles; for before against."""
    lines = []
    for row in sorted(evidence_rows, key=_strength):
        is_open = row["verdict"] == "open"
        verdict = "are the same" if row["is_match"] else "may be the same" if is_open else "are not the same"
        lines.append(f"{row['record_id_l']} and {row['record_id_r']} {verdict}: {row['explanation']}.")
    return lines
