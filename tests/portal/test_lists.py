"""Whole lists taken away, feeds, and the form of the advanced search."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bibtexparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from evigraph.portal.advanced import address_of
from evigraph.publish.api import LISTS
from evigraph.store.release import Release

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("query", ["", "graph", "peer OR network", "grpah"])
def test_the_whole_result_is_exported_in_its_order(small: Any, client: TestClient, query: str) -> None:
    index = Release.open(small.home).search
    expected = [card["product_id"] for card in index.search(query, sort="citation_count", limit=5_000).hits]
    answer = client.get("/search/export", params={"q": query, "sort": "citation_count", "format": "jsonl"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["product_id"] for row in rows] == expected
    assert answer.headers["X-Total-Count"] == str(len(expected)) != "0"
    assert rows[0]["title"] == small.products[expected[0]]["title"]


def test_filters_hold_for_the_export(small: Any, client: TestClient) -> None:
    answer = client.get("/search/export?type=dataset&format=jsonl")
    wanted = {row["product_id"] for row in small.rows["product"] if row["type"] == "dataset"}
    assert {json.loads(line)["product_id"] for line in answer.text.splitlines()} == wanted


def test_other_parsers_read_the_exports(small: Any, client: TestClient) -> None:
    total = Release.open(small.home).search.search("graph").total
    text = client.get("/search/export?q=graph&format=csv").content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == total
    library = bibtexparser.parse_string(client.get("/search/export?q=graph&format=bibtex").text)
    assert len(library.entries) == total
    assert not library.failed_blocks
    assert client.get("/search/export?q=graph&format=ris").text.count("\nER  -") == total


def test_no_cell_of_a_csv_is_a_formula() -> None:
    row = {"product_id": "p", "title": "=HYPERLINK(1)", "publisher": "@SUM(1)", "descriptions": ["+1"], "year": 2020}
    text = "".join(LISTS["csv"].write([row]))
    cells = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1]
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_the_page_of_the_export_offers_every_format(client: TestClient) -> None:
    text = client.get("/search/export?q=graph").text
    assert all(f"format={name}" in text for name in LISTS)
    assert client.get("/search/export?format=doc").status_code == 400


def test_a_search_is_a_feed_of_its_newest(small: Any, client: TestClient) -> None:
    answer = client.get("/search.atom?q=graph")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.content)
    newest = Release.open(small.home).search.search("graph", sort="date", limit=50).hits
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert [one.rsplit("/", 1)[-1] for one in ids] == [card["product_id"] for card in newest]
    for entry in feed.iter(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}updated") is not None
        assert entry.find(f"{ATOM}author") is not None


@pytest.mark.parametrize(
    ("filled", "query"),
    [
        ({"all": "peer support"}, "peer support"),
        ({"phrase": 'peer "support'}, '"peer support"'),
        ({"any": "peer mutual", "none": "trial"}, "(peer OR mutual) -trial"),
        ({"title": "a:b", "author": "O'Neil, J."}, 'title:a title:b author:"O\'Neil J"'),
        ({"journal": "(", "keyword": "sleep"}, "keyword:sleep"),
    ],
)
def test_the_form_writes_the_query(filled: dict[str, str], query: str) -> None:
    assert parse_qs(urlsplit(address_of(filled)).query)["q"] == [query]


def test_the_form_leads_to_the_search(client: TestClient) -> None:
    assert client.get("/search/advanced").status_code == 200
    answer = client.get("/search/advanced?go=1&title=graph&year_from=2010&type=&sort=date")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/search?q=title%3Agraph&year_from=2010&sort=date"
    assert client.get("/search/advanced?go=1").headers["location"] == "/search"
