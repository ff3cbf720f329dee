"""The records of a review: in lists, and each with where it was found and what led to it."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from evigraph.portal.review import desk
from evigraph.portal.review.desk import member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import page_number
from evigraph.review.kinds import Remark
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_LISTED = 50


@router.get("/reviews/{review_id}/records")
def listed(request: Request, review_id: str) -> Response:
    """The records of a search, or the works that a source found, alone or together with another one."""
    state, who = member_of(request, review_id)
    query = request.query_params
    label, ids = _chosen(state, query.get("run"), query.get("source"), query.get("and"), "only" in query)
    number = page_number(query)
    asked = "&".join(part for part in str(request.url.query).split("&") if part and not part.startswith("page="))
    first = (number - 1) * _LISTED
    return framed(
        request,
        state,
        who,
        "search",
        "records.html",
        label=label,
        records=[state.library.records[one] for one in ids[first : first + _LISTED]],
        n=len(ids),
        first=first + 1,
        number=number,
        n_pages=-(-len(ids) // _LISTED),
        asked=f"{request.url.path}?{asked}&" if asked else f"{request.url.path}?",
    )


@router.get("/reviews/{review_id}/records/{record_id:path}")
def detail(request: Request, review_id: str, record_id: str) -> Response:
    """One record: what its source says, the others of its group, what led to it; nothing of anybody's vote."""
    state, who = member_of(request, review_id)
    library = state.library
    record = library.records.get(record_id)
    if record is None:
        raise HTTPException(404, f"This review has no record {record_id}.")
    head = library.head_of[record_id]
    group = library.of(head)
    seeds = [(seed, library.records.get(seed)) for one in group for seed in one.seeds]
    led = [other for other in library.records.values() if {one.record_id for one in group} & set(other.seeds)]
    return framed(
        request,
        state,
        who,
        "search",
        "record.html",
        record=record,
        head=head,
        group=group,
        runs=library.runs,
        seeds=list(dict(seeds).items()),
        led=led[:_LISTED],
        n_led=len(led),
        remarks=[
            said
            for said in state.slots.every("review.remark")
            if isinstance(said.payload, Remark) and library.head_of.get(said.payload.record_id) == head
        ],
    )


@router.post("/reviews/{review_id}/records/{record_id:path}")
async def remark(request: Request, review_id: str, record_id: str) -> Response:
    """Leaves a word to the team about a record."""
    fields = await desk.form(request)
    text = fields.get("text", "").strip()[:2000]
    if not text:
        raise HTTPException(400, "The remark says nothing: go back and write it.")
    state, who = member_of(request, review_id)
    if record_id not in state.library.records:
        raise HTTPException(404, f"This review has no record {record_id}.")
    # Each remark stands for itself, so that none takes the place of another.
    subject = f"remark:{secrets.token_hex(6)}"
    event_id = told(lambda: workspace_of(request).say(review_id, who.account, subject, Remark(record_id, text)))
    return see(review_path(review_id, f"records/{record_id}", done=event_id))


def _chosen(
    state: ReviewState, run_id: str | None, source: str | None, other: str | None, is_only: bool
) -> tuple[str, list[str]]:
    library = state.library
    if run_id is not None:
        if run_id not in library.runs:
            raise HTTPException(404, f"This review has no search {run_id}.")
        return f"Records of {run_id}, {library.runs[run_id].source}", [
            one for one, record in library.records.items() if record.run_id == run_id
        ]
    if source is None:
        return "All works, duplicates together", list(library.groups)

    def sources(head: str) -> set[str]:
        return {library.runs[library.records[one].run_id].source for one in library.groups[head]}

    if is_only:
        return f"Works that {source} alone found", [head for head in library.groups if sources(head) == {source}]
    wanted = {source} | ({other} if other else set())
    label = f"Works that {source} found" + (f" and {other} too" if other else "")
    return label, [head for head in library.groups if wanted <= sources(head)]
