"""The report: ENTREQ filled from the review, the words that only people can give, and the archive."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.history_page import may_read
from evigraph.review.coding.placed import coded_texts
from evigraph.review.report.archive import write_archive
from evigraph.review.report.entreq import entreq
from evigraph.review.report.kinds import ReportWords

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/report")
def report(request: Request, review_id: str) -> Response:
    """The items of ENTREQ, each with what the review says to it and from which stage."""
    state, who = member_of(request, review_id)
    may_write = bool(state.roles(who.account) & {"lead", "reviewer"})
    return framed(request, state, who, "report", "report/entreq.html", items=entreq(state), may_write=may_write)


@router.post("/reviews/{review_id}/report")
async def write(request: Request, review_id: str) -> Response:
    """Keeps the team's words on an item."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        number = fields.get("number", "")
        if number not in {item.number for item in entreq(state)}:
            raise HTTPException(400, "ENTREQ has no such item: open the report again.")
        words = ReportWords("entreq", number, fields.get("text", "").strip()[:8000])
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, review_id, words))
        return see(f"{review_path(review_id, 'report', done=event_id)}#item-{number}")

    return await run_in_threadpool(act)


@router.get("/reviews/{review_id}/archive.zip")
def archive(request: Request, review_id: str) -> Response:
    """The RO-Crate of all that this reader may read."""
    state, who = member_of(request, review_id)
    workspace = workspace_of(request)
    texts = coded_texts(workspace.files(review_id), state)
    lengths = {head: len(text.text) for head, text in texts.items()}
    rows = workspace.rows(review_id)
    content = write_archive(state, rows, lambda said: may_read(state, who, said), lengths)
    headers = {
        "Content-Disposition": f'attachment; filename="review-{review_id}.zip"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)
