"""The collector into which every crosswalk puts its rows, and which gives them back as Arrow batches.

A crosswalk is a generator of the form of `evigraph.engine.api.FileFunction`:

    def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        rows = Rows("source", Path(path).name)
        for position, item in enumerate(...):
            if rows.record({"source_key": ..., "position": position, ...}):
                rows.reference({"pids": [...], "text": ...})
                rows.link({"relation": "IsCitedBy", "scheme": "doi", "value": "10.5555/1"})
            yield from rows.full()
        yield from rows.rest()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from evigraph.clean.columns import ReferenceColumns, batch_of, check_nulls
from evigraph.clean.listed import StatedReferences
from evigraph.model.pid import Pid
from evigraph.model.table import Table
from evigraph.model.tables import DEFECT, LINK, RECORD, REFERENCE

Row = dict[str, Any]

#: Rows of one table that are gathered before a batch leaves.
BATCH_ROWS = 4096

#: References that are gathered before a batch leaves: they are narrow, and twenty to forty for a record that has any.
BATCH_REFERENCES = 65_536

#: Bytes of payload that are gathered before a batch leaves, where the crosswalk states them.
BATCH_BYTES = 32 * 1024 * 1024

#: What Arrow raises for a value that does not fit its column; lone surrogates are a UnicodeError.
_MISFITS = (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError, AttributeError)

_LIST_COLUMNS: tuple[str, ...] = tuple(column.name for column in RECORD.columns if pa.types.is_list(column.type))
_RECORD_NAMES = frozenset(RECORD.names)
_REFERENCE_NAMES = frozenset(REFERENCE.names)
_LINK_NAMES = frozenset(LINK.names)


class Rows:
    """Rows of the tables record, reference, link and defect of one payload, as batches that fit their contracts.

    References and links belong to the record put in last, or say themselves whose they are. What does not fit a
    contract costs its record (for a reference or link: that row) and is counted as a defect `contract`. Positions
    are given in ascending order; a defect of the file as a whole has position -1.
    """

    def __init__(self, source: str, payload: str) -> None:
        self.source = source
        self.payload = payload
        self.n_records = 0
        self.n_lost = 0
        self._records: list[Row] = []
        self._references = ReferenceColumns(payload)
        self._stated = StatedReferences(payload)
        self._links: list[Row] = []
        self._defects: list[Row] = []
        self._n_bytes = 0
        self._seen: set[str] = set()
        self._ordinals: dict[tuple[int, str], int] = {}
        self._last_position = -1
        self._current: Row | None = None
        self._n_references: dict[str, int] = {}
        self._told_links: dict[tuple[Any, ...], Row | None] = {}

    def record(self, row: Row, size: int = 0) -> bool:
        """Whether the record was taken; its references and links are ignored if it was not.

        Needs `source_key` and `position`. Filled in where left out: `record_id`, `source`, `payload`,
        `is_deleted` and `is_retracted` (false), `language` (und), `year` (from `published_on`), authors' ranks
        where one lacks it; every list that is missing or null becomes empty. Identifiers may be `Pid`s;
        repeated ones are dropped. `size` is the number of payload bytes the record took, which bounds the memory of
        a batch.

        A second record with the same id in one payload is refused as the defect `repeated_record`.
        """
        self._current = None
        self._n_references = {}
        self._told_links = {}
        position = row.get("position")
        key = row.get("source_key")
        if not isinstance(position, int) or not isinstance(key, str) or not key:
            self._misfit(position, "record", "it has no source_key or no position")
            return False
        row["source"] = self.source
        row["payload"] = self.payload
        record_id = row.setdefault("record_id", f"{self.source}:{key}")
        if not row.keys() <= _RECORD_NAMES:
            self._misfit(position, "record", f"no column {', '.join(sorted(row.keys() - _RECORD_NAMES))}")
            return False
        if record_id in self._seen:
            self.defect(
                position, "repeated_record", f"{record_id} stands in the file twice; the first one was kept", True
            )
            return False
        try:
            _fill(row)
        except _MISFITS as error:
            self._misfit(position, "record", error)
            return False
        self._seen.add(record_id)
        self._records.append(row)
        self._current = row
        self._n_bytes += size
        self._last_position = max(self._last_position, position)
        self.n_records += 1
        return True

    def reference(self, row: Row, at: int | None = None) -> None:
        """Takes an entry of the current record's reference list: `pids`, `text`.

        `position` counts from 0 by itself; `record_id` and `payload` are the current record's. A payload of
        statements alone (an index of citations) gives `record_id`, and as `at` the place of the statement.
        """
        record_id, place = self._teller(row, at)
        if record_id is None:
            return
        if not row.keys() <= _REFERENCE_NAMES:
            self._misfit(place, "reference", "unknown column", is_record_lost=False)
            return
        position = self._n_references.get(record_id, 0)
        self._n_references[record_id] = position + 1
        pids = row.get("pids")
        self._references.add(record_id, position, _distinct_pairs(pids) if pids else (), row.get("text"))

    def reference_list(self, pids: Sequence[Sequence[Pid]], texts: Sequence[str | None]) -> None:
        """Takes the next entries of the current record's reference list, in one call what `reference` does for each."""
        if self._current is None:
            return
        record_id = self._current["record_id"]
        position = self._n_references.get(record_id, 0)
        self._n_references[record_id] = position + len(texts)
        distinct = [given if len(given) < 2 else list(dict.fromkeys(given)) for given in pids]
        self._references.add_many(record_id, position, distinct, texts)

    def references(self, dois: list[str | None], texts: list[str | None]) -> None:
        """Takes the next entries of the current record's reference list, each with one DOI or none, as stated.

        For many in one call; DOIs and texts are cleaned here, placeholders of DOIs left out.
        """
        if self._current is None or not texts:
            return
        record_id = self._current["record_id"]
        position = self._n_references.get(record_id, 0)
        self._n_references[record_id] = position + len(texts)
        self._stated.add(record_id, position, dois, texts)

    def link(self, row: Row, at: int | None = None) -> None:
        """Takes a statement of the current record about another work: `relation`, `scheme`, `value`, `note`.

        The same relation to the same target is one row; its notes are joined by `; `. A payload of statements
        alone gives `record_id`, and as `at` the place of the statement; of repeated ones the first is kept.
        """
        record_id, place = self._teller(row, at)
        if record_id is None:
            return
        key = (record_id, row.get("relation"), row.get("scheme"), row.get("value"))
        if not row.keys() <= _LINK_NAMES or not all(key):
            self._misfit(place, "link", "it lacks its relation or target", is_record_lost=False)
            return
        if key not in self._told_links:
            row["record_id"] = record_id
            row["payload"] = self.payload
            self._told_links[key] = row
            self._links.append(row)
        elif (note := row.get("note")) and (known := self._told_links[key]) is not None:
            notes = known.get("note")
            if note not in (notes or "").split("; "):
                known["note"] = f"{notes}; {note}" if notes else note

    def _teller(self, row: Row, at: int | None) -> tuple[str | None, int]:
        """Whose statement the row is, and where it stands; None where its record was refused."""
        if self._current is not None:
            return self._current["record_id"], self._current["position"]
        if (record_id := row.get("record_id")) is not None:
            return record_id, -1 if at is None else at
        return None, -1

    def defect(self, position: int, code: str, message: str, is_record_lost: bool) -> None:
        """Takes a defect; `position` is the record's place in the payload, -1 for the file as a whole."""
        ordinal = self._ordinals.get((position, code), 0)
        self._ordinals[position, code] = ordinal + 1
        self._last_position = max(self._last_position, position)
        self.n_lost += is_record_lost
        self._defects.append(
            {
                "source": self.source,
                "payload": self.payload,
                "position": position,
                "code": code,
                "ordinal": ordinal,
                "message": " ".join(message.encode("utf-8", "replace").decode().split()),
                "is_record_lost": is_record_lost,
            }
        )

    def full(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The batches that are due, mostly none. To be called between two records, never inside one."""
        if (
            len(self._records) >= BATCH_ROWS
            or self._n_bytes >= BATCH_BYTES
            or len(self._references) + len(self._stated) >= BATCH_REFERENCES
            or len(self._links) >= BATCH_ROWS
            or len(self._defects) >= BATCH_ROWS
        ):
            yield from self.rest()

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """All rows gathered and not yet given, as batches. To be called at the end of the payload."""
        records, references, stated, links = self._records, self._references, self._stated, self._links
        self._references, self._stated = ReferenceColumns(self.payload), StatedReferences(self.payload)
        self._records, self._links, self._n_bytes = [], [], 0
        self._current = None
        # Links that have left can get no further note, only be recognised.
        self._told_links = dict.fromkeys(self._told_links)
        lost: set[str] = set()
        for batch in fitting_batches(RECORD, records, lambda row, error: self._refuse(row, error, lost)):
            yield RECORD.name, batch
        places = _Places(records)
        told: list[Row] = []
        for listed in (stated, references):
            if (cited := _quick_batch(listed, lost)) is not None:
                yield REFERENCE.name, cited
            else:
                told += listed.rows()
        for table, rows in ((REFERENCE, told), (LINK, links)):
            kept = [row for row in rows if row["record_id"] not in lost] if lost else rows
            for batch in fitting_batches(
                table,
                kept,
                lambda row, error, name=table.name, at=places: self._misfit(
                    at.of(row["record_id"]), name, error, is_record_lost=False
                ),
            ):
                yield table.name, batch
        defects, self._defects = self._defects, []
        # Later defects have the last position or the file's, so the other counts are no longer needed.
        self._ordinals = {key: n for key, n in self._ordinals.items() if key[0] in (-1, self._last_position)}
        for batch in fitting_batches(DEFECT, defects, _never):
            yield DEFECT.name, batch

    def _refuse(self, row: Row, error: object, lost: set[str]) -> None:
        lost.add(row["record_id"])
        self.n_records -= 1
        self._misfit(row["position"], "record", error)

    def _misfit(self, position: object, table: str, error: object, is_record_lost: bool = True) -> None:
        place = position if isinstance(position, int) else -1
        what = "the record" if is_record_lost else f"this {table}"
        self.defect(place, "contract", f"does not fit the table {table}, {what} was left out: {error}", is_record_lost)


class _Places:
    """The positions of records by their id, looked up only when something went wrong."""

    def __init__(self, records: list[Row]) -> None:
        self._records = records
        self._known: dict[str, int] = {}

    def of(self, record_id: str) -> int:
        if not self._known:
            self._known = {row["record_id"]: row["position"] for row in self._records}
        return self._known.get(record_id, -1)


def fitting_batches(table: Table, rows: list[Row], refuse: Any) -> Iterator[pa.RecordBatch]:
    """The rows as batches; one that does not fit is found by halving and handed to `refuse`."""
    if not rows:
        return
    try:
        batch = _checked(table, rows)
    except _MISFITS as error:
        if len(rows) == 1:
            refuse(rows[0], error)
            return
        middle = len(rows) // 2
        yield from fitting_batches(table, rows[:middle], refuse)
        yield from fitting_batches(table, rows[middle:], refuse)
    else:
        yield batch


def _checked(table: Table, rows: list[Row]) -> pa.RecordBatch:
    """The rows as a batch; where the quick way fails, Arrow's own, whose words for what does not fit are told."""
    try:
        return batch_of(table, rows)
    except _MISFITS:
        batch = pa.RecordBatch.from_pylist(rows, schema=table.schema)
        check_nulls(table, batch)
        return batch


def _quick_batch(references: ReferenceColumns | StatedReferences, lost: set[str]) -> pa.RecordBatch | None:
    """All references in one batch; None where there are none, or some must be left out."""
    if not len(references) or lost:
        return None
    try:
        return references.batch()
    except _MISFITS:
        return None


def _never(row: Row, error: object) -> None:
    raise AssertionError(f"a defect does not fit its own table: {row}: {error}")


def _fill(row: Row) -> None:
    """Puts the defaults in that `Rows.record` promises."""
    for name in _LIST_COLUMNS:
        if row.get(name) is None:
            row[name] = []
    row["pids"] = _distinct_pids(row["pids"])
    row["alternate_ids"] = _distinct_pids(row["alternate_ids"])
    for instance in row["instances"]:
        instance["urls"] = instance.get("urls") or []
        instance["pids"] = _distinct_pids(instance.get("pids"))
        instance["alternate_ids"] = _distinct_pids(instance.get("alternate_ids"))
    is_ranked = all(author.get("rank") is not None for author in row["authors"])
    for rank, author in enumerate(row["authors"], 1):
        if not is_ranked:
            author["rank"] = rank
        if author.get("affiliations") is None:
            author["affiliations"] = []
    row["is_deleted"] = bool(row.get("is_deleted"))
    row["is_retracted"] = bool(row.get("is_retracted"))
    row["language"] = row.get("language") or "und"
    if row.get("year") is None and row.get("published_on"):
        row["year"] = int(row["published_on"][:4])


def _distinct_pids(pids: Iterable[Pid | Mapping[str, str]] | None) -> list[Mapping[str, str]]:
    """The identifiers as struct values in their order, each once."""
    if not pids:
        return []
    return [{"scheme": scheme, "value": value} for scheme, value in _distinct_pairs(pids)]


def _distinct_pairs(pids: Iterable[Pid | Mapping[str, str]]) -> list[tuple[str, str]]:
    """The identifiers as scheme and value in their order, each once."""
    pairs = [pid if isinstance(pid, Pid) else (pid["scheme"], pid["value"]) for pid in pids]
    return pairs if len(pairs) == 1 else list(dict.fromkeys(pairs))
