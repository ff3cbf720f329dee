"""The illustration: whole, marked, made once, and counted as any other review."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from evigraph.review.appraisal.standing import appraisals
from evigraph.review.coding.book import Book
from evigraph.review.extraction.standing import extractions
from evigraph.review.flow import flow
from evigraph.review.illustration import FIRST, LEAD, SECOND, illustrate
from evigraph.review.publication.checks import published
from evigraph.review.synthesis.web import Web
from evigraph.review.texts.kept import text_of
from evigraph.review.workspace import Workspace
from evigraph.store.release import Release
from review.memory_journal import MemoryJournal
from store import small_release

#: Words of the synthetic works, put where the illustration looks for them.
_TEXTS = (
    "Peer support in mental health services: a qualitative interview study of experience",
    "Recovery and mental health nursing: perceptions of peers",
    "Depression and sleep in adults: a randomised trial",
    "Psychiatric nurses and their experience of seclusion, focus groups",
)

_ABSTRACT = (
    "Aim: to explore synthetic experience of peer support. Participants were recruited and interviewed, and what they "
    "said was analysed by theme. The role had no edges and staff asked for more than was described. Training and "
    "supervision were given by some services. Trust grew from being near to each other in the made-up ward. No "
    "significant difference was seen in burden between the synthetic groups."
)


def test_a_newcomer_finds_a_finished_review_that_says_what_it_is(tmp_path: Path) -> None:
    rows, _ = small_release.small_rows(160)
    for number, product in enumerate(rows["product"]):
        product["title"] = f"{_TEXTS[number % 4]} {number} (synthetic)"
    small_release.write_release(tmp_path, rows)
    release = Release.open(tmp_path)
    workspace = Workspace(MemoryJournal(), tmp_path / "reviews")
    review = illustrate(workspace, release, str.casefold)
    assert review is not None
    state = workspace.state(review)
    assert state.opened.is_illustration
    assert all("made up" in member.name for member in state.members.values())
    made = flow(state)
    assert made.is_whole, [check for check in made.checks if not check.holds]
    for key in ("database_results", "duplicates", "records_screened", "records_excluded", "dbr_assessed"):
        assert made.n(key) > 0, key
    assert made.n("dbr_notretrieved_reports") > 0
    assert made.n("new_studies") > 0
    assert any(status.is_resolved for status in state.statuses("title_abstract").values())
    assert illustrate(workspace, release, str.casefold) is None


def test_it_is_carried_to_four_themes_under_one_and_published(tmp_path: Path) -> None:
    rows, _ = small_release.small_rows(160)
    for number, product in enumerate(rows["product"]):
        product["title"] = f"{_TEXTS[number % 4]} {number} (synthetic)"
        product["descriptions"] = [_ABSTRACT]
    small_release.write_release(tmp_path, rows)
    workspace = Workspace(MemoryJournal(), tmp_path / "reviews")
    review = illustrate(workspace, Release.open(tmp_path), str.casefold)
    assert review is not None
    state = workspace.state(review)
    appraised = appraisals(state)
    assert len(appraised) == len(state.studies()) and all(one.is_open and not one.conflicts() for one in appraised)
    assert sum(len(one.agreed) for one in appraised) == 1
    extracted = extractions(state)
    assert all(one.is_open and not one.conflicts() for one in extracted)
    book = Book(state)
    codings = book.codings(LEAD.casefold())
    assert {one.actor for one in codings} == {FIRST.casefold(), SECOND.casefold()}
    assert "education" not in book.codes
    web = Web(state)
    levels = Counter(theme.level for theme in web.themes.values())
    assert levels == {"overarching": 1, "analytical": 4}
    assert len(web.links("top")) == 4
    assert any(web.evidence("top").values()) and not all(web.evidence("top").values())
    assert web.confidence and "top" not in web.confidence
    (publication,) = published(state)
    assert publication.is_illustration and len(publication.themes) == 5
    assert {study.label for study in publication.studies} == {state.study_label(one) for one in state.studies()}
    # Every quoted passage stands in the text that it is said to be of.
    for coded in codings:
        anchor = coded.anchor
        text = text_of(workspace.files(review), state.report(anchor.record_id))
        assert text.text[anchor.start : anchor.end] == anchor.exact


def test_a_graph_with_too_few_works_has_none(tmp_path: Path) -> None:
    rows, _ = small_release.small_rows(20)
    small_release.write_release(tmp_path, rows)
    workspace = Workspace(MemoryJournal(), tmp_path / "reviews")
    assert illustrate(workspace, Release.open(tmp_path), str.casefold) is None
    assert workspace.review_ids() == []
