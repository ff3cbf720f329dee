"""What a person typed or pasted, understood without ever failing.

Words are joined by AND. `OR`, `AND`, `NOT` in capitals (AND binds tighter than OR), `-word`, parentheses,
"phrases", prefixes (`peer*`) and `field:value` are understood where they make sense; everywhere else the same
characters are ordinary text. So a pasted title with colons, quotes and brackets is searched as its words, and
text without any lower-case letter has no operators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from evigraph.model.pid import make_pid, normalise_orcid, parse_pid

#: Names a field answers to, and the field.
FIELDS: dict[str, str] = {
    **dict.fromkeys(("title", "ti"), "title"),
    **dict.fromkeys(("abstract", "ab"), "abstract"),
    **dict.fromkeys(("author", "au"), "author"),
    **dict.fromkeys(("keyword", "kw", "subject", "mesh"), "keyword"),
    **dict.fromkeys(("journal", "venue"), "journal"),
    **dict.fromkeys(("year", "py"), "year"),
    **{scheme: scheme for scheme in ("doi", "pmid", "pmcid", "arxiv", "openalex", "handle", "orcid")},
    **{name: name for name in ("id", "type", "source", "language", "access")},
}

TEXT_FIELDS = frozenset({"title", "abstract", "author", "keyword", "journal"})
_PID_FIELDS = frozenset({"doi", "pmid", "pmcid", "arxiv", "openalex", "handle"})
_LABEL_FIELDS = frozenset({"type", "source", "language", "access"})

#: The field that holds the publication date as yyyymmdd.
DATE = "date_number"

#: A longer text is cut: nobody reads results for the two-hundred-and-first word of a pasted page.
MAX_WORDS = 200
_MAX_DEPTH = 24

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))  # noqa: RUF001 - quotes people type
_FIELD = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_YEARS = re.compile(r"(\d{4})?\s*(?:-|–|—|\.\.)\s*(\d{4})?")  # noqa: RUF001 - dashes people type
_COMPARED_YEAR = re.compile(r"(<=|>=|<|>|≤|≥|=)?(\d{4})")


@dataclass(frozen=True)
class Word:
    """A word, in one text field or in all; with `is_prefix` every word that starts so."""

    text: str
    field: str | None = None
    is_prefix: bool = False


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other exactly so, in one text field or in any."""

    text: str
    field: str | None = None


@dataclass(frozen=True)
class Exact:
    """A value that a field must have as a whole: an identifier or a label."""

    field: str
    value: str


@dataclass(frozen=True)
class Years:
    """Publication years, both ends included; None: open."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class Between:
    """A number of the index, both ends included; None: open.

    `DATE` is the publication date as yyyymmdd, what is not stated as zeros; `by_…` a product's place in an order.
    """

    field: str
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Not:
    """What must not be found."""

    node: Node


@dataclass(frozen=True)
class And:
    """What must be found together."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """What may be found instead of each other."""

    nodes: tuple[Node, ...]


Node = Word | Phrase | Exact | Years | Between | Not | And | Or


@dataclass(frozen=True)
class Parsed:
    """What was understood: None where nothing was asked; and what people should be told about it."""

    node: Node | None
    notes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """What `text` asks for. Never raises."""
    text = text.translate(_QUOTES)
    parser = _Parser(list(_tokens(text)), has_operators=any(letter.islower() for letter in text))
    node = parser.alternatives(0, None)
    return Parsed(node, tuple(dict.fromkeys(parser.notes)))


def any_of(node: Node) -> Node:
    """The query with OR between its outermost parts instead of AND; what is excluded stays excluded."""
    if not isinstance(node, And):
        return node
    excluded = tuple(part for part in node.nodes if isinstance(part, Not))
    wanted = tuple(part for part in node.nodes if not isinstance(part, Not))
    either: Node = Or(wanted) if len(wanted) > 1 else wanted[0] if wanted else node
    return And((either, *excluded)) if excluded and wanted else either


def leaves(node: Node | None) -> Iterator[Word | Phrase]:
    """The words and phrases that a hit may show: all but what is excluded."""
    match node:
        case Word() | Phrase():
            yield node
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from leaves(part)


@dataclass(frozen=True)
class _Token:
    """`kind` is word, phrase, open, close or minus."""

    kind: str
    text: str = ""
    field: str | None = None


def _tokens(text: str) -> Iterator[_Token]:
    at, n_words = 0, 0
    while at < len(text) and n_words < MAX_WORDS:
        letter = text[at]
        if letter.isspace():
            at += 1
        elif letter == '"':
            phrase, at = _phrase(text, at)
            if phrase:
                n_words += phrase.count(" ") + 1
                yield _Token("phrase", phrase)
        elif letter in "()":
            yield _Token("open" if letter == "(" else "close")
            at += 1
        elif letter == "-" and at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] != "-":
            yield _Token("minus")
            at += 1
        else:
            word, at = _word(text, at)
            n_words += 1
            match = _FIELD.fullmatch(word)
            name = FIELDS.get(match.group(1).lower()) if match else None
            if match is None or name is None:
                yield _Token("word", word)
            elif match.group(2):
                yield _Token("word", match.group(2), name)
            elif text[at : at + 1] == '"' and (found := _phrase(text, at))[0]:
                phrase, at = found
                yield _Token("phrase", phrase, name)
            elif text[at : at + 1] == "(":
                yield _Token("open", field=name)
                at += 1
            else:
                yield _Token("word", word)


def _phrase(text: str, at: int) -> tuple[str, int]:
    """The text between the quote at `at` and the next, and where to go on; a quote without a partner is none."""
    end = text.find('"', at + 1)
    return ("", at + 1) if end < 0 else (text[at + 1 : end].strip(), end + 1)


def _word(text: str, at: int) -> tuple[str, int]:
    """The run of text from `at` to white space, a quote or a bracket that was not opened in it, and its end.

    Brackets inside a word belong to it, as in 10.1016/S0140-6736(20)30183-5.
    """
    start, depth = at, 0
    while at < len(text) and not text[at].isspace() and text[at] != '"':
        if text[at] == "(":
            if text[start:at].endswith(":") and _FIELD.fullmatch(text[start:at]):
                break
            depth += 1
        elif text[at] == ")":
            if depth == 0:
                break
            depth -= 1
        at += 1
    return text[start:at], at


@dataclass
class _Parser:
    tokens: list[_Token]
    has_operators: bool
    at: int = 0
    notes: list[str] = field(default_factory=list)

    def alternatives(self, depth: int, name: str | None) -> Node | None:
        groups: list[Node] = []
        while True:
            group = self._together(depth, name)
            if group is not None:
                groups.append(group)
            if not self._operator("OR"):
                break
            self.at += 1
        return groups[0] if len(groups) == 1 else Or(tuple(groups)) if groups else None

    def _together(self, depth: int, name: str | None) -> Node | None:
        nodes: list[Node] = []
        while self.at < len(self.tokens) and not self._operator("OR"):
            if self.tokens[self.at].kind == "close":
                if depth:
                    break
                self.at += 1
                continue
            if self._operator("AND"):
                self.at += 1
                continue
            node = self._one(depth, name)
            if node is not None:
                nodes.append(node)
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes)) if nodes else None

    def _operator(self, word: str) -> bool:
        if not self.has_operators or self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        return token.kind == "word" and token.field is None and token.text == word

    def _one(self, depth: int, name: str | None) -> Node | None:
        is_excluded = False
        while self.at < len(self.tokens) and (self.tokens[self.at].kind == "minus" or self._operator("NOT")):
            is_excluded = True
            self.at += 1
        if self.at >= len(self.tokens):
            return None
        token = self.tokens[self.at]
        if token.kind == "close" or self._operator("OR") or self._operator("AND"):
            return None
        self.at += 1
        node = self._group(token, depth, name) if token.kind == "open" else self._leaf(token, token.field or name)
        return Not(node) if is_excluded and node is not None else node

    def _group(self, token: _Token, depth: int, name: str | None) -> Node | None:
        if depth >= _MAX_DEPTH:
            return None
        node = self.alternatives(depth + 1, token.field or name)
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "close":
            self.at += 1
        return node

    def _leaf(self, token: _Token, name: str | None) -> Node | None:
        text = token.text
        if not any(letter.isalnum() for letter in text):
            return None
        if name == "year":
            return self._years(text)
        if name == "orcid":
            return self._identifier(name, normalise_orcid(text), text)
        if name in _PID_FIELDS:
            pid = make_pid(name, text)
            return self._identifier("pid", str(pid) if pid else None, text)
        if name == "id":
            return Exact("id", text)
        if name in _LABEL_FIELDS:
            return Exact(name, text)
        if token.kind == "phrase":
            return Phrase(text, name)
        if name is None and (node := _pasted_identifier(text)):
            return node
        stripped = text.rstrip("*")
        return Word(stripped, name, is_prefix=stripped != text and bool(stripped)) if stripped else None

    def _identifier(self, name: str, value: str | None, text: str) -> Node:
        if value:
            return Exact(name, value)
        self.notes.append(f"“{text}” is no identifier of that kind, so it was searched as words.")
        return Word(text)

    def _years(self, text: str) -> Node:
        compact = "".join(text.split())
        if match := _COMPARED_YEAR.fullmatch(compact):
            sign, year = match.group(1) or "=", int(match.group(2))
            return {
                "<": Years(None, year - 1),
                "<=": Years(None, year),
                "≤": Years(None, year),
                ">": Years(year + 1, None),
                ">=": Years(year, None),
                "≥": Years(year, None),
            }.get(sign, Years(year, year))
        match = _YEARS.fullmatch(compact)
        if match and (match.group(1) or match.group(2)):
            first, last = (int(year) if year else None for year in match.groups())
            if first and last and first > last:
                first, last = last, first
            return Years(first, last)
        self.notes.append(f"“{text}” is no year or range of years, so it was searched as words.")
        return Word(text)


def _pasted_identifier(text: str) -> Node | None:
    """An identifier that cannot be an ordinary word: a DOI, an address, a PMCID, an ORCID iD, an OpenAlex id."""
    if not any(letter.isdecimal() for letter in text):
        return None
    if text.count("-") == 3 and (orcid := normalise_orcid(text)):
        return Exact("orcid", orcid)
    if text.isdecimal():
        return None
    trimmed = text.rstrip(".,;)]}>\"'")
    pid = parse_pid(trimmed)
    return Exact("pid", str(pid)) if pid else None
