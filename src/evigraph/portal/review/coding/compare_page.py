"""Two coders compared: agreement by code, and side by side the passages that they did not code alike."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review.desk import member_of, workspace_of
from evigraph.portal.review.frame import framed
from evigraph.review.coding.book import Coded, book_of
from evigraph.review.coding.compared import coders, compare
from evigraph.review.coding.palette import hue_of
from evigraph.review.coding.placed import placed
from evigraph.review.files import Files
from evigraph.review.state import ReviewState
from evigraph.review.texts.kept import measure, text_of

router = APIRouter(include_in_schema=False)

#: How many differences a page shows.
_SHOWN = 100


@router.get("/reviews/{review_id}/coding/compare")
def compared(request: Request, review_id: str) -> Response:
    """Two coders, the two busiest unless others are named, over the reports that both coded."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    people = coders(book, who.account)
    given = request.query_params
    left = given.get("left", "") if given.get("left") in people else next(iter(people), "")
    others = [one for one in people if one != left]
    right = given.get("right", "") if given.get("right") in others else next(iter(others), "")
    code_id = given.get("code", "") if given.get("code") in book.codes else ""
    files = workspace_of(request).files(review_id)
    found = compare(book, who.account, left, right, lambda head, codings: _here(state, files, head, codings))
    differences = [one for one in found.differences if not code_id or one.code_id == code_id]
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/compare.html",
        book=book,
        coders=people,
        people={account: member.name for account, member in state.members.items()},
        left=left,
        right=right,
        code_id=code_id,
        found=found,
        hues={code: hue_of(code, book.codes[code]) for code in book.codes},
        titles={head: record.title for head in found.records if (record := state.library.records.get(head))},
        differences=differences[:_SHOWN],
        n_differences=len(differences),
    )


def _here(state: ReviewState, files: Files, head: str, codings: list[Coded]) -> tuple[int, list[Coded]]:
    """The characters of a report's text, and its codings where they stand now; of a text that is gone, none."""
    try:
        sha256, n = measure(files, state.report(head))
        if all(one.anchor.text_sha256 == sha256 for one in codings):
            return n, codings
        return n, list(placed(codings, text_of(files, state.report(head))).here)
    except InputError:
        return 0, []
