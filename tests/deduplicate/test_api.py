from __future__ import annotations

from typing import Any

from evigraph.deduplicate.api import are_same, explain


def test_explains_in_words_strongest_first(record: Any, deduplicate: Any, decide: Any) -> None:
    rows = [
        record("crossref", "a", pids=["doi:10.5555/x"]),
        record("pubmed", "1", pids=["doi:10.5555/x"]),
        record("pubmed", "2", names=["Ada Nowak"]),
        record("openalex", "b", title="Another matter altogether"),
    ]
    graph = deduplicate(rows, [decide("same", "openalex:b", "crossref:a")])
    assert explain(graph.rows("evidence")) == [
        "crossref:a and openalex:b are the same: a librarian decided on 2026-01-01 that they are the same: "
        "I read both.",
        "crossref:a and pubmed:1 are the same: both state doi 10.5555/x.",
        "crossref:a and pubmed:1 are the same: same title, 2 of 2 authors in common.",
    ]


def test_nothing_to_explain() -> None:
    assert explain([]) == []


def test_compares_rows_as_they_are_read_from_a_release() -> None:
    row = {"record_id": "x:1", "title": None, "subtitle": None, "type": None, "authors": None, "pids": None}
    finding = are_same(row, row | {"record_id": "x:2", "instances": None})
    assert not finding.is_match
    assert finding.explanation == "a title says nothing of one work, or is missing"
