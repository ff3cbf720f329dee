"""What a release says of itself: its manifest, read gently.

A manifest may come from an older or newer evigraph: keys that are missing read as empty, keys that are not
known are kept in `document` and otherwise ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evigraph.errors import ReleaseError
from evigraph.model.said import PEOPLE

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class PayloadFacts:
    """A file that was harvested, as it went into the release."""

    name: str
    sha256: str = ""
    n_bytes: int | None = None
    origin: str = ""
    harvested_at: str = ""


@dataclass(frozen=True)
class SourceFacts:
    """A source of the release: what it is, on which terms it may be used, up to when it was harvested."""

    name: str
    label: str
    home_page: str = ""
    license: str = ""
    license_url: str = ""
    attribution: str = ""
    cut_off: str = ""
    n_records: int = 0
    payloads: tuple[PayloadFacts, ...] = ()


@dataclass(frozen=True)
class DefectCount:
    """How often one named defect was met in one source, how many records it cost, and one case of it in words."""

    source: str
    code: str
    n: int
    n_records_lost: int
    example: str = ""


@dataclass(frozen=True)
class TableFacts:
    """A table of the release: its rows, the hash of its canonical form, the size of its files."""

    name: str
    n_rows: int
    hash: str
    n_bytes: int


@dataclass(frozen=True)
class Manifest:
    """The facts of a release. `document` is the manifest as stored."""

    release_id: str
    graph_name: str = "evigraph"
    community: str = ""
    contact: str = ""
    created_at: str = ""
    evigraph_version: str = ""
    engine: str = ""
    release_hash: str = ""
    ranking: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[SourceFacts, ...] = ()
    defects: tuple[DefectCount, ...] = ()
    tables: tuple[TableFacts, ...] = ()
    steps: tuple[Any, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """The count of this name, 0 where the manifest does not give it."""
        return _whole(self.counts.get(name))

    @property
    def current_year(self) -> int | None:
        """The year against which the indicators were computed."""
        year = self.ranking.get("current_year")
        return _whole(year) or None

    @property
    def n_ranked(self) -> int:
        """Products that take part in the ranking: the denominator of the classes."""
        return _whole(self.ranking.get("n_nodes")) or self.count("ranked_products")

    @property
    def clusters(self) -> Mapping[str, Any]:
        """What clustering reported: sizes, the largest products, what spoke against; empty where it is not said."""
        return _mapping(self.document.get("clusters"))

    def table_rows(self, name: str) -> int:
        """How many rows a table has, 0 where the release has no such table."""
        return next((table.n_rows for table in self.tables if table.name == name), 0)

    @property
    def ledger_ordinal(self) -> int:
        """The last event of the ledger that the run read; 0 where the manifest does not say."""
        return _whole(_mapping(self.document.get("ledger")).get("ordinal"))

    def source_label(self, name: str) -> str:
        """The name of a source for people."""
        own = "People of this graph" if name == PEOPLE else name
        return next((source.label for source in self.sources if source.name == name), own)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the release in `folder`.

    Raises:
        ReleaseError: the folder holds no manifest, or one that cannot be read.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ReleaseError(f"{folder.name} is no release: it has no {MANIFEST}") from error
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read ({error}): build the release again") from error
    if not isinstance(document, dict):
        raise ReleaseError(f"{path} is not a manifest: build the release again")
    return parse_manifest(document, folder.name)


def parse_manifest(document: Mapping[str, Any], release_id: str) -> Manifest:
    """The facts in a manifest's JSON; `release_id` where it does not name itself."""
    graph = _mapping(document.get("graph"))
    engine = document.get("engine")
    return Manifest(
        release_id=_text(document.get("release_id")) or release_id,
        graph_name=_text(graph.get("name")) or "evigraph",
        community=_text(graph.get("community")),
        contact=_text(graph.get("contact")),
        created_at=_text(document.get("created_at")),
        evigraph_version=_text(document.get("evigraph_version")),
        engine=_text(engine.get("name") if isinstance(engine, dict) else engine),
        release_hash=_text(document.get("release_hash")),
        ranking=_mapping(document.get("ranking")),
        counts={name: _whole(n) for name, n in _mapping(document.get("counts")).items()},
        sources=tuple(_source(entry) for entry in _mappings(document.get("sources"))),
        defects=tuple(
            DefectCount(
                _text(entry.get("source")),
                _text(entry.get("code")),
                _whole(entry.get("n")),
                _whole(entry.get("n_records_lost")),
                _text(entry.get("example")),
            )
            for entry in _mappings(document.get("defects"))
        ),
        tables=tuple(
            TableFacts(
                name,
                _whole(_mapping(entry).get("rows")),
                _text(_mapping(entry).get("hash")),
                sum(_whole(file.get("bytes")) for file in _mappings(_mapping(entry).get("files"))),
            )
            for name, entry in _mapping(document.get("tables")).items()
        ),
        steps=tuple(document.get("steps") or ()),
        document=document,
    )


def _source(entry: Mapping[str, Any]) -> SourceFacts:
    name = _text(entry.get("name"))
    return SourceFacts(
        name=name,
        label=_text(entry.get("label")) or name,
        home_page=_text(entry.get("home_page")),
        license=_text(entry.get("license")),
        license_url=_text(entry.get("license_url")),
        attribution=_text(entry.get("attribution")),
        cut_off=_text(entry.get("cut_off")),
        n_records=_whole(entry.get("n_records")),
        payloads=tuple(
            PayloadFacts(
                name=_text(payload.get("name")),
                sha256=_text(payload.get("sha256")),
                n_bytes=_whole(payload.get("bytes")) or None,
                origin=_text(payload.get("origin")),
                harvested_at=_text(payload.get("harvested_at")),
            )
            for payload in _mappings(entry.get("payloads"))
        ),
    )


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
