"""What new records do to the works that were there: nothing to those with which they share no block, and the ids of
the others stay."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD

TITLES = (
    "Imaginary networks of melancholia",
    "Imaginary networks of melancholia, part 2",
    "Editorial",
    "Peer support of sailors during long voyages",
    "Sailors during long voyages and their peer support",
)
NAMES = ("Nowak, Ada", "Nowak, A", "Okoro, Ben")


def _row(place: int, **stated: Any) -> dict[str, Any]:
    told = {"record_id": f"s:{place:05}", "source": "s", "source_key": f"{place:05}", "payload": "", "position": place}
    return told | {"is_deleted": False, "type": "publication"} | stated


rows_of_record = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(TITLES) | st.none(),
            "authors": st.lists(st.sampled_from(NAMES).map(lambda name: {"full_name": name}), max_size=2),
            "year": st.sampled_from([1990, 1991, 2010, None]),
            "pids": st.lists(st.sampled_from("ab"), max_size=1).map(
                lambda ends: [{"scheme": "doi", "value": f"10.5555/{end}"} for end in ends]
            ),
        }
    ),
    min_size=2,
    max_size=10,
).map(lambda rows: [_row(place, **row) for place, row in enumerate(rows)])


def _run(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    tables, _ = run_in_memory(CLUSTERING, {"record": RECORD.from_rows(rows), "decision": DECISION.empty()}, {})
    return {name: tables[name].to_pylist() for name in ("block_key", "evidence", "member")}


def _clusters(tables: dict[str, list[dict[str, Any]]]) -> dict[str, frozenset[str]]:
    """The records of each product."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables["member"]:
        found[row["product_id"]].add(row["record_id"])
    return {product_id: frozenset(records) for product_id, records in found.items()}


@given(rows_of_record, st.data())
@settings(max_examples=15)
def test_a_record_changes_no_cluster_with_which_it_shares_no_block(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Nor one that evidence ties to none that shares a block with it."""
    added = data.draw(st.sampled_from(rows))["record_id"]
    before, after = _run([row for row in rows if row["record_id"] != added]), _run(rows)
    keys = {row["key"] for row in after["block_key"] if row["record_id"] == added}
    touched = {row["record_id"] for row in after["block_key"] if row["key"] in keys} | {added}
    while True:
        tied = {
            end
            for row in after["evidence"] + before["evidence"]
            for ends in [(row["record_id_l"], row["record_id_r"])]
            if not touched.isdisjoint(ends)
            for end in ends
        }
        if tied <= touched:
            break
        touched |= tied
    untouched = {cluster for cluster in _clusters(before).values() if touched.isdisjoint(cluster)}
    assert untouched <= set(_clusters(after).values())


def test_ids_of_untouched_works_stay_when_new_records_arrive() -> None:
    """Of 1,500 records, 5 % arrive later: of the works that gain none, at least 99.9 % keep their id."""
    draw = random.Random(4)
    syllables = [first + second for first in "bdfgklmnprst" for second in "aeiou"]
    words = ["".join(draw.choices(syllables, k=4)) for _ in range(900)]
    rows: list[dict[str, Any]] = []
    while len(rows) < 1500:
        work = len(rows)
        told = {
            "title": " ".join(draw.sample(words, 7)),
            "authors": [{"full_name": f"{draw.choice(words)}, {draw.choice('abcdef')}"} for _ in range(3)],
            "year": draw.randrange(1990, 2020),
        }
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            pids = [{"scheme": "doi", "value": f"10.5555/{work}"}] if draw.random() < 0.6 else []
            rows.append(_row(len(rows), **told, pids=pids))
    new = {row["record_id"] for row in draw.sample(rows, len(rows) // 20)}
    before, after = _clusters(_run([row for row in rows if row["record_id"] not in new])), _clusters(_run(rows))
    untouched = {records: product_id for product_id, records in after.items() if new.isdisjoint(records)}
    assert len(untouched) > 700
    n_stable = sum(before.get(product_id) == records for records, product_id in untouched.items())
    assert n_stable >= 0.999 * len(untouched)
