"""Codings in the text that is attached now: where their passages stand, and which stand in it no more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from evigraph.errors import InputError
from evigraph.review.coding.book import Coded, book_of
from evigraph.review.files import Files
from evigraph.review.state import ReviewState
from evigraph.review.texts.again import find_again
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.kept import text_of


@dataclass(frozen=True)
class Placed:
    """The codings of a text.

    Attributes:
        here: those whose words stand in it, with their anchors as they are now, in the order of the text.
        alike: those found by likeness, in the place that is most like their words: for their coder to look at.
        lost: those whose words stand in it no more, with the anchors that they had.
    """

    here: tuple[Coded, ...]
    alike: tuple[Coded, ...]
    lost: tuple[Coded, ...]


def placed(codings: Iterable[Coded], text: CanonicalText) -> Placed:
    """The codings of a report in its text; of a text that did not change none is sought."""
    sha256 = text.sha256
    here: list[Coded] = []
    alike: list[Coded] = []
    lost: list[Coded] = []
    for one in codings:
        if one.anchor.text_sha256 == sha256:
            here.append(one)
        elif (found := find_again(one.anchor, text)) is None:
            lost.append(one)
        else:
            (alike if found.how == "likeness" else here).append(replace(one, anchor=found.anchor))
    here.sort(key=lambda one: (one.anchor.start, one.anchor.end, one.coding_id))
    return Placed(tuple(here), tuple(alike), tuple(lost))


def coded_texts(files: Files, state: ReviewState) -> dict[str, CanonicalText]:
    """The texts in which something is coded, by representative; one that cannot be read is left out."""
    heads = {state.library.head_of.get(one.anchor.record_id, "") for one in book_of(state).codings()}
    found = {}
    for head in sorted(heads - {""}):
        with contextlib.suppress(InputError):
            found[head] = text_of(files, state.report(head))
    return found
