"""Turtle, as thesauri are published in it, as statements: prefixes, lists with `;` and `,`, texts with languages.

Source: W3C, "RDF 1.1 Turtle". Blank nodes and collections say nothing about a concept here and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: IRI; long text; text; language; type or number; name with a prefix; punctuation. Comments and spaces are no tokens.
_TOKEN = re.compile(
    r'<(?P<iri>[^<>"{}|^`\\\s]*)>'
    r'|"""(?P<long>(?:[^"\\]|\\.|"(?!""))*)"""'
    r"|'''(?P<long_single>(?:[^'\\]|\\.|'(?!''))*)'''"
    r'|"(?P<text>(?:[^"\\\n\r]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\\n\r]|\\.)*)'"
    r"|@(?P<at>[A-Za-z]+(?:-[A-Za-z0-9]+)*)"
    r"|(?P<mark>\^\^|[.;,\[\]()](?!\d))"
    r"|(?P<name>_:[\w.-]*\w|(?:[^\W\d_][\w.-]*)?:(?:[\w%:\\/-]|\.(?=[\w%:-]))*|[+-]?[\d.]*\d(?:[eE][+-]?\d+)?|\w+)"
    r"|(?P<space>\s+|#[^\n\r]*)",
    re.DOTALL,
)
_TEXTS = ("long", "long_single", "text", "single")
_A = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
#: Where reading goes on after a statement that cannot be read: after a full stop that ends a line.
_END = re.compile(r"\.[ \t]*(?:#[^\n\r]*)?(?:[\n\r]+|$)")


class Statement(NamedTuple):
    """Subject and property as addresses; the object is an address or a text, still with its escapes, in a language."""

    subject: str
    property: str
    target: str
    language: str
    is_address: bool


class Damage(NamedTuple):
    """A statement that could not be read: its line, from 1."""

    line: int


class _SyntaxError(ValueError):
    pass


def looks_like_turtle(head: str) -> bool:
    """Whether a text begins with a prefix or a base of Turtle."""
    return re.search(r"^\s*(?:@prefix\s+[\w.-]*:|@base\s|PREFIX\s+[\w.-]*:|BASE\s)", head, re.MULTILINE) is not None


def statements(document: str) -> Iterator[Statement | Damage]:
    """The statements of a document in their order; one that cannot be read costs itself, up to its full stop."""
    prefixes: dict[str, str] = {}
    at = 0
    while at < len(document):
        reader = _Reader(document, at, prefixes)
        try:
            found = reader.sentence()
        except _SyntaxError:
            yield Damage(document.count("\n", 0, reader.began_at) + 1)
            match = _END.search(document, max(reader.at, at + 1))
            at = match.end() if match else len(document)
            continue
        yield from found
        at = reader.at


class _Reader:
    """Reads one sentence, from its first token to its full stop."""

    def __init__(self, document: str, at: int, prefixes: dict[str, str]) -> None:
        self.document, self.at, self.prefixes = document, at, prefixes
        self.began_at = at

    def sentence(self) -> list[Statement]:
        """The statements of the sentence; a prefix states none and is taken down."""
        token = self._next()
        if token is None:
            return []
        self.began_at = token.start()
        if (token["at"] or token["name"] or "").lower() in ("prefix", "base"):
            self._directive(token)
            return []
        subject = None if self._passed_over(token) else self._address(token)
        found: list[Statement] = []
        token = self._needed()
        while token["mark"] != ".":
            found += self._objects(subject, _A if token["name"] == "a" else self._address(token))
            token = self._needed()
        return [one for one in found if one.subject]

    def _directive(self, token: re.Match[str]) -> None:
        name = "" if (token["at"] or token["name"]).lower() == "base" else self._needed()["name"] or ""
        address = self._needed()["iri"]
        if address is None:
            raise _SyntaxError
        self.prefixes[name or "<>"] = self._resolved(address)
        if token["at"] and self._needed()["mark"] != ".":
            raise _SyntaxError

    def _objects(self, subject: str | None, property_: str | None) -> list[Statement]:
        """The objects of one property, up to the `;` or before the full stop that ends them."""
        found: list[Statement] = []
        while True:
            token = self._needed()
            text = next((token[kind] for kind in _TEXTS if token[kind] is not None), None)
            if text is not None:
                language = self._language()
                found.append(Statement(subject or "", property_ or "", text, language, False))
            elif not self._passed_over(token) and (address := self._address(token)) is not None:
                found.append(Statement(subject or "", property_ or "", address, "", True))
            mark = self._peeked()
            if mark == ",":
                self._needed()
                continue
            while self._peeked() == ";":
                self._needed()
            if mark not in (";", "."):
                raise _SyntaxError
            return found

    def _language(self) -> str:
        before = self.at
        token = self._needed()
        if token["at"]:
            return token["at"]
        if token["mark"] == "^^":
            self._needed()
        else:
            self.at = before
        return ""

    def _passed_over(self, token: re.Match[str]) -> bool:
        """Whether the token begins a blank node or a collection, which is read to its end."""
        if token["mark"] not in ("[", "("):
            return False
        depth = 1
        while depth:
            mark = self._needed()["mark"]
            depth += (mark in ("[", "(")) - (mark in ("]", ")"))
        return True

    def _address(self, token: re.Match[str]) -> str | None:
        """The address that a token states, None for a blank node and for a number."""
        if token["iri"] is not None:
            return self._resolved(token["iri"])
        name = token["name"]
        if name is None:
            raise _SyntaxError
        prefix, colon, rest = name.partition(":")
        if not colon or prefix == "_":
            return None
        if f"{prefix}:" not in self.prefixes:
            raise _SyntaxError
        return self.prefixes[f"{prefix}:"] + rest.replace("\\", "")

    def _resolved(self, address: str) -> str:
        return address if ":" in address else self.prefixes.get("<>", "") + address

    def _peeked(self) -> str | None:
        before = self.at
        token = self._needed()
        self.at = before
        return token["mark"]

    def _needed(self) -> re.Match[str]:
        token = self._next()
        if token is None:
            raise _SyntaxError
        return token

    def _next(self) -> re.Match[str] | None:
        while self.at < len(self.document):
            match = _TOKEN.match(self.document, self.at)
            if match is None:
                raise _SyntaxError
            self.at = match.end()
            if match["space"] is None:
                return match
        return None
