"""The flow of records: the diagram, the records behind each number, the tables and files that a report needs."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from evigraph.library.writing import FORMATS
from evigraph.portal.review.desk import member_of, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import page_number
from evigraph.review.flow import Flow, flow
from evigraph.review.flow_csv import write_flow
from evigraph.review.flow_svg import draw_flow
from evigraph.review.reporting import discrepancies, export, selection
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_MEDIA = {
    "ris": "application/x-research-info-systems",
    "bibtex": "application/x-bibtex",
    "nbib": "text/plain",
    "endnote": "application/xml",
    "csv": "text/csv",
}

#: Records on a page behind a number.
_LISTED = 200


@router.get("/reviews/{review_id}/flow")
def diagram(request: Request, review_id: str) -> Response:
    """The diagram with its sums, and what stands in the way of those that do not hold."""
    state, who = member_of(request, review_id)
    made = flow(state)
    chosen = selection(state)
    return framed(
        request,
        state,
        who,
        "flow",
        "flow.html",
        flow=made,
        svg=draw_flow(made, lambda key: review_path(review_id, f"flow/{key}"), state.protocol.title, has_style=False),
        discrepancies=discrepancies(state),
        included=[one for one in chosen if one.stage == "full text" and one.standing == "included"],
        excluded=[one for one in chosen if one.stage == "full text" and one.standing == "excluded"],
        records=state.library.records,
        formats=list(FORMATS),
        studies=state.studies(),
    )


@router.get("/reviews/{review_id}/flow.csv")
def table(request: Request, review_id: str) -> Response:
    """The numbers as CSV in the column scheme of the PRISMA2020 package."""
    state, _ = member_of(request, review_id)
    return _file(write_flow(flow(state)), "text/csv; charset=utf-8", f"prisma-{review_id}.csv")


@router.get("/reviews/{review_id}/flow.svg")
def picture(request: Request, review_id: str) -> Response:
    """The diagram as a picture that stands alone."""
    state, _ = member_of(request, review_id)
    return _file(draw_flow(flow(state), None, state.protocol.title), "image/svg+xml", f"prisma-{review_id}.svg")


@router.get("/reviews/{review_id}/flow/{key}")
def behind(request: Request, review_id: str, key: str) -> Response:
    """The records, reports or studies that a number counts."""
    state, who = member_of(request, review_id)
    made = flow(state)
    if key not in made.boxes:
        raise HTTPException(404, "The flow has no number of this name.")
    members = made.boxes[key].members
    number = page_number(request.query_params)
    shown = members[(number - 1) * _LISTED : number * _LISTED]
    return framed(
        request,
        state,
        who,
        "flow",
        "flow_box.html",
        key=key,
        box=made.boxes[key],
        rows=[_row(state, one) for one in shown],
        reasons=_reasons(made, key),
        number=number,
        n_pages=-(-len(members) // _LISTED),
    )


@router.get("/reviews/{review_id}/export/{format_}")
def exported(request: Request, review_id: str, format_: str) -> Response:
    """The works with their decisions in a format; `which=included` gives the included reports alone."""
    state, _ = member_of(request, review_id)
    if format_ not in FORMATS:
        raise HTTPException(404, f"Exports are made as {', '.join(FORMATS)}.")
    only = state.included() if request.query_params.get("which") == "included" else None
    rows = workspace_of(request).rows(review_id)
    name = f"review-{review_id}{'-included' if only is not None else ''}{FORMATS[format_][0]}"
    return StreamingResponse(
        _encoded(export(state, rows, format_, only)),
        media_type=f"{_MEDIA[format_]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _row(state: ReviewState, member: str) -> tuple[str, list[str]]:
    """A member of a box: its name where it is a study, and its records."""
    if member in state.library.records:
        return "", [member]
    return member, list(state.studies().get(member, []))


def _reasons(made: Flow, key: str) -> dict[str, str]:
    return {one: part.label for part in made.parts.get(key, ()) for one in part.members}


def _encoded(parts: Iterator[str]) -> Iterator[bytes]:
    return (part.encode("utf-8") for part in parts)


def _file(content: str, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
