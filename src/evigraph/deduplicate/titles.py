"""Titles in the form in which they are compared: cleaned, numbered, and known to say nothing when generic.

The steps follow OpenAIRE's cleaning of titles, with one difference that is meant: OpenAIRE ends by dropping
whatever is not ASCII, so that two unlike titles in Chinese both become the empty text. Here the letters and
marks of every script stay; only Latin and Greek lose their diacritics.
"""

from __future__ import annotations

import html
import re
import unicodedata
from importlib import resources

#: Longest title that is compared, in characters (OpenAIRE's cut).
MAX_TITLE_LENGTH = 250


def word_list(name: str) -> list[str]:
    """The lines of one of this package's word lists, without its comments."""
    lines = resources.files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


#: Words that carry no content, in the languages that OpenAIRE's list covers too.
STOP_WORDS = frozenset(word_list("stop_words.txt"))

#: What makes an ordinal of a number: `4th`.
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b")
_DIGIT = re.compile("[1-9]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ASCII_WORD = re.compile(r"[a-z]+|[0-9]+")
_WORD = re.compile(r"[0-9]+|[^0-9\s]+")
#: A letter written as a character's number, apart from the word that it stands in: `k &#246; nig`, `K; #246; nig`.
_LOOSE_LETTER = re.compile(r"\s*[&;]\s?#([0-9]{3})\s?;\s*")
_WORDS_OF_ONE_LETTER = frozenset("àÀòÒóÓ")

_APOSTROPHES = re.compile("['\u2019\u02bc\u2018`\u00b4]")
_LATIN_OR_GREEK_MARKS = re.compile("(?<=[a-z\u0370-\u03ff])[\u0300-\u036f]+")
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])([\u03b1-\u03c9])(?![\u0370-\u03ff])")
_ROMAN = re.compile(r"(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$")

#: Letters that have no decomposition and are spelled in more than one way.
_SPELLINGS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ð": "d",
        "đ": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ı": "i",  # noqa: RUF001 - the dotless i
        "ŋ": "n",
        "ё": "е",  # noqa: RUF001 - Cyrillic: printed either way
        "µ": "μ",
    }
)

_GREEK_NAMES = dict(line.split() for line in word_list("greek_letters.txt"))


def _fastened(match: re.Match[str]) -> str:
    letter = chr(int(match.group(1)))
    if not letter.isalpha() or letter in _WORDS_OF_ONE_LETTER:
        return f" {letter} "
    return letter if letter.islower() else f" {letter}"


def with_letters(text: str) -> str:
    """A text in which letters that stand as character numbers among blanks are in their words again."""
    return _LOOSE_LETTER.sub(_fastened, text) if "#" in text else text


class _Characters(dict[int, "str | int | None"]):
    """What becomes of a character: letters and marks stay, digits become ASCII, format signs go, others part words."""

    def __missing__(self, code: int) -> str | int | None:
        character = chr(code)
        category = unicodedata.category(character)
        kept: str | int | None
        if category[0] in "LM":
            kept = code
        elif category == "Nd":
            kept = str(unicodedata.decimal(character))
        elif category == "Cf":
            kept = None
        else:
            kept = " "
        self[code] = kept
        return kept


_CHARACTERS = _Characters()


def words_of(text: str) -> list[str]:
    """The words of a text, folded: lower case, no markup, diacritics or punctuation, digits apart from letters.

    Letters of every script stay. A lone Greek letter in a text that also has Latin letters is spelled out
    (`TGF-β` and `TGF-beta` are one). Apostrophes vanish (`Crohn's` and `Crohns` are one).
    """
    text = with_letters(text)
    if _DIGIT.search(text):
        text = _ORDINAL.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if text.isascii():
        return _ASCII_WORD.findall(text.lower().replace("'", "").replace("`", ""))
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    text = unicodedata.normalize("NFC", _LATIN_OR_GREEK_MARKS.sub("", text)).translate(_SPELLINGS)
    if re.search("[a-z]", text):
        text = _LONE_GREEK.sub(lambda match: f" {_GREEK_NAMES[match.group(1)]} ", text)
    return _WORD.findall(text.translate(_CHARACTERS))


def fold(text: str) -> str:
    """The words of a text joined by single spaces: equal for texts that differ in form only."""
    if text.isascii() and text.isalpha():
        return text.lower()
    return " ".join(words_of(text))


def numbers_of(words: list[str]) -> list[str]:
    """The digit runs and roman numerals among folded words, in order.

    Part 1 and Part 2 of a work, or Part I and Part II, differ in nothing else. Short words that happen to be
    numerals (`di`, `mi`, `c`) count too: where two titles are otherwise the same, such a word tells them apart.
    """
    return [word for word in words if word[0].isdigit() or _ROMAN.match(word)]


_MONTHS = frozenset(word_list("months.txt"))

#: Words that only say which one of a series a title is.
_SERIAL = frozenset(
    ["band", "bd", "heft", "issue", "no", "nr", "number", "numero", "tome", "vol", "volume", "volumes", "year"]
)

#: Titles that many unrelated works bear, folded, without numbers and months.
GENERIC_TITLES = frozenset({"", *word_list("generic_titles.txt")})

#: No generic title has more words than this, numbers and months included.
_MAX_GENERIC_WORDS = 9


def is_generic(words: list[str]) -> bool:
    """Whether folded words form a title that says nothing of one work: `Editorial`, `Book reviews, vol. 12`.

    Numbers, months and words such as `volume` are set aside first. The list is our own.
    """
    if len(words) > _MAX_GENERIC_WORDS:
        return False
    named = [
        word for word in words if not (word[0].isdigit() or word in _MONTHS or (len(word) < 6 and _ROMAN.match(word)))
    ]
    forms = (words, named, [word for word in named if word not in _SERIAL])
    return any(" ".join(form) in GENERIC_TITLES for form in forms)
