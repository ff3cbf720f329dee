from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from evigraph.deduplicate.instances import AUTHORS_ORIGINAL
from evigraph.deduplicate.products import products
from evigraph.model.entities import RECORD_MARK
from evigraph.model.tables import PRODUCT, RECORD

Make = Callable[..., dict[str, Any]]
SCHEMA = pa.schema([*RECORD.schema, pa.field("product_id", pa.string()), *list(RECORD_MARK.schema)[1:]])


def test_single_and_merged_products_in_one_batch(record: Make) -> None:
    rows = [
        record("crossref", "a") | {"product_id": "p"},
        record("crossref", "b") | {"product_id": "q", "descriptions": ["short", "the longer one"]},
        record("pubmed", "1") | {"product_id": "p"},
        record("pubmed", "2")
        | {"product_id": "r", "instances": [{"access_right": "c_abf2", "refereed": "peerReviewed"}]},
    ]
    answer = products(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))
    assert answer.schema == PRODUCT.schema
    made = {row["product_id"]: row for row in answer.to_pylist()}
    assert set(made) == {"p", "q", "r"}
    assert made["p"]["record_ids"] == ["crossref:a", "pubmed:1"]
    assert made["q"]["descriptions"] == ["the longer one", "short"]
    assert (made["r"]["access_right"], made["r"]["is_peer_reviewed"]) == ("c_abf2", True)
    assert made["r"]["provenance"] == []


def test_an_empty_batch(record: Make) -> None:
    assert products(pa.RecordBatch.from_pylist([], schema=SCHEMA)).num_rows == 0


def test_a_slice_counts_only_its_own_rows(record: Make) -> None:
    rows = [
        record("crossref", key) | {"product_id": key, "instances": [{"access_right": right}]}
        for key, right in zip("abc", ("c_abf2", "c_14cb", "c_16ec"), strict=True)
    ]
    answer = products(pa.RecordBatch.from_pylist(rows, schema=SCHEMA).slice(1))
    assert [(row["product_id"], row["access_right"]) for row in answer.to_pylist()] == [
        ("b", "c_14cb"),
        ("c", "c_16ec"),
    ]


def test_a_preprint_alone_has_the_version_that_it_has_when_merged(record: Make) -> None:
    copies = [{"resource_type": "Preprint", "urls": ["https://x.example"]}, {"resource_type": "Article"}]
    rows = [record("datacite", key) | {"product_id": key, "instances": copies} for key in "ab"]
    rows.append(record("crossref", "c") | {"product_id": "c", "instances": None})
    alone = {row["product_id"]: row for row in products(pa.RecordBatch.from_pylist(rows, schema=SCHEMA)).to_pylist()}
    # Two abstracts take the way that merged products take.
    rows[0]["descriptions"] = ["short", "longer one"]
    ways = {row["product_id"]: row for row in products(pa.RecordBatch.from_pylist(rows, schema=SCHEMA)).to_pylist()}
    assert alone["a"]["instances"] == ways["a"]["instances"] == ways["b"]["instances"]
    assert [copy["version_type"] for copy in alone["a"]["instances"]] == [AUTHORS_ORIGINAL, None]
    assert alone["c"]["instances"][0]["version_type"] is None
