from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.portal.answers import Entity, Impact, Product, SearchAnswer
from evigraph.portal.app import create_app


def test_search_answers_as_described(client: TestClient, small: Any) -> None:
    answer = client.get("/api/search", params={"q": "peer", "type": "publication", "sort": "date", "per_page": 7})
    assert answer.status_code == 200
    document = answer.json()
    stated = SearchAnswer.model_validate(document)
    assert stated.sort == "date" and len(stated.results) == 7 and stated.release_id == "2026-01-01-0000aaaa"
    assert all(result.type == "publication" for result in stated.results)
    assert set(stated.facets) >= {"year", "type", "keyword", "citation_class", "popularity_class"}
    assert sum(value.count for value in stated.facets["access"]) == stated.total
    assert client.get("/search.json?q=peer&type=publication&sort=date&per_page=7").json() == document


def test_pages_hold_every_result_once(client: TestClient) -> None:
    first = client.get("/api/search?q=graph").json()
    ids: list[str] = []
    for page in range(1, -(-first["total"] // 13) + 1):
        answer = client.get("/api/search", params={"q": "graph", "per_page": 13, "page": page}).json()
        ids += [result["product_id"] for result in answer["results"]]
    assert len(ids) == len(set(ids)) == first["total"]


def test_a_product_answers_as_described(client: TestClient, small: Any) -> None:
    document = client.get(f"/api/products/{small.article_id}").json()
    stated = Product.model_validate(document)
    assert stated.indicators is not None and stated.indicators.citation_count == 3
    assert stated.indicators.popularity_class == "C4"
    assert stated.instances is not None and len(stated.instances) == 2
    assert {record.source for record in stated.records} == {"crossref", "pubmed"}
    assert {"field": "pids", "position": 1, "record_ids": ["pubmed:39252191"]} in document["provenance"]
    bare = client.get(f"/api/products/{small.odd['bare']}").json()
    assert Product.model_validate(bare).indicators is None


@pytest.mark.parametrize("identifier", ["10.1111/inm.13415", "pmid:39252191", "pubmed:39252191"])
def test_other_identifiers_redirect(client: TestClient, small: Any, identifier: str) -> None:
    answer = client.get(f"/api/products/{identifier}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/api/products/{small.article_id}")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/products/10.5555/absent", 404),
        ("/api/search?sort=beauty", 400),
        ("/api/search?page=0", 400),
        ("/api/search?page=99999", 400),
        ("/api/search?per_page=100000", 400),
        ("/api/nothing", 404),
    ],
)
def test_problems_are_described(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["detail"] and problem["title"]


def test_openapi_describes_the_doors_and_their_errors(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) >= {
        "/api/search",
        "/api/products/{identifier}",
        "/api/products/{identifier}/impact",
        "/api/entities/{kind}/{entity_id}",
        "/product/{product_id}/as/{form}",
    }
    search = document["paths"]["/api/search"]["get"]
    product = document["paths"]["/api/products/{identifier}"]["get"]
    assert {"200", "400", "503"} <= set(search["responses"])
    assert {"200", "301", "404", "503"} <= set(product["responses"])
    for status in ("404", "503"):
        assert list(product["responses"][status]["content"]) == ["application/problem+json"]
    names = {parameter["name"] for parameter in search["parameters"]}
    assert {"q", "type", "year", "access", "source", "language", "keyword", "citation_class", "sort", "page"} <= names
    assert "422" not in search["responses"] and "422" not in product["responses"]


def test_no_documentation_page_loads_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_what_is_behind_the_indicators(client: TestClient, small: Any) -> None:
    cited = max(small.rows["indicator"], key=lambda row: row["citation_count"])
    product_id = cited["product_id"]
    found = client.get(f"/api/products/{product_id}/impact").json()
    assert Impact.model_validate(found)
    assert {group["view"] for group in found["comparisons"]} >= {"all", "type", "year", "journal", "field"}
    whole = next(group for group in found["comparisons"] if group["view"] == "all")
    assert whole["n_products"] == len(small.rows["indicator"]) == found["ranked_against"]["n_products"]
    assert whole["indicators"]["citation_count"]["percentile"] > 99
    assert whole["indicators"]["citation_count"]["from"]["C1"] == cited["citation_count"]
    for name in ("influence", "popularity"):
        made = found["explained"][name]
        assert sum(made["parts"].values()) == pytest.approx(cited[name], rel=1e-6)
        assert made["n_citations"] == cited["citation_count"]
        values = [citation["value"] for citation in made["citations"]]
        assert values == sorted(values, reverse=True)
        assert all(citation["title"].startswith("Synthetic") for citation in made["citations"])
    assert [entry["release_id"] for entry in found["history"]] == [found["release_id"]]
    all_of_them = client.get(f"/api/products/{product_id}/impact?n_citations=1000").json()
    assert len(all_of_them["explained"]["influence"]["citations"]) == cited["citation_count"]
    assert client.get("/api/products/doi:10.1111/inm.13415/impact").headers["location"].endswith("/impact")
    assert client.get(f"/api/products/{small.odd['bare']}/impact").status_code == 404


def test_an_earlier_release_tells_how_a_product_moved(tmp_path: Path, small: Any) -> None:
    rows = {name: list(table) for name, table in small.rows.items()}
    record_id = next(row["record_ids"][0] for row in rows["product"] if row["product_id"] == small.article_id)
    # Before, the work went by another id and had fewer citations.
    before = {**rows, "alias": [{"alias": record_id, "product_id": "pmid________::of-before"}]}
    before["product"] = [row for row in rows["product"] if row["product_id"] != small.article_id]
    now = next(row for row in rows["indicator"] if row["product_id"] == small.article_id)
    old = {**now, "product_id": "pmid________::of-before", "citation_count": 1, "popularity_class": "C5"}
    before["indicator"] = [old]
    folder = small.made.write_release(tmp_path, before, "2025-06-01-0000bbbb")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "created_at": "2025-06-01T09:30:00.000+00:00"}))
    small.made.write_release(tmp_path, rows)
    client = TestClient(create_app(tmp_path))
    history = client.get(f"/api/products/{small.article_id}/impact").json()["history"]
    assert [(entry["release_id"], entry["citation_count"]) for entry in history] == [
        ("2026-01-01-0000aaaa", now["citation_count"]),
        ("2025-06-01-0000bbbb", 1),
    ]
    text = " ".join(client.get(f"/product/{small.article_id}").text.split())
    assert f"selected citations 1 → {now['citation_count']}, popularity Average → Top 10%" in text


def test_an_entity_counts_products_that_it_leads_to(client: TestClient, small: Any) -> None:
    journal = small.made.JOURNALS[0]
    found = client.get(f"/api/entities/journal/name:{journal}?per_page=5").json()
    assert Entity.model_validate(found)
    held = [row for row in small.rows["product"] if (row.get("container") or {}).get("name") == journal]
    assert (found["name"], found["named_by"], found["n_products"]) == (journal, "name", len(held))
    counts = [product["citation_count"] for product in found["products"]]
    assert counts == sorted(counts, reverse=True)
    assert len(found["products"]) == 5
    assert client.get(f"/api/products/{found['products'][0]['product_id']}").status_code == 200
    second = client.get(f"/api/entities/journal/name:{journal}?per_page=5&page=2").json()
    assert [product["place"] for product in second["products"]] == [6, 7, 8, 9, 10]
    author = client.get("/api/entities/author/orcid:0000-0002-1825-0097").json()
    assert (author["named_by"], author["n_products"]) == ("orcid", 1)
    assert client.get("/api/entities/journal/name:None such").status_code == 404
    assert client.get("/api/entities/cat/x").status_code == 400
