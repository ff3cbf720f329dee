"""Record to comparable: the few fields that comparison needs, cleaned once a record instead of once a pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.compare import Comparable
from evigraph.deduplicate.identifiers import makes_identity
from evigraph.deduplicate.titles import fold, title_form
from evigraph.engine.step import RowStep
from evigraph.model.pid import Pid
from evigraph.model.tables import COMPARABLE, RECORD

#: Authors whose names are kept for comparison (OpenAIRE's limit); the count is of all.
MAX_AUTHORS = 200

#: The type of a record whose source states none.
UNKNOWN_TYPE = "other"

_ADDRESS_START = re.compile(r"^[a-z]+://(?:www\.)?", re.IGNORECASE)


def folded_name(full: str | None, given: str | None, family: str | None) -> str:
    """A name as `family, given`, folded; the name as one where its parts are not known; empty where nothing is left.

    A given name written in capitals without a gap is initials: `HXE` becomes `h x e`.
    """
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


def comparable_of(record: Mapping[str, Any]) -> Comparable:
    """The comparable of one row of `record`; fields that the row leaves out count as not stated."""
    title_key, title_numbers = title_form(record.get("title"), record.get("subtitle"))
    names = [
        name
        for author in record.get("authors") or ()
        if (name := folded_name(author.get("full_name"), author.get("given_name"), author.get("family_name")))
    ]
    kind = record.get("type") or UNKNOWN_TYPE
    urls: set[str] = set()
    if kind == "software":
        for instance in record.get("instances") or ():
            urls.update(filter(None, (folded_address(url) for url in instance.get("urls") or () if url)))
    return Comparable(
        record_id=record["record_id"],
        type=kind,
        title_key=title_key,
        title_numbers=title_numbers,
        author_names=tuple(names[:MAX_AUTHORS]),
        n_authors=len(names),
        pids=frozenset(identity_pids((pid["scheme"], pid["value"]) for pid in record.get("pids") or ())),
        urls=frozenset(urls),
    )


def _lists(column: pa.ListArray, *fields: str) -> list[list[tuple[Any, ...]]]:
    """A list<struct> column as a list of tuples of `fields` for each row; null is the empty list.

    Reads the wanted fields as flat arrays: much quicker than turning each struct into a dict.
    """
    flat = column.flatten()
    rows = list(zip(*(flat.field(field).to_pylist() for field in fields), strict=True))
    answer: list[list[tuple[Any, ...]]] = []
    start = 0
    for length in column.value_lengths().fill_null(0).to_pylist():
        answer.append(rows[start : start + length])
        start += length
    return answer


def _addresses(types: list[str], instances: pa.ListArray) -> list[list[str]]:
    if "software" not in types:
        return [[] for _ in types]
    answer = []
    for kind, row in zip(types, _lists(instances, "urls"), strict=True):
        found: set[str] = set()
        if kind == "software":
            for (urls,) in row:
                found.update(filter(None, (folded_address(url) for url in urls or () if url)))
        answer.append(sorted(found))
    return answer


def comparables(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `comparable` for rows of `record`."""
    types = [kind or UNKNOWN_TYPE for kind in batch.column("type").to_pylist()]
    keys: list[str | None] = []
    numbers: list[str] = []
    for title, subtitle in zip(batch.column("title").to_pylist(), batch.column("subtitle").to_pylist(), strict=True):
        key, number = title_form(title, subtitle)
        keys.append(key)
        numbers.append(number)
    bylines: list[list[str]] = []
    counts: list[int] = []
    for authors in _lists(batch.column("authors"), "full_name", "given_name", "family_name"):
        names = [name for full, given, family in authors if (name := folded_name(full, given, family))]
        bylines.append(names[:MAX_AUTHORS])
        counts.append(len(names))
    pids = [
        [{"scheme": pid.scheme, "value": pid.value} for pid in identity_pids(stated)]
        for stated in _lists(batch.column("pids"), "scheme", "value")
    ]
    columns = {
        "record_id": batch.column("record_id").to_pylist(),
        "type": types,
        "title_key": keys,
        "title_numbers": numbers,
        "author_names": bylines,
        "n_authors": counts,
        "pids": pids,
        "urls": _addresses(types, batch.column("instances")),
    }
    return pa.RecordBatch.from_pydict(columns, schema=COMPARABLE.schema)


def _rows(record: ir.Table) -> ir.Table:
    return record.select("record_id", "type", "title", "subtitle", "authors", "pids", "instances")


STEP = RowStep("deduplicate.comparable", (RECORD,), COMPARABLE, _rows, comparables)
