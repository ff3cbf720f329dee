"""CSV payloads as rows, where damage inside a line costs that line alone.

A reader of the standard library lets one quotation mark that is missing swallow the rows after it. Here a line that
is a whole row by itself always is one; only a line that is not is joined with those that follow.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

from evigraph.clean.payload import PayloadStream, Report

#: A row is at most so many characters, and joined from at most so many lines.
MAX_ROW_CHARACTERS = 16 * 1024 * 1024
_MAX_LINES = 64

_BLOCK = 1 << 20


class CsvRow(NamedTuple):
    """A row: its place after the header, from 0, its cells, and about how many bytes it took."""

    position: int
    cells: list[str]
    size: int


def read_header(head: bytes) -> list[str]:
    """The names in the first line of a table that begins with `head`, stripped and in lower case."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    return [name.strip().lower() for name in _cells(line) or []]


def csv_rows(head: bytes, stream: PayloadStream, n_columns: int, report: Report) -> Iterator[CsvRow]:
    """The rows after the header of a table whose first bytes are `head`, the rest still in `stream`.

    Defects: `csv_columns` (a row with more or fewer cells than `n_columns`, or quotation marks that do not close),
    `record_too_large` (a line over `MAX_ROW_CHARACTERS`) lose the row; `encoding` (bytes that are not UTF-8 became
    U+FFFD) does not. A last row that the damage of a gzip cut off is not reported again.
    """
    position = -1  # of the header
    waiting: list[str] = []
    for line in _lines(head, stream):
        if line is None:
            position += 1
            message = f"row {position + 1} takes more than {MAX_ROW_CHARACTERS >> 20} MiB and was left out"
            report(position, "record_too_large", message, True)
            continue
        if not line.strip() and not waiting:
            continue
        cells = _cells(line)
        if cells is not None and len(cells) == n_columns:
            if waiting:
                position += 1
                _lose(position, waiting, n_columns, report)
                waiting = []
            taken = [line]
        else:
            waiting.append(line)
            cells = _cells("".join(waiting)) if len(waiting) > 1 else cells
            is_open = cells is None and len(waiting) < _MAX_LINES
            if is_open and sum(map(len, waiting)) < MAX_ROW_CHARACTERS:
                continue
            taken, waiting = waiting, []
        position += 1
        if cells is None or len(cells) != n_columns:
            _lose(position, taken, n_columns, report)
        elif position:
            if any("\ufffd" in part for part in taken):
                message = f"row {position} is not wholly valid UTF-8; what could not be read became U+FFFD"
                report(position - 1, "encoding", message, False)
            yield CsvRow(position - 1, cells, sum(map(len, taken)))
    if waiting and stream.damage is None:
        _lose(position + 1, waiting, n_columns, report)


def _lose(position: int, lines: list[str], n_columns: int, report: Report) -> None:
    cells = _cells("".join(lines))
    found = "quotation marks that do not close" if cells is None else f"{len(cells)} cells"
    message = f"row {position} has {found}, the header {n_columns} columns; it was left out. Mend it or fetch it again"
    report(max(position - 1, 0), "csv_columns", message, True)


def _cells(text: str) -> list[str] | None:
    """The cells of a text that is one row; None where its quotation marks do not close."""
    if text[:1] == '"' and text.endswith('"\n'):
        cells = text[1:-2].split('","')
        # No other quotation marks than those around each cell: there is nothing to work out.
        if text.count('"') == 2 * len(cells):
            return cells
    if len(text) >= csv.field_size_limit():
        # The bound is for all readers of the process and far below what a row may take.
        csv.field_size_limit(2 * MAX_ROW_CHARACTERS)
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _lines(head: bytes, stream: PayloadStream) -> Iterator[str | None]:
    """The lines of a table as text, None for one that is too long."""
    rest = head.removeprefix(b"\xef\xbb\xbf")
    is_too_long = False
    has_more = True
    while has_more:
        block = stream.read(_BLOCK)
        has_more = bool(block)
        *lines, rest = (rest + block).split(b"\n")
        if not has_more and rest:
            lines.append(rest)
        for line in lines:
            too_long, is_too_long = is_too_long or len(line) > MAX_ROW_CHARACTERS, False
            yield None if too_long else line.decode("utf-8", "replace").removesuffix("\r") + "\n"
        if len(rest) > MAX_ROW_CHARACTERS:
            is_too_long, rest = True, b""
