"""Words of a title that are not the author's: what kind of contribution it is, where it came from, which text."""

from __future__ import annotations

from collections.abc import Collection

from evigraph.deduplicate.titles import STOP_WORDS
from evigraph.deduplicate.venues import is_side_word

#: Words that sources add to a title, or leave out, to say what kind of contribution it is or where the text lies.
_WORDS = frozenset(
    """
    abstract abstracts anonymous appear appeared available book chair chairs column commentary demo demonstration
    department dept dissertation edition editor editorial editors experience extended ftp foreword full guest http
    introduction invited issue keynote manuscript minireview note notes org panel paper papers poster preface preprint
    presentation proceedings program report research review session short special submitted summary symposium talk
    tech technical thesis title track tutorial univ university unpublished version workshop www
    """.split()  # noqa: SIM905 - easier to read than a list
)


def is_kind_word(word: str) -> bool:
    """Whether a word may say what kind of text a title stands for."""
    return word in _WORDS or is_side_word(word)


def is_apparatus(words: Collection[str]) -> bool:
    """Whether words alone say nothing of what a work is about: `book review`, `extended version`, `acm int`."""
    return any(map(is_kind_word, words)) and all(
        is_kind_word(word) or word in STOP_WORDS or len(word) == 1 for word in words
    )
