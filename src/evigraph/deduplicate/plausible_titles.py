"""The most that two titles can weigh, told from numbers alone, for `plausible`.

Bits and lengths stand for letters: every test may be met by words that are not alike, never failed by words that are.
A new way in which words match (`alignment.py`) has to be told here too.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evigraph.deduplicate.compiled import compiled
from evigraph.deduplicate.plausible_bylines import n_set
from evigraph.deduplicate.word_codes import (
    FIRST,
    FIRST_AT,
    HEAD,
    HEAD_AT,
    LENGTH,
    LENGTH_AT,
    LISTED_AT,
    MASK,
    RARITY,
    RARITY_AT,
    SOFT_AT,
    STEM,
    STEM_AT,
    STOP_AT,
    WILD_AT,
)

#: Similarity of titles from which on a miss is kept (`compare.NEAR_TITLE_SIMILARITY`), and the least similarity of two
#: forms of a word and of two runs of words (`alignment`), each with room for rounding.
_NEAR, _ALIKE = 0.799, 0.799

#: Most words of a title that the loop has room for; titles of more are compared.
_MOST_WORDS: Final = 128

#: What stands between the words of a title.
_GAP: Final = ord(" ")

#: A nat of rarity is told in tenths, rounded down.
_TENTH: Final = 0.1


@compiled
def may_be_one(word: int, other: int) -> bool:
    """Whether two words may be forms or slips of one, or one the other's initial."""
    mask_l, mask_r = word & MASK, other & MASK
    length_l, length_r = word >> LENGTH_AT & LENGTH, other >> LENGTH_AT & LENGTH
    shorter, longer = min(length_l, length_r), max(length_l, length_r)
    is_first = (word >> FIRST_AT & FIRST) == (other >> FIRST_AT & FIRST)
    if shorter == 1:
        return is_first
    n_other = n_set(mask_l ^ mask_r)
    # Cut short, or of one stem.
    if shorter >= 4 and (word >> HEAD_AT & HEAD) == (other >> HEAD_AT & HEAD):
        if n_set(mask_l & mask_r) == (n_set(mask_l) if length_l < length_r else n_set(mask_r)):
            return True
        if shorter > 5 and (word >> STEM_AT & STEM) == (other >> STEM_AT & STEM):
            return True
    # Misspelled: each letter changed, lost or added takes at most two letters out of one set or into it.
    n_wrong = int((1.0 - _ALIKE) * longer)
    if shorter >= 4 and is_first and longer - shorter <= n_wrong and n_other <= 2 * n_wrong:
        return True
    are_listed = (word >> LISTED_AT & 1) and (other >> LISTED_AT & 1)
    n_wrong = 1 if shorter < 5 else 2
    return shorter >= 3 and not are_listed and longer - shorter <= n_wrong and n_other <= 2 * n_wrong


@compiled
def mark_joined(words: Any, n: int, others: Any, m: int, gone: Any, gone_others: Any) -> None:
    """Marks words that may be several of the others run together, these others, and acronyms with their words."""
    initials = 0
    for place in range(m):
        first = others[place] >> FIRST_AT & FIRST
        initials |= 1 << first
    for place in range(n):
        word = words[place]
        mask, length = word & MASK, word >> LENGTH_AT & LENGTH
        if length >= 4:
            slack = 1 if length >= 8 else 0
            union, n_parts, n_letters = 0, 0, 0
            for other in range(m):
                part = others[other]
                if (part >> LENGTH_AT & LENGTH) < length + slack and n_set(part & MASK & ~mask) <= slack:
                    union |= part & MASK
                    n_parts += 1
                    n_letters += part >> LENGTH_AT & LENGTH
            if n_parts > 1 and n_letters >= length - slack and n_set(mask & ~union) <= slack:
                gone[place] = True
                for other in range(m):
                    part = others[other]
                    if (part >> LENGTH_AT & LENGTH) < length + slack and n_set(part & MASK & ~mask) <= slack:
                        gone_others[other] = True
        if length > 2 and length <= m and not mask & ~initials:
            gone[place] = True
            for other in range(m):
                if mask >> (others[other] >> FIRST_AT & FIRST) & 1:
                    gone_others[other] = True


@compiled
def mark_told(words: Any, n: int, told: Any, start: int, stop: int, gone: Any) -> None:
    """Marks words that the other record may tell in another field, written out, abbreviated or as initials."""
    initials = 0
    for place in range(n):
        initials |= 1 << (words[place] >> FIRST_AT & FIRST)
    for at in range(start, stop):
        said = told[at]
        length, mask = said >> LENGTH_AT & LENGTH, said & MASK
        stands_for = 2 < length < 8 and length <= n and not mask & ~initials
        for place in range(n):
            word = words[place]
            if word == said:
                gone[place] = True
            elif (
                length > 2 and (word >> LENGTH_AT & LENGTH) > 3 and (word >> HEAD_AT & HEAD) == (said >> HEAD_AT & HEAD)
            ):
                shorter = min(length, word >> LENGTH_AT & LENGTH)
                within = mask & ~word if length <= (word >> LENGTH_AT & LENGTH) else word & MASK & ~mask
                if not within & MASK or shorter >= LENGTH:
                    gone[place] = True
            if stands_for and mask >> (word >> FIRST_AT & FIRST) & 1:
                gone[place] = True


@compiled
def n_in_order(text: Any, n: int, other: Any, m: int) -> int:
    """The letters that two texts have in common in one order, of the first 64 of the one (Hyyrö, Bit-Parallel LCS)."""
    n = min(n, 64)
    one = np.uint64(1)
    places = np.zeros(256, np.uint64)
    for place in range(n):
        places[text[place]] |= one << np.uint64(place)
    row = ~np.uint64(0)
    for place in range(m):
        met = row & places[other[place]]
        row = (row + met) | (row - met)
    count = 0
    for place in range(n):
        count += 0 if row >> np.uint64(place) & one else 1
    return count


@compiled
def may_be_run(text_l: Any, n_l: int, all_l: Any, a: int, text_r: Any, n_r: int, all_r: Any, b: int) -> bool:
    """Whether all leftovers may be one text with other gaps: what is surely left of each stands in the other's."""
    # Neither run is longer than the other over the least similarity.
    most = min(max(a, b), min(a, b) / _ALIKE)
    if max(n_l, n_r) > most:
        return False
    n_wrong = int((1.0 - _ALIKE) * most)
    if min(n_l, 64) - n_in_order(text_l, n_l, all_r, b) > n_wrong:
        return False
    return bool(min(n_r, 64) - n_in_order(text_r, n_r, all_l, a) <= n_wrong)


@compiled
def copy_words(letters: Any, start: int, stop: int, is_copied: Any, answer: Any) -> int:
    """Writes the letters of some words of a title, without gaps; their number."""
    n, word = 0, 0
    for place in range(start, stop):
        letter = letters[place]
        if letter == _GAP:
            word += 1
        elif is_copied[word]:
            answer[n] = letter
            n += 1
    return n


@compiled
def most_of_titles(
    words: Any, start_l: int, stop_l: int, others: Any, start_r: int, stop_r: int,
    letters_l: Any, at_l: int, end_l: int, letters_r: Any, at_r: int, end_r: int,
    told_l: Any, first_l: int, last_l: int, told_r: Any, first_r: int, last_r: int,
    is_one_language: bool, are_two_languages: bool, weights_: Any,
) -> float:  # fmt: skip
    """The most that two titles can weigh, or infinity where they must be compared."""
    n_l, n_r = stop_l - start_l, stop_r - start_r
    if not n_l or not n_r or n_l > _MOST_WORDS or n_r > _MOST_WORDS:
        return np.inf
    used = np.zeros(n_r, np.bool_)
    alone_l, alone_r = np.empty(n_l, np.int64), np.empty(n_r, np.int64)
    places_l, places_r = np.empty(n_l, np.int64), np.empty(n_r, np.int64)
    a, b = 0, 0
    info_l, info_r = 0.0, 0.0
    stops, stops_l, stops_r = False, False, False
    for place in range(n_l):
        word = words[start_l + place]
        if word >> WILD_AT & 1:
            return np.inf
        info_l += ((word >> RARITY_AT & RARITY) + 1) * _TENTH
        is_stop = bool(word >> STOP_AT & 1)
        stops_l |= is_stop
        found = False
        for other in range(n_r):
            if others[start_r + other] == word:
                stops |= is_stop
                if not used[other]:
                    used[other] = True
                    found = True
                    break
        if not found:
            alone_l[a], places_l[a] = word, place
            a += 1
    for other in range(n_r):
        word = others[start_r + other]
        if word >> WILD_AT & 1:
            return np.inf
        info_r += ((word >> RARITY_AT & RARITY) + 1) * _TENTH
        stops_r |= bool(word >> STOP_AT & 1)
        if not used[other]:
            alone_r[b], places_r[b] = word, other
            b += 1
    if not a and not b:
        return np.inf
    gone_l, gone_r = np.zeros(a, np.bool_), np.zeros(b, np.bool_)
    for place in range(a):
        gone_l[place] = bool(alone_l[place] >> SOFT_AT & 1)
    for place in range(b):
        gone_r[place] = bool(alone_r[place] >> SOFT_AT & 1)
    mark_told(alone_l, a, told_r, first_r, last_r, gone_l)
    mark_told(alone_r, b, told_l, first_l, last_l, gone_r)
    n_gone_l, n_gone_r = np.sum(gone_l), np.sum(gone_r)
    # With less than a third of a title in common the finer ways of matching are not tried.
    least = min(n_l, n_r)
    is_fine = a and b and (3 * (n_l - a + n_gone_l) >= least or 3 * (n_r - b + n_gone_r) >= least)
    if is_fine:
        for place in range(a):
            for other in range(b):
                if not (gone_l[place] and gone_r[other]) and may_be_one(alone_l[place], alone_r[other]):
                    gone_l[place] = True
                    gone_r[other] = True
        mark_joined(alone_l, a, alone_r, b, gone_l, gone_r)
        mark_joined(alone_r, b, alone_l, a, gone_r, gone_l)
    left, right = 0.0, 0.0
    for place in range(a):
        if not gone_l[place]:
            left += (alone_l[place] >> RARITY_AT & RARITY) * _TENTH
    for place in range(b):
        if not gone_r[place]:
            right += (alone_r[place] >> RARITY_AT & RARITY) * _TENTH
    shared = min(info_l - left, info_r - right)
    if shared >= _NEAR * (shared + left + right):
        return np.inf
    if is_fine:
        chosen_l, chosen_r = np.zeros((2, n_l), np.bool_), np.zeros((2, n_r), np.bool_)
        for place in range(a):
            chosen_l[0, places_l[place]] = True
            chosen_l[1, places_l[place]] = not gone_l[place]
        for place in range(b):
            chosen_r[0, places_r[place]] = True
            chosen_r[1, places_r[place]] = not gone_r[place]
        texts_l, texts_r = np.empty((2, end_l - at_l), np.uint8), np.empty((2, end_r - at_r), np.uint8)
        all_l = copy_words(letters_l, at_l, end_l, chosen_l[0], texts_l[0])
        all_r = copy_words(letters_r, at_r, end_r, chosen_r[0], texts_r[0])
        sure_l = copy_words(letters_l, at_l, end_l, chosen_l[1], texts_l[1])
        sure_r = copy_words(letters_r, at_r, end_r, chosen_r[1], texts_r[1])
        if may_be_run(texts_l[1], sure_l, texts_l[0], all_l, texts_r[1], sure_r, texts_r[0], all_r):
            return np.inf
    most = min(weights_[1] * shared, weights_[2]) + weights_[3] * min(left, right)
    most = max(most, weights_[4])
    may_be_translated = are_two_languages or (not is_one_language and stops_l and stops_r and not stops)
    return float(max(most, weights_[5]) if may_be_translated else most)
