"""Names in which letters were lost or came loose on their way through character sets."""

from __future__ import annotations

import re

from evigraph.deduplicate.titles import with_letters

_LOOSE_SMALL = re.compile(r"(?<=[^\W\d_]) ([\u00df-\u017e]) (?=[a-z])")
_LOOSE_CAPITAL = re.compile(r"(?<![^\W\d_])([\u00c0-\u00de]) (?=[a-z])")

#: A word whose first letter was lost, before further words: `?zg?r Ulusoy`.
_LOST_FIRST = re.compile(r"(?<![^\s.,])\?[^\s,]+(?=\s+\S)")
_LOST = re.compile(r"(?<=[^\W\d_])\?|\?(?=[^\W\d_])")

#: Cyrillic in a word that also has Latin letters is a Latin letter read in the wrong character set.
_MISREAD = re.compile(r"(?<=[A-Za-z])[\u0400-\u04ff]+|[\u0400-\u04ff]+(?=[A-Za-z])")


def mended(name: str) -> str:
    """A name with loose letters in their place and without the signs that stand for lost ones.

    `Birgitta K; #246; nig-Ries` becomes `Birgitta König-Ries`, `H\u0444rder` becomes `Hrder`. Of a word in front whose
    first letter was lost nothing is left, for its initial is not known.
    """
    if name.isascii() and "?" not in name and "#" not in name:
        return name
    name = _LOOSE_CAPITAL.sub(r"\1", _LOOSE_SMALL.sub(r"\1", with_letters(name)))
    name = _MISREAD.sub("?", name)
    if "?" in name:
        name = _LOST.sub("", _LOST_FIRST.sub("", name))
    return name.strip()
