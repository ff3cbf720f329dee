"""Record to comparable: the few fields that comparison needs, cleaned once a record instead of once a pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.byline_codes import byline_codes
from evigraph.deduplicate.comparable import Comparable, told_words
from evigraph.deduplicate.identifiers import makes_identity
from evigraph.deduplicate.letters import mended
from evigraph.deduplicate.notes import bare_title, note_kind
from evigraph.deduplicate.places import is_supplement_page, last_page_form, number_form, page_form
from evigraph.deduplicate.titles import MAX_TITLE_LENGTH, fold, is_generic, words_of
from evigraph.deduplicate.venues import venue_start, venue_words
from evigraph.deduplicate.word_codes import codes_of, pid_code
from evigraph.engine.step import RowStep
from evigraph.model.pid import Pid
from evigraph.model.tables import COMPARABLE, RECORD

#: Authors whose names are kept for comparison; the count is of all.
MAX_AUTHORS = 50

#: The type of a record whose source states none.
UNKNOWN_TYPE = "other"

_ADDRESS_START = re.compile(r"^[a-z]+://(?:www\.)?", re.IGNORECASE)


@lru_cache(maxsize=100_000)
def folded_name(full: str | None, given: str | None, family: str | None) -> str:
    """A name as `family, given`, folded; the name as one where its parts are not known; empty where nothing is left.

    A given name written in capitals without a gap is initials: `HXE` becomes `h x e`.
    """
    full, given, family = (mended(part) if part else part for part in (full, given, family))
    if not family and full and full.count(",") == 1:
        family, _, given = full.partition(",")
    if not family:
        return fold(full or given or "")
    surname = fold(family)
    given = (given or "").strip()
    if given.isupper() and given.isalpha() and len(given) <= 4:
        given = " ".join(given)
    forename = fold(given)
    return f"{surname}, {forename}" if surname and forename else surname or forename


def folded_address(url: str) -> str:
    """An address without scheme, `www.`, a repository's `.git` ending and closing slashes, lower-case."""
    return _ADDRESS_START.sub("", url.strip()).rstrip("/").removesuffix(".git").lower()


def identity_pids(pids: Iterable[tuple[str | None, str | None]]) -> list[Pid]:
    """The distinct identifiers that can make identity, sorted."""
    return sorted({Pid(scheme, value) for scheme, value in pids if scheme and value and makes_identity(scheme, value)})


#: Resource types of a text before its publication, lower-case.
_PREPRINTS = frozenset({"preprint", "working paper"})

#: The resource type of what a congress prints of a talk or a poster.
_ABSTRACTS = frozenset({"conference object"})


class TitleForm(NamedTuple):
    """A title to compare: its words as one text (null: none), whether it is generic, the kind of note it announces."""

    key: str | None
    is_generic: bool
    note: str | None


def title_form(title: str | None, subtitle: str | None = None) -> TitleForm:
    """The form of a title. The subtitle joins it where it does not already end with it; cut at `MAX_TITLE_LENGTH`."""
    if not title:
        return TitleForm(None, False, None)
    bare = bare_title(title)
    words = words_of(bare)
    if subtitle:
        further = words_of(subtitle)
        if words[-len(further) :] != further:
            words = words + further
    if not words:
        return TitleForm(None, False, None)
    key = " ".join(words)
    if len(key) > MAX_TITLE_LENGTH:
        key = key[:MAX_TITLE_LENGTH].rsplit(" ", 1)[0]
    return TitleForm(key, is_generic(words), note_kind(bare, words))


def _venue(name: str | None) -> str | None:
    return " ".join(venue_words(name)) or None if name else None


_CONTAINER_FIELDS = (
    "name",
    "abbreviated_name",
    "issn_print",
    "issn_online",
    "issn_linking",
    "volume",
    "issue",
    "first_page",
    "last_page",
)


_PRINTED = ("volume", "issue", "first_page", "last_page")


def _place_columns(container: Mapping[str, Any]) -> dict[str, Any]:
    """Where a work appeared, in the form to compare, from a record's container."""
    first = container.get("first_page")
    return {
        "venue": _venue(container.get("name")),
        "venue_short": _venue(container.get("abbreviated_name")),
        "issns": sorted({container[name] for name in _CONTAINER_FIELDS[2:5] if container.get(name)}),
        "volume": number_form(container.get("volume")),
        "issue": number_form(container.get("issue")),
        "first_page": page_form(first),
        "last_page": last_page_form(first, container.get("last_page")),
    }


#: What the name of a program says of its version.
_VERSION = re.compile(r"\b(?:[0-9]+|v(?:ersion)?)\b")

_YEAR = re.compile(r"(?:1[89]|20)[0-9]{2}")

#: A year in brackets before a title, as in a citation that was cut too early: `(1993) Improving performance`.
_YEAR_BEFORE = re.compile(r"\W*\(((?:1[89]|20)[0-9]{2})[a-z]?\)\W*(?=\w)")


def _shifted(row: dict[str, Any]) -> None:
    """Moves a venue and a year that stand at the end of the title into their own fields, where these are missing."""
    words = row["title_key"].split()
    year = None
    if row["year"] is None and len(words) > 3 and _YEAR.fullmatch(words[-1]):
        year = int(words.pop())
    start = venue_start(words) if row["venue"] is None else None
    if start is not None:
        row["venue"] = _venue(" ".join(words[start:]))
        words = words[:start]
    if year is not None:
        row["year"] = year
    row["title_key"] = " ".join(words)


def comparable_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """The row of `comparable` for one row of `record`; fields that the row leaves out count as not stated."""
    kind = record.get("type") or UNKNOWN_TYPE
    title, year = record.get("title"), record.get("year")
    if title and year is None and (before := _YEAR_BEFORE.match(title)):
        title, year = title[before.end() :], int(before.group(1))
    form = title_form(title, record.get("subtitle"))
    if kind == "software" and form.key:
        form = form._replace(key=" ".join(_VERSION.sub(" ", form.key).split()) or form.key)
    others = {title_form(title).key for title in record.get("alternative_titles") or ()} - {None, form.key}
    names = [
        name
        for author in record.get("authors") or ()
        if (name := folded_name(author.get("full_name"), author.get("given_name"), author.get("family_name")))
    ]
    instances = record.get("instances") or ()
    urls: set[str] = set()
    if kind == "software":
        for instance in instances:
            urls.update(filter(None, (folded_address(url) for url in instance.get("urls") or () if url)))
    stages = {(instance.get("resource_type") or "").lower() for instance in instances}
    language = record.get("language")
    container = record.get("container") or {}
    row = {
        "record_id": record["record_id"],
        "type": kind,
        "title_key": form.key,
        "is_generic": form.is_generic,
        "note": form.note,
        "other_titles": sorted(others),  # type: ignore[type-var]
        "author_names": names[:MAX_AUTHORS],
        "n_authors": len(names),
        "year": year,
        **_place_columns(container),
        "is_preprint": bool(stages) and stages <= _PREPRINTS,
        "is_abstract": (bool(stages) and stages <= _ABSTRACTS) or is_supplement_page(*map(container.get, _PRINTED)),
        "language": None if language == "und" else language,
        "pids": [
            {"scheme": pid.scheme, "value": pid.value}
            for pid in identity_pids((pid["scheme"], pid["value"]) for pid in record.get("pids") or ())
        ],
        "urls": sorted(urls),
    }
    if form.key and not form.is_generic and (row["venue"] is None or row["year"] is None):
        _shifted(row)
    return row


#: The columns of the table `comparable` that a `Comparable` has; the others are codes, for `plausible`.
COMPARED = tuple(field.name for field in fields(Comparable))


def comparable_from_row(row: Mapping[str, Any]) -> Comparable:
    """The comparable of one row of the table `comparable`."""
    values = {name: row[name] for name in COMPARED if name in row}
    for name in ("other_titles", "author_names", "issns", "urls"):
        values[name] = tuple(values.get(name) or ())
    values["pids"] = tuple(Pid(pid["scheme"], pid["value"]) for pid in row.get("pids") or ())
    return Comparable(**values)


def comparable_of(record: Mapping[str, Any]) -> Comparable:
    """The comparable of one row of `record`."""
    return comparable_from_row(comparable_row(record))


_TOLD = ("venue", "venue_short", "volume", "issue", "first_page", "last_page")


def _codes(row: Mapping[str, Any]) -> dict[str, list[int]]:
    """The columns of codes for a row of the others."""
    words = row["title_key"].split() if row["title_key"] else []
    return {
        "word_codes": codes_of(words),
        "told_codes": codes_of(sorted(told_words(row["author_names"], [row[name] for name in _TOLD], row["year"]))),
        "name_codes": byline_codes(row["author_names"]),
        "pid_codes": [pid_code(pid["scheme"], pid["value"]) for pid in row["pids"]],
    }


def comparables(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `comparable` for rows of `record`."""
    rows = [comparable_row(row) for row in batch.to_pylist()]
    columns = {name: [row[name] for row in rows] for name in COMPARED}
    coded = [_codes(row) for row in rows]
    columns |= {name: [codes[name] for codes in coded] for name in COMPARABLE.names if name not in columns}
    return pa.RecordBatch.from_pydict(columns, schema=COMPARABLE.schema)


_READ = (
    "record_id",
    "type",
    "title",
    "subtitle",
    "alternative_titles",
    "authors",
    "year",
    "language",
    "container",
    "pids",
    "instances",
)


def _rows(record: ir.Table) -> ir.Table:
    return record.select(*_READ)


STEP = RowStep("deduplicate.comparable", (RECORD,), COMPARABLE, _rows, comparables)
