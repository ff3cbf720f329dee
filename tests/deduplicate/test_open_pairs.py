from __future__ import annotations

from typing import Any

from evigraph.deduplicate.open_pairs import STEP
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import EVIDENCE, MEMBER


def row(left: str, right: str, verdict: str = "open", **stated: Any) -> dict[str, Any]:
    usual = {"record_id_l": left, "record_id_r": right, "rule": "comparison", "verdict": verdict, "level": "duplicate"}
    return {**usual, "is_match": verdict == "match", "score": 0.5, "explanation": "why", **stated}


def asked(evidence: list[dict[str, Any]], **members: str) -> list[tuple[str, str]]:
    """The pairs that are asked, in their order; records are a, b, c, …, each a product of its own unless told."""
    names = {name for each in evidence for name in (each["record_id_l"], each["record_id_r"])}
    member = [{"record_id": name, "product_id": members.get(name, f"p-{name}")} for name in sorted(names)]
    given = {"evidence": EVIDENCE.from_rows(evidence), "member": MEMBER.from_rows(member)}
    tables, _ = run_in_memory([STEP], given, {})
    rows = sorted(tables["open_pair"].to_pylist(), key=lambda each: each["place"])
    assert [each["place"] for each in rows] == list(range(1, len(rows) + 1))
    return [(each["record_id_l"], each["record_id_r"]) for each in rows]


def test_only_open_pairs_are_asked_the_surest_first_and_versions_last() -> None:
    evidence = [
        row("a", "b", score=0.4),
        row("a", "c", score=0.9, level="version"),
        row("c", "d", score=0.6),
        row("d", "e", "no"),
        row("e", "f", "match"),
    ]
    assert asked(evidence) == [("c", "d"), ("a", "b"), ("a", "c")]


def test_what_is_one_product_is_not_asked() -> None:
    assert asked([row("a", "b"), row("b", "c")], a="p", b="p") == [("b", "c")]


def test_two_products_are_asked_about_once() -> None:
    evidence = [row("a", "c", score=0.4), row("b", "c", score=0.7), row("b", "d", score=0.6)]
    assert asked(evidence, a="p", b="p", c="q", d="q") == [("b", "c")]


def test_what_a_person_decided_is_not_asked_again() -> None:
    assert asked([row("a", "b"), row("a", "b", "no", rule="decision", score=None)]) == []
