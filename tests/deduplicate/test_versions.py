from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.deduplicate import version_links
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.deduplicate.versions import STEP
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, EVIDENCE, LINK, MEMBER, RECORD, STATED_PID

Make = Callable[..., dict[str, Any]]
Run = Callable[..., Any]
PREPRINT = {"instances": [{"resource_type": "Preprint"}]}
ARTICLE = {"instances": [{"resource_type": "Article"}]}


def link(record_id: str, relation: str, doi: str) -> dict[str, Any]:
    return {"record_id": record_id, "payload": "x", "relation": relation, "scheme": "doi", "value": doi}


def told(rows: list[dict[str, Any]]) -> set[tuple[str, str, str, tuple[str, ...]]]:
    return {(row["source_record_id"], row["relation"], row["target_record_id"], tuple(row["sources"])) for row in rows}


def test_what_a_source_says_of_versions_is_kept_between_records_of_one_product(
    record: Make, deduplicate: Run, decide: Make
) -> None:
    rows = [
        record("crossref", "10.5555/p", pids=["doi:10.5555/p"], **PREPRINT),
        record("crossref", "10.5555/a", pids=["doi:10.5555/a"], **ARTICLE),
        record("pubmed", "1", pids=["pmid:1", "doi:10.5555/a"], **ARTICLE),
        record("crossref", "10.5555/z", pids=["doi:10.5555/z"], title="Something else that nobody made", names=["X Y"]),
    ]
    links = [
        link("crossref:10.5555/p", "IsPreviousVersionOf", "10.5555/a"),
        link("crossref:10.5555/p", "IsPreviousVersionOf", "10.5555/z"),
        link("crossref:10.5555/a", "Cites", "10.5555/p"),
    ]
    decisions = [decide("same", "crossref:10.5555/p", "crossref:10.5555/a")]
    graph = deduplicate(rows, decisions, links=links)
    assert len(graph.clusters) == 2
    p, a = "crossref:10.5555/p", "crossref:10.5555/a"
    said = {row for row in told(graph.rows("record_relation")) if row[3] == ("crossref",)}
    assert said >= {
        (p, "IsPreviousVersionOf", a, ("crossref",)),
        (a, "IsNewVersionOf", p, ("crossref",)),
        (p, "IsPreviousVersionOf", "pubmed:1", ("crossref",)),
        ("pubmed:1", "IsNewVersionOf", p, ("crossref",)),
    }
    assert not any("10.5555/z" in row[0] + row[2] or row[1] == "Cites" for row in said)
    (merged,) = (row for row in graph.rows("product") if len(row["record_ids"]) == 3)
    # The published version leads, and every version is there with its type.
    assert merged["record_ids"][-1] == p
    assert [copy["resource_type"] for copy in merged["instances"]].count("Preprint") == 1


def found(evidence: list[dict[str, Any]], rows: list[dict[str, Any]]) -> set[tuple[str, str, str, tuple[str, ...]]]:
    usual = {"rule": "comparison", "is_match": True, "verdict": "match", "level": "version", "explanation": ""}
    given = {
        "evidence": EVIDENCE.from_rows([{**usual, **row} for row in evidence]),
        "link": LINK.empty(),
        "stated_pid": STATED_PID.empty(),
        "member": MEMBER.from_rows([{"record_id": row["record_id"], "product_id": "p"} for row in rows]),
        "record": RECORD.from_rows(rows),
    }
    tables, _ = run_in_memory([STEP], given, {})
    return told(tables["record_relation"].to_pylist())


def test_versions_found_by_comparison_point_from_the_preprint_to_the_publication(record: Make) -> None:
    rows = [record("s", "a", **PREPRINT), record("s", "b", **ARTICLE), record("s", "c", **ARTICLE)]
    evidence = [
        {"record_id_l": "s:a", "record_id_r": "s:b"},
        {"record_id_l": "s:b", "record_id_r": "s:c"},
        {"record_id_l": "s:a", "record_id_r": "s:c", "level": "duplicate"},
    ]
    by = ("comparison",)
    assert found(evidence, rows) == {
        ("s:a", "IsVersionOf", "s:b", by),
        ("s:b", "HasVersion", "s:a", by),
        ("s:c", "IsVersionOf", "s:b", by),
        ("s:b", "HasVersion", "s:c", by),
    }


def test_a_record_with_no_copies_is_no_preprint(record: Make) -> None:
    rows = [record("s", "a", instances=[]), record("s", "b", **PREPRINT)]
    answer = found([{"record_id_l": "s:a", "record_id_r": "s:b"}], rows)
    assert ("s:b", "IsVersionOf", "s:a", ("comparison",)) in answer


def linked(rows: list[dict[str, Any]], decisions: list[dict[str, Any]], level: str) -> tuple[int, list[list[str]]]:
    """How many products there are, and of which records the linked ones are."""
    given = {"record": RECORD.from_rows(rows), "decision": DECISION.from_rows(decisions)}
    tables, _ = run_in_memory([*CLUSTERING, version_links.STEP], given, {"level": level})
    member = tables["member"].to_pylist()
    of_product = {row["product_id"]: row["record_id"] for row in member}
    pairs = [[of_product[row["source_id"]], of_product[row["target_id"]]] for row in tables["version_link"].to_pylist()]
    return len({row["product_id"] for row in member}), sorted(pairs)


def test_at_level_duplicate_a_preprint_is_a_product_of_its_own_and_linked(record: Make, decide: Make) -> None:
    rows = [
        record("arxiv", "1", **PREPRINT),
        record("crossref", "2", **ARTICLE),
        record("pubmed", "3", title="Something else that nobody made", names=["X Y"]),
    ]
    assert linked(rows, [], "version") == (2, [])
    assert linked(rows, [], "duplicate") == (3, [["arxiv:1", "crossref:2"]])
    parted = [decide("different", "arxiv:1", "crossref:2")]
    assert linked(rows, parted, "version") == (3, [])
    assert linked(rows, parted, "duplicate") == (3, [])
    assert linked(rows, [decide("same", "arxiv:1", "crossref:2")], "duplicate") == (2, [])
