"""Every BibTeX, XML and table export among the real records: as many records as entries or rows, losses by name."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from clean.exported import read

_ENTRY = re.compile(r"^\s*@(?!comment|string|preamble)\w+\s*\{", re.IGNORECASE | re.MULTILINE)
_TAGGED = re.compile(r"^(?:TY  - |%[0A-Z] |PMID- |FN |PT )", re.MULTILINE)


def n_entries(path: Path) -> int:
    return len(_ENTRY.findall(path.read_text(encoding="utf-8-sig")))


def n_records(path: Path) -> int:
    return len(re.findall(r"<record[\s>]", path.read_text(encoding="utf-8-sig")))


def n_rows(path: Path) -> int:
    """Rows that are not empty, by the standard library alone."""
    text = path.read_text(encoding="utf-8-sig")
    separator = max(",;\t", key=text.splitlines()[0].count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    return sum(any(cell.strip() for cell in row) for row in rows) - 1


COUNTS: dict[str, Callable[[Path], int]] = {".bib": n_entries, ".xml": n_records, ".csv": n_rows, ".tsv": n_rows}


def test_every_export_is_read_whole(shared_data: Path) -> None:
    n_files = 0
    print(f"\n{'file':40} {'in':>5} {'out':>5} {'lost':>5} {'references':>10}  defects")
    for path in sorted((shared_data / "exports").iterdir()):
        count = COUNTS.get(path.suffix)
        if count is None and path.suffix == ".txt" and not _TAGGED.search(path.read_text(encoding="utf-8-sig")):
            count = n_rows
        if count is None:
            continue
        n_files += 1
        rows = read(path)
        defects = Counter(defect["code"] for defect in rows["defect"])
        n_lost = sum(defect["is_record_lost"] for defect in rows["defect"])
        told = ", ".join(f"{code} {number}" for code, number in sorted(defects.items()))
        n_in, n_out = count(path), len(rows["record"])
        print(f"{path.name:40} {n_in:5} {n_out:5} {n_lost:5} {len(rows['reference']):10}  {told}")
        assert n_out + n_lost == n_in, path.name
        assert n_lost == (path.name == "ebsco_bib.bib"), "only the entry whose keywords are a web page's code is lost"
        assert "unexpected_form" not in defects
        assert "contract" not in defects
    assert n_files >= 30
