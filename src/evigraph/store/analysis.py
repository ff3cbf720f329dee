"""How text becomes the terms that are searched, the same when indexing and when asking.

Every text is kept in two forms. *Words*, folded (case, accents, full-width and ligature forms) and with
positions: they answer "phrases", prefixes and names. *Stems* of those words (Porter's English stemmer): they
answer plain words, so that `experience` finds "experiences". Chinese and Japanese characters are words of one
character each, so that any run of them is a phrase. `LABEL` keeps a value whole, folded, for exact filters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import tantivy

WORDS = "words"
STEMS = "stems"
LABEL = "label"

#: Longer terms are no words but rubbish (sequences, encoded data); tantivy drops them.
_LONGEST_TERM = 100

_ACCENTS = re.compile("[\u0300-\u036f]")
_IDEOGRAPHS = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f])"  # kana, Han
)


def fold(text: str) -> str:
    """`text` in compatibility form without Latin, Greek and Cyrillic accents, ideographs apart. Keeps case."""
    if text.isascii():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8")
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    return _IDEOGRAPHS.sub(r" \1 ", plain)


@cache
def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """The analyzers by name."""
    filters, tokenizers = tantivy.Filter, tantivy.Tokenizer

    def words() -> tantivy.TextAnalyzerBuilder:
        builder = tantivy.TextAnalyzerBuilder(tokenizers.simple())
        return (
            builder.filter(filters.remove_long(_LONGEST_TERM)).filter(filters.lowercase()).filter(filters.ascii_fold())
        )

    return {
        WORDS: words().build(),
        STEMS: words().filter(filters.stemmer("english")).build(),
        LABEL: tantivy.TextAnalyzerBuilder(tokenizers.raw())
        .filter(filters.lowercase())
        .filter(filters.ascii_fold())
        .build(),
    }


def register(index: tantivy.Index) -> None:
    """Makes the analyzers known to an index that was created or opened."""
    for name, analyzer in analyzers().items():
        index.register_tokenizer(name, analyzer)


def words_of(text: str) -> list[str]:
    """The words of `text` in order."""
    tokens: list[str] = analyzers()[WORDS].analyze(fold(text))
    return tokens


def stem_of(word: str) -> str:
    """The stem of one word as `words_of` gives it."""
    stems: list[str] = analyzers()[STEMS].analyze(word)
    return stems[0] if stems else word


def label_of(value: str) -> str:
    """A value whole, folded: the form in which filters compare it."""
    tokens: list[str] = analyzers()[LABEL].analyze(fold(value))
    return tokens[0] if tokens else ""
