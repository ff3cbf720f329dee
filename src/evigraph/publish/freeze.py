"""A finished run made into a release: its tables, index and manifest, put in place in one step.

A release is written beside its final place and renamed when whole; `current` is then replaced. A process killed
at any moment leaves the served release as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evigraph import __version__
from evigraph.engine.layout import parquet_files
from evigraph.errors import ReleaseError
from evigraph.model.table import Table
from evigraph.publish.canonical import hash_release, hash_table
from evigraph.store.durable import sync_folder, write_durably
from evigraph.store.manifest import MANIFEST
from evigraph.store.releases import serve, served_manifest

FORMAT = 1

#: Builds the search index of the tables in the first folder into the second; returns the number of documents.
IndexBuilder = Callable[[Path, Path], int]


def freeze(
    home: Path,
    tables: Mapping[Table, list[Path]],
    facts: Mapping[str, Any],
    build_index: IndexBuilder,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The manifest of the release made of these tables, which is the served one from now on.

    If the release that is served holds the same rows, made by the same version, it stays and its manifest is
    returned.

    Args:
        home: the graph's folder.
        tables: each table of the release with the folders that hold its rows; one folder, in key order.
        facts: what the manifest says beside tables and hashes.
        build_index: builds the search index.
        progress: told what is being done.
    """
    progress("hash tables")
    hashes: dict[str, tuple[str, int]] = {}
    for table, folders in tables.items():
        if len(folders) != 1:
            raise ReleaseError(f"table {table.name} was written by {len(folders)} steps: a release needs one")
        hashes[table.name] = hash_table(table, parquet_files(folders[0]))
    release_hash = hash_release({name: hash_ for name, (hash_, _) in hashes.items()})
    served = served_manifest(home)
    if served and served.release_hash == release_hash and _same_making(served.document, facts):
        return dict(served.document)
    created_at = datetime.now(UTC)
    release_id = _release_id(home, created_at, release_hash)
    partial = home / "releases" / f"{release_id}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    progress("copy tables")
    files = {
        table.name: _take(parquet_files(folders[0]), partial / "tables" / table.name)
        for table, folders in tables.items()
    }
    progress("build index")
    n_documents = build_index(partial / "tables", partial / "index")
    manifest = {
        "format": FORMAT,
        "release_id": release_id,
        "created_at": created_at.isoformat(timespec="milliseconds"),
        "evigraph_version": __version__,
        "release_hash": release_hash,
        **facts,
        "tables": {name: {"rows": rows, "hash": hash_, "files": files[name]} for name, (hash_, rows) in hashes.items()},
        "index": {"documents": n_documents},
    }
    write_durably(partial / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    final = home / "releases" / release_id
    partial.rename(final)
    sync_folder(final.parent)
    serve(home, release_id)
    return manifest


def _same_making(served: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    # Payloads may be harvested again without changing a row; the manifest must then still name them all.
    making = ("graph", "ranking", "sources", "counts")
    same = all(served.get(name) == json.loads(json.dumps(facts.get(name))) for name in making)
    return same and served.get("evigraph_version") == __version__


def _release_id(home: Path, created_at: datetime, release_hash: str) -> str:
    plain = f"{created_at:%Y-%m-%d}-{release_hash[:8]}"
    release_id, number = plain, 1
    while (home / "releases" / release_id).exists():
        number += 1
        release_id = f"{plain}-{number}"
    return release_id


def _take(files: list[Path], folder: Path) -> list[dict[str, Any]]:
    """Links finished files into a release (copies where the file system cannot link); names, hashes, sizes."""
    folder.mkdir(parents=True)
    taken = []
    for path in files:
        place = folder / path.name
        try:
            os.link(path, place)
        except OSError:
            shutil.copyfile(path, place)
        with place.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        taken.append({"name": path.name, "sha256": digest, "bytes": place.stat().st_size})
    return taken
