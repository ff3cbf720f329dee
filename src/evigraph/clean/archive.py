"""Payloads that are archives: each member goes through the source's crosswalk as if it were a file of its own.

A member is copied to a temporary file, one at a time, and removed when it is cleaned. Its rows carry the name of the
archive, which is the payload; its positions go on from those of the member before.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.clean.archive_entries import MAX_ENTRY_BYTES, Entry, EntryError, archive_kind, entries
from evigraph.clean.payload import BOMB_FREE_BYTES, BOMB_RATIO
from evigraph.engine.api import FileFunction
from evigraph.model.tables import DEFECT, LINK, RECORD, REFERENCE, TABLES

Batches = Iterator[tuple[str, pa.RecordBatch]]

_LARGEST_INT32 = (1 << 31) - 1
#: Columns that say where a row was read, not what it says.
_PLACE = frozenset({"payload", "source", "position"})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def batches_of(crosswalk: FileFunction, source: str, path: str) -> Batches:
    """The batches that a crosswalk gives for a payload: for each member of an archive, else for the file itself.

    Members that are refused (`archive_member_refused`: absolute names, `..`, links, devices, too large),
    damaged (`archive_member_damaged`), archives themselves (`archive_nested`) or that the crosswalk cannot bear
    (`crosswalk_failed`) cost themselves. A record that an earlier member told is dropped as `repeated_record`.

    Raises:
        OSError: the file cannot be read, or the temporary file not be written.
    """
    kind = archive_kind(path)
    if kind is None:
        yield from crosswalk(path)
        return
    archive = _Archive(source, Path(path))
    with tempfile.TemporaryDirectory(prefix="evigraph-") as folder:
        for number, member in enumerate(entries(path, kind, archive.report)):
            yield from archive.told()
            yield from _member_batches(archive, crosswalk, member, Path(folder) / str(number))
            if archive.is_bomb():
                message = f"it grows to more than {BOMB_RATIO} times its size; the rest was not read"
                archive.report(-1, "archive_too_large", message, True)
                break
    if archive.is_untold():
        archive.report(-1, "empty_file", "it holds no files. Fetch it again", True)
    yield from archive.told()


def _member_batches(archive: _Archive, crosswalk: FileFunction, member: Entry, folder: Path) -> Batches:
    """The batches of one member, whatever is wrong with it."""
    archive.begin(member.name)
    if member.refusal:
        archive.report(-1, "archive_member_refused", f"{member.refusal}; it was left out", True)
        yield from archive.told()
        return
    folder.mkdir()
    # The name is kept for messages, and because some formats are named by it.
    file = folder / (_UNSAFE.sub("_", PurePosixPath(member.name).name)[-120:].lstrip(".") or "member")
    try:
        archive.copy(member, file)
        if nested := archive_kind(file):
            message = f"it is a {nested} archive itself; it was left out. Unpack it and add what it holds"
            archive.report(-1, "archive_nested", message, True)
        else:
            yield from archive.merged(crosswalk(str(file)), file.name)
    except EntryError as error:
        archive.report(-1, error.code, f"{error}; it was left out", True)
    except OSError:
        raise
    except Exception as error:
        message = f"reading stopped here ({type(error).__name__}: {error}); please report the file"
        archive.report(-1, "crosswalk_failed", message, True)
    finally:
        file.unlink(missing_ok=True)
        folder.rmdir()
    yield from archive.told()


class _Archive:
    """What has been told of an archive so far, and the rows of its members as rows of one payload."""

    def __init__(self, source: str, path: Path) -> None:
        self._source = source
        self._payload = path.name
        self._size = path.stat().st_size
        self._member = ""
        self.n_members = 0
        self._n_bytes = 0  # copied from the archive
        self._base = 0  # added to the positions of the current member
        self._next = 0  # the base of the next one
        self._seen: dict[str, _Seen] = {}
        self._ordinals: Counter[str] = Counter()
        self._defects: list[dict[str, Any]] = []
        self._own = _Seen()  # the records that the current member told
        self._dropped: list[str] = []  # those of them that an earlier one told

    def begin(self, name: str) -> None:
        """Goes on to the member of that name."""
        self._member = name
        self.n_members += 1
        self._base = self._next
        self._own, self._dropped = _Seen(), []

    def report(self, position: int, code: str, message: str, is_record_lost: bool) -> None:
        """Takes a defect of the archive or of its current member as a whole."""
        ordinal = self._ordinals[code]
        self._ordinals[code] += 1
        about = f"{self._payload}: {self._member}: " if self._member else f"{self._payload}: "
        self._defects.append(
            {
                "source": self._source,
                "payload": self._payload,
                "position": position,
                "code": code,
                "ordinal": ordinal,
                "message": _line(about + message),
                "is_record_lost": is_record_lost,
            }
        )

    def is_untold(self) -> bool:
        """Whether there was neither a member nor anything to report."""
        return not self.n_members and not self._ordinals

    def told(self) -> Batches:
        """The defects reported since the last call."""
        if self._defects:
            defects, self._defects = self._defects, []
            yield DEFECT.name, DEFECT.from_rows(defects).to_batches()[0]

    def copy(self, member: Entry, file: Path) -> None:
        """Copies a member to a file.

        Raises:
            EntryError: it is larger than a member may be, or damaged.
        """
        n_bytes = 0
        with file.open("wb") as target:
            for block in member.blocks:
                n_bytes += len(block)
                self._n_bytes += len(block)
                if n_bytes > MAX_ENTRY_BYTES or self.is_bomb():
                    raise EntryError("archive_member_refused", "it is too large for the archive it came in")
                target.write(block)

    def is_bomb(self) -> bool:
        """Whether more came out of the archive than an honest one of its size holds."""
        return self._n_bytes > BOMB_FREE_BYTES and self._n_bytes > BOMB_RATIO * self._size

    def merged(self, batches: Batches, file_name: str) -> Batches:
        """The batches of the current member with the archive's name and places, without what was told before."""
        for name, batch in batches:
            kept = self._placed(name, batch, file_name)
            if kept.num_rows:
                yield name, kept
            yield from self.told()

    def _placed(self, name: str, batch: pa.RecordBatch, file_name: str) -> pa.RecordBatch:
        if name == DEFECT.name:
            return self._defects_placed(batch, file_name)
        if name in (REFERENCE.name, LINK.name) and self._dropped:
            batch = batch.filter(pc.invert(pc.is_in(batch.column("record_id"), pa.array(self._dropped))))
        is_own = None
        if name in (REFERENCE.name, LINK.name):
            # References of one record stand together, so that few ids are many rows.
            ids = batch.column("record_id").dictionary_encode()
            is_own = pa.array(self._own.knows(_hashes(ids.dictionary.to_pylist()))).take(ids.indices)
        columns = {field.name: batch.column(field.name) for field in batch.schema}
        if "position" in columns:
            columns["position"] = position = self._positions(columns["position"], is_own)
            if batch.num_rows:
                self._next = max(self._next, pc.max(position).as_py() + 1)
        if "payload" in columns:
            columns["payload"] = pa.repeat(pa.scalar(self._payload), batch.num_rows)
        placed = pa.RecordBatch.from_arrays(
            [columns[field.name].cast(field.type) for field in batch.schema], schema=batch.schema
        )
        is_new = self._is_new(name, batch, is_own)
        if name == RECORD.name:
            for repeated in batch.filter(pc.invert(is_new)).select(["record_id", "position"]).to_pylist():
                self._repeat(repeated["record_id"], repeated["position"])
            self._own.add(_hashes(batch.column("record_id").to_pylist()))
        fits = pc.less_equal(columns["position"], _LARGEST_INT32) if name == REFERENCE.name else is_new
        return placed.filter(pc.and_(is_new, fits)) if batch.num_rows else placed

    def _positions(self, position: pa.Array, is_own: pa.Array | None) -> pa.Array:
        """Places in the archive; a place in the reference list of a record that the member told stays as it is."""
        moved = pc.add(position.cast(pa.int64()), self._base)
        return moved if is_own is None else pc.if_else(is_own, position.cast(pa.int64()), moved)

    def _is_new(self, name: str, batch: pa.RecordBatch, is_own: pa.Array | None) -> pa.Array:
        """Which rows no earlier member told, by the key of their table without their place."""
        key = [column for column in TABLES[name].key if column not in _PLACE] if name in TABLES else []
        if not key or "position" in TABLES[name].key or not batch.num_rows:
            return pa.repeat(pa.scalar(True), batch.num_rows)
        rows = zip(*(batch.column(column).to_pylist() for column in key), strict=True)
        is_new = pa.array(self._seen.setdefault(name, _Seen()).add(_hashes(list(rows))))
        # What belongs to a record of this member is new with it.
        return is_new if is_own is None else pc.or_(is_new, is_own)

    def _repeat(self, record_id: str, position: int) -> None:
        self._dropped.append(record_id)
        self.report(
            self._base + position,
            "repeated_record",
            f"{record_id} stands in the archive twice; the first one was kept",
            True,
        )

    def _defects_placed(self, batch: pa.RecordBatch, file_name: str) -> pa.RecordBatch:
        rows = batch.to_pylist()
        for row in rows:
            message = row["message"]
            about = f"{self._payload}: {self._member}"
            row["message"] = _line(
                message.replace(file_name, about, 1) if file_name in message else f"{about}: {message}"
            )
            row["payload"] = self._payload
            if row["position"] < 0:
                row["ordinal"] = self._ordinals[row["code"]]
                self._ordinals[row["code"]] += 1
            else:
                row["position"] += self._base
                self._next = max(self._next, row["position"] + 1)
        return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def _line(message: str) -> str:
    return " ".join(message.encode("utf-8", "replace").decode().split())


Hashes = np.ndarray[tuple[int], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


def _hashes(keys: list[Any]) -> Hashes:
    return np.fromiter(map(hash, keys), np.int64, len(keys))


class _Seen:
    """Hashes that were met, 8 bytes each: sorted runs, of which equally long ones are merged."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def knows(self, hashes: Hashes) -> Flags:
        """Which of these were met."""
        is_known = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            is_known |= run[np.minimum(np.searchsorted(run, hashes), len(run) - 1)] == hashes
        return is_known

    def add(self, hashes: Hashes) -> Flags:
        """Which of these were not met before, here or further ahead among them; now they are."""
        unique, first = np.unique(hashes, return_index=True)
        is_known = self.knows(unique)
        is_new = np.zeros(len(hashes), dtype=np.bool_)
        is_new[first[~is_known]] = True
        if not is_known.all():
            self._runs.append(unique[~is_known])
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]))
        return is_new
