"""Extraction: the form and its versions, the studies, the sheet of one study, and what is settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.places import evidence_of, places_of
from evigraph.portal.review.sentences import name_in
from evigraph.review.extraction.forms import MAX_PLACES, TYPES, USUAL, read_form, write_form
from evigraph.review.extraction.kinds import BASIS, Extracted, FormSet, Section, Value, ValueAgreed
from evigraph.review.extraction.standing import StudyExtraction, extractions, fields_of, form_in_force, write_values
from evigraph.review.sheet import Evidence
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

_MAX_TEXT = 8000


@router.get("/reviews/{review_id}/extraction")
def table(request: Request, review_id: str) -> Response:
    """The studies with where their extraction stands, and the form, which a lead changes here."""
    state, who = member_of(request, review_id)
    in_force = form_in_force(state)
    return framed(
        request,
        state,
        who,
        "extraction",
        "extraction/table.html",
        form=in_force,
        made=[(one, one.standing_for(who.account)) for one in extractions(state)],
        lines=write_form(in_force.sections if in_force else USUAL),
        version=len(state.slots.history("review.form", ())),
        types=TYPES,
        is_lead="lead" in state.roles(who.account),
        studies=[(study, state.study_label(study)) for study in state.studies()],
    )


@router.get("/reviews/{review_id}/extraction.csv")
def exported(request: Request, review_id: str) -> Response:
    """The values that stand."""
    state, _ = member_of(request, review_id)
    headers = {"Content-Disposition": f'attachment; filename="extraction-{review_id}.csv"'}
    return Response(write_values(extractions(state)), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/reviews/{review_id}/extraction")
async def change(request: Request, review_id: str) -> Response:
    """Keeps a version of the form."""
    fields = await form(request)

    def act() -> Response:
        _, who = member_of(request, review_id)
        sections = told(lambda: read_form(fields.get("form", "")))
        made = form_set(sections, fields)
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, review_id, made))
        return see(review_path(review_id, "extraction", done=event_id))

    return await run_in_threadpool(act)


def form_set(sections: tuple[Section, ...], fields: Mapping[str, str]) -> FormSet:
    """A version of the form with the people and the pilot that a sent form names."""
    n = fields.get("n_people", "2")
    pilot = tuple(name.removeprefix("pilot-") for name in fields if name.startswith("pilot-"))
    return FormSet(sections, int(n) if n in ("1", "2", "3") else 0, pilot)


@router.get("/reviews/{review_id}/extraction/{study}")
def sheet(request: Request, review_id: str, study: str) -> Response:
    """One's own sheet; once all are complete, everybody's values side by side, and what stands."""
    state, who = member_of(request, review_id)
    one = _study(state, study)
    own = one.held.get(who.account)
    values = cast(Extracted, own.payload).values if own is not None else ()
    roles = state.roles(who.account)
    labels = fields_of(one.form)
    shown = [
        (labels[cell[0]], cell, [(name_in(state, by), value) for by, value in given.items()], one.standing(cell, given))
        for cell, given in (one.given().items() if one.is_open else ())
    ]
    return framed(
        request,
        state,
        who,
        "extraction",
        "extraction/sheet.html",
        one=one,
        own=own,
        values={(value.key, value.place): value for value in values},
        entries={section.name: _places(section, values) for section in one.form.sections},
        may_fill=one.may_fill(who.account, roles),
        may_settle=one.may_settle(who.account, roles),
        shown=shown,
        places=places_of(request, state, _evidence(one, who.account)),
        has_text=any(state.report(each).sha256 for each in state.studies()[study]),
        records=[(each, state.library.records[each]) for each in state.studies()[study]],
    )


def _evidence(one: StudyExtraction, account: str) -> list[Evidence]:
    """What is quoted on a sheet as somebody sees it."""
    sheets = [said for author, said in one.held.items() if one.is_open or author == account]
    return [each for said in sheets for value in cast(Extracted, said.payload).values for each in value.evidence]


def _places(section: Section, values: tuple[Value, ...]) -> range:
    """The entries of a section that a sheet shows: of a repeated one those filled in, and one more."""
    if not section.is_repeated:
        return range(1)
    keys = {field.key for field in section.fields}
    return range(min(1 + max((value.place + 1 for value in values if value.key in keys), default=0), MAX_PLACES))


@router.post("/reviews/{review_id}/extraction/{study}")
async def fill(request: Request, review_id: str, study: str) -> Response:
    """Keeps a sheet, as a draft or complete; or what was settled in a field."""
    fields = await form(request)
    return await run_in_threadpool(_fill, request, review_id, study, fields)


def _fill(request: Request, review_id: str, study: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    one = _study(state, study)
    workspace, action = workspace_of(request), fields.get("action", "")
    if action == "settle":
        place = fields.get("place", "0")
        number = int(place) if place.isascii() and place.isdecimal() and len(place) < 5 else -1
        key, words = fields.get("key", ""), fields.get("value", "").strip()[:_MAX_TEXT]
        # The places of those whose value it is stay with it.
        given = one.given().get((key, number), {}).values()
        evidence = next((each.evidence for each in given if each.value == words and each.evidence), ())
        value = Value(key, words, number, evidence)
        settled = ValueAgreed(value, who.account in one.held)
        reason = fields.get("reason", "").strip()[:2000]
        event_id = told(lambda: workspace.say(review_id, who.account, study, settled, reason))
    elif action in ("draft", "complete"):
        values = _values(request, state, one, fields)
        made = Extracted(BASIS, action == "complete", values)
        event_id = told(lambda: workspace.say(review_id, who.account, study, made))
    else:
        raise HTTPException(400, "Keep the sheet as a draft, or say that it is complete: press one of the buttons.")
    return see(review_path(review_id, f"extraction/{study}", done=event_id))


def _values(request: Request, state: ReviewState, one: StudyExtraction, fields: Mapping[str, str]) -> tuple[Value, ...]:
    found = []
    for section in one.form.sections:
        for place in range(MAX_PLACES if section.is_repeated else 1):
            for field in section.fields:
                name = f"{field.key}-{place}"
                value = fields.get(f"v-{name}", "").strip()[:_MAX_TEXT]
                if field.type == "multi":
                    value = "; ".join(choice for choice in field.choices if f"v-{name}-{choice}" in fields)
                quote, page = fields.get(f"q-{name}", "").strip()[:_MAX_TEXT], fields.get(f"p-{name}", "").strip()[:20]
                if value:
                    # The value of a quotation is itself the words that are sought.
                    quote = quote or (value if field.type == "quote" else "")
                    evidence = evidence_of(request, state, one.study, quote, page)
                    found.append(Value(field.key, value, place, evidence))
    return tuple(found)


def _study(state: ReviewState, study: str) -> StudyExtraction:
    if form_in_force(state) is None:
        raise HTTPException(409, "No form is written yet: the lead writes it on the page of the extraction.")
    found = next((one for one in extractions(state) if one.study == study), None)
    if found is None:
        raise HTTPException(404, "This is no included study of this review, or not one of the pilot's.")
    return found
