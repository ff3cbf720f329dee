"""The records of a search as they were found: frozen when they are imported, under ids that stay.

The file of records is part of a review's evidence, not of the graph: reading the export again with a later version
might tell it differently, and votes would then be about something else.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.model.tables import RECORD

Row = dict[str, Any]

#: A column beside those of `record`: the ids of the records from which a chased citation was reached.
SEEDS = "seeds"

_SCHEMA: pa.Schema = RECORD.schema.append(pa.field(SEEDS, pa.list_(pa.string())))


@dataclass(frozen=True, slots=True)
class Found:
    """One record as reviewers see it.

    Attributes:
        record_id: `<run>:<digest>`; the same record found again in the same run has the same id.
        run_id: the search that found it.
        title, abstract, venue, language, type: empty where not stated.
        authors: as the source writes them, in order.
        year: of publication.
        keywords: of the source.
        pids: `scheme:value`.
        url: where the source or the DOI leads.
        seeds: for a chased citation the records it was reached from.
    """

    record_id: str
    run_id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    venue: str
    abstract: str
    keywords: tuple[str, ...]
    pids: tuple[str, ...]
    language: str
    type: str
    url: str
    seeds: tuple[str, ...] = ()

    @property
    def byline(self) -> str:
        """The first authors, and how many more."""
        shown = "; ".join(self.authors[:3])
        more = len(self.authors) - 3
        return f"{shown}; and {more} more" if more > 0 else shown


def abstract_of(records: Iterable[Found]) -> str:
    """The first abstract that some records of one work give; empty where none does."""
    return next((record.abstract for record in records if record.abstract), "")


def keywords_of(records: Iterable[Found]) -> list[str]:
    """The keywords of some records of one work, each once."""
    return list(dict.fromkeys(word for record in records for word in record.keywords))


def frozen(rows: Sequence[Row], run_id: str) -> tuple[bytes, str, list[str]]:
    """The bytes of a Parquet file of these rows of `record`, its sha256 in hex, and the ids that they now have.

    The rows are given ids of this review; their `source` becomes the run. The same rows give the same bytes.
    """
    seen: Counter[str] = Counter()
    kept = []
    for row in rows:
        digest = _digest(row)
        seen[digest] += 1
        again = f".{seen[digest]}" if seen[digest] > 1 else ""
        kept.append({**row, "record_id": f"{run_id}:{digest}{again}", "source": run_id})
    seeds = [list(row.get(SEEDS) or ()) for row in rows]
    table = RECORD.from_rows([{name: row.get(name) for name in RECORD.names} for row in kept])
    table = table.append_column(_SCHEMA.field(SEEDS), pa.array(seeds, pa.list_(pa.string())))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    content = sink.getvalue()
    return content, hashlib.sha256(content).hexdigest(), [row["record_id"] for row in kept]


def _digest(row: Row) -> str:
    pids = sorted(f"{pid['scheme']}:{pid['value']}" for pid in row.get("pids") or ())
    said = (row.get("source_key"), row.get("title"), row.get("published_on"), *pids)
    return hashlib.sha256("\x1f".join(str(part or "") for part in said).encode()).hexdigest()[:12]


def rows_of(content: bytes) -> list[Row]:
    """The rows of a frozen file, as dicts of the columns of `record` and `seeds`."""
    rows: list[Row] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def found(rows: Iterable[Row]) -> list[Found]:
    """The rows as reviewers see them."""
    return [_found(row) for row in rows]


def _found(row: Row) -> Found:
    record_id = str(row["record_id"])
    container = row.get("container") or {}
    pids = tuple(f"{pid['scheme']}:{pid['value']}" for pid in row.get("pids") or ())
    doi = next((pid.partition(":")[2] for pid in pids if pid.startswith("doi:")), None)
    instances = row.get("instances") or ()
    urls = [url for instance in instances for url in instance.get("urls") or ()]
    title = ": ".join(part for part in (row.get("title"), row.get("subtitle")) if part)
    return Found(
        record_id=record_id,
        run_id=record_id.partition(":")[0],
        title=title,
        authors=tuple(author["full_name"] for author in row.get("authors") or () if author.get("full_name")),
        year=row.get("year"),
        venue=container.get("name") or container.get("abbreviated_name") or "",
        abstract="\n\n".join(text for text in row.get("descriptions") or () if text),
        keywords=tuple(
            dict.fromkeys(subject["value"] for subject in row.get("subjects") or () if subject.get("value"))
        ),
        pids=pids,
        language=row.get("language") or "",
        type=next((instance["resource_type"] for instance in instances if instance.get("resource_type")), ""),
        url=f"https://doi.org/{doi}" if doi else next(iter(urls), ""),
        seeds=tuple(row.get(SEEDS) or ()),
    )
