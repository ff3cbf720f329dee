"""Words as numbers: what `plausible` needs to know of a word, in one integer, found once a record.

Two words with one code are taken for one; that may only ever make two titles look more alike than they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from evigraph.deduplicate.apparatus import is_kind_word
from evigraph.deduplicate.numbering import is_mark
from evigraph.deduplicate.rarity import is_listed, rarity
from evigraph.deduplicate.titles import STOP_WORDS

# The fields of a code, from the lowest bit: the letters as a set (26, and one for all other characters), a hash of the
# first three letters, the first letter, the length, a hash of the first five letters, the rarity in tenths of a nat,
# rounded down, and four flags.
HEAD_AT: Final = 27
FIRST_AT: Final = 37
LENGTH_AT: Final = 42
STEM_AT: Final = 47
RARITY_AT: Final = 52
LISTED_AT: Final = 59
SOFT_AT: Final = 60
STOP_AT: Final = 61
WILD_AT: Final = 62
MASK: Final = (1 << HEAD_AT) - 1
HEAD: Final = (1 << FIRST_AT - HEAD_AT) - 1
FIRST: Final = (1 << LENGTH_AT - FIRST_AT) - 1
LENGTH: Final = (1 << STEM_AT - LENGTH_AT) - 1
STEM: Final = (1 << RARITY_AT - STEM_AT) - 1
RARITY: Final = (1 << LISTED_AT - RARITY_AT) - 1

#: More words than this are not kept: a process that reads for days must not grow without end.
_MOST_KEPT = 500_000


def is_soft(word: str) -> bool:
    """Whether something else than the letters of another word may set a word aside that only one title has."""
    return len(word) < 3 or word in STOP_WORDS or is_mark(word) or is_kind_word(word)


_OTHER: Final = 26

_BITS = {letter: 1 << number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


def letter_number(word: str) -> int:
    """Which letter a word begins with: 0 to 25, or 26 for any other character."""
    return ord(word[0]) - 97 if "a" <= word[0] <= "z" else _OTHER


def word_code(word: str) -> int:
    """The code of a folded word, from 0 to 2^63 - 1.

    A word is wild of which bits and lengths tell too little: letters beyond ASCII, very long.
    """
    mask = 0
    for letter in set(word):
        mask |= _BITS.get(letter, 1 << _OTHER)
    first = letter_number(word)
    is_wild = not word.isascii() or len(word) >= LENGTH
    return (
        mask
        | (crc32(word[:3].encode()) & HEAD) << HEAD_AT
        | first << FIRST_AT
        | min(len(word), LENGTH) << LENGTH_AT
        | (crc32(word[:5].encode()) >> 7 & STEM) << STEM_AT
        | min(int(rarity(word) * 10), RARITY) << RARITY_AT
        | is_listed(word) << LISTED_AT
        | is_soft(word) << SOFT_AT
        | (word in STOP_WORDS) << STOP_AT
        | is_wild << WILD_AT
    )


def pid_code(scheme: str, value: str) -> int:
    """A number for an identifier, from 0 to 2^63 - 1; equal for equal ones."""
    text = f"{scheme}:{value}".encode()
    return crc32(text) << 31 | crc32(text, 1) >> 1


class _Codes(dict[str, int]):
    """The codes of the words that were asked for."""

    def __missing__(self, word: str) -> int:
        found = word_code(word)
        if len(self) < _MOST_KEPT:
            self[word] = found
        return found


_CODES = _Codes()


def codes_of(words: Iterable[str]) -> list[int]:
    """The codes of some words, in their order."""
    return [_CODES[word] for word in words]
