"""The collector of a crosswalk's rows."""

from __future__ import annotations

from typing import Any

import pytest

from evigraph.clean import batches
from evigraph.clean.batches import Rows
from evigraph.model.pid import Pid
from evigraph.model.tables import TABLES


def told(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, batch in rows.rest():
        assert batch.schema.equals(TABLES[name].schema)
        tables.setdefault(name, []).extend(batch.to_pylist())
    return tables


def test_defaults_are_filled_in() -> None:
    rows = Rows("synthetic", "file.json")
    assert rows.record(
        {
            "source_key": "1",
            "position": 7,
            "published_on": "2021-03",
            "pids": [Pid("doi", "10.5555/1"), Pid("doi", "10.5555/1"), {"scheme": "pmid", "value": "1"}],
            "authors": [{"full_name": "A B", "rank": 4}, {"full_name": "C D"}],
            "instances": [{"resource_type": "Article", "urls": None}],
            "subjects": None,
        }
    )
    (record,) = told(rows)["record"]
    assert record["record_id"] == "synthetic:1"
    assert (record["source"], record["payload"], record["position"]) == ("synthetic", "file.json", 7)
    assert (record["is_deleted"], record["is_retracted"]) == (False, False)
    assert (record["language"], record["year"]) == ("und", 2021)
    assert record["pids"] == [{"scheme": "doi", "value": "10.5555/1"}, {"scheme": "pmid", "value": "1"}]
    assert [author["rank"] for author in record["authors"]] == [1, 2]
    assert record["authors"][0]["affiliations"] == []
    lists = ("alternative_titles", "descriptions", "subjects", "alternate_ids", "funding", "extras")
    assert all(record[name] == [] for name in lists)
    assert record["instances"][0]["urls"] == record["instances"][0]["pids"] == []


def test_references_and_links_belong_to_the_last_record() -> None:
    rows = Rows("synthetic", "file.json")
    for key in ("1", "2"):
        assert rows.record({"source_key": key, "position": int(key)})
        rows.reference({"pids": [Pid("doi", f"10.5555/{key}")]})
        rows.reference({"text": "a reference"})
        rows.link({"relation": "References", "scheme": "doi", "value": "10.5555/9", "note": "CommentOn"})
        rows.link({"relation": "References", "scheme": "doi", "value": "10.5555/9", "note": "ReplyTo"})
        rows.link({"relation": "References", "scheme": "doi", "value": "10.5555/9", "note": "CommentOn"})
    tables = told(rows)
    assert [(row["record_id"], row["payload"], row["position"]) for row in tables["reference"]] == [
        ("synthetic:1", "file.json", 0),
        ("synthetic:1", "file.json", 1),
        ("synthetic:2", "file.json", 0),
        ("synthetic:2", "file.json", 1),
    ]
    assert [(row["record_id"], row["note"]) for row in tables["link"]] == [
        ("synthetic:1", "CommentOn; ReplyTo"),
        ("synthetic:2", "CommentOn; ReplyTo"),
    ]


def test_statements_may_name_their_record() -> None:
    rows = Rows("synthetic", "relations.json")
    rows.reference({"record_id": "synthetic:1", "pids": [Pid("pmid", "5")]}, at=0)
    rows.reference({"record_id": "synthetic:2"}, at=1)
    rows.reference({"record_id": "synthetic:1"}, at=2)
    for _ in range(2):
        rows.link({"record_id": "synthetic:1", "relation": "Cites", "scheme": "pmid", "value": "5"}, at=3)
    first = told(rows)
    rows.link({"record_id": "synthetic:1", "relation": "Cites", "scheme": "pmid", "value": "5"}, at=4)
    rows.reference({"record_id": "synthetic:1"}, at=5)
    second = told(rows)
    assert [(row["record_id"], row["position"]) for row in first["reference"] + second["reference"]] == [
        ("synthetic:1", 0),
        ("synthetic:2", 0),
        ("synthetic:1", 1),
        ("synthetic:1", 2),
    ]
    assert len(first["link"]) == 1 and "link" not in second


@pytest.mark.parametrize(
    "misfit",
    [{"title": 5}, {"title": "lone \ud800"}, {"authors": [{"full_name": ["A"]}]}, {"year": 10**12}, {"extras": "text"}],
)
def test_what_does_not_fit_costs_its_record_only(misfit: dict[str, Any]) -> None:
    rows = Rows("synthetic", "file.json")
    for position in range(20):
        rows.record({"source_key": str(position), "position": position, **(misfit if position == 13 else {})})
        rows.reference({"text": "a reference"})
    tables = told(rows)
    assert [row["position"] for row in tables["record"]] == [n for n in range(20) if n != 13]
    assert all(row["record_id"] != "synthetic:13" for row in tables["reference"])
    assert len(tables["reference"]) == 19
    (defect,) = tables["defect"]
    assert (defect["code"], defect["position"], defect["is_record_lost"]) == ("contract", 13, True)
    assert (rows.n_records, rows.n_lost) == (19, 1)


@pytest.mark.parametrize("bad", [{"unknown_column": 1}, {"source_key": ""}, {"source_key": None}])
def test_records_without_key_or_with_unknown_columns_are_refused(bad: dict[str, Any]) -> None:
    rows = Rows("synthetic", "file.json")
    assert not rows.record({"source_key": "1", "position": 3, **bad})
    rows.reference({"text": "of a refused record"})
    tables = told(rows)
    assert set(tables) == {"defect"}
    assert (tables["defect"][0]["code"], tables["defect"][0]["position"]) == ("contract", 3)


def test_a_reference_that_does_not_fit_costs_itself_only() -> None:
    rows = Rows("synthetic", "file.json")
    rows.record({"source_key": "1", "position": 0})
    rows.reference({"text": "good"})
    rows.reference({"text": "lone \udc00"})
    rows.link({"relation": "Cites", "scheme": "doi", "value": None})
    tables = told(rows)
    assert [row["text"] for row in tables["reference"]] == ["good"]
    assert [(row["code"], row["is_record_lost"]) for row in tables["defect"]] == [("contract", False)] * 2
    assert [row["ordinal"] for row in tables["defect"]] == [0, 1]
    assert len(tables["record"]) == 1


def test_a_repeated_record_is_counted_and_the_first_stays() -> None:
    rows = Rows("synthetic", "file.json")
    assert rows.record({"source_key": "1", "position": 0, "title": "first"})
    list(rows.rest())
    assert not rows.record({"source_key": "1", "position": 1, "title": "second"})
    (defect,) = told(rows)["defect"]
    assert (defect["code"], defect["position"], defect["is_record_lost"]) == ("repeated_record", 1, True)


def test_equal_defects_of_a_record_are_numbered_across_batches() -> None:
    rows = Rows("synthetic", "file.json")
    rows.defect(-1, "gzip_truncated", "one\nline", True)
    rows.defect(4, "bad_date", "first \ud800", False)
    before = told(rows)["defect"]
    rows.defect(4, "bad_date", "second", False)
    rows.defect(-1, "gzip_truncated", "again", True)
    after = told(rows)["defect"]
    keys = [(row["position"], row["code"], row["ordinal"]) for row in before + after]
    assert keys == [
        (-1, "gzip_truncated", 0),
        (4, "bad_date", 0),
        (4, "bad_date", 1),
        (-1, "gzip_truncated", 1),
    ]
    assert [row["message"] for row in before] == ["one line", "first ?"]


def test_batches_leave_when_they_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 10)
    rows = Rows("synthetic", "file.json")
    sizes = []
    for position in range(25):
        rows.record({"source_key": str(position), "position": position})
        sizes += [batch.num_rows for _, batch in rows.full()]
    assert sizes == [10, 10]
    assert [batch.num_rows for _, batch in rows.rest()] == [5]
    assert list(rows.rest()) == []


def test_large_records_leave_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1000)
    rows = Rows("synthetic", "file.json")
    rows.record({"source_key": "1", "position": 0}, size=999)
    assert list(rows.full()) == []
    rows.record({"source_key": "2", "position": 1}, size=1)
    assert [batch.num_rows for _, batch in rows.full()] == [2]
