"""The canonical text of a report: extracted once, the same from the same file, the text that all positions count in."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from functools import cached_property

import msgspec

from evigraph.review.texts.anchor import CONTEXT, Anchor

Box = tuple[int, int, int, int]


class Block(msgspec.Struct, frozen=True):
    """A piece of a text that stands by itself.

    Attributes:
        start, end: code points from 0, `end` exclusive.
        kind: heading, paragraph, row, caption or line (of a PDF).
        section: what the section reports, in JATS's words (`results`); empty where nothing says it.
    """

    start: int
    end: int
    kind: str
    section: str = ""


class Page(msgspec.Struct, frozen=True):
    """A page of a PDF: the part of the text on it and its media box in hundredths of a point."""

    start: int
    end: int
    width: int
    height: int


class CanonicalText(msgspec.Struct, frozen=True, dict=True):
    """A report as text.

    Attributes:
        text: Unicode code points; lines end in a line feed.
        extractor: name and version of what made it: another may give another text.
        blocks, pages: in the order of the text; no pages for JATS.
        boxes: for each character of a PDF x0, y0, x1, y1, in hundredths of a point from the lower left corner of the
            media box; four zeros where it has no place, as a line end. Flat; empty for JATS.
    """

    text: str
    extractor: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()
    boxes: tuple[int, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """The sha256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def page_at(self, position: int) -> int:
        """The number of the page, from 1, on which a position lies; 0 where the text has no pages."""
        return bisect_right([page.start for page in self.pages], position)

    def anchor(self, record_id: str, start: int, end: int) -> Anchor:
        """The anchor of a selection.

        Raises:
            ValueError: the selection is empty or outside of the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"{start} to {end} is no selection of a text of {len(self.text)} characters")
        return Anchor(
            record_id,
            self.sha256,
            start,
            end,
            self.text[start:end],
            self.text[max(0, start - CONTEXT) : start],
            self.text[end : end + CONTEXT],
            self.page_at(start),
            self.rectangles(start, end),
        )

    def rectangles(self, start: int, end: int) -> tuple[Box, ...]:
        """Where a part of a PDF's text lies on the page on which it starts, a box for each line; none for JATS."""
        if not self.pages:
            return ()
        end = min(end, self.pages[self.page_at(start) - 1].end)
        lines: list[Box] = []
        is_new = True
        for place in range(start, end):
            x0, y0, x1, y1 = self.boxes[4 * place : 4 * place + 4]
            if self.text[place] == "\n":
                is_new = True
            elif (x0, y0, x1, y1) != (0, 0, 0, 0):
                if is_new:
                    lines.append((x0, y0, x1, y1))
                else:
                    a, b, c, d = lines[-1]
                    lines[-1] = (min(a, x0), min(b, y0), max(c, x1), max(d, y1))
                is_new = False
        return tuple(lines)
