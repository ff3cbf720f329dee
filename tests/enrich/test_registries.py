from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from evigraph.engine.contract import conforming, ibis_type
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.enrich.claims import claimed_links
from evigraph.enrich.registries import product_entities, record_marks
from evigraph.model.entities import ENTITY_LINK, ISSN_LINK, JOURNAL, PRODUCT_ENTITY, RECORD_MARK, RETRACTION
from evigraph.model.said import AMENDMENT, CLAIM, CLAIMED_LINK
from evigraph.model.table import Table
from evigraph.model.tables import IDENTIFIER, MEMBER, RECORD

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


#: What registries add; the rest is what curators set right.
_REGISTERED = ("retracted_by", "issn_linking", "issn_linking_by")


def claimed(product_id: str, kind: str, target_id: str) -> Row:
    row = {"claim_id": f"{product_id} {target_id}", "product_id": product_id, "relation": "isProducedBy"}
    return {**row, "target_kind": kind, "target_id": target_id, "is_confirmed": False}


def marks(engine: DuckDBEngine, records: list[Row], reports: list[Row], links: list[Row]) -> dict[str, Row]:
    tables = table(RECORD, records), table(RETRACTION, reports), table(ISSN_LINK, links), table(AMENDMENT, [])
    rows = engine.arrow(conforming(RECORD_MARK, record_marks(*tables))).to_pylist()
    return {row["record_id"]: {name: row[name] for name in _REGISTERED} for row in rows}


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
        table(CLAIMED_LINK, [claimed("P", "project", "openaire:x"), claimed("P", "project", "openaire:y")]),
    )
    rows = engine.arrow(conforming(PRODUCT_ENTITY, made)).to_pylist()
    assert sorted((row["kind"], row["relation"], row["entity_id"], *row["sources"]) for row in rows) == [
        ("journal", "IsPublishedIn", "doaj:1", "doaj"),
        ("journal", "IsPublishedIn", "doaj:2", "doaj"),
        ("project", "isProducedBy", "openaire:x", "openaire", "people"),
        ("project", "isProducedBy", "openaire:y", "people"),
        ("retraction", "IsReportedBy", "retractions:1", "retractions"),
    ]
    assert {row["product_id"] for row in rows} == {"P"}


def test_claims_are_of_the_products_that_their_names_stand_for(engine: DuckDBEngine) -> None:
    def claim(number: int, subject: str, kind: str, target: str) -> Row:
        row = {"claim_id": f"c{number}", "subject": subject, "target_kind": kind, "target": target}
        return {**row, "relation": "IsRelatedTo", "is_confirmed": number == 0}

    claims = [
        claim(0, "doi:10.5555/1", "project", "openaire:p"),
        claim(1, "crossref:10.5555/2", "community", "openaire:c"),
        claim(2, "doi:10.5555/1", "product", "doi:10.5555/2"),
        claim(3, "doi:10.5555/1", "product", "crossref:10.5555/2"),
        # Of nothing that is held, to nothing that is held, to itself by another name.
        claim(4, "doi:10.5555/9", "project", "openaire:p"),
        claim(5, "doi:10.5555/1", "product", "doi:10.5555/9"),
        claim(6, "doi:10.5555/1", "product", "crossref:10.5555/1"),
    ]
    members = [
        {"record_id": f"crossref:10.5555/{n}", "product_id": f"P{n}", "cluster_id": f"P{n}", "level": "duplicate"}
        for n in (1, 2)
    ]
    known = [{"scheme": "doi", "value": f"10.5555/{n}", "product_id": f"P{n}"} for n in (1, 2)]
    made = claimed_links(table(CLAIM, claims), table(MEMBER, members), table(IDENTIFIER, known))
    rows = engine.arrow(conforming(CLAIMED_LINK, made)).to_pylist()
    assert sorted(
        (r["claim_id"], r["product_id"], r["target_kind"], r["target_id"], r["is_confirmed"]) for r in rows
    ) == [
        ("c0", "P1", "project", "openaire:p", True),
        ("c1", "P2", "community", "openaire:c", False),
        ("c2", "P1", "product", "P2", False),
        ("c3", "P1", "product", "P2", False),
    ]


def test_what_curators_set_right_reaches_every_record_that_it_names(engine: DuckDBEngine) -> None:
    def amended(number: int, subject: str, field: str, before: str, after: str) -> Row:
        return {"amendment_id": f"e{number}", "subject": subject, "field": field, "before": before, "after": after}

    amendments = [
        amended(1, "doi:10.5555/1", "type", "publication", "software"),
        amended(2, "crossref:a", "type", "publication", "dataset"),
        amended(3, "doi:10.5555/1", "dead_link", "https://example.org/gone", ""),
        amended(3, "crossref:a", "dead_link", "https://example.org/gone", ""),
        amended(4, "crossref:b", "author", "Ann Other", "Other, Anna|0000-0002-1825-0097"),
        amended(5, "crossref:b", "retraction", "", "10.5555/notice"),
        amended(6, "crossref:absent", "type", "publication", "other"),
    ]
    records = [record("a", DOI), record("b"), record("c", ("doi", "10.5555/3"))]
    made = record_marks(
        table(RECORD, records), table(RETRACTION, []), table(ISSN_LINK, []), table(AMENDMENT, amendments)
    )
    found = {row.pop("record_id"): row for row in engine.arrow(conforming(RECORD_MARK, made)).to_pylist()}
    assert set(found) == {"crossref:a", "crossref:b"}
    # The later word counts.
    assert (found["crossref:a"]["amended_type"], found["crossref:a"]["amended_type_by"]) == ("dataset", "people:e2")
    assert found["crossref:a"]["dead_links"] == ["https://example.org/gone"]
    assert found["crossref:b"]["amended_authors"] == ["people:e4\nAnn Other\nOther, Anna|0000-0002-1825-0097"]
    assert found["crossref:b"]["retracted_by"] == ["people:e5"]
