"""Notes about a work, which are works of their own: errata, retractions, replies, comments, reviews of books."""

from __future__ import annotations

import re

_STARTS = (
    (
        "erratum",
        r"(?:(?:publisher|author|published|publisher s|author s)? ?)(?:erratum|errata|corrigend(?:um|a)|correction"
        r"|addendum|addenda|correzione|berichtigung)(?: to| for| notice)?\b",
    ),
    ("retraction", r"(?:retraction|notice of retraction|withdrawal|expression of concern)(?: note| notice)?\b"),
    (
        "reply",
        r"(?:(?:author s?|authors|the author s?|an?) )?"
        r"(?:in reply|reply|response|replies|rebuttal|rejoinder)(?: to| from| by)?\b",
    ),
    ("comment", r"(?:comments? on|comments? to|commentary(?: on)?|letter to the editor|re|letter)\b"),
)
_NOTES = tuple((kind, re.compile(pattern)) for kind, pattern in _STARTS)
_ENDS = re.compile(
    r"[:.\-\u2013\u2014(\[]\s*(?:the )?(?:authors?['\u2019]?s? )?"
    r"(erratum|corrigendum|corrigenda|correction|reply|comment|response|rebuttal|retraction)\W*$",
    re.IGNORECASE,
)
_END_KINDS = {"corrigendum": "erratum", "corrigenda": "erratum", "correction": "erratum", "rebuttal": "reply"}
_END_KINDS |= {"response": "reply"}

#: What publishers put before the title of a work that they withdrew: still that work's own record.
_MARKS = re.compile(
    r"^(?:retracted(?: article| paper)?|withdrawn|removed|article withdrawn)\s*[:.\-]\s*", re.IGNORECASE
)

#: Brackets around a translated title, and what stands after it: `[Title] (author's transl)`.
_TRANSLATED = re.compile(r"^\s*\[(.*?)\]\.?\s*(?:\(.{0,60}\))?\.?\s*$", re.DOTALL)
_TRANSLATOR = re.compile(r"\(?author'?s'? transl(?:ation)?\.?\)?\.?", re.IGNORECASE)


def bare_title(title: str) -> str:
    """A title without what is not the author's: marks of retraction, brackets of a translation, the translator."""
    title = _MARKS.sub("", title)
    title = _TRANSLATOR.sub("", title)
    if match := _TRANSLATED.match(title):
        return match.group(1)
    return title


def note_kind(title: str, words: list[str]) -> str | None:
    """What kind of note a title announces by how it begins or ends, or None: the title of a work.

    Args:
        title: the title as it stands.
        words: its folded words.
    """
    text = " ".join(words[:8])
    for kind, pattern in _NOTES:
        if pattern.match(text):
            return kind
    if match := _ENDS.search(title):
        found = match.group(1).lower()
        return _END_KINDS.get(found, found)
    return None
