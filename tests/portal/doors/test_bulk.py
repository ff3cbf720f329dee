"""Whole releases over HTTP: files by range, descriptions, what changed."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pandas
import pyarrow.parquet as pq
import pytest
import rdflib

from evigraph.model.tables import RELEASE_TABLES

FIRST = "2026-01-01-0000aaaa"


@pytest.fixture
def release(doors: Any) -> dict[str, Any]:
    document: dict[str, Any] = doors.client.get(f"/bulk/{FIRST}").json()
    return document


def test_releases_are_listed(doors: Any) -> None:
    (only,) = doors.client.get("/bulk").json()["releases"]
    assert only["release_id"] == FIRST and only["is_served"] and only["counts"]["products"] == len(doors.ids)


def test_every_file_is_given_whole(doors: Any, release: dict[str, Any]) -> None:
    assert set(release["tables"]) == {table.name for table in RELEASE_TABLES}
    for name, told in release["tables"].items():
        tables = []
        for file in told["files"]:
            answer = doors.client.get(file["url"].removeprefix("http://testserver"))
            assert answer.status_code == 200 and len(answer.content) == file["bytes"]
            tables.append(pq.read_table(io.BytesIO(answer.content)))
        assert sum(table.num_rows for table in tables) == told["rows"] == len(doors.rows.get(name, []))


def test_ranges(doors: Any, release: dict[str, Any]) -> None:
    file = release["tables"]["product"]["files"][0]
    path = file["url"].removeprefix("http://testserver")
    whole = doors.client.get(path).content
    part = doors.client.get(path, headers={"Range": "bytes=4-19"})
    assert part.status_code == 206 and part.content == whole[4:20]
    assert part.headers["content-range"] == f"bytes 4-19/{len(whole)}"
    tail = doors.client.get(path, headers={"Range": "bytes=-4"})
    assert (tail.status_code, tail.content) == (206, b"PAR1")
    assert doors.client.get(path, headers={"Range": f"bytes={len(whole) + 5}-"}).status_code == 416
    head = doors.client.head(path)
    assert int(head.headers["content-length"]) == len(whole) and head.headers["accept-ranges"] == "bytes"


def test_pandas_reads_a_file_by_its_address(doors: Any, release: dict[str, Any]) -> None:
    path = release["tables"]["indicator"]["files"][0]["url"].removeprefix("http://testserver")
    frame = pandas.read_parquet(f"{doors.url}{path}")
    assert set(frame["citation_count_class"]) <= {"C1", "C2", "C3", "C4", "C5"} and len(frame)


@pytest.mark.parametrize(
    "path",
    [
        "/bulk/none",
        f"/bulk/{FIRST}/product/none.parquet",
        f"/bulk/{FIRST}/product/..%2F..%2Fmanifest.json",
        f"/bulk/{FIRST}/none/part-00000.parquet",
        "/bulk/..%2F..%2Fetc/product/part-00000.parquet",
        f"/bulk/{FIRST}/nothing",
    ],
)
def test_nothing_else_is_given(doors: Any, path: str) -> None:
    assert doors.client.get(path).status_code == 404


def test_latest_leads_to_the_served_release(doors: Any) -> None:
    answer = doors.client.get("/bulk/latest/product/part-00000.parquet")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/bulk/{FIRST}/product/part-00000.parquet")


def test_the_data_dictionary_has_every_column(doors: Any) -> None:
    told = doors.client.get(f"/bulk/{FIRST}/data-dictionary.json").json()
    assert {table["name"]: [one["name"] for one in table["columns"]] for table in told["tables"]} == {
        table.name: list(table.names) for table in RELEASE_TABLES
    }
    assert all(one["meaning"] for table in told["tables"] for one in table["columns"])


def test_croissant(doors: Any) -> None:
    document = doors.client.get(f"/bulk/{FIRST}/croissant.json").json()
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    croissant = rdflib.Namespace("http://mlcommons.org/croissant/")
    sets = set(graph.subjects(rdflib.RDF.type, croissant.RecordSet))
    assert len(sets) == len(document["recordSet"]) > 5
    files = list(graph.subjects(rdflib.RDF.type, croissant.FileObject))
    assert files and all(graph.value(file, rdflib.URIRef("https://schema.org/contentUrl")) for file in files)
    fields = set(graph.subjects(rdflib.RDF.type, croissant.Field))
    assert all(graph.value(field, croissant.source) for field in fields)


def test_ro_crate(doors: Any) -> None:
    document = doors.client.get(f"/bulk/{FIRST}/ro-crate-metadata.json").json()
    assert document["@context"] == "https://w3id.org/ro/crate/1.1/context"
    by_id = {one["@id"]: one for one in document["@graph"]}
    assert len(by_id) == len(document["@graph"])
    assert by_id["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = by_id["./"]
    assert all(part["@id"] in by_id for part in root["hasPart"])
    assert {"name", "description", "datePublished", "license"} <= set(root)


def test_what_changed(doors: Any, tmp_path: Any) -> None:
    import copy

    from starlette.testclient import TestClient

    from evigraph.portal.app import create_app

    rows = copy.deepcopy(doors.rows)
    doors.made.write_release(tmp_path, rows, "older")
    gone = rows["product"].pop(0)["product_id"]
    rows["product"][0]["authors"] = []
    rows["product"][1]["instances"].append(copy.deepcopy(rows["product"][1]["instances"][0]))
    new = {**rows["product"][2], "product_id": "doi_________::" + hashlib.md5(b"new").hexdigest()}
    rows["product"].append(new)
    newer = doors.made.write_release(tmp_path, rows, "newer") / "manifest.json"
    manifest = json.loads(newer.read_text())
    manifest["tables"]["product"]["hash"] = "of other rows"
    newer.write_text(json.dumps(manifest))
    client = TestClient(create_app(tmp_path), follow_redirects=True)
    told = client.get("/bulk/latest/changes?since=older").json()
    assert told["deleted"] == [gone] and told["added"] == [new["product_id"]]
    assert told["changed"] == sorted(row["product_id"] for row in rows["product"][:2])
    assert told["counts"] == {"added": 1, "changed": 2, "deleted": 1}
    back = client.get("/bulk/older/changes?since=newer").json()
    assert back["added"] == [gone] and back["deleted"] == [new["product_id"]]
    assert client.get("/bulk/newer/changes?since=newer").json()["counts"] == {"added": 0, "changed": 0, "deleted": 0}
    assert client.get("/bulk/newer/changes?since=none").status_code == 400
    assert client.get("/bulk/newer/changes").status_code == 400
