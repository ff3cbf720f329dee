"""The records of one work as one product, with who said what.

A pure function of the *set* of records: they are put in the order of `precedence` first, so neither their order
nor the way in which they came together matters. What a single record says stays as it says it; further records
add to its lists what is not there yet, and fill its gaps.

Where OpenAIRE takes the oldest date, the date here is the leading record's, sharpened by the first record that
says the same more precisely: a wrong old date in one source would otherwise win, and with it the year on which
every indicator rests.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from evigraph.deduplicate.bylines import merge_bylines
from evigraph.deduplicate.instances import access_right, is_peer_reviewed, merge_instances
from evigraph.deduplicate.marks import is_marked, marked, name_registries
from evigraph.deduplicate.precedence import SOURCES, Record, in_order
from evigraph.deduplicate.titles import fold
from evigraph.model.tables import PRODUCT
from evigraph.model.types import CONTAINER

Product = dict[str, Any]
Value = Any

_CONTAINER_FIELDS = tuple(field.name for field in CONTAINER)
_ISSNS = ("issn_print", "issn_online", "issn_linking")
_FIELD_ORDER = {name: place for place, name in enumerate(PRODUCT.names)}


def _form(text: str) -> str:
    """What two texts that say the same have in common."""
    return fold(text) or text.strip().casefold()


class _Told:
    """Collects which records said each value."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def value(self, field: str, record_ids: Iterable[str]) -> None:
        """Notes who said a single value; nothing where nobody did."""
        if said := list(record_ids):
            self.entries.append({"field": field, "position": None, "record_ids": said})

    def items(self, field: str, told: Sequence[Sequence[str]]) -> None:
        """Notes who said each item of a list."""
        for position, said in enumerate(told):
            if said:
                self.entries.append({"field": field, "position": position, "record_ids": list(said)})

    def sorted(self) -> list[dict[str, Any]]:
        """The entries in the order of the product's columns, then of places."""
        return sorted(
            self.entries,
            key=lambda entry: (
                _FIELD_ORDER[entry["field"].partition(".")[0]],
                entry["field"],
                -1 if entry["position"] is None else entry["position"],
            ),
        )


def union(
    records: Sequence[Record], items: Callable[[Record], Sequence[Value] | None], key: Callable[[Value], Hashable]
) -> tuple[list[Value] | None, list[list[str]]]:
    """The items of all records, and for each the records that say it; None where no record has a list.

    The first record's list stays whole; each further record adds those whose key is not there yet.
    """
    merged: list[Value] | None = None
    told: list[list[str]] = []
    places: dict[Hashable, int] = {}
    for record in records:
        stated = items(record)
        if stated is None:
            continue
        first = not merged
        merged = [] if merged is None else merged
        for item in stated:
            form = key(item)
            place = places.get(form)
            if place is None or first:
                places.setdefault(form, len(merged))
                merged.append(item)
                told.append([record["record_id"]])
            elif record["record_id"] not in told[place]:
                told[place].append(record["record_id"])
    return merged, told


def _first(records: Sequence[Record], field: str) -> Value:
    return next((record[field] for record in records if record.get(field) is not None), None)


def _who(records: Sequence[Record], field: str, value: Value) -> list[str]:
    """The records that say a value, in another form perhaps."""
    if value is None:
        return []
    if isinstance(value, str):
        form = _form(value)
        return [record["record_id"] for record in records if record.get(field) and _form(record[field]) == form]
    return [record["record_id"] for record in records if record.get(field) == value]


def _language(records: Sequence[Record]) -> str | None:
    stated = [record["language"] for record in records if record.get("language")]
    return next((code for code in stated if code != "und"), stated[0] if stated else None)


def _date(records: Sequence[Record]) -> tuple[str | None, int | None]:
    """The date, and the year of the record that gives it (of the next one that has a year, where it has none)."""
    dated = next((record for record in records if record.get("published_on")), None)
    if dated is None:
        return _first(records, "published_on"), _first(records, "year")
    date: str = dated["published_on"]
    for record in records:
        other = record.get("published_on")
        if other and other.startswith(f"{date}-"):
            date = other
    year = dated.get("year")
    return date, year if year is not None else _first(records, "year")


def _titles(records: Sequence[Record], product: Product, told: _Told) -> None:
    """Title, the subtitle that belongs to it, and what else the work is called."""
    product["title"] = title = _first(records, "title")
    form = _form(title) if title is not None else None
    subtitled = [record for record in records if record.get("title") is None or _form(record["title"]) == form]
    product["subtitle"] = subtitle = _first(subtitled, "subtitle")
    known = {form, _form(f"{title} {subtitle}")} if title is not None and subtitle else {form}

    def further(record: Record) -> list[str] | None:
        stated: list[str] | None = record.get("alternative_titles")
        if stated and record is not records[0]:
            stated = [other for other in stated if _form(other) not in known]
        own = record.get("title")
        # The same title with its subtitle in the other field is no other title.
        if own is None or _form(own) in known or _form(f"{own} {record.get('subtitle') or ''}") in known:
            return stated
        return [own, *(stated or ())]

    product["alternative_titles"], said = union(records, further, _form)
    told.value("title", _who(records, "title", title))
    told.value("subtitle", _who(subtitled, "subtitle", subtitle))
    told.items("alternative_titles", said)


def _is_same_container(base: Record, other: Record) -> bool:
    """Whether two containers do not name different journals: one ISSN in common, one name, or a nameless one."""
    issns, others = ({side[name] for name in _ISSNS if side.get(name)} for side in (base, other))
    if issns & others:
        return True
    names, other_names = (
        {_form(side[name]) for name in ("name", "abbreviated_name") if side.get(name)} for side in (base, other)
    )
    return bool(names & other_names) or not names or not other_names


def _container(records: Sequence[Record], told: _Told) -> dict[str, Any] | None:
    """The container of the first record that names one, its gaps filled by records that do not name another."""
    stated = [record for record in records if record.get("container") is not None]
    if not stated:
        return None
    lead = next((record for record in stated if record["container"].get("name")), stated[0])
    agreeing = [lead] + [
        record for record in stated if record is not lead and _is_same_container(lead["container"], record["container"])
    ]
    container: dict[str, Any] = {}
    for name in _CONTAINER_FIELDS:
        saying = [record for record in agreeing if record["container"].get(name)]
        container[name] = saying[0]["container"][name] if saying else None
        if saying:
            form = _form(container[name])
            told.value(
                f"container.{name}",
                [
                    record["record_id"]
                    for record in records
                    if record in saying and _form(record["container"][name]) == form
                ],
            )
    return container


def _descriptions(records: Sequence[Record], told: _Told) -> list[str] | None:
    """The different abstracts, the longest first."""
    merged, said = union(records, lambda record: record.get("descriptions"), _form)
    if merged is None:
        return None
    order = sorted(range(len(merged)), key=lambda place: -len(merged[place]))
    told.items("descriptions", [said[place] for place in order])
    return [merged[place] for place in order]


def _pid_key(pid: Value) -> Hashable:
    return pid["scheme"], pid["value"]


def _subject_key(subject: Value) -> Hashable:
    return subject.get("scheme"), (subject.get("value") or "").casefold()


def _funding_key(funding: Value) -> Hashable:
    funder = funding.get("funder_id") or _form(funding.get("funder_name") or "")
    return funder, (funding.get("award") or "").casefold()


def _lists(records: Sequence[Record], product: Product, told: _Told) -> None:
    """Identifiers, subjects and funding of all records."""
    pids, said = union(records, lambda record: record.get("pids"), _pid_key)
    authoritative = {_pid_key(pid) for pid in pids or ()}

    def alternates(record: Record) -> list[Value] | None:
        stated: list[Value] | None = record.get("alternate_ids")
        own = {_pid_key(pid) for pid in record.get("pids") or ()}
        # What another record states with authority is no alternate any more.
        return stated and [pid for pid in stated if _pid_key(pid) in own or _pid_key(pid) not in authoritative]

    product["pids"] = pids
    told.items("pids", said)
    for field, items, key in (
        ("alternate_ids", alternates, _pid_key),
        ("subjects", lambda record: record.get("subjects"), _subject_key),
        ("funding", lambda record: record.get("funding"), _funding_key),
    ):
        product[field], said = union(records, items, key)
        told.items(field, said)


def merge_records(product_id: str, records: Iterable[Record], sources: Sequence[str] = SOURCES) -> Product:
    """The product of some records, one row of `product`.

    Args:
        product_id: the id of the product.
        records: rows of `record`, at least one, with different record ids; perhaps with columns of `record_mark`.
        sources: the sources by authority, the best first.
    """
    stated = in_order(records, sources)
    ordered = [marked(record) for record in stated]
    told = _Told()
    product: Product = {"product_id": product_id, "type": ordered[0].get("type")}
    _titles(ordered, product, told)
    product["authors"], said = merge_bylines(ordered)
    told.items("authors", said)
    product["descriptions"] = _descriptions(ordered, told)
    product["published_on"], product["year"] = _date(ordered)
    product["publisher"] = _first(ordered, "publisher")
    product["language"] = _language(ordered)
    product["container"] = _container(ordered, told)
    _lists(ordered, product, told)
    product["instances"], said = merge_instances(ordered)
    told.items("instances", said)
    retracted = [record["is_retracted"] for record in ordered if record.get("is_retracted") is not None]
    product["is_retracted"] = any(retracted) if retracted else None
    product["access_right"] = access_right(product["instances"])
    product["is_peer_reviewed"] = is_peer_reviewed(product["instances"])
    for field in ("type", "published_on", "year", "publisher", "language", "is_retracted"):
        told.value(field, _who(ordered, field, product[field]))
    product["sources"] = sorted({record["source"] for record in ordered})
    product["record_ids"] = [record["record_id"] for record in ordered]
    name_registries(stated, told.entries)
    product["provenance"] = told.sorted() if len(stated) > 1 or is_marked(stated[0]) else []
    return product
