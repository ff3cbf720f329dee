from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from evigraph.engine.contract import conforming, ibis_type
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.enrich.registries import product_entities, record_marks
from evigraph.model.entities import ENTITY_LINK, ISSN_LINK, JOURNAL, PRODUCT_ENTITY, RECORD_MARK, RETRACTION
from evigraph.model.table import Table
from evigraph.model.tables import MEMBER, RECORD

Row = dict[str, Any]
NAMED = {"source": "retractions", "payload": "p", "position": 0}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="512MB", threads=1)
    yield engine
    engine.close()


def table(contract: Table, rows: list[Row]) -> ir.Table:
    schema = ibis.schema({column.name: ibis_type(column.type) for column in contract.columns})
    return ibis.memtable(contract.from_rows(rows), schema=schema)


def record(key: str, *pids: tuple[str, str], **container: str) -> Row:
    return {
        "record_id": f"crossref:{key}",
        "source": "crossref",
        "source_key": key,
        "payload": "p",
        "position": 0,
        "is_deleted": False,
        "pids": [{"scheme": scheme, "value": value} for scheme, value in pids],
        "container": container or None,
    }


def report(key: str, nature: str | None, on: str | None, *pids: tuple[str, str]) -> Row:
    stated = [{"scheme": scheme, "value": value} for scheme, value in pids]
    row = {"retraction_id": f"retractions:{key}", "source_key": key, "nature": nature, "noticed_on": on}
    return {**NAMED, **row, "original_pids": stated}


def link(issn: str, linking: str) -> Row:
    return {"issn": issn, "issn_linking": linking, "source": "issn_l", "payload": "p"}


def marks(engine: DuckDBEngine, records: list[Row], reports: list[Row], links: list[Row]) -> dict[str, Row]:
    made = record_marks(table(RECORD, records), table(RETRACTION, reports), table(ISSN_LINK, links))
    return {row.pop("record_id"): row for row in engine.arrow(conforming(RECORD_MARK, made)).to_pylist()}


DOI = ("doi", "10.5555/1")


@pytest.mark.parametrize(
    ("reports", "is_retracted"),
    [
        ([report("1", "Retraction", "2020-01-01", DOI)], True),
        ([report("1", "retraction", None, DOI)], True),
        ([report("1", "Expression of concern", "2020-01-01", DOI)], False),
        ([report("1", "Correction", "2020-01-01", DOI)], False),
        ([report("1", None, None, DOI)], False),
        ([report("1", "Retraction", "2020-01-01", ("doi", "10.5555/2"))], False),
        ([report("1", "Retraction", "2020-01-01", ("pmid", "10.5555/1"))], False),
        ([report("1", "Retraction", "2020-01-01", DOI), report("2", "Reinstatement", "2021", DOI)], False),
        ([report("1", "Retraction", "2020-01-01", DOI), report("2", "Reinstatement", None, DOI)], False),
        ([report("1", "Retraction", "2020-01-01", DOI), report("2", "Reinstatement", "2020-01-01", DOI)], False),
        ([report("1", "Retraction", "2022-01-01", DOI), report("2", "Reinstatement", "2021", DOI)], True),
    ],
)
def test_a_retraction_counts_until_it_is_taken_back(
    engine: DuckDBEngine, reports: list[Row], is_retracted: bool
) -> None:
    found = marks(engine, [record("a", DOI)], reports, [])
    assert found == (
        {"crossref:a": {"retracted_by": ["retractions:1"], "issn_linking": None, "issn_linking_by": None}}
        if is_retracted
        else {}
    )


def test_every_report_is_named_once(engine: DuckDBEngine) -> None:
    reports = [
        report("2", "Retraction", "2020", ("pmid", "1"), DOI),
        report("1", "Retraction", "2019", ("pmid", "1")),
    ]
    found = marks(engine, [record("a", DOI, ("pmid", "1"))], reports, [])
    assert found["crossref:a"]["retracted_by"] == ["retractions:1", "retractions:2"]


def test_an_issn_l_fills_a_gap_and_corrects_nothing(engine: DuckDBEngine) -> None:
    records = [
        record("print", issn_print="0317-8471", issn_online="2434-561X"),
        record("online", issn_online="2434-561X"),
        record("stated", issn_print="0317-8471", issn_linking="1050-124X"),
        record("unknown", issn_print="0378-5955"),
        record("bare"),
        record("both", DOI, issn_print="0317-8471"),
    ]
    links = [link("0317-8471", "0317-8471"), link("2434-561X", "1050-124X")]
    found = marks(engine, records, [report("1", "Retraction", "2020", DOI)], links)
    assert {key: (row["issn_linking"], row["issn_linking_by"]) for key, row in found.items()} == {
        "crossref:print": ("0317-8471", "issn_l:0317-8471"),
        "crossref:online": ("1050-124X", "issn_l:2434-561X"),
        "crossref:both": ("0317-8471", "issn_l:0317-8471"),
    }
    assert found["crossref:both"]["retracted_by"] == ["retractions:1"]


def test_what_a_product_belongs_to(engine: DuckDBEngine) -> None:
    records = [record("a", DOI, issn_print="0317-8471", issn_online="2434-561X"), record("b", issn_linking="1050-124X")]
    members = [{"record_id": f"crossref:{key}", "product_id": "P"} for key in "ab"]
    links = [
        {
            "left_id": left,
            "relation": "isProducedBy",
            "right_id": "openaire:x",
            "left_kind": kind,
            "right_kind": "project",
            "sources": ["openaire"],
        }
        for left, kind in (("crossref:a", "product"), ("crossref:gone", "product"), ("openaire:o", "organization"))
    ]
    journals = [
        {"journal_id": "doaj:1", "source_key": "1", "issn_print": "0317-8471", "issn_online": "2434-561X"},
        {"journal_id": "doaj:2", "source_key": "2", "issn_online": "1050-124X"},
        {"journal_id": "doaj:3", "source_key": "3", "issn_online": "0378-5955"},
    ]
    made = product_entities(
        table(ENTITY_LINK, links),
        table(JOURNAL, [{**NAMED, **row, "source": "doaj"} for row in journals]),
        table(RETRACTION, [report("1", "Expression of concern", "2020", DOI)]),
        table(RECORD, records),
        table(MEMBER, members),
    )
    rows = engine.arrow(conforming(PRODUCT_ENTITY, made)).to_pylist()
    assert sorted((row["kind"], row["relation"], row["entity_id"], *row["sources"]) for row in rows) == [
        ("journal", "IsPublishedIn", "doaj:1", "doaj"),
        ("journal", "IsPublishedIn", "doaj:2", "doaj"),
        ("project", "isProducedBy", "openaire:x", "openaire"),
        ("retraction", "IsReportedBy", "retractions:1", "retractions"),
    ]
    assert {row["product_id"] for row in rows} == {"P"}
