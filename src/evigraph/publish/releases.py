"""The releases in a graph's folder: which is served, going back, and making room."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from evigraph.errors import ReleaseError

CURRENT = "current"
MANIFEST = "manifest.json"


def served_manifest(home: Path) -> dict[str, Any] | None:
    """The manifest of the release that is served, or None where there is none."""
    try:
        release_id = (home / CURRENT).read_text().strip()
        manifest: dict[str, Any] = json.loads((home / "releases" / release_id / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return manifest


def serve(home: Path, release_id: str) -> None:
    """Makes a release the served one, in one atomic step.

    Raises:
        ReleaseError: there is no whole release of this id.
    """
    if not (home / "releases" / release_id / MANIFEST).is_file():
        raise ReleaseError(f"there is no release {release_id}: `evigraph releases list` shows them")
    write_durably(home / CURRENT, f"{release_id}\n")


def remove_partial(home: Path) -> None:
    """Removes what a killed run left of an unfinished release."""
    for folder in (home / "releases").glob("*.partial"):
        shutil.rmtree(folder, ignore_errors=True)


def manifests(home: Path) -> list[dict[str, Any]]:
    """The manifests of all whole releases, oldest first."""
    paths = (home / "releases").glob(f"*/{MANIFEST}")
    found = [json.loads(path.read_text()) for path in paths if path.parent.suffix != ".partial"]
    return sorted(found, key=lambda manifest: (manifest["created_at"], manifest["release_id"]))


def rollback(home: Path) -> str:
    """The id of the release that is served from now on: the one made before the served one.

    Raises:
        ReleaseError: there is none before it.
    """
    served = served_manifest(home)
    ids = [manifest["release_id"] for manifest in manifests(home)]
    if served is None or not ids:
        raise ReleaseError("there is no release to go back from: run `evigraph run` first")
    position = ids.index(served["release_id"])
    if position == 0:
        raise ReleaseError(f"there is no release before {served['release_id']}")
    serve(home, ids[position - 1])
    return str(ids[position - 1])


def prune(home: Path, keep: int) -> list[str]:
    """The ids of the releases removed: all but the served one and the `keep` newest."""
    served = served_manifest(home)
    ids = [str(manifest["release_id"]) for manifest in manifests(home)]
    kept = set(ids[-keep:] if keep else []) | ({served["release_id"]} if served else set())
    removed = [release_id for release_id in ids if release_id not in kept]
    for release_id in removed:
        folder = home / "releases" / release_id
        # Without its manifest it is no release: a kill between the two leaves rubbish, never half a release.
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)
    return removed


def write_durably(path: Path, text: str) -> None:
    """Replaces a small file by `text`, whole or not at all, kept through a loss of power."""
    temporary = path.with_name(f"{path.name}.partial")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
