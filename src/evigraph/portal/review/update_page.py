"""Updates of a living review: what was included before, and the beginning of the next."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review import desk
from evigraph.portal.review.desk import member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/updates")
def updates(request: Request, review_id: str) -> Response:
    """The updates so far, what an update would start from, and what stands in its way."""
    state, who = member_of(request, review_id)
    now = [run for run in state.library.runs.values() if run.update == state.update]
    return framed(
        request,
        state,
        who,
        "",
        "updates.html",
        updates=state.updates,
        n_studies=len(state.studies()),
        n_reports=len(state.included()),
        open_work=_open_work(state),
        runs=now,
        repeated={run.repeats for run in now if run.repeats},
        former=[run for run in state.library.runs.values() if run.update < state.update and run.chase is None],
    )


@router.post("/reviews/{review_id}/updates")
async def begin(request: Request, review_id: str) -> Response:
    """Begins an update: from here on, searches belong to it, and only what is new is screened."""
    fields = await desk.form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        if not any(run.update == state.update for run in state.library.runs.values()):
            raise HTTPException(
                400, "No search belongs to the running update yet: search again before the next begins."
            )
        reason = fields.get("reason", "").strip()[:2000] or "the search is run again"
        number = told(lambda: workspace_of(request).begin_update(review_id, who.account, reason))
        said = workspace_of(request).state(review_id).slots.in_force("review.update", (str(number),))
        return see(review_path(review_id, "updates", done=said.event_id if said else ""))

    return await run_in_threadpool(act)


def _open_work(state: ReviewState) -> int:
    """The works that are not decided at one of the stages."""
    counts = [state.stage_counts("title_abstract"), state.stage_counts("full_text")]
    return sum(each["waits"] + each["conflict"] for each in counts)
