"""The Retraction Watch database, as Crossref publishes it: a CSV file with a row for each report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.dates import date_from_parts, date_from_text
from evigraph.clean.entity_rows import EntityRows
from evigraph.clean.registries.table import table_rows
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import identifying_pid
from evigraph.model.entities import RETRACTION

SOURCE = "retractions"

_NEEDED = frozenset({"Record ID", "OriginalPaperDOI", "RetractionNature"})

#: Columns that have a place in `retraction`.
_KNOWN = frozenset(
    {
        *("Record ID", "Title", "Subject", "Institution", "Journal", "Publisher", "Country", "Author", "URLS"),
        *("ArticleType", "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDate"),
        *("OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason", "Paywalled", "Notes"),
    }
)

#: The file writes dates in the American order, with a time of day that says nothing.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s|$)")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables retraction and defect that a Retraction Watch file gives.

    A row without a record id is lost as `no_identifier`. One that names its work neither by DOI nor by PubMed id is
    kept and counted as `no_work_identifier`: it can mark nothing.
    """
    rows = Rows(SOURCE, Path(path).name)
    entities = EntityRows(rows)
    for position, cells, size in table_rows(path, rows, _NEEDED, "the Retraction Watch file"):
        if key := cells.get("Record ID"):
            row = _row(cells, key, position)
            if entities.take(RETRACTION, row, size) and not row["original_pids"]:
                message = f"report {key} names its work by no DOI or PubMed id; it marks nothing"
                rows.defect(position, "no_work_identifier", message, False)
        else:
            rows.defect(position, "no_identifier", f"row {position + 2} has no Record ID; it was left out", True)
        yield from entities.full()
        yield from rows.full()
    yield from entities.rest()
    yield from rows.rest()


def _row(cells: dict[str, str], key: str, position: int) -> dict[str, Any]:
    get = cells.get
    return {
        "source_key": key,
        "position": position,
        "nature": clean_line(get("RetractionNature")),
        "title": clean_line(get("Title")),
        "original_pids": _pids(get("OriginalPaperDOI"), get("OriginalPaperPubMedID")),
        "notice_pids": _pids(get("RetractionDOI"), get("RetractionPubMedID")),
        "noticed_on": _date(get("RetractionDate")),
        "published_on": _date(get("OriginalPaperDate")),
        "reasons": [reason.lstrip("+").strip() for reason in _list(get("Reason"))],
        "authors": _list(get("Author")),
        "institutions": _list(get("Institution")),
        "countries": _list(get("Country")),
        "journal": clean_line(get("Journal")),
        "publisher": clean_line(get("Publisher")),
        "subjects": _list(get("Subject")),
        "article_types": _list(get("ArticleType")),
        "urls": _list(get("URLS")),
        "is_paywalled": {"yes": True, "no": False}.get((get("Paywalled") or "").lower()),
        "notes": clean_line(get("Notes")),
        "extras": [{"name": name, "value": value} for name, value in cells.items() if name not in _KNOWN],
    }


def _pids(doi: str | None, pmid: str | None) -> list[dict[str, str]]:
    """The identifiers that two cells state; "unavailable" and 0 stand for none."""
    found = (identifying_pid("doi", doi), identifying_pid("pmid", pmid))
    return [{"scheme": pid.scheme, "value": pid.value} for pid in found if pid]


def _date(cell: str | None) -> str | None:
    if not cell:
        return None
    match = _AMERICAN.match(cell)
    return date_from_parts((match[3], match[1], match[2])) if match else date_from_text(cell)


def _list(cell: str | None) -> list[str]:
    """The parts of a cell between semicolons, each once."""
    parts = (clean_line(part) for part in (cell or "").split(";"))
    return list(dict.fromkeys(part for part in parts if part))
