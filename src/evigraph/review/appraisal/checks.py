"""What may be said about appraisal, by whom and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from evigraph.errors import InputError
from evigraph.review.appraisal.kinds import Answer, AnswerAgreed, Appraised, Tool, ToolChosen
from evigraph.review.appraisal.reading import checked
from evigraph.review.appraisal.standing import chosen
from evigraph.review.independent import check_settled, check_sheet, held_by_study, held_of
from evigraph.review.state import ReviewState


def _check_tool(state: ReviewState, _account: str, _subject: str, made: ToolChosen) -> None:
    checked(made.tool)
    if made.n_people not in (1, 2, 3):
        raise InputError("a study is appraised by one to three people: choose how many")
    used = [cast(ToolChosen, said.payload) for said in state.slots.every("review.appraisal_tool")]
    is_changed = any(one.tool.tool_id == made.tool.tool_id and one != made for one in used)
    if is_changed and held_by_study(state, "review.appraisal", made.tool.tool_id):
        raise InputError("studies are appraised by this tool already: give the changed tool a name of its own")


def _chosen(state: ReviewState, tool_id: str) -> ToolChosen:
    made = chosen(state)
    if made is None or made.tool.tool_id != tool_id:
        raise InputError("this is not the review's tool any more: open the study again")
    return made


def _check_answer(tool: Tool, answer: Answer) -> None:
    question = next((one for one in tool.questions if one.key == answer.key), None)
    if question is None:
        raise InputError(f"the tool has no question {answer.key[:12]!r}: open the study again")
    if not question.is_open and answer.value not in {option.label for option in tool.options}:
        raise InputError(f"{answer.key}: choose one of the answers")


def _check_appraised(state: ReviewState, account: str, subject: str, made: Appraised) -> None:
    tool = _chosen(state, made.basis)
    held = held_of(state, "review.appraisal", made.basis, subject).sheets
    check_sheet(state, account, subject, held, tool.n_people)
    for answer in made.answers:
        _check_answer(tool.tool, answer)
    given = {answer.key: answer for answer in made.answers}
    if len(given) != len(made.answers):
        raise InputError("a question is answered twice: open the study again")
    if made.is_complete:
        for question in tool.tool.questions:
            found = given.get(question.key)
            if found is None or not found.value.strip() or not (question.is_open or found.reason.strip()):
                raise InputError(f"{question.key} lacks an answer or its reason: give both, or keep it as a draft")


def _check_agreed(state: ReviewState, account: str, subject: str, made: AnswerAgreed) -> None:
    tool = _chosen(state, made.tool_id)
    _check_answer(tool.tool, made.answer)
    held = held_of(state, "review.appraisal", made.tool_id, subject).sheets
    check_settled(account, state.roles(account), held, tool.n_people)
    if not made.answer.value.strip() or not made.answer.reason.strip():
        raise InputError("what was settled needs an answer and its reason: give both")


CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    ToolChosen: _check_tool,
    Appraised: _check_appraised,
    AnswerAgreed: _check_agreed,
}


def _undo_tool(state: ReviewState, _account: str, _subject: str, made: ToolChosen) -> None:
    if held_by_study(state, "review.appraisal", made.tool.tool_id):
        raise InputError("studies are appraised by this tool already: choose another tool instead")


def _undo_appraised(state: ReviewState, account: str, subject: str, made: Appraised) -> None:
    # Also while another tool is chosen: once sheets were open to each other, none is given anew.
    used = [said.payload for said in state.slots.every("review.appraisal_tool")]
    n_people = max(one.n_people for one in used if isinstance(one, ToolChosen) and one.tool.tool_id == made.basis)
    held = held_of(state, "review.appraisal", made.basis, subject)
    check_sheet(state, account, state.study_of(subject) or subject, held.sheets, n_people)


#: What keeps an event from being taken back or said again.
UNDO_CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    ToolChosen: _undo_tool,
    Appraised: _undo_appraised,
}
