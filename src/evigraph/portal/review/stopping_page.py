"""When to stop: what the statistical rule and the customary ones say, over time, and the lead's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.screen import stage_of
from evigraph.review.drawing import drawn
from evigraph.review.kinds import Batch, StopCheck
from evigraph.review.protocol import Stage
from evigraph.review.state import ReviewState
from evigraph.review.stopping import CONFIDENCE, TARGET, Progress, knee_limit, p_of_sample, progress

router = APIRouter(include_in_schema=False)

#: Records of an audit, unless the lead says otherwise.
_AUDIT = 100

#: The audit's batch begins with this.
_AUDIT_NAME = "Audit"

_WIDTH, _HEIGHT = 640, 180


@router.get("/reviews/{review_id}/stopping/{path}")
def panel(request: Request, review_id: str, path: str) -> Response:
    """The panel of one stage. Only decided records count, so that it tells nothing of a single vote."""
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    labels = labels_in_order(state, stage)
    statuses = state.statuses(stage)
    points = progress(labels, len(statuses), 100) if labels else []
    said = state.stop(stage)
    return framed(
        request,
        state,
        who,
        "screen",
        "stopping.html",
        path=path,
        at=stage,
        points=points,
        last=points[-1] if points else None,
        n_works=len(statuses),
        knee_limit=knee_limit(sum(labels)) if labels else None,
        curves=curves(points, len(statuses)),
        target=TARGET,
        confidence=CONFIDENCE,
        stop=said,
        is_lead="lead" in state.roles(who.account),
        audits=[_audit(state, stage, batch) for batch in state.batches.values() if batch.purpose == "audit"],
        n_waiting=state.stage_counts(stage)["waits"],
        audit_size=_AUDIT,
    )


@router.post("/reviews/{review_id}/stopping/{path}")
async def decide(request: Request, review_id: str, path: str) -> Response:
    """Keeps the decision to stop, or to go on, with what the rules said just then."""
    fields = await form(request)
    return await run_in_threadpool(_decide, request, review_id, path, fields)


def _decide(request: Request, review_id: str, path: str, fields: Mapping[str, str]) -> Response:
    stage = stage_of(path)
    state, who = member_of(request, review_id)
    action = fields.get("action", "")
    workspace = workspace_of(request)
    if action == "audit":
        batch = audit_sample(state, stage, _count(fields.get("n", "")), fields.get("seed", "1"))
        name = f"audit-{stage}-{len(state.batches) + 1}"
        event_id = told(lambda: workspace.say(review_id, who.account, name, batch, "a random sample of the unread"))
    elif action in ("stop", "continue"):
        labels = labels_in_order(state, stage)
        points = progress(labels, len(state.statuses(stage)), 100) if labels else []
        values = _values(points[-1]) if points else {}
        rule = f"hypergeometric, recall {TARGET:g}, confidence {CONFIDENCE:g}"
        check = StopCheck(stage, action == "stop", rule, values)
        event_id = told(
            lambda: workspace.say(review_id, who.account, review_id, check, fields.get("reason", "").strip()[:2000])
        )
    else:
        raise HTTPException(400, "Stop, go on, or draw a sample: press one of the buttons.")
    return see(review_path(review_id, f"stopping/{path}", done=event_id))


def labels_in_order(state: ReviewState, stage: Stage) -> list[int]:
    """1 or 0 for each decided work, in the order in which the works got their last vote."""
    decided: list[tuple[int, int]] = []
    for head, status in state.statuses(stage).items():
        if status.is_decided and (votes := state.votes(stage, head)):
            decided.append((max(said.ordinal for said in votes.values()), int(status.standing == "included")))
    return [label for _, label in sorted(decided)]


def audit_sample(state: ReviewState, stage: Stage, n: int, seed: str) -> Batch:
    """A random sample of the works that wait, as a batch that everybody reads; the same for the same seed."""
    waiting = [head for head, status in state.statuses(stage).items() if status.standing == "waits"]
    chosen = drawn(waiting, n, seed)
    return Batch(f"{_AUDIT_NAME}, {len(chosen)} of {len(waiting)}, seed {seed}", "audit", stage, chosen)


def curves(points: Sequence[Progress], n_works: int) -> dict[str, str]:
    """The lines of the panel's picture as SVG points: recall granted, p of the rule, relevant records found."""
    if not points or not n_works:
        return {}
    most = max(point.n_relevant for point in points) or 1

    def line(values: Sequence[float]) -> str:
        return " ".join(
            f"{_WIDTH * point.n_screened / n_works:.1f},{_HEIGHT * (1 - value):.1f}"
            for point, value in zip(points, values, strict=True)
        )

    return {
        "recall": line([point.recall_at_least for point in points]),
        "p": line([point.p for point in points]),
        "found": line([point.n_relevant / most for point in points]),
    }


def _audit(state: ReviewState, stage: Stage, batch: Batch) -> tuple[Batch, int, int, float | None]:
    """An audit: the batch, how many of it are decided, relevant ones among them, and the rule's p once all are."""
    statuses, head_of = state.statuses(stage), state.library.head_of
    found = [statuses[head] for one in batch.records if (head := head_of.get(one, one)) in statuses]
    decided = [status for status in found if status.is_decided]
    n_relevant = sum(status.standing == "included" for status in decided)
    counts = state.stage_counts(stage)
    p = None
    if batch.stage == stage and len(decided) == len(batch.records):
        n_left = counts["waits"] + len(decided)
        p = p_of_sample(counts["included"] - n_relevant, n_left, len(decided), n_relevant)
    return batch, len(decided), n_relevant, p


def _values(point: Progress) -> dict[str, str]:
    return {
        "n_screened": str(point.n_screened),
        "n_relevant": str(point.n_relevant),
        "p": f"{point.p:.6g}",
        "recall_at_least": f"{point.recall_at_least:.4f}",
        "n_irrelevant_in_a_row": str(point.n_irrelevant_in_a_row),
        "share_screened": f"{point.share_screened:.4f}",
        "knee": f"{point.knee:.4g}",
    }


def _count(text: str) -> int:
    return max(1, min(int(text), 5000)) if text.isascii() and text.isdecimal() and len(text) < 6 else _AUDIT
