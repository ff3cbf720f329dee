"""Conflicts: what the votes of a record say, side by side, and the decision of an adjudicator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.screen import Shown, visible_votes
from evigraph.review.kinds import Resolution
from evigraph.review.protocol import STAGES, Stage
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/conflicts")
def conflicts(request: Request, review_id: str) -> Response:
    """The records in conflict; the first, or the one asked for, with its votes for those who may see them."""
    state, who = member_of(request, review_id)
    waiting = [(stage, head) for stage in STAGES for head in _in_conflict(state, stage)]
    asked = request.query_params.get("record"), request.query_params.get("stage")
    chosen = next((one for one in waiting if (one[1], one[0]) == asked), waiting[0] if waiting else None)
    is_adjudicator = "adjudicator" in state.roles(who.account)
    stage = chosen[0] if chosen else STAGES[0]
    return framed(
        request,
        state,
        who,
        "screen",
        "conflicts.html",
        waiting=waiting,
        titles={head: state.library.records[head].title for _, head in waiting},
        chosen=chosen,
        shown=Shown(state, chosen[1]) if chosen else None,
        ballots=visible_votes(state, stage, chosen[1], who.account, with_own=True) if chosen else [],
        criteria={one.criterion_id: one.reason for one in state.protocol.reasons(stage)},
        is_adjudicator=is_adjudicator,
        has_voted=chosen is not None and who.account in state.votes(stage, chosen[1]),
    )


@router.post("/reviews/{review_id}/conflicts")
async def settle(request: Request, review_id: str) -> Response:
    """Keeps what an adjudicator decided, and leads to the next conflict."""
    fields = await form(request)
    return await run_in_threadpool(_settle, request, review_id, fields)


def _settle(request: Request, review_id: str, fields: Mapping[str, str]) -> Response:
    _, who = member_of(request, review_id)
    stage, decision = fields.get("stage", ""), fields.get("decision", "")
    criterion = ""
    if decision.startswith("exclude:"):
        decision, _, criterion = decision.partition(":")
    if stage not in STAGES or decision not in ("include", "exclude"):
        raise HTTPException(400, "A conflict is settled by include or exclude: press one of the buttons.")
    made = Resolution(stage, cast(Literal["include", "exclude"], decision), criterion, "by_discussion" in fields)
    reason = fields.get("reason", "").strip()[:2000] or ("discussed" if made.by_discussion else "adjudicated")
    event_id = told(lambda: workspace_of(request).say(review_id, who.account, fields.get("record", ""), made, reason))
    return see(review_path(review_id, "conflicts", done=event_id))


def _in_conflict(state: ReviewState, stage: Stage) -> list[str]:
    return [head for head, status in state.statuses(stage).items() if status.standing == "conflict"]
