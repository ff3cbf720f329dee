"""What was said in the appraisal, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.review.appraisal.kinds import AnswerAgreed, Appraised, ToolChosen
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

KIND_NAMES = {
    "review.appraisal_tool": "Appraisal tool",
    "review.appraisal": "Appraisals",
    "review.appraisal_agreed": "Appraisals settled",
}


def _tool(_state: ReviewState, _said: Said, made: ToolChosen) -> str:
    people = "one person" if made.n_people == 1 else f"{made.n_people} people"
    return f"studies are appraised by “{made.tool.name}”, each by {people}"


def _appraised(state: ReviewState, said: Said, made: Appraised) -> str:
    how = "was appraised" if made.is_complete else "is being appraised (a draft was kept)"
    return f"{state.study_label(said.subject)} {how}"


def _agreed(state: ReviewState, said: Said, made: AnswerAgreed) -> str:
    how = "in discussion" if made.by_discussion else "by an adjudicator"
    return f"{made.answer.key} of {state.study_label(said.subject)} was settled {how}: {made.answer.value}"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {
    ToolChosen: _tool,
    Appraised: _appraised,
    AnswerAgreed: _agreed,
}
