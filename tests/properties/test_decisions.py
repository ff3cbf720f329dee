"""What people decide binds, leaves no trace once undone, and ids stay where nothing changed."""

from __future__ import annotations

import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.deduplicate.api import deduplicate_records
from evigraph.deduplicate.product_ids import STEP as ALIASES
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD
from evigraph.store.ledger import Ledger
from graphs import synthetic_works

N_RECORDS = 8

#: Eight synthetic records: two told twice under one DOI, two alike in title and authors, four that stand alone.
TITLES = ("A synthetic study of imaginary clinics", "Another synthetic study, of nobody at all") * 2
RECORDS = [
    {
        "record_id": f"s{number % 2}:{number}",
        "source": f"s{number % 2}",
        "source_key": str(number),
        "type": "publication",
        "title": TITLES[number] if number < 4 else f"Entirely different synthetic work number {number}",
        "year": 2000 + number // 4,
        "authors": [{"rank": 1, "full_name": "Ada Nowak", "given_name": "Ada", "family_name": "Nowak"}],
        "pids": [{"scheme": "doi", "value": f"10.5555/{min(number, 6)}"}] if number >= 4 else [],
    }
    for number in range(N_RECORDS)
]
IDS = [str(record["record_id"]) for record in RECORDS]
PAIRS = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] != pair[1])
SAID = st.lists(st.tuples(st.sampled_from(["same", "different"]), PAIRS), min_size=1, max_size=5)


def clusters(decisions: list[dict[str, Any]]) -> set[frozenset[str]]:
    return {frozenset(cluster) for cluster in deduplicate_records(RECORDS, decisions=decisions).clusters}


def tables(records: list[dict[str, Any]], decisions: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Evidence, members and aliases as a run would write them."""
    stated = {"record": RECORD.from_rows(records), "decision": DECISION.from_rows(decisions)}
    made, _ = run_in_memory((*CLUSTERING, ALIASES), stated, {"level": "version"})
    return {name: sorted(map(str, made[name].to_pylist())) for name in ("evidence", "member", "alias")}


@cache
def undecided() -> dict[str, list[Any]]:
    return tables(RECORDS, [])


@given(SAID, st.randoms())
@settings(max_examples=5)
def test_undone_decisions_leave_no_trace(said: list[tuple[str, tuple[str, str]]], order: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        before = undecided()
        events = [ledger.decide(kind, *pair, "ana", "read both").event_id for kind, pair in said]
        tables(RECORDS, ledger.in_force())
        order.shuffle(events)
        for event_id in events:
            ledger.withdraw(event_id, "ana", "misread")
        assert ledger.in_force() == []
        assert tables(RECORDS, ledger.in_force()) == before
        # Undoing an undoing brings the decision back, and undoing that as well takes it away again.
        withdrawal = max((event for event in ledger.events() if event.kind == "withdrawn"), key=lambda e: e.ordinal)
        ledger.withdraw(withdrawal.event_id, "ana", "it was right")
        back = ledger.in_force()
        assert len(back) == 1
        ledger.withdraw(str(back[0]["decision_id"]), "ana", "no")
        assert ledger.in_force() == []


@given(SAID)
@settings(max_examples=8)
def test_decisions_in_force_bind(said: list[tuple[str, tuple[str, str]]]) -> None:
    latest = {frozenset(pair): kind for kind, pair in said}
    decisions = [
        {"decision_id": f"d{number}", "kind": kind, "subject_l": min(pair), "subject_r": max(pair), "actor": "ana"}
        for number, (pair, kind) in enumerate(latest.items())
    ]
    found = clusters(decisions)
    assert sorted(record for cluster in found for record in cluster) == sorted(IDS)
    together = {record: cluster for cluster in found for record in cluster}
    for pair, kind in latest.items():
        left, right = pair
        if kind == "different":
            assert right not in together[left]
    if "different" not in latest.values():
        for left, right in map(tuple, latest):
            assert right in together[left]
    assert clusters(decisions[::-1]) == found


def as_record(work: dict[str, Any], source: str, key: str, **stated: Any) -> dict[str, Any]:
    return {
        "record_id": f"{source}:{key}",
        "source": source,
        "source_key": key,
        "type": "publication",
        "title": work["title"][0],
        "year": work["issued"]["date-parts"][0][0],
        "authors": [
            {
                "rank": rank,
                "full_name": f"{a['given']} {a['family']}",
                "given_name": a["given"],
                "family_name": a["family"],
            }
            for rank, a in enumerate(work["author"], 1)
        ],
        "pids": [{"scheme": "doi", "value": work["DOI"].lower()}],
        **stated,
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ids_of_untouched_works_stay_when_new_records_arrive(seed: int) -> None:
    works = synthetic_works(2_100, seed=seed)
    source = random.Random(seed)
    old = [as_record(work, "crossref", work["DOI"]) for work in works[:2_000]]
    # A fifth is told again without identifiers, a fifth of those by another source with a PMID alone.
    old += [as_record(work, "openalex", f"W{n}", pids=[]) for n, work in enumerate(works[:2_000]) if n % 5 == 0]
    old += [
        as_record(work, "pubmed", str(n), pids=[{"scheme": "pmid", "value": str(n)}])
        for n, work in enumerate(works[:2_000])
        if n % 25 == 1
    ]
    # 5 % new records: half are new works, half tell again of old ones, some with an identifier that is theirs alone.
    n_new = len(old) // 20
    new = [as_record(work, "crossref", work["DOI"]) for work in works[2_000 : 2_000 + n_new // 2]]
    told_again = source.sample(works[:2_000], n_new - len(new))
    new += [
        as_record(work, "datacite", f"d{n}", pids=[{"scheme": "doi", "value": f"10.1/earlier.{n}"}] if n % 2 else [])
        for n, work in enumerate(told_again)
    ]
    parameters = {"level": "version"}
    before, _ = run_in_memory(CLUSTERING, {"record": RECORD.from_rows(old), "decision": DECISION.empty()}, parameters)
    both = RECORD.from_rows([*old, *new])
    after, _ = run_in_memory((*CLUSTERING, ALIASES), {"record": both, "decision": DECISION.empty()}, parameters)
    old_id = dict(zip(*(before["member"][name].to_pylist() for name in ("record_id", "product_id")), strict=True))
    new_id = dict(zip(*(after["member"][name].to_pylist() for name in ("record_id", "product_id")), strict=True))
    touched = {new_id[str(record["record_id"])] for record in new}
    untouched = [record_id for record_id in old_id if new_id[record_id] not in touched]
    assert len(untouched) > 0.9 * len(old_id)
    stable = sum(new_id[record_id] == old_id[record_id] for record_id in untouched)
    assert stable >= 0.999 * len(untouched), f"{stable} of {len(untouched)} ids stayed"
    # And where a better identifier came, the old id still answers, with the product that holds the record.
    answers = dict(zip(*(after["alias"][name].to_pylist() for name in ("alias", "product_id")), strict=True))
    for record_id, product_id in old_id.items():
        assert new_id[record_id] in (product_id, answers.get(product_id)), record_id
