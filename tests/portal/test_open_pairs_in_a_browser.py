"""The pages of open pairs in a real browser: by key, without JavaScript, accessible, from phone to wide screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from browsers import listening
from evigraph.portal.app import create_app
from evigraph.store.ledger import Ledger

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser


@pytest.fixture
def home(graph_with_pairs: Callable[[Path], Path], tmp_path: Path) -> Path:
    return graph_with_pairs(tmp_path / "graph")


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with listening(create_app(home)) as address:
        yield address


@pytest.fixture
def page(browser: playwright.Browser, address: str) -> Iterator[playwright.Page]:
    """A page that fails the test if it reports an error, a breach of the content policy among them."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def kinds(home: Path) -> list[str]:
    with Ledger.open(home / "ledger.db") as ledger:
        return [event.kind for event in ledger.events()]


def test_deciding_by_key(page: playwright.Page, address: str, home: Path) -> None:
    page.goto(f"{address}/open-pairs")
    page.click("text=Begin")
    page.wait_for_url("**/open-pairs/1")
    page.keyboard.press("s")
    page.wait_for_url("**/open-pairs/2?*")
    assert "Kept:" in page.inner_text(".flash")
    page.keyboard.press("k")
    page.wait_for_url("**/open-pairs/3")
    page.keyboard.press("j")
    page.wait_for_url("**/open-pairs/2")
    page.keyboard.press("d")
    page.wait_for_url("**/open-pairs/3?*")
    page.keyboard.press("u")
    page.wait_for_url("**/open-pairs/2?undone")
    assert kinds(home) == ["same", "different", "withdrawn"]
    assert "Undone" in page.inner_text("main")


def test_the_question_mark_shows_the_keys_and_they_can_be_turned_off(page: playwright.Page, address: str) -> None:
    page.goto(f"{address}/open-pairs/1")
    assert not page.locator("#keys-on").is_visible()
    page.keyboard.press("?")
    assert "undo the last decision" in page.inner_text("#keys")
    page.uncheck("#keys-on")
    page.goto(f"{address}/open-pairs/1")
    page.keyboard.press("k")
    page.keyboard.press("?")
    page.wait_for_timeout(300)
    assert page.url.endswith("/open-pairs/1")
    assert not page.locator("#keys-on").is_visible()


def test_letters_typed_into_a_field_decide_nothing(page: playwright.Page, address: str, home: Path) -> None:
    page.goto(f"{address}/open-pairs/1")
    page.click("details.who summary")
    page.locator("input[name=reason]").press_sequentially("odd titles, same study?")
    assert page.input_value("input[name=reason]") == "odd titles, same study?"
    page.fill("input[name=actor]", "Änne Librarian")
    page.click("#different")
    page.wait_for_url("**/open-pairs/2?*")
    with Ledger.open(home / "ledger.db") as ledger:
        (event,) = ledger.events()
    assert (event.kind, event.actor, event.reason) == ("different", "Änne Librarian", "odd titles, same study?")
    assert "as Änne Librarian" in page.inner_text("details.who")


def test_it_works_without_javascript(browser: playwright.Browser, address: str, home: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/open-pairs/1")
    page.click("#same")
    page.wait_for_url("**/open-pairs/2?*")
    page.click("#undo button")
    page.wait_for_url("**/open-pairs/1?undone")
    page.click("#skip")
    page.wait_for_url("**/open-pairs/2")
    context.close()
    assert kinds(home) == ["same", "withdrawn"]


@pytest.mark.parametrize("width", [360, 1280, 1900])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits(browser: playwright.Browser, address: str, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for path in ("/open-pairs", "/open-pairs/1", "/open-pairs/3"):
        page.goto(f"{address}{path}")
        if path.endswith("/1"):
            page.click("#keys summary")
            page.click("details.who summary")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} scrolls sideways at {width} px: {wide}"
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main summary, main input:not([type=hidden]), main .button')]"
            ".filter(e => e.offsetHeight && (e.type === 'checkbox' ? e.parentElement : e).offsetHeight < 24)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["impact"], v["nodes"][0]["html"][:120]) for v in found] == []
    context.close()
