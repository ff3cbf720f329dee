"""The most that two bylines can weigh, told from numbers alone, as `plausible` does it for titles.

Codes of a byline are those of the words of its names (`byline_codes.py`). Where no family name of the one may be a
family name of the other, by its letters as a set and its length, and none is a given name of the other, nobody can be
in common; what is left then are names turned round, of which the initials must fit, and authors that stand in the
other's title.
"""

from __future__ import annotations

from typing import Any, Final

from evigraph.deduplicate.byline_codes import INITIALS_AT, LETTERS, MOST_FAMILIES, NUMBER_AT, UNTOLD_AT
from evigraph.deduplicate.compiled import compiled
from evigraph.deduplicate.names import FAMILY_SIMILARITY, MAX_COMPARED_AUTHORS
from evigraph.deduplicate.word_codes import FIRST, FIRST_AT, LENGTH, LENGTH_AT, MASK

#: Least similarity of two family names that are one (`names.FAMILY_SIMILARITY`), with room for rounding.
_ALIKE: Final = FAMILY_SIMILARITY - 0.001

#: Pairs of family names up to which bylines are looked through; longer ones count as having much in common.
_MOST_PAIRS: Final = 4_000


@compiled
def n_set(number: int) -> int:
    """How many bits of a mask are set."""
    count = 0
    while number:
        number &= number - 1
        count += 1
    return count


@compiled
def may_be_one_family(word: int, other: int) -> bool:
    """Whether two family names that are not equal may be one: misspelled, or one the end of the other."""
    mask_l, mask_r = word & MASK, other & MASK
    length_l, length_r = word >> LENGTH_AT & LENGTH, other >> LENGTH_AT & LENGTH
    shorter, longer = min(length_l, length_r), max(length_l, length_r)
    if shorter < 4:
        return False
    if longer >= LENGTH:
        return True
    n_wrong = int((1.0 - _ALIKE) * longer)
    is_first = (word >> FIRST_AT & FIRST) == (other >> FIRST_AT & FIRST)
    if (is_first or shorter > 5) and longer - shorter <= n_wrong and n_set(mask_l ^ mask_r) <= 2 * n_wrong:
        return True
    return bool(shorter > 4 and not (mask_l & ~mask_r if length_l < length_r else mask_r & ~mask_l))


@compiled
def is_among(names: Any, start: int, stop: int, words: Any, first: int, last: int) -> bool:
    """Whether one of some names is one of some words."""
    for place in range(start, stop):
        for at in range(first, last):
            if names[place] == words[at]:
                return True
    return False


@compiled
def may_share_a_name(
    names_l: Any, start_l: int, stop_l: int, n_l: int, names_r: Any, start_r: int, stop_r: int, n_r: int
) -> bool:
    """Whether a name of one byline may be one of the other; n: how many names stand at the end of each as one word."""
    families_l = start_l + 1 + (names_l[start_l] >> NUMBER_AT & MOST_FAMILIES)
    families_r = start_r + 1 + (names_r[start_r] >> NUMBER_AT & MOST_FAMILIES)
    if (families_l - start_l) * (families_r - start_r) > _MOST_PAIRS:
        return True
    for place in range(start_l + 1, families_l):
        for other in range(start_r + 1, families_r):
            if names_l[place] == names_r[other] or may_be_one_family(names_l[place], names_r[other]):
                return True
    return bool(
        is_among(names_l, start_l + 1, families_l, names_r, families_r, stop_r - n_r)
        or is_among(names_r, start_r + 1, families_r, names_l, families_l, stop_l - n_l)
        or is_among(names_l, stop_l - n_l, stop_l, names_r, stop_r - n_r, stop_r)
    )


@compiled
def may_be_turned(first_l: int, n_l: int, first_r: int, n_r: int) -> bool:
    """Whether each name of the shorter byline, of two or more, may have its family and given name turned round."""
    if min(n_l, n_r) < 2:
        return False
    given_l, given_r = first_l >> INITIALS_AT & LETTERS, first_r >> INITIALS_AT & LETTERS
    family_l, family_r = first_l & LETTERS, first_r & LETTERS
    if not family_l & given_r or not family_r & given_l:
        return False
    return bool((n_l <= n_r and not family_l & ~given_r) or (n_r <= n_l and not family_r & ~given_l))


@compiled
def most_of_bylines(
    names_l: Any, start_l: int, stop_l: int, n_l: int, names_r: Any, start_r: int, stop_r: int, n_r: int,
    words_l: Any, first_l: int, last_l: int, words_r: Any, first_r: int, last_r: int, weights_: Any,
) -> float:  # fmt: skip
    """The most that two bylines can weigh beside titles of some words; n: how many names have codes."""
    most, first, further, vague, unknown = weights_[0], weights_[1], weights_[2], weights_[3], weights_[4]
    has_l, has_r = start_l < stop_l, start_r < stop_r
    if (has_l and names_l[start_l] >> UNTOLD_AT) or (has_r and names_r[start_r] >> UNTOLD_AT):
        return float(most)
    is_named = False
    if has_l:
        end = start_l + 1 + (names_l[start_l] >> NUMBER_AT & MOST_FAMILIES)
        is_named |= is_among(names_l, start_l + 1, end, words_r, first_r, last_r)
    if has_r:
        end = start_r + 1 + (names_r[start_r] >> NUMBER_AT & MOST_FAMILIES)
        is_named |= is_among(names_r, start_r + 1, end, words_l, first_l, last_l)
    if not has_l or not has_r:
        return float(most if is_named else unknown)
    nobody = first if is_named else vague
    may_share = may_share_a_name(names_l, start_l, stop_l, n_l, names_r, start_r, stop_r, n_r)
    n_l, n_r = min(n_l, MAX_COMPARED_AUTHORS), min(n_r, MAX_COMPARED_AUTHORS)
    if may_share or may_be_turned(names_l[start_l], n_l, names_r[start_r], n_r):
        shorter, longer = min(n_l, n_r), max(n_l, n_r)
        shared = min(first + further * (shorter - 1), most) + max(weights_[5] * (longer - shorter), weights_[6])
        return float(max(shared, nobody))
    return float(nobody)
