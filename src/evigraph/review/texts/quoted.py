"""Words that people copied from a report, found in its text although spaces, quotation marks or case differ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evigraph.review.texts.canonical import CanonicalText

#: Signs that copying and typing change into each other.
_ALIKE = ("'‘’‛", '"“”„«»', "-‐‑–—")  # noqa: RUF001

_CLASSES = {sign: f"[{re.escape(signs)}]" for signs in _ALIKE for sign in signs}


def find_quote(text: CanonicalText, words: str) -> Iterator[tuple[int, int]]:
    """Where words stand in a text, in its order: first code point, and the one after the last.

    Any run of white space is the same as any other; so are the forms
    of quotation marks and of dashes, and upper and lower case.
    """
    parts = words.split()
    if not parts:
        return
    pattern = r"\s+".join("".join(_CLASSES.get(sign, re.escape(sign)) for sign in part) for part in parts)
    for found in re.finditer(pattern, text.text, re.IGNORECASE):
        yield found.span()
