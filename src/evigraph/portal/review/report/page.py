"""The report: guidelines filled from the review, the words that only people can give, the whole report, the archive."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.history_page import may_read
from evigraph.review.coding.placed import coded_texts
from evigraph.review.report.archive import write_archive
from evigraph.review.report.document import document_of
from evigraph.review.report.guidelines import GUIDELINES
from evigraph.review.report.kinds import Guideline, ReportWords
from evigraph.review.report.word import write_word
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/reviews/{review_id}/report")
def report(request: Request, review_id: str) -> Response:
    """The items of ENTREQ, each with what the review says to it and from which stage."""
    return _checklist(request, review_id, "entreq")


@router.get("/reviews/{review_id}/report/print")
def whole(request: Request, review_id: str) -> Response:
    """The whole report on one page that prints well."""
    state, who = member_of(request, review_id)
    document = document_of(state, _lengths(request, state))
    return framed(request, state, who, "report", "report/print.html", document=document)


@router.get("/reviews/{review_id}/report.docx")
def word(request: Request, review_id: str) -> Response:
    """The whole report as a Word file."""
    state, _ = member_of(request, review_id)
    content = write_word(document_of(state, _lengths(request, state)))
    return _file(content, _WORD, f"review-{review_id}.docx")


@router.get("/reviews/{review_id}/report/{guideline}")
def checklist(request: Request, review_id: str, guideline: str) -> Response:
    """The items of a guideline, each with what the review says to it and from which stage."""
    return _checklist(request, review_id, guideline)


def _checklist(request: Request, review_id: str, name: str) -> Response:
    state, who = member_of(request, review_id)
    guideline = _guideline(name)
    items = GUIDELINES[guideline].items(state)
    return framed(
        request,
        state,
        who,
        "report",
        "report/guideline.html",
        guideline=guideline,
        known=GUIDELINES[guideline],
        guidelines=GUIDELINES,
        items=items,
        n_told=sum(bool(item.told or item.words) for item in items),
        may_write=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )


def _guideline(name: str) -> Guideline:
    found = next((one for one in GUIDELINES if one == name), None)
    if found is None:
        raise HTTPException(404, f"There is no such checklist: open one of {', '.join(GUIDELINES)}.")
    return found


@router.post("/reviews/{review_id}/report")
async def write(request: Request, review_id: str) -> Response:
    """Keeps the team's words on an item."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        guideline, number = _guideline(fields.get("guideline", "entreq")), fields.get("number", "")
        if number not in {item.number for item in GUIDELINES[guideline].items(state)}:
            raise HTTPException(400, f"{GUIDELINES[guideline].name} has no such item: open the report again.")
        words = ReportWords(guideline, number, fields.get("text", "").strip()[:8000])
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, review_id, words))
        part = "report" if guideline == "entreq" else f"report/{guideline}"
        return see(f"{review_path(review_id, part, done=event_id)}#item-{number}")

    return await run_in_threadpool(act)


@router.get("/reviews/{review_id}/archive.zip")
def archive(request: Request, review_id: str) -> Response:
    """The RO-Crate of all that this reader may read."""
    state, who = member_of(request, review_id)
    rows = workspace_of(request).rows(review_id)
    texts = coded_texts(workspace_of(request).files(review_id), state)
    content = write_archive(state, rows, lambda said: may_read(state, who, said), texts)
    return _file(content, "application/zip", f"review-{review_id}.zip")


def _lengths(request: Request, state: ReviewState) -> dict[str, int]:
    """How long the texts are in which something is coded, in characters."""
    texts = coded_texts(workspace_of(request).files(state.review_id), state)
    return {head: len(text.text) for head, text in texts.items()}


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)
