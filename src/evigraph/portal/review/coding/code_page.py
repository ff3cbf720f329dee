"""A code on a page of its own: what it says, its passages, merging and splitting it, and what was said of it."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from evigraph.portal.review.desk import member_of
from evigraph.portal.review.frame import framed
from evigraph.portal.review.sentences import sentence
from evigraph.review.coding.book import book_of, may_see
from evigraph.review.coding.kinds import Code
from evigraph.review.coding.palette import PALETTE, hue_of

router = APIRouter(include_in_schema=False)

#: How many passages a page shows: those of one code are chosen from by eye.
_SHOWN = 300


@router.get("/reviews/{review_id}/coding/codes/{code_id}")
def code(request: Request, review_id: str, code_id: str) -> Response:
    """A code in the tree, or one that was merged or removed, with its history, so that this can be undone."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    said = state.slots.in_force("review.code", (code_id,))
    history = [
        (one, is_gone, sentence(state, one))
        for one, is_gone in state.slots.everything()
        if one.subject == code_id
        and one.kind in ("review.code", "review.code_merge", "review.code_split")
        and may_see(state, who.account, one)
    ]
    if said is None and not history:
        raise HTTPException(404, "This review has no such code.")
    named = cast(Code, said.payload if said is not None else history[0][0].payload)
    codings = [one for one in book.codings(who.account) if one.code_id == code_id]
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/code.html",
        book=book,
        tree=book.tree(),
        code_id=code_id,
        code=named,
        is_in_tree=code_id in book.codes,
        final=book.final(code_id),
        hues={one: hue_of(one, book.codes[one]) for one in book.codes},
        palette=PALETTE,
        codings=codings[:_SHOWN],
        n_codings=len(codings),
        history=history[::-1],
        memos=[one for one in book.memos(who.account) if one[1].about == "code" and one[1].about_id == code_id],
        people={account: member.name for account, member in state.members.items()},
        titles={
            head: record.title
            for head in {one.anchor.record_id for one in codings}
            if (record := state.library.records.get(head))
        },
        may_code=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )
