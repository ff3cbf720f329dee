from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.portal.answers import Product, SearchAnswer


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
    assert set(document["paths"]) >= {"/api/search", "/api/products/{identifier}", "/product/{product_id}/as/{form}"}
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
