"""The crosswalk for what reference managers and databases export, in whatever format: one source, `exports`.

The format is recognised by the content, never by the file's name: an export that ends in .txt may be RIS, and one
that ends in .ris MEDLINE. Each format has a `Reader`; the first that recognises the beginning of the file reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.exports import bibtex, csv, endnote, labelled, medline, ris, tagged
from evigraph.clean.exports.record import record_row
from evigraph.clean.exports.reference import Reference
from evigraph.clean.exports.text import head_of
from evigraph.clean.payload import CONTENT_NAMES, Report, sniff

#: The name of the source.
SOURCE = "exports"


class Reader(NamedTuple):
    """A format: its name, whether a file that begins with this text is of it, and its references in order.

    `read(path, report)` gives a reference for every one that the file marks, and never raises for what the file
    holds; `report` (the form of `Rows.defect`) is told what concerns the file as a whole, or a record that is lost.
    """

    name: str
    looks_like: Callable[[str], bool]
    read: Callable[[str, Report], Iterator[Reference]]


#: The formats, in the order in which they are tried: those with the surest marks first.
READERS: tuple[Reader, ...] = (
    Reader("MEDLINE", medline.looks_like, medline.read),
    Reader("Web of Science text", tagged.looks_like_wos, tagged.read_wos),
    Reader("labelled text", labelled.looks_like, labelled.read),
    Reader("RIS", ris.looks_like, ris.read),
    Reader("EndNote XML", endnote.looks_like, endnote.read),
    Reader("Refer", tagged.looks_like_refer, tagged.read_refer),
    Reader("BibTeX", bibtex.looks_like, bibtex.read),
    Reader("CSV", csv.looks_like, csv.read),
)


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that an exported file gives.

    Every reference that the file marks becomes a record. Two references under one accession number are both kept,
    the later as `…#2`, with the defect `repeated_key`. A file of no known format is the defect `wrong_file_type`,
    an empty one `empty_file`.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    kind = sniff(path)
    head = head_of(path)
    reader = next((reader for reader in READERS if reader.looks_like(head)), None)
    if kind == "gzip":
        message = f"{name} is a gzip that cannot be decompressed. Fetch it again."
        rows.defect(-1, "gzip_truncated", message, True)
    elif not head.strip():
        rows.defect(-1, "empty_file", f"{name} is empty. Export it again.", True)
    elif reader is None:
        known = ", ".join(reader.name for reader in READERS)
        message = f"{name} looks like {CONTENT_NAMES[kind]}, not like an export that is known here ({known})"
        rows.defect(-1, "wrong_file_type", f"{message}. Export it as RIS, or add it under its own source.", True)
    else:
        yield from _read(reader, path, rows)
    yield from rows.rest()


def _read(reader: Reader, path: str, rows: Rows) -> Iterator[tuple[str, pa.RecordBatch]]:
    n_told: dict[str, int] = {}
    for position, reference in enumerate(reader.read(path, rows.defect)):
        try:
            row, problems = record_row(reference, position)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            message = f"{rows.payload}: reference {position + 1} was left out: {error!r}"
            rows.defect(position, "unexpected_form", message, True)
            continue
        key = row["source_key"]
        n_told[key] = n_told.get(key, 0) + 1
        if n_told[key] > 1:
            row["source_key"] = f"{key}#{n_told[key]}"
            problems.append(("repeated_key", f"{key} stands in the file {n_told[key]} times; all were kept"))
        for code, message in problems:
            rows.defect(position, code, f"reference {position + 1}: {message}", False)
        if rows.record(row, reference.size):
            for cited in reference.references:
                rows.reference(cited)
            for link in reference.links:
                rows.link(link)
        yield from rows.full()
