"""Reading and coding by the keyboard alone, in a real browser: what is chosen is what is coded."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from browsers import listening
from evigraph.review.coding.book import book_of
from evigraph.review.kinds import Report
from evigraph.review.retrieval import JATS, PDF
from portal.review.conftest import ANNA, BEN, LEAD, NAMES, Served
from review import conftest as method
from review.texts.test_anchors import pdf_of

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser


@pytest.fixture
def reader(served: Served, browser: Any) -> Iterator[Any]:
    """A page of Anna's; what fails in its scripts fails the test."""
    with listening(served.app) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        context.add_cookies([{"name": "works_as", "value": quote(NAMES[method.ANNA]), "url": f"{address}/reviews"}])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        yield page
        context.close()
        assert faults == []


def attach(served: Served, head: str, content: bytes, media_type: str) -> None:
    sha256 = served.workspace.files(served.review_id).keep(content)
    served.workspace.say(served.review_id, LEAD, head, Report("retrieved", sha256, "a", media_type))


def codings(served: Served) -> list[tuple[str, str]]:
    """Names of codes and words of the codings that stand."""
    book = book_of(served.state)
    return [(book.codes[one.code_id].name, one.anchor.exact) for one in book.codings()]


def settle(page: Any, n: int) -> None:
    """Waits until the page shows this many codings."""
    playwright.expect(page.locator(".beside li")).to_have_count(n, timeout=15_000)


def test_an_article_is_coded_by_keys_alone(served: Served, reader: Any, shared_data: Path) -> None:
    head = served.heads[0]
    content = gzip.decompress((shared_data / "jats" / "journal.pone.0058242.xml.gz").read_bytes())
    attach(served, head, content, JATS)
    served.post(ANNA, "coding", action="code", subject="role", name="Role at work")
    served.post(ANNA, "coding", action="code", subject="fear", name="Fear")
    reader.goto(served.path(f"coding/{quote(head)}"))
    keys = reader.keyboard
    # The first paragraph: its first sentence, then the second too.
    keys.press("j")
    while not reader.evaluate("getSelection().anchorNode.parentElement.closest('.is-paragraph')"):
        keys.press("j")
    keys.press("Shift+J")
    chosen = reader.evaluate("document.getElementById('chosen').textContent")
    keys.press("/")
    keys.type("fea")
    keys.press("Enter")
    settle(reader, 1)
    assert codings(served) == [("Fear", chosen)]
    # The same passage again with the code used last is one more press; and the choice is kept.
    keys.press("j")
    second = reader.evaluate("document.getElementById('chosen').textContent")
    assert second and second not in chosen
    keys.press("Enter")
    settle(reader, 2)
    assert codings(served)[1] == ("Fear", second)
    keys.press("u")
    settle(reader, 1)
    keys.press("n")
    keys.type("Brand new")
    keys.press("Enter")
    settle(reader, 2)
    assert codings(served)[1] == ("Brand new", second)
    keys.press("k")
    keys.press("v")
    settle(reader, 3)
    assert len(codings(served)) == 3 and any(second.startswith(name[:40]) is False for name, _ in codings(served))
    keys.press("m")
    keys.type("a thought j k u")
    assert reader.evaluate("document.activeElement.value") == "a thought j k u"


def test_characters_beyond_the_first_plane_do_not_shift_what_the_mouse_chose(served: Served, reader: Any) -> None:
    head = served.heads[0]
    words = "\U0001f600\U0001f600 They belong &amp; stay."
    attach(served, head, f"<article><body><p>{words}</p><p>After it.</p></body></article>".encode(), JATS)
    served.post(ANNA, "coding", action="code", subject="role", name="Role")
    reader.goto(served.path(f"coding/{quote(head)}"))
    reader.locator("#line-1 .words").click(click_count=3)
    playwright.expect(reader.locator("#passage [name=start]")).not_to_have_value("")
    reader.locator("#code-tree .pick").first.click()
    settle(reader, 1)
    assert codings(served) == [("Role", "\U0001f600\U0001f600 They belong & stay.")]


def test_a_pdf_is_coded_line_by_line(served: Served, reader: Any) -> None:
    head = served.heads[0]
    attach(served, head, pdf_of("Peers said", "they belong", "to the team"), PDF)
    served.post(ANNA, "coding", action="code", subject="role", name="Role")
    reader.goto(served.path(f"coding/{quote(head)}"))
    reader.wait_for_selector("#coded-text", timeout=60_000)
    for key in ("j", "j", "Shift+J", "/"):
        reader.keyboard.press(key)
    reader.keyboard.press("Enter")
    settle(reader, 1)
    assert codings(served) == [("Role", "they belong\nto the team")]


def test_on_the_picture_of_a_page_keys_and_mouse_choose_the_same_text(served: Served, reader: Any) -> None:
    head = served.heads[0]
    attach(served, head, pdf_of("Peers said", "they belong", "to the team"), PDF)
    served.post(ANNA, "coding", action="code", subject="role", name="Role")
    reader.goto(served.path(f"coding/{quote(head)}"))
    reader.get_by_role("link", name="as pages").click(timeout=60_000)
    reader.wait_for_selector("svg.sheet")
    shown = "document.querySelector('svg.sheet image').getBBox().width"
    assert reader.evaluate(shown) == 612
    for key in ("j", "j", "Shift+J", "Enter"):
        reader.keyboard.press(key)
    settle(reader, 1)
    box = reader.locator(".sheet-line").first.bounding_box()
    reader.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    reader.mouse.down()
    reader.mouse.move(box["x"] + box["width"] + 4, box["y"] + box["height"] / 2, steps=5)
    reader.mouse.up()
    playwright.expect(reader.locator("#passage [name=start]")).to_have_value("0")
    reader.locator("#code-tree .pick").first.click()
    settle(reader, 2)
    assert codings(served) == [("Role", "Peers said"), ("Role", "they belong\nto the team")]
    assert "page=1" in reader.url and reader.locator(".zone rect").count() == 3


def test_two_coders_are_compared_and_a_merge_is_undone(served: Served, reader: Any) -> None:
    [head] = served.include(1)
    attach(served, head, b"<article><body><p>They belong. They stay.</p></body></article>", JATS)
    for code_id in ("role", "fear"):
        served.post(ANNA, "coding", action="code", subject=code_id, name=code_id.title())
    served.post(BEN, "coding", action="coding", record=head, code="role", quote="They belong. They stay.")
    reader.goto(served.path(f"coding/{quote(head)}"))
    for key in ("j", "/"):
        reader.keyboard.press(key)
    reader.keyboard.type("role")
    reader.keyboard.press("Enter")
    settle(reader, 2)
    reader.get_by_role("link", name="All codes and reports").click()
    reader.get_by_role("link", name="Coders compared").click()
    sides = reader.locator(".differences .ballot")
    assert sorted(sides.all_inner_texts()) == sorted(
        ["Anna (made up)\n\n“They belong.”", "Ben (made up)\n\n“They belong. They stay.”"]
    )
    reader.locator("tbody").get_by_role("link", name="Role").click()
    reader.get_by_text("Merge into another code").click()
    reader.get_by_label("Its codings count from now on for").select_option("fear")
    reader.get_by_role("button", name="Merge").click()
    playwright.expect(reader.get_by_text("This code was merged into")).to_be_visible()
    assert {name for name, _ in codings(served)} == {"Fear"}
    reader.locator("#undo button").click()
    playwright.expect(reader.get_by_text("2 passages")).to_be_visible()
    assert {name for name, _ in codings(served)} == {"Role"}


def test_without_scripts_lines_and_the_button_of_a_code_are_enough(served: Served, browser: Any) -> None:
    head = served.heads[0]
    attach(served, head, b"<article><body><p>One.</p><p>Two.</p></body></article>", JATS)
    served.post(ANNA, "coding", action="code", subject="role", name="Role")
    with listening(served.app) as address:
        context = browser.new_context(java_script_enabled=False, base_url=address)
        context.add_cookies([{"name": "works_as", "value": quote(NAMES[method.ANNA]), "url": f"{address}/reviews"}])
        page = context.new_page()
        page.goto(served.path(f"coding/{quote(head)}"))
        page.get_by_label("First line").fill("2")
        page.get_by_role("button", name="Role", exact=True).click()
        page.wait_for_url("**done=*")
        context.close()
    assert codings(served) == [("Role", "Two.")]
