"""How much a word says: rare words tell works apart, common ones do not.

The rarities come from a fixed background (`word_rarity.txt`), never from the records that are deduplicated: so a
record that is added cannot change what two others look like.
"""

from __future__ import annotations

from collections.abc import Iterable

from evigraph.deduplicate.titles import STOP_WORDS, word_list

#: Rarity of a word that the background does not list, in nats.
UNLISTED = 9.5

#: Most that a word without content says.
_STOP_RARITY = 1.0

#: What an unlisted word of one or two letters says: it may be anybody's initials.
_SHORT_RARITY = 2.0

#: Scripts without gaps between words: what a "word" says grows with its characters.
_FIRST_IDEOGRAPH = "\u2e80"
_IDEOGRAPH_RARITY = 2.5

#: Words whose rarity is kept once it was found.
_MOST_KEPT = 500_000

#: What a number says: less than a rare word, for numbers repeat.
_NUMBER_RARITY = 4.0


def _read() -> dict[str, float]:
    found: dict[str, float] = {}
    for line in word_list("word_rarity.txt"):
        value, *words = line.split()
        found.update((word, min(float(value), _STOP_RARITY) if word in STOP_WORDS else float(value)) for word in words)
    return found


_RARITY = _read()
_RARITY.update((letter, 1.0) for letter in "abcdefghijklmnopqrstuvwxyz")
_RARITY.update((word, _STOP_RARITY) for word in STOP_WORDS if word not in _RARITY)


class _Rarities(dict[str, float]):
    """The rarity of every word asked for; what the background does not list is found once and kept."""

    def __missing__(self, word: str) -> float:
        found = _unlisted(word)
        if len(self) < _MOST_KEPT:
            self[word] = found
        return found


_KNOWN = _Rarities(_RARITY)


def _unlisted(word: str) -> float:
    if word[0].isdigit():
        return _NUMBER_RARITY
    if word[0] >= _FIRST_IDEOGRAPH:
        return max(_IDEOGRAPH_RARITY * len(word), _SHORT_RARITY)
    return UNLISTED if len(word) > 2 or not word.isascii() else _SHORT_RARITY


def rarity(word: str) -> float:
    """ln(titles / titles with the word) in the background, in nats; `UNLISTED` where it does not list the word."""
    return _KNOWN[word]


def is_listed(word: str) -> bool:
    """Whether the background knows the word."""
    return word in _RARITY


def information(words: Iterable[str]) -> float:
    """The rarities of some words together."""
    return sum(map(_KNOWN.__getitem__, words))
