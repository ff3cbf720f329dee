from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from evigraph.deduplicate.api import Level, deduplicate_records
from evigraph.deduplicate.cluster import COMPARISON, DECISION, IDENTIFIER, MAX_YEARS, Clustering, Links, cluster

Make = Callable[..., dict[str, Any]]
Run = Callable[..., Any]


def _cluster(n: int, links: list[tuple[int, int, int, float]], years: list[int] | None = None) -> Clustering:
    ends = np.array([link[:3] for link in links], dtype=np.int64).reshape(-1, 3)
    weight = np.array([link[3] for link in links], dtype=np.float64)
    return cluster(
        n,
        Links(ends[:, 0], ends[:, 1], ends[:, 2], weight),
        np.array(years or [0] * n, dtype=np.int64),
        np.array([years is not None] * n, dtype=np.bool_),
    )


def _yes(left: int, right: int, weight: float = 3.0) -> tuple[int, int, int, float]:
    return left, right, COMPARISON, weight


def _no(left: int, right: int, weight: float = -3.0) -> tuple[int, int, int, float]:
    return left, right, COMPARISON, weight


def _parted(left: int, right: int) -> tuple[int, int, int, float]:
    return left, right, DECISION, -1.0


def test_nothing_in_common() -> None:
    assert _cluster(3, []).leaders.tolist() == [0, 1, 2]
    assert _cluster(0, []).leaders.tolist() == []


def test_chains_are_clusters_led_by_their_first() -> None:
    assert _cluster(5, [_yes(1, 3), _yes(1, 4)]).leaders.tolist() == [0, 1, 2, 1, 1]


def test_a_chain_does_not_glue_what_is_different() -> None:
    found = _cluster(4, [_yes(0, 1), _yes(1, 2, 1.0), _yes(2, 3), _no(0, 2), _no(1, 3)])
    assert found.leaders.tolist() == [0, 0, 2, 2]
    assert found.n_refused == 1


def test_one_doubt_does_not_part_what_much_evidence_joins() -> None:
    links = [_yes(left, right) for left in range(4) for right in range(left + 1, 4) if (left, right) != (0, 3)]
    assert set(_cluster(4, [*links, _no(0, 3, -1.0)]).leaders.tolist()) == {0}


def test_what_is_parted_falls_apart_whatever_the_evidence() -> None:
    found = _cluster(3, [_yes(0, 1, 8.0), _yes(1, 2, 7.0), _yes(0, 2, 8.0), _parted(0, 2)])
    assert found.leaders[0] != found.leaders[2]
    assert found.leaders[1] in (0, found.leaders[2])


def test_what_people_joined_holds() -> None:
    links = [_yes(0, 1), (1, 2, DECISION, 1.0), _parted(0, 2)]
    assert _cluster(3, links).leaders.tolist() == [0, 1, 1]
    assert _cluster(2, [(0, 1, DECISION, 1.0), _no(0, 1)]).leaders.tolist() == [0, 0]


def test_others_stay_together_when_one_is_parted_from_them() -> None:
    links = [(left, right, IDENTIFIER, 8.0) for left in range(4) for right in range(left + 1, 4)]
    found = _cluster(4, [*links, _parted(0, 1), _parted(0, 2), _parted(0, 3)])
    assert found.leaders.tolist() == [0, 1, 1, 1]


def test_parting_carries_over_to_those_joined_later() -> None:
    found = _cluster(4, [_yes(0, 1), _yes(2, 3), _yes(1, 2), _parted(0, 3)])
    assert found.leaders[0] != found.leaders[3]


def test_other_components_are_left_alone() -> None:
    found = _cluster(5, [_yes(0, 1), _yes(2, 3), _yes(3, 4), _parted(0, 1)])
    assert found.leaders.tolist() == [0, 1, 2, 2, 2]


def test_parting_what_is_apart_changes_nothing() -> None:
    assert _cluster(3, [_yes(0, 1), _parted(0, 2)]).leaders.tolist() == [0, 0, 2]


def test_a_title_that_recurs_over_the_years_is_dissolved() -> None:
    n = MAX_YEARS + 1
    links = [_yes(place, place + 1) for place in range(1, n - 1)] + [(0, 1, IDENTIFIER, 8.0)]
    found = _cluster(n, links, years=[2000 + place for place in range(n)])
    assert found.leaders.tolist() == [0, 0, *range(2, n)]
    assert [(group.leader, group.n_records, group.n_years) for group in found.dissolved] == [(0, n, n)]


def test_one_year_less_is_a_work() -> None:
    n = MAX_YEARS - 1
    found = _cluster(n, [_yes(0, place) for place in range(1, n)], years=[2000 + place for place in range(n)])
    assert set(found.leaders.tolist()) == {0}
    assert found.dissolved == ()


def test_what_identifiers_hold_together_is_not_dissolved() -> None:
    n = MAX_YEARS + 5
    links = [(0, place, IDENTIFIER, 8.0) for place in range(1, n)]
    found = _cluster(n, links, years=[1990 + place for place in range(n)])
    assert set(found.leaders.tolist()) == {0}
    assert found.dissolved == ()


def test_records_without_a_year_do_not_count_as_years() -> None:
    n = MAX_YEARS
    ends = np.arange(n - 1)
    links = Links(ends, ends + 1, np.full(n - 1, COMPARISON), np.ones(n - 1))
    assert set(cluster(n, links, np.arange(n), np.arange(n) > 0).leaders.tolist()) == {0}


def test_equal_identifiers_merge_across_types(record: Make, deduplicate: Run) -> None:
    rows = [
        record("crossref", "a", names=[], pids=["doi:10.5555/x"]),
        record("datacite", "b", names=[], type="dataset", pids=["doi:10.5555/x", "pmid:1"]),
        record("pubmed", "1", title=None, names=[], pids=["pmid:1"]),
        record("pubmed", "2", title="A fourth", pids=["pmid:2"]),
    ]
    graph = deduplicate(rows)
    assert graph.clusters == {frozenset({"crossref:a", "datacite:b", "pubmed:1"}), frozenset({"pubmed:2"})}


def test_title_and_authors_merge_within_a_type(record: Make, deduplicate: Run) -> None:
    rows = [record("crossref", "a"), record("pubmed", "1"), record("datacite", "b", type="dataset")]
    graph = deduplicate(rows)
    assert graph.clusters == {frozenset({"crossref:a", "pubmed:1"}), frozenset({"datacite:b"})}
    assert (graph.facts["n_products"], graph.facts["n_products_of_several_records"]) == (2, 1)


def test_records_without_authors_merge_and_parts_do_not(record: Make, deduplicate: Run) -> None:
    title = "Synthetic observations on entirely imaginary networks"
    rows = [
        record("crossref", "a", title=f"{title}, part I"),
        record("crossref", "b", title=f"{title}, part II"),
        record("pubmed", "1", title=f"{title}, part I", names=["Ada Nowak"]),
        record("pubmed", "2", title=f"{title}, part I", names=[]),
        record("openalex", "c", title=f"{title}, part I", names=[]),
    ]
    assert deduplicate(rows).clusters == {
        frozenset({"crossref:a", "pubmed:1", "pubmed:2", "openalex:c"}),
        frozenset({"crossref:b"}),
    }


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


def test_a_record_that_says_little_does_not_glue_versions(record: Make) -> None:
    conference = {"container": {"name": "Proceedings of the Conference on Imaginary Networks", "first_page": "41"}}
    journal = {"container": {"name": "Journal of Imaginary Medicine", "volume": "12", "first_page": "123"}}
    records = [
        *(record("a", str(n), year=2018, **conference) for n in range(3)),
        *(record("b", str(n), year=2021, **journal) for n in range(3)),
        record("c", "0", year=None),
    ]
    sizes = {level: [len(c) for c in deduplicate_records(records, level=level).clusters] for level in get_args(Level)}
    assert sizes["version"] == [7]
    assert sorted(sizes["duplicate"]) == [3, 4]


def test_an_empty_graph_is_a_graph(deduplicate: Run) -> None:
    graph = deduplicate([])
    assert graph.clusters == set()
    assert graph.rows("product") == graph.rows("alias") == []


def test_a_column_that_recurs_every_year_is_not_one_work(record: Make, deduplicate: Run) -> None:
    rows = [
        record(
            "crossref", str(year), title="Reminiscences on imaginary papers", year=year, container={"name": "J Imag"}
        )
        for year in range(1990, 1995)
    ]
    assert len(deduplicate(rows).clusters) == 5
