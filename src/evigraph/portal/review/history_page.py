"""Everything that was said in a review, the newest first; votes that the reader may not see yet are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review.desk import Person, member_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.sentences import KIND_NAMES, name_in, sentence
from evigraph.portal.serving import page_number
from evigraph.review.appraisal import standing as appraisal
from evigraph.review.appraisal.kinds import Appraised
from evigraph.review.checks import check_undo
from evigraph.review.coding import book as coding
from evigraph.review.coding.kinds import CodeSplit, Coding, Memo
from evigraph.review.extraction import standing as extraction
from evigraph.review.extraction.kinds import Extracted
from evigraph.review.kinds import Resolution, Vote
from evigraph.review.protocol import Stage
from evigraph.review.screening import may_see_votes
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_LISTED = 50


@router.get("/reviews/{review_id}/history")
def history(request: Request, review_id: str) -> Response:
    """What was said, by whom, when and why; filtered by kind and person; undone ones marked, and undone from here."""
    state, who = member_of(request, review_id)
    kind, actor = request.query_params.get("kind", ""), request.query_params.get("by", "")
    # Left out before anything is counted: a number would tell that somebody voted.
    visible = [one for one in state.slots.everything() if may_read(state, who, one[0])]
    actors = dict.fromkeys(said.actor for said, _ in visible)
    chosen = [
        one for one in reversed(visible) if (not kind or one[0].kind == kind) and (not actor or one[0].actor == actor)
    ]
    number = page_number(request.query_params)
    shown = chosen[(number - 1) * _LISTED : number * _LISTED]
    asked = urlencode([(name, value) for name, value in (("kind", kind), ("by", actor)) if value])
    return framed(
        request,
        state,
        who,
        "history",
        "history.html",
        rows=[
            (said, is_gone, sentence(state, said), name_in(state, said.actor), _may_undo(state, who, said))
            for said, is_gone in shown
        ],
        n=len(chosen),
        kinds=KIND_NAMES,
        kind=kind,
        actor=actor,
        actors={account: name_in(state, account) for account in actors},
        number=number,
        n_pages=-(-len(chosen) // _LISTED),
        asked=f"{review_path(review_id, 'history')}?{asked}{'&' if asked else ''}",
    )


#: What blinding lets people read of kinds of events, but votes: theirs are told from where the record stands.
_BLINDED: dict[type[Any], Callable[[ReviewState, str, Said], bool]] = {
    Appraised: appraisal.may_read,
    Extracted: extraction.may_read,
    **dict.fromkeys((Coding, CodeSplit, Memo), coding.may_see),
}


def may_read(state: ReviewState, who: Person, said: Said) -> bool:
    """Whether somebody may read an event: of a vote or resolution only what blinding lets them see by now."""
    if said.actor == who.account:
        return True
    if (may := _BLINDED.get(type(said.payload))) is not None:
        return may(state, who.account, said)
    if not isinstance(said.payload, (Vote, Resolution)):
        return True
    stage: Stage = said.payload.stage
    head = state.library.head_of.get(said.subject, said.subject)
    status = state.status(stage, head)
    if status is None:
        return False
    votes = {account: cast(Vote, one.payload) for account, one in state.votes(stage, head).items()}
    return may_see_votes(who.account, votes, status, adjudicates="adjudicator" in state.roles(who.account))


def _may_undo(state: ReviewState, who: Person, said: Said) -> bool:
    try:
        check_undo(state, who.account, said.event_id)
    except InputError:
        return False
    return True
