"""The records of a review that are one work: found by the graph's own rules, bound by what people decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations

from evigraph import __version__
from evigraph.review.kinds import Duplicates, Pair
from evigraph.review.records import Row
from evigraph.review.state import Library

__all__ = ["Overlap", "deduplicated", "overlap"]


def deduplicated(rows: Sequence[Row], pairs: Iterable[Pair], earlier: Library | None = None) -> Duplicates:
    """What the deduplication of all records of a review finds, at the level `duplicate`.

    A preprint and its article stay two records (they are two reports). The representative of a group stays the one it
    was before, so that nothing that was said of it moves.

    Args:
        rows: all records of the review, as rows of `record`, in the order of the searches.
        pairs: what people decided; it binds.
        earlier: the review's groups before.
    """
    # What compares records is loaded when it is needed: a portal starts without it.
    from evigraph.library.matching import match

    decisions = [_decision(pair) for pair in pairs]
    matching = match(rows, decisions, "duplicate")
    groups = []
    for cluster in matching.clusters:
        if len(cluster) > 1:
            ids = [str(row["record_id"]) for row in cluster]
            groups.append(tuple(_led(ids, earlier)))
    leader = {record_id: group[0] for group in groups for record_id in group}
    waiting = []
    for row in matching.found.open_pairs():
        left, right = row["record_id_l"], row["record_id_r"]
        if leader.get(left, left) != leader.get(right, right):
            waiting.append((left, right, str(row["explanation"])))
    return Duplicates(tuple(groups), tuple(waiting), f"evigraph {__version__}, duplicate, {len(rows)} records")


def _led(ids: list[str], earlier: Library | None) -> list[str]:
    if earlier is None:
        return ids
    led = [one for one in ids if earlier.head_of.get(one) == one]
    return [*led[:1], *(one for one in ids if one not in led[:1])]


def _decision(pair: Pair) -> Row:
    left, right = sorted((pair.record_id_l, pair.record_id_r))
    return {
        "decision_id": f"{left} {right}",
        "kind": pair.verdict,
        "subject_l": left,
        "subject_r": right,
        "actor": "review",
        "reason": "decided in the review",
        "decided_at": datetime.fromtimestamp(0, UTC).isoformat(),
    }


class Overlap:
    """What the sources of a review share.

    Attributes:
        found: for each source the works that it found; unique: those that no other source found.
        shared: for each pair of sources the works that both found, the largest first.
    """

    def __init__(self, found: dict[str, list[str]], unique: dict[str, list[str]]) -> None:
        self.found, self.unique = found, unique
        pairs = {
            (left, right): [head for head in found[left] if head in set(found[right])]
            for left, right in combinations(found, 2)
        }
        self.shared = dict(
            sorted(((pair, heads) for pair, heads in pairs.items() if heads), key=lambda at: -len(at[1]))
        )


def overlap(library: Library) -> Overlap:
    """Which sources found the same works."""
    sources_of = {
        head: dict.fromkeys(library.runs[library.records[one].run_id].source for one in group)
        for head, group in library.groups.items()
    }
    found: dict[str, list[str]] = {run.source: [] for run in library.runs.values()}
    unique: dict[str, list[str]] = {source: [] for source in found}
    for head, sources in sources_of.items():
        for source in sources:
            found[source].append(head)
            if len(sources) == 1:
                unique[source].append(head)
    return Overlap(found, unique)
