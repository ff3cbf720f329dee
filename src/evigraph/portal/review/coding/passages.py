"""The passage that a form names: positions with the words seen there, or lines, or a quote."""

from __future__ import annotations

from collections.abc import Mapping

from evigraph.errors import InputError
from evigraph.review.texts.anchor import Anchor
from evigraph.review.texts.canonical import CanonicalText


def names_passage(fields: Mapping[str, str]) -> bool:
    """Whether a form names a passage at all."""
    return any(fields.get(name, "").strip() for name in ("start", "first", "quote"))


def passage(text: CanonicalText, head: str, fields: Mapping[str, str]) -> Anchor:
    """The anchor of the passage that a form names, without spaces around it.

    Raises:
        InputError: it names none, or none of this text; the message says what to do.
    """
    start, end = _by_positions(text, fields) if fields.get("start") else _by_lines_or_quote(text, fields)
    words = text.text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
    if start >= end:
        raise InputError("the passage is empty: choose some words")
    return text.anchor(head, start, end)


def _by_positions(text: CanonicalText, fields: Mapping[str, str]) -> tuple[int, int]:
    first, last = fields.get("start", ""), fields.get("end", "")
    if not (first.isascii() and first.isdecimal() and last.isascii() and last.isdecimal()):
        raise InputError("the passage has no place: select it again")
    start, end = int(first[:9]), int(last[:9])
    if not start < end <= len(text.text):
        raise InputError("the passage is empty or ends after the text: select it again")
    if fields.get("exact", "").split() != text.text[start:end].split():
        raise InputError("these words stand elsewhere now, as the text was replaced: open the page again")
    return start, end


def _by_lines_or_quote(text: CanonicalText, fields: Mapping[str, str]) -> tuple[int, int]:
    first, last, words = fields.get("first", ""), fields.get("last", ""), fields.get("quote", "").strip()
    start, end = 0, len(text.text)
    if first:
        n = len(text.blocks)
        if not (first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first) <= n):
            raise InputError(f"these lines are not in the text: give numbers from 1 to {n}, the first not the larger")
        start, end = text.blocks[int(first) - 1].start, text.blocks[int(last or first) - 1].end
    elif not words:
        raise InputError("no passage was chosen: select one, give line numbers, or paste a quote")
    if words:
        place = text.text.find(words, start, end)
        if place < 0:
            raise InputError("this quote is not in the text: copy it from the page as it stands")
        start, end = place, place + len(words)
    return start, end
