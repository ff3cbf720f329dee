"""The folder of results: the kept set in a format, the tables, the numbers. Whole or not at all."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.errors import InputError
from evigraph.library.decisions import guarded
from evigraph.publish.formats import bibtex, csv_table, endnote_xml, medline, ris
from evigraph.publish.formats.rows import dialect_of, extras_of

Row = dict[str, Any]

#: The formats: the end of the file's name and the writer.
FORMATS: dict[str, tuple[str, Callable[[Iterable[Row]], Iterator[str]]]] = {
    "ris": (".ris", ris.write),
    "bibtex": (".bib", bibtex.write),
    "nbib": (".nbib", medline.write),
    "endnote": (".xml", endnote_xml.write),
    "csv": (".csv", csv_table.write),
}

#: Formats by the last word of a dialect ("Ovid RIS"); what is not here is written as RIS.
_OF_DIALECT = {"RIS": "ris", "BibTeX": "bibtex", "NBIB": "nbib", "XML": "endnote", "CSV": "csv", "Excel": "csv"}

_KEPT = "kept"


def format_of(record: Row) -> str:
    """The format that a record was exported in, or RIS for one that is not written."""
    return _OF_DIALECT.get((dialect_of(record) or "").rpartition(" ")[2], "ris")


class Folder:
    """The results on their way: written beside the folder that they are for, and put there at the end."""

    def __init__(self, folder: Path, inputs: Sequence[Path]) -> None:
        self._folder = folder
        self._inputs = {path.resolve() for path in inputs}
        self._partial = folder.with_name(f"{folder.name}.partial")
        self.names: list[str] = []
        self.notes: list[str] = []

    def __enter__(self) -> Folder:
        if self._folder.exists() and not self._folder.is_dir():
            raise InputError(f"{self._folder} is a file: name a folder with --out")
        shutil.rmtree(self._partial, ignore_errors=True)
        try:
            self._partial.mkdir(parents=True)
        except OSError as error:
            raise InputError(f"{self._folder} cannot be written ({error.strerror}): name another with --out") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)

    def kept(self, rows: Sequence[Row], format_: str) -> None:
        """Writes the kept set: `kept.ris` and the like; with `same` a file for each format that rows came in."""
        wanted = sorted({format_of(row) for row in rows}) if format_ == "same" else [format_]
        for name in wanted or ["ris"]:
            suffix, write = FORMATS[name]
            chosen = [row for row in rows if format_ != "same" or format_of(row) == name]
            with self._new(f"{_KEPT}{suffix}").open("w", encoding="utf-8", newline="") as file:
                file.writelines(write(chosen))
            if name == "csv" and (n := sum(bool(extras_of(row)) for row in chosen)):
                self.notes.append(
                    f"{_KEPT}{suffix} has no place for fields without a column, which {n:,} kept records have; "
                    "--format ris keeps them"
                )
        others = Counter(
            dialect for row in rows if (dialect := dialect_of(row)) and dialect.rpartition(" ")[2] not in _OF_DIALECT
        )
        if format_ == "same" and others:
            listed = ", ".join(f"{dialect} ({n:,})" for dialect, n in sorted(others.items()))
            self.notes.append(f"written as RIS, since their own format is only read here: {listed}")

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Row], with_parquet: bool) -> None:
        """Writes a table as CSV for people, and as Parquet."""
        with self._new(f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for row in rows:
                writer.writerow([guarded(v) if isinstance(v := row.get(column), str) else v for column in columns])
        if with_parquet:
            plain = [{column: row.get(column) for column in columns} for row in rows]
            empty = pa.table({column: pa.array([], pa.string()) for column in columns})
            pq.write_table(pa.Table.from_pylist(plain) if rows else empty, self._new(f"{name}.parquet"))

    def document(self, name: str, content: Any) -> None:
        """Writes a JSON document."""
        self._new(name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def finish(self) -> None:
        """Puts everything in place, and takes away kept sets that an earlier run left in another format."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for suffix, _ in FORMATS.values():
            stale = self._folder / f"{_KEPT}{suffix}"
            if stale.name not in self.names and stale.resolve() not in self._inputs:
                stale.unlink(missing_ok=True)
        for name in self.names:
            (self._partial / name).replace(self._folder / name)

    def _new(self, name: str) -> Path:
        if (self._folder / name).resolve() in self._inputs:
            raise InputError(f"{self._folder / name} is one of the files to read: name another folder with --out")
        self.names.append(name)
        return self._partial / name
