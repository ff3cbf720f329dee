"""The Directory of Open Access Journals: its journal list as CSV, and its JSON dump and API answers, as journals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.dates import date_from_text
from evigraph.clean.entity_rows import EntityRows, extras_of
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.licences import license_of
from evigraph.clean.payload import sniff
from evigraph.clean.registries.archive import records_of_files
from evigraph.clean.registries.table import table_rows
from evigraph.clean.text import clean_line
from evigraph.model.entities import JOURNAL
from evigraph.model.pid import normalise_issn

Json = dict[str, Any]

SOURCE = "doaj"

_NEEDED = frozenset({"Journal title", "Publisher"})

#: Columns of the CSV by what they say; the list has changed their wording over the years.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("Journal title",),
    "website_url": ("Journal URL",),
    "page": ("URL in DOAJ",),
    "open_since": (
        "When did the journal start to publish all content using an open license?",
        "First calendar year journal provided online Open Access content",
    ),
    "alternative_title": ("Alternative title",),
    "issn_print": ("Journal ISSN (print version)",),
    "issn_online": ("Journal EISSN (online version)", "Journal ISSN (online version)"),
    "languages": ("Languages in which the journal accepts manuscripts", "Full text language"),
    "publisher": ("Publisher",),
    "country": ("Country of publisher",),
    "license": ("Journal license",),
    "has_apc": ("APC", "Journal article processing charges (APCs)"),
    "apc": ("APC amount",),
    "subjects": ("Subjects",),
    "added_on": ("Added on Date", "Added on date"),
    "datestamp": ("Last updated Date", "Last updated date"),
}
_NAMES = {name: field for field, names in _COLUMNS.items() for name in names}

_AMOUNT = re.compile(r"(\d[\d .,]*?)\s*([A-Z]{3})\b")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables journal and defect that a DOAJ payload gives.

    A journal without a title is lost as `no_title`, one without a valid ISSN and without an id of DOAJ's as
    `no_identifier`; a wrong ISSN is left out and counted as `issn_invalid`.
    """
    rows = Rows(SOURCE, Path(path).name)
    entities = EntityRows(rows)
    journals = _of_table(path, rows) if sniff(path) in ("csv", "text") else _of_json(path, rows)
    for row, stated_issns, size in journals:
        position = row["position"]
        if not row["title"]:
            rows.defect(position, "no_title", f"journal {position} has no title; it was left out", True)
            continue
        for medium, stated in zip(("issn_print", "issn_online"), stated_issns, strict=True):
            row[medium] = normalise_issn(stated)
            if stated and row[medium] is None:
                rows.defect(position, "issn_invalid", f"{row['title']}: {stated} is no ISSN; it was left out", False)
        row["source_key"] = row.get("source_key") or row["issn_online"] or row["issn_print"]
        if row["source_key"]:
            entities.take(JOURNAL, row, size)
        else:
            rows.defect(position, "no_identifier", f"{row['title']} has no ISSN and no id; it was left out", True)
        yield from entities.full()
        yield from rows.full()
    yield from entities.rest()
    yield from rows.rest()


_Journal = tuple[Json, tuple[str | None, str | None], int]


def _of_table(path: str, rows: Rows) -> Iterator[_Journal]:
    for position, cells, size in table_rows(path, rows, _NEEDED, "DOAJ's journal list"):
        get = {field: value for name, value in cells.items() if (field := _NAMES.get(name))}.get
        page = get("page")
        row = {
            "source_key": page.rstrip("/").rsplit("/", 1)[-1] if page else None,
            "position": position,
            "datestamp": date_from_text(get("datestamp")),
            "title": clean_line(get("title")),
            "alternative_titles": [name for name in (clean_line(get("alternative_title")),) if name],
            "publisher": clean_line(get("publisher")),
            "country": get("country"),
            "languages": _parts(get("languages"), ","),
            "subjects": _parts(get("subjects"), "|"),
            "licenses": _licences(_parts(get("license"), ",")),
            "has_apc": {"yes": True, "no": False}.get((get("has_apc") or "").lower()),
            "apc": [
                {"amount": float(re.sub(r"[ ,]", "", amount)), "currency": currency}
                for amount, currency in _AMOUNT.findall(get("apc") or "")
                if re.fullmatch(r"[\d ,]+(?:\.\d+)?", amount)
            ],
            "open_since": _year(get("open_since")),
            "added_on": date_from_text(get("added_on")),
            "website_url": get("website_url"),
            "extras": [{"name": name, "value": value} for name, value in cells.items() if name not in _NAMES],
        }
        yield row, (get("issn_print"), get("issn_online")), size


#: Fields of a journal in JSON that have a column.
_KNOWN = frozenset(
    {
        *("title", "alternative_title", "pissn", "eissn", "publisher", "language", "keywords", "subject", "license"),
        *("apc", "oa_start"),
    }
)


def _of_json(path: str, rows: Rows) -> Iterator[_Journal]:
    for position, value, size in records_of_files(path, rows.defect, lambda name: "json" in name.lower()):
        stated = value.get("bibjson")
        if type(stated) is not dict:
            rows.defect(position, "not_a_journal", f"record {position} is no journal of DOAJ; it was left out", True)
            continue
        subjects = [text(entry.get("term")) for entry in objects(stated.get("subject"))]
        apc = stated.get("apc")
        has_apc = member(apc, "has_apc")
        row = {
            "source_key": text(value.get("id")),
            "position": position,
            "datestamp": text(value.get("last_updated")),
            "title": clean_line(text(stated.get("title"))),
            "alternative_titles": [name for name in map(clean_line, texts(stated.get("alternative_title"))) if name],
            "publisher": clean_line(text(member(stated.get("publisher"), "name")) or text(stated.get("publisher"))),
            "country": text(member(stated.get("publisher"), "country")),
            "languages": texts(stated.get("language")),
            "subjects": list(dict.fromkeys(name for name in (*subjects, *texts(stated.get("keywords"))) if name)),
            "licenses": _licences([text(entry.get("type")) for entry in objects(stated.get("license"))]),
            "has_apc": has_apc if isinstance(has_apc, bool) else None,
            "apc": [
                {"amount": entry["price"], "currency": text(entry.get("currency"))}
                for entry in objects(member(apc, "max"))
                if type(entry.get("price")) in (int, float)
            ],
            "open_since": stated["oa_start"] if type(stated.get("oa_start")) is int else None,
            "added_on": date_from_text(text(value.get("created_date"))),
            "website_url": text(member(stated.get("ref"), "journal")),
            "extras": extras_of(
                {**{name: held for name, held in stated.items() if name not in _KNOWN}, "admin": value.get("admin")}
            ),
        }
        yield row, (text(stated.get("pissn")), text(stated.get("eissn"))), size


def _parts(cell: str | None, separator: str) -> list[str]:
    parts = (clean_line(part) for part in (cell or "").split(separator))
    return list(dict.fromkeys(part for part in parts if part))


def _licences(stated: Sequence[str | None]) -> list[str]:
    """The licences by the labels that they have elsewhere in the graph, else as stated."""
    labels = (license_of(name).label or name for name in stated if name)
    return list(dict.fromkeys(labels))


def _year(cell: str | None) -> int | None:
    return int(cell) if cell and re.fullmatch(r"(?:1[5-9]|20)\d\d", cell) else None
