from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import pytest

from evigraph.clean.current import belonging, current_records, newest_versions
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.model.said import AMENDMENT
from evigraph.model.tables import PAYLOAD, RECORD_TOLD, REFERENCE


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="512MB", threads=1)
    yield engine
    engine.close()


def told(key: str, payload: str, title: str, *, position: int = 0, is_deleted: bool = False) -> dict[str, Any]:
    return {
        "record_id": f"x:{key}",
        "source": "x",
        "source_key": key,
        "payload": payload,
        "position": position,
        "is_deleted": is_deleted,
        "title": title,
    }


ORDER = ibis.memtable(
    PAYLOAD.from_rows(
        [
            {"source": "x", "payload": name, "ordinal": ordinal, "sha256": name}
            # Harvested in this order, which is not that of their names.
            for ordinal, name in enumerate(["zero", "one", "a-later-one", "relations"])
        ]
    )
)


def titles(engine: DuckDBEngine, *rows: dict[str, Any]) -> dict[str, str]:
    found = engine.arrow(newest_versions(ibis.memtable(RECORD_TOLD.from_rows(list(rows))), ORDER)).to_pylist()
    return {row["record_id"]: row["title"] for row in found}


def test_what_was_harvested_last_counts(engine: DuckDBEngine) -> None:
    rows = [
        told("1", "zero", "old"),
        told("1", "a-later-one", "new"),
        told("1", "one", "middle"),
        told("2", "one", "b"),
    ]
    assert titles(engine, *rows) == {"x:1": "new", "x:2": "b"}


def test_a_withdrawn_record_is_gone_until_it_is_told_again(engine: DuckDBEngine) -> None:
    gone = [told("1", "zero", "old"), told("1", "one", "", is_deleted=True)]
    assert titles(engine, *gone) == {}
    assert titles(engine, *gone, told("1", "a-later-one", "back")) == {"x:1": "back"}


@pytest.mark.parametrize(
    ("subject", "field", "left"),
    [
        ("x:1", "objection", {"x:2"}),
        ("doi:10.5555/two", "objection", {"x:1"}),
        ("x:1", "retraction", {"x:1", "x:2"}),
        ("x:3", "objection", {"x:1", "x:2"}),
    ],
)
def test_what_an_author_objects_to_is_withheld_by_any_name(
    engine: DuckDBEngine, subject: str, field: str, left: set[str]
) -> None:
    rows = [told("1", "zero", "a"), told("2", "one", "b") | {"pids": [{"scheme": "doi", "value": "10.5555/two"}]}]
    said = {"amendment_id": "e", "subject": subject, "field": field, "before": "", "after": ""}
    tables = ibis.memtable(RECORD_TOLD.from_rows(rows)), ORDER, ibis.memtable(AMENDMENT.from_rows([said]))
    assert {row["record_id"] for row in engine.arrow(current_records(*tables)).to_pylist()} == left


def test_references_follow_the_version_that_counts(engine: DuckDBEngine) -> None:
    all_told = ibis.memtable(
        RECORD_TOLD.from_rows([told("1", "zero", "old"), told("1", "one", "new"), told("2", "zero", "b")])
    )
    current = newest_versions(all_told, ORDER)
    stated = [
        {"record_id": record, "payload": payload, "position": position, "pids": [], "text": f"{payload} {position}"}
        for record, payload, position in (
            ("x:1", "zero", 0),
            ("x:1", "zero", 1),
            ("x:1", "one", 0),
            ("x:2", "zero", 0),
            ("x:1", "relations", 5),
            ("x:unknown", "relations", 6),
        )
    ]
    found = engine.arrow(belonging(ibis.memtable(REFERENCE.from_rows(stated)), all_told, current)).to_pylist()
    assert sorted((row["record_id"], row["text"]) for row in found) == [
        ("x:1", "one 0"),
        ("x:1", "relations 5"),
        ("x:2", "zero 0"),
    ]
