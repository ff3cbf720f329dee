"""The canonical text of a plain text: itself, sign by sign, so that positions which count in it stay true."""

from __future__ import annotations

from evigraph.errors import InputError
from evigraph.review.texts.canonical import Block, CanonicalText

EXTRACTOR = "plain/1"


def plain_text(content: bytes) -> CanonicalText:
    """The text of a file in UTF-8, its line ends as they are; each line that is not empty is a block.

    Raises:
        InputError: it is not in UTF-8, or holds nothing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"this text is not in UTF-8 (at byte {error.start}): save it in that encoding") from error
    blocks, place = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(place, place + len(line.rstrip("\r")), "line"))
        place += len(line) + 1
    if not blocks:
        raise InputError("this text is empty: attach the one with words in it")
    return CanonicalText(text, EXTRACTOR, tuple(blocks))
