"""Coding: the reports and codes of a review, what a search finds in coded passages, and what leaves for elsewhere."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from evigraph.portal.review.coding import code_page, compare_page, memo_page, said, text_page
from evigraph.portal.review.desk import member_of, told, workspace_of
from evigraph.portal.review.frame import framed
from evigraph.review.coding.book import book_of
from evigraph.review.coding.compared import coders
from evigraph.review.coding.palette import PALETTE, hue_of
from evigraph.review.coding.search import Asked, search
from evigraph.review.exchange import refi_qda
from evigraph.review.exchange.passages import write_passages
from evigraph.review.exchange.quotations import Quotations
from evigraph.review.state import ReviewState
from evigraph.review.texts.kept import measure, text_of

router = APIRouter(include_in_schema=False)


#: How many passages a page shows.
_SHOWN = 200


@router.get("/reviews/{review_id}/coding")
def codes(request: Request, review_id: str) -> Response:
    """The tree of codes and the reports to code, or the passages that a search finds."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    asked = _asked(request, state)
    counts: dict[str, int] = {}
    of_report: dict[str, int] = {}
    for one in book.codings(who.account):
        counts[one.code_id] = counts.get(one.code_id, 0) + 1
        of_report[one.anchor.record_id] = of_report.get(one.anchor.record_id, 0) + 1
    found = search(book, who.account, asked) if asked.is_anything else []
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/codes.html",
        book=book,
        tree=book.tree(),
        counts=counts,
        of_report=of_report,
        reports=[head for head in state.included() if state.report(head).sha256],
        studies=state.study_labels(),
        hues={code: hue_of(code, book.codes[code]) for code in book.codes},
        palette=PALETTE,
        people={account: member.name for account, member in state.members.items()},
        coders=coders(book, who.account),
        asked=asked,
        study=request.query_params.get("study", ""),
        query=request.url.query,
        found=found[:_SHOWN],
        n_found=len(found),
        may_code=bool(state.roles(who.account) & {"lead", "reviewer"}),
        is_lead="lead" in state.roles(who.account),
    )


def _asked(request: Request, state: ReviewState) -> Asked:
    """What the search of the page asks for."""
    given = request.query_params
    study = given.get("study", "")
    return Asked(
        given.get("q", "")[:200],
        given.get("code", ""),
        given.get("and", ""),
        state.studies().get(study, []) if study else None,
        given.get("coder", ""),
    )


@router.get("/reviews/{review_id}/coding/passages.csv")
def passages(request: Request, review_id: str) -> Response:
    """The passages that the search finds, all of them where nothing is asked for, as CSV."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    found = search(book, who.account, _asked(request, state))
    files = workspace_of(request).files(review_id)
    heads = dict.fromkeys(one.anchor.record_id for one in found)
    known = [head for head in heads if head in state.library.groups and state.report(head).sha256]
    lengths = {head: told(lambda one=head: measure(files, state.report(one)), 409)[1] for head in known}  # type: ignore[misc]
    content = write_passages(
        book,
        found,
        {account: member.name for account, member in state.members.items()},
        {head: state.library.records[head].title for head in known},
        {head: state.study_label(study) for study, held in state.studies().items() for head in held},
        Quotations(state, lengths),
    )
    headers = {"Content-Disposition": 'attachment; filename="passages.csv"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/reviews/{review_id}/coding/export.{form_name}")
def export(request: Request, review_id: str, form_name: str) -> Response:
    """The project (`qdpx`) or codebook (`qdc`) in REFI-QDA; of codings those that the member may see."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    if form_name not in ("qdpx", "qdc") or not book.codes:
        raise HTTPException(404, "There is a project (qdpx) and a codebook (qdc), once there is a code.")
    if form_name == "qdc":
        content = refi_qda.codebook(book, review_id)
    else:
        codings = book.codings(who.account)
        files = workspace_of(request).files(review_id)
        texts = {
            head: (state.library.records[head].title, told(lambda one=head: text_of(files, state.report(one)), 409))  # type: ignore[misc]
            for head in dict.fromkeys(one.anchor.record_id for one in codings)
            if head in state.library.groups and state.report(head).sha256
        }
        names = {account: member.name for account, member in state.members.items()}
        quotations = Quotations(state, {head: len(text.text) for head, (_, text) in texts.items()})
        memos = [(memo_id, memo) for memo_id, memo, _ in book.memos(who.account)]
        studies = {study: (state.study_label(study), held) for study, held in state.studies().items()}
        title = state.protocol.title
        content = refi_qda.project(book, review_id, title, codings, names, texts, quotations, memos, studies)
    headers = {
        "Content-Disposition": f"attachment; filename=coding.{form_name}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


# What has an address of its own stands before the reports, whose addresses would match theirs.
for room in (said, code_page, compare_page, memo_page):
    router.include_router(room.router)
router.include_router(text_page.router)
