"""What a harvest would bring, told beforehand: records, size, time, disk.

Files are judged by a sample of their beginning, live sources by the total they announce and the size of one
short answer. Every number is an estimate except what is counted or announced.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from evigraph.errors import InputError
from evigraph.harvest.live import LiveSource, Search
from evigraph.harvest.payloads import check_file
from evigraph.net.client import Client

#: How much of a file is read, unpacked, to judge it.
SAMPLE_BYTES = 8 << 20

#: What a record takes in `work/` and `releases/`: 228 MB for the demo's 51,391 records.
BYTES_PER_RECORD = 4_500

#: Records a second from payload to release on two cores: the demo's 51,391 in 40 s.
RECORDS_PER_SECOND = 1_300.0

_GZIP = b"\x1f\x8b"

#: What begins a record, by format; the first that occurs in the sample decides.
_MARKS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("PubMed XML", re.compile(rb"<PubmedArticle[ >]|<PubmedBookArticle[ >]")),
    ("OAI-PMH records", re.compile(rb"<(?:\w+:)?record[ >]")),
    ("JATS articles", re.compile(rb"<article[ >]")),
    ("RIS", re.compile(rb"^TY {0,2}-", re.MULTILINE)),
    ("MEDLINE", re.compile(rb"^PMID- ", re.MULTILINE)),
    ("Web of Science", re.compile(rb"^PT [A-Z]\r?$", re.MULTILINE)),
    ("BibTeX", re.compile(rb"^\s*@(?!comment|string|preamble)\w+\s*[{(]", re.MULTILINE | re.IGNORECASE)),
)
_JSON_LINE = re.compile(rb"^\s*\{.*\}\s*$", re.MULTILINE)
_JSON_ITEM = re.compile(rb'"DOI"\s*:|"id"\s*:\s*"https://openalex\.org/W|"mainTitle"\s*:')


@dataclass(frozen=True)
class Plan:
    """What a harvest would bring.

    Attributes:
        source: its name.
        n_records: records; null where nothing says how many.
        is_announced: whether the source said so itself, or the file was read whole; else it is an estimate.
        n_bytes: size of the payloads.
        n_requests: requests to a live source; 0 for files.
        harvest_seconds: time until the payloads are here; run_seconds: until they are in a release, on two cores.
        disk_bytes: what payloads, work and release take together.
        free_bytes: what the disk of the graph has free.
        notes: a line for each thing that cannot be told.
    """

    source: str
    n_records: int | None
    is_announced: bool
    n_bytes: int
    n_requests: int
    harvest_seconds: float
    run_seconds: float | None
    disk_bytes: int
    free_bytes: int
    notes: tuple[str, ...] = ()


def plan_files(home: Path, source: str, files: Iterable[Path], rate: float = RECORDS_PER_SECOND) -> Plan:
    """What harvesting these files would bring. Reads at most the first 8 MiB of each, unpacked.

    `rate` is how many records a second the machine brings from payload to release.

    Raises:
        InputError: no file was named, or one cannot be used.
    """
    n_records, n_bytes, is_counted = 0, 0, True
    notes = []
    for file in files:
        check_file(file)
        size = file.stat().st_size
        n_bytes += size
        found = _count(file, size)
        if found is None:
            notes.append(
                f"{file.name}: the format's records cannot be told from its beginning; they are not in the sum"
            )
            is_counted = False
        else:
            n_records += found[0]
            is_counted = is_counted and found[1]
    if not n_bytes:
        raise InputError("no file was named: add the files to harvest to the command")
    # Copying is bound by the disk; 200 MB a second is what an ordinary one does.
    return plan_of(home, source, n_records, is_counted, n_bytes, 0, n_bytes / 200e6, rate, notes)


def plan_live(
    home: Path,
    source: LiveSource,
    query: str,
    limit: int | None,
    since: str | None,
    client: Client,
    rate: float = RECORDS_PER_SECOND,
) -> Plan:
    """What harvesting this query would bring, by one request for a few records.

    Raises:
        HarvestError: the source cannot be reached or refuses.
    """
    source.prepare(client)
    size = min(source.page_size, 20)
    started = time.monotonic()
    page = source.page(client, Search(query.strip(), since), None, size)
    seconds = time.monotonic() - started
    n_sampled = len(page.record_ids or ())
    notes = []
    n_records = page.n_total
    if n_records is None:
        notes.append(f"{source.name} does not say how many records it has for this query")
        n_records = limit
    elif limit is not None and n_records > limit:
        notes.append(f"{source.name} has {n_records:,} records for this query; --limit keeps it to {limit:,}")
        n_records = limit
    record_bytes = len(page.content) / n_sampled if n_sampled else 0.0
    n_requests = -(-(n_records or 0) // source.page_size)
    pause = 1.0 / max(client.policy.rates.get(source.host, client.policy.default_rate), 0.01)
    n_bytes = round((n_records or 0) * record_bytes)
    harvest_seconds = n_requests * max(pause, seconds)
    return plan_of(
        home, source.name, n_records, page.n_total is not None, n_bytes, n_requests, harvest_seconds, rate, notes
    )


def plan_of(
    home: Path,
    source: str,
    n_records: int | None,
    is_announced: bool,
    n_bytes: int,
    n_requests: int,
    harvest_seconds: float,
    rate: float,
    notes: list[str],
) -> Plan:
    """The plan of a harvest of so much, with what its run and the graph's disk make of it."""
    free = shutil.disk_usage(home if home.exists() else home.parent).free
    disk = n_bytes + (n_records or 0) * BYTES_PER_RECORD
    if disk > free:
        notes.append(f"the disk has {free / 1e9:.1f} GB free, and {disk / 1e9:.1f} GB are needed: make room first")
    return Plan(
        source=source,
        n_records=n_records,
        is_announced=is_announced,
        n_bytes=n_bytes,
        n_requests=n_requests,
        harvest_seconds=harvest_seconds,
        run_seconds=n_records / rate if n_records is not None else None,
        disk_bytes=disk,
        free_bytes=free,
        notes=tuple(notes),
    )


def _count(file: Path, size: int) -> tuple[int, bool] | None:
    """The records of a file and whether all of it was seen; None where its format shows no marks."""
    with file.open("rb") as raw:
        sample, consumed = _sample(raw)
    n = _marks(sample)
    if n is None:
        return None
    return (n, True) if consumed >= size else (round(n * size / max(consumed, 1)), False)


def _sample(raw: BinaryIO) -> tuple[bytes, int]:
    """The beginning of a file, unpacked, and how many of its bytes that took."""
    head = raw.read(len(_GZIP))
    raw.seek(0)
    if head != _GZIP:
        sample = raw.read(SAMPLE_BYTES)
        return sample, len(sample)
    unpacker = isal_zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    n = consumed = 0
    while n < SAMPLE_BYTES and (packed := raw.read(1 << 16)):
        try:
            part = unpacker.decompress(packed)
        except isal_zlib.error:  # type: ignore[misc]
            # Damage is told by cleaning; the sample is what came before it.
            break
        consumed += len(packed)
        parts.append(part)
        n += len(part)
        if unpacker.eof:
            # Further members begin anew; as they hold more of the same, they are not needed.
            consumed -= len(unpacker.unused_data)
            break
    return b"".join(parts), consumed


def _marks(sample: bytes) -> int | None:
    for _, mark in _MARKS:
        if n := len(mark.findall(sample)):
            return n
    if lines := len(_JSON_LINE.findall(sample)):
        # A document on one line holds many records.
        return max(lines, len(_JSON_ITEM.findall(sample))) if lines == 1 else lines
    if items := len(_JSON_ITEM.findall(sample)):
        return items
    first = sample.split(b"\n", 1)[0]
    if first.count(b",") > 2 or first.count(b"\t") > 2 or first.count(b";") > 2:
        return max(0, sample.count(b"\n") - 1)
    return None
