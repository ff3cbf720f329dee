"""Script injection in a real browser: nothing runs, nothing is asked of another host, with the policy and without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from browsers import listening
from evigraph.portal.app import create_app
from injections import VECTORS, write_graph

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

#: What a script of a vector would call. It is there before any page is, whatever the policy of content.
_HOOK = "window.__hits = []; window.hit = () => window.__hits.push(document.location.href);"


@dataclass
class Watched:
    """A page with the hook, and what happened on it that must not."""

    page: Any
    happened: list[str] = field(default_factory=list)

    def visit(self, address: str) -> None:
        """Opens a page, moves over it, and notes what ran."""
        self.page.goto(address, wait_until="load")
        self.page.keyboard.press("Tab")
        self.happened += [f"{address}: ran" for _ in self.page.evaluate("window.__hits")]


@pytest.fixture(scope="module")
def served(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    home: Path = tmp_path_factory.mktemp("injected")
    ids = write_graph(small.made, home, VECTORS)
    with listening(create_app(home)) as address:
        yield address, ids


@pytest.fixture(params=[False, True], ids=["with the policy", "without the policy"])
def watched(browser: Any, served: tuple[str, list[str]], request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = browser.new_context(bypass_csp=request.param)
    context.add_init_script(_HOOK)
    watched = Watched(context.new_page())

    def asked(sent: Any) -> None:
        if not sent.url.startswith((served[0], "data:")):
            watched.happened.append(f"asked {sent.url}")

    def told(message: Any) -> None:
        # The policy says what it refused: text that stays text gives it nothing to refuse.
        if message.type == "error":
            watched.happened.append(message.text)

    def opened(dialog: Any) -> None:
        watched.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    watched.page.on("request", asked)
    watched.page.on("console", told)
    watched.page.on("dialog", opened)
    watched.page.on("pageerror", lambda error: watched.happened.append(str(error)))
    yield watched
    context.close()
    assert watched.happened == []


def test_the_hook_sees_what_runs(browser: Any) -> None:
    context = browser.new_context()
    context.add_init_script(_HOOK)
    page = context.new_page()
    page.goto("data:text/html,<p>x</p>")
    page.set_content("<img src=x onerror=hit()>")
    page.wait_for_function("window.__hits.length == 1")
    context.close()


def test_lists_of_all_vectors(watched: Watched, served: tuple[str, list[str]]) -> None:
    base, _ = served
    for number in range(1, 5):
        watched.visit(f"{base}/search?q=vector&sort=date&per_page=100&page={number}")
    watched.visit(f"{base}/")
    watched.visit(f"{base}/search?facets=all&q=vector")


@pytest.mark.parametrize("part", ["", "/why", "/cited-by", "/neighbourhood", "/cite", "/references", "/related"])
def test_pages_of_products(watched: Watched, served: tuple[str, list[str]], part: str) -> None:
    base, ids = served
    # Every payload once on its page, each after another way out; the other pages show the same by the same means.
    for number in range(0, len(ids), 11 if not part else 61):
        watched.visit(f"{base}/product/{ids[number]}{part}")


@pytest.mark.soak
def test_every_vector_on_its_page(watched: Watched, served: tuple[str, list[str]]) -> None:
    base, ids = served
    for product_id in ids:
        watched.visit(f"{base}/product/{product_id}")


def test_a_vector_that_is_asked_for(watched: Watched, served: tuple[str, list[str]]) -> None:
    base, _ = served
    for vector in VECTORS[::10]:
        watched.page.goto(f"{base}/search/advanced")
        watched.page.goto(f"{base}/")
        watched.page.fill("input[name=q]", vector.replace("\n", " "))
        watched.page.press("input[name=q]", "Enter")
        watched.page.wait_for_load_state("load")
        watched.happened += [f"{vector}: ran" for _ in watched.page.evaluate("window.__hits")]
