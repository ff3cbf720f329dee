"""What single methods of synthesis ask for beside findings and themes: the map, the grid by theme, ConQual."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.appraisal.standing import StudyAppraisal, appraisals, chosen
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.kind import Payload
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.conqual import QUESTIONS, TOOL_ID, conqual, write_conqual
from evigraph.review.synthesis.grid import RELATIONS, cells, translation, write_grid
from evigraph.review.synthesis.kinds import StudyWords, Translation
from evigraph.review.synthesis.theme_map import draw_themes
from evigraph.review.synthesis.web import web_of

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/synthesis/map")
def theme_map(request: Request, review_id: str) -> Response:
    """The themes as a picture that one can walk."""
    state, who = member_of(request, review_id)
    web = web_of(state)
    svg = draw_themes(web, lambda one: f"{review_path(review_id, 'synthesis')}#{one}", has_style=False)
    return framed(request, state, who, "synthesis", "synthesis/map.html", svg=svg, n=len(web.themes))


@router.get("/reviews/{review_id}/synthesis/map.svg")
def theme_map_file(request: Request, review_id: str) -> Response:
    """The same picture as a file."""
    state, _ = member_of(request, review_id)
    return _file(draw_themes(web_of(state)), "image/svg+xml", f"themes-{review_id}.svg")


@router.get("/reviews/{review_id}/synthesis/grid")
def grid(request: Request, review_id: str) -> Response:
    """What each study says to one theme, in participants', authors' and the team's words, and how they relate."""
    state, who = member_of(request, review_id)
    web = web_of(state)
    themes = web.ordered()
    asked = request.query_params.get("theme", themes[0][0] if themes else "")
    if themes and asked not in web.themes:
        raise HTTPException(404, "This review has no such theme.")
    return framed(
        request,
        state,
        who,
        "synthesis",
        "synthesis/grid.html",
        themes=themes,
        theme_id=asked,
        theme=web.themes.get(asked),
        cells=cells(state, asked) if themes else {},
        labels=state.study_labels(),
        made=translation(state, asked) if themes else None,
        relations=RELATIONS,
        may_write=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )


@router.post("/reviews/{review_id}/synthesis/grid")
async def write(request: Request, review_id: str) -> Response:
    """Keeps what a study says to a theme, or how the studies relate in it."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        theme_id, text = fields.get("theme", ""), fields.get("text", "").strip()
        how, study = fields.get("how", ""), fields.get("study", "")
        if how not in ("", "none", *RELATIONS):
            raise HTTPException(400, "Choose how the studies relate: open the page again.")
        payload: Payload = Translation(how, text) if how else StudyWords(study, text)  # type: ignore[arg-type]
        event_id = told(lambda: workspace_of(request).say(state.review_id, who.account, theme_id, payload))
        return see(review_path(review_id, "synthesis/grid", theme=theme_id, done=event_id))

    return await run_in_threadpool(act)


@router.get("/reviews/{review_id}/synthesis/grid.csv")
def grid_file(request: Request, review_id: str) -> Response:
    """All themes by all studies."""
    state, _ = member_of(request, review_id)
    return _file(write_grid(state, web_of(state), state.study_labels()), "text/csv; charset=utf-8", "grid.csv")


@router.get("/reviews/{review_id}/synthesis/conqual")
def conqual_page(request: Request, review_id: str) -> Response:
    """ConQual of each theme on which findings bear, with what it follows from."""
    state, who = member_of(request, review_id)
    web, appraised = web_of(state), _appraised(state)
    scores = [(one, theme, conqual(web, one, appraised)) for one, theme in web.ordered() if web.evidence(one)]
    tool = chosen(state)
    return framed(
        request,
        state,
        who,
        "confidence",
        "synthesis/conqual.html",
        scores=scores,
        labels=state.study_labels(),
        tool=TOOLS[TOOL_ID],
        is_chosen=tool is not None and tool.tool.tool_id == TOOL_ID,
        questions=QUESTIONS,
    )


@router.get("/reviews/{review_id}/synthesis/conqual.csv")
def conqual_file(request: Request, review_id: str) -> Response:
    """The same as a table."""
    state, _ = member_of(request, review_id)
    table = write_conqual(web_of(state), state.study_labels(), _appraised(state))
    return _file(table, "text/csv; charset=utf-8", "conqual.csv")


def _appraised(state: ReviewState) -> dict[str, StudyAppraisal]:
    """The appraisals by the tool that ConQual asks for; none where the review has chosen another."""
    tool = chosen(state)
    is_right = tool is not None and tool.tool.tool_id == TOOL_ID
    return {one.study: one for one in appraisals(state)} if is_right else {}


def _file(content: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)
