"""What a harvester's list holds: products in order of their ids, then those that are gone, page by page.

A product's datestamp is when the release was made that first holds it as it is, among the releases that are kept;
that of one that is gone, when the release was made that first lacks it.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evigraph.store import marks
from evigraph.store.changes import changes, kept_before
from evigraph.store.keyed import Row
from evigraph.store.query import Exact, Node
from evigraph.store.release import Release

_TYPES = ("publication", "dataset", "software", "other")
_SOURCE = "source_"


@dataclass(frozen=True)
class Dated:
    """When a product that differs from the oldest kept release last changed, and whether it is gone."""

    datestamp: str
    is_deleted: bool


@dataclass(frozen=True)
class History:
    """The datestamps of a release: that of most products, and those of the others by id."""

    oldest: str
    newest: str
    others: Mapping[str, Dated]

    def of(self, product_id: str) -> Dated:
        """The datestamp of a product of the release, or of one that is gone."""
        return self.others.get(product_id) or Dated(self.oldest, False)


def seconds(instant: str) -> str:
    """An ISO 8601 instant in UTC as OAI-PMH writes it, to the second."""
    return f"{instant[:19]}Z"


def history_of(release: Release) -> History:
    """The datestamps of a release, from the changes between the releases that are kept."""
    home = release.folder.parent.parent
    return _history(home, tuple(kept_before(home, release.manifest.release_id)))


@lru_cache(maxsize=4)
def _history(home: Path, kept: tuple[tuple[str, str], ...]) -> History:
    others: dict[str, Dated] = {}
    for (older, _), (newer, made) in itertools.pairwise(kept):
        found = changes(home, older, newer)
        others.update(dict.fromkeys([*found.added, *found.changed], Dated(seconds(made), False)))
        others.update(dict.fromkeys(found.deleted, Dated(seconds(made), True)))
    return History(seconds(kept[0][1]), seconds(kept[-1][1]), others)


@dataclass(frozen=True)
class Asked:
    """A list: the set, and the bounds of datestamps, to the second, both included."""

    set: str | None = None
    first: str | None = None
    last: str | None = None

    def holds(self, datestamp: str) -> bool:
        """Whether a datestamp lies within the bounds."""
        return (self.first is None or datestamp >= self.first) and (self.last is None or datestamp <= self.last)


@dataclass(frozen=True)
class Entry:
    """An entry of a list: the product's row (None: it is gone) with id and datestamp."""

    product_id: str
    datestamp: str
    row: Row | None


@dataclass(frozen=True)
class Page:
    """A page of a list: entries, where the next begins (None: this is the last), and how many entries there are."""

    entries: list[Entry]
    next: str | None
    total: int | None


def sets_of(row: Row) -> list[str]:
    """The sets that a product is in."""
    found = [row["type"]] if row["type"] in _TYPES else []
    if row["access_right"] == "c_abf2":
        found.append("open_access")
    return [*found, *(_SOURCE + name for name in row["sources"] or ())]


def sets(release: Release) -> dict[str, str]:
    """The sets of a release by spec, with their names."""
    named = {name: f"Products of the type {name}" for name in _TYPES}
    named["open_access"] = "Products with an open access copy"
    return {**named, **{_SOURCE + one.name: f"Products that {one.label} describes" for one in release.manifest.sources}}


def _query(name: str | None) -> Node | None:
    if name is None:
        return None
    if name == "open_access":
        return Exact("access", "c_abf2")
    if name.startswith(_SOURCE):
        return Exact("source", name.removeprefix(_SOURCE))
    return Exact("mark", marks.kind(name))


def page_of(release: Release, history: History, asked: Asked, at: str | None, size: int) -> Page:
    """The page of a list that begins at `at`, a `next` of the page before; None: the first."""
    if asked.holds(history.oldest):
        return _of_all(release, history, asked, at, size)
    found = sorted(key for key, dated in history.others.items() if asked.holds(dated.datestamp))
    start = bisect_left(found, at[1:]) if at else 0
    entries: list[Entry] = []
    while start < len(found) and len(entries) < size:
        chosen = found[start : start + size - len(entries)]
        start += len(chosen)
        entries += _entries(release, history, asked, chosen)
    return Page(entries, f"i{found[start]}" if start < len(found) else None, len(found) if asked.set is None else None)


def _of_all(release: Release, history: History, asked: Asked, at: str | None, size: int) -> Page:
    """A page of a list that holds most products: those of the index that are within, then those that are gone."""
    gone = sorted(key for key, dated in history.others.items() if dated.is_deleted and asked.holds(dated.datestamp))
    gone = gone if asked.set is None else []
    entries: list[Entry] = []
    place: int | None = int(at[1:]) if at and at[0] == "p" else None
    total: int | None = None
    if at is None or at[0] == "p":
        while len(entries) < size:
            walked = release.search.walk(_query(asked.set), None, after=place, limit=size - len(entries))
            ids = [card["product_id"] for card in walked.hits]
            entries += _entries(release, history, asked, ids)
            place, total = walked.next, walked.total + len(gone)
            if place is None:
                break
        if place is not None:
            return Page(entries, f"p{place}", total)
    start = bisect_left(gone, at[1:]) if at and at[0] == "g" else 0
    chosen = gone[start : start + size - len(entries)]
    entries += [Entry(key, history.of(key).datestamp, None) for key in chosen]
    start += len(chosen)
    return Page(entries, f"g{gone[start]}" if start < len(gone) else None, total)


def _entries(release: Release, history: History, asked: Asked, ids: list[str]) -> list[Entry]:
    rows = release.products(ids)
    found = []
    for product_id in ids:
        dated, row = history.of(product_id), rows.get(product_id)
        if not asked.holds(dated.datestamp):
            continue
        # What is gone has no sets any more: it is told only to those who harvest everything.
        if asked.set is not None and (row is None or asked.set not in sets_of(row)):
            continue
        found.append(Entry(product_id, dated.datestamp, row))
    return found
