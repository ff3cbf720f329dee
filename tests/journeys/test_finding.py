"""Finding one article in a real browser: by slips, identifiers and names, by keyboard, without scripts; and onwards."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rispy

from browsers import serving
from evigraph.cli.demonstration import EXAMPLES
from evigraph.harvest.payloads import add
from graphs import synthetic_works, write_lines

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

ARTICLE = "10.1111/inm.13415"
TITLE = re.compile("Experiences of Certified Peer Support Specialist")
N_CITING = 3


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a graph: the article's two records and a synthetic literature, of which three works cite it."""
    home = tmp_path_factory.mktemp("finding") / "home"
    home.mkdir()
    works = synthetic_works(200, seed=5, last_year=2025)
    for work in works[:N_CITING]:
        work["reference"].append({"key": "article", "DOI": ARTICLE})
    add(home, "crossref", write_lines(home.parent / "synthetic.jsonl.gz", works))
    for source, name in EXAMPLES:
        add(home, source, Path(__file__).parents[2] / "examples" / name)
    evigraph = [sys.executable, "-m", "evigraph"]
    done = subprocess.run([*evigraph, "run", "--home", str(home)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    with serving(home) as address:
        yield address


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


@pytest.mark.parametrize(
    "words",
    [
        "experiences of certifed peer suport specialist",
        ARTICLE,
        f"https://doi.org/{ARTICLE}",
        "39252191",
        "pmid:39252191",
        "Hui Xian Eileen Ser",
        "author:Pua peer support",
    ],
)
def test_the_article_is_found(page: Any, address: str, words: str) -> None:
    page.goto(address)
    box = page.get_by_role("main").get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")
    page.wait_for_url(re.compile("/search|/product/"))
    if "/product/" not in page.url:
        page.locator(".hit-list a", has_text=TITLE).first.click()
    playwright.expect(page.locator("h1")).to_contain_text(TITLE)


def test_a_citation_is_followed_there_and_back(page: Any, address: str) -> None:
    page.goto(f"{address}/search?q={ARTICLE}")
    if "/product/" not in page.url:
        page.locator(".hit-list a", has_text=TITLE).first.click()
    page.locator("a[href$='/cited-by']", has_text=str(N_CITING)).first.click()
    citing = page.get_by_role("link", name=re.compile("Synthetic work on"))
    playwright.expect(citing).to_have_count(N_CITING)
    citing.first.click()
    playwright.expect(page.locator("h1")).to_contain_text("Synthetic work on")
    page.locator("a[href$='/references']").first.click()
    page.get_by_role("main").get_by_role("link", name=TITLE).first.click()
    playwright.expect(page.locator("h1")).to_contain_text(TITLE)


def test_a_result_is_taken_away_and_read_by_another(page: Any, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/search?q=synthetic")
    total = int(re.sub(r"\D", "", page.locator("h1.total b").inner_text()))
    page.get_by_role("link", name=re.compile("^Take all")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("RIS")).first.click()
    download.value.save_as(tmp_path / "found.ris")
    with (tmp_path / "found.ris").open(encoding="utf-8") as file:
        entries = rispy.load(file)
    assert len(entries) == total == 200
    assert all(entry["title"].startswith("Synthetic work on") for entry in entries)


def test_search_by_keyboard_alone(page: Any, address: str) -> None:
    page.goto(address)
    page.keyboard.type("certified peer support specialist")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search"))
    page.wait_for_load_state()
    for _ in range(200):
        page.keyboard.press("Tab")
        if TITLE.search(
            page.evaluate("document.activeElement.matches('a') ? document.activeElement.textContent : ''") or ""
        ):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/product/"))
    playwright.expect(page.locator("h1")).to_contain_text(TITLE)


def test_a_product_is_read_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/search?q=certified+peer+support")
    page.locator(".hit-list a", has_text=TITLE).first.click()
    playwright.expect(page.locator("h1")).to_contain_text(TITLE)
    text = page.get_by_role("main").inner_text()
    for shown in (ARTICLE, "39252191", "Ser", "2 versions"):
        assert shown in text, shown
    context.close()
