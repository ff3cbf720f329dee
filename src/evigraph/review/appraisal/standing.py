"""Where the appraisal stands: who answered what of a study, what they agree on, and what stands as the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from evigraph.review.appraisal.kinds import Answer, AnswerAgreed, Appraised, Level, Question, Tool, ToolChosen
from evigraph.review.independent import StudySheets, held_by_study
from evigraph.review.independent import may_read as read_sheet
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState


def chosen(state: ReviewState) -> ToolChosen | None:
    """The tool in force; null where none is chosen."""
    said = state.slots.in_force("review.appraisal_tool")
    return cast(ToolChosen, said.payload) if said is not None else None


@dataclass(frozen=True)
class StudyAppraisal(StudySheets):
    """The appraisal of a study.

    Attributes:
        tool: by which.
        agreed: what was settled, by question.
    """

    tool: Tool
    agreed: dict[str, Said]

    def answers(self, key: str) -> dict[str, Answer]:
        """Each author's answer to a question."""
        return {
            author: answer
            for author, said in self.held.items()
            for answer in cast(Appraised, said.payload).answers
            if answer.key == key
        }

    def standing(self, question: Question) -> Answer | None:
        """What stands as the answer: what was settled, else what all say alike; null while they differ or are blinded.

        Of answers in words the first stands: they are no choice that could differ.
        """
        if not self.is_open:
            return None
        if (said := self.agreed.get(question.key)) is not None:
            return cast(AnswerAgreed, said.payload).answer
        given = list(self.answers(question.key).values())
        same = question.is_open or len({answer.value for answer in given}) == 1
        return given[0] if given and same else None

    def conflicts(self) -> list[Question]:
        """The questions that wait to be settled."""
        if not self.is_open:
            return []
        return [question for question in self.tool.questions if self.standing(question) is None]

    def level(self, question: Question) -> Level | None:
        """What the answer that stands says of the study; null where none stands or it is in words."""
        answer = self.standing(question)
        if answer is None or question.is_open:
            return None
        return next((option.level for option in self.tool.options if option.label == answer.value), None)


def appraisals(state: ReviewState) -> list[StudyAppraisal]:
    """The appraisal of each included study, in the order of the studies; none where no tool is chosen."""
    made = chosen(state)
    if made is None:
        return []
    held = held_by_study(state, "review.appraisal", made.tool.tool_id)
    agreed: dict[str, dict[str, Said]] = {}
    for said in state.slots.all_in_force("review.appraisal_agreed"):
        payload, study = cast(AnswerAgreed, said.payload), state.study_of(said.subject)
        if payload.tool_id == made.tool.tool_id and study in held and said.subject in held[study].subjects:
            agreed.setdefault(study, {})[payload.answer.key] = said
    return [
        StudyAppraisal(
            study,
            state.study_label(study),
            held[study].sheets if study in held else {},
            made.n_people,
            made.tool,
            agreed.get(study, {}),
        )
        for study in state.studies()
    ]


def may_read(state: ReviewState, account: str, said: Said) -> bool:
    """Whether somebody may read an event that holds a sheet: another's only once all are complete."""
    made, payload = chosen(state), cast(Appraised, said.payload)
    if made is None or made.tool.tool_id != payload.basis:
        return said.actor == account
    return read_sheet(state, account, said, made.n_people)
