from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.merge import merge_records

Make = Callable[..., dict[str, Any]]
REPORT = "retractions:1"


def said(product: dict[str, Any], field: str) -> list[str]:
    (found,) = [entry["record_ids"] for entry in product["provenance"] if entry["field"] == field]
    return list(found)


def test_a_registry_is_named_as_the_one_who_said_it(record: Make) -> None:
    row = record("pubmed", "1", is_retracted=False, container={"name": "Journal", "issn_linking": None})
    mark = {"retracted_by": [REPORT], "issn_linking": "0317-8471", "issn_linking_by": "issn_l:2434-561X"}
    product = merge_records("id", [row | mark])
    assert product["is_retracted"] is True
    assert product["container"]["issn_linking"] == "0317-8471"
    assert said(product, "is_retracted") == [REPORT]
    assert said(product, "container.issn_linking") == ["issn_l:2434-561X"]
    assert said(product, "title") == ["pubmed:1"]
    assert row["is_retracted"] is False and row["container"]["issn_linking"] is None


def test_a_record_that_says_so_itself_is_named_beside_the_registry(record: Make) -> None:
    itself = record("crossref", "a", is_retracted=True) | {"retracted_by": [REPORT]}
    silent = record("pubmed", "1", is_retracted=False) | {"retracted_by": [REPORT]}
    other = record("openalex", "W1", is_retracted=False)
    product = merge_records("id", [silent, other, itself])
    assert said(product, "is_retracted") == ["crossref:a", REPORT]


def test_without_marks_nothing_changes(record: Make) -> None:
    row = record("pubmed", "1")
    empty = dict.fromkeys(("retracted_by", "issn_linking", "issn_linking_by"))
    assert merge_records("id", [row | empty]) == merge_records("id", [row])


@pytest.mark.parametrize("n_records", [1, 2])
def test_marks_reach_the_product(deduplicate: Callable[..., Any], record: Make, n_records: int) -> None:
    doi = ["doi:10.5555/marked"]
    rows = [record(source, "1", pids=doi, is_retracted=False) for source in ("crossref", "pubmed")[:n_records]]
    mark = {"record_id": "crossref:1", "retracted_by": [REPORT]}
    (product,) = deduplicate(rows, marks=[mark]).rows("product")
    assert product["is_retracted"] is True
    assert said(product, "is_retracted") == [REPORT]
    (unmarked,) = deduplicate(rows).rows("product")
    assert unmarked["is_retracted"] is False
