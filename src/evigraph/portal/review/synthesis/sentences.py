"""What was said in synthesis, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from evigraph.review.slots import Said
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Bears, Confidence, Finding, StudyWords, Theme, Translation

KIND_NAMES = {
    "review.finding": "Findings",
    "review.theme": "Themes",
    "review.bears": "What bears on what",
    "review.study_words": "What studies say to themes",
    "review.translation": "Translations",
    "review.confidence": "Confidence",
}


def _finding(_state: ReviewState, _said: Said, one: Finding) -> str:
    return f"the finding “{one.exact[:80]}” was {'taken away' if one.is_removed else 'written'}"


def _theme(_state: ReviewState, _said: Said, theme: Theme) -> str:
    return f"the {theme.level} theme “{theme.label}” was {'taken away' if theme.is_removed else 'written'}"


def _label(state: ReviewState, theme_id: str) -> str:
    said = state.slots.in_force("review.theme", (theme_id,))
    theme = cast(Theme, said.payload) if said is not None else None
    return theme.label if theme is not None and not theme.is_removed else theme_id


def _bears(state: ReviewState, said: Said, bears: Bears) -> str:
    how = "no longer bears on" if bears.bearing == "none" else bears.bearing
    return f"a {bears.source} {how} the theme “{_label(state, said.subject)}”"


def _confidence(state: ReviewState, said: Said, made: Confidence) -> str:
    return f"confidence in “{_label(state, said.subject)}” was judged {made.overall.replace('_', ' ')}"


def _study_words(state: ReviewState, said: Said, made: StudyWords) -> str:
    return f"what {state.study_label(made.study)} says to the theme “{_label(state, said.subject)}” was summed up"


def _translation(state: ReviewState, said: Said, made: Translation) -> str:
    how = "is no longer said" if made.how == "none" else f"was called {made.how.replace('_', ' ')}"
    return f"how studies relate in the theme “{_label(state, said.subject)}” {how}"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {
    Finding: _finding,
    Theme: _theme,
    Bears: _bears,
    Confidence: _confidence,
    StudyWords: _study_words,
    Translation: _translation,
}
