"""This graph as a source: what a search of it imports, and what citations lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import InputError
from evigraph.review.on_graph import chase, links, pids_of, platform, product_of, search
from evigraph.review.records import SEEDS
from evigraph.review.searches import Chase, SearchRun
from evigraph.review.workspace import Workspace
from evigraph.store.release import Release
from review.conftest import ANNA
from store import small_release


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, dict[str, list[dict[str, Any]]]]:
    home: Path = tmp_path_factory.mktemp("graph")
    rows, _ = small_release.small_rows(120)
    small_release.write_release(home, rows)
    return Release.open(home), rows


def test_a_search_gives_every_product_that_it_finds_as_a_record(
    graph: Any, workspace: Workspace, review_id: str
) -> None:
    release, _ = graph
    total = release.search.search("recovery").total
    rows = search(release, "recovery")
    assert len(rows) == total > 0
    run = workspace.search(review_id, ANNA, SearchRun("", "This graph", platform=platform(release), n_reported=total))
    made = workspace.import_rows(review_id, ANNA, run, rows)
    assert made.n_records == total
    found = [record for record in workspace.state(review_id).library.records.values() if record.run_id == run]
    assert {record.title for record in found} >= {row["title"] for row in rows[:3]}
    narrow = search(release, "recovery", (2015, 2020))
    assert {row["year"] for row in narrow} <= set(range(2015, 2021))
    with pytest.raises(InputError, match="empty"):
        search(release, "  ")


def test_chasing_finds_what_the_citations_of_the_graph_say(graph: Any) -> None:
    release, rows = graph
    cites: dict[str, set[str]] = {}
    for relation in rows["relation"]:
        if relation["relation"] == "Cites":
            cites.setdefault(relation["source_id"], set()).add(relation["target_id"])
    held = {row["product_id"] for row in rows["product"]}
    seeds = sorted(cites, key=lambda one: -len(cites[one]))[:3]
    backward = chase(release, {f"S1:{one}": [one] for one in seeds}, ("backward",))
    expected = {target for one in seeds for target in cites[one]} & held - set(seeds)
    assert {row["source_key"] for row in backward.rows} == expected
    for row in backward.rows:
        assert set(row[SEEDS]) == {f"S1:{one}" for one in seeds if row["source_key"] in cites[one]}
    forward = chase(release, {"S1:a": [small_release.ARTICLE_ID]}, ("forward",))
    citing = {source for source, targets in cites.items() if small_release.ARTICLE_ID in targets}
    assert {row["source_key"] for row in forward.rows} == citing
    assert len(citing) >= 3
    capped = chase(release, {"S1:a": [small_release.ARTICLE_ID]}, ("forward",), cap=1)
    assert len(capped.rows) == 1
    assert capped.cut == {"S1:a": len(citing) - 1}


def test_a_seed_that_the_graph_does_not_hold_is_named(graph: Any) -> None:
    release, _ = graph
    found = chase(release, {"S1:x": ["doi:10.5555/none"], "S1:y": [f"doi:{small_release.ARTICLE_DOI}"]})
    assert found.unknown == ["S1:x"]
    assert product_of(release, [f"doi:{small_release.ARTICLE_DOI.upper()}"]) == small_release.ARTICLE_ID


def test_chased_records_remember_their_seeds(graph: Any, workspace: Workspace, review_id: str) -> None:
    release, _ = graph
    head = next(iter(workspace.state(review_id).library.groups))
    found = chase(release, {head: [small_release.ARTICLE_ID]})
    run = SearchRun("", "Citations in this graph", "citations", chase=Chase(1, ("backward", "forward"), 1, 500))
    run_id = workspace.search(review_id, ANNA, run)
    workspace.import_rows(review_id, ANNA, run_id, found.rows)
    chased = [one for one in workspace.state(review_id).library.records.values() if one.run_id == run_id]
    assert chased
    assert {one.seeds for one in chased} == {(head,)}
    assert pids_of(chased)


def test_links_are_the_citations_of_the_works_in_both_directions(graph: Any) -> None:
    release, rows = graph
    cites = [(row["source_id"], row["target_id"]) for row in rows["relation"] if row["relation"] == "Cites"]
    one, two = cites[0]
    names = {one: "S1:one", two: "S1:two"}
    found = links(release, {"S1:one": [one], "S1:two": [two], "S1:none": ["doi:10.5555/none"]})
    expected = {(names.get(a, a), names.get(b, b)) for a, b in cites if a in names or b in names}
    assert set(found) == expected
    assert ("S1:one", "S1:two") in found
