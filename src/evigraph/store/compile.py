"""A parsed query as the search engine's own: which fields are asked, and what weighs how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import tantivy

from evigraph.store.analysis import label_of, stem_of, words_of
from evigraph.store.facets import UNKNOWN
from evigraph.store.query import And, Between, Exact, Node, Not, Or, Phrase, Word, Years

#: What a hit in each stemmed field weighs against one in the abstract.
_STEMMED = {"title": 3.0, "keyword": 1.5, "abstract": 1.0}
_AS_WRITTEN = {"title_words": 3.0, "keyword_words": 1.5, "abstract_words": 1.0, "author": 1.5, "journal": 1.0}
#: Where words spelled alike are looked for, and letters from which on a word may be misspelled.
_ALIKE = {"title_words": 1.0, "keyword_words": 0.5, "author": 0.5}
_FORGIVEN = 4
_NAMES = {"author": 1.5, "journal": 1.0}
_WHOLE_TITLE = 6.0
_IDENTIFIER = 100.0

_FORM_OF = {"title": "title_words", "abstract": "abstract_words", "keyword": "keyword_words"}

#: Words without which a query asks the same; they are not required where others are asked for.
STOP_WORDS = frozenset(
    "a an and are as at be by for from in is it of on or that the this to was were with".split()  # noqa: SIM905
)

#: Names of access rights that people type, and the codes of COAR's vocabulary.
ACCESS_CODES = {
    "open": "c_abf2",
    "embargo": "c_f1cf",
    "embargoed": "c_f1cf",
    "restricted": "c_16ec",
    "closed": "c_14cb",
}

_OCCUR = tantivy.Occur
_QUERY = tantivy.Query


def compile_query(node: Node | None, schema: tantivy.Schema, *, is_forgiving: bool = False) -> tantivy.Query:
    """The engine's query for what was parsed; all documents where nothing was asked.

    With `is_forgiving` a word also finds words spelled alike: one letter wrong, missing, added or swapped from four
    letters on, two from eight on.
    """
    if node is None:
        return _QUERY.all_query()
    compiled = _Compiler(schema, is_forgiving).query(node)
    if compiled is None:
        return _QUERY.empty_query()
    title = _plain_words(node)
    if len(title) < 3:
        return compiled
    # A pasted title should come first, before works that merely use its words often.
    whole = _QUERY.boost_query(_phrase(schema, "title_words", title), _WHOLE_TITLE)
    return _QUERY.boolean_query([(_OCCUR.Must, compiled), (_OCCUR.Should, whole)])


def compile_filters(filters: Mapping[str, Sequence[str]], schema: tantivy.Schema) -> dict[str, tantivy.Query]:
    """For each filter a query that holds where one of its values does. Values that cannot be one match nothing."""
    compiled = {}
    for name, values in filters.items():
        if not values:
            continue
        if name == "year":
            parts = [_years(schema, *_year_range(value)) for value in values if _year_range(value) != (None, None)]
        elif name == "access":
            parts = [_term(schema, name, ACCESS_CODES.get(value.lower(), value)) for value in values]
        else:
            parts = [_term(schema, name, value) for value in values]
        compiled[name] = _either(parts) if parts else _QUERY.empty_query()
    return compiled


def _year_range(value: str) -> tuple[int | None, int | None]:
    """`2014`, `2014-2022`, `2014-` and `-2022` as first and last year; both None for anything else."""
    first, dash, last = value.replace(" ", "").partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in (first, last) if part):
        return None, None
    start = int(first) if first else None
    return (start, int(last) if last else None) if dash else (start, start)


class _Compiler:
    def __init__(self, schema: tantivy.Schema, is_forgiving: bool) -> None:
        self._schema = schema
        self._is_forgiving = is_forgiving

    def query(self, node: Node) -> tantivy.Query | None:
        """The engine's query, None where the node holds nothing that can be searched."""
        match node:
            case Word(text, name, is_prefix):
                return self._word(text, name, is_prefix)
            case Phrase(text, name):
                return self._in_order(words_of(text), name)
            case Exact(name, value):
                return self._exact(name, value)
            case Years(first, last):
                return _years(self._schema, first, last)
            case Between(name, first, last):
                return _QUERY.range_query(self._schema, name, tantivy.FieldType.Integer, first, last)
            case Or(nodes):
                return _either([query for part in nodes if (query := self.query(part)) is not None])
            case Not():
                return self._together((node,))
            case And(nodes):
                return self._together(nodes)

    def _together(self, nodes: tuple[Node, ...]) -> tantivy.Query | None:
        wanted = [node for node in nodes if not isinstance(node, Not)]
        telling = [node for node in wanted if not _is_stop_word(node)]
        parts = [query for node in telling or wanted if (query := self.query(node)) is not None]
        excluded = [query for node in nodes if isinstance(node, Not) and (query := self.query(node.node)) is not None]
        if not parts and (not excluded or wanted):
            return None
        if not excluded and len(parts) == 1:
            return parts[0]
        return _QUERY.boolean_query(
            [(_OCCUR.Must, query) for query in parts or [_QUERY.all_query()]]
            + [(_OCCUR.MustNot, query) for query in excluded]
        )

    def _word(self, text: str, name: str | None, is_prefix: bool) -> tantivy.Query | None:
        words = words_of(text)
        if not words:
            return None
        if is_prefix and len(words) == 1 and len(words[0]) > 1:
            return self._prefix(words[0], name)
        if len(words) > 1:
            return self._in_order(words, name)
        word = words[0]
        if name is None:
            found = [self._weighed(field, stem_of(word), weight) for field, weight in _STEMMED.items()]
            found += [self._weighed(field, word, weight) for field, weight in _NAMES.items()]
            if word.isdecimal() and 5 <= len(word) <= 8:
                found.append(_QUERY.boost_query(_term(self._schema, "pid", f"pmid:{int(word)}"), _IDENTIFIER))
            return _QUERY.disjunction_max_query(found + self._alike(word, _ALIKE), 0.1)
        if self._is_forgiving:
            own = self._weighed(name, stem_of(word) if name in _STEMMED else word, 1.0)
            return _QUERY.disjunction_max_query([own, *self._alike(word, {_FORM_OF.get(name, name): 0.5})], 0.1)
        return self._weighed(name, stem_of(word) if name in _STEMMED else word, 1.0)

    def _alike(self, word: str, fields: Mapping[str, float]) -> list[tantivy.Query]:
        if not self._is_forgiving or len(word) < _FORGIVEN or word.isdecimal():
            return []
        distance = 1 if len(word) < 2 * _FORGIVEN else 2
        return [
            _QUERY.boost_query(_QUERY.fuzzy_term_query(self._schema, field, word, distance, True, False), weight)
            for field, weight in fields.items()
        ]

    def _in_order(self, words: list[str], name: str | None) -> tantivy.Query | None:
        if not words:
            return None
        fields = _AS_WRITTEN if name is None else {_FORM_OF.get(name, name): 1.0}
        if len(words) == 1:
            found = [self._weighed(field, words[0], weight) for field, weight in fields.items()]
        else:
            found = [
                _QUERY.boost_query(_phrase(self._schema, field, words), weight) for field, weight in fields.items()
            ]
        return _QUERY.disjunction_max_query(found, 0.1)

    def _prefix(self, prefix: str, name: str | None) -> tantivy.Query:
        fields = _AS_WRITTEN if name is None else {_FORM_OF.get(name, name): 1.0}
        # Words hold letters and digits only, so the prefix has no character that means something in a pattern.
        return _either([_QUERY.regex_query(self._schema, field, f"{prefix}.*") for field in fields])

    def _exact(self, name: str, value: str) -> tantivy.Query:
        if name == "id":
            return _either([_term(self._schema, "product_id", value), _term(self._schema, "pid", value)])
        if name == "type":
            return _term(self._schema, "kind", label_of(value))
        if name == "access":
            code = ACCESS_CODES.get(value.lower(), value)
            return _term(self._schema, name, UNKNOWN if value.lower() == UNKNOWN else code)
        if name in ("source", "language"):
            return _term(self._schema, name, value.lower())
        return _QUERY.boost_query(_term(self._schema, name, value), _IDENTIFIER)

    def _weighed(self, field: str, term: str, weight: float) -> tantivy.Query:
        query = _QUERY.term_query(self._schema, field, term, "freq")
        return query if weight == 1.0 else _QUERY.boost_query(query, weight)


def _phrase(schema: tantivy.Schema, field: str, words: list[str]) -> tantivy.Query:
    return _QUERY.phrase_query(schema, field, [*words])


def _term(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    clean = value.encode("utf-8", "replace").decode("utf-8")
    return _QUERY.term_query(schema, field, clean, "basic")


def _years(schema: tantivy.Schema, first: int | None, last: int | None) -> tantivy.Query:
    if first is None and last is None:
        return _QUERY.all_query()
    return _QUERY.range_query(schema, "year", tantivy.FieldType.Integer, first, last)


def _either(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    parts = list(queries)
    if not parts:
        return _QUERY.empty_query()
    return parts[0] if len(parts) == 1 else _QUERY.boolean_query([(_OCCUR.Should, query) for query in parts])


def _is_stop_word(node: Node) -> bool:
    return isinstance(node, Word) and node.field is None and not node.is_prefix and node.text in STOP_WORDS


def _plain_words(node: Node) -> list[str]:
    """The words of a query that is nothing but words, in order; otherwise none."""
    if not isinstance(node, And) or not all(
        isinstance(part, Word) and part.field is None and not part.is_prefix for part in node.nodes
    ):
        return []
    return [word for part in node.nodes if isinstance(part, Word) for word in words_of(part.text)]
