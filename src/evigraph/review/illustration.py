"""A finished review to walk through: made from works of the graph by made-up people, marked so, and no evidence.

It shows the shape of a qualitative evidence synthesis on peer support. What is included follows from words in titles
and abstracts; nobody read anything, and none of its numbers are those of a published review.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from evigraph.review.illustrated import carry_through
from evigraph.review.kinds import (
    Decision,
    Member,
    ProtocolSet,
    Removal,
    Report,
    Resolution,
    StageRule,
    Study,
    Vote,
)
from evigraph.review.on_graph import SOURCE, chase, pids_of, platform, search
from evigraph.review.protocol import Criterion, Facet, Protocol
from evigraph.review.records import Found
from evigraph.review.searches import Chase, Line, SearchRun
from evigraph.review.workspace import Workspace
from evigraph.store.release import Release

LEAD, FIRST, SECOND, THIRD = (f"{name} (made up)" for name in ("Lea", "Ada", "Ben", "Cleo"))

TITLE = "Illustration: peer support and its like in mental health services"

#: What is searched for, a source each; the graph stands for the databases that a real review would search.
QUERIES = ('"peer support"', '"mental health" AND (interview* OR qualitative)', "psychiatr* AND nurs* AND experience*")

#: The most works that one search brings into the illustration.
_MOST = 60

_TOPIC = re.compile(r"peer|mental|psychiatr|recovery|stigma|depress", re.IGNORECASE)
_CLOSE = re.compile(r"peer|recovery|mental health (?:service|care|nurs)|lived experience", re.IGNORECASE)
_WORDS = re.compile(r"qualitative|interview|focus group|experience|perception|thematic|grounded theory", re.IGNORECASE)

PROTOCOL = Protocol(
    TITLE,
    review_type="qualitative evidence synthesis",
    question="How do people who give peer support, and those near them, experience their work?",
    frame="PICo",
    facets=(
        Facet("population", "people who give or receive peer support", ("peer support", "peer worker*")),
        Facet("phenomenon of interest", "experience of the work", ("experience*", "perception*")),
        Facet("context", "mental health services", ("mental health", "psychiatr*")),
    ),
    criteria=(
        Criterion("topic", "include", "about mental health, peer support or recovery", label="wrong topic"),
        Criterion("data", "include", "holds qualitative data", label="no qualitative data"),
        Criterion("text", "include", "has an abstract in English", label="no abstract in English"),
    ),
    languages=("English",),
    publication_status="published and unpublished",
    sources=(SOURCE,),
    appraisal_tool="a checklist for qualitative research, in our own words",
    synthesis_method="thematic synthesis",
    team="Made-up people who stand nowhere.",
)


def illustrate(workspace: Workspace, release: Release, account_of: Callable[[str], str]) -> str | None:
    """The id of the illustration, made from a release; null where the workspace has one, or the graph too few works.

    Args:
        workspace: that it is made in.
        release: whose works it is made of.
        account_of: gives the account that stands for a name.
    """
    for known in workspace.review_ids():
        if workspace.state(known).opened.is_illustration:
            return None
    found = [search(release, query)[:_MOST] for query in QUERIES]
    if sum(map(len, found)) < 20:
        return None
    lead, ada, ben, cleo = map(account_of, (LEAD, FIRST, SECOND, THIRD))
    review = workspace.open_review(TITLE, lead, LEAD, is_illustration=True)
    workspace.say(review, lead, review, ProtocolSet(PROTOCOL))
    for name, account, role in ((FIRST, ada, "reviewer"), (SECOND, ben, "reviewer"), (THIRD, cleo, "adjudicator")):
        workspace.say(review, lead, account, Member(name, (role,)))  # type: ignore[arg-type]
    workspace.say(review, lead, "title_abstract", StageRule(n_votes=2, is_ranked=False))
    today = release.manifest.created_at[:10]
    for number, (query, rows) in enumerate(zip(QUERIES, found, strict=True), start=1):
        run = SearchRun(
            "",
            f"{SOURCE}, search {number}",
            platform=platform(release),
            searched_on=today,
            strategy=(Line(1, query, len(rows)),),
            limits=f"the {_MOST} most popular works at most, since this is an illustration",
            n_reported=len(rows),
            searched_by=LEAD,
        )
        workspace.import_rows(review, lead, workspace.search(review, lead, run), rows)
    _screen(workspace, review, (ada, ben, cleo))
    seeds = {head: pids_of(_records(workspace, review, head)) for head in workspace.state(review).sought()[:10]}
    chased = chase(release, seeds, cap=10)
    if chased.rows:
        chase_run = SearchRun(
            "",
            "Citations in this graph",
            "citations",
            platform=platform(release),
            searched_on=today,
            chase=Chase(1, ("backward", "forward"), len(seeds), 10),
        )
        workspace.import_rows(review, lead, workspace.search(review, lead, chase_run), chased.rows)
        _screen(workspace, review, (ada, ben, cleo))
    _read(workspace, review, (ada, ben, cleo))
    included = workspace.state(review).included()
    if len(included) > 1:
        label = f"{_records(workspace, review, included[0])[0].byline.partition(',')[0] or 'First'} and companion"
        workspace.say(review, ada, "companions", Study(label, tuple(included[:2])))
    carry_through(workspace, review, lead, (ada, ben, cleo), today)
    return review


def _screen(workspace: Workspace, review: str, people: tuple[str, str, str]) -> None:
    """Everything that waits by title and abstract: removed where it has no abstract, voted on, and settled."""
    ada, ben, cleo = people
    state = workspace.state(review)
    waiting = [head for head, status in state.statuses("title_abstract").items() if status.standing == "waits"]
    bare = tuple(head for head in waiting if not _text(_records(workspace, review, head)))
    if bare:
        name = f"neither title nor abstract {len(state.removed)}"
        workspace.say(review, _lead(workspace, review), name, Removal(name, bare, by_tool=False))
    for head in waiting:
        if head in bare:
            continue
        text = _text(_records(workspace, review, head))
        is_near, is_told = bool(_CLOSE.search(text)), bool(_WORDS.search(text))
        first: Decision = "include" if is_near and is_told else "maybe" if is_near else "exclude"
        second: Decision = "include" if bool(_TOPIC.search(text)) and is_told else "exclude"
        workspace.say(review, ada, head, Vote("title_abstract", first))
        workspace.say(review, ben, head, Vote("title_abstract", second))
    for head, status in list(workspace.state(review).statuses("title_abstract").items()):
        if status.standing == "conflict":
            is_near = bool(_CLOSE.search(_text(_records(workspace, review, head))))
            made = Resolution("title_abstract", "include" if is_near else "exclude")
            workspace.say(review, cleo, head, made, "near to the question" if is_near else "too far from the question")


def _read(workspace: Workspace, review: str, people: tuple[str, str, str]) -> None:
    """The reports: each seventh cannot be had; the others are judged by the words of their abstracts."""
    ada, ben, cleo = people
    for place, head in enumerate(workspace.state(review).sought()):
        if place % 7 == 6:
            workspace.say(review, ada, head, Report("not_retrieved"), "no answer from the library (made up)")
            continue
        text = _text(_records(workspace, review, head))
        reason = "" if _WORDS.search(text) and _TOPIC.search(text) else "data" if _TOPIC.search(text) else "topic"
        doubt = "topic" if place % 9 == 8 and not reason else reason
        for account, failing in ((ada, reason), (ben, doubt)):
            workspace.say(review, account, head, Vote("full_text", "exclude" if failing else "include", failing))
    for head, status in list(workspace.state(review).statuses("full_text").items()):
        if status.standing == "conflict":
            workspace.say(review, cleo, head, Resolution("full_text", "include"), "it is about the topic after all")


def _records(workspace: Workspace, review: str, head: str) -> Sequence[Found]:
    return workspace.state(review).library.of(head)


def _text(records: Sequence[Found]) -> str:
    return " ".join(part for record in records for part in (record.title, record.abstract) if part)


def _lead(workspace: Workspace, review: str) -> str:
    members = workspace.state(review).members
    return next(account for account, member in members.items() if "lead" in member.roles)
