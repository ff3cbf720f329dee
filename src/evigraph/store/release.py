"""A release, read: one immutable set of tables, search index and manifest. Everything that reads, reads one."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from evigraph.errors import ReleaseError
from evigraph.model.pid import PREFIX_WIDTH, Pid, id_of, is_product_id, normalise_openaire, parse_pid
from evigraph.model.table import Table
from evigraph.model.tables import (
    ALIAS,
    CITATION,
    CITED_REFERENCE,
    ENTITY_INDICATOR,
    ENTITY_PRODUCT,
    EVIDENCE,
    INDICATOR,
    INDICATOR_GROUP,
    INDICATOR_VIEW,
    OPEN_PAIR,
    PRODUCT,
    RECORD,
    RECORD_RELATION,
    RELATION,
)
from evigraph.store.entities import Entities
from evigraph.store.keyed import BlockCache, KeyedTable, Row
from evigraph.store.manifest import MANIFEST, Manifest, read_manifest
from evigraph.store.rows import rows_file
from evigraph.store.search import SearchIndex

CURRENT = "current"

#: How many releases before it a release looks back to.
_EARLIER = 5

_LOG = logging.getLogger(__name__)

#: OpenAIRE's prefixes of deduplicated products (`doi_dedup___`): they carry the md5 of the plain prefix.
_DEDUP_PREFIX = re.compile(r"([A-Za-z0-9]+)_dedup_*$")


@dataclass(frozen=True)
class Superseded:
    """An id that once was a product's, or another's form of it, and the product that answers for it now."""

    asked: str
    product_id: str


@dataclass(frozen=True)
class ReleaseSummary:
    """A release of a graph: its manifest and whether it is the one that is served."""

    manifest: Manifest
    is_served: bool


class Release:
    """One release, open for reading. Safe to use from many threads; nothing in it ever changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        cache = self._cache = BlockCache()

        def table(contract: Table) -> KeyedTable:
            return KeyedTable(rows_file(folder / "index", contract), contract, cache)

        self._products = table(PRODUCT)
        self._indicators = table(INDICATOR)
        self._relations = table(RELATION)
        self._references = table(CITED_REFERENCE)
        self._records = table(RECORD)
        self._aliases = table(ALIAS)
        self._evidence = table(EVIDENCE)
        self._open_pairs = table(OPEN_PAIR)
        self._record_relations = table(RECORD_RELATION)
        self._citations = table(CITATION)
        self._views = table(INDICATOR_VIEW)
        self._groups = table(INDICATOR_GROUP)
        self._entities = table(ENTITY_INDICATOR)
        self._entity_products = table(ENTITY_PRODUCT)

    @cached_property
    def entities(self) -> Entities:
        """The organizations, projects, data sources and communities of this release."""
        return Entities(self.folder, self._cache)

    @classmethod
    def open(cls, home: Path, release_id: str | None = None) -> Release:
        """The release of the graph in `home` with this id, or the one that is served.

        Raises:
            ReleaseError: there is no release yet, none of this id, or it is damaged; the message says what to do.
        """
        release_id = release_id or served_id(home)
        if release_id is None:
            raise ReleaseError(f"no release yet: run `evigraph run --home {home}`")
        folder = home / "releases" / release_id
        if not (folder / MANIFEST).is_file():
            raise ReleaseError(
                f"there is no release {release_id}: `evigraph releases list --home {home}` names those there are"
            )
        return cls(folder)

    @cached_property
    def search(self) -> SearchIndex:
        """The search index of this release."""
        return SearchIndex(self.folder / "index")

    def resolve(self, text: str) -> str | Superseded | None:
        """The id of the product that `text` names, or None.

        `text` may be a product id, a DOI, PMID, PMCID, arXiv or OpenAlex id in any usual form, or a record id.
        An id that was superseded, or that is OpenAIRE's form of ours, answers with `Superseded`.
        """
        text = text.strip()
        if not text:
            return None
        stated = normalise_openaire(text)
        if stated and is_product_id(stated):
            return self._resolve_id(stated)
        if answer := self._alias(text):
            return answer
        pid = parse_pid(text)
        return self._resolve_pid(pid) if pid else None

    def _resolve_pid(self, pid: Pid) -> str | None:
        return self._alias(str(pid)) or (own if self._products.get(own := id_of(pid), ("product_id",)) else None)

    def _resolve_id(self, stated: str) -> str | Superseded | None:
        for form in (stated, _own_form(stated)):
            if self._products.get(form, ("product_id",)):
                return form if form == stated else Superseded(stated, form)
            if answer := self._alias(form) or self._alias(f"openaire:{form}"):
                return Superseded(stated, answer)
        return None

    def _alias(self, text: str) -> str | None:
        row = self._aliases.get(text)
        return row["product_id"] if row else None

    def product(self, product_id: str, columns: Sequence[str] | None = None) -> Row | None:
        """The product's row, or None."""
        return self._products.get(product_id, columns)

    def products(self, product_ids: Iterable[str], columns: Sequence[str] | None = None) -> dict[str, Row]:
        """The rows of these products by id; `product_id` is always among the columns."""
        if columns is not None and "product_id" not in columns:
            columns = ("product_id", *columns)
        return self._products.get_many(product_ids, columns)

    def indicator(self, product_id: str, columns: Sequence[str] | None = None) -> Row | None:
        """The indicators of a product, raw and as classes, or None where it is not ranked."""
        return self._indicators.get(product_id, columns)

    def citations(self, product_id: str) -> list[Row]:
        """The citations of a product that the indicators count, with what each carries, by the citing product's id."""
        return self._citations.range(product_id)

    def views(self, product_id: str) -> list[Row]:
        """The product's indicators compared inside each of its groups."""
        return self._views.range(product_id)

    def groups(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Row]]:
        """The rows of these groups (view, group_id), each by indicator."""
        found = {}
        for key in dict.fromkeys(keys):
            found[key] = {row["indicator"]: row for row in self._groups.range(key)}
        return found

    def entity(self, kind: str, entity_id: str) -> Row | None:
        """The indicators of an author, journal, organization, project or community, or None."""
        return self._entities.get((kind, entity_id))

    def entity_products(self, kind: str, entity_id: str, offset: int = 0, limit: int | None = None) -> list[Row]:
        """Its products, the most cited first."""
        return self._entity_products.range((kind, entity_id), offset, limit)

    @cached_property
    def earlier(self) -> tuple[Release, ...]:
        """The releases of the same graph that were made before this one, the newest first, a few at most."""
        made = (self.manifest.created_at, self.manifest.release_id)
        stamped = [((m.created_at, m.release_id), name) for name, m in _by_folder(self.folder.parent)]
        before = sorted((pair for pair in stamped if pair[0] < made), reverse=True)
        return tuple(Release(self.folder.parent / name) for _, name in before[:_EARLIER])

    def product_of(self, product_id: str, record_ids: Iterable[str]) -> str | None:
        """The id that a product of a later release has here, by its own id or else the first record that is known."""
        if self._products.get(product_id, ("product_id",)):
            return product_id
        return next((found for record_id in record_ids if (found := self._alias(record_id))), None)

    def relations(self, product_id: str, relation: str, offset: int = 0, limit: int | None = None) -> list[Row]:
        """The product's relations of one DataCite type, in order of the other product's id."""
        return self._relations.range((product_id, relation), offset, limit)

    def related_ids(self, product_id: str, relation: str, limit: int | None = None) -> list[str]:
        """The ids of the products on the other end of one type of relation."""
        ids: list[str] = self._relations.values((product_id, relation), "target_id", limit)
        return ids

    def relation_counts(self, product_id: str) -> dict[str, int]:
        """How many relations of each DataCite type the product has."""
        return self._relations.counts(product_id)

    def references(self, product_id: str, record_id: str | None = None) -> list[Row]:
        """The product's reference lists in order, those of one record where it is given."""
        prefix = (product_id,) if record_id is None else (product_id, record_id)
        return self._references.range(prefix)

    def records(self, record_ids: Iterable[str], columns: Sequence[str] | None = None) -> list[Row]:
        """The rows of these records, in the order asked, those that exist."""
        ids = list(record_ids)
        if columns is not None and "record_id" not in columns:
            columns = ("record_id", *columns)
        rows = self._records.get_many(ids, columns)
        return [rows[record_id] for record_id in ids if record_id in rows]

    def record_relations(self, record_ids: Iterable[str]) -> list[Row]:
        """How these records are versions of others of their product, from each of them, in the order of ids."""
        return [row for record_id in sorted(set(record_ids)) for row in self._record_relations.range((record_id,))]

    @property
    def n_open_pairs(self) -> int:
        """How many pairs wait for a person; 0 in a release that was made before they were kept."""
        return self.manifest.table_rows(OPEN_PAIR.name)

    @cached_property
    def open_pair_places(self) -> dict[frozenset[str], int]:
        """The place of each open pair by its two records."""
        rows = self._open_pairs.all(("place", "record_id_l", "record_id_r"))
        return {frozenset((row["record_id_l"], row["record_id_r"])): row["place"] for row in rows}

    def open_pairs(self, places: Iterable[int]) -> list[Row]:
        """The open pairs at these places (from 1), in the order asked, those that exist."""
        keys = [(place,) for place in places]
        rows = self._open_pairs.get_many(keys)
        return [rows[key] for key in keys if key in rows]

    def evidence(self, record_ids: Iterable[str]) -> list[Row]:
        """Why pairs among these records are, or are not, the same work."""
        ids = set(record_ids)
        return [
            row for record_id in sorted(ids) for row in self._evidence.range((record_id,)) if row["record_id_r"] in ids
        ]


def _own_form(product_id: str) -> str:
    """`doi_dedup___::md5` and `arXiv_______::md5` as this graph writes them."""
    prefix, _, md5 = product_id.partition("::")
    if match := _DEDUP_PREFIX.match(prefix):
        prefix = match.group(1)
    return f"{prefix.rstrip('_').lower().ljust(PREFIX_WIDTH, '_')}::{md5}"


def served_id(home: Path) -> str | None:
    """The id of the release that is served, or None where there is none yet."""
    try:
        return (home / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def releases(home: Path) -> list[ReleaseSummary]:
    """The releases of the graph in `home`, the newest first. Folders without a readable manifest are left out."""
    served = served_id(home)
    found = [ReleaseSummary(manifest, folder == served) for folder, manifest in _by_folder(home / "releases")]
    return sorted(found, key=lambda summary: (summary.manifest.created_at, summary.manifest.release_id), reverse=True)


def _by_folder(folder: Path) -> list[tuple[str, Manifest]]:
    """The manifests of the releases in a folder, with the names of their folders."""
    found: list[tuple[str, Manifest]] = []
    for path in folder.glob(f"*/{MANIFEST}"):
        try:
            found.append((path.parent.name, read_manifest(path.parent)))
        except ReleaseError as error:
            _LOG.warning("left out: %s", error)
    return found


class ServedRelease:
    """The release that `HOME/current` names, opened anew when that changes.

    A request takes the release once and keeps it: what it started with, it finishes with. Asking costs one
    `stat`. A new release that cannot be opened leaves the old one served.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._release: Release | None = None

    def get(self) -> Release:
        """The served release.

        Raises:
            ReleaseError: there is none yet, or none that can be opened.
        """
        try:
            stat = (self._home / CURRENT).stat()
        except FileNotFoundError as error:
            if self._release is not None:
                return self._release
            raise ReleaseError(f"no release yet: run `evigraph run --home {self._home}`") from error
        seen = (stat.st_mtime_ns, stat.st_ino)
        if self._release is not None and seen == self._seen:
            return self._release
        with self._lock:
            if self._release is None or seen != self._seen:
                self._open(seen)
            assert self._release is not None
            return self._release

    def _open(self, seen: tuple[int, int]) -> None:
        try:
            release = Release.open(self._home)
            release.search  # noqa: B018 - opened here, so that no request waits for it
        except ReleaseError as error:
            if self._release is None:
                raise
            _LOG.error("the release %s stays served: %s", self._release.manifest.release_id, error)
        else:
            self._release = release
        self._seen = seen
