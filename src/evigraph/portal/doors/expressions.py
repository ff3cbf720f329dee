"""Values with AND, OR, NOT, brackets and quotes, as the OpenAIRE API takes them, made into queries."""

from __future__ import annotations

import re
from collections.abc import Callable

from evigraph.store.query import And, Node, Not, Or, Phrase, Word

#: What one value asks for; the second argument says whether it stood in quotes.
Leaf = Callable[[str, bool], Node]

_TOKEN = re.compile(r'"([^"]*)"|([()])|([^\s()"]+)')
_DEEPEST = 24
_MOST = 500


def expression(text: str, leaf: Leaf) -> Node | None:
    """The query that `text` states, None where it holds no value. AND binds tighter than OR. Never raises.

    Values that follow each other without an operator are one value, as they stand.
    """
    tokens = [
        ("quoted", match.group(1)) if match.group(1) is not None else (match.group(2) or "", match.group(3) or "")
        for match in _TOKEN.finditer(text)
    ][:_MOST]
    return _Reader(tokens, leaf).either(0)


def words_in(field: str | None) -> Leaf:
    """A leaf for a field of text: all words, or the phrase where it stood in quotes."""

    def leaf(text: str, is_quoted: bool) -> Node:
        if is_quoted:
            return Phrase(text, field)
        words = [Word(word.rstrip("*"), field, word.endswith("*")) for word in text.split() if word.strip("*")]
        return words[0] if len(words) == 1 else And(tuple(words))

    return leaf


def all_of(nodes: list[Node]) -> Node | None:
    """What holds where all of these hold."""
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes)) if nodes else None


def any_of(nodes: list[Node]) -> Node:
    """What holds where one of these holds; nothing where there is none."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], leaf: Leaf) -> None:
        self._tokens = tokens
        self._leaf = leaf
        self._at = 0

    def either(self, depth: int) -> Node | None:
        parts = [self._together(depth)]
        while self._take("OR"):
            parts.append(self._together(depth))
        known = [part for part in parts if part is not None]
        return any_of(known) if known else None

    def _together(self, depth: int) -> Node | None:
        parts: list[Node] = []
        while self._at < len(self._tokens):
            if self._is("OR") or (depth and self._tokens[self._at][0] == ")"):
                break
            if self._take("AND"):
                continue
            is_excluded = self._take("NOT")
            part = self._one(depth)
            if part is not None:
                parts.append(Not(part) if is_excluded else part)
        return all_of(parts)

    def _one(self, depth: int) -> Node | None:
        if self._at >= len(self._tokens):
            return None
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "(" and depth < _DEEPEST:
            inner = self.either(depth + 1)
            if self._at < len(self._tokens) and self._tokens[self._at][0] == ")":
                self._at += 1
            return inner
        if kind == "quoted":
            return self._leaf(text, True) if text.strip() else None
        if kind:
            return None
        words = [text]
        while self._at < len(self._tokens) and not self._tokens[self._at][0] and not self._operator():
            words.append(self._tokens[self._at][1])
            self._at += 1
        return self._leaf(" ".join(words), False) if any(letter.isalnum() for letter in "".join(words)) else None

    def _operator(self) -> bool:
        return any(self._is(word) for word in ("AND", "OR", "NOT"))

    def _is(self, word: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == ("", word)

    def _take(self, word: str) -> bool:
        found = self._is(word)
        self._at += found
        return found
