"""Batches gathered column by column."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from evigraph.clean.batches import Rows
from evigraph.clean.columns import ReferenceColumns, batch_of
from evigraph.model.pid import Pid
from evigraph.model.table import Table
from evigraph.model.tables import LINK, RECORD, REFERENCE


def record(number: int, **stated: Any) -> dict[str, Any]:
    return {
        "record_id": f"synthetic:{number}",
        "source": "synthetic",
        "source_key": str(number),
        "payload": "file.json",
        "position": number,
        "is_deleted": False,
        **stated,
    }


RECORDS = [
    record(
        0,
        title="Ämter",
        authors=[
            {"rank": 1, "full_name": "A B", "is_group": False, "affiliations": [{"name": "X", "ror_id": None}]},
            {"rank": 2, "full_name": "The Group", "is_group": True, "affiliations": []},
        ],
        container={"name": "Journal", "volume": "1"},
        instances=[{"urls": ["https://example.org"], "pids": [{"scheme": "doi", "value": "10.5555/1"}]}],
        descriptions=["One.", "Two."],
        year=2021,
    ),
    record(1, authors=[], container=None, descriptions=[], pids=None),
    record(2, title=None, authors=[{"rank": 1, "full_name": "C", "unknown_field": 1}], container={}),
]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (RECORD, RECORDS),
        (RECORD, RECORDS[:1]),
        (RECORD, RECORDS[1:2]),
        (LINK, [dict.fromkeys(("record_id", "payload", "relation", "scheme", "value"), "a")]),
    ],
)
def test_a_batch_is_what_arrow_makes_of_the_rows(table: Table, rows: list[dict[str, Any]]) -> None:
    batch = batch_of(table, rows)
    batch.validate(full=True)
    assert batch.equals(pa.RecordBatch.from_pylist(rows, schema=table.schema))


@pytest.mark.parametrize(
    "misfit",
    [{"title": 5}, {"title": "\ud800"}, {"extras": "text"}, {"container": "text"}, {"source": None}],
)
def test_what_does_not_fit_raises(misfit: dict[str, Any]) -> None:
    with pytest.raises((pa.ArrowException, ValueError, TypeError)):
        batch_of(RECORD, [record(1), record(2, **misfit)])


def test_references_keep_their_places_and_identifiers() -> None:
    columns = ReferenceColumns("file.json")
    columns.add("synthetic:1", 0, [("pmid", "1"), ("doi", "10.5555/1")], "first")
    columns.add("synthetic:1", 1, (), None)
    columns.add("synthetic:2", 0, (), "other")
    columns.add("synthetic:1", 2, [("pmid", "2")], "third")
    columns.add_dois("synthetic:3", 4, ["10.5555/2", None], [None, "a"])
    columns.add_dois("synthetic:4", 0, [], [])
    columns.add_dois("synthetic:5", 0, ["10.5555/3"], ["b"])
    batch = columns.batch()
    batch.validate(full=True)
    rows = list(columns.rows())
    assert batch.schema.equals(REFERENCE.schema)
    assert batch.to_pylist() == rows
    assert [(row["record_id"], row["position"], len(row["pids"]), row["text"]) for row in rows] == [
        ("synthetic:1", 0, 2, "first"),
        ("synthetic:1", 1, 0, None),
        ("synthetic:2", 0, 0, "other"),
        ("synthetic:1", 2, 1, "third"),
        ("synthetic:3", 4, 1, None),
        ("synthetic:3", 5, 0, "a"),
        ("synthetic:5", 0, 1, "b"),
    ]


def test_a_list_of_references_is_the_same_as_each_of_them() -> None:
    dois: list[str | None] = ["10.5555/1", None, "10.5555/2"]
    texts: list[str | None] = ["one", "two", None]
    one_by_one, at_once = Rows("synthetic", "file.json"), Rows("synthetic", "file.json")
    for rows in (one_by_one, at_once):
        rows.references(dois, texts)  # of no record: ignored
        assert rows.record({"source_key": "1", "position": 0})
        rows.reference({"text": "before"})
    for doi, text in zip(dois, texts, strict=True):
        one_by_one.reference({"pids": [Pid("doi", doi)] if doi else [], "text": text})
    at_once.references(dois, texts)
    for rows in (one_by_one, at_once):
        rows.reference({"text": "after"})
    batches = [dict(rows.rest())["reference"] for rows in (one_by_one, at_once)]
    assert batches[0].equals(batches[1])
    assert batches[0].column("position").to_pylist() == [0, 1, 2, 3, 4]


def test_one_bad_reference_of_a_list_costs_itself_only() -> None:
    rows = Rows("synthetic", "file.json")
    assert rows.record({"source_key": "1", "position": 3})
    rows.references(["10.5555/1", "10.5555/2", None], ["good", "lone \udc00", "good too"])
    told = [(name, row) for name, batch in rows.rest() for row in batch.to_pylist()]
    assert [row["position"] for name, row in told if name == "reference"] == [0, 2]
    (defect,) = (row for name, row in told if name == "defect")
    assert (defect["code"], defect["position"], defect["is_record_lost"]) == ("contract", 3, False)
