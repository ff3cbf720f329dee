"""What was said in the extraction, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.review.extraction.kinds import Extracted, FormSet, ValueAgreed
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

KIND_NAMES = {
    "review.form": "Extraction form",
    "review.extraction": "Extractions",
    "review.extraction_agreed": "Extractions settled",
}


def _form(state: ReviewState, said: Said, made: FormSet) -> str:
    history = state.slots.history("review.form", ())
    number = next(n for n, (one, _) in enumerate(history, start=1) if one.event_id == said.event_id)
    return f"version {number} of the extraction form was {'set for a pilot' if made.pilot else 'released'}"


def _extracted(state: ReviewState, said: Said, made: Extracted) -> str:
    how = "was extracted" if made.is_complete else "is being extracted (a draft was kept)"
    return f"{state.study_label(said.subject)} {how}"


def _agreed(state: ReviewState, said: Said, made: ValueAgreed) -> str:
    return f"{made.value.key} of {state.study_label(said.subject)} was settled: {made.value.value or 'left empty'}"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {
    FormSet: _form,
    Extracted: _extracted,
    ValueAgreed: _agreed,
}
