"""A text with its coded passages marked: each piece between two ends of passages shows the codes that are on it."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from evigraph.review.coding.book import Coded
from evigraph.review.texts.canonical import Block, CanonicalText

#: How many passages are drawn one below the other; what lies on more is told by its label alone.
TRACKS = "abc"

#: How much of a code's name stands in the text.
_LABEL = 24


@dataclass(frozen=True)
class Line:
    """A block of a text as the page shows it.

    Attributes:
        number: from 1.
        block: what is shown.
        words: its text with the passages marked.
        begins: the passages that begin in it, which are listed beside it.
    """

    number: int
    block: Block
    words: Markup
    begins: list[Coded]


def lines_of(
    text: CanonicalText, codings: Sequence[Coded], names: Mapping[str, str], hues: Mapping[str, int]
) -> list[Line]:
    """The blocks of a text with the passages on them, which come in the order of their places."""
    track_of = _tracks(codings)
    lines: list[Line] = []
    active: list[Coded] = []
    waiting = 0
    for number, block in enumerate(text.blocks, 1):
        begins: list[Coded] = []
        while waiting < len(codings) and codings[waiting].anchor.start < block.end:
            begins.append(codings[waiting])
            waiting += 1
        active = [one for one in active if one.anchor.end > block.start] + begins
        words = _marked(text.text, block, active, track_of, names, hues)
        lines.append(Line(number, block, words, begins))
    return lines


def _tracks(codings: Sequence[Coded]) -> dict[str, int]:
    """For each coding the first track that is free from its start to its end."""
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    n_tracks = 0
    found = {}
    for one in codings:
        while taken and taken[0][0] <= one.anchor.start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        if not free:
            heapq.heappush(free, n_tracks)
            n_tracks += 1
        track = heapq.heappop(free)
        heapq.heappush(taken, (one.anchor.end, track))
        found[one.coding_id] = track
    return found


def _marked(
    text: str,
    block: Block,
    active: Sequence[Coded],
    track_of: Mapping[str, int],
    names: Mapping[str, str],
    hues: Mapping[str, int],
) -> Markup:
    if not active:
        return escape(text[block.start : block.end])
    ends = {place for one in active for place in (one.anchor.start, one.anchor.end) if block.start < place < block.end}
    cuts = sorted(ends | {block.start, block.end})
    pieces: list[str] = []
    # Those on the piece at hand: a sweep, so that a densely coded text costs no more than its passages.
    now: list[Coded] = []
    waiting = 0
    for start, end in pairwise(cuts):
        now = [one for one in now if one.anchor.end > start]
        while waiting < len(active) and active[waiting].anchor.start <= start:
            if active[waiting].anchor.end > start:
                now.append(active[waiting])
            waiting += 1
        words = str(escape(text[start:end]))
        if not now:
            pieces.append(words)
            continue
        tracks = ((track_of[one.coding_id], hues[one.code_id]) for one in now)
        classes = " ".join(f"{TRACKS[track]}{hue}" for track, hue in tracks if track < len(TRACKS))
        new = [names[one.code_id] for one in now if one.anchor.start == start]
        label = f' data-label="{escape(" · ".join(_short(name) for name in new))}"' if new else ""
        pieces.append(f'<mark class="coded {classes}"{label}>{words}</mark>')
    # Each part was escaped above.
    return Markup("".join(pieces))


def _short(name: str) -> str:
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 1].rstrip()}…"
