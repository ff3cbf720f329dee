"""The memos of a review: on the review, its reports, studies, codes, codings and themes."""

from __future__ import annotations

from typing import cast, get_args
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from evigraph.portal.review.desk import member_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.coding.book import book_of
from evigraph.review.coding.kinds import About, Coding, Memo
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Theme

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/coding/memos")
def memos(request: Request, review_id: str) -> Response:
    """The memos, the latest last, each with what it is about; and a form for one on any of these."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    about = request.query_params.get("about", "")
    themes = {said.subject: cast(Theme, said.payload).label for said in state.slots.all_in_force("review.theme")}
    found = [
        (memo_id, memo, by, *_about(state, memo))
        for memo_id, memo, by in book.memos(who.account)
        if not about or memo.about == about
    ]
    coding_id = request.query_params.get("thing", "").removeprefix("coding:")
    coding = next((one for one in book.codings(who.account) if one.coding_id == coding_id), None)
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/memos.html",
        memos=found,
        about=about,
        coding=coding,
        kinds=get_args(About),
        things={
            "code": [(code_id, book.codes[code_id].name) for code_id, _ in book.tree()],
            "study": [(study, state.study_label(study)) for study in state.studies()],
            "report": [(head, state.library.records[head].title) for head in state.included()],
            "theme": list(themes.items()),
        },
        people={account: member.name for account, member in state.members.items()},
        may_write=bool(state.roles(who.account) & {"lead", "reviewer", "adjudicator"}),
    )


def _about(state: ReviewState, memo: Memo) -> tuple[str, str]:
    """What a memo is about, in words, and where it is seen."""
    part, words = "", ""
    if memo.about == "code":
        code = book_of(state).codes.get(memo.about_id)
        words = code.name if code is not None else "a code that was merged or removed"
        part = f"coding/codes/{quote(memo.about_id)}"
    elif memo.about == "coding":
        said = state.slots.in_force("review.coding", (memo.about_id,))
        anchor = cast(Coding, said.payload).anchor if said is not None else None
        words = f"“{anchor.exact[:80]}”" if anchor is not None else "a coding that was undone"
        part = f"coding/{quote(anchor.record_id)}" if anchor is not None else "coding"
    elif memo.about == "report":
        record = state.library.records.get(memo.about_id)
        words, part = (record.title if record is not None else memo.about_id), f"coding/{quote(memo.about_id)}"
    elif memo.about == "study":
        words, part = state.study_label(memo.about_id), "full-texts"
    elif memo.about == "theme":
        said = state.slots.in_force("review.theme", (memo.about_id,))
        words = cast(Theme, said.payload).label if said is not None else "a theme that was undone"
        part = "synthesis"
    return words, review_path(state.review_id, part)
