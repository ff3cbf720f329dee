from __future__ import annotations

from typing import Any

import pyarrow as pa

from evigraph.deduplicate.members import members
from evigraph.model.tables import DECISION, EVIDENCE, RECORD, STATED_PID


def facts_of(*pairs: tuple[str, str, float]) -> dict[str, Any]:
    """What clustering says of records a to e, and the score of each pair: matches above 0.5."""
    records = [{"record_id": f"s:{key}", "source": "s", "source_key": key, "year": 2000} for key in "abcde"]
    evidence = [
        {
            "record_id_l": f"s:{left}",
            "record_id_r": f"s:{right}",
            "rule": "comparison",
            "is_match": score > 0.5,
            "level": "duplicate",
            "score": score,
        }
        for left, right, score in pairs
    ]
    large = pa.schema({"key": pa.string(), "n_records": pa.int64()}).empty_table()
    _, facts = members(
        {}, RECORD.from_rows(records), STATED_PID.empty(), EVIDENCE.from_rows(evidence), DECISION.empty(), large
    )
    return dict(facts)


def test_sizes_and_the_largest_are_told() -> None:
    facts = facts_of(("a", "b", 0.999), ("b", "c", 0.999), ("a", "c", 0.999))
    assert facts["cluster_sizes"] == {1: 2, 3: 1}
    assert [row["n_records"] for row in facts["largest_products"]] == [3]
    assert (facts["n_contradictions"], facts["contradicted_products"]) == (0, [])


def test_what_speaks_against_a_product_is_told_and_open_pairs_do_not() -> None:
    facts = facts_of(("a", "b", 0.9999), ("b", "c", 0.9999), ("a", "c", 0.01), ("d", "e", 0.5))
    assert facts["cluster_sizes"] == {1: 2, 3: 1}
    assert facts["n_contradictions"] == 1
    (told,) = facts["contradicted_products"]
    assert told["n_pairs"] == 1
    assert told["product_id"] == facts["largest_products"][0]["product_id"]
    assert facts_of(("a", "b", 0.9999), ("b", "c", 0.9999), ("a", "c", 0.45))["n_contradictions"] == 0
