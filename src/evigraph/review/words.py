"""Text with the protocol's words found in it, so that a page can mark them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

#: Words of a question that stand everywhere and help nobody to read.
_COMMON = frozenset(
    [
        "a",
        "about",
        "after",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "before",
        "between",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "more",
        "most",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "should",
        "so",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "these",
        "they",
        "this",
        "those",
        "to",
        "under",
        "use",
        "used",
        "using",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "would",
    ]
)

_WORD = re.compile(r"\w[\w'\u2019-]*")


def marked_runs(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in runs, each with whether it is one of the words: `[(text, found), …]`, which joined give the text.

    A word or phrase is found in any case, with any ending of up to three letters (a plural, `-ing`), and where
    it ends in `*` with any ending at all. Words that stand everywhere are left out, unless in a phrase.
    """
    pattern = _pattern(tuple(words))
    if pattern is None:
        return [(text, False)] if text else []
    runs: list[tuple[str, bool]] = []
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            runs.append((text[end : found.start()], False))
        runs.append((found.group(), True))
        end = found.end()
    if end < len(text):
        runs.append((text[end:], False))
    return runs


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = []
    for word in sorted(set(words), key=len, reverse=True):
        tokens = _WORD.findall(word)
        if not tokens or (len(tokens) == 1 and (tokens[0].casefold() in _COMMON or len(tokens[0]) < 3)):
            continue
        ending = r"\w*" if word.rstrip().endswith("*") else r"\w{0,3}"
        parts.append(r"\W+".join(map(re.escape, tokens)) + ending)
    return re.compile(rf"\b(?:{'|'.join(parts)})\b", re.IGNORECASE) if parts else None
