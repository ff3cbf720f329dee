"""The files of a library as records, each counted where it was found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from evigraph.clean.exports.crosswalk import SOURCE
from evigraph.clean.told import GuardedCrosswalk
from evigraph.errors import InputError
from evigraph.publish.formats.rows import databases_of, dialect_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Defect:
    """Something in a file that could not be used: its name, how often, the first example, records that it cost."""

    code: str
    n: int
    n_records_lost: int
    example: str


@dataclass(frozen=True)
class LibraryFile:
    """One file: the label by which its records are named, its bytes' sha256, what it holds and what was lost."""

    label: str
    path: Path
    sha256: str
    n_records: int
    dialects: tuple[str, ...]
    defects: tuple[Defect, ...]

    @property
    def is_unreadable(self) -> bool:
        """Whether nothing of the file could be read."""
        return not self.n_records and bool(self.defects)

    @property
    def n_lost(self) -> int:
        """How many records were lost; at least 1 for a file of which nothing could be read."""
        return sum(defect.n_records_lost for defect in self.defects)


@dataclass
class Library:
    """The records of some files in the order of the files, as rows of `record`; the source of each is its file."""

    files: list[LibraryFile] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the files, in their order."""
        return tuple(file.label for file in self.files)

    def with_records(self) -> Self:
        """The library itself.

        Raises:
            InputError: no record is in it; the message says why.
        """
        if not self.records:
            reasons = "; ".join(defect.example for file in self.files for defect in file.defects[:1])
            raise InputError(f"no records in {', '.join(self.labels)}: {reasons or 'the files are empty'}")
        return self


def read_library(paths: Sequence[Path]) -> Library:
    """The library of these files; the format of each is told from its content.

    A record's id is its file's label, a colon, and its key there (`evigraph.clean.exports.record`): the same reference
    in two files is two records, for both were found.

    Raises:
        InputError: a path is no file that can be read.
    """
    library = Library()
    contents = [_sha256(path) for path in paths]
    seen: dict[str, str] = {}
    for path, sha256, label in zip(paths, contents, labels_of(paths), strict=True):
        if earlier := seen.get(sha256):
            library.notes.append(f"{label} holds the same bytes as {earlier}: each of its records is counted again")
        seen.setdefault(sha256, label)
        records, defects = _read(path, label)
        dialects = dict.fromkeys(dialect for row in records if (dialect := dialect_of(row)))
        library.files.append(LibraryFile(label, path, sha256, len(records), tuple(dialects), tuple(defects)))
        library.records += records
    return library


def labels_of(paths: Sequence[Path]) -> list[str]:
    """A label for each path, none twice: its name, with as many of its folders as tell it from the others.

    Raises:
        InputError: a path is given twice.
    """
    resolved = [path.resolve() for path in paths]
    for place, path in enumerate(resolved):
        if path in resolved[:place]:
            raise InputError(f"{paths[place]} is given twice: name each file once")
    depth = [1] * len(paths)
    while True:
        labels = ["/".join(path.parts[-n:]).replace(":", "_") for path, n in zip(resolved, depth, strict=True)]
        shared = {label for label, n in Counter(labels).items() if n > 1}
        if not shared:
            return labels
        deeper = [
            n + (label in shared and n < len(path.parts))
            for label, n, path in zip(labels, depth, resolved, strict=True)
        ]
        if deeper == depth:
            raise InputError(f"{shared.pop()} names two files that cannot be told apart: rename one")
        depth = deeper


def database_of(record: Row) -> str:
    """The database that a record was exported from, or its file where that is not known."""
    named = next(iter(databases_of(record)), None)
    return " ".join(named.split()) if named else str(record["source"])


def _sha256(path: Path) -> str:
    if path.is_dir():
        raise InputError(f"{path} is a folder: name the files in it, for example {path}/*.ris")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the name") from error


def _read(path: Path, label: str) -> tuple[list[Row], list[Defect]]:
    records: list[Row] = []
    told: dict[str, list[Row]] = {}
    for name, batch in GuardedCrosswalk(SOURCE)(str(path)):
        if name == "record":
            records += batch.to_pylist()
        elif name == "defect":
            for row in batch.to_pylist():
                # That a reference stands in a file twice is what deduplication is about, no defect of the file.
                if row["code"] != "repeated_key":
                    told.setdefault(row["code"], []).append(row)
    for record in records:
        record["record_id"] = f"{label}:{record['source_key']}"
        record["source"] = label
    defects = [
        Defect(code, len(rows), sum(row["is_record_lost"] for row in rows), rows[0]["message"])
        for code, rows in sorted(told.items())
    ]
    return records, defects
