"""A place in a full text, told in several ways so that it is found again after the text was extracted anew."""

from __future__ import annotations

import msgspec

#: How many characters before and after a quote tell it from the same words elsewhere.
CONTEXT = 32


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A selection in the canonical text of a report (W3C Web Annotation: position, quote and page selectors).

    Attributes:
        record_id: the report's record.
        text_sha256: of the canonical text, in UTF-8, that `start` and `end` count in.
        start, end: Unicode code points from 0, `end` exclusive (TextPositionSelector).
        exact, prefix, suffix: the selected text and up to `CONTEXT` characters on each side (TextQuoteSelector).
        page: of a PDF, from 1; 0 where the text has no pages.
        rectangles: of a PDF, one a line: x0, y0, x1, y1 in hundredths of a point, from the lower left corner of the
            media box.
    """

    record_id: str
    text_sha256: str
    start: int
    end: int
    exact: str
    prefix: str = ""
    suffix: str = ""
    page: int = 0
    rectangles: tuple[tuple[int, int, int, int], ...] = ()
