"""The illustration: whole, marked, made once, and counted as any other review."""

from __future__ import annotations

from pathlib import Path

from evigraph.review.flow import flow
from evigraph.review.illustration import illustrate
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


def test_a_graph_with_too_few_works_has_none(tmp_path: Path) -> None:
    rows, _ = small_release.small_rows(20)
    small_release.write_release(tmp_path, rows)
    workspace = Workspace(MemoryJournal(), tmp_path / "reviews")
    assert illustrate(workspace, Release.open(tmp_path), str.casefold) is None
    assert workspace.review_ids() == []
