"""The harvest log of a source: one line for each payload, in the order of harvest; and its repair after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from evigraph.errors import HarvestError

LOG_NAME = "log.jsonl"
PARTIAL = ".partial"
_PAYLOAD_NAME = re.compile(r"([0-9a-f]{16})-(.+)")


@dataclass(frozen=True)
class Payload:
    """One payload and its line in the log.

    Attributes:
        source: the source's name.
        name: name of the file in the source's folder.
        path: where the file is.
        origin: the address it was fetched from (without keys), or the name of the file it was copied from.
        harvested_at: when, ISO 8601 in UTC.
        sha256: of the content, in hex.
        size: length in bytes (`bytes` in the log).
        watermark: the date from which the next harvest goes on; null for files.
        is_new: whether this very call stored it; false where the same bytes were here already.
    """

    source: str
    name: str
    path: Path
    origin: str
    harvested_at: str
    sha256: str
    size: int
    watermark: str | None = None
    is_new: bool = field(default=False, compare=False)


def read_log(folder: Path) -> tuple[list[Payload], int]:
    """The logged payloads, and how many bytes at the end belong to a line that was never finished.

    Raises:
        HarvestError: a line before the end is damaged.
    """
    try:
        content = (folder / LOG_NAME).read_bytes()
    except FileNotFoundError:
        return [], 0
    whole, newline, tail = content.rpartition(b"\n")
    found: list[Payload] = []
    for number, line in enumerate(whole.split(b"\n") if newline else [], start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found.append(
                Payload(
                    source=folder.name,
                    name=entry["name"],
                    path=folder / Path(entry["name"]).name,
                    origin=entry["origin"],
                    harvested_at=entry["harvested_at"],
                    sha256=entry["sha256"],
                    size=entry["bytes"],
                    watermark=entry["watermark"],
                )
            )
        except (ValueError, KeyError, TypeError):
            raise HarvestError(
                f"sources/{folder.name}/{LOG_NAME} is damaged in line {number}: restore it, or delete that line "
                "(its payload is then logged anew, last in order)"
            ) from None
    return found, len(tail)


def append(folder: Path, new: list[Payload]) -> None:
    """Adds a line for each payload; they are on disk when this returns."""
    lines = "".join(
        json.dumps(
            {
                "name": payload.name,
                "origin": payload.origin,
                "harvested_at": payload.harvested_at,
                "sha256": payload.sha256,
                "bytes": payload.size,
                "watermark": payload.watermark,
            },
            ensure_ascii=False,
        )
        + "\n"
        for payload in new
    )
    with (folder / LOG_NAME).open("ab") as log:
        log.write(lines.encode("utf-8", "replace"))
        log.flush()
        os.fsync(log.fileno())


def unlogged(folder: Path, logged: list[Payload]) -> list[Path]:
    """Files that have a payload's name and no line in the log."""
    names = {payload.name for payload in logged}
    return sorted(
        path
        for path in folder.iterdir()
        if _PAYLOAD_NAME.fullmatch(path.name) and path.name not in names and path.is_file()
    )


def repair(folder: Path) -> list[Payload]:
    """The logged payloads, after mending what a kill left behind. Call with the folder's lock held.

    Partial files go, a torn last line is cut off, and a complete payload without a line gets one, with its
    own name as origin and the time at which it was written.
    """
    for partial in folder.glob(f".*{PARTIAL}"):
        partial.unlink(missing_ok=True)
    found, torn = read_log(folder)
    if torn:
        with (folder / LOG_NAME).open("r+b") as log:
            log.truncate(log.seek(0, os.SEEK_END) - torn)
            log.flush()
            os.fsync(log.fileno())
    adopted = []
    for path in unlogged(folder, found):
        digest = sha256_of(path)
        match = _PAYLOAD_NAME.fullmatch(path.name)
        if match is None or match.group(1) != digest[:16]:
            continue
        status = path.stat()
        harvested_at = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="microseconds")
        adopted.append(Payload(folder.name, path.name, path, match.group(2), harvested_at, digest, status.st_size))
    adopted.sort(key=lambda payload: (payload.harvested_at, payload.name))
    if adopted:
        append(folder, adopted)
    return found + adopted


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
