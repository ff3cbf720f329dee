"""Bylines as numbers: what `plausible` needs to know of the names, found once a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from evigraph.deduplicate.names import MAX_COMPARED_AUTHORS, name_key
from evigraph.deduplicate.word_codes import codes_of, letter_number

# The first number of a byline, from the lowest bit: the letters with which family names begin, as a set of 27; those
# with which given names begin; how many family names follow; and whether the bound says nothing, for there is a body
# among the names, or letters beyond ASCII.
INITIALS_AT: Final = 27
NUMBER_AT: Final = 54
UNTOLD_AT: Final = 62
LETTERS: Final = (1 << INITIALS_AT) - 1
MOST_FAMILIES: Final = (1 << UNTOLD_AT - NUMBER_AT) - 1


def byline_codes(names: Sequence[str]) -> list[int]:
    """The codes of a byline of folded names: what is said above in one number, the family names, given names, and each
    name as one word; empty for no names."""
    if not names:
        return []
    keys = [name_key(name) for name in names]
    families = dict.fromkeys(family for key in keys for family in key.families)
    if len(families) > MOST_FAMILIES or any(key.is_group for key in keys) or not all(map(str.isascii, names)):
        return [1 << UNTOLD_AT]
    first = len(families) << NUMBER_AT
    for key in keys[:MAX_COMPARED_AUTHORS]:
        first |= 1 << letter_number(key.families[0])
        for word in key.given:
            if word not in key.families:
                first |= 1 << letter_number(word) + INITIALS_AT
    given = dict.fromkeys(word for key in keys for word in key.given if len(word) > 2)
    return [first, *codes_of(families), *codes_of(given), *(crc32(key.joined.encode()) for key in keys)]
