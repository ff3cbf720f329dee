from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]
Run = Callable[..., Any]


def _decided(graph: Any) -> list[tuple[str, str, bool]]:
    rows = [row for row in graph.rows("evidence") if row["rule"] == "decision"]
    return sorted((row["record_id_l"], row["record_id_r"], row["is_match"]) for row in rows)


def test_a_decision_about_records_says_who_when_and_why(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [record("pubmed", "1"), record("crossref", "a", title="Another matter altogether")]
    graph = deduplicate(rows, [decide("same", "pubmed:1", "crossref:a")])
    (row,) = graph.rows("evidence")
    assert (row["record_id_l"], row["record_id_r"], row["rule"], row["is_match"]) == (
        "crossref:a",
        "pubmed:1",
        "decision",
        True,
    )
    assert row["explanation"] == "a librarian decided on 2026-01-01 that they are the same: I read both"


def test_a_decision_without_name_day_or_reason_is_still_told(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [record("pubmed", "1"), record("crossref", "a")]
    decision = decide("different", "pubmed:1", "crossref:a", actor=None, reason=None, decided_at=None)
    told = [row["explanation"] for row in deduplicate(rows, [decision]).rows("evidence") if row["rule"] == "decision"]
    assert told == ["someone decided that they are different"]


def test_identifiers_stand_for_all_records_that_state_them(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [
        record("crossref", "a", names=[], pids=["doi:10.5555/x"]),
        record("openalex", "b", names=[], pids=["doi:10.5555/x"]),
        record("pubmed", "1", names=[], pids=["pmid:1"]),
        record("pubmed", "2", names=[], pids=["pmid:1"]),
    ]
    assert _decided(deduplicate(rows, [decide("same", "doi:10.5555/x", "pmid:1")])) == [
        ("crossref:a", "pubmed:1", True)
    ]
    assert _decided(deduplicate(rows, [decide("different", "doi:10.5555/x", "pmid:1")])) == [
        (left, right, False) for left in ("crossref:a", "openalex:b") for right in ("pubmed:1", "pubmed:2")
    ]


def test_a_record_that_states_both_identifiers_has_no_side(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [
        record("crossref", "a", names=[], pids=["doi:10.5555/x"]),
        record("openalex", "b", names=[], pids=["doi:10.5555/x", "doi:10.5555/y"]),
        record("pubmed", "1", names=[], pids=["doi:10.5555/y"]),
    ]
    graph = deduplicate(rows, [decide("different", "doi:10.5555/x", "doi:10.5555/y")])
    assert _decided(graph) == [("crossref:a", "pubmed:1", False)]
    assert graph.clusters == {frozenset({"crossref:a", "openalex:b"}), frozenset({"pubmed:1"})}


def test_the_latest_decision_about_a_pair_counts(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [record("pubmed", "1"), record("crossref", "a")]
    first = decide("different", "pubmed:1", "crossref:a", number=1)
    second = decide("same", "crossref:a", "pubmed:1", number=2)
    assert _decided(deduplicate(rows, [second, first])) == [("crossref:a", "pubmed:1", True)]


def test_decisions_about_what_is_not_here_are_counted(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [record("pubmed", "1", pids=["pmid:1"])]
    decisions = [decide("same", "pubmed:1", "doi:10.5555/gone"), decide("same", "pmid:1", "pubmed:1", number=2)]
    graph = deduplicate(rows, decisions)
    assert graph.rows("evidence") == []
    assert (graph.facts["n_decisions"], graph.facts["n_decisions_without_record"]) == (2, 1)
