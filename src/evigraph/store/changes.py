"""What one release holds that an older one did not: products added, changed and gone.

Worked out once for two releases and kept in `HOME/changes`, which may be deleted at any time.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.model.tables import PRODUCT
from evigraph.store.manifest import MANIFEST, read_manifest

FOLDER = "changes"

_SCHEMA = pa.schema([("product_id", pa.string()), ("change", pa.string())])
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Changes:
    """The ids of products that the newer of two releases has added, changed or no longer has, each in order."""

    older: str
    newer: str
    added: list[str]
    changed: list[str]
    deleted: list[str]


def changes(home: Path, older: str, newer: str) -> Changes:
    """What changed between two releases of a graph: a product has changed where any column of its row has.

    Raises:
        ReleaseError: one of them is not kept.
    """
    for release_id in (older, newer):
        read_manifest(home / "releases" / release_id)
    path = home / FOLDER / f"{older}--{newer}.parquet"
    with _ONE_AT_A_TIME:
        if not path.exists():
            _write(home, older, newer, path)
    table = pq.read_table(path)
    rows = list(zip(table.column("product_id").to_pylist(), table.column("change").to_pylist(), strict=True))
    by_kind = {kind: [key for key, change in rows if change == kind] for kind in ("added", "changed", "deleted")}
    return Changes(older, newer, by_kind["added"], by_kind["changed"], by_kind["deleted"])


def _write(home: Path, older: str, newer: str, path: Path) -> None:
    before, after = (read_manifest(home / "releases" / name) for name in (older, newer))
    hashes = [next((table.hash for table in one.tables if table.name == PRODUCT.name), None) for one in (before, after)]
    found: list[tuple[str, str]] = []
    if hashes[0] is None or hashes[0] != hashes[1]:
        found = _compared(home, older, newer)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    ids, kinds = [key for key, _ in found], [kind for _, kind in found]
    pq.write_table(pa.table({"product_id": ids, "change": kinds}, schema=_SCHEMA), partial, compression="zstd")
    partial.replace(path)


def _compared(home: Path, older: str, newer: str) -> list[tuple[str, str]]:
    # Loading the engine takes longer than a server should need to start.
    from evigraph.engine.duckdb import DuckDBEngine

    scratch = home / FOLDER / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    engine = DuckDBEngine(memory="1GB", scratch=scratch)
    try:
        old, new = (engine.read(PRODUCT, home / "releases" / name / "tables" / PRODUCT.name) for name in (older, newer))
        ids = {
            "deleted": old.select("product_id").difference(new.select("product_id")),
            "added": new.select("product_id").difference(old.select("product_id")),
            "differing": new.difference(old).select("product_id"),
        }
        told = {kind: set(engine.arrow(found).column("product_id").to_pylist()) for kind, found in ids.items()}
    finally:
        engine.close()
        shutil.rmtree(scratch, ignore_errors=True)
    found = [(key, kind) for kind in ("added", "deleted") for key in told[kind]]
    return sorted([*found, *((key, "changed") for key in told["differing"] - told["added"])])


def kept_before(home: Path, release_id: str) -> list[tuple[str, str]]:
    """The releases of a graph up to this one, the oldest first, each as id and the instant it was made."""
    made = []
    for path in (home / "releases").glob(f"*/{MANIFEST}"):
        manifest = read_manifest(path.parent)
        made.append((manifest.created_at, manifest.release_id))
    made.sort()
    end = next((place for place, (_, name) in enumerate(made, 1) if name == release_id), len(made))
    return [(name, created_at) for created_at, name in made[:end]]
