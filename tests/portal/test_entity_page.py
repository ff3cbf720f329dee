"""Pages of authors and journals, whose indicators the small release holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from evigraph.portal.rendering import author_path, entity_path, journal_path


def linked(client: TestClient, product_id: str, start: str) -> list[str]:
    text = client.get(f"/product/{product_id}").text
    return [part.split('"')[0] for part in text.split('href="') if part.startswith(start)]


def test_every_author_of_a_product_leads_to_a_page_that_lists_it(client: TestClient, small: Any) -> None:
    paths = linked(client, small.article_id, "/author/")
    assert len(paths) == 4
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert f'href="/product/{small.article_id}"' in answer.text
        assert unquote(path).rpartition(":")[2] in answer.text


def test_an_author_known_by_name_alone_is_said_to_be_so(client: TestClient, small: Any) -> None:
    (path, *_) = linked(client, small.article_id, "/author/name:")
    assert "Known by this name alone" in client.get(path).text


def test_a_journal_lists_its_products_the_most_cited_first_and_its_indicators(client: TestClient, small: Any) -> None:
    (path,) = set(linked(client, small.article_id, "/journal/"))
    page = client.get(path).text
    assert "h-index" in page and "Products by year" in page
    told = client.get(f"/api/entities/journal/{unquote(path).removeprefix('/journal/')}").json()
    assert f"{told['n_products']} product" in page
    places = [page.index(f'href="/product/{row["product_id"]}"') for row in told["products"][:5]]
    assert places == sorted(places)


@pytest.mark.parametrize("path", ["/author/name:Nobody", "/journal/issn:0000-0000", "/project/x", "/data-source/y"])
def test_what_the_graph_does_not_hold_is_said_in_one_line(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "This graph holds no" in answer.text


def test_a_page_beyond_the_last_product_leads_back(client: TestClient, small: Any) -> None:
    (path,) = set(linked(client, small.article_id, "/journal/"))
    assert "beyond the last product" in client.get(f"{path}?page=900").text


def test_paths_of_a_byline_and_of_a_container() -> None:
    person = {"orcid": None, "is_group": False, "full_name": "Ana Ñu/ez", "family_name": "Ñu/ez"}
    assert author_path(person) == "/author/name:Ana%20%C3%91u%2Fez"
    assert author_path({**person, "orcid": "0000-0002-1825-0097"}) == "/author/orcid:0000-0002-1825-0097"
    assert author_path({**person, "is_group": True}).startswith("/search?")
    container = {"issn_linking": None, "issn_print": "1234-5679", "issn_online": "2049-3630", "name": "J"}
    assert journal_path(container) == "/journal/issn:1234-5679"
    assert entity_path("data_source", "a:b/c") == "/data-source/a:b%2Fc"
