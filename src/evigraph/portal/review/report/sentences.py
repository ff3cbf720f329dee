"""What was said in the report, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.review.report.guidelines import GUIDELINES
from evigraph.review.report.kinds import ReportWords
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

KIND_NAMES = {"review.report_words": "Words of the report"}


def _words(_state: ReviewState, _said: Said, words: ReportWords) -> str:
    return f"the words on item {words.number} of {GUIDELINES[words.guideline].name} were written"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {ReportWords: _words}
