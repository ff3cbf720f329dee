"""One person's visit in a real browser: an account, three links, one taken back, a report; a curator undoes a merge.

Then the graph is run, and all of it is true in the new release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from browsers import listening
from evigraph.cli import app as commands
from evigraph.harvest.payloads import add
from evigraph.model.pid import Pid, id_of
from evigraph.portal.app import create_app
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from visiting import PASSWORD, open_accounts

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

DOIS = [f"10.5555/synthetic.{number}" for number in range(8)]
PROJECT = "openaire:corda_____he::0000000000000000000000000000000b"
MERGED = 5


def run(home: Path) -> None:
    done = CliRunner().invoke(commands, ["run", "--home", str(home)])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight synthetic works, one of which two sources tell, and a project."""
    folder = tmp_path_factory.mktemp("visit")
    home = folder / "home"
    home.mkdir()
    works = synthetic_works(8, seed=4)
    title, year = works[MERGED]["title"][0], works[MERGED]["issued"]["date-parts"][0][0]
    twin = {"id": "https://openalex.org/W42", "title": title, "display_name": title, "type": "article"}
    twin |= {"doi": f"https://doi.org/{DOIS[MERGED]}", "publication_year": year}
    project: dict[str, Any] = {"id": PROJECT.removeprefix("openaire:"), "code": "999", "acronym": "SYN"}
    project |= {"title": "Synthetic studies", "callIdentifier": "SYN-1"}
    project |= {"fundings": [{"shortName": "EC", "name": "European Commission"}]}
    add(home, "crossref", write_lines(folder / "works.jsonl", works))
    add(home, "openalex", write_lines(folder / "twin.jsonl", [twin]))
    add(home, "openaire", write_lines(folder / "projects.jsonl", [project]))
    run(home)
    open_accounts(home, "curator")
    return home


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with listening(create_app(home)) as address:
        yield address


def product(number: int) -> str:
    return f"/product/{id_of(Pid('doi', DOIS[number]))}"


def test_a_visit_and_the_next_release(browser: Any, address: str, home: Path) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    main = page.get_by_role("main")
    # An account.
    page.goto(f"{address}/sign-up")
    page.get_by_label("Name to sign in with").fill("rosa")
    page.get_by_label("Password").fill("several synthetic words")
    page.get_by_role("button", name="Open the account").click()
    playwright.expect(page.get_by_label("You").get_by_role("link", name="rosa")).to_be_visible()
    # Three products are linked to a project by pasted DOIs, after a look.
    page.goto(f"{address}/claim")
    page.locator("#products").fill("\n".join(DOIS[:3]))
    page.get_by_label("a project", exact=True).check()
    page.get_by_label("Which one?").fill("SYN")
    page.get_by_role("button", name="Look it up").click()
    playwright.expect(page.locator("#found")).to_contain_text("3 new, 0 linked already, 0 not known")
    page.get_by_role("button", name="Link these").click()
    playwright.expect(page.get_by_role("status")).to_have_text("Kept: 3 links.")
    playwright.expect(main.locator("li.item")).to_have_count(3)
    # One is taken back.
    withdrawn = main.locator("li.item").first
    path = withdrawn.locator("a.work-title").get_attribute("href")
    withdrawn.get_by_role("button", name=re.compile("Withdraw")).click()
    playwright.expect(main.locator("li.item")).to_have_count(2)
    kept = [product(number) for number in range(3) if product(number) != path]
    # What was linked is on the products' pages at once; what was taken back is not.
    for one in kept:
        page.goto(f"{address}{one}")
        playwright.expect(main).to_contain_text("Linked by users")
    page.goto(f"{address}{path}")
    playwright.expect(main).not_to_contain_text("Linked by users")
    # An issue is reported from the very page, and can be followed.
    page.get_by_role("link", name=re.compile("Found an issue")).first.click()
    main.locator("textarea").fill("The year is another one.")
    main.locator("form[action='/feedback'] button").click()
    playwright.expect(page.locator("h1")).to_have_text("Waiting for a curator")
    follow = page.url.partition("?")[0]
    # A curator undoes a merge, and answers the report.
    curating = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    curating.goto(f"{address}/sign-in")
    curating.get_by_label("Name").fill("curator")
    curating.get_by_label("Password").fill(PASSWORD)
    curating.get_by_role("main").get_by_role("button", name="Sign in").click()
    curating.goto(f"{address}/correct?about={product(MERGED)}")
    fault = curating.locator("#wrong_merge")
    if fault.get_attribute("open") is None:
        fault.locator("summary").click()
    fault.locator("input[value='openalex:W42']").check()
    fault.locator("textarea").fill("It is another work of the same title.")
    fault.get_by_role("button", name="Send it to the curators").click()
    curating.goto(f"{address}/queue")
    item = curating.locator("li.item", has_text="another work of the same title").first
    item.get_by_role("button", name="Accept").click()
    item = curating.locator("li.item", has_text="The year is another one.").first
    item.get_by_role("button", name="Done").click()
    # The next release holds it all.
    before = Release.open(home).manifest.release_id
    run(home)
    release = Release.open(home)
    assert release.manifest.release_id != before
    for one in kept:
        (link,) = release.entities.links_of(one.removeprefix("/product/"))
        assert (link["entity_id"], link["sources"]) == (PROJECT, ["people"])
        page.goto(f"{address}{one}")
        playwright.expect(main.get_by_role("link", name=re.compile("SYN|Synthetic studies")).first).to_be_visible()
    assert path is not None and release.entities.links_of(path.removeprefix("/product/")) == []
    row = release.product(id_of(Pid("doi", DOIS[MERGED])))
    assert row is not None and len(row["record_ids"]) == 1
    page.goto(follow)
    playwright.expect(page.locator("h1")).to_have_text("Accepted")
    page.goto(f"{address}/my/links")
    playwright.expect(main.locator("li.item")).to_have_count(2)
    page.context.close()
    curating.context.close()
