"""The OpenCitations Index: citations between identifiers, without records.

Columns of the dumps (download.opencitations.net) and of the API's answers: `id` or `oci`, `citing`, `cited`,
`creation`, `timespan`, `journal_sc`, `author_sc`. An end is one identifier or several after each other
(`omid:br/06101801781 doi:10.7717/peerj-cs.421 pmid:33817056`); in the oldest dumps a bare DOI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.csv_lines import CsvRow
from evigraph.clean.vocabularies import is_placeholder_doi
from evigraph.model.pid import NORMALISERS, make_pid, normalise_doi
from evigraph.model.tables import STATED_CITATION
from evigraph.model.types import PID

_BATCH_ROWS = 1 << 15

#: What the index says beside the citation itself.
_NOTES = ("creation", "timespan", "journal_sc", "author_sc")

Ends = tuple[tuple[str, str], ...]


def is_index(header: list[str]) -> bool:
    """Whether these are the columns of the index."""
    return "citing" in header and "cited" in header


#: An identifier that is in its normal form already, as nearly all are.
_NORMAL = re.compile(r"(omid):(br/06\d+)|(pmid):([1-9]\d{0,7})|(doi):(10\.\d{4,9}/[!-$&-@\[-~]+)")


@lru_cache(maxsize=1 << 16)
def identifiers(text: str) -> Ends:
    """The identifiers in a text like `doi:10.5555/1 pmid:2`, normalised, each once; schemes not known are kept."""
    found: dict[tuple[str, str], None] = {}
    for word in text.replace(";", " ").split() if " " in text or ";" in text else (text,):
        if match := _NORMAL.fullmatch(word):
            at = match.lastindex or 0
            if at < 6 or not is_placeholder_doi(match[6]):
                found[match[at - 1], match[at]] = None
            continue
        scheme, colon, value = word.partition(":")
        if not colon or (scheme := scheme.lower()) in ("", "http", "https"):
            scheme, value = "doi", word
        # A DOI may hold a colon, so that only known schemes are believed before one.
        if scheme not in NORMALISERS and normalise_doi(word) == word.lower():
            scheme, value = "doi", word
        pid = make_pid(scheme, value)
        if pid is not None and not (pid.scheme == "doi" and is_placeholder_doi(pid.value)):
            found[pid.scheme, pid.value] = None
    return tuple(found)


class Citations:
    """The rows of `stated_citation` that the rows of one index file give, as batches."""

    def __init__(self, rows: Rows, header: list[str]) -> None:
        self._rows = rows
        place = {name: number for number, name in enumerate(header)}
        self._citing_at, self._cited_at = place["citing"], place["cited"]
        self._id_at = place.get("oci", place.get("id", -1))
        self._notes_at = [(name, place[name]) for name in _NOTES if name in place]
        self._clear()

    def _clear(self) -> None:
        self._positions: list[int] = []
        self._ends: tuple[list[Ends], list[Ends]] = ([], [])
        self._ids: list[str | None] = []
        self._notes: list[str | None] = []

    def take(self, row: CsvRow) -> None:
        """Takes one citation; one without an identifier at either end is lost as `citation_incomplete`."""
        cells = row.cells
        citing, cited = identifiers(cells[self._citing_at]), identifiers(cells[self._cited_at])
        if not citing or not cited:
            message = f"row {row.position + 1} lacks the citing or the cited identifier; it was left out"
            self._rows.defect(row.position, "citation_incomplete", message, True)
            return
        self._positions.append(row.position)
        self._ends[0].append(citing)
        self._ends[1].append(cited)
        self._ids.append(cells[self._id_at].removeprefix("oci:") or None if self._id_at >= 0 else None)
        self._notes.append("; ".join(f"{name}={cells[at]}" for name, at in self._notes_at if cells[at]) or None)

    def full(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The batches that are due, mostly none."""
        if len(self._positions) >= _BATCH_ROWS:
            yield from self.rest()

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """All that is left."""
        if not (number := len(self._positions)):
            return
        columns = {
            "source": pa.array([self._rows.source] * number, pa.string()),
            "payload": pa.array([self._rows.payload] * number, pa.string()),
            "position": pa.array(self._positions, pa.int64()),
            "citing": _lists(self._ends[0]),
            "cited": _lists(self._ends[1]),
            "statement_id": pa.array(self._ids, pa.string()),
            "note": pa.array(self._notes, pa.string()),
        }
        arrays = [columns[field.name].cast(field.type) for field in STATED_CITATION.schema]
        self._clear()
        yield STATED_CITATION.name, pa.RecordBatch.from_arrays(arrays, schema=STATED_CITATION.schema)


def _lists(ends: list[Ends]) -> pa.ListArray:
    """One list of identifiers a row."""
    offsets = [0]
    for end in ends:
        offsets.append(offsets[-1] + len(end))
    schemes = pa.array([scheme for end in ends for scheme, _ in end], pa.string())
    values = pa.array([value for end in ends for _, value in end], pa.string())
    pids = pa.StructArray.from_arrays([schemes, values], fields=list(PID))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pids)
