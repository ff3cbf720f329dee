"""Batches gathered column by column."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.clean.batches import Rows
from evigraph.clean.columns import ReferenceColumns, batch_of
from evigraph.clean.listed import cleaned, identifying_doi, identifying_dois
from evigraph.clean.text import clean_line
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
    columns.add_many("synthetic:3", 4, [[("doi", "10.5555/2"), ("pmid", "3")], []], [None, "a"])
    columns.add_many("synthetic:4", 0, [], [])
    columns.add_many("synthetic:5", 0, [[("pmid", "4")]], ["b"])
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
        ("synthetic:3", 4, 2, None),
        ("synthetic:3", 5, 0, "a"),
        ("synthetic:5", 0, 1, "b"),
    ]


def _references(rows: Rows) -> list[dict[str, Any]]:
    told = [row for name, batch in rows.rest() if name == "reference" for row in batch.to_pylist()]
    return sorted(told, key=lambda row: (row["record_id"], row["position"]))


def test_a_list_of_references_is_the_same_as_each_of_them() -> None:
    pids = [[Pid("doi", "10.5555/1"), Pid("pmid", "1"), Pid("doi", "10.5555/1")], [], [Pid("pmid", "2")]]
    texts: list[str | None] = ["one", "two", None]
    one_by_one, at_once = Rows("synthetic", "file.json"), Rows("synthetic", "file.json")
    for rows in (one_by_one, at_once):
        rows.reference_list(pids, texts)  # of no record: ignored
        assert rows.record({"source_key": "1", "position": 0})
        rows.reference({"text": "before"})
    for ids, text in zip(pids, texts, strict=True):
        one_by_one.reference({"pids": ids, "text": text})
    at_once.reference_list(pids, texts)
    for rows in (one_by_one, at_once):
        rows.reference({"text": "after"})
    found = [_references(rows) for rows in (one_by_one, at_once)]
    assert found[0] == found[1]
    assert [row["position"] for row in found[0]] == [0, 1, 2, 3, 4]


def test_stated_references_are_cleaned_and_keep_their_places() -> None:
    rows = Rows("synthetic", "file.json")
    rows.references(["10.5555/1"], ["of no record: ignored"])
    assert rows.record({"source_key": "1", "position": 0})
    rows.reference({"text": "before"})
    rows.references(["https://doi.org/10.5555/A", "10.5555/undefined", None], [" one", "&amp; <i>two</i>", ""])
    rows.references([], [])
    rows.references(["10.5555/B"], [None])
    rows.reference({"text": "after"})
    told = [(row["position"], [pid["value"] for pid in row["pids"]], row["text"]) for row in _references(rows)]
    assert told == [
        (0, [], "before"),
        (1, ["10.5555/a"], "one"),
        (2, [], "& two"),
        (3, [], None),
        (4, ["10.5555/b"], None),
        (5, [], "after"),
    ]


def test_a_surrogate_costs_a_text_nothing_and_a_doi_its_entry() -> None:
    rows = Rows("synthetic", "file.json")
    assert rows.record({"source_key": "1", "position": 3})
    rows.references(["10.5555/1", "10.5555/\udc00", None], ["good", "bad", "lone \udc00"])
    told = [(name, row) for name, batch in rows.rest() for row in batch.to_pylist()]
    assert [(row["position"], row["text"]) for name, row in told if name == "reference"] == [(0, "good"), (2, "lone")]
    (defect,) = (row for name, row in told if name == "defect")
    assert (defect["code"], defect["position"], defect["is_record_lost"]) == ("contract", 3, False)


PIECES = st.sampled_from(
    [
        *("a", "Z", "9", " ", "  ", ".", "&", "& ", "&amp;", "<", "<i>", "</i>", "\xa0", "\u00e9", "e", "\u0301"),
        *("\u03a2", "\u03c9", "\u2013", "\u201c", "\u2212", "\n", "\t", "\x7f", "\ufffc", "\ud800", "\U0001f600", "~"),
    ]
)
TEXTS = st.one_of(st.none(), st.lists(PIECES, max_size=6).map("".join), st.text(max_size=8))


@settings(max_examples=500)
@given(st.lists(TEXTS, max_size=5))
def test_a_column_of_texts_is_cleaned_as_each_of_them(texts: list[str | None]) -> None:
    assert cleaned(texts).to_pylist() == [clean_line(text) for text in texts]


DOI_PIECES = st.sampled_from(
    [
        *(
            "10.",
            "1234",
            "10.5555/",
            "10.1000/",
            "182",
            "10.123456789/",
            "/",
            "a",
            "Z",
            "(",
            "%2F",
            "%",
            " ",
            "\n",
            ".",
        ),
        *(
            "0000",
            "none",
            "N/A",
            "undefined",
            "xxx",
            "tbd",
            "test",
            "doi:",
            "https://doi.org/",
            "\u00e9",
            "\u00c9",
            "$",
        ),
        *("insert your doi", "xyz123", "10.1000/xyz123", "your-doi", "nature", "12345678", "\u212a", "\x85"),
    ]
)


@settings(max_examples=500)
@given(st.lists(st.one_of(st.none(), st.lists(DOI_PIECES, max_size=5).map("".join)), max_size=5))
def test_a_column_of_dois_is_normalised_as_each_of_them(stated: list[str | None]) -> None:
    assert identifying_dois(stated).to_pylist() == [identifying_doi(doi) for doi in stated]
