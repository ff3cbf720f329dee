"""Duplicates: the pairs that wait for a person, side by side; the groups that were merged; what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.open_pairs import side_by_side
from evigraph.portal.review import desk
from evigraph.portal.review.desk import member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import page_number
from evigraph.review.kinds import Duplicates, Pair
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_LISTED = 25

_REASON = "compared side by side"


@router.get("/reviews/{review_id}/duplicates")
def listed(request: Request, review_id: str) -> Response:
    """The numbers, the pairs that wait, what people decided, and the groups that were merged."""
    state, who = member_of(request, review_id)
    library = state.library
    groups = [members for members in library.groups.values() if len(members) > 1]
    number = page_number(request.query_params)
    first = (number - 1) * _LISTED
    said = state.slots.in_force("review.duplicates")
    return framed(
        request,
        state,
        who,
        "duplicates",
        "duplicates.html",
        n_records=len(library.records),
        n_works=len(library.groups),
        open_pairs=library.open_pairs[:_LISTED],
        n_open=len(library.open_pairs),
        decided=list(state.slots.all_in_force("review.pair")),
        groups=groups[first : first + _LISTED],
        n_groups=len(groups),
        number=number,
        n_pages=-(-len(groups) // _LISTED),
        method=cast(Duplicates, said.payload).method if said else "",
        records=library.records,
    )


@router.get("/reviews/{review_id}/duplicates/pair")
def pair(request: Request, review_id: str) -> Response:
    """Two records side by side, with what speaks for and against their being one work."""
    # What compares records is loaded when it is needed: a portal starts without it.
    from evigraph.deduplicate.api import compare

    state, who = member_of(request, review_id)
    left, right = request.query_params.get("left", ""), request.query_params.get("right", "")
    rows = _rows(request, state, left, right)
    found = compare(rows[left], rows[right])
    waiting = [frozenset(one[:2]) for one in state.library.open_pairs]
    here = frozenset((left, right))
    after = waiting[(waiting.index(here) + 1) % len(waiting)] if here in waiting else next(iter(waiting), None)
    why = next((text for one, other, text in state.library.open_pairs if {one, other} == here), found.explanation)
    decided = state.slots.in_force("review.pair", tuple(sorted(here)))
    return framed(
        request,
        state,
        who,
        "duplicates",
        "duplicate_pair.html",
        left=state.library.records[left],
        right=state.library.records[right],
        runs=state.library.runs,
        fields=side_by_side(rows[left], rows[right]),
        explanation=why,
        verdict=found.verdict,
        is_one=state.library.head_of[left] == state.library.head_of[right],
        decided=decided,
        following=sorted(after) if after and after != here else None,
        n_open=len(waiting),
        place=waiting.index(here) + 1 if here in waiting else None,
    )


@router.post("/reviews/{review_id}/duplicates/pair")
async def decide(request: Request, review_id: str) -> Response:
    """Keeps a person's word on two records, and leads to the next pair that waits."""
    fields = await desk.form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        verdict = fields.get("verdict", "")
        if verdict not in ("same", "different"):
            raise HTTPException(400, "Say whether they are the same work or different ones.")
        said = Pair(fields.get("left", ""), fields.get("right", ""), verdict)  # type: ignore[arg-type]
        reason = fields.get("reason", "").strip()[:2000] or _REASON
        is_waiting = {said.record_id_l, said.record_id_r} in [{*one[:2]} for one in state.library.open_pairs]
        workspace = workspace_of(request)
        event_id = told(lambda: workspace.decide_pair(review_id, who.account, said, reason))
        waiting = workspace.state(review_id).library.open_pairs
        if is_waiting and waiting:
            return see(
                review_path(review_id, "duplicates/pair", left=waiting[0][0], right=waiting[0][1], done=event_id)
            )
        return see(review_path(review_id, "duplicates", done=event_id))

    return await run_in_threadpool(act)


def _rows(request: Request, state: ReviewState, left: str, right: str) -> Mapping[str, dict[str, Any]]:
    """The two records in full."""
    library = state.library
    if left == right or not {left, right} <= library.records.keys():
        raise HTTPException(404, "This review does not hold both of these records: open the list of pairs again.")
    files = workspace_of(request).files(state.review_id)
    runs = {library.records[one].run_id for one in (left, right)}
    rows = {row["record_id"]: row for run_id in runs for row in files.rows(library.imports[run_id])}
    return {one: rows[one] for one in (left, right)}
