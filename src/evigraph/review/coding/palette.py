"""The colours of codes: each told from the next, and readable on the light and the dark ground of the pages."""

from __future__ import annotations

import zlib

from evigraph.review.coding.kinds import Code

#: Name and colour on the light ground, where each has a contrast of at least 4.5:1; the stylesheet `coding.css` gives
#: the colour on the dark ground, in the same order.
PALETTE = (
    ("blue", "#1b6ca8"),
    ("rust", "#a34a18"),
    ("green", "#2a7230"),
    ("purple", "#8340a3"),
    ("crimson", "#a8324a"),
    ("teal", "#00727f"),
    ("olive", "#6b5d00"),
    ("indigo", "#5357b0"),
    ("magenta", "#a82c78"),
    ("moss", "#4b671e"),
    ("brown", "#82482a"),
    ("slate", "#4f5d6c"),
)


def hue_of(code_id: str, code: Code) -> int:
    """The place in the palette of the colour that is nearest to a code's own; of one without colour, by its id."""
    if not code.color:
        return zlib.crc32(code_id.encode()) % len(PALETTE)
    own = _channels(code.color)

    def distance(place: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(own, _channels(PALETTE[place][1]), strict=True))

    return min(range(len(PALETTE)), key=distance)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
