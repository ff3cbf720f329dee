"""The releases in a graph's folder: which is served, going back, and making room."""

from __future__ import annotations

import shutil
from pathlib import Path

from evigraph.errors import ReleaseError
from evigraph.store.durable import write_durably
from evigraph.store.manifest import MANIFEST, Manifest, read_manifest
from evigraph.store.release import CURRENT, releases, served_id


def served_manifest(home: Path) -> Manifest | None:
    """The manifest of the release that is served, or None where there is none that can be read."""
    release_id = served_id(home)
    try:
        return read_manifest(home / "releases" / release_id) if release_id else None
    except ReleaseError:
        return None


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


def rollback(home: Path) -> str:
    """The id of the release that is served from now on: the one made before the served one.

    Raises:
        ReleaseError: there is none before it.
    """
    summaries = releases(home)
    place = next((place for place, summary in enumerate(summaries) if summary.is_served), None)
    if place is None:
        raise ReleaseError("there is no release to go back from: run `evigraph run` first")
    if place == len(summaries) - 1:
        raise ReleaseError(f"there is no release before {summaries[place].manifest.release_id}")
    before = summaries[place + 1].manifest.release_id
    serve(home, before)
    return before


def prune(home: Path, keep: int) -> list[str]:
    """The ids of the releases removed: all but the served one and the `keep` newest."""
    removed = [summary.manifest.release_id for summary in releases(home)[keep:] if not summary.is_served]
    for release_id in removed:
        folder = home / "releases" / release_id
        # Without its manifest it is no release: a kill between the two leaves rubbish, never half a release.
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)
    return removed
