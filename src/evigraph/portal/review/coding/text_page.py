"""The page on which a report is read and coded: its text with the passages marked, the codes beside it."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from evigraph.portal.review.coding.marks import lines_of
from evigraph.portal.review.coding.sheet import sheet_of
from evigraph.portal.review.desk import desk_of, member_of, told, workspace_of
from evigraph.portal.review.frame import framed
from evigraph.review.coding.book import book_of, is_done
from evigraph.review.coding.kinds import Memo
from evigraph.review.coding.palette import PALETTE, hue_of
from evigraph.review.coding.placed import placed
from evigraph.review.retrieval import PDF
from evigraph.review.state import ReviewState
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.pdf import MAX_PAGES
from evigraph.review.texts.pdf_pictures import page_picture

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/coding/{head}")
def read(request: Request, review_id: str, head: str) -> Response:
    """A report's text in numbered lines with the passages marked; while a PDF is being read, a page that says so."""
    state, who = member_of(request, review_id)
    text = text_now(request, state, head)
    title = state.library.records[head].title
    if text is None:
        return framed(request, state, who, "coding", "coding/being_read.html", 202, head=head, title=title)
    book = book_of(state)
    found = placed(book.codings(who.account, head), text)
    hues = {code_id: hue_of(code_id, code) for code_id, code in book.codes.items()}
    names = {code_id: code.name for code_id, code in book.codes.items()}
    memos = book.memos(who.account)
    of_coding: dict[str, list[Memo]] = {}
    for _, memo, _ in memos:
        if memo.about == "coding":
            of_coding.setdefault(memo.about_id, []).append(memo)
    number = _page_asked(request, text)
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/text.html",
        sheet=sheet_of(text, number, found.here) if number else None,
        n_pages=len(text.pages),
        book=book,
        tree=book.tree(),
        head=head,
        title=title,
        lines=[] if number else lines_of(text, found.here, names, hues),
        n_lines=len(text.blocks),
        lost=[*found.alike, *found.lost],
        n_alike=len(found.alike),
        hues=hues,
        palette=PALETTE,
        people={account: member.name for account, member in state.members.items()},
        memos=[one for one in memos if one[1].about == "report" and one[1].about_id == head],
        of_coding=of_coding,
        n_codings=len(found.here),
        is_done=is_done(state, head, who.account),
        n_done=len(book.done(head)),
        may_code=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )


def _page_asked(request: Request, text: CanonicalText) -> int:
    """The page of a PDF that is to be shown as it looks; 0 where the text is to be shown."""
    given = request.query_params.get("page", "")
    if not given or not text.pages:
        return 0
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= len(text.pages)):
        raise HTTPException(404, f"This report has the pages 1 to {len(text.pages)}.")
    return int(given)


@router.get("/reviews/{review_id}/coding/{head}/page/{number}.png")
def picture(request: Request, review_id: str, head: str, number: int) -> Response:
    """A page of a PDF as a picture, for the review's members alone."""
    state, _ = member_of(request, review_id)
    report = state.report(state.library.head_of.get(head, head))
    if report.media_type != PDF or not report.sha256 or not 1 <= number <= MAX_PAGES:
        raise HTTPException(404, "This review has no such page.")
    files = workspace_of(request).files(review_id)
    content = told(lambda: page_picture(files, report.sha256, number), 404)
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def text_now(request: Request, state: ReviewState, head: str) -> CanonicalText | None:
    """The text of a report; null as long as it is being read.

    Raises:
        HTTPException: 404, there is no such report; 409, it has no text, or none that can be read.
    """
    if state.library.head_of.get(head) != head:
        raise HTTPException(404, "This review has no such report.")
    files, readings = workspace_of(request).files(state.review_id), desk_of(request).readings
    return told(lambda: readings.text(files, state.report(head)), 409)
