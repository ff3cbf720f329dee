"""Synthesis and confidence: findings by study, themes with what bears on them, the matrix, CERQual, tables."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.kind import Payload
from evigraph.review.synthesis.kinds import Bears, Confidence, Finding, Theme
from evigraph.review.synthesis.tables import write_confidence, write_themes
from evigraph.review.synthesis.web import frequency, intensity, web_of

router = APIRouter(include_in_schema=False)

PARTS = {
    "methodological": "Methodological limitations",
    "coherence": "Coherence",
    "adequacy": "Adequacy of data",
    "relevance": "Relevance",
}

_TABLES = {"themes": write_themes, "confidence": write_confidence}


@router.get("/reviews/{review_id}/synthesis")
def synthesis(request: Request, review_id: str) -> Response:
    """The findings by study, the themes with what bears on each, and the matrix of studies and themes."""
    state, who = member_of(request, review_id)
    web, labels = web_of(state), state.study_labels()
    themes = web.ordered()
    return framed(
        request,
        state,
        who,
        "synthesis",
        "synthesis/synthesis.html",
        web=web,
        labels=labels,
        themes=themes,
        by_study={study: [i for i, one in web.findings.items() if one.study == study] for study in labels},
        evidence={theme_id: web.evidence(theme_id) for theme_id, _ in themes},
        studies={theme_id: web.studies(theme_id) for theme_id, _ in themes},
        frequency={theme_id: round(100 * frequency(web, theme_id, len(labels))) for theme_id, _ in themes},
        intensity={study: round(100 * intensity(web, study)) for study in labels},
        to=request.query_params.get("to", ""),
        change=request.query_params.get("change", ""),
        may_write=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )


@router.get("/reviews/{review_id}/confidence")
def confidence(request: Request, review_id: str) -> Response:
    """CERQual: each theme's judgement, beside the appraisals of just the studies that contribute."""
    state, who = member_of(request, review_id)
    web, tool = web_of(state), chosen(state)
    appraised = {one.study: one for one in appraisals(state)} if tool is not None else {}
    return framed(
        request,
        state,
        who,
        "confidence",
        "synthesis/confidence.html",
        web=web,
        labels=state.study_labels(),
        themes=web.ordered(),
        questions=tool.tool.questions if tool is not None else (),
        appraised=appraised,
        components=PARTS,
        may_write=bool(state.roles(who.account) & {"lead", "reviewer", "adjudicator"}),
    )


@router.get("/reviews/{review_id}/synthesis/{name}.csv")
def table(request: Request, review_id: str, name: str) -> Response:
    """A table of the synthesis."""
    state, _ = member_of(request, review_id)
    if (write := _TABLES.get(name)) is None:
        raise HTTPException(404, "There are the tables themes and confidence.")
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-store"}
    return Response(write(web_of(state), state.study_labels()), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/reviews/{review_id}/synthesis")
async def say(request: Request, review_id: str) -> Response:
    """Keeps a finding, a theme, what bears on a theme, or a judgement of confidence."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        kind = fields.get("action", "")
        subject = fields.get("subject", "") or f"{kind}-{secrets.token_hex(4)}"
        try:
            payload = _payload(kind, fields)
        except msgspec.ValidationError as error:
            raise HTTPException(400, "A choice of this form is none that there is: open the page again.") from error
        event_id = told(lambda: workspace_of(request).say(state.review_id, who.account, subject, payload))
        return see(review_path(review_id, "confidence" if kind == "confidence" else "synthesis", done=event_id))

    return await run_in_threadpool(act)


def _payload(kind: str, fields: Mapping[str, str]) -> Payload:
    def text(name: str) -> str:
        return fields.get(name, "").strip()

    if kind == "confidence":
        parts = {part: {"concern": text(part), "explanation": text(f"{part}-why")} for part in PARTS}
        return msgspec.convert({**parts, "overall": text("overall"), "explanation": text("why")}, Confidence)
    if kind not in _FIELDS:
        raise HTTPException(400, "Write a finding, a theme, a link or a judgement.")
    made, names = _FIELDS[kind]
    given = {name: text(name) for name in names}
    return msgspec.convert(given if kind == "bears" else {**given, "is_removed": "remove" in fields}, made)


_FIELDS: dict[str, tuple[type[Payload], tuple[str, ...]]] = {
    "finding": (Finding, ("study", "exact", "credibility", "quotation", "speaker", "page")),
    "theme": (Theme, ("level", "label", "statement")),
    "bears": (Bears, ("source", "source_id", "bearing")),
}
