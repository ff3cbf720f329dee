"""References as CSV, one a row, under headings that reference managers, screening tools and spreadsheets know.

Only the columns are written: a table has no place for what an exported reference had besides. Read again
(`evigraph.clean.exports.csv`), a table gives the same titles, names, numbers and identifiers; it begins with a mark of
its encoding (UTF-8), without which Excel guesses another.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from evigraph.publish.formats.rows import (
    Row,
    alternate_ids_of,
    container_of,
    databases_of,
    full_title,
    inverted_name,
    pid_of,
    resource_type_of,
    urls_of,
)

#: The headings, in their order.
HEADINGS: tuple[str, ...] = (
    *("Title", "Authors", "Group authors", "Publication year", "Publication date", "Journal"),
    *("Journal abbreviation", "Volume", "Issue", "Start page", "End page", "Edition", "DOI", "PMID", "PMCID"),
    *("Abstract", "Keywords", "MeSH terms", "Language", "Document type", "Publisher"),
    *("Print ISSN", "Online ISSN", "ISBN", "URL", "Original title", "Database", "Record"),
)


#: A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(rows: Iterable[Row], is_guarded: bool = False) -> Iterator[str]:
    """The text of a CSV file (RFC 4180), row by row; `rows` are rows of the table record or product.

    With `is_guarded` a cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    yield "\ufeff" + _line(HEADINGS)
    for row in rows:
        cells = _cells(row)
        yield _line(f"'{cell}" if is_guarded and cell.startswith(_FORMULA) else cell for cell in cells)


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(list(cells))
    return line.getvalue()


def _cells(row: Row) -> list[str]:
    container = container_of(row)
    people = row.get("authors") or ()
    subjects = row.get("subjects") or ()
    published_on = row.get("published_on") or ""
    year = row.get("year") or published_on[:4]
    cells = {
        "Title": full_title(row),
        "Authors": _listed(inverted_name(person) for person in people if not person.get("is_group")),
        "Group authors": _listed(person.get("full_name") or "" for person in people if person.get("is_group")),
        "Publication year": str(year) if year else None,
        "Publication date": published_on if len(published_on) > 4 else None,
        "Journal": container.get("name"),
        "Journal abbreviation": container.get("abbreviated_name"),
        "Volume": container.get("volume"),
        "Issue": container.get("issue"),
        "Start page": container.get("first_page"),
        "End page": container.get("last_page"),
        "Edition": container.get("edition"),
        "DOI": pid_of(row, "doi"),
        "PMID": pid_of(row, "pmid"),
        "PMCID": pid_of(row, "pmc"),
        "Abstract": "\n\n".join(row.get("descriptions") or ()),
        "Keywords": _listed(one["value"] for one in subjects if one["scheme"] != "mesh"),
        "MeSH terms": _listed(one["value"] for one in subjects if one["scheme"] == "mesh"),
        "Language": row.get("language") if row.get("language") != "und" else None,
        "Document type": resource_type_of(row),
        "Publisher": row.get("publisher"),
        "Print ISSN": container.get("issn_print"),
        "Online ISSN": container.get("issn_online"),
        "ISBN": _listed(alternate_ids_of(row, "isbn")),
        "URL": _listed(urls_of(row)),
        "Original title": next(iter(row.get("alternative_titles") or ()), None),
        "Database": next(iter(databases_of(row)), None),
        "Record": row.get("record_id") or row.get("product_id"),
    }
    return [cells[heading] or "" for heading in HEADINGS]


def _listed(values: Iterable[str]) -> str:
    """The values between semicolons; a closing one says that a single value with a comma is one."""
    texts = [value for value in values if value]
    return "; ".join(texts) + (";" if len(texts) == 1 and "," in texts[0] else "")
