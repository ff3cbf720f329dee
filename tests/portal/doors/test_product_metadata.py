"""What a product's page tells machines, read by parsers that are not ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import httplink
import lxml.html
import pytest
import rdflib
from starlette.testclient import TestClient

from evigraph.publish.api import FORMATS

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def path(small: Any) -> str:
    return f"/product/{small.article_id}"


def head(client: TestClient, path: str) -> Any:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    return lxml.html.document_fromstring(answer.text).find("head")


def test_highwire_tags(client: TestClient, path: str, small: Any) -> None:
    tags = [(one.get("name"), one.get("content")) for one in head(client, path).iter("meta")]
    assert ("citation_title", small.made.ARTICLE_TITLE) in tags and ("citation_doi", small.made.ARTICLE_DOI) in tags
    authors = [content for name, content in tags if name == "citation_author"]
    assert authors == ["Ser, Hui Xian Eileen", "Pua, Xin Yi Vera", "Li, Ziqiang", "Goh, Yong Shian"]


@pytest.mark.parametrize("name", ["hostile", "bare", "crowd", "japanese", "retracted", "long"])
def test_json_ld_in_the_page_of_odd_works(client: TestClient, small: Any, name: str) -> None:
    scripts = head(client, f"/product/{small.odd[name]}").findall("script[@type='application/ld+json']")
    document = json.loads(scripts[0].text)
    assert len(scripts) == 1 and document["name"] == small.products[small.odd[name]]["title"]
    document["@context"] = {"@vocab": "https://schema.org/"}
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    assert len(graph) >= 4


def test_signposting_level_1(client: TestClient, path: str) -> None:
    answer = client.head(path, headers=BROWSER)
    assert answer.status_code == 200 and answer.content == b""
    found = httplink.parse_link_header(answer.headers["link"]).links
    by_rel: dict[str, list[Any]] = {}
    for link in found:
        for rel in link.rel:
            by_rel.setdefault(rel, []).append(link)
    assert [link.target for link in by_rel["cite-as"]] == ["https://doi.org/10.1111/inm.13415"]
    assert {link.target for link in by_rel["type"]} == {
        "https://schema.org/AboutPage",
        "https://schema.org/ScholarlyArticle",
    }
    assert len(by_rel["linkset"]) == 2
    assert len(by_rel["describedby"]) == len(FORMATS)
    for link in by_rel["describedby"] + by_rel["linkset"]:
        answer = client.get(link.target.removeprefix("http://testserver"))
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == dict(link.attributes)["type"]


def test_signposting_level_2_says_the_same_in_both_forms(client: TestClient, path: str) -> None:
    text = client.get(f"{path}/linkset").text
    told = httplink.parse_link_header(" ".join(text.split("\n"))).links
    (context,) = client.get(f"{path}/linkset.json").json()["linkset"]
    assert context["anchor"] == f"http://testserver{path}"
    assert all(dict(link.attributes)["anchor"] == context["anchor"] for link in told)
    stated = {(rel, one["href"]) for rel, targets in context.items() if rel != "anchor" for one in targets}
    assert stated == {(rel, link.target) for link in told for rel in link.rel}


@pytest.mark.parametrize("name", ["crowd", "orcid", "hostile"])
def test_headers_stay_small(client: TestClient, small: Any, name: str) -> None:
    answer = client.get(f"/product/{small.odd[name]}", headers=BROWSER)
    assert len(answer.headers["link"]) < 8_000
    assert httplink.parse_link_header(answer.headers["link"]).links


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS.keys())
def test_content_negotiation(client: TestClient, path: str, form: Any) -> None:
    answer = client.get(path, headers={"Accept": form.media_type})
    assert answer.status_code == 200 and answer.headers["content-type"].split(";")[0] == form.media_type
    assert answer.headers["vary"] == "Accept" and answer.headers["access-control-allow-origin"] == "*"
    assert client.get(f"{path}/as/{form.name}").content == answer.content
    page_first = {"Accept": f"text/html, {form.media_type};q=0.9"}
    assert client.get(path, headers=page_first).headers["content-type"].startswith("text/html")
    form_first = {"Accept": f"text/html;q=0.5, {form.media_type}"}
    assert client.get(path, headers=form_first).content == answer.content


def test_what_cannot_be_given_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "image/png"})
    assert answer.status_code == 406 and answer.headers["content-type"] == "application/problem+json"
    assert "application/x-bibtex" in answer.json()["detail"]
    assert client.get(f"{path}/as/marc").status_code == 404
    for usual in ("*/*", "text/*", "", "nonsense;q=x, text/html"):
        assert client.get(path, headers={"Accept": usual}).headers["content-type"].startswith("text/html")


def test_json_leads_to_the_product_in_json(client: TestClient, path: str, small: Any) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/api/products/{small.article_id}")


def test_another_id_leads_to_the_same_form(client: TestClient, small: Any) -> None:
    old = small.made.id_of(small.made.Pid("pmid", "39252191"))
    answer = client.get(f"/product/{old}/as/ris")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/product/{small.article_id}/as/ris")
    answer = client.get("/doi/10.1111/inm.13415", headers={"Accept": "application/x-bibtex"})
    assert answer.status_code == 302


def test_coins_on_lists(client: TestClient) -> None:
    document = lxml.html.document_fromstring(client.get("/search?q=peer", headers=BROWSER).text)
    spans = document.find_class("Z3988")
    assert spans
    for span in spans:
        told = parse_qs(span.get("title"))
        assert told["ctx_ver"] == ["Z39.88-2004"] and told["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:journal"]
        assert told["rft.atitle"]


def test_what_has_not_changed_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(f"{path}/as/ris")
    again = client.get(f"{path}/as/ris", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"") and again.headers["etag"] == first.headers["etag"]
    assert client.get(f"{path}/as/ris", headers={"If-None-Match": '"other"'}).status_code == 200


def test_programs_of_other_sites_may_read(client: TestClient) -> None:
    asked = {"Origin": "https://elsewhere.example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options("/api/search", headers=asked)
    assert answer.status_code == 204 and answer.headers["access-control-allow-origin"] == "*"
    assert client.get("/api/search?q=peer", headers=asked).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/about", headers=BROWSER).headers
