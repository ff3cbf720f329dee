"""Tables of a review as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from evigraph.library.decisions import guarded


def write_table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV with a heading; no cell of it is taken for a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()
