"""Deduplication ignores the order of its input, and its clusters are an equivalence relation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.deduplicate.bylines import matched_authors
from evigraph.deduplicate.cluster import Links, cluster
from evigraph.deduplicate.comparables import comparable_of
from evigraph.deduplicate.compare import compare
from evigraph.deduplicate.members import members
from evigraph.deduplicate.names import compare_bylines, name_key
from evigraph.deduplicate.titles import fold
from evigraph.model.pid import Pid, best_pid, id_of

TITLES = ("Imaginary networks", "Imaginary networks, part 2", "Editorial", "中国的科学研究", "日本的经济发展")
NAMES = ("Nowak, Ada", "Nowak, A", "Okoro, Ben", "Lind, Cia")
PIDS = [{"scheme": scheme, "value": value} for scheme in ("doi", "pmid") for value in ("10.5555/a", "10.5555/b", "7")]

records = st.lists(
    st.builds(
        dict,
        type=st.sampled_from(["publication", "dataset", "software", None]),
        title=st.sampled_from(TITLES) | st.none(),
        authors=st.lists(st.sampled_from(NAMES).map(lambda name: {"full_name": name}), max_size=3),
        pids=st.lists(st.sampled_from(PIDS), max_size=2),
        year=st.integers(1990, 1993) | st.none(),
    ),
    min_size=1,
    max_size=12,
).map(
    lambda rows: [
        row | {"record_id": f"s:{place}", "source": "s", "source_key": str(place)} for place, row in enumerate(rows)
    ]
)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Records, who states which identifier, evidence and decisions: what `members` gets."""
    n = draw(st.integers(1, 9))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] < pair[1])
    some = st.lists(ends, max_size=8, unique=True) if n > 1 else st.just([])
    matches, parted = draw(some), draw(some)
    stated = draw(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, n - 1)), max_size=8, unique=True))
    by_value: dict[str, list[int]] = {}
    for value, place in sorted(stated):
        by_value.setdefault(value, []).append(place)
    evidence = {(left, right, "comparison"): True for left, right in matches}
    evidence |= {(places[0], place, "identifier"): True for places in by_value.values() for place in places[1:]}
    evidence |= {(left, right, "decision"): False for left, right in parted}
    return {
        "records": [
            {"record_id": f"s:{place}", "source": "s", "source_key": f"{place}", "year": 2000} for place in range(n)
        ],
        "identifiers": [
            {"record_id": f"s:{place}", "scheme": "doi", "value": f"10.5555/{value}", "makes_identity": True}
            for value, place in stated
        ],
        "evidence": [
            {
                "record_id_l": f"s:{left}",
                "record_id_r": f"s:{right}",
                "rule": rule,
                "is_match": is_match,
                "level": "duplicate",
                "score": 0.99 if is_match else 0.01,
            }
            for (left, right, rule), is_match in evidence.items()
        ],
    }


TEXT = pa.string()
SCHEMAS = {
    "records": pa.schema({"record_id": TEXT, "source": TEXT, "source_key": TEXT, "year": pa.int32()}),
    "identifiers": pa.schema({"record_id": TEXT, "scheme": TEXT, "value": TEXT, "makes_identity": pa.bool_()}),
    "evidence": pa.schema(
        {
            "record_id_l": TEXT,
            "record_id_r": TEXT,
            "rule": TEXT,
            "is_match": pa.bool_(),
            "level": TEXT,
            "score": pa.float64(),
        }
    ),
}
DECISIONS = pa.schema({"decision_id": TEXT, "subject_l": TEXT, "subject_r": TEXT}).empty_table()
LARGE = pa.schema({"key": TEXT, "n_records": pa.int64()}).empty_table()


def _members(graph: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, str], dict[str, Any]]:
    tables = [pa.Table.from_pylist(graph[name], schema=schema) for name, schema in SCHEMAS.items()]
    (member,), facts = members({}, *tables, DECISIONS, LARGE)
    return {row["record_id"]: row["product_id"] for row in member.to_pylist()}, dict(facts)


@given(graphs(), st.randoms())
def test_products_do_not_depend_on_the_order_of_anything(graph: dict[str, Any], random: Any) -> None:
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in graph.items()}
    assert _members(shuffled) == _members(graph)


@given(graphs())
def test_clusters_are_components_cut_where_decisions_say(graph: dict[str, Any]) -> None:
    product_of, _ = _members(graph)
    matched = networkx.Graph()
    matched.add_nodes_from(product_of)
    matched.add_edges_from((row["record_id_l"], row["record_id_r"]) for row in graph["evidence"] if row["is_match"])
    parted = [(row["record_id_l"], row["record_id_r"]) for row in graph["evidence"] if not row["is_match"]]
    for left, right in parted:
        assert product_of[left] != product_of[right]
    for component in networkx.connected_components(matched):
        if not any(left in component and right in component for left, right in parted):
            assert len({product_of[record] for record in component}) == 1
    for record, product_id in product_of.items():
        together = next(component for component in networkx.connected_components(matched) if record in component)
        assert {other for other, theirs in product_of.items() if theirs == product_id} <= together


@given(graphs())
def test_each_cluster_has_an_id_of_its_own_from_its_best_identifier(graph: dict[str, Any]) -> None:
    product_of, _ = _members(graph)
    stated: dict[str, set[Pid]] = {product_id: set() for product_id in product_of.values()}
    for row in graph["identifiers"]:
        stated[product_of[row["record_id"]]].add(Pid(row["scheme"], row["value"]))
    holders = Counter(pid for pids in stated.values() for pid in pids)
    for product_id, pids in stated.items():
        if all(holders[pid] == 1 for pid in pids) and pids:
            assert product_id == id_of(best_pid(pids))  # type: ignore[arg-type]


@given(st.integers(1, 12), st.data())
def test_clusters_are_an_equivalence_relation(n: int, data: st.DataObject) -> None:
    ends = data.draw(st.lists(st.tuples(*[st.integers(0, n - 1)] * 3), max_size=20))
    array = np.array(ends, dtype=np.int64).reshape(-1, 3)
    links = Links(array[:, 0], array[:, 1], array[:, 2] % 3, np.ones(len(array)))
    leaders = cluster(n, links, np.zeros(n, np.int64), np.ones(n, np.bool_)).leaders
    assert (leaders[leaders] == leaders).all()
    assert (leaders <= np.arange(n)).all()
    assert (leaders[array[:, 0]] == leaders[array[:, 1]]).all()


@given(records)
@settings(max_examples=50)
def test_comparison_is_symmetric_and_reflexive(rows: list[dict[str, Any]]) -> None:
    comparables = [comparable_of(row) for row in rows]
    for left in comparables:
        for right in comparables:
            assert compare(left, right) == compare(right, left)
        if left.title_key and left.n_authors and not left.is_generic:
            assert compare(left, left).is_match


@given(
    st.lists(st.sampled_from(NAMES).map(str.casefold), max_size=5),
    st.lists(st.sampled_from(NAMES).map(str.casefold), max_size=5),
)
def test_shares_of_authors_are_shares(left: list[str], right: list[str]) -> None:
    found = compare_bylines([name_key(name) for name in left], [name_key(name) for name in right])
    assert found is None if not left or not right else found is not None and 0 <= found.share <= 1


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from(NAMES), max_size=6), st.lists(st.sampled_from(NAMES), max_size=6))
def test_matched_authors_are_matched_once(left: list[str], right: list[str]) -> None:
    found = matched_authors([{"full_name": name} for name in left], [{"full_name": name} for name in right])
    assert len(set(found.values())) == len(found)
