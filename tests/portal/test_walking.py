"""The citation neighbourhood, and works related without a link."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from evigraph.portal.kindred import by_references, by_text
from evigraph.portal.neighbourhood import SHOWN, neighbourhood
from evigraph.store.release import Release


@pytest.fixture(scope="module")
def release(small: Any) -> Release:
    return Release.open(small.home)


def cites(small: Any) -> set[tuple[str, str]]:
    return {(row["source_id"], row["target_id"]) for row in small.rows["relation"] if row["relation"] == "Cites"}


def most_cited(small: Any) -> list[str]:
    return [one for one, _ in Counter(target for _, target in cites(small)).most_common(5)]


def test_the_picture_shows_citations_and_only_those(small: Any, release: Release) -> None:
    stated = cites(small)
    for product_id in most_cited(small):
        shown = neighbourhood(release, small.products[product_id])
        assert {(curve.citing, curve.cited) for curve in shown.curves} <= stated
        ids = {node.card["product_id"] for node in shown.nodes} | {product_id}
        among = {(a, b) for a, b in stated if a in ids and b in ids and a != b}
        assert {(curve.citing, curve.cited) for curve in shown.curves} == among
        assert len(shown.side("citing")) == min(SHOWN, len({a for a, b in stated if b == product_id and a in ids}))
        assert all(0 <= node.x - shown.start <= shown.width and 0 <= node.y <= shown.height for node in shown.nodes)


def test_one_can_walk_and_the_table_says_the_same(small: Any, client: TestClient) -> None:
    product_id = most_cited(small)[0]
    document = html.fromstring(client.get(f"/product/{product_id}/neighbourhood").text)
    links = document.xpath("//*[local-name()='svg']//a[contains(@href, '/neighbourhood')]/@href")
    rows = document.xpath("//tbody/tr")
    assert len(links) == len(rows) > 0
    assert client.get(links[0]).status_code == 200
    assert client.get("/product/nothing/neighbourhood").status_code == 404


def test_related_by_references_are_counted(small: Any, release: Release) -> None:
    stated = cites(small)
    lists: dict[str, set[str]] = {}
    for citing, cited in stated:
        lists.setdefault(citing, set()).add(cited)
    for product_id in sorted(lists)[:40]:
        counted = {one: len(own & lists[product_id]) for one, own in lists.items() if one != product_id}
        found = by_references(release, product_id)
        assert all(counted[card["product_id"]] == n > 1 for card, n in found)
        assert [n for _, n in found] == sorted((n for n in counted.values() if n > 1), reverse=True)[: len(found)]


def test_related_by_text_leaves_itself_out(small: Any, client: TestClient, release: Release) -> None:
    found = by_text(release, small.products[small.article_id])
    assert found
    assert small.article_id not in {card["product_id"] for card in found}
    assert client.get(f"/product/{small.article_id}/related").status_code == 200
