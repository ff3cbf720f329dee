"""Numbers that tell the parts and years of a series apart: part I and part II, the reports of two years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})$")

#: Words after which a number, a numeral or a letter says which part a title is.
_BEFORE = frozenset(
    [
        "part",
        "parts",
        "pt",
        "teil",
        "band",
        "bd",
        "tome",
        "tomo",
        "partie",
        "parte",
        "vol",
        "volume",
        "no",
        "nr",
        "number",
        "numero",
        "chapter",
        "chap",
        "section",
        "series",
        "study",
        "phase",
        "stage",
        "session",
        "lecture",
        "lesson",
        "book",
        "issue",
        "report",
        "class",
        "type",
        "group",
        "level",
        "case",
        "grade",
        "version",
        "v",
    ]
)

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "one first",
            "two second ii",
            "three third iii",
            "four fourth iv",
            "five fifth",
            "six sixth vi",
            "seven seventh vii",
            "eight eighth viii",
            "nine ninth ix",
            "ten tenth",
        ),
        1,
    )
    for word in words.split()
}


_SHORT_NUMERALS = {"i": "1", "v": "5", "x": "10"}


@lru_cache(maxsize=200_000)
def number_of(word: str) -> str | None:
    """The number that a word states as digits, a numeral or in letters, or None."""
    if word[0].isdigit():
        return word.lstrip("0") or "0"
    if word in _WORDS:
        return str(_WORDS[word])
    return word if len(word) > 1 and _ROMAN.match(word) else None


@lru_cache(maxsize=200_000)
def is_mark(word: str) -> bool:
    """Whether a word only tells which of several things is meant: a number, a numeral, a single letter."""
    return len(word) == 1 or number_of(word) is not None


def contrasting(
    words_l: Sequence[str], words_r: Sequence[str], alone_l: Sequence[str], alone_r: Sequence[str]
) -> tuple[str, str] | None:
    """What the marks among the words that each title has alone say, where both have some and they differ.

    A single letter is a mark only where it stands after the same word on both sides (`hepatitis b`, `hepatitis c`);
    elsewhere it may be anybody's initial.
    """
    marks_l, marks_r = _numbers(words_l, alone_l), _numbers(words_r, alone_r)
    if marks_l and marks_r and not marks_l & marks_r:
        return " ".join(sorted(marks_l)), " ".join(sorted(marks_r))
    letters_l, letters_r = _letters(words_l, alone_l), _letters(words_r, alone_r)
    for before, letter in letters_l.items():
        if letters_r.get(before, letter) != letter:
            return letter, letters_r[before]
    return None


def _numbers(words: Sequence[str], alone: Sequence[str]) -> set[str]:
    """The numbers among the words that a title has alone; `i`, `v` and `x` only after `part` and its like, or last."""
    found = set()
    for place, word in enumerate(words):
        if word not in alone:
            continue
        if word in _SHORT_NUMERALS:
            if place and (words[place - 1] in _BEFORE or place == len(words) - 1):
                found.add(_SHORT_NUMERALS[word])
        elif number := number_of(word):
            found.add(number)
    return found


def _letters(words: Sequence[str], alone: Sequence[str]) -> dict[str, str]:
    """The single letters among the words that a title has alone, by the word before."""
    return {
        words[place - 1]: word
        for place, word in enumerate(words)
        if place and len(word) == 1 and word.isalpha() and word in alone and len(words[place - 1]) > 2
    }


def part_number(words: Sequence[str], alone: Sequence[str]) -> str | None:
    """The part number that a title has alone: a number after `part` and its like, or at the title's end; or None."""
    for place, word in enumerate(words):
        if word not in alone or not (is_mark(word)) or (word.isdigit() and len(word) == 4):
            continue
        if len(word) == 1 and word.isalpha() and (not place or words[place - 1] not in _BEFORE):
            continue
        if place and words[place - 1] in _BEFORE:
            return word
        if place == len(words) - 1 and number_of(word) and place > 1:
            return word
    return None


def says_part(words: Sequence[str], number: str) -> bool:
    """Whether a number stands after `part` and its like."""
    return any(word == number and words[place - 1] in _BEFORE for place, word in enumerate(words) if place)
