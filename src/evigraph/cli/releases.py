"""The verbs that look after releases: list, rollback, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from evigraph.cli.options import Home, Json, existing, shown
from evigraph.cli.terminal import grid, number, out, print_json
from evigraph.store.release import releases as all_releases
from evigraph.store.releases import prune, rollback

releases = typer.Typer(help="The releases of a graph: list them, go back, make room.", no_args_is_help=True)


@releases.command("list")
@shown
def releases_list(home: Home = Path(), json: Json = False) -> None:
    """List the releases, newest first; the served one is marked."""
    rows: list[dict[str, Any]] = [
        {
            "release_id": summary.manifest.release_id,
            "is_served": summary.is_served,
            "created_at": summary.manifest.created_at,
            "release_hash": summary.manifest.release_hash,
            "products": summary.manifest.counts.get("products", 0),
        }
        for summary in all_releases(existing(home))
    ]
    if json:
        print_json(rows)
        return
    table = grid("", "release", "made", "products", "sha256", right=(3,))
    for row in rows:
        mark = "served" if row["is_served"] else ""
        table.add_row(mark, row["release_id"], row["created_at"], number(row["products"]), row["release_hash"][:16])
    out.print(table if rows else f"no release yet: evigraph run --home {home}")


@releases.command("rollback")
@shown
def releases_rollback(home: Home = Path(), json: Json = False) -> None:
    """Serve the release before the served one."""
    release_id = rollback(existing(home))
    if json:
        print_json({"release_id": release_id})
    else:
        out.print(f"serving release {release_id}")


@releases.command("prune")
@shown
def releases_prune(
    home: Home = Path(),
    keep: Annotated[int, typer.Option(help="How many of the newest stay; the served one always does.", min=0)] = 3,
    json: Json = False,
) -> None:
    """Remove old releases."""
    removed = prune(existing(home), keep)
    if json:
        print_json({"removed": removed})
    else:
        out.print(f"removed {len(removed)}: {', '.join(removed)}" if removed else "nothing to remove")
