"""robots.txt and the sitemap, as the standard library and an XML parser read them."""

from __future__ import annotations

from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from evigraph.portal.doors import sitemap

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_robots_may_read_products_and_find_the_sitemap(doors: Any) -> None:
    rules = RobotFileParser()
    rules.parse(doors.client.get("/robots.txt").text.splitlines())
    assert rules.site_maps() == ["http://testserver/sitemap.xml"]
    assert rules.can_fetch("any", f"http://testserver/product/{doors.article_id}")
    assert not rules.can_fetch("any", "http://testserver/search?q=peer")


def test_the_sitemap_lists_every_page_once(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PER_FILE", 100)
    index = etree.fromstring(doors.client.get("/sitemap.xml").content)
    files = [one.text.removeprefix("http://testserver") for one in index.iter(LOC)]
    found = [
        one.text.rsplit("/", 1)[-1]
        for file in files
        for one in etree.fromstring(doors.client.get(file).content).iter(LOC)
    ]
    assert found == doors.ids and len(files) == -(-len(doors.ids) // 100)
    page = doors.client.get(f"/product/{found[0]}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    for number in (0, len(files) + 1):
        assert doors.client.get(f"/sitemap/{number}.xml").status_code == 404
