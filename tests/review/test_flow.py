"""The flow's numbers against a count by hand, and against an independent count on random reviews."""

from __future__ import annotations

import csv
import io
import random

import pytest
from lxml import etree

from evigraph.errors import InputError
from evigraph.review.flow import LABELS, Flow, flow
from evigraph.review.flow_csv import COLUMNS, read_flow, write_flow
from evigraph.review.flow_svg import draw_flow
from evigraph.review.kinds import Duplicates, Removal, Report, Resolution, StopCheck, Study, Vote
from evigraph.review.searches import Chase, SearchRun
from evigraph.review.state import ReviewState
from evigraph.review.workspace import Workspace
from review.conftest import ANNA, BEN, CLARA, LEAD, TOPICS, record, vote


def heads(workspace: Workspace, review: str) -> list[str]:
    return list(workspace.state(review).library.groups)


def decide(
    workspace: Workspace, review: str, head: str, decision: str, stage: str = "title_abstract", why: str = ""
) -> None:
    for account in (ANNA, BEN):
        vote(workspace, review, account, head, decision, stage=stage, criterion_id=why)


@pytest.fixture
def done(workspace: Workspace, review_id: str) -> Flow:
    """Eight records of PubMed, one of them in Scopus again, two chased: each box by hand in the tests below."""
    scopus = workspace.search(review_id, ANNA, SearchRun("", "Scopus", "database"))
    workspace.import_rows(review_id, ANNA, scopus, [record(1, TOPICS[0], pids=[{"scheme": "pmid", "value": "900"}])])
    chased = workspace.search(
        review_id, ANNA, SearchRun("", "the graph", "citations", chase=Chase(1, ("backward",), 1, 100))
    )
    rows = [
        record(7, "Volunteering after discharge, made up"),
        record(8, TOPICS[1], pids=[{"scheme": "pmid", "value": "901"}]),
        record(9, "Wages and standing of support staff, made up"),
    ]
    workspace.import_rows(review_id, ANNA, chased, rows)
    one, two, three, four, five, six, seven, eight, chased_in, chased_out = heads(workspace, review_id)
    workspace.say(review_id, LEAD, "language filter", Removal("language filter", (eight,), True))
    for head in (one, two, three, four, chased_in):
        decide(workspace, review_id, head, "include")
    for head in (five, six, seven, chased_out):
        decide(workspace, review_id, head, "exclude")
    workspace.say(review_id, ANNA, four, Report("not_retrieved"))
    decide(workspace, review_id, one, "include", "full_text")
    decide(workspace, review_id, two, "include", "full_text")
    decide(workspace, review_id, three, "exclude", "full_text", "design")
    decide(workspace, review_id, chased_in, "include", "full_text")
    workspace.say(review_id, ANNA, "twin", Study("Twin study", (one, two)))
    return flow(workspace.state(review_id))


def test_every_box_by_hand(done: Flow) -> None:
    counted = {key: box.n for key, box in done.boxes.items() if box.n}
    assert counted == {
        "database_results": 9,
        "citations_results": 3,
        "duplicates": 1,
        "excluded_automatic": 1,
        "records_screened": 7,
        "records_excluded": 3,
        "dbr_sought_reports": 4,
        "dbr_notretrieved_reports": 1,
        "dbr_assessed": 3,
        "dbr_excluded": 1,
        "other_sought_reports": 1,
        "other_assessed": 1,
        "new_studies": 2,
        "new_reports": 3,
        "total_studies": 2,
        "total_reports": 3,
    }
    assert [(part.label, part.n) for part in done.parts["database_specific_results"]] == [("PubMed", 8), ("Scopus", 1)]
    assert [(part.label, part.n) for part in done.parts["dbr_excluded"]] == [("wrong design", 1)]
    assert done.is_whole
    assert done.has_other_methods
    assert not done.is_update
    assert done.notes == (
        "Of the 3 records identified via other methods, 1 were duplicates.",
        "Of the 3 records identified via other methods, 1 were excluded by title and abstract.",
    )


def test_a_sum_that_is_broken_names_what_is_in_the_way(workspace: Workspace, review_id: str) -> None:
    first, second, *rest = heads(workspace, review_id)
    for head in rest:
        decide(workspace, review_id, head, "exclude")
    vote(workspace, review_id, ANNA, first, "include")
    decide(workspace, review_id, second, "include")
    made = flow(workspace.state(review_id))
    broken = [check for check in made.checks if not check.holds]
    assert [(check.members, check.remedy) for check in broken] == [
        ((first,), "1 not yet decided by title and abstract"),
        ((second,), "1 not yet decided at full text"),
    ]
    workspace.say(review_id, LEAD, review_id, StopCheck("title_abstract", True, "rule", {}), "stop")
    stopped = flow(workspace.state(review_id))
    assert stopped.n("excluded_automatic") == 1
    assert stopped.n("records_screened") == 7


def test_an_update_fills_the_previous_boxes_and_queues_only_what_is_new(workspace: Workspace, review_id: str) -> None:
    all_heads = heads(workspace, review_id)
    for head in all_heads:
        decide(workspace, review_id, head, "include" if head in all_heads[:2] else "exclude")
    for head in all_heads[:2]:
        decide(workspace, review_id, head, "include", "full_text")
    assert workspace.begin_update(review_id, LEAD, "a year has passed") == 1
    run = workspace.search(review_id, LEAD, SearchRun("", "PubMed", repeats="S1"))
    rows = [record(0, TOPICS[0], pids=[{"scheme": "pmid", "value": "900"}]), record(60, "Peer-run respites, made up")]
    workspace.import_rows(review_id, LEAD, run, rows)
    state = workspace.state(review_id)
    waiting = [head for head, status in state.statuses("title_abstract").items() if status.standing == "waits"]
    assert waiting == [heads(workspace, review_id)[-1]]
    decide(workspace, review_id, waiting[0], "include")
    decide(workspace, review_id, waiting[0], "include", "full_text")
    made = flow(workspace.state(review_id))
    counted = {key: box.n for key, box in made.boxes.items() if box.n}
    assert counted == {
        "previous_studies": 2,
        "previous_reports": 2,
        "database_results": 2,
        "duplicates": 1,
        "records_screened": 1,
        "dbr_sought_reports": 1,
        "dbr_assessed": 1,
        "new_studies": 1,
        "new_reports": 1,
        "total_studies": 3,
        "total_reports": 3,
    }
    assert made.is_whole
    assert made.is_update


def recount(state: ReviewState) -> dict[str, int]:
    """The left arm counted from the events alone, record by record, without the review's own groups and statuses."""
    group_of: dict[str, str] = {}
    found = next(iter(state.slots.all_in_force("review.duplicates"))).payload
    assert isinstance(found, Duplicates)
    for group in found.groups:
        group_of |= dict.fromkeys(group, group[0])
    latest: dict[tuple[str, str, str], Vote] = {}
    for said in sorted(state.slots.all_in_force("review.vote"), key=lambda said: said.ordinal):
        assert isinstance(said.payload, Vote)
        latest[said.payload.stage, group_of.get(said.subject, said.subject), said.actor] = said.payload
    decisions: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (stage, work, _), ballot in latest.items():
        decisions.setdefault((stage, work), []).append((ballot.decision, ballot.criterion_id))
    settled = {}
    for said in sorted(state.slots.all_in_force("review.resolution"), key=lambda said: said.ordinal):
        assert isinstance(said.payload, Resolution)
        settled[said.payload.stage, group_of.get(said.subject, said.subject)] = said.payload.decision
    lost = {said.subject for said in state.slots.all_in_force("review.report")}

    def outcome(stage: str, work: str) -> str:
        if (stage, work) in settled:
            return settled[stage, work]
        votes = decisions.get((stage, work), [])
        if len(votes) < 2:
            return "waits"
        words = {"include" if word == "maybe" and stage == "title_abstract" else word for word, _ in votes}
        if len(words) > 1 or words == {"maybe"} or (stage == "full_text" and len(set(votes)) > 1):
            return "conflict"
        return words.pop()

    works = list(dict.fromkeys(group_of.get(one, one) for one in state.library.records))
    sought = [work for work in works if outcome("title_abstract", work) == "include"]
    assessed = [work for work in sought if work not in lost]
    return {
        "database_results": len(state.library.records),
        "duplicates": len(state.library.records) - len(works),
        "records_screened": len(works),
        "records_excluded": sum(outcome("title_abstract", work) == "exclude" for work in works),
        "dbr_sought_reports": len(sought),
        "dbr_notretrieved_reports": len(sought) - len(assessed),
        "dbr_assessed": len(assessed),
        "dbr_excluded": sum(outcome("full_text", work) == "exclude" for work in assessed),
        "new_reports": sum(outcome("full_text", work) == "include" for work in assessed),
    }


@pytest.mark.parametrize("seed", range(12))
def test_random_reviews_count_as_an_independent_count_does(workspace: Workspace, review_id: str, seed: int) -> None:
    chance = random.Random(seed)
    all_heads = heads(workspace, review_id)
    groups = ((all_heads[0], all_heads[1]), (all_heads[2], all_heads[4], all_heads[5]))[: seed % 3]
    workspace.say(review_id, LEAD, review_id, Duplicates(groups, (), "by the test"))
    said: list[tuple[str, str]] = []
    for _ in range(90):
        head = chance.choice(all_heads)
        account = chance.choice((ANNA, BEN))
        stage = chance.choice(("title_abstract", "title_abstract", "full_text"))
        decision = chance.choice(("include", "include", "exclude", "maybe"))
        reason = chance.choice(("design", "language")) if stage == "full_text" and decision == "exclude" else ""
        try:
            said.append(
                (account, vote(workspace, review_id, account, head, decision, stage=stage, criterion_id=reason))
            )
            if chance.random() < 0.2:
                workspace.say(
                    review_id, CLARA, head, Resolution("title_abstract", chance.choice(("include", "exclude")))
                )
            if chance.random() < 0.08:
                workspace.say(
                    review_id, ANNA, workspace.state(review_id).library.head_of[head], Report("not_retrieved")
                )
            if said and chance.random() < 0.2:
                workspace.undo(review_id, *said.pop(chance.randrange(len(said))))
        except InputError:
            continue
        state = workspace.state(review_id)
        counted = flow(state)
        assert {key: counted.n(key) for key in recount(state)} == recount(state)
    again = Workspace(workspace._journal, workspace.files(review_id).folder.parent)
    assert flow(again.state(review_id)) == flow(workspace.state(review_id))


def test_the_table_has_the_published_columns_and_reads_back(done: Flow) -> None:
    text = write_flow(done)
    rows = list(csv.reader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert {row[0] for row in rows[1:]} >= set(LABELS)
    read = read_flow(text)
    assert {key: n for key, n in read.items() if isinstance(n, int)} == {
        key: box.n for key, box in done.boxes.items() if not key.endswith("_excluded") or key == "records_excluded"
    }
    assert read["dbr_excluded"] == [("wrong design", 1)]
    assert read["database_specific_results"] == [("PubMed", 8), ("Scopus", 1)]
    with pytest.raises(InputError, match="columns"):
        read_flow("a,b\n1,2\n")


@pytest.mark.parametrize("is_standalone", [True, False])
def test_the_picture_is_well_formed_and_links_each_number(done: Flow, is_standalone: bool) -> None:
    svg = draw_flow(done, lambda key: f"/reviews/x/flow/{key}", "A <b>title</b> & more", has_style=is_standalone)
    root = etree.fromstring(svg.encode())
    space = "{http://www.w3.org/2000/svg}"
    links = {link.get("href") for link in root.iter(f"{space}a")}
    assert {f"/reviews/x/flow/{key}" for key in ("records_screened", "dbr_excluded", "citations_results")} <= links
    text = " ".join("".join(node.itertext()) for node in root.iter(f"{space}text")).replace("\u00a0", " ")
    assert "Records screened (n = 7)" in text
    assert "wrong design (n = 1)" in text
    assert (root.find(f"{space}style") is not None) == is_standalone
    assert not list(root.iter(f"{space}script"))
