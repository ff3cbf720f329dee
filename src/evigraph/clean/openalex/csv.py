"""OpenAlex's CSV export as records: each row becomes the JSON work it was made from, as far as the table keeps it.

The export has one column a field (`primary_location.source.display_name`); a list is one cell with its values
between `|`, and the lists of a list of objects stand in columns of their own (`authorships.author.orcid`). Lists
inside lists are flattened, so they are used only where they cannot be misread: affiliations of a sole author.
"""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.json_document import RECORD_BYTES
from evigraph.clean.openalex.crosswalk import SOURCE, batches_of
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, open_bytes, sniff_bytes

Json = dict[str, Any]
Row = dict[str, str | None]

#: How the export writes that there is no value.
_MISSING = frozenset({"", "None", "nan", "NaN", "null"})

#: Columns of text and numbers whose path is the same in JSON.
_PLAIN = (
    *("id", "doi", "title", "display_name", "publication_year", "publication_date", "language", "type"),
    *("type_crossref", "cited_by_count", "fwci", "updated_date", "created_date", "referenced_works_count", "abstract"),
    *("ids.openalex", "ids.doi", "ids.mag", "ids.pmid", "ids.pmcid", "open_access.oa_status"),
    *("biblio.volume", "biblio.issue", "biblio.first_page", "biblio.last_page"),
    *("citation_normalized_percentile.value", "cited_by_percentile_year.min", "cited_by_percentile_year.max"),
    *("primary_topic.field.display_name", "primary_topic.domain.display_name"),
    *("apc_paid.value_usd", "apc_list.value_usd"),
)
_FLAGS = ("is_retracted", "is_paratext", "open_access.is_oa")
_LISTS = ("indexed_in", "referenced_works")

#: Fields of a location; those whose values may hold lists themselves are left out.
_LOCATION = (
    *("landing_page_url", "pdf_url", "license", "version", "raw_type", "raw_source_name"),
    *("source.id", "source.display_name", "source.issn_l", "source.type", "source.host_organization_name"),
)
#: Lists of objects: the JSON name, and the fields that each object has.
_OBJECTS: dict[str, tuple[str, ...]] = {
    "topics": ("id", "display_name"),
    "keywords": ("id", "display_name"),
    "concepts": ("id", "display_name", "score"),
    "mesh": ("descriptor_ui", "descriptor_name"),
    "sustainable_development_goals": ("id", "display_name"),
    "grants": ("funder", "funder_display_name", "award_id"),
    "awards": ("funder_id", "funder_display_name", "funder_award_id"),
    "funders": ("id", "display_name", "ror"),
    "institution_assertions": ("display_name",),
}


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that an OpenAlex CSV export gives.

    A row with more or fewer cells than the header is lost as `csv_columns`, one that cannot be read as
    `csv_syntax`; further defects as for JSON (`evigraph.clean.openalex.crosswalk.crosswalk`).
    """
    rows = Rows(SOURCE, Path(path).name)
    return batches_of(_works(path, rows), rows)


def _works(path: str, rows: Rows) -> Iterator[tuple[int, Json, int]]:
    with open_bytes(path, rows.defect) as stream:
        head = stream.read(HEAD_BYTES)
        kind = sniff_bytes(head, len(head) < HEAD_BYTES)
        if kind == "empty":
            rows.defect(-1, "empty_file", f"{rows.payload} is empty. Fetch it again.", True)
            return
        reader = csv.reader(_text_lines(head, stream), strict=False)
        # The module's bound is for all readers of the process; a work's list of references needs more than its default.
        csv.field_size_limit(max(csv.field_size_limit(), RECORD_BYTES))
        header = next(reader, [])
        if kind != "csv" or "id" not in header or not {"title", "display_name"} & set(header):
            what = CONTENT_NAMES[kind]
            message = f"{rows.payload} looks like {what}, not like OpenAlex's CSV export (columns id, title, …)"
            rows.defect(-1, "wrong_file_type", f"{message}. Fetch it again, or add it under its own source.", True)
            return
        position = -1
        while True:
            position += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                message = f"row {position + 2} cannot be read ({error}); it was left out"
                rows.defect(position, "csv_syntax", message, True)
                continue
            if len(cells) != len(header):
                if stream.damage is None or len(cells) > len(header):
                    message = f"row {position + 2} has {len(cells)} cells, the header {len(header)}; it was left out"
                    rows.defect(position, "csv_columns", message, True)
                continue
            if any("\ufffd" in cell for cell in cells):
                message = f"row {position + 2} is not wholly valid UTF-8; what could not be read became U+FFFD"
                rows.defect(position, "encoding", message, False)
            row: Row = {name: None if cell in _MISSING else cell for name, cell in zip(header, cells, strict=True)}
            yield position, work_of(row), sum(map(len, cells))


def _text_lines(head: bytes, stream: io.RawIOBase) -> Iterator[str]:
    whole = io.BufferedReader(_Rejoined(head, stream), 1 << 20)
    return iter(io.TextIOWrapper(whole, encoding="utf-8-sig", errors="replace", newline=""))


class _Rejoined(io.RawIOBase):
    """A stream with the beginning that was already read put back."""

    def __init__(self, head: bytes, rest: io.RawIOBase) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            data = self._rest.read(len(buffer)) or b""
        buffer[: len(data)] = data
        return len(data)


def work_of(row: Row) -> Json:
    """The work in OpenAlex's JSON form that a row of the export states; missing cells are None."""
    work: Json = {}
    for name in _PLAIN:
        if (cell := row.get(name)) is not None:
            _put(work, name, cell)
    for name in _FLAGS:
        if (flag := _flag(row.get(name))) is not None:
            _put(work, name, flag)
    for name in _LISTS:
        if cell := row.get(name):
            work[name] = cell.split("|")
    for name, fields in _OBJECTS.items():
        if found := _zipped(row, name, fields):
            work[name] = found
    for concept in work.get("concepts", ()):
        concept["score"] = _number(concept.get("score"))
    for name in ("primary_location", "best_oa_location"):
        location: Json = {}
        for field in _LOCATION:
            if (cell := row.get(f"{name}.{field}")) is not None:
                _put(location, field, cell)
        if cell := row.get(f"{name}.source.issn"):
            _put(location, "source.issn", cell.split("|"))
        if location:
            location["is_oa"] = _flag(row.get(f"{name}.is_oa"))
            work[name] = location
    work["locations"] = _zipped(row, "locations", (*_LOCATION, "is_oa"))
    for location in work["locations"]:
        location["is_oa"] = _flag(location.get("is_oa"))
    work["authorships"] = _authorships(row)
    return work


def _authorships(row: Row) -> list[Json]:
    people = _zipped(row, "authorships", ("author.display_name", "author.orcid", "author.id", "raw_author_name"))
    if len(people) == 1:
        people[0]["institutions"] = _institutions(row.get("authorships.institutions"))
        people[0]["raw_affiliation_strings"] = (row.get("authorships.raw_affiliation_strings") or "").split("|")
    return people


def _institutions(cell: str | None) -> list[Json]:
    """The institutions in a cell, each of which the export writes as a Python dictionary."""
    found: list[Json] = []
    for part in cell.split("}|{") if cell else ():
        try:
            value = ast.literal_eval("{" + part.removeprefix("{").removesuffix("}") + "}")
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _zipped(row: Row, name: str, fields: tuple[str, ...]) -> list[Json]:
    """The objects whose fields stand in parallel lists. A list of another length than the longest of the first is
    left out: a value that holds a `|` itself would shift what follows."""
    columns = {field: cell.split("|") for field in fields if (cell := row.get(f"{name}.{field}")) is not None}
    if not columns:
        return []
    lengths = [len(values) for values in columns.values()]
    length = max(set(lengths), key=lengths.count)
    found: list[Json] = [{} for _ in range(length)]
    for field, values in columns.items():
        if len(values) == length:
            for entry, value in zip(found, values, strict=True):
                if value not in _MISSING:
                    _put(entry, field, value)
    return found


def _put(target: Json, path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[name] = value


def _flag(cell: str | None) -> bool | None:
    return {"true": True, "false": False}.get(cell.lower()) if cell else None


def _number(cell: str | None) -> float | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return None
