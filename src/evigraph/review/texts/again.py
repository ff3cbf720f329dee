"""Anchors found again in a text that was extracted anew: by position, by quote and context, by likeness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from evigraph.review.texts.anchor import Anchor
from evigraph.review.texts.canonical import CanonicalText

#: How like a passage must be to a quote (0 to 100) to be offered in its place; how far around the old place it is
#: sought; what shorter quotes are never found by likeness, as chance would find them anywhere.
LIKENESS, _AROUND, _SHORTEST = 90, 20_000, 12

How = Literal["position", "quote", "likeness"]


@dataclass(frozen=True)
class FoundAgain:
    """An anchor in the new text, and how it was found; by `likeness` its words differ, so a person should look."""

    anchor: Anchor
    how: How


def find_again(anchor: Anchor, text: CanonicalText, *, by_likeness: bool = True) -> FoundAgain | None:
    """Where a selection stands in a text now; null where neither its words nor like ones do.

    The order is that of Hypothesis: position, then quote with context, then likeness. Of several places with the same
    words the one with the most of its context is taken, then the nearest to the old position. Likeness, which costs a
    hundred times as much, is sought where `by_likeness` says so.
    """
    words, exact = text.text, anchor.exact
    if not exact:
        return None
    at_place = words[anchor.start : anchor.end] == exact
    if at_place and (text.sha256 == anchor.text_sha256 or _context(anchor, words, anchor.start) == _whole(anchor)):
        return FoundAgain(text.anchor(anchor.record_id, anchor.start, anchor.end), "position")
    best: tuple[int, int, int] | None = None
    place = words.find(exact)
    while place >= 0:
        found = (_context(anchor, words, place), -abs(place - anchor.start), place)
        best = found if best is None else max(best, found)
        place = words.find(exact, place + 1)
    if best is not None:
        return FoundAgain(text.anchor(anchor.record_id, best[2], best[2] + len(exact)), "quote")
    if not by_likeness or len(exact) < _SHORTEST:
        return None
    first = max(0, anchor.start - _AROUND)
    window = words[first : anchor.end + _AROUND]
    if len(window) < len(exact):
        return None
    like = fuzz.partial_ratio_alignment(exact, window, score_cutoff=LIKENESS)
    if like is None or like.dest_end <= like.dest_start:
        return None
    return FoundAgain(text.anchor(anchor.record_id, first + like.dest_start, first + like.dest_end), "likeness")


def lost(anchors: Iterable[Anchor], text: CanonicalText) -> list[Anchor]:
    """The anchors whose words stand in the text no more, in their order: for people to look at."""
    return [one for one in anchors if (now := find_again(one, text)) is None or now.how == "likeness"]


def _whole(anchor: Anchor) -> int:
    return len(anchor.prefix) + len(anchor.suffix)


def _context(anchor: Anchor, words: str, place: int) -> int:
    """How many characters of the context stand around a place."""
    end = place + len(anchor.exact)
    before, after = words[max(0, place - len(anchor.prefix)) : place], words[end : end + len(anchor.suffix)]
    return _shared(before[::-1], anchor.prefix[::-1]) + _shared(after, anchor.suffix)


def _shared(left: str, right: str) -> int:
    n = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        n += 1
    return n
