"""Coded passages as a table for other software."""

from __future__ import annotations

from collections.abc import Mapping

from evigraph.review.coding.book import Book, Coded
from evigraph.review.exchange.quotations import CUT, Quotations
from evigraph.review.tables import write_table


def write_passages(
    book: Book,
    found: list[Coded],
    names: Mapping[str, str],
    titles: Mapping[str, str],
    studies: Mapping[str, str],
    quotations: Quotations,
) -> str:
    """The passages as CSV; of a text without an open licence as much of them as may leave."""
    rows = []
    for one in found:
        anchor = one.anchor
        words = quotations.passage(anchor.record_id, anchor.start, anchor.exact)
        rows.append(
            (
                " > ".join(book.codes[code_id].name for code_id in book.path(one.code_id)),
                studies.get(anchor.record_id, ""),
                titles.get(anchor.record_id, anchor.record_id),
                names.get(one.actor, ""),
                str(anchor.page or ""),
                str(anchor.start),
                str(anchor.end),
                words if len(words) == len(anchor.exact) else f"{words}{CUT}",
            )
        )
    return write_table(("code", "study", "report", "coder", "page", "start", "end", "passage"), rows)
