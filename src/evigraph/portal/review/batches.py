"""How a stage is screened: votes a record, the rule, the order of the queue; and batches read before or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.screen import stage_of
from evigraph.review.drawing import drawn
from evigraph.review.kinds import Batch, StageRule
from evigraph.review.protocol import Stage
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: A calibration round is customarily of some fifty records.
_USUAL = 50


@router.get("/reviews/{review_id}/batches/{path}")
def batches(request: Request, review_id: str, path: str) -> Response:
    """The rule of a stage and its batches, each with how far it is."""
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    statuses, head_of = state.statuses(stage), state.library.head_of
    rows = []
    for batch_id, batch in state.batches.items():
        if batch.stage == stage:
            heads = [head for one in batch.records if (head := head_of.get(one, one)) in statuses]
            rows.append((batch_id, batch, sum(statuses[head].is_decided for head in heads), len(heads)))
    return framed(
        request,
        state,
        who,
        "screen",
        "batches.html",
        path=path,
        at=stage,
        rule=state.rule(stage),
        rows=rows,
        is_lead="lead" in state.roles(who.account),
        reviewers={name: one.name for name, one in state.members.items() if "reviewer" in one.roles},
        n_waiting=state.stage_counts(stage)["waits"],
        usual=_USUAL,
    )


@router.post("/reviews/{review_id}/batches/{path}")
async def change(request: Request, review_id: str, path: str) -> Response:
    """Keeps a rule, a new batch, or that a batch is closed."""
    fields = await form(request)
    return await run_in_threadpool(_change, request, review_id, path, fields)


def _change(request: Request, review_id: str, path: str, fields: Mapping[str, str]) -> Response:
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    workspace, reason = workspace_of(request), fields.get("reason", "").strip()[:2000]
    action = fields.get("action", "")
    if action == "rule":
        rule = StageRule(
            n_votes=_count(fields.get("n_votes", ""), 2, 9),
            rule="one_include" if fields.get("rule") == "one_include" else "agree",
            is_ranked="is_ranked" in fields,
            shows_score="shows_score" in fields,
        )
        event_id = told(lambda: workspace.say(review_id, who.account, stage, rule, reason))
    elif action == "batch":
        batch = _batch(state, stage, fields)
        name = f"batch-{len(list(state.slots.every('review.batch'))) + 1}"
        event_id = told(lambda: workspace.say(review_id, who.account, name, batch, reason))
    elif action in ("close", "open"):
        name = fields.get("batch", "")
        if name not in state.batches:
            raise HTTPException(409, "This batch is not there any more: load the page again.")
        batch = msgspec.structs.replace(state.batches[name], is_closed=action == "close")
        event_id = told(lambda: workspace.say(review_id, who.account, name, batch, reason or f"{action}d"))
    else:
        raise HTTPException(400, "There is nothing of this kind to change here.")
    return see(review_path(review_id, f"batches/{path}", done=event_id))


def _batch(state: ReviewState, stage: Stage, fields: Mapping[str, str]) -> Batch:
    """A batch drawn at random from the records that wait: the same for the same seed and the same records.

    Raises:
        HTTPException: 400, nothing waits.
    """
    waiting = [head for head, status in state.statuses(stage).items() if status.standing == "waits"]
    if not waiting:
        raise HTTPException(400, "No record waits at this stage: there is nothing to make a batch of.")
    n = min(_count(fields.get("n", ""), _USUAL, 100_000), len(waiting))
    seed = fields.get("seed", "").strip()[:40] or "1"
    purpose: Literal["calibration", "work"] = "work" if fields.get("purpose") == "work" else "calibration"
    members = tuple(name.removeprefix("member-") for name in fields if name.startswith("member-"))
    title = fields.get("name", "").strip()[:200] or ("Calibration" if purpose == "calibration" else "Allotted")
    return Batch(title, purpose, stage, drawn(waiting, n, seed), members)


def _count(text: str, usual: int, most: int) -> int:
    return max(1, min(int(text), most)) if text.isascii() and text.isdecimal() and len(text) < 8 else usual
