"""Registries that are published as tables: rows of a CSV file by column name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from evigraph.clean.batches import Rows
from evigraph.clean.json_document import RECORD_BYTES
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, open_bytes, sniff_bytes


class TableRow(NamedTuple):
    """A row of a table: its place, its filled cells by column name, stripped, and its size."""

    position: int
    cells: dict[str, str]
    size: int


def table_rows(path: str, rows: Rows, needed: frozenset[str], what: str) -> Iterator[TableRow]:
    """The rows of a CSV file with a header; separated by comma, semicolon or tab, UTF-8 or UTF-16, gzipped or not.

    Names of columns are taken without white space around them, of two columns with one name the first filled one.
    Where one of the `needed` columns is missing, the file is lost as `wrong_file_type`; a row with more or fewer
    cells than the header as `csv_columns`, one that cannot be read as `csv_syntax`. `what` names the table in
    messages.
    """
    with open_bytes(path) as stream:
        head = stream.read(HEAD_BYTES)
    kind = sniff_bytes(head, len(head) < HEAD_BYTES)
    if kind == "empty":
        rows.defect(-1, "empty_file", f"{rows.payload} is empty. Fetch it again.", True)
        return
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    separator, is_known = _separator(head.decode(encoding, "replace"), needed)
    if not is_known:
        message = (
            f"{rows.payload} looks like {CONTENT_NAMES[kind]}, not like {what} (columns {', '.join(sorted(needed))}"
        )
        rows.defect(-1, "wrong_file_type", f"{message}). Fetch it again, or add it under its own source.", True)
        return
    # The module's bound is for all readers of the process.
    csv.field_size_limit(max(csv.field_size_limit(), RECORD_BYTES))
    with open_bytes(path, rows.defect) as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream), encoding, "replace", newline="")
        reader = csv.reader(lines, delimiter=separator)
        header = [name.strip() for name in next(reader)]
        yield from _rows(reader, header, rows)


def _rows(reader: Iterator[list[str]], header: list[str], rows: Rows) -> Iterator[TableRow]:
    position = -1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeError) as error:
            position += 1
            message = f"row {position + 2} cannot be read ({error}); it was left out"
            rows.defect(position, "csv_syntax", message, True)
            continue
        if not any(cells):
            continue
        position += 1
        if len(cells) != len(header):
            message = f"row {position + 2} has {len(cells)} cells, the header {len(header)}; it was left out"
            rows.defect(position, "csv_columns", message, True)
            continue
        if any("\ufffd" in cell for cell in cells):
            message = f"row {position + 2} is not wholly valid in its encoding; what could not be read became U+FFFD"
            rows.defect(position, "encoding", message, False)
        filled: dict[str, str] = {}
        for name, cell in zip(header, cells, strict=True):
            if value := cell.strip():
                filled.setdefault(name, value)
        yield TableRow(position, filled, sum(map(len, cells)))


def _separator(head: str, needed: frozenset[str]) -> tuple[str, bool]:
    """The separator under which the header has the needed columns, and whether there is one."""
    for separator in (",", ";", "\t"):
        try:
            header = next(csv.reader(io.StringIO(head, newline=""), delimiter=separator), [])
        except csv.Error:
            continue
        if needed <= {name.strip() for name in header}:
            return separator, True
    return ",", False
