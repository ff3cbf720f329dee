from __future__ import annotations

from typing import Any

from evigraph.deduplicate.api import compare, deduplicate_records, explain


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
        "crossref:a and pubmed:1 are the same: the same title; both state doi 10.5555/x; the same 2 authors; both of "
        "2020.",
        "crossref:a and pubmed:2 are the same: the same title; 1 authors in common, of 2 and 1; both of 2020.",
        "pubmed:1 and pubmed:2 are the same: the same title; 1 authors in common, of 2 and 1; both of 2020.",
    ]


def test_nothing_to_explain() -> None:
    assert explain([]) == []


def test_compares_rows_as_they_are_read_from_a_release() -> None:
    row = {"record_id": "x:1", "title": None, "subtitle": None, "type": None, "authors": None, "pids": None}
    finding = compare(row, row | {"record_id": "x:2", "instances": None})
    assert not finding.is_match
    assert finding.explanation == "they state nothing that could be compared"


def test_deduplicates_rows_in_memory(record: Any, decide: Any) -> None:
    rows = [
        record("embase", "e1", pids=["doi:10.5555/x"]),
        record("scopus", "s1", title="Another matter altogether"),
        record("pubmed", "1", pids=["doi:10.5555/x"]),
        record("wos", "w1", title="Something that nobody else has", names=["Cia Lind"]),
    ]
    found = deduplicate_records(rows)
    assert found.clusters == (("pubmed:1", "embase:e1"), ("scopus:s1",), ("wos:w1",))
    assert found.representative_of()["embase:e1"] == "pubmed:1"
    assert {row["rule"] for row in found.inside()["pubmed:1"]} >= {"identifier"}
    assert found.open_pairs() == [] and found.versions() == []
    decided = deduplicate_records(
        rows, decisions=[decide("different", "embase:e1", "pubmed:1"), decide("same", "scopus:s1", "wos:w1", 2)]
    )
    assert decided.clusters == (("embase:e1",), ("scopus:s1", "wos:w1"), ("pubmed:1",))
