"""Every kind of page in a real browser: accessible in light and dark, narrow as a phone, read without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsers import listening
from evigraph.portal.app import create_app

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

_ENTITIES: dict[str, dict[str, Any]] = {
    "organization": {
        "organization_id": "ror:05dxps055",
        "legal_name": "Invented Institute of Technology with a Name That Is Longer than a Telephone Is Wide",
        "country_code": "US",
        "website_url": "https://institute.example.org/with/a/very/long/path/that/does/not/break",
    },
    "project": {
        "project_id": "openaire:invented_project",
        "code": "101000000",
        "acronym": "INVENT",
        "title": "Invented",
    },
    "data_source": {"data_source_id": "openaire:invented_source", "official_name": "Invented repository"},
    "community": {"community_id": "openaire:invented_community", "name": "Invented community", "acronym": "ic"},
}
_STATED = {"source": "openaire", "source_key": "x", "payload": "synthetic.jsonl", "position": 0, "is_mention": False}


@pytest.fixture(scope="module")
def home(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small graph with entities of every kind and a pair that waits for a person."""
    home: Path = tmp_path_factory.mktemp("graph")
    rows, odd = small.made.small_rows(60)
    for kind, row in _ENTITIES.items():
        rows[kind] = [{**_STATED, **row}]
        key = next(iter(row.values()))
        rows.setdefault("product_entity", []).append(
            {"product_id": small.article_id, "kind": kind, "entity_id": key, "relation": "IsRelatedTo", "sources": []}
        )
    left, right = sorted((odd["hostile"], odd["japanese"]))
    record_of = {product["product_id"]: product["record_ids"][0] for product in rows["product"]}
    rows["open_pair"] = [
        {
            "place": 1,
            "record_id_l": record_of[left],
            "record_id_r": record_of[right],
            "product_id_l": left,
            "product_id_r": right,
            "level": "duplicate",
            "score": 0.7,
            "explanation": "same title, but other authors",
        }
    ]
    small.made.write_release(home, rows)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with listening(create_app(home)) as address:
        yield address


def paths(small: Any) -> list[str]:
    """One address of each kind of page, and of those that show something out of the ordinary."""
    of_article = f"/product/{small.article_id}"
    hostile, crowd, retracted = (f"/product/{small.odd[name]}" for name in ("hostile", "crowd", "retracted"))
    parts = ("why", "cited-by", "references", "neighbourhood", "related", "impact", "cite")
    return [
        "/",
        "/search?q=synthetic",
        "/search?q=synthetic&facets=all&type=publication&sort=relevance_influence",
        "/search?q=nothingofthekind",
        "/search/advanced",
        "/search/export?q=synthetic",
        of_article,
        *(f"{of_article}/{part}" for part in parts),
        hostile,
        crowd,
        retracted,
        f"{retracted}/cite",
        f"/product/{small.odd['japanese']}",
        "/author/name:Hui%20Xian%20Eileen%20Ser",
        "/author/orcid:0000-0002-1825-0097",
        "/journal/name:International%20Journal%20of%20Mental%20Health%20Nursing",
        *(f"/{kind.replace('_', '-')}/{next(iter(row.values()))}" for kind, row in _ENTITIES.items()),
        "/indicators",
        "/about",
        "/open-pairs",
        "/open-pairs/1",
        "/feedback",
        "/no-such-page",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_that_axe_finds(browser: Any, address: str, small: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    faults = []
    for path in paths(small):
        answer = page.goto(f"{address}{path}")
        assert answer is not None and (answer.status == 200) == (path != "/no-such-page"), (path, answer.status)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = Axe().run(page).response["violations"]
        faults += [(path, v["id"], v["impact"], v["nodes"][0]["html"][:120]) for v in found]
    context.close()
    assert faults == []


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_scrolls_sideways(browser: Any, address: str, small: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    wide = []
    for path in paths(small):
        page.goto(f"{address}{path}")
        for opened in (False, True):
            if opened:
                page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                wide.append((path, opened, found))
    context.close()
    assert wide == []


def test_a_product_is_read_with_scripts_off(browser: Any, address: str, small: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/doi/10.1111/inm.13415")
    assert "Certified Peer Support Specialist" in page.inner_text("h1")
    assert page.inner_text("h2#versions") == "2 versions"
    page.locator("details.host summary").first.click()
    assert page.locator("details.host a").first.is_visible()
    page.locator("h1 details.said summary").click()
    assert "Crossref" in page.locator("h1 .said-body").inner_text()
    page.click("text=Cite it in")
    assert "Ser, H. X. E., Pua, X. Y. V., Li, Z., & Goh, Y. S. (2024)" in page.inner_text("dl.sentences")
    context.close()


def test_a_retraction_stands_before_the_title_and_in_every_list(browser: Any, address: str, small: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 700})
    page.goto(f"{address}/product/{small.odd['retracted']}")
    warning = page.locator(".retraction")
    assert "This work was retracted" in warning.inner_text()
    assert warning.bounding_box()["y"] < page.locator("h1").bounding_box()["y"] < 700
    page.goto(f"{address}/search?q=oddity retracted")
    assert "Retracted" in page.locator("li.hit").first.inner_text()
    page.goto(f"{address}/product/{small.odd['retracted']}/cite")
    assert "Retracted" in page.inner_text("main")
    page.close()


def test_citing_works_by_year_and_in_every_order(browser: Any, address: str, small: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/product/{small.article_id}/cited-by")
    assert page.inner_text("h1") == "Cited by 3"
    listed = [one.inner_text() for one in page.locator("ol.works a.work-title").all()]
    for label in ("newest", "citations", "popularity", "impulse", "influence"):
        page.click(f"main p.fine >> text={label}")
        assert sorted(one.inner_text() for one in page.locator("ol.works a.work-title").all()) == sorted(listed)
    page.locator("svg.bars a").last.click()
    assert " of " in page.inner_text("p.chips") and "year=" in page.url
    n = page.locator("ol.works > li").count()
    assert 1 <= n <= 3 and page.inner_text("p.chips").startswith(f"{n} of ")
    page.close()
