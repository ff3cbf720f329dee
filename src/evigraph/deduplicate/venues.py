"""Where a work appeared: whether two names are one venue, written out, abbreviated or as initials; and its kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from evigraph.deduplicate.rarity import rarity
from evigraph.deduplicate.titles import words_of

#: Words that say what kind of venue a name is, by the letters that abbreviations keep.
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "report",
        (
            "report",
            "tech",
            "thesis",
            "dissertation",
            "manuscript",
            "preprint",
            "arxiv",
            "biorxiv",
            "medrxiv",
            "working",
        ),
    ),
    ("proceedings", ("proc", "conf", "symp", "workshop", "congress", "meeting", "colloqui")),
    (
        "journal",
        ("journal", "trans", "letters", "review", "record", "magazine", "annals", "bulletin", "archive", "quarterly"),
    ),
)

#: Words that any venue may add to its name or leave out.
_SIDE_WORDS = frozenset(
    [
        "proc",
        "proceedings",
        "the",
        "of",
        "on",
        "in",
        "and",
        "for",
        "international",
        "intl",
        "int",
        "annual",
        "conference",
        "conf",
        "symposium",
        "symp",
        "workshop",
        "journal",
        "j",
        "trans",
        "transactions",
        "acm",
        "ieee",
        "pre",
        "st",
        "nd",
        "rd",
        "th",
        "et",
        "al",
        "eds",
        "ed",
        "press",
        "inc",
        "publisher",
        "publishers",
        "pages",
        "pp",
        "pp",
        "vol",
        "volume",
        "number",
        "no",
        "issue",
        "lecture",
        "notes",
        "series",
        "online",
        "print",
        "electronic",
        "supplement",
        "suppl",
        "part",
        "section",
    ]
)


def is_side_word(word: str) -> bool:
    """Whether any venue may add the word to its name or leave it out."""
    return word in _SIDE_WORDS


#: Words that only join others; an acronym leaves them out.
_JOINING = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "d",
        "de",
        "del",
        "der",
        "des",
        "die",
        "du",
        "e",
        "el",
        "en",
        "et",
        "for",
        "fur",
        "i",
        "in",
        "l",
        "la",
        "le",
        "les",
        "of",
        "on",
        "the",
        "to",
        "und",
        "y",
    ]
)

#: Least share of the shorter name that must be found in the other.
SAME_SHARE = 0.7


@lru_cache(maxsize=100_000)
def venue_words(name: str) -> tuple[str, ...]:
    """The words of a venue's name, folded, without numbers and articles."""
    return tuple(word for word in words_of(name) if not word[0].isdigit() and word not in _JOINING)


@lru_cache(maxsize=100_000)
def kind_of(words: tuple[str, ...]) -> str | None:
    """`report`, `proceedings` or `journal`, where the name of a venue says so."""
    for kind, stems in _KINDS:
        if any(word.startswith(stems) for word in words):
            return kind
    return "journal" if "j" in words else None


def _matches(word: str, other: str) -> bool:
    """Whether one word abbreviates the other or is it misspelled."""
    if word == other:
        return True
    shorter, longer = (word, other) if len(word) < len(other) else (other, word)
    if longer.startswith(shorter):
        return True
    if len(shorter) > 4 and shorter[0] == longer[0] and Levenshtein.normalized_similarity(word, other) >= 0.8:
        return True
    # `natl` for `national`: begins alike, and the rest are letters of the word in order.
    if len(shorter) < 3 or shorter[:2] != longer[:2]:
        return False
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


def _is_initials(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a word of one name is the initials of the other's words: `vldb`, `nejm`."""
    initials = "".join(word[0] for word in words)
    core = "".join(word[0] for word in words if word not in _SIDE_WORDS)
    return any(len(word) > 2 and (word in initials or (len(core) > 2 and core == word)) for word in name)


def _weight(word: str) -> float:
    return 1.0 if word in _SIDE_WORDS else rarity(word)


@lru_cache(maxsize=200_000)
def _likeness(left: tuple[str, ...], right: tuple[str, ...]) -> float | None:
    shorter, longer = sorted((left, right), key=lambda words: (len(words), words))
    if not any(word not in _SIDE_WORDS for word in shorter):
        return 1.0 if shorter == longer else None
    if _is_initials(shorter, longer) or _is_initials(longer, shorter):
        return 1.0
    free = list(longer)
    shared = 0.0
    for word in shorter:
        other = next((other for other in free if _matches(word, other)), None)
        if other is not None:
            free.remove(other)
            shared += max(_weight(word), _weight(other)) if word != other else _weight(word)
    missed = sum(_weight(word) for word in shorter) - shared
    return shared / (shared + max(missed, 0.0)) if shared else 0.0


def venue_likeness(left: str | None, right: str | None) -> float | None:
    """How much of the shorter name of a venue the longer one has, 0 to 1; None where a side says nothing of it."""
    if not left or not right:
        return None
    if left == right:
        return 1.0
    words_l, words_r = tuple(left.split()), tuple(right.split())
    return _likeness(*sorted((words_l, words_r)))


def venue_kind(name: str | None) -> str | None:
    """The kind of a venue given by its words joined by spaces."""
    return kind_of(tuple(name.split())) if name else None


#: A title keeps at least this many words when a venue is cut off its end.
_MIN_TITLE_WORDS = 3

#: No venue at the end of a title has more words than this.
_MAX_VENUE_WORDS = 14

_STARTS = frozenset(
    [
        "conference",
        "conf",
        "proceedings",
        "proc",
        "symposium",
        "symp",
        "workshop",
        "journal",
        "transactions",
        "trans",
        "j",
    ]
)
_BEFORE = frozenset(["international", "intl", "acm", "ieee", "annual", "the", "in"])


def _is_of_a_sentence(words: Sequence[str], start: int) -> bool:
    """Whether a venue is what the title is about: `report on the 13th brazilian symposium on databases`."""
    return any(
        words[place] in {"on", "from", "of"} and words[place + 1] == "the"
        for place in range(max(0, start - 4), start - 1)
    )


def venue_start(words: Sequence[str]) -> int | None:
    """Where a venue begins that stands at the end of a title, or None: `… international conference on data`."""
    for place in range(max(_MIN_TITLE_WORDS, len(words) - _MAX_VENUE_WORDS), len(words)):
        if words[place] in _STARTS:
            start = place
            while start > _MIN_TITLE_WORDS and words[start - 1] in _BEFORE:
                start -= 1
            if _is_of_a_sentence(words, start):
                return None
            # `sigmod conference`, `vldb j`: nothing follows, so the word before belongs to it.
            if start == place and place >= len(words) - 1:
                start -= 1
            return start if start >= _MIN_TITLE_WORDS else None
    return None
