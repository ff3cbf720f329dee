"""A review from its opening to full text: what may be said, what then stands, what undoing brings back."""

from __future__ import annotations

from pathlib import Path

import pytest

from evigraph.errors import InputError
from evigraph.review.allotment import progress, tasks
from evigraph.review.kinds import (
    Batch,
    Member,
    Pair,
    ProtocolSet,
    Report,
    Resolution,
    StageRule,
    StopCheck,
    Study,
)
from evigraph.review.protocol import Protocol
from evigraph.review.screening import may_see_votes
from evigraph.review.searches import SearchRun
from evigraph.review.workspace import Workspace
from review.conftest import ANNA, BEN, CLARA, LEAD, PROTOCOL, TOPICS, record, vote
from review.memory_journal import MemoryJournal


def heads(workspace: Workspace, review: str) -> list[str]:
    return list(workspace.state(review).library.groups)


def test_two_that_agree_decide_and_two_that_do_not_wait_for_an_adjudicator(
    workspace: Workspace, review_id: str
) -> None:
    first, second, third, *_ = heads(workspace, review_id)
    for account, decisions in ((ANNA, ("include", "exclude", "maybe")), (BEN, ("include", "include", "include"))):
        for head, decision in zip((first, second, third), decisions, strict=True):
            vote(workspace, review_id, account, head, decision)
    state = workspace.state(review_id)
    assert [state.statuses("title_abstract")[head].standing for head in (first, second, third)] == [
        "included",
        "conflict",
        "included",
    ]
    workspace.say(review_id, CLARA, second, Resolution("title_abstract", "exclude"), "no qualitative data")
    status = workspace.state(review_id).statuses("title_abstract")[second]
    assert (status.standing, status.is_resolved, status.n_votes) == ("excluded", True, 2)


def test_a_vote_changes_only_by_its_voter_and_undoing_restores_the_former(workspace: Workspace, review_id: str) -> None:
    head = heads(workspace, review_id)[0]
    vote(workspace, review_id, ANNA, head, "include")
    changed = vote(workspace, review_id, ANNA, head, "exclude")
    state = workspace.state(review_id)
    assert state.counted_votes("title_abstract", head)[ANNA].decision == "exclude"
    for other in (BEN, LEAD):
        with pytest.raises(InputError, match="somebody else"):
            workspace.undo(review_id, other, changed)
    workspace.undo(review_id, ANNA, changed)
    assert workspace.state(review_id).counted_votes("title_abstract", head)[ANNA].decision == "include"
    history = workspace.state(review_id).slots.history("review.vote", ("title_abstract", head, ANNA))
    assert [gone for _, gone in history] == [False, True]


def test_nobody_sees_another_vote_before_their_own(workspace: Workspace, review_id: str) -> None:
    head = heads(workspace, review_id)[0]
    vote(workspace, review_id, ANNA, head, "include", note="clearly in")

    def sees(account: str) -> bool:
        state = workspace.state(review_id)
        votes = state.counted_votes("title_abstract", head)
        adjudicates = "adjudicator" in state.roles(account)
        return may_see_votes(account, votes, state.statuses("title_abstract")[head], adjudicates=adjudicates)

    assert not any(sees(account) for account in (ANNA, BEN, CLARA, LEAD))
    vote(workspace, review_id, BEN, head, "exclude")
    assert sees(ANNA)
    assert sees(BEN)
    assert sees(CLARA)
    assert not sees(LEAD)


def test_the_queue_leaves_out_what_is_voted_decided_or_put_off(workspace: Workspace, review_id: str) -> None:
    first, second, third, *rest = heads(workspace, review_id)
    vote(workspace, review_id, ANNA, first, "include")
    vote(workspace, review_id, ANNA, second, "skip")
    for account in (BEN, LEAD):
        vote(workspace, review_id, account, third, "exclude")
    state = workspace.state(review_id)
    assert [task.head for task in tasks(state, "title_abstract", ANNA)] == [*rest, second]
    assert [task.head for task in tasks(state, "title_abstract", BEN)] == [first, second, *rest]
    order = list(reversed(heads(workspace, review_id)))
    assert [task.head for task in tasks(state, "title_abstract", BEN, order)] == [*reversed(rest), second, first]
    told = progress(state, "title_abstract", ANNA)
    assert (told.n_voted, told.n_skipped, told.n_left, told.n_decided, told.n_works) == (1, 1, 6, 1, 8)


def test_a_calibration_round_holds_the_queue_back_until_it_is_ended(workspace: Workspace, review_id: str) -> None:
    first, second, *_ = heads(workspace, review_id)
    workspace.say(review_id, LEAD, "pilot", Batch("Pilot", "calibration", "title_abstract", (second, first)))
    state = workspace.state(review_id)
    assert [task.head for task in tasks(state, "title_abstract", ANNA)] == [second, first]
    assert progress(state, "title_abstract", ANNA).calibration == "Pilot"
    for account in (BEN, LEAD):
        vote(workspace, review_id, account, first, "exclude")
    assert first in [task.head for task in tasks(workspace.state(review_id), "title_abstract", ANNA)]
    for head in (first, second):
        vote(workspace, review_id, ANNA, head, "exclude")
    left = [task.head for task in tasks(workspace.state(review_id), "title_abstract", ANNA)]
    assert left == heads(workspace, review_id)[2:]


def test_a_reviewer_who_leaves_orphans_nothing(workspace: Workspace, review_id: str) -> None:
    first, second, *_ = heads(workspace, review_id)
    vote(workspace, review_id, ANNA, first, "include")
    vote(workspace, review_id, BEN, first, "exclude")
    vote(workspace, review_id, BEN, second, "exclude")
    workspace.say(review_id, LEAD, BEN, Member("Ben (made up)", ()), "left the team")
    state = workspace.state(review_id)
    assert state.statuses("title_abstract")[first].standing == "conflict"
    assert state.statuses("title_abstract")[second].n_votes == 1
    workspace.say(review_id, CLARA, first, Resolution("title_abstract", "include"))
    workspace.say(review_id, LEAD, BEN, Member("Ben (made up)", (), keeps_votes=False))
    state = workspace.state(review_id)
    assert state.statuses("title_abstract")[second].n_votes == 0
    assert state.statuses("title_abstract")[first].standing == "included"
    with pytest.raises(InputError, match="reviewer"):
        vote(workspace, review_id, BEN, second, "include")


def test_one_include_suffices_where_the_rule_says_so(workspace: Workspace, review_id: str) -> None:
    first, second, *_ = heads(workspace, review_id)
    workspace.say(review_id, LEAD, "title_abstract", StageRule(n_votes=2, rule="one_include"))
    vote(workspace, review_id, ANNA, first, "include")
    vote(workspace, review_id, ANNA, second, "exclude")
    statuses = workspace.state(review_id).statuses("title_abstract")
    assert (statuses[first].standing, statuses[second].standing) == ("included", "waits")


def to_full_text(workspace: Workspace, review: str, *chosen: str) -> None:
    for head in chosen:
        for account in (ANNA, BEN):
            vote(workspace, review, account, head, "include")


def test_full_text_needs_one_reason_and_different_reasons_are_a_conflict(workspace: Workspace, review_id: str) -> None:
    first, second, *_ = heads(workspace, review_id)
    to_full_text(workspace, review_id, first, second)
    with pytest.raises(InputError, match="one reason"):
        vote(workspace, review_id, ANNA, first, "exclude", stage="full_text")
    for head, reasons in ((first, ("design", "design")), (second, ("design", "language"))):
        for account, reason in zip((ANNA, BEN), reasons, strict=True):
            vote(workspace, review_id, account, head, "exclude", stage="full_text", criterion_id=reason)
    statuses = workspace.state(review_id).statuses("full_text")
    assert (statuses[first].standing, statuses[first].criterion_id) == ("excluded", "design")
    assert statuses[second].standing == "conflict"
    workspace.say(review_id, CLARA, second, Resolution("full_text", "exclude", "language"))
    assert workspace.state(review_id).statuses("full_text")[second].criterion_id == "language"


def test_a_report_that_was_not_retrieved_is_not_read(workspace: Workspace, review_id: str) -> None:
    first, second, *_ = heads(workspace, review_id)
    to_full_text(workspace, review_id, first, second)
    workspace.say(review_id, ANNA, first, Report("not_retrieved"), "asked the authors twice")
    assert list(workspace.state(review_id).statuses("full_text")) == [second]
    with pytest.raises(InputError, match="not screened at this stage"):
        vote(workspace, review_id, ANNA, first, "include", stage="full_text")


def test_reports_of_one_investigation_are_one_study(workspace: Workspace, review_id: str) -> None:
    first, second, third, *_ = heads(workspace, review_id)
    to_full_text(workspace, review_id, first, second, third)
    for head in (first, second, third):
        for account in (ANNA, BEN):
            vote(workspace, review_id, account, head, "include", stage="full_text")
    workspace.say(review_id, ANNA, "ward-study", Study("Ward study 2020", (first, third)))
    assert workspace.state(review_id).studies() == {"ward-study": [first, third], second: [second]}


def test_the_same_work_in_two_sources_is_screened_once_and_undoing_the_merge_parts_it(
    workspace: Workspace, review_id: str
) -> None:
    run = workspace.search(review_id, ANNA, SearchRun("", "Scopus", "database"))
    again = record(50, TOPICS[0], pids=[{"scheme": "pmid", "value": "900"}])
    workspace.import_rows(review_id, ANNA, run, [again, record(51, "Music therapy for carers of older people")])
    state = workspace.state(review_id)
    assert len(state.library.records) == 10
    assert len(state.library.groups) == 9
    head = state.library.head_of[next(one for one in state.library.records if one.startswith("S2:"))]
    assert head.startswith("S1:")
    other = state.library.groups[head][1]
    vote(workspace, review_id, ANNA, head, "include")
    event = workspace.decide_pair(review_id, ANNA, Pair(head, other, "different"), "an erratum")
    parted = workspace.state(review_id)
    assert len(parted.library.groups) == 10
    assert ANNA in parted.votes("title_abstract", head)
    assert not parted.votes("title_abstract", other)
    workspace.undo(review_id, ANNA, event)
    assert len(workspace.state(review_id).library.groups) == 9


def test_importing_again_keeps_ids_and_votes(workspace: Workspace, review_id: str) -> None:
    head = heads(workspace, review_id)[3]
    vote(workspace, review_id, ANNA, head, "include")
    rows = [record(n, topic, pids=[{"scheme": "pmid", "value": str(900 + n)}]) for n, topic in enumerate(TOPICS)]
    workspace.import_rows(review_id, LEAD, "S1", [record(77, "A late find about clubhouses"), *reversed(rows)])
    state = workspace.state(review_id)
    assert len(state.library.groups) == 9
    assert ANNA in state.votes("title_abstract", head)


def test_after_the_stop_only_batches_go_on(workspace: Workspace, review_id: str) -> None:
    second = heads(workspace, review_id)[1]
    workspace.say(review_id, LEAD, review_id, StopCheck("title_abstract", True, "50 in a row", {"p": "0.03"}), "enough")
    assert not list(tasks(workspace.state(review_id), "title_abstract", ANNA))
    workspace.say(review_id, LEAD, "audit", Batch("Audit", "audit", "title_abstract", (second,)))
    assert [task.head for task in tasks(workspace.state(review_id), "title_abstract", ANNA)] == [second]


@pytest.mark.parametrize(
    ("account", "payload", "message"),
    [
        (ANNA, ProtocolSet(Protocol("Another title")), "role lead"),
        (LEAD, ProtocolSet(Protocol(" ")), "no title"),
        (ANNA, Member("Anna", ("lead",)), "role lead"),
        (CLARA, SearchRun("S9", "Scopus"), "role"),
        (ANNA, SearchRun("S9", " "), "names no source"),
        ("nobody", Study("x", ()), "role"),
        (ANNA, Study(" ", ()), "no name"),
        (ANNA, Pair("S1:none", "S1:other", "same"), "no record"),
        (LEAD, Batch("Empty", "work", "title_abstract", ()), "no record"),
    ],
)
def test_what_may_not_be_said_is_refused_and_nothing_is_written(
    workspace: Workspace, journal: MemoryJournal, review_id: str, account: str, payload: object, message: str
) -> None:
    before = len(journal.said)
    with pytest.raises(InputError, match=message):
        workspace.say(review_id, account, "subject", payload)  # type: ignore[arg-type]
    assert len(journal.said) == before


def test_the_last_lead_stays(workspace: Workspace, review_id: str) -> None:
    with pytest.raises(InputError, match="needs a lead"):
        workspace.say(review_id, LEAD, LEAD, Member("Lead", ("reviewer",)))


def test_another_process_sees_what_was_said(workspace: Workspace, journal: MemoryJournal, review_id: str) -> None:
    other = Workspace(journal, workspace.files(review_id).folder.parent)
    head = heads(other, review_id)[0]
    vote(other, review_id, ANNA, head, "include")
    assert ANNA in workspace.state(review_id).votes("title_abstract", head)
    assert other.review_ids() == [review_id]
    with pytest.raises(InputError, match="no review"):
        other.state("ffffffff")


def test_a_file_that_was_altered_is_told(workspace: Workspace, review_id: str) -> None:
    made = workspace.state(review_id).library.imports["S1"]
    path = workspace.files(review_id).folder / made.sha256[:2] / made.sha256
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="altered"):
        workspace.files(review_id).rows(made)


def test_an_export_file_becomes_the_records_of_its_search(workspace: Workspace, review_id: str, tmp_path: Path) -> None:
    ris = tmp_path / "scopus.ris"
    ris.write_text(
        "TY  - JOUR\nTI  - Peer work and burnout, a made-up study\nAU  - Doe, Jane\nPY  - 2019\nER  - \n"
        f"TY  - JOUR\nTI  - {TOPICS[1]}\nAU  - Writer1, A\nPY  - 2020\nER  - \n"
    )
    run = workspace.search(review_id, BEN, SearchRun("", "Scopus", n_reported=3))
    made = workspace.import_files(review_id, BEN, run, [ris])
    assert made.n_records == 2
    assert workspace.files(review_id).content(made.files[0].sha256) == ris.read_bytes()
    (tmp_path / "empty.ris").write_text("")
    with pytest.raises(InputError, match="no records"):
        workspace.import_files(review_id, BEN, run, [tmp_path / "empty.ris"])


def test_the_protocol_keeps_its_versions(workspace: Workspace, review_id: str) -> None:
    amended = Protocol(
        **{**{name: getattr(PROTOCOL, name) for name in Protocol.__struct_fields__}, "languages": ("en",)}
    )
    workspace.say(review_id, LEAD, review_id, ProtocolSet(amended), "the team reads English only")
    state = workspace.state(review_id)
    assert state.protocol.languages == ("en",)
    history = state.slots.history("review.protocol", ())
    assert [said.reason for said, _ in history] == ["protocol", "the team reads English only"]


def test_the_same_export_read_twice_is_one_until_a_person_parts_it(workspace: Workspace, review_id: str) -> None:
    rows = [record(n, topic, source_key=f"pubmed:{900 + n}") for n, topic in enumerate(TOPICS[:2])]
    for _ in range(2):
        run = workspace.search(review_id, ANNA, SearchRun("", "PubMed again", "database"))
        workspace.import_rows(review_id, ANNA, run, rows)
    twice = [group for group in workspace.state(review_id).library.groups.values() if len(group) == 3]
    assert len(twice) == 2
    _, second, third = twice[0]
    workspace.decide_pair(review_id, ANNA, Pair(second, third, "different"), "not the same")
    assert workspace.state(review_id).library.head_of[second] != workspace.state(review_id).library.head_of[third]
