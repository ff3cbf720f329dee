from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from evigraph.clean.registries.current import entity_links, newest_entities
from evigraph.engine.contract import conforming, ibis_type
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.model.entities import (
    COMMUNITY,
    DATA_SOURCE,
    ENTITY_LINK,
    ENTITY_LINK_TOLD,
    ISSN_LINK,
    ORGANIZATION,
    PROJECT,
    TOLD_ENTITIES,
)
from evigraph.model.table import Table
from evigraph.model.tables import PAYLOAD, RECORD

Row = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(memory="512MB", threads=1)
    yield engine
    engine.close()


def table(contract: Table, rows: list[Row]) -> ir.Table:
    schema = ibis.schema({column.name: ibis_type(column.type) for column in contract.columns})
    return ibis.memtable(contract.from_rows(rows), schema=schema)


PAYLOADS = [
    {"source": "openaire", "payload": name, "ordinal": number, "sha256": "0"}
    for number, name in enumerate(("old", "new", "newest"))
]


def organization(key: str, payload: str, name: str, *, is_mention: bool = False) -> Row:
    row = {"organization_id": f"openaire:{key}", "source": "openaire", "source_key": key, "payload": payload}
    return {**row, "position": 0, "legal_name": name, "is_mention": is_mention}


def test_the_newest_description_counts_and_a_mention_only_where_there_is_none(engine: DuckDBEngine) -> None:
    told = [
        organization("a", "old", "First"),
        organization("a", "new", "Second"),
        organization("a", "newest", "In passing", is_mention=True),
        organization("b", "old", "Mentioned", is_mention=True),
        organization("b", "new", "Mentioned again", is_mention=True),
    ]
    made = newest_entities(ORGANIZATION, table(TOLD_ENTITIES[ORGANIZATION], told), table(PAYLOAD, PAYLOADS))
    rows = engine.arrow(conforming(ORGANIZATION, made)).to_pylist()
    assert {row["source_key"]: row["legal_name"] for row in rows} == {"a": "Second", "b": "Mentioned again"}


def test_an_issn_told_twice_in_one_payload_is_settled(engine: DuckDBEngine) -> None:
    told = [
        {"issn": "0317-8471", "issn_linking": linking, "source": "openaire", "payload": "old"}
        for linking in ("0317-8471", "2434-561X")
    ]
    made = newest_entities(ISSN_LINK, table(TOLD_ENTITIES[ISSN_LINK], told), table(PAYLOAD, PAYLOADS))
    assert engine.arrow(made)["issn_linking"].to_pylist() == ["2434-561X"]


def link(left: str, right: str, payload: str, teller: str | None, provenance: str | None = None) -> Row:
    ends = {"left_id": left, "relation": "isProducedBy", "right_id": right}
    kinds = {"left_kind": "product", "right_kind": "project"}
    said = {"source": "openaire", "payload": payload, "teller_id": teller, "provenance": provenance}
    return {**ends, **kinds, **said}


def test_links_of_superseded_versions_are_gone(engine: DuckDBEngine) -> None:
    record = {"record_id": "openaire:p", "source": "openaire", "source_key": "p", "payload": "new", "position": 0}
    told = [
        link("openaire:p", "openaire:then", "old", "openaire:p"),
        link("openaire:p", "openaire:now", "new", "openaire:p", "Harvested"),
        link("openaire:p", "openaire:now", "newest", None, "Inferred"),
        link("openaire:p", "openaire:now", "newest", None, "Inferred"),
        link("openaire:q", "openaire:beside", "newest", None),
    ]
    nothing = (table(contract, []) for contract in (ORGANIZATION, PROJECT, DATA_SOURCE, COMMUNITY))
    made = entity_links(table(ENTITY_LINK_TOLD, told), table(RECORD, [{**record, "is_deleted": False}]), *nothing)
    rows = engine.arrow(conforming(ENTITY_LINK, made)).to_pylist()
    assert {(row["left_id"], row["right_id"]): row["provenance"] for row in rows} == {
        ("openaire:p", "openaire:now"): ["Harvested", "Inferred"],
        ("openaire:q", "openaire:beside"): None,
    }
    assert {tuple(row["sources"]) for row in rows} == {("openaire",)}
