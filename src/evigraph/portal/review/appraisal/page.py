"""Appraisal: the tool, the studies with their lights, and the sheet of one study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, upload, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.places import evidence_of, places_of
from evigraph.portal.review.sentences import name_in
from evigraph.review.appraisal.kinds import Answer, AnswerAgreed, Appraised, Tool, ToolChosen
from evigraph.review.appraisal.reading import read_tool, written_tool
from evigraph.review.appraisal.standing import StudyAppraisal, appraisals, chosen
from evigraph.review.appraisal.tables import SIGNS, draw_lights, write_answers, write_robvis
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.sheet import Evidence
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: A file of a tool is small.
MAX_TOOL_BYTES = 1_000_000

_MAX_TEXT = 4000


@router.get("/reviews/{review_id}/appraisal")
def table(request: Request, review_id: str) -> Response:
    """The studies by question, with the picture and what waits; and the form by which a lead chooses the tool."""
    state, who = member_of(request, review_id)
    made, tool = appraisals(state), chosen(state)
    return framed(
        request,
        state,
        who,
        "appraisal",
        "appraisal/table.html",
        tool=tool,
        made=made,
        own={one.study: one.standing_for(who.account) for one in made},
        svg=draw_lights(made, tool.tool, has_style=False) if tool and made else "",
        tools=list(TOOLS.values()),
        signs=SIGNS,
        is_lead="lead" in state.roles(who.account),
        has_studies=bool(state.studies()),
    )


@router.get("/reviews/{review_id}/appraisal.{format_}")
def exported(request: Request, review_id: str, format_: str) -> Response:
    """The answers that stand: `csv`, `robvis.csv` in robvis's Generic shape, or the picture as `svg`."""
    state, _ = member_of(request, review_id)
    tool = chosen(state)
    if tool is None:
        raise HTTPException(404, "No appraisal tool is chosen yet.")
    made = appraisals(state)
    if format_ == "svg":
        content, media_type = draw_lights(made, tool.tool), "image/svg+xml"
    elif format_ in ("csv", "robvis.csv"):
        write = write_answers if format_ == "csv" else write_robvis
        content, media_type = write(made, tool.tool), "text/csv; charset=utf-8"
    else:
        raise HTTPException(404, "The appraisal is given as csv, robvis.csv and svg.")
    headers = {"Content-Disposition": f'attachment; filename="appraisal-{review_id}.{format_}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.post("/reviews/{review_id}/appraisal")
async def choose(request: Request, review_id: str) -> Response:
    """Keeps the tool that a lead chose or wrote."""
    fields = await form(request)
    tool = TOOLS.get(fields.get("tool", ""))
    if tool is None:
        tool = told(lambda: written_tool(fields.get("name", "")[:120], fields.get("questions", "")))
    return await run_in_threadpool(_choose, request, review_id, tool, fields)


@router.post("/reviews/{review_id}/appraisal-tool/file")
async def load(request: Request, review_id: str) -> Response:
    """Keeps the tool that a lead loads from a JSON or CSV file."""
    async with upload(request, MAX_TOOL_BYTES) as sent:
        if len(sent.paths) != 1:
            raise HTTPException(400, "Choose one file: the tool as JSON or CSV.")
        content, name = sent.paths[0].read_bytes(), sent.paths[0].stem
        tool = told(lambda: read_tool(content, name))
        return await run_in_threadpool(_choose, request, review_id, tool, sent.fields)


def _choose(request: Request, review_id: str, tool: Tool, fields: Mapping[str, str]) -> Response:
    _, who = member_of(request, review_id)
    n = fields.get("n_people", "2")
    made = ToolChosen(tool, int(n) if n in ("1", "2", "3") else 0)
    event_id = told(lambda: workspace_of(request).say(review_id, who.account, review_id, made))
    return see(review_path(review_id, "appraisal", done=event_id))


@router.get("/reviews/{review_id}/appraisal/{study}")
def sheet(request: Request, review_id: str, study: str) -> Response:
    """One's own sheet of a study; once all are complete, everybody's answers side by side, and what stands."""
    state, who = member_of(request, review_id)
    one = _study(state, study)
    own = one.held.get(who.account)
    answers = {answer.key: answer for answer in cast(Appraised, own.payload).answers} if own is not None else {}
    roles = state.roles(who.account)
    return framed(
        request,
        state,
        who,
        "appraisal",
        "appraisal/sheet.html",
        one=one,
        own=own,
        answers=answers,
        may_answer=one.may_fill(who.account, roles),
        may_settle=one.may_settle(who.account, roles),
        shown=_side_by_side(state, one) if one.is_open else [],
        n_people=one.n_people,
        places=places_of(request, state, _evidence(one, who.account)),
        has_text=any(state.report(each).sha256 for each in state.studies()[study]),
        records=[(each, state.library.records[each]) for each in state.studies()[study]],
    )


def _evidence(one: StudyAppraisal, account: str) -> list[Evidence]:
    """What is quoted on a sheet as somebody sees it."""
    sheets = [said for author, said in one.held.items() if one.is_open or author == account]
    return [each for said in sheets for answer in cast(Appraised, said.payload).answers for each in answer.evidence]


def _side_by_side(state: ReviewState, one: StudyAppraisal) -> list[tuple[object, list[tuple[str, Answer]], object]]:
    return [
        (
            question,
            [(name_in(state, author), answer) for author, answer in one.answers(question.key).items()],
            one.standing(question),
        )
        for question in one.tool.questions
    ]


@router.post("/reviews/{review_id}/appraisal/{study}")
async def answer(request: Request, review_id: str, study: str) -> Response:
    """Keeps a sheet, as a draft or complete; or what was settled on a question."""
    fields = await form(request)
    return await run_in_threadpool(_answer, request, review_id, study, fields)


def _answer(request: Request, review_id: str, study: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    one = _study(state, study)
    workspace, action = workspace_of(request), fields.get("action", "")
    if action == "settle":
        key = fields.get("question", "")
        value, reason = fields.get("value", "").strip()[:_MAX_TEXT], fields.get("reason", "").strip()[:_MAX_TEXT]
        # The places of those whose answer it is stay with it.
        given = (answer for answer in one.answers(key).values() if answer.value == value and answer.evidence)
        evidence = next((answer.evidence for answer in given), ())
        settled = AnswerAgreed(one.tool.tool_id, Answer(key, value, reason, evidence), who.account in one.held)
        event_id = told(lambda: workspace.say(review_id, who.account, study, settled, reason))
    elif action in ("draft", "complete"):
        answers = tuple(
            _given(request, state, study, fields, question.key)
            for question in one.tool.questions
            if fields.get(f"answer-{question.key}", "").strip()
        )
        made = Appraised(one.tool.tool_id, action == "complete", answers)
        event_id = told(lambda: workspace.say(review_id, who.account, study, made))
    else:
        raise HTTPException(400, "Keep the sheet as a draft, or say that it is complete: press one of the buttons.")
    return see(review_path(review_id, f"appraisal/{study}", done=event_id))


def _given(request: Request, state: ReviewState, study: str, fields: Mapping[str, str], key: str) -> Answer:
    def text(name: str) -> str:
        return fields.get(f"{name}-{key}", "").strip()[:_MAX_TEXT]

    evidence = evidence_of(request, state, study, text("quote"), text("page")[:20])
    return Answer(key, text("answer"), text("reason"), evidence)


def _study(state: ReviewState, study: str) -> StudyAppraisal:
    if chosen(state) is None:
        raise HTTPException(409, "No appraisal tool is chosen yet: the lead chooses one on the page of the appraisal.")
    found = next((one for one in appraisals(state) if one.study == study), None)
    if found is None:
        raise HTTPException(404, "This is no included study of this review.")
    return found
