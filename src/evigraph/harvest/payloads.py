"""The payloads of a graph: what sources sent, byte for byte, and the log of where and when it came from.

Each source has a folder `HOME/sources/<source>/`:

- `<first 16 hex digits of sha256>-<original name>`: a payload, never changed;
- `log.jsonl`: a line for each payload in the order of harvest. That order decides which version of a record
  is the newer one.

A payload is complete before it gets its name, and has its name before it gets its line in the log. So a kill
leaves at worst a partial file, a payload without a line, or a torn last line; the next writer mends all three
(`evigraph.harvest.log.repair`). The same bytes are kept once, in the place of their first harvest.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from evigraph.errors import BusyError, HarvestError, InputError
from evigraph.harvest.lock import locked
from evigraph.harvest.log import LOG_NAME, PARTIAL, append, read_log, repair, sha256_of, unlogged
from evigraph.harvest.log import Payload as Payload
from evigraph.store.durable import sync_folder

_CHUNK = 1 << 20
_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAME_WIDTH = 120

#: Told the bytes done so far of a payload.
CopyProgress = Callable[[int], None]

#: Told what is being harvested, how much of it is done, and how much there is; null where that is not known.
Progress = Callable[[str, int, int | None], None]


def source_folder(home: Path, source: str) -> Path:
    """The folder of a source's payloads.

    Raises:
        InputError: the name could not be that of a source.
    """
    if not _SOURCE_NAME.fullmatch(source):
        raise InputError(f"{source!r} cannot be a source: a name has small letters, digits and _, as in openalex")
    return home / "sources" / source


class PayloadWriter:
    """The one writer of a source's folder for as long as it is open (a context manager).

    Raises:
        BusyError: another process is writing there.
        HarvestError: the folder cannot be written, or its log is damaged.
    """

    def __init__(self, home: Path, source: str) -> None:
        self.source = source
        self.folder = source_folder(home, source)
        self._held = ExitStack()
        self._known: dict[str, Payload] = {}

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(locked(self.folder, "writer"))
            self._known = {payload.sha256: payload for payload in repair(self.folder)}
        except OSError as error:
            self._held.close()
            raise HarvestError(
                f"sources/{self.source} cannot be written ({error.strerror}): check the graph's folder"
            ) from error
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def add(self, file: Path, origin: str | None = None, progress: CopyProgress | None = None) -> Payload:
        """Copies a file into the graph as a payload and logs it; see `add`."""
        check_file(file)
        try:
            stream = file.open("rb")
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}") from error
        with stream:
            return self._store(file.name, _blocks(stream.read, file, progress), origin or file.name, None)

    def add_content(self, name: str, content: bytes, origin: str, watermark: str | None) -> Payload:
        """Stores the content of an answer as a payload and logs it.

        Raises:
            HarvestError: it cannot be written.
        """
        return self._store(name, [content], origin, watermark)

    def _store(self, original: str, blocks: Iterable[bytes], origin: str, watermark: str | None) -> Payload:
        partial = self.folder / f".{os.urandom(8).hex()}{PARTIAL}"
        digest, size = hashlib.sha256(), 0
        try:
            with partial.open("xb") as copy:
                for block in blocks:
                    copy.write(block)
                    digest.update(block)
                    size += len(block)
                copy.flush()
                os.fsync(copy.fileno())
            sha256 = digest.hexdigest()
            if (known := self._known.get(sha256)) is not None:
                if not known.path.exists():
                    partial.replace(known.path)
                    sync_folder(self.folder)
                return known
            name = f"{sha256[:16]}-{safe_name(original)}"
            payload = Payload(
                source=self.source,
                name=name,
                path=self.folder / name,
                origin=_public_origin(origin),
                harvested_at=datetime.now(UTC).isoformat(timespec="microseconds"),
                sha256=sha256,
                size=size,
                watermark=watermark,
            )
            partial.replace(payload.path)
            sync_folder(self.folder)
            append(self.folder, [payload])
        except OSError as error:
            raise HarvestError(
                f"{original} could not be stored in sources/{self.source}: {error.strerror or error}; "
                "what was harvested before is kept"
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        self._known[sha256] = payload
        return replace(payload, is_new=True)


def add(
    home: Path, source: str, file: Path, origin: str | None = None, progress: CopyProgress | None = None
) -> Payload:
    """The payload that a file has become: copied into the graph byte for byte, and logged.

    `is_new` is false where the same bytes were there already; nothing is stored then. `origin` is an address,
    a file's name, or its place in an archive (`archive.whl/data/file`); of a path of this machine only the last
    part is kept.

    Raises:
        InputError: the file is absent, unreadable, empty, or no file.
        BusyError: another process is harvesting into that source.
        HarvestError: the copy cannot be written.
    """
    check_file(file)
    with PayloadWriter(home, source) as writer:
        return writer.add(file, origin, progress)


def check_file(file: Path) -> None:
    """Nothing, if `file` is a readable file with content.

    Raises:
        InputError: it is not; the message says why in one line.
    """
    try:
        status = file.stat()
    except FileNotFoundError:
        raise InputError(f"{file} does not exist: check the name") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{file} is a folder: name the files in it, for example {file}/*")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{file} is not a regular file: save its content to one first")
    if status.st_size == 0:
        raise InputError(f"{file} is empty: download or export it again")
    if not os.access(file, os.R_OK):
        raise InputError(f"{file} cannot be read: check its permissions")


def payloads(home: Path, source: str | None = None) -> list[Payload]:
    """The payloads of one source, or of all sources by name, each in the order of harvest.

    Raises:
        HarvestError: a logged payload is gone or has another size, or the log is damaged.
    """
    if source is not None:
        return _listed(source_folder(home, source))
    folders = (home / "sources").iterdir() if (home / "sources").is_dir() else []
    return [
        payload
        for folder in sorted(folders)
        if folder.is_dir() and _SOURCE_NAME.fullmatch(folder.name)
        for payload in _listed(folder)
    ]


def verify(home: Path, source: str | None = None) -> int:
    """The number of payloads whose content was read and found to have the sha256 of the log.

    Raises:
        HarvestError: one has not.
    """
    found = payloads(home, source)
    for payload in found:
        if sha256_of(payload.path) != payload.sha256:
            raise HarvestError(f"{_place(payload)} was altered since its harvest: put it back as it was")
    return len(found)


def _listed(folder: Path) -> list[Payload]:
    if not folder.is_dir():
        return []
    found, torn = read_log(folder)
    if torn or unlogged(folder, found):
        try:
            with locked(folder, "writer"):
                found = repair(folder)
        except BusyError:
            # What has no line yet is being written at this moment; it belongs to the next run.
            found, _ = read_log(folder)
        except OSError as error:
            raise HarvestError(
                f"sources/{folder.name} needs repair after a harvest that was cut off, and cannot be written: "
                f"{error.strerror}"
            ) from error
    for payload in found:
        try:
            size = payload.path.stat().st_size
        except FileNotFoundError:
            raise HarvestError(
                f"{_place(payload)} is gone: put it back, or take its line out of {LOG_NAME} to go on without it"
            ) from None
        if size != payload.size:
            raise HarvestError(
                f"{_place(payload)} has {size:,} bytes instead of {payload.size:,}: put it back as it was"
            )
    return found


def safe_name(name: str) -> str:
    """A file's name with only letters, digits and `._-`, at most 120 long, its extension kept."""
    last = re.split(r"[/\\]", name)[-1]
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", last).lstrip(".") or "payload"
    return cleaned if len(cleaned) <= _NAME_WIDTH else cleaned[: _NAME_WIDTH - 20] + cleaned[-20:]


def _public_origin(origin: str) -> str:
    if urlsplit(origin).scheme in ("http", "https"):
        return origin
    parts = [part for part in re.split(r"[/\\]", origin) if part]
    is_absolute = re.match(r"file:|[/\\~]|[A-Za-z]:", origin) is not None
    return parts[-1] if is_absolute or ".." in parts else "/".join(parts)


def _blocks(read: Callable[[int], bytes], file: Path, progress: CopyProgress | None) -> Iterator[bytes]:
    done = 0
    while True:
        try:
            block = read(_CHUNK)
        except OSError as error:
            raise InputError(f"{file} could not be read to its end: {error.strerror}") from error
        if not block:
            return
        yield block
        done += len(block)
        if progress is not None:
            progress(done)


def _place(payload: Payload) -> str:
    return f"sources/{payload.source}/{payload.name}"
