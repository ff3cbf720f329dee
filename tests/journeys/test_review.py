"""One review in a real browser, from seven sources to a flow whose every number is counted again from the ledger.

The people are made up. The records are real exports of databases, read from the shared data, and works of a synthetic
graph. What two reviewers and an adjudicator do, they do by key and button; setting up is done through the workspace.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from browsers import listening
from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.review.kinds import Member, Pair, ProtocolSet, StageRule, Vote
from evigraph.review.on_graph import chase, pids_of, platform, search
from evigraph.review.protocol import STAGES, Criterion, Facet, Protocol
from evigraph.review.searches import Chase, SearchRun
from evigraph.store.ledger import Ledger
from evigraph.store.release import Release
from store import small_release

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no page is tested here")

pytestmark = pytest.mark.browser

#: Seven sources: six exports, one of them grey literature, and this graph.
EXPORTS = (
    ("PubMed", "database", "pubmed_zotero.ris"),
    ("Scopus", "database", "scopus.ris"),
    ("APA PsycInfo", "database", "ovid_psycinfo.ris"),
    ("ProQuest", "database", "proquest.ris"),
    ("Web of Science", "database", "web_of_science.txt"),
    ("ERIC", "organisation", "eric_nbib.nbib"),
)
LEAD, ANNA, BEN, CLARA = "Lead (made up)", "Anna (made up)", "Ben (made up)", "Clara (made up)"
PROTOCOL = Protocol(
    "Peer support in mental health services: an illustration",
    review_type="qualitative evidence synthesis",
    question="How do peer support workers experience their work?",
    facets=(Facet("population", "peer support workers", ("peer support", "recovery")),),
    criteria=(
        Criterion("population", "include", "about peer support", label="wrong population"),
        Criterion("design", "include", "qualitative data that can be extracted", label="wrong design"),
        Criterion("language", "include", "in English", label="language"),
    ),
    published_from=2014,
    published_until=2022,
    languages=("English",),
)


class Served:
    """A review that is served, its workspace, and the address of the server."""

    def __init__(self, app: Any, home: Path, address: str, review_id: str) -> None:
        self.app, self.home, self.address, self.review_id = app, home, address, review_id
        self.workspace = app.state.reviews.workspace()

    def url(self, part: str = "") -> str:
        return f"{self.address}/reviews/{self.review_id}/{part}"

    @property
    def state(self) -> Any:
        return self.workspace.state(self.review_id)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("review")
    rows, _ = small_release.small_rows(150)
    small_release.write_release(home, rows)
    app = create_app(home)
    workspace = app.state.reviews.workspace()
    lead = account_of(LEAD)
    review = workspace.open_review(PROTOCOL.title, lead, LEAD, is_illustration=True)
    workspace.say(review, lead, review, ProtocolSet(PROTOCOL))
    for name, roles in ((ANNA, ("reviewer",)), (BEN, ("reviewer",)), (CLARA, ("adjudicator",))):
        workspace.say(review, lead, account_of(name), Member(name, roles))
    for stage in STAGES:
        workspace.say(review, lead, stage, StageRule(n_votes=2, is_ranked=False))
    folder = shared_data / "exports"
    for source, kind, name in EXPORTS:
        run = workspace.search(review, lead, SearchRun("", source, kind))
        workspace.import_files(review, lead, run, [folder / name])
    release = Release.open(home)
    found = search(release, "recovery peer", (2014, 2022))
    run = workspace.search(review, lead, SearchRun("", "This graph", platform=platform(release), n_reported=len(found)))
    workspace.import_rows(review, lead, run, found)
    # The same export found again in another source: duplicates to find, and one of them to part again.
    run = workspace.search(review, lead, SearchRun("", "Scopus, second platform", n_reported=6))
    workspace.import_files(review, lead, run, [folder / "scopus.ris"])
    with listening(app) as address:
        yield Served(app, home, address, review)


def page_of(browser: Any, served: Served, name: str) -> Any:
    """A browser in which somebody works under their name."""
    context = browser.new_context()
    context.add_cookies([{"name": "works_as", "value": quote(name), "url": f"{served.address}/reviews"}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def press(page: Any, key: str) -> None:
    """A key, and the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_from_seven_sources_to_a_flow_that_counts(served: Served, browser: Any) -> None:
    workspace, review, lead = served.workspace, served.review_id, account_of(LEAD)
    state = served.state
    assert len({run.source for run in state.library.runs.values()}) >= 7
    groups = [group for group in state.library.groups.values() if len(group) > 1]
    assert len(groups) >= 2, "the export that was read twice is found twice"
    # One merge is undone by a person, and stays undone.
    head, other = groups[0][:2]
    workspace.decide_pair(review, lead, Pair(head, other, "different"), "an erratum, says the lead")
    assert served.state.library.head_of[other] == other
    works = list(served.state.library.groups)

    # Two reviewers vote by key, blind; they disagree about each tenth, and read some fifty.
    anna, ben = page_of(browser, served, ANNA), page_of(browser, served, BEN)
    kept = works[:24]
    for place, page in ((0, anna), (1, ben)):
        page.goto(served.url("screen/title"))
        for n, work in enumerate(kept):
            shown = page.locator('#vote input[name="record"]').get_attribute("value")
            assert shown == work
            assert "What the others voted" not in page.content()
            decision = "ArrowRight" if n % 3 == 0 or (n % 10 == 1 and place) else "ArrowLeft"
            press(page, decision)
        if place == 0:
            press(page, "u")
            assert page.locator('#vote input[name="record"]').get_attribute("value") == kept[-1]
            press(page, "m" if (len(kept) - 1) % 3 == 0 else "ArrowLeft")
    for name in (ANNA, BEN):
        for work in works[24:]:
            workspace.say(review, account_of(name), work, Vote("title_abstract", "exclude"))
    conflicts = [
        work for work, status in served.state.statuses("title_abstract").items() if status.standing == "conflict"
    ]
    assert len(conflicts) >= 2

    # An adjudicator settles what they disagree on.
    clara = page_of(browser, served, CLARA)
    clara.goto(served.url("conflicts"))
    for n in range(len(conflicts)):
        assert clara.locator(".ballot").count() == 2
        clara.fill('input[name="reason"]', "read both notes")
        clara.keyboard.press("Escape")
        press(clara, "ArrowRight" if n == 0 else "ArrowLeft")
    assert "No record is in conflict" in clara.content()

    # One round of citation chasing from what is sought.
    state = served.state
    release = Release.open(served.home)
    seeds = {
        one: pids_of([state.library.records[each] for each in state.library.groups[one]]) for one in state.sought()
    }
    seeds[works[0]] = [small_release.ARTICLE_ID]
    chased = chase(release, seeds, cap=20)
    run = SearchRun("", "Citations in this graph", "citations", chase=Chase(1, ("backward", "forward"), len(seeds), 20))
    run_id = workspace.search(review, lead, run)
    workspace.import_rows(review, lead, run_id, chased.rows)
    found = [one for one in served.state.library.groups if one.startswith(f"{run_id}:")]
    assert found
    for name in (ANNA, BEN):
        for n, work in enumerate(found):
            workspace.say(review, account_of(name), work, Vote("title_abstract", "include" if n == 0 else "exclude"))

    # Full texts: one attached, one not to be had, the others read and judged with one reason each.
    sought = served.state.sought()
    assert len(sought) >= 6
    anna.goto(served.url("full-texts"))
    row = anna.locator(".text-row").first
    row.locator("summary").click()
    pdf = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 made up"}
    row.locator('input[type="file"]').set_input_files(pdf)
    with anna.expect_navigation():
        row.get_by_role("button", name="Attach").click()
    assert served.state.report(sought[0]).status == "retrieved"
    row = anna.locator(".text-row").nth(1)
    row.locator("summary").click()
    row.locator('input[name="reason"]').fill("asked the authors twice")
    with anna.expect_navigation():
        row.get_by_role("button", name="It could not be had").click()
    assert served.state.report(sought[1]).status == "not_retrieved"
    for page in (anna, ben):
        page.goto(served.url("screen/full-text"))
        for n in range(len(sought) - 1):
            press(page, "ArrowRight" if n < 3 else str(1 + n % 3))
    left = [(one, of) for one, of in served.state.statuses("full_text").items() if not of.is_decided]
    assert not left

    # The flow, and every number of it counted again.
    anna.goto(served.url("flow"))
    shown = numbers_of(anna)
    expected = counted_again(served)
    assert {key: shown[key] for key in expected} == expected
    assert anna.locator(".is-broken").count() == 0

    # A year later: searched again, and only what is new is queued.
    included = len(served.state.included())
    assert included >= 3
    assert workspace.begin_update(review, lead, "a year has passed") == 1
    run_id = workspace.search(review, lead, SearchRun("", "PubMed", repeats="S1"))
    before = workspace.files(review).rows(served.state.library.imports["S1"])
    new = {**before[0], "title": "A made-up report that is new this year", "source_key": "new", "pids": []}
    workspace.import_rows(review, lead, run_id, [*before, {**new, "authors": [], "instances": [], "alternate_ids": []}])
    waiting = [work for work, status in served.state.statuses("title_abstract").items() if status.standing == "waits"]
    assert len(waiting) == 1
    anna.goto(served.url("screen/title"))
    assert "new this year" in anna.content()
    anna.goto(served.url("flow"))
    assert numbers_of(anna)["previous_reports"] == included


def numbers_of(page: Any) -> dict[str, int]:
    """The numbers of the diagram by the address that each leads to; the first where a box lists several."""
    found: dict[str, int] = {}
    for link in page.locator("svg.flow a").all():
        key = str(link.get_attribute("href")).rpartition("/")[2]
        number = re.search(r"n\s*=\s*([\d,]+)", link.text_content() or "")
        if number and key not in found:
            found[key] = int(number[1].replace(",", ""))
    return found


def counted_again(served: Served) -> dict[str, int]:
    """The boxes counted from the events of the ledger alone, without the review's own state."""
    with Ledger.open(served.home / "ledger.db") as ledger:
        events = list(ledger.events(scope=f"review:{served.review_id}"))
    gone = {event.subject_l for event in events if event.kind == "withdrawn"}
    events = [event for event in events if event.event_id not in gone and event.kind != "withdrawn"]
    kinds = {run["run_id"]: run["source_kind"] for run in (e.payload for e in events if e.kind == "review.search")}
    records = list(served.state.library.records)
    groups = [event.payload["groups"] for event in events if event.kind == "review.duplicates"][-1]
    first_of = {one: group[0] for group in groups for one in group}
    latest: dict[tuple[str, str, str], Any] = {}
    settled: dict[tuple[str, str], Any] = {}
    lost = set()
    for event in events:
        work = first_of.get(event.subject_l, event.subject_l)
        if event.kind == "review.vote":
            latest[event.payload["stage"], work, event.actor] = event.payload
        elif event.kind == "review.resolution":
            settled[event.payload["stage"], work] = event.payload["decision"]
        elif event.kind == "review.report":
            (lost.add if event.payload["status"] == "not_retrieved" else lost.discard)(work)
    words: dict[tuple[str, str], Counter[str]] = {}
    for (stage, work, _), said in latest.items():
        maybe = said["decision"] == "maybe" and stage == "title_abstract"
        words.setdefault((stage, work), Counter())["include" if maybe else said["decision"]] += 1

    def outcome(stage: str, work: str) -> str:
        if (stage, work) in settled:
            return str(settled[stage, work])
        said = words.get((stage, work), Counter())
        return next(iter(said)) if len(said) == 1 and said.total() >= 2 else "open"

    def is_left(one: str) -> bool:
        return kinds[one.partition(":")[0]] in ("database", "register")

    members: dict[str, list[str]] = {}
    for one in records:
        members.setdefault(first_of.get(one, one), []).append(one)
    left = [work for work, each in members.items() if any(map(is_left, each))]
    right = [work for work in members if work not in set(left)]
    sought = [work for work in left if outcome("title_abstract", work) == "include"]
    also = [work for work in right if outcome("title_abstract", work) == "include"]
    read = [work for work in sought if work not in lost]
    return {
        "database_results": sum(map(is_left, records)),
        "duplicates": sum(map(is_left, records)) - len(left),
        "records_screened": len(left),
        "records_excluded": sum(outcome("title_abstract", work) == "exclude" for work in left),
        "dbr_sought_reports": len(sought),
        "dbr_notretrieved_reports": len(sought) - len(read),
        "dbr_assessed": len(read),
        "dbr_excluded": sum(outcome("full_text", work) == "exclude" for work in read),
        "other_sought_reports": len(also),
        "other_assessed": len([work for work in also if work not in lost]),
        "new_studies": sum(outcome("full_text", work) == "include" for work in [*read, *also] if work not in lost),
    }
