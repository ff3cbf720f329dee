from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from evigraph.engine.contract import ibis_type
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.enrich.citations import cited_references, identifiers, relations, resolved_citations
from evigraph.model.relation import INVERSE, RELATIONS
from evigraph.model.said import CLAIMED_LINK
from evigraph.model.table import Table
from evigraph.model.tables import (
    CITED_REFERENCE,
    IDENTIFIER,
    LINK,
    MEMBER,
    RECORD,
    REFERENCE,
    RESOLVED_CITATION,
    STATED_CITATION,
    VERSION_LINK,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="512MB", threads=1)
    yield engine
    engine.close()


def table(contract: Table, *rows: dict[str, Any]) -> ir.Table:
    # As an engine reads it: Parquet does not say that a key is never null.
    schema = ibis.schema({column.name: ibis_type(column.type) for column in contract.columns})
    return ibis.memtable(contract.from_rows(list(rows)), schema=schema)


def pid(scheme: str, value: str) -> dict[str, str]:
    return {"scheme": scheme, "value": value}


def member(*pairs: tuple[str, str]) -> ir.Table:
    return table(MEMBER, *({"record_id": r, "product_id": p} for r, p in pairs))


def identifier(*triples: tuple[str, str, str]) -> ir.Table:
    return table(IDENTIFIER, *({"scheme": s, "value": v, "product_id": p} for s, v, p in triples))


def reference(position: int, *pids: dict[str, str], record_id: str = "x:1") -> dict[str, Any]:
    return {"record_id": record_id, "payload": "p", "position": position, "pids": list(pids), "text": f"ref {position}"}


def record(record_id: str, *pids: dict[str, str]) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "source": "x",
        "source_key": record_id,
        "payload": "p",
        "position": 0,
        "is_deleted": False,
        "pids": list(pids),
    }


def test_an_identifier_told_twice_is_one(engine: DuckDBEngine) -> None:
    told = table(RECORD, record("x:1", pid("doi", "10.5555/a")), record("x:2", pid("doi", "10.5555/a")), record("x:3"))
    found = engine.arrow(identifiers(told, member(("x:1", "P"), ("x:2", "P"), ("x:3", "Q")))).to_pylist()
    assert found == [{"scheme": "doi", "value": "10.5555/a", "product_id": "P"}]


def test_an_identifier_kept_apart_by_decision_leads_to_the_smallest_product(engine: DuckDBEngine) -> None:
    told = table(RECORD, record("x:1", pid("doi", "10.5555/a")), record("x:2", pid("doi", "10.5555/a")))
    found = engine.arrow(identifiers(told, member(("x:1", "Q"), ("x:2", "P")))).to_pylist()
    assert [row["product_id"] for row in found] == ["P"]


def test_references_resolve_by_any_identifier_the_best_first_and_none_is_lost(engine: DuckDBEngine) -> None:
    told = table(
        REFERENCE,
        reference(0, pid("pmid", "1")),
        reference(1, pid("pmid", "1"), pid("doi", "10.5555/b")),
        reference(2, pid("doi", "10.5555/unknown")),
        reference(3),
    )
    known = identifier(("pmid", "1", "A"), ("doi", "10.5555/b", "B"))
    rows = engine.arrow(cited_references(told, member(("x:1", "P")), known).order_by("position")).to_pylist()
    assert [row["target_id"] for row in rows] == ["A", "B", None, None]
    assert [row["text"] for row in rows] == ["ref 0", "ref 1", "ref 2", "ref 3"]
    assert {row["product_id"] for row in rows} == {"P"}


def cited(product_id: str, record_id: str, position: int, target_id: str | None) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "record_id": record_id,
        "payload": "p",
        "position": position,
        "pids": [],
        "text": None,
        "target_id": target_id,
    }


def test_citations_are_distinct_without_loops_and_held_from_both_ends(engine: DuckDBEngine) -> None:
    told = table(
        CITED_REFERENCE,
        cited("P", "crossref:1", 0, "A"),
        cited("P", "crossref:1", 1, "A"),
        cited("P", "pubmed:1", 0, "A"),
        cited("P", "pubmed:1", 1, "P"),
        cited("P", "pubmed:1", 2, None),
    )
    members = member(("crossref:1", "P"), ("pubmed:1", "P"))
    none = [table(contract) for contract in (CLAIMED_LINK, VERSION_LINK)]
    expression = relations(told, table(RESOLVED_CITATION), table(LINK), members, identifier(), *none)
    rows = engine.arrow(expression.order_by("source_id")).to_pylist()
    assert rows == [
        {"source_id": "A", "relation": "IsCitedBy", "target_id": "P", "sources": ["crossref", "pubmed"]},
        {"source_id": "P", "relation": "Cites", "target_id": "A", "sources": ["crossref", "pubmed"]},
    ]


def test_a_version_that_is_a_product_of_its_own_is_linked(engine: DuckDBEngine) -> None:
    none = [table(contract) for contract in (CITED_REFERENCE, RESOLVED_CITATION, LINK)]
    found = table(VERSION_LINK, {"source_id": "P", "target_id": "A"})
    expression = relations(*none, member(), identifier(), table(CLAIMED_LINK), found)
    assert engine.arrow(expression.order_by("source_id")).to_pylist() == [
        {"source_id": "A", "relation": "HasVersion", "target_id": "P", "sources": ["comparison"]},
        {"source_id": "P", "relation": "IsVersionOf", "target_id": "A", "sources": ["comparison"]},
    ]


def test_a_link_is_held_with_its_inverse(engine: DuckDBEngine) -> None:
    stated = {
        "record_id": "x:1",
        "payload": "p",
        "relation": "IsSupplementTo",
        "scheme": "doi",
        "value": "10.5555/a",
        "note": "data",
    }
    unheld = {**stated, "value": "10.5555/not-here"}
    expression = relations(
        table(CITED_REFERENCE),
        table(RESOLVED_CITATION),
        table(LINK, stated, unheld),
        member(("x:1", "P")),
        identifier(("doi", "10.5555/a", "A")),
        table(CLAIMED_LINK),
        table(VERSION_LINK),
    )
    rows = engine.arrow(expression.order_by("source_id")).to_pylist()
    assert [(row["source_id"], row["relation"], row["target_id"]) for row in rows] == [
        ("A", "IsSupplementedBy", "P"),
        ("P", "IsSupplementTo", "A"),
    ]


def citation(position: int, citing: list[dict[str, str]], cited: list[dict[str, str]]) -> dict[str, Any]:
    return {"source": "opencitations", "payload": "p", "position": position, "citing": citing, "cited": cited}


def test_a_citation_between_identifiers_resolves_at_both_ends_or_says_which_is_not_held(engine: DuckDBEngine) -> None:
    stated = table(
        STATED_CITATION,
        citation(0, [pid("omid", "br/061"), pid("pmid", "1")], [pid("doi", "10.5555/b")]),
        citation(1, [pid("doi", "10.5555/not-here")], [pid("doi", "10.5555/b")]),
        citation(2, [pid("pmid", "1")], [pid("pmid", "404")]),
        citation(3, [pid("pmid", "404"), pid("pmid", "405")], [pid("doi", "10.5555/not-here")]),
    )
    known = identifier(("pmid", "1", "A"), ("doi", "10.5555/b", "B"))
    rows = engine.arrow(resolved_citations(stated, known).order_by("position")).to_pylist()
    assert [(row["position"], row["source_id"], row["target_id"]) for row in rows] == [
        (0, "A", "B"),
        (1, None, "B"),
        (2, "A", None),
        (3, None, None),
    ]


def test_of_several_identifiers_the_best_scheme_says_which_product_is_meant(engine: DuckDBEngine) -> None:
    stated = table(STATED_CITATION, citation(0, [pid("pmid", "1"), pid("doi", "10.5555/a")], [pid("pmid", "2")]))
    known = identifier(("pmid", "1", "Other"), ("doi", "10.5555/a", "A"), ("pmid", "2", "B"))
    (row,) = engine.arrow(resolved_citations(stated, known)).to_pylist()
    assert (row["source_id"], row["target_id"]) == ("A", "B")


def test_a_citation_told_by_a_list_and_an_index_is_one_relation_of_two_sources(engine: DuckDBEngine) -> None:
    def resolved(position: int, source_id: str | None, target_id: str | None) -> dict[str, Any]:
        place = {"source": "opencitations", "payload": "p", "position": position}
        return place | {"source_id": source_id, "target_id": target_id}

    expression = relations(
        table(CITED_REFERENCE, cited("P", "crossref:1", 0, "A")),
        table(
            RESOLVED_CITATION,
            resolved(0, "P", "A"),
            resolved(1, "P", "A"),
            resolved(2, "P", "P"),
            resolved(3, "P", None),
            resolved(4, None, "A"),
        ),
        table(LINK),
        member(("crossref:1", "P")),
        identifier(),
        table(CLAIMED_LINK),
        table(VERSION_LINK),
    )
    rows = engine.arrow(expression.order_by("source_id")).to_pylist()
    assert rows == [
        {"source_id": "A", "relation": "IsCitedBy", "target_id": "P", "sources": ["crossref", "opencitations"]},
        {"source_id": "P", "relation": "Cites", "target_id": "A", "sources": ["crossref", "opencitations"]},
    ]


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_an_inverse_has_its_inverse(name: str) -> None:
    assert INVERSE[INVERSE[name]] == name
