"""Codings in the text that is attached now: where their passages stand, and which stand in it no more."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock

from evigraph.errors import InputError
from evigraph.review.coding.book import Coded, book_of
from evigraph.review.files import Files
from evigraph.review.state import ReviewState
from evigraph.review.texts.again import FoundAgain, find_again
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.kept import text_of

#: For how many codings whose words are gone like ones are sought at once: each takes some milliseconds.
_LIKE_AT_ONCE = 50

#: How many searches in replaced texts are remembered.
_REMEMBERED = 20_000

_found: OrderedDict[tuple[str, str, bool], FoundAgain | None] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Placed:
    """The codings of a text.

    Attributes:
        here: those whose words stand in it, with their anchors as they are now, in the order of the text.
        alike: those found by likeness, in the place that is most like their words: for their coder to look at.
        lost: those whose words stand in it no more, with the anchors that they had; like words are sought for the
            first fifty that are gone.
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
        elif (found := _find(one, text, by_likeness=len(alike) + len(lost) < _LIKE_AT_ONCE)) is None:
            lost.append(one)
        else:
            (alike if found.how == "likeness" else here).append(replace(one, anchor=found.anchor))
    here.sort(key=lambda one: (one.anchor.start, one.anchor.end, one.coding_id))
    return Placed(tuple(here), tuple(alike), tuple(lost))


def _find(coded: Coded, text: CanonicalText, *, by_likeness: bool) -> FoundAgain | None:
    # An event is never changed, so neither is what its anchor finds in a text.
    key = (coded.said.event_id, text.sha256, by_likeness)
    with _lock:
        if key in _found:
            _found.move_to_end(key)
            return _found[key]
    now = find_again(coded.anchor, text, by_likeness=by_likeness)
    with _lock:
        _found[key] = now
        while len(_found) > _REMEMBERED:
            _found.popitem(last=False)
    return now


def coded_texts(files: Files, state: ReviewState) -> dict[str, CanonicalText]:
    """The texts in which something is coded, by representative; one that cannot be read is left out."""
    heads = {state.library.head_of.get(one.anchor.record_id, "") for one in book_of(state).codings()}
    found = {}
    for head in sorted(heads - {""}):
        with contextlib.suppress(InputError):
            found[head] = text_of(files, state.report(head))
    return found
