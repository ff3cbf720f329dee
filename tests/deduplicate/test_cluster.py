from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evigraph.deduplicate.cluster import DECISION, IDENTIFIER, MAX_YEARS, TITLE, Clustering, Links, Statements, cluster

Make = Callable[..., dict[str, Any]]
Run = Callable[..., Any]


def _cluster(
    n: int,
    links: list[tuple[int, int, int]],
    parted: list[tuple[int, int]] | None = None,
    stated: list[tuple[int, int]] | None = None,
    years: list[int] | None = None,
) -> Clustering:
    ends = np.array(links, dtype=np.int64).reshape(-1, 3)
    statements = np.array(stated or [], dtype=np.int64).reshape(-1, 2)
    return cluster(
        n,
        Links(ends[:, 0], ends[:, 1], ends[:, 2]),
        Statements(statements[:, 1], lambda rows: statements[rows, 0]),
        np.array(parted or [], dtype=np.int64).reshape(-1, 2),
        np.array(years or [0] * n, dtype=np.int64),
        np.array([years is not None] * n, dtype=np.bool_),
    )


def test_nothing_in_common() -> None:
    assert _cluster(3, []).leaders.tolist() == [0, 1, 2]
    assert _cluster(0, []).leaders.tolist() == []


def test_chains_are_clusters_led_by_their_first() -> None:
    assert _cluster(5, [(3, 1, TITLE), (1, 4, TITLE)]).leaders.tolist() == [0, 1, 2, 1, 1]


def test_what_is_parted_falls_apart() -> None:
    found = _cluster(3, [(0, 1, TITLE), (1, 2, TITLE)], parted=[(0, 2)])
    assert found.leaders.tolist() == [0, 0, 2]
    assert found.n_refused == 1


def test_the_stronger_link_holds() -> None:
    assert _cluster(3, [(0, 1, TITLE), (1, 2, DECISION)], parted=[(0, 2)]).leaders.tolist() == [0, 1, 1]
    stated = [(0, 1), (0, 2)]
    found = _cluster(3, [(0, 1, TITLE), (1, 2, IDENTIFIER)], parted=[(0, 2)], stated=stated)
    assert found.leaders.tolist() == [0, 1, 1]


def test_records_that_share_an_identifier_stay_together_when_its_first_is_parted() -> None:
    """The star's centre goes; its rays still state one identifier."""
    star = [(0, 1, IDENTIFIER), (0, 2, IDENTIFIER), (0, 3, IDENTIFIER)]
    found = _cluster(4, star, parted=[(0, 1), (0, 2), (0, 3)], stated=[(0, record) for record in range(4)])
    assert found.leaders.tolist() == [0, 1, 1, 1]


def test_better_identifiers_join_first() -> None:
    """Record 1 shares one identifier with 0, a better one with 2, and these two are parted."""
    links = [(0, 1, IDENTIFIER), (1, 2, IDENTIFIER)]
    stated = [(1, 0), (1, 1), (0, 1), (0, 2)]
    assert _cluster(3, links, parted=[(0, 2)], stated=stated).leaders.tolist() == [0, 1, 1]


def test_parting_carries_over_to_those_joined_later() -> None:
    links = [(0, 1, TITLE), (2, 3, TITLE), (1, 2, TITLE), (0, 3, TITLE)]
    found = _cluster(4, links, parted=[(0, 3)])
    assert found.leaders[0] != found.leaders[3]


def test_other_components_are_left_alone() -> None:
    found = _cluster(5, [(0, 1, TITLE), (2, 3, TITLE), (3, 4, TITLE)], parted=[(0, 1)])
    assert found.leaders.tolist() == [0, 1, 2, 2, 2]


def test_parting_what_is_apart_changes_nothing() -> None:
    assert _cluster(3, [(0, 1, TITLE)], parted=[(0, 2)]).leaders.tolist() == [0, 0, 2]


def test_a_title_that_recurs_over_the_years_is_dissolved() -> None:
    n = MAX_YEARS + 1
    links = [(place, place + 1, TITLE) for place in range(n - 1)] + [(0, 1, IDENTIFIER)]
    years = [2000 + place for place in range(n)]
    found = _cluster(n, links, stated=[(0, 0), (0, 1)], years=years)
    assert found.leaders.tolist() == [0, 0, *range(2, n)]
    assert [(group.leader, group.n_records, group.n_years) for group in found.dissolved] == [(0, n, n)]


def test_one_year_less_is_a_work() -> None:
    n = MAX_YEARS - 1
    found = _cluster(n, [(0, place, TITLE) for place in range(1, n)], years=[2000 + place for place in range(n)])
    assert set(found.leaders.tolist()) == {0}
    assert found.dissolved == ()


def test_what_identifiers_hold_together_is_not_dissolved() -> None:
    n = MAX_YEARS + 5
    links = [(0, place, IDENTIFIER) for place in range(1, n)]
    found = _cluster(n, links, stated=[(0, place) for place in range(n)], years=[1990 + place for place in range(n)])
    assert set(found.leaders.tolist()) == {0}
    assert found.dissolved == ()


def test_records_without_a_year_do_not_count_as_years() -> None:
    n = MAX_YEARS
    ends = np.arange(n - 1)
    found = cluster(
        n,
        Links(ends, ends + 1, np.full(n - 1, TITLE)),
        Statements(np.zeros(0, np.int64), lambda rows: rows),
        np.zeros((0, 2), np.int64),
        np.arange(n),
        np.arange(n) > 0,
    )
    assert set(found.leaders.tolist()) == {0}


def test_equal_identifiers_merge_across_types(record: Make, deduplicate: Run) -> None:
    rows = [
        record("crossref", "a", names=[], pids=["doi:10.5555/x"]),
        record("datacite", "b", names=[], type="dataset", title="Another", pids=["doi:10.5555/x", "pmid:1"]),
        record("pubmed", "1", title="A third", pids=["pmid:1"]),
        record("pubmed", "2", title="A fourth", pids=["pmid:2"]),
    ]
    graph = deduplicate(rows)
    assert graph.clusters == {frozenset({"crossref:a", "datacite:b", "pubmed:1"}), frozenset({"pubmed:2"})}


def test_title_and_authors_merge_within_a_type(record: Make, deduplicate: Run) -> None:
    rows = [record("crossref", "a"), record("pubmed", "1"), record("datacite", "b", type="dataset")]
    graph = deduplicate(rows)
    assert graph.clusters == {frozenset({"crossref:a", "pubmed:1"}), frozenset({"datacite:b"})}
    assert (graph.facts["n_products"], graph.facts["n_products_of_several_records"]) == (2, 1)


def test_other_author_count_part_and_no_authors_do_not_merge(record: Make, deduplicate: Run) -> None:
    title = "Synthetic observations on entirely imaginary networks"
    rows = [
        record("crossref", "a", title=f"{title}, part I"),
        record("crossref", "b", title=f"{title}, part II"),
        record("pubmed", "1", title=f"{title}, part I", names=["Ada Nowak"]),
        record("pubmed", "2", title=f"{title}, part I", names=[]),
        record("openalex", "c", title=f"{title}, part I", names=[]),
    ]
    assert len(deduplicate(rows).clusters) == 5


def test_decisions_force_forbid_and_can_be_undone(record: Make, deduplicate: Run, decide: Make) -> None:
    rows = [
        record("crossref", "a", pids=["doi:10.5555/x"]),
        record("pubmed", "1", pids=["doi:10.5555/x", "pmid:1"]),
        record("pubmed", "2", title="Another matter altogether", pids=["pmid:2"]),
    ]
    before = deduplicate(rows)
    assert before.clusters == {frozenset({"crossref:a", "pubmed:1"}), frozenset({"pubmed:2"})}
    decisions = [decide("different", "crossref:a", "pubmed:1"), decide("same", "pubmed:1", "pmid:2", number=2)]
    after = deduplicate(rows, decisions)
    assert after.clusters == {frozenset({"crossref:a"}), frozenset({"pubmed:1", "pubmed:2"})}
    undone = deduplicate(rows, [])
    assert undone.product_of == before.product_of
    assert undone.aliases == before.aliases


def test_an_empty_graph_is_a_graph(deduplicate: Run) -> None:
    graph = deduplicate([])
    assert graph.clusters == set()
    assert graph.rows("product") == graph.rows("alias") == []


def test_a_recurring_title_is_reported(record: Make, deduplicate: Run) -> None:
    rows = [record("crossref", str(year), year=year) for year in range(1990, 1990 + MAX_YEARS)]
    graph = deduplicate(rows)
    assert len(graph.clusters) == MAX_YEARS
    assert graph.facts["dissolved_groups"] == [
        {"record_id": "crossref:1990", "n_records": MAX_YEARS, "n_years": MAX_YEARS}
    ]
