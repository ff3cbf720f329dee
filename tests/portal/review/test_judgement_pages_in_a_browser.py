"""The pages from appraisal to report in a real browser: accessible in light and dark, narrow as a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from browsers import listening
from evigraph.review.extraction.forms import USUAL, write_form
from evigraph.review.kinds import Report
from evigraph.review.retrieval import PDF
from evigraph.review.texts.kept import text_of
from portal.review.conftest import ANNA, BEN, LEAD, NAMES, Served
from portal.review.test_coding import ARTICLE, attach
from review import conftest as method
from review.texts.test_anchors import pdf_of

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser


@pytest.fixture
def address(served: Served) -> Iterator[str]:
    """Where the review is served: two studies, the first appraised by both with one disagreement, both extracting."""
    first, second = served.include(2)
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    served.post(LEAD, "extraction", form=write_form(USUAL), n_people="2")
    answers = {f"answer-Q{n}": "Yes" for n in range(1, 11)} | {f"reason-Q{n}": "said so" for n in range(1, 10)}
    values = {"v-authors-0": "Writer", "v-year-0": "2020", "v-aim-0": "to know", "v-finding-0": "a finding"}
    for account, odd in ((ANNA, "No"), (BEN, "Can't tell")):
        served.post(account, f"appraisal/{quote(first)}", action="complete", **answers | {"answer-Q6": odd})
        served.post(account, f"extraction/{quote(first)}", action="complete", **values | {"v-n-0": str(len(odd))})
    served.post(ANNA, "coding", action="code", subject="role", name="Role", color="#336699")
    served.post(ANNA, "coding", action="code", subject="fear", name="Fear", parent="role")
    attach(served, first, ARTICLE)
    for code, words in (("role", "they belong"), ("fear", "belong. x"), ("role", "Nobody asked.")):
        served.post(ANNA, "coding", action="coding", record=first, code=code, quote=words)
    served.post(BEN, "coding", action="coding", record=first, code="role", quote="said they belong")
    # Replaced, so that the page has a coding whose words are gone.
    attach(served, first, ARTICLE.replace(b"Nobody asked.", b"Somebody did."))
    served.post(ANNA, "coding", action="memo", record=first, about="report", about_id=first, text="a memo")
    report = Report("retrieved", served.workspace.files(served.review_id).keep(pdf_of("They belong")), "a.pdf", PDF)
    served.workspace.say(served.review_id, LEAD, second, report)
    text_of(served.workspace.files(served.review_id), report)
    served.post(ANNA, "coding", action="coding", record=second, code="role", quote="They belong")
    said = {"exact": "They had to justify " * 9, "quotation": "why are you here", "credibility": "credible"}
    served.post(ANNA, "synthesis", action="finding", subject="f1", study=first, **said)
    sentence = "Peer support workers keep having to justify why they are there."
    served.post(
        ANNA, "synthesis", action="theme", subject="a", level="descriptive", label="Justify", statement=sentence
    )
    served.post(ANNA, "synthesis", action="theme", subject="top", level="overarching", label="The journey")
    served.post(ANNA, "synthesis", action="bears", subject="a", source="finding", source_id="f1", bearing="contradicts")
    served.post(ANNA, "synthesis", action="bears", subject="top", source="theme", source_id="a", bearing="supports")
    components = ("methodological", "coherence", "adequacy", "relevance")
    judged = dict.fromkeys(components, "minor") | {f"{part}-why": "a reason" for part in components}
    served.post(ANNA, "synthesis", action="confidence", subject="a", overall="low", why="the whole", **judged)
    with listening(served.app) as address:
        yield address


def test_pages_have_no_fault_that_axe_finds_and_never_scroll_sideways(
    served: Served, address: str, browser: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    first, second = (quote(head) for head in served.heads[:2])
    parts = [f"{room}{study}" for room in ("appraisal", "extraction") for study in ("", f"/{first}", f"/{second}")]
    others = ["coding", f"coding/{first}", "coding?code=role", "coding/codes/role", "coding/compare", "coding/memos"]
    others += [f"coding/{second}?page=1", "synthesis", "synthesis/map", "synthesis/grid", "synthesis/conqual"]
    others += [
        "confidence",
        "report",
        "report/prisma",
        "report/print",
        "extraction-form",
        "publish",
        f"places/{first}?words=they",
    ]
    cookie = {"name": "works_as", "value": quote(NAMES[method.ANNA]), "url": f"{address}/reviews"}
    lead = cookie | {"value": quote(NAMES[method.LEAD])}
    faults: list[Any] = []
    for scheme, width, who in (("light", 1280, cookie), ("dark", 1280, lead), ("light", 320, lead)):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        context.add_cookies([who])
        page = context.new_page()
        for part in (*parts, *others):
            answer = page.goto(f"{address}{served.path(part)}")
            assert answer is not None and answer.status == 200, part
            if part == "report/print":
                # The diagram has its colours from a style sheet of the page: without one its boxes are black.
                fill = page.evaluate("getComputedStyle(document.querySelector('.flow .box')).fill")
                text = page.evaluate("getComputedStyle(document.querySelector('.flow text')).fill")
                assert fill != text
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found = Axe().run(page).response["violations"]
            faults += [(part, scheme, v["id"], v["nodes"][0]["html"][:160]) for v in found]
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                faults.append((part, width, wide))
        context.close()
    assert faults == []
