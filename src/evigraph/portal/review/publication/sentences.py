"""What was said when a review was published, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.review.publication.kinds import Publication
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

KIND_NAMES = {"review.publication": "Publication"}


def _publication(_state: ReviewState, _said: Said, publication: Publication) -> str:
    return f"version {publication.version} of the review was published as “{publication.title}”"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {Publication: _publication}
