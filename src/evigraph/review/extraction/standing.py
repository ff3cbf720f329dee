"""Where extraction stands: the form in force, each study's sheets, and the values that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from evigraph.review.extraction.kinds import BASIS, Extracted, Field, FormSet, Value, ValueAgreed
from evigraph.review.independent import StudySheets, held_by_study
from evigraph.review.independent import may_read as read_sheet
from evigraph.review.sheet import WHERE, where
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState
from evigraph.review.tables import write_table

#: A field, and the entry of its section.
Cell = tuple[str, int]


def form_in_force(state: ReviewState) -> FormSet | None:
    """The form in force; null where none is written."""
    said = state.slots.in_force("review.form")
    return cast(FormSet, said.payload) if said is not None else None


def fields_of(form: FormSet) -> dict[str, Field]:
    """The fields of a form by key."""
    return {field.key: field for section in form.sections for field in section.fields}


@dataclass(frozen=True)
class StudyExtraction(StudySheets):
    """The extraction of a study.

    Attributes:
        form: in force.
        agreed: what was settled.
    """

    form: FormSet
    agreed: dict[Cell, Value]

    def given(self) -> dict[Cell, dict[str, Value]]:
        """What each author says in each cell, in the order of the form; cells that nobody filled are left out."""
        found: dict[Cell, dict[str, Value]] = {}
        for author, said in self.held.items():
            for value in cast(Extracted, said.payload).values:
                found.setdefault((value.key, value.place), {})[author] = value
        order = {key: n for n, key in enumerate(fields_of(self.form))}
        return {
            cell: found[cell] for cell in sorted(found, key=lambda one: (order.get(one[0], 0), one)) if cell[0] in order
        }

    def standing(self, cell: Cell, given: dict[str, Value]) -> Value | None:
        """What stands in a cell: what was settled, else what all say alike but for spaces; null while they differ."""
        if not self.is_open:
            return None
        if (settled := self.agreed.get(cell)) is not None:
            return settled
        alike = len(given) == len(self.held) and len({" ".join(one.value.split()) for one in given.values()}) == 1
        return next(iter(given.values())) if alike else None

    def values(self) -> list[Value]:
        """The values that stand, in the order of the form."""
        found = (self.standing(cell, given) for cell, given in self.given().items())
        return [value for value in found if value is not None and value.value]

    def conflicts(self) -> list[Cell]:
        """The cells that wait to be settled."""
        if not self.is_open:
            return []
        return [cell for cell, given in self.given().items() if self.standing(cell, given) is None]


def pilot_studies(state: ReviewState, form: FormSet) -> set[str | None]:
    """The studies of the pilot as they are now."""
    return {state.study_of(study) for study in form.pilot}


def extractions(state: ReviewState) -> list[StudyExtraction]:
    """The extraction of each study of the form (of a pilot, the chosen ones); none where no form is written."""
    form = form_in_force(state)
    if form is None:
        return []
    held = held_by_study(state, "review.extraction", BASIS)
    agreed: dict[str, dict[Cell, Value]] = {}
    for said in state.slots.all_in_force("review.extraction_agreed"):
        value, study = cast(ValueAgreed, said.payload).value, state.study_of(said.subject)
        if study in held and said.subject in held[study].subjects:
            agreed.setdefault(study, {})[value.key, value.place] = value
    pilot = pilot_studies(state, form)
    return [
        StudyExtraction(
            study,
            state.study_label(study),
            held[study].sheets if study in held else {},
            form.n_people,
            form,
            agreed.get(study, {}),
        )
        for study in state.studies()
        if not form.pilot or study in pilot
    ]


def write_values(made: Sequence[StudyExtraction]) -> str:
    """CSV of the values that stand, one a row: study, label, field, entry (from 1), value, quote, page, position."""
    rows = [
        [one.study, one.label, value.key, str(value.place + 1), value.value, *where(value.evidence)]
        for one in made
        for value in one.values()
    ]
    return write_table(["study", "label", "field", "entry", "value", *WHERE], rows)


def may_read(state: ReviewState, account: str, said: Said) -> bool:
    """Whether somebody may read an event that holds a sheet: another's only once all are complete."""
    form = form_in_force(state)
    return form is not None and read_sheet(state, account, said, form.n_people)
