"""What may be said about extraction, by whom and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.errors import InputError
from evigraph.review.extraction.forms import MAX_PLACES, check_value, checked
from evigraph.review.extraction.kinds import BASIS, Extracted, FormSet, Value, ValueAgreed
from evigraph.review.extraction.standing import fields_of, form_in_force, pilot_studies
from evigraph.review.independent import check_settled, check_sheet, held_by_study, held_of
from evigraph.review.state import ReviewState


def _check_form(state: ReviewState, _account: str, _subject: str, made: FormSet) -> None:
    checked(made.sections)
    if made.n_people not in (1, 2, 3):
        raise InputError("a study is extracted by one to three people: choose how many")
    for study in made.pilot:
        if study not in state.studies():
            raise InputError(f"{study} is no included study of this review: choose the pilot's studies again")
    before = form_in_force(state)
    if before is None or not held_by_study(state, "review.extraction", BASIS):
        return
    if made.n_people != before.n_people:
        raise InputError("studies are extracted already: the number of people stays as it is")
    old, new = fields_of(before), fields_of(made)
    for key in old.keys() & new.keys():
        if old[key].type != new[key].type:
            raise InputError(f"the field {key} holds values already: give one of another type another key")


def _form(state: ReviewState) -> FormSet:
    form = form_in_force(state)
    if form is None:
        raise InputError("no form is written yet: ask the review's lead")
    return form


def _check_value(form: FormSet, value: Value) -> None:
    field = fields_of(form).get(value.key)
    if field is None:
        raise InputError(f"the form has no field {value.key[:40]!r}: open the study again")
    is_repeated = any(section.is_repeated and field in section.fields for section in form.sections)
    if not 0 <= value.place < (MAX_PLACES if is_repeated else 1):
        raise InputError(f"{field.label}: a section has at most {MAX_PLACES} entries, one where it is not repeated")
    if value.value:
        check_value(field, value.value)


def _check_extracted(state: ReviewState, account: str, subject: str, made: Extracted) -> None:
    form = _form(state)
    if made.basis != BASIS or (form.pilot and subject not in pilot_studies(state, form)):
        raise InputError("the form is tried on other studies first: choose one of the pilot's")
    held = held_of(state, "review.extraction", BASIS, subject).sheets
    check_sheet(state, account, subject, held, form.n_people)
    cells = {(value.key, value.place) for value in made.values}
    if len(cells) != len(made.values):
        raise InputError("a field is filled in twice: open the study again")
    for value in made.values:
        _check_value(form, value)
    if made.is_complete:
        _check_required(form, {(value.key, value.place) for value in made.values if value.value.strip()})


def _check_required(form: FormSet, filled: set[tuple[str, int]]) -> None:
    for section in form.sections:
        keys = {field.key for field in section.fields}
        places = {place for key, place in filled if key in keys} if section.is_repeated else {0}
        for field in section.fields:
            if field.is_required and any((field.key, place) not in filled for place in places):
                raise InputError(f"{field.label} is required: fill it in, or keep the sheet as a draft")


def _check_agreed(state: ReviewState, account: str, subject: str, made: ValueAgreed) -> None:
    form = _form(state)
    _check_value(form, made.value)
    held = held_of(state, "review.extraction", BASIS, subject).sheets
    check_settled(account, state.roles(account), held, form.n_people)


CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    FormSet: _check_form,
    Extracted: _check_extracted,
    ValueAgreed: _check_agreed,
}


def _undo_form(state: ReviewState, _account: str, _subject: str, _made: FormSet) -> None:
    if held_by_study(state, "review.extraction", BASIS):
        raise InputError("studies are extracted already: write a new version of the form instead")


def _undo_extracted(state: ReviewState, account: str, subject: str, _made: Extracted) -> None:
    held = held_of(state, "review.extraction", BASIS, subject).sheets
    check_sheet(state, account, state.study_of(subject) or subject, held, _form(state).n_people)


#: What keeps an event from being taken back or said again.
UNDO_CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    FormSet: _undo_form,
    Extracted: _undo_extracted,
}
