"""When what a theme says is a sentence, of which one may be confident or not."""

from __future__ import annotations

import re

#: Words that a statement has at least; signs, where it is written without spaces between words.
MIN_WORDS, MIN_SIGNS = 6, 10

#: A full stop, or what other scripts have for it, before quotation marks, brackets and notes that close.
_END = re.compile(r"[.!?…。！？．।۔؟։።][\"'”’»›)\]」』】）]*(?:\s*\[[\d,\s–-]+\])?$")  # noqa: RUF001

#: Scripts without spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿豈-﫿฀-๿຀-໿က-႟ក-៿]")


def is_sentence(statement: str) -> bool:
    """Whether a statement can be a finding sentence: long enough to say something, and with an end.

    Whether it has a verb is for people to see: no rule of ours knows every language's.
    """
    text = statement.strip()
    is_long = len(text.split()) >= MIN_WORDS or len(_UNSPACED.findall(text)) >= MIN_SIGNS
    return is_long and _END.search(text) is not None
