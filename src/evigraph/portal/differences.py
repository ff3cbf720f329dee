"""Where two texts differ, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from evigraph.store.analysis import words_of

#: A run of text and whether it is told on this side alone.
Runs = list[tuple[str, bool]]

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")

#: Words of a text that are compared; what comes after them is shown unmarked.
MAX_WORDS = 1_500


class Difference(NamedTuple):
    """Two texts as runs, and whether they say the same words in the same order."""

    left: Runs
    right: Runs
    is_same: bool


def difference(left: str, right: str) -> Difference:
    """The two texts with the words marked that the other does not have in that place.

    Words are compared without case and accents; signs between words are never a difference. Where one side is empty
    nothing is marked: there is nothing to compare.
    """
    if not left or not right:
        return Difference([(left, False)], [(right, False)], left == right)
    spans_l, spans_r = (list(_WORD.finditer(text))[:MAX_WORDS] for text in (left, right))
    words_l, words_r = ([_folded(span.group()) for span in spans] for spans in (spans_l, spans_r))
    if words_l == words_r:
        return Difference([(left, False)], [(right, False)], True)
    changed_l, changed_r = set[int](), set[int]()
    matcher = SequenceMatcher(None, words_l, words_r, autojunk=False)
    for kind, from_l, to_l, from_r, to_r in matcher.get_opcodes():
        if kind != "equal":
            changed_l.update(range(from_l, to_l))
            changed_r.update(range(from_r, to_r))
    return Difference(_runs(left, spans_l, changed_l), _runs(right, spans_r, changed_r), False)


def _folded(word: str) -> str:
    return " ".join(words_of(word)) or word.casefold()


def _runs(text: str, spans: list[re.Match[str]], changed: set[int]) -> Runs:
    """The text in runs; neighbouring changed words are one run with what stands between them."""
    runs: Runs = []
    place = 0
    number = 0
    while number < len(spans):
        if number not in changed:
            number += 1
            continue
        last = number
        while last + 1 in changed and last + 1 < len(spans):
            last += 1
        start, end = spans[number].start(), spans[last].end()
        if start > place:
            runs.append((text[place:start], False))
        runs.append((text[start:end], True))
        place, number = end, last + 1
    if place < len(text):
        runs.append((text[place:], False))
    return runs
