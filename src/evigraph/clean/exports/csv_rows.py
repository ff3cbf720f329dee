"""Rows of a table in text: separator and header by content, quotes that never close kept from swallowing the rest."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from evigraph.clean.exports.csv_columns import dialect_of, is_header, is_heading

#: Lines in which the header is looked for: databases put notes before it.
_HEADER_LINES = 30

#: A row longer than this has a quote that never closes.
MAX_ROW = 1 << 22

_SEPARATORS = (",", "\t", ";", "|")


class TableForm(NamedTuple):
    """How a table is written: separator, whether quotes mean something, its header, the lines up to its end."""

    separator: str
    has_quotes: bool
    header: list[str]
    n_lines: int
    dialect: str


class TableRow(NamedTuple):
    """A row: its cells, its first line in the file, its size; or in words why it is lost."""

    cells: list[str]
    line: int
    size: int
    fault: str = ""


def form_of(lines: list[str]) -> TableForm | None:
    """How the table that begins with these lines is written, or None where they hold no header.

    The header is the first row that names a title, an abstract, or two other fields, with the separator that parts it
    into most known headings.
    """
    best: tuple[int, int, TableForm] | None = None
    for number in range(min(len(lines), _HEADER_LINES)):
        for separator in _SEPARATORS:
            rows = csv.reader(iter([line + "\n" for line in lines[number : number + 20]]), delimiter=separator)
            try:
                cells = [cell.strip() for cell in next(rows, [])]
            except csv.Error:
                continue
            while len(cells) > 1 and not cells[-1]:
                cells.pop()
            if not is_header(cells):
                continue
            n_known = sum(map(is_heading, cells))
            if best is None or (n_known, len(cells)) > best[:2]:
                dialect = dialect_of(cells, separator == "\t")
                has_quotes = dialect != "Web of Science table"
                form = TableForm(separator, has_quotes, cells, number + rows.line_num, dialect)
                best = n_known, len(cells), form
        if best is not None:
            return best[2]
    return None


def rows_of(lines: Iterator[str], form: TableForm) -> Iterator[TableRow]:
    """The rows after the header, those that are empty left out.

    A row with more or fewer cells than the header is at fault; surplus cells that are empty do not count. Where such
    a row took several lines, or a quote never closed, and one of those lines is a whole row by itself, the fault is
    that of the lines before it, and reading goes on with it.
    """
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_ROW))
    source = _Lines(islice(lines, form.n_lines, None), form.n_lines)
    reader = source.reader(form)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            if source.is_over:
                return
            reader = source.reader(form)
            continue
        except csv.Error as error:
            yield TableRow([], source.line, source.size, f"cannot be read ({error})")
            source.settle()
            reader = source.reader(form)
            continue
        fault = source.unclosed() if form.has_quotes else ""
        while len(cells) > len(form.header) and not cells[-1].strip():
            cells.pop()
        if not fault and any(cell.strip() for cell in cells) and len(cells) != len(form.header):
            fault = f"has {len(cells)} cells, the header {len(form.header)}"
        row = TableRow(cells, source.line, source.size, fault)
        if fault:
            source.go_back(form)
            reader = source.reader(form)
        source.settle()
        if fault or any(cell.strip() for cell in cells):
            yield row


class _Lines:
    """Lines that can be given back, and what the current row took of them."""

    def __init__(self, lines: Iterator[str], n_before: int) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._n_settled = n_before
        self._was_cut = False
        self.size = 0
        self.is_over = False

    @property
    def line(self) -> int:
        """The first line of the current row, from 1."""
        return self._n_settled + 1

    def reader(self, form: TableForm) -> Iterator[list[str]]:
        """The rows of the lines that are left."""
        if form.has_quotes:
            return csv.reader(self._feed(), delimiter=form.separator)
        return csv.reader(self._feed(), delimiter=form.separator, quoting=csv.QUOTE_NONE)

    def _feed(self) -> Iterator[str]:
        while True:
            if self.size > MAX_ROW:
                self._was_cut = True
                return
            if self._waiting:
                line = self._waiting.popleft()
            elif (read := next(self._lines, None)) is not None:
                line = read
            else:
                self.is_over = True
                return
            self._taken.append(line)
            self.size += len(line) + 1
            yield line + "\n"

    def unclosed(self) -> str:
        """In words that a quote of the current row never closes; empty where it does."""
        if not (self._was_cut or self.is_over) or sum(line.count('"') for line in self._taken) % 2 == 0:
            return ""
        return "opens a quote that never closes"

    def go_back(self, form: TableForm) -> None:
        """Gives back the lines of the current row from the first that is a row by itself, if there is one."""
        for at in range(1, len(self._taken)):
            if self._taken[at].count('"') % 2 == 0 and self._is_row(self._taken[at], form):
                self._waiting.extendleft(reversed(self._taken[at:]))
                del self._taken[at:]
                self.is_over = False
                return

    def _is_row(self, line: str, form: TableForm) -> bool:
        try:
            return len(next(csv.reader([line], delimiter=form.separator), [])) == len(form.header) > 1
        except csv.Error:
            return False

    def settle(self) -> None:
        """Ends the current row."""
        self._n_settled += len(self._taken)
        self._taken = []
        self.size = 0
        self._was_cut = False
