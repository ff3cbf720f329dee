"""Which words of a text a query found, and the two lines of an abstract that show most of them."""

from __future__ import annotations

import re
from functools import lru_cache

from evigraph.store.analysis import stem_of, words_of
from evigraph.store.compile import STOP_WORDS
from evigraph.store.query import Node, Word, leaves

#: A run of text and whether the query found it.
Run = tuple[str, bool]

_TOKEN = re.compile(r"\w+")

#: Characters of an abstract that a result shows.
SNIPPET_WIDTH = 260

#: A long text is looked at up to here.
_LOOKED_AT = 20_000


@lru_cache(maxsize=20_000)
def _forms(token: str) -> tuple[tuple[str, str], ...]:
    """The words of a token of text, each with its stem."""
    return tuple((word, stem_of(word)) for word in words_of(token))


class Marker:
    """Marks in a text what a query found there: words by stem, phrases as written, prefixes."""

    def __init__(self, node: Node | None) -> None:
        self._stems: set[str] = set()
        self._phrases: list[list[str]] = []
        self._prefixes: tuple[str, ...] = ()
        for leaf in leaves(node):
            words = words_of(leaf.text)
            if not words:
                continue
            if isinstance(leaf, Word) and leaf.is_prefix:
                self._prefixes += (words[-1],)
            elif isinstance(leaf, Word) and len(words) == 1:
                if words[0] not in STOP_WORDS:
                    self._stems.add(stem_of(words[0]))
            else:
                self._phrases.append(words)

    def __bool__(self) -> bool:
        return bool(self._stems or self._phrases or self._prefixes)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of everything found in `text`, in order, not overlapping."""
        if not self:
            return []
        tokens: list[tuple[int, int, str, str]] = []
        for match in _TOKEN.finditer(text):
            tokens.extend((match.start(), match.end(), word, stem) for word, stem in _forms(match.group()))
        found = [
            (start, end)
            for start, end, word, stem in tokens
            if stem in self._stems or (self._prefixes and word.startswith(self._prefixes))
        ]
        words = [word for _, _, word, _ in tokens]
        for phrase in self._phrases:
            for at, word in enumerate(words):
                if word == phrase[0] and words[at : at + len(phrase)] == phrase:
                    found.append((tokens[at][0], tokens[at + len(phrase) - 1][1]))
        return _joined(found)

    def runs(self, text: str) -> list[Run]:
        """The whole of `text` as runs, those found marked."""
        return _runs(text, self.spans(text), 0, len(text))

    def snippet(self, text: str, width: int = SNIPPET_WIDTH) -> list[Run]:
        """About `width` characters of `text` around most of what was found; its beginning where nothing was."""
        text = " ".join(text[:_LOOKED_AT].split())
        spans = self.spans(text)
        if len(text) <= width:
            return _runs(text, spans, 0, len(text))
        start = _best_start(text, spans, width)
        end = _word_break(text, min(start + width, len(text)))
        runs = _runs(text, spans, start, end)
        if start > 0:
            runs.insert(0, ("… ", False))
        if end < len(text):
            runs.append((" …", False))
        return runs


def _best_start(text: str, spans: list[tuple[int, int]], width: int) -> int:
    """Where a window of `width` begins that shows the most different things found, the earliest of equals."""
    best, best_value = 0, (0, 0)
    for at, (start, _) in enumerate(spans[:200]):
        inside = [span for span in spans[at : at + 60] if span[1] <= start + width - 40]
        value = (len({text[first:last].lower() for first, last in inside}), len(inside))
        if value > best_value:
            best, best_value = start, value
    if best + width // 4 < width * 3 // 4:
        return 0
    best = max(0, min(best - 40, len(text) - width))
    return best if best == 0 else text.find(" ", best) + 1


def _word_break(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", 0, end)
    return space if space > end - 40 else end


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _runs(text: str, spans: list[tuple[int, int]], start: int, end: int) -> list[Run]:
    runs: list[Run] = []
    at = start
    for first, last in spans:
        if first < at or last > end:
            continue
        if first > at:
            runs.append((text[at:first], False))
        runs.append((text[first:last], True))
        at = last
    if at < end:
        runs.append((text[at:end], False))
    return runs
