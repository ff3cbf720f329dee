"""Decisions of people in a table: the pairs of `open.csv` with a word written into their column `decision`."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evigraph.errors import InputError

Row = dict[str, Any]

#: What may stand in the column `decision`, and what it means; an empty cell decides nothing.
WORDS: dict[str, str] = {
    **dict.fromkeys(("same", "s", "yes", "y", "duplicate", "1"), "same"),
    **dict.fromkeys(("different", "d", "no", "n", "not duplicate", "0"), "different"),
}

#: The two columns that name the records, in any of these pairs.
_SUBJECTS = (("record_id_l", "record_id_r"), ("left", "right"), ("a", "b"))
_SHOWN = 3


def read_decisions(path: Path) -> list[Row]:
    """The rows of the table `decision` that a CSV file holds, the last word on each pair.

    The file has a heading. Columns: `decision` (same or different), and `record_id_l` and `record_id_r`, each a
    record id or an identifier as `doi:10.5555/1`; perhaps `actor` and `reason`. Others are left alone, so that
    `open.csv` with its empty column filled in is such a file. Comma, semicolon and tab all separate.

    Raises:
        InputError: the file cannot be read, has no such columns, or a row says something else.
    """
    rows = _table(path)
    heading = next(rows, [])
    names = [cell.strip().casefold().lstrip("\ufeff") for cell in heading]
    ends = next((pair for pair in _SUBJECTS if set(pair) <= set(names)), None)
    if "decision" not in names or ends is None:
        raise InputError(
            f"{path} has the columns {', '.join(names[:8]) or '(none)'}: a file of decisions needs decision, "
            "record_id_l and record_id_r, as open.csv has"
        )
    decided: dict[frozenset[str], Row] = {}
    faults: list[str] = []
    for number, cells in enumerate(rows, 2):
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        word = row.get("decision", "").casefold()
        if not word:
            continue
        left, right = (unguarded(row.get(name, "")) for name in ends)
        if word not in WORDS or not left or not right or left == right:
            faults.append(f"line {number}: {word!r} about {left or 'nothing'} and {right or 'nothing'}")
            continue
        kind = WORDS[word]
        pair = frozenset((left, right))
        decided.pop(pair, None)
        decided[pair] = {
            "decision_id": hashlib.md5(f"{kind}\n{min(pair)}\n{max(pair)}".encode(), usedforsecurity=False).hexdigest(),
            "kind": kind,
            "subject_l": left,
            "subject_r": right,
            "actor": row.get("actor") or path.name,
            "reason": row.get("reason") or "",
            "decided_at": "",
        }
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise InputError(f"{path}: {'; '.join(faults[:_SHOWN])}{more}. Write same or different, and name two records")
    return list(decided.values())


def guarded(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text[:1] == "'" and guarded(text[1:]) == text else text


def _table(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the name") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not in UTF-8: save it as “CSV UTF-8”") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 24))
    return csv.reader(text.splitlines(keepends=True), delimiter=separator)
