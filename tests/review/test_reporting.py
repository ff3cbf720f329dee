"""What a report tells: PRISMA-S, counts reported against imported, lists with reasons, files that others read."""

from __future__ import annotations

import csv
import io

import bibtexparser
import rispy

from evigraph.review.flow import flow
from evigraph.review.kinds import Removal
from evigraph.review.reporting import discrepancies, export, prisma_s, selection, votes_table
from evigraph.review.searches import Line, PeerReview, SearchRun, read_strategy
from evigraph.review.workspace import Workspace
from review.conftest import ANNA, BEN, LEAD, record, vote


def heads(workspace: Workspace, review: str) -> list[str]:
    return list(workspace.state(review).library.groups)


def test_a_pasted_strategy_is_read_line_by_line() -> None:
    pasted = (
        "1. exp Peer Group/ (22341)\n2. (peer adj2 support*).ti,ab.   9,120\n#3 1 or 2\t30 001\n\n4 limit 3 to english"
    )
    assert read_strategy(pasted) == (
        Line(1, "exp Peer Group/", 22341),
        Line(2, "(peer adj2 support*).ti,ab.", 9120),
        Line(3, "1 or 2", 30001),
        Line(4, "limit 3 to english"),
    )
    assert read_strategy('TITLE-ABS-KEY("peer support" W/3 worker*)') == (
        Line(1, 'TITLE-ABS-KEY("peer support" W/3 worker*)'),
    )
    assert read_strategy("1 peer support AND (2010)\n2 py = (2014)\n3 exp Peer Group/ (2010)") == (
        Line(1, "peer support AND (2010)"),
        Line(2, "py = (2014)"),
        Line(3, "exp Peer Group/", 2010),
    )
    assert read_strategy("1 one line that\n  goes on\n2 another (5)")[0] == Line(1, "one line that goes on")


def test_prisma_s_is_filled_from_the_searches(workspace: Workspace, review_id: str) -> None:
    run = SearchRun(
        "",
        "MEDLINE",
        platform="Ovid",
        searched_on="2022-05-01",
        strategy=(Line(1, "peer support", 12),),
        limits="English, since the team reads no other language",
        n_reported=12,
        peer_review=PeerReview("A librarian (made up)", "no change"),
    )
    workspace.search(review_id, ANNA, run)
    workspace.search(review_id, ANNA, SearchRun("", "APA PsycInfo", platform="Ovid"))
    items = {item.number: item for item in prisma_s(workspace.state(review_id))}
    assert list(items) == [str(n) for n in range(1, 17)]
    assert items["1"].told == ("PubMed: platform not told", "MEDLINE: Ovid", "APA PsycInfo: Ovid")
    assert items["2"].told == ("Ovid: MEDLINE, APA PsycInfo",)
    assert items["8"].told == ("MEDLINE: 1. peer support (12)",)
    assert items["14"].told == ("MEDLINE: A librarian (made up), no change",)
    assert items["15"].told[0] == "PubMed: 8 reported, 8 imported"
    assert "0 duplicates removed" in items["16"].told[0]
    assert not items["6"].is_told


def test_a_count_that_was_not_met_is_shown(workspace: Workspace, review_id: str) -> None:
    run = workspace.search(review_id, ANNA, SearchRun("", "CINAHL", n_reported=3))
    workspace.import_rows(review_id, ANNA, run, [record(40, "A made-up title on respite houses")])
    assert [(run.source, reported, made) for run, reported, made in discrepancies(workspace.state(review_id))] == [
        ("CINAHL", 3, 1)
    ]


def test_every_work_is_listed_with_what_became_of_it_and_files_carry_it(workspace: Workspace, review_id: str) -> None:
    one, two, three, four, *_ = heads(workspace, review_id)
    for account in (ANNA, BEN):
        for head, decision in ((one, "include"), (two, "include"), (three, "exclude")):
            vote(workspace, review_id, account, head, decision)
    for account in (ANNA, BEN):
        vote(workspace, review_id, account, one, "include", stage="full_text")
        vote(workspace, review_id, account, two, "exclude", stage="full_text", criterion_id="design")
    workspace.say(review_id, LEAD, "no abstract", Removal("no abstract", (four,), False))
    state = workspace.state(review_id)
    told = {one.head: (one.stage, one.standing, one.reason) for one in selection(state)}
    assert told[one] == ("full text", "included", "")
    assert told[two] == ("full text", "excluded", "wrong design")
    assert told[three] == ("title and abstract", "excluded", "")
    assert told[four] == ("before screening", "removed", "no abstract")
    rows = workspace.rows(review_id)
    ris = "".join(export(state, rows, "ris"))
    read = rispy.loads(ris)
    assert len(read) == 8
    assert "ASReview_relevant" in ris
    assert ris.count("ASReview_irrelevant") == 2
    assert [entry["title"] for entry in rispy.loads("".join(export(state, rows, "ris", [one])))] == [
        state.library.records[one].title
    ]
    assert len(bibtexparser.parse_string("".join(export(state, rows, "bibtex"))).entries) == 8
    assert len(list(csv.DictReader(io.StringIO("".join(export(state, rows, "csv")))))) == 8
    included = {key for key, box in flow(state).boxes.items() if one in box.members}
    assert {"new_reports", "dbr_assessed"} <= included


def test_votes_are_told_as_they_were_cast(workspace: Workspace, review_id: str) -> None:
    one, two, *_ = heads(workspace, review_id)
    vote(workspace, review_id, ANNA, one, "include")
    vote(workspace, review_id, BEN, one, "exclude")
    vote(workspace, review_id, BEN, two, "skip")
    assert votes_table(workspace.state(review_id), "title_abstract") == [
        {"work": one, "voter": ANNA, "decision": "include"},
        {"work": one, "voter": BEN, "decision": "exclude"},
    ]
