"""The second half of a review in a real browser: from included studies to a synthesis, a work of the next release.

The people and the works are made up; one text is an open article of the shared data, one a PDF that the test makes.
"""

from __future__ import annotations

import gzip
import io
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from browsers import listening
from evigraph import pipeline
from evigraph.harvest.payloads import add
from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.review.appraisal.standing import appraisals
from evigraph.review.coding.book import book_of
from evigraph.review.extraction.standing import extractions
from evigraph.review.kinds import Member, ProtocolSet, StageRule, Vote
from evigraph.review.on_graph import platform
from evigraph.review.protocol import STAGES, Criterion, Protocol
from evigraph.review.searches import SearchRun
from evigraph.review.synthesis.web import web_of
from evigraph.review.texts.kept import text_of
from evigraph.settings import Settings
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from review.texts.test_anchors import pdf_of

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

LEAD, ANNA, BEN, CLARA = "Lead (made up)", "Anna (made up)", "Ben (made up)", "Clara (made up)"
TITLE = "Made-up synthesis of three made-up works"
INCLUDED = ("10.5555/synthetic.1", "10.5555/synthetic.2", "10.5555/synthetic.3")
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
FORM = """\
# Study
year | date | Year | required
setting | text | Setting
# Findings (repeated)
finding | longtext | Finding in the authors' words | required
kind | choice | Kind | choices: pleasant; hard
"""
THEMES = (
    ("t1", "First of four", "Work with others moves those who do it more than they had expected."),
    ("t2", "Second of four", "People who do this work have to explain it over and over again."),
    ("t3", "Third of four", "What is asked of them is more than one role can hold."),
    ("t4", "Fourth of four", "They go on where somebody stands by them and has time for them."),
)


class Team:
    """A review of three included works of a small graph, served; each member works in a browser of their own."""

    def __init__(self, home: Path, app: Any, address: str, browser: Any, review: str) -> None:
        self.home, self.app, self.address, self.browser, self.review = home, app, address, browser, review
        self.workspace = app.state.reviews.workspace()
        self.pages: dict[str, Any] = {}

    @property
    def state(self) -> Any:
        return self.workspace.state(self.review)

    def open(self, name: str, part: str) -> Any:
        """The page that somebody has open now."""
        if name not in self.pages:
            context = self.browser.new_context(base_url=self.address, accept_downloads=True)
            context.add_cookies([{"name": "works_as", "value": quote(name), "url": f"{self.address}/reviews"}])
            self.pages[name] = context.new_page()
            self.pages[name].set_default_timeout(20_000)
        page = self.pages[name]
        answer = page.goto(f"/reviews/{self.review}/{part}")
        assert answer is not None and answer.status == 200, part
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        return page


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("synthesis")
    home = folder / "home"
    home.mkdir()
    add(home, "crossref", write_lines(folder / "works.jsonl", synthetic_works(30, seed=5)))
    pipeline.run(home, Settings())
    app = create_app(home)
    workspace = app.state.reviews.workspace()
    lead = account_of(LEAD)
    review = workspace.open_review(TITLE, lead, LEAD)
    criteria = (Criterion("all", "include", "anything"),)
    workspace.say(review, lead, review, ProtocolSet(Protocol(TITLE, question="What is it like?", criteria=criteria)))
    for name, roles in ((ANNA, ("reviewer",)), (BEN, ("reviewer",)), (CLARA, ("adjudicator",))):
        workspace.say(review, lead, account_of(name), Member(name, roles))
    for stage in STAGES:
        workspace.say(review, lead, stage, StageRule(n_votes=2, is_ranked=False))
    release = Release.open(home)
    products = [release.product(str(release.resolve(doi))) for doi in INCLUDED]
    rows = release.records([record for one in products if one is not None for record in one["record_ids"]])
    run = SearchRun("", "This graph", platform=platform(release), n_reported=len(rows))
    workspace.import_rows(review, lead, workspace.search(review, lead, run), rows)
    for head in workspace.state(review).library.groups:
        for stage in STAGES:
            for name in (ANNA, BEN):
                workspace.say(review, account_of(name), head, Vote(stage, "include"))
    with listening(app) as address:
        yield Team(home, app, address, browser, review)


def fill(form: Any, fields: Mapping[str, str]) -> None:
    """Fills in a form's fields by name, whatever they are."""
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        kind = field.first.evaluate("one => one.tagName + ':' + (one.type || '')")
        if kind.endswith(":radio"):
            form.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind.startswith("SELECT"):
            field.select_option(value)
        elif kind.endswith(":checkbox"):
            field.check()
        else:
            field.fill(value)


@contextmanager
def leaving(page: Any) -> Iterator[None]:
    with page.expect_navigation():
        yield


def send(page: Any, form: Any, fields: Mapping[str, str], button: str) -> None:
    """Fills in a form and presses its button; the page that follows tells what was done."""
    fill(form, fields)
    with leaving(page):
        form.get_by_role("button", name=button, exact=True).click()


def form_with(page: Any, **hidden: str) -> Any:
    """The last form with these values in its hidden fields: those that write something new come after the others."""
    fields = (f':has(input[type="hidden"][name="{name}"][value="{value}"])' for name, value in hidden.items())
    selector = "form" + "".join(fields)
    return page.locator(selector).last


def test_from_included_studies_to_a_work_of_the_next_release(team: Team, shared_data: Path, tmp_path: Path) -> None:
    heads = list(team.state.studies())
    attach(team, heads, shared_data, tmp_path)
    appraise(team, heads)
    extract(team, heads)
    code(team, heads)
    synthesise(team, heads)
    judge(team)
    report(team, tmp_path)
    publish(team)


def attach(team: Team, heads: list[str], shared_data: Path, folder: Path) -> None:
    """An open article and a PDF, by the forms of the page of full texts."""
    article = folder / "article.xml"
    article.write_bytes(gzip.decompress((shared_data / "jats" / "journal.pone.0058242.xml.gz").read_bytes()))
    paper = folder / "paper.pdf"
    paper.write_bytes(pdf_of("Peers said they belong here.", "Nobody had asked them before.", "They were glad."))
    for head, path in zip(heads, (article, paper), strict=False):
        page = team.open(LEAD, "full-texts")
        form = page.locator(f'form[action$="/{quote(head)}/file"]')
        form.locator('input[type="file"]').set_input_files(str(path))
        send(page, form, {"license_url": CC_BY}, "Attach")
        assert team.state.report(head).sha256


def appraise(team: Team, heads: list[str]) -> None:
    """Ten questions by two people, blind; they differ on one, which the adjudicator settles."""
    page = team.open(LEAD, "appraisal")
    form = page.locator('form:has(select[name="tool"])').first
    send(page, form, {"tool": "qualitative-ten", "n_people": "2"}, "Use this tool")
    for head in heads:
        for name, sixth in ((ANNA, "No"), (BEN, "Can't tell" if head == heads[0] else "No")):
            page = team.open(name, f"appraisal/{quote(head)}")
            assert "Anna thinks" not in page.content() or name == ANNA
            answers = {f"answer-Q{n}": "Yes" for n in range(1, 10)} | {"answer-Q6": sixth, "answer-Q10": "It adds."}
            reasons = {f"reason-Q{n}": f"{name.split()[0]} thinks so" for n in range(1, 10)}
            send(page, page.locator('form:has([name="answer-Q1"])'), answers | reasons, "Complete")
    page = team.open(CLARA, f"appraisal/{quote(heads[0])}")
    assert "1 answer differs" in page.content()
    settling = form_with(page, question="Q6")
    send(page, settling, {"value": "No", "reason": "nothing is told of it"}, "Settle")
    made = appraisals(team.state)
    assert all(one.is_open and not one.conflicts() for one in made)
    assert sum(len(one.agreed) for one in made) == 1


def extract(team: Team, heads: list[str]) -> None:
    """A form of one's own with a group that repeats; two people, one value to settle."""
    page = team.open(LEAD, "extraction")
    send(page, page.locator('form:has(textarea[name="form"])'), {"form": FORM, "n_people": "2"}, "Keep this version")
    for head in heads:
        for name in (ANNA, BEN):
            values = {"v-year-0": "2020", "v-setting-0": "a ward" if name == ANNA else "a clinic"}
            values |= {"v-finding-0": "They belong.", "v-kind-0": "pleasant"}
            page = team.open(name, f"extraction/{quote(head)}")
            send(page, page.locator('form:has([name="v-year-0"])'), values, "Keep as a draft")
            # A draft shows one entry more of the group that repeats.
            page = team.open(name, f"extraction/{quote(head)}")
            more = {"v-finding-1": "They are asked for much.", "v-kind-1": "hard"}
            send(page, page.locator('form:has([name="v-year-0"])'), more, "Complete")
        page = team.open(CLARA, f"extraction/{quote(head)}")
        settling = form_with(page, key="setting")
        send(page, settling, {"value": "a ward", "reason": "as printed"}, "Settle")
    made = extractions(team.state)
    assert all(one.is_open and not one.conflicts() for one in made)
    assert {value.place for value in made[0].values() if value.key == "finding"} == {0, 1}


def code(team: Team, heads: list[str]) -> None:
    """A JATS text and a PDF coded by two people who are compared; a merge of codes that is undone."""
    for name in ("Belonging", "Being asked", "Being asked for"):
        page = team.open(ANNA, "coding")
        send(page, page.locator('form:has(input[name="action"][value="code"])').first, {"name": name}, "Add")
    ids = {one.name: code_id for code_id, one in book_of(team.state).codes.items()}
    text = text_of(team.workspace.files(team.review), team.state.report(heads[0]))
    paragraph = next(block for block in text.blocks if block.kind == "paragraph" and block.end - block.start > 120)
    sentence = text.text[paragraph.start : paragraph.start + 100].rsplit(" ", 1)[0]
    quotes = (
        (ANNA, heads[0], sentence, "Being asked"),
        (BEN, heads[0], sentence[:40].rsplit(" ", 1)[0], "Being asked"),
        (ANNA, heads[1], "they belong here", "Belonging"),
        (BEN, heads[1], "Peers said they belong here.", "Belonging"),
        (BEN, heads[1], "Nobody had asked them", "Being asked for"),
    )
    for name, head, words, code_name in quotes:
        n = len(book_of(team.state).codings())
        page = team.open(name, f"coding/{quote(head)}")
        page.locator('textarea[name="quote"]').fill(words)
        page.locator(f'button[name="code"][value="{ids[code_name]}"]').click()
        deadline = time.monotonic() + 20
        while len(book_of(team.state).codings()) == n:
            assert time.monotonic() < deadline, words
            page.wait_for_timeout(50)
    page = team.open(LEAD, "coding/compare")
    assert "Anna (made up)" in page.content() and "Where they differ" in page.content()
    assert page.locator("ul.differences > li").count() >= 2
    # Two codes are one, and are two again.
    page = team.open(ANNA, f"coding/codes/{quote(ids['Being asked for'])}")
    merging = page.locator('form:has(input[name="action"][value="merge"])').first
    send(page, merging, {"into": ids["Being asked"]}, "Merge")
    assert ids["Being asked for"] not in book_of(team.state).codes
    with leaving(page):
        page.locator("#undo button").click()
    assert ids["Being asked for"] in book_of(team.state).codes


def synthesise(team: Team, heads: list[str]) -> None:
    """Findings, four themes under an overarching one, and a finding that contradicts."""

    def say(action: str, fields: Mapping[str, str], **hidden: str) -> None:
        page = team.open(ANNA, "synthesis")
        send(page, form_with(page, action=action, **hidden), fields, "Keep")

    for head in heads:
        for n in range(2):
            words = {
                "study": head,
                "exact": f"They said {n} of it.",
                "quotation": f"it is {n} to me",
                "page": str(n + 3),
            }
            say("finding", words | {"credibility": "unequivocal" if n else "credible"})
    say("theme", {"level": "overarching", "label": "Over all four"})
    for _, label, sentence in THEMES:
        say("theme", {"level": "analytical", "label": label, "statement": sentence})
    web = web_of(team.state)
    ids = {theme.label: theme_id for theme_id, theme in web.themes.items()}
    for n, finding in enumerate(web.findings):
        bearing = "contradicts" if n == 5 else "supports"
        say("bears", {"source_id": finding, "subject": ids[THEMES[n % 4][1]], "bearing": bearing}, source="finding")
    for _, label, _ in THEMES:
        say("bears", {"source_id": ids[label], "subject": ids["Over all four"], "bearing": "supports"}, source="theme")
    page = team.open(BEN, "synthesis")
    assert page.locator("td", has_text=re.compile("^contradicts$")).count() >= 1
    web = web_of(team.state)
    assert len(web.links(ids["Over all four"])) == 4 and sum(web.evidence(ids["Over all four"]).values()) == 1
    page = team.open(BEN, "synthesis/map")
    assert page.locator("svg.theme-map rect").count() == 5


def judge(team: Team) -> None:
    """CERQual: refused for a title, kept for a sentence."""
    web = web_of(team.state)
    ids = {theme.label: theme_id for theme_id, theme in web.themes.items()}
    parts = ("methodological", "coherence", "adequacy", "relevance")
    judged = dict.fromkeys(parts, "minor") | {f"{part}-why": "a reason" for part in parts}
    judged |= {"overall": "moderate", "why": "all in all"}
    page = team.open(CLARA, "confidence")
    send(page, form_with(page, action="confidence", subject=ids["Over all four"]), judged, "Keep")
    assert "is a title and says nothing that one could be confident of" in page.content()
    assert not web_of(team.state).confidence
    page = team.open(CLARA, "confidence")
    send(page, form_with(page, action="confidence", subject=ids["First of four"]), judged, "Keep")
    assert "Moderate confidence" in page.content()


def report(team: Team, folder: Path) -> None:
    """The archive holds the decisions and tables of all of it."""
    page = team.open(LEAD, "report")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Archive (RO-Crate)").click()
    path = folder / "archive.zip"
    waiting.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        decisions = archive.read("decisions.jsonl").decode()
    assert {"ro-crate-metadata.json", "prisma.csv", "appraisal.csv", "extraction.csv", "included.ris"} <= names
    assert "review.confidence" in decisions and "review.coding" in decisions
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word (DOCX)").click()
    word = folder / "report.docx"
    waiting.value.save_as(word)
    with zipfile.ZipFile(word) as archive:
        words = "".join(etree.fromstring(archive.read("word/document.xml")).itertext())
    page = team.open(LEAD, "report/print")
    whole = page.locator("body").inner_text()
    for told in ("Third of four", THEMES[0][2], "a ward"):
        assert told in words and told in whole, told
    for guideline in ("prisma", "emerge"):
        team.open(LEAD, f"report/{guideline}")
    page = team.open(LEAD, "coding")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="project", exact=True).click()
    project = folder / "project.qdpx"
    waiting.value.save_as(project)
    with zipfile.ZipFile(io.BytesIO(project.read_bytes())) as archive:
        assert archive.read("project.qde").decode().count(":PlainTextSelection>") == 5


def publish(team: Team) -> None:
    """Published, and after the next run a work of the graph with its themes, its numbers and what it includes."""
    page = team.open(LEAD, "publish")
    form = page.locator('form:has(input[name="published_on"])')
    words = {"title": TITLE, "abstract": "All of it is made up.", "authors": "Lea Example | 0000-0002-1825-0097"}
    send(page, form, words, "Publish version 1")
    assert "in this graph from the next run on" in page.content()
    pipeline.run(team.home, Settings())
    page = team.open(LEAD, "publish")
    with leaving(page):
        page.locator("ol.plain-list a").click()
    shown = page.locator("main, body").first.inner_text()
    for told in ("Over all four", "Third of four", "moderate confidence", "What is it like?", "Records screened"):
        assert told in shown, told
    product = Release.open(team.home).product(page.url.rpartition("/")[2])
    assert product is not None and product["record_ids"] == [f"reviews:{team.review}.v1"]
    included = {str(Release.open(team.home).resolve(doi)) for doi in INCLUDED}
    assert set(Release.open(team.home).related_ids(product["product_id"], "Reviews", limit=9)) == included
