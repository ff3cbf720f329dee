"""Screening: one record at a time, by button or key, blind to what others said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import desk_of, form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.allotment import Task, progress, tasks
from evigraph.review.kinds import Decision, Vote
from evigraph.review.protocol import Stage
from evigraph.review.records import abstract_of, keywords_of
from evigraph.review.screening import may_see_votes
from evigraph.review.state import ReviewState
from evigraph.review.words import marked_runs

if TYPE_CHECKING:
    from evigraph.review.queue.explanation import Explanation

router = APIRouter(include_in_schema=False)

#: The addresses of the stages.
STAGE_PATHS: dict[str, Stage] = {"title": "title_abstract", "full-text": "full_text"}

_NAMES: dict[Stage, str] = {"title_abstract": "Title and abstract", "full_text": "Full text"}

_DECISIONS = ("include", "exclude", "maybe", "skip")


@router.get("/reviews/{review_id}/screen")
def begin(request: Request, review_id: str) -> Response:
    """Leads to the stage at which this reader has something to do."""
    state, who = member_of(request, review_id)
    for path, stage in STAGE_PATHS.items():
        if next(tasks(state, stage, who.account), None) is not None:
            return see(review_path(review_id, f"screen/{path}"))
    return see(review_path(review_id, "screen/title"))


@router.get("/reviews/{review_id}/screen/{path}")
def queue(request: Request, review_id: str, path: str) -> Response:
    """The next record of this reader, or the one that they ask for (`record`), with the form of their vote."""
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    asked = request.query_params.get("record")
    is_reviewer = "reviewer" in state.roles(who.account)
    desk = desk_of(request)
    task: Task | None = None
    if asked:
        head = state.library.head_of.get(asked)
        if head is None or state.status(stage, head) is None:
            raise HTTPException(404, "This record is not screened at this stage of the review.")
        task = Task(head, "", 0)
    elif is_reviewer:
        order = desk.orders.order(state, stage)
        task = desk.reservations.take(state, stage, who.account, tasks(state, stage, who.account, order))
    own = state.votes(stage, task.head).get(who.account) if task is not None else None
    done = {of: progress(state, of, who.account) for of in STAGE_PATHS.values()}
    return framed(
        request,
        state,
        who,
        "screen",
        "screen.html",
        path=path,
        paths=[(each, _NAMES[of], done[of]) for each, of in STAGE_PATHS.items()],
        at=stage,
        task=task,
        shown=Shown(state, task.head) if task is not None else None,
        criteria=state.protocol.reasons(stage),
        progress=done[stage],
        own=own.payload if own is not None else None,
        own_event=own.event_id if own is not None else "",
        is_reviewer=is_reviewer,
        is_stopped=state.is_stopped(stage),
        once=secrets.token_urlsafe(12),
        report=state.report(task.head) if task is not None and stage == "full_text" else None,
        reasons=_reasons(request, state, stage, task, who.account),
        others=visible_votes(state, stage, task.head, who.account) if task is not None else [],
        standing=state.status(stage, task.head) if task is not None else None,
    )


@router.post("/reviews/{review_id}/screen/{path}")
async def vote(request: Request, review_id: str, path: str) -> Response:
    """Keeps a vote, and leads to the next record."""
    fields = await form(request)
    return await run_in_threadpool(_vote, request, review_id, path, fields)


def _vote(request: Request, review_id: str, path: str, fields: Mapping[str, str]) -> Response:
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    decision = fields.get("decision", "")
    if decision.startswith("exclude:"):
        decision, criterion = "exclude", decision.partition(":")[2]
    else:
        criterion = fields.get("criterion", "") if decision == "exclude" else ""
    if decision not in _DECISIONS:
        raise HTTPException(400, "A vote is include, exclude, maybe or skip: press one of the buttons.")
    said = Vote(
        stage,
        cast(Decision, decision),
        criterion,
        fields.get("note", "").strip()[:2000],
        _number(fields.get("milliseconds", "")),
        _number(fields.get("place", "")) or None,
    )
    record_id = fields.get("record", "")
    event_id = told(
        lambda: workspace_of(request).say(review_id, who.account, record_id, said, once=fields.get("once", "")[:60])
    )
    desk_of(request).reservations.release(state, stage, who.account)
    return see(review_path(review_id, f"screen/{path}", done=event_id))


class Shown:
    """A record as a reviewer reads it, with the protocol's words marked.

    Attributes:
        found: the record that represents the work.
        title, abstract: in runs; the abstract by paragraphs.
        n_records: of the work.
    """

    def __init__(self, state: ReviewState, head: str) -> None:
        group = state.library.of(head)
        words = state.protocol.words()
        self.found = group[0]
        self.n_records = len(group)
        self.title = marked_runs(self.found.title or "(no title)", words)
        self.abstract = [marked_runs(part, words) for part in abstract_of(group).split("\n") if part.strip()]
        self.keywords = keywords_of(group)
        self.sources = list(dict.fromkeys(state.library.runs[record.run_id].source for record in group))
        self.seeds = [seed for record in group for seed in record.seeds]
        self.url = next((record.url for record in group if record.url.startswith(("http://", "https://"))), "")


def visible_votes(
    state: ReviewState, stage: Stage, head: str, account: str, *, with_own: bool = False
) -> list[tuple[str, Vote]]:
    """What others (and oneself) voted on a work, with their names, if somebody may see it; else nothing at all."""
    status = state.status(stage, head)
    votes = state.counted_votes(stage, head)
    adjudicates = "adjudicator" in state.roles(account)
    if status is None or not may_see_votes(account, votes, status, adjudicates=adjudicates):
        return []
    members = state.members
    return [(members[voter].name, said) for voter, said in votes.items() if with_own or voter != account]


def _reasons(
    request: Request, state: ReviewState, stage: Stage, task: Task | None, account: str
) -> tuple[Explanation, dict[str, str]] | None:
    """What moved a record up, with the titles of its neighbours, where the rule shows it and the votes may be seen."""
    if task is None or not state.rule(stage).shows_score or not visible_votes(state, stage, task.head, account):
        return None
    found = desk_of(request).orders.explanation(state, stage, task.head)
    if found is None:
        return None
    records = state.library.records
    return found, {part.name: records[part.name].title for part in found.neighbours if part.name in records}


def stage_of(path: str) -> Stage:
    """The stage at an address.

    Raises:
        HTTPException: 404, there is none.
    """
    if path not in STAGE_PATHS:
        raise HTTPException(404, "Records are screened by title and abstract, and by full text.")
    return STAGE_PATHS[path]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
