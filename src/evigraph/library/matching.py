"""Which records of a library are one, with the reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

from evigraph.deduplicate.api import Deduplication, Level, deduplicate_records
from evigraph.deduplicate.titles import fold
from evigraph.library.reading import Row

__all__ = ["Level", "Matching", "exported_again", "match"]


@dataclass(frozen=True)
class Matching:
    """What was found.

    Attributes:
        clusters: the records of each cluster, in no particular order; every record is in one.
        again: records that were exported again, each with the record that it repeats and the reason.
        found: the deduplication of all others.
    """

    clusters: list[list[Row]]
    again: dict[str, tuple[str, str]]
    found: Deduplication


def match(records: Sequence[Row], decisions: Sequence[Row], level: Level) -> Matching:
    """The clusters of some records.

    A record that a database knows under one number and that was exported more than once is compared once: the further
    copies follow the first. `level`: whether only a publication told twice makes a cluster (duplicate), or also a
    work published again (version).
    """
    apart = {frozenset((row["subject_l"], row["subject_r"])) for row in decisions if row["kind"] == "different"}
    again = exported_again(records, apart)
    compared = [record for record in records if record["record_id"] not in again]
    heads = {copy: head for copy, (head, _) in again.items()}
    bound = [_about_heads(decision, heads) for decision in decisions]
    found = deduplicate_records(compared, level=level, decisions=[decision for decision in bound if decision])
    leader_of = found.representative_of()
    clusters: defaultdict[str, list[Row]] = defaultdict(list)
    for record in records:
        record_id = str(record["record_id"])
        clusters[leader_of[heads.get(record_id, record_id)]].append(record)
    return Matching(list(clusters.values()), again, found)


def exported_again(records: Sequence[Row], apart: Set[frozenset[str]] = frozenset()) -> dict[str, tuple[str, str]]:
    """Each record that repeats an earlier one under the same number of its database: the earlier one, and why.

    Only where the titles agree: a tool that numbers references anew in every export gives one number to many works.
    And not where a person said that the two are different (`apart`: pairs of record ids): that binds.
    """
    first: dict[tuple[str, str], str] = {}
    again: dict[str, tuple[str, str]] = {}
    for record in records:
        database, colon, number = record["source_key"].partition("#")[0].partition(":")
        title = fold(record["title"] or "")
        if not colon or not title:
            continue
        head = first.setdefault((f"{database}:{number}", title), record["record_id"])
        if head != record["record_id"] and frozenset((head, record["record_id"])) not in apart:
            again[record["record_id"]] = (head, f"both are {database} {number}, exported again")
    return again


def _about_heads(decision: Row, heads: dict[str, str]) -> Row | None:
    left, right = (heads.get(decision[name], decision[name]) for name in ("subject_l", "subject_r"))
    return None if left == right else {**decision, "subject_l": left, "subject_r": right}
