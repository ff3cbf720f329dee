"""Registries that come as archives of which only some files are meant: those, one after the other.

A file is copied to a temporary folder for as long as it is read, under the last part of its name, so nothing in an
archive decides where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from evigraph.clean.archive_entries import MAX_ENTRY_BYTES, Entry, EntryError, archive_kind, entries
from evigraph.clean.json_document import Item
from evigraph.clean.json_payload import json_objects
from evigraph.clean.payload import BOMB_FREE_BYTES, BOMB_RATIO, Report

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def meant_files(path: str, report: Report, is_meant: Callable[[str], bool]) -> Iterator[Path]:
    """The files to read: those of an archive whose names are meant, or the file itself where it is none.

    Defects, beside those of `evigraph.clean.archive_entries.entries`: `archive_member_refused` (its name or size is
    not that of an honest archive; it is left out), `archive_without_records` (no name is meant).
    """
    kind = archive_kind(path)
    if kind is None:
        yield Path(path)
        return
    payload = Path(path)
    n_found = 0
    limit = max(BOMB_FREE_BYTES, BOMB_RATIO * payload.stat().st_size)
    with TemporaryDirectory(prefix="evigraph-") as folder:
        for entry in entries(path, kind, report):
            if not is_meant(entry.name):
                continue
            n_found += 1
            file = Path(folder) / (_UNSAFE.sub("_", entry.name.rsplit("/", 1)[-1]).lstrip(".")[-120:] or "member")
            try:
                _copy(entry, file, min(limit, MAX_ENTRY_BYTES))
            except EntryError as error:
                report(-1, error.code, f"{payload.name}: {entry.name}: {error}; it was left out", True)
            else:
                yield file
            file.unlink(missing_ok=True)
    if not n_found:
        message = f"{payload.name} is an archive without a file that this source knows. Add the file that is meant."
        report(-1, "archive_without_records", message, True)


def records_of_files(path: str, report: Report, is_meant: Callable[[str], bool]) -> Iterator[Item]:
    """The JSON records of a file or of all meant files of an archive, numbered through."""
    first = following = 0

    def told(position: int, code: str, message: str, is_record_lost: bool) -> None:
        nonlocal following
        following = max(following, first + position + 1)
        report(first + position if position >= 0 else -1, code, message, is_record_lost)

    for file in meant_files(path, told, is_meant):
        first = following
        for item in json_objects(file, told):
            following = max(following, first + item.position + 1)
            yield item._replace(position=first + item.position)


def _copy(entry: Entry, file: Path, limit: int) -> None:
    if entry.refusal:
        raise EntryError("archive_member_refused", entry.refusal)
    n_bytes = 0
    with file.open("wb") as target:
        for block in entry.blocks:
            n_bytes += len(block)
            if n_bytes > limit:
                raise EntryError("archive_member_refused", "it is too large for the archive it came in")
            target.write(block)
