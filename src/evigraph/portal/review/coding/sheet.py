"""A page of a PDF to read and code on: its picture, its lines to choose from, the coded passages on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evigraph.review.coding.book import Coded
from evigraph.review.texts.canonical import Box, CanonicalText


@dataclass(frozen=True)
class SheetLine:
    """A line of text with its place on the page, in points from the upper left corner, as SVG counts."""

    start: int
    words: str
    x: float
    y: float
    width: float
    size: float


@dataclass(frozen=True)
class Zone:
    """A coding on a page: its rectangles (x, y, width, height) as SVG counts."""

    coded: Coded
    rectangles: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Sheet:
    """A page as it is shown, in points."""

    number: int
    width: float
    height: float
    lines: list[SheetLine]
    zones: list[Zone]


def sheet_of(text: CanonicalText, number: int, codings: Sequence[Coded]) -> Sheet:
    """The page of this number, from 1, of a PDF's text, with the codings that touch it."""
    page = text.pages[number - 1]
    height = page.height / 100
    lines = []
    for block in text.blocks:
        if page.start <= block.start < page.end and (boxes := text.rectangles(block.start, block.end)):
            x, y, width, size = _placed(boxes[0], height)
            words = text.text[block.start : block.end]
            # The baseline lies about a fifth of the line's height above its foot.
            lines.append(SheetLine(block.start, words, x, y + size * 0.8, width, size))
    zones = []
    for one in codings:
        start, end = max(one.anchor.start, page.start), min(one.anchor.end, page.end)
        if start < end:
            rectangles = tuple(_placed(box, height) for box in text.rectangles(start, end))
            zones.append(Zone(one, rectangles))
    return Sheet(number, page.width / 100, height, lines, zones)


def _placed(box: Box, height: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (side / 100 for side in box)
    return x0, round(height - y1, 2), round(x1 - x0, 2), round(y1 - y0, 2)
