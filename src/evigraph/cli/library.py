"""The verb for reviewers, which needs no graph: dedupe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from evigraph.cli.options import Json, shown
from evigraph.cli.terminal import err, grid, number, out, print_json, progress

app = typer.Typer()

_OVERLAPS_SHOWN = 6


@app.command()
@shown
def dedupe(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Exported references; the first is preferred.")],
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    format_: Annotated[
        Literal["ris", "bibtex", "nbib", "endnote", "csv", "same"],
        typer.Option("--format", help="Of the kept set; same: each record in the format it came in."),
    ] = "ris",
    level: Annotated[
        Literal["duplicate", "version"],
        typer.Option(help="What is one: a publication told twice, or also a work published again."),
    ] = "duplicate",
    decisions: Annotated[
        Path | None, typer.Option(metavar="CSV", help="What people decided: open.csv with its column filled in.")
    ] = None,
    json: Json = False,
) -> None:
    """Remove the duplicates from exported references: kept set, evidence, PRISMA numbers. Needs no graph."""
    from evigraph.library.deduplication import deduplicate_files

    with progress(not json) as report:
        report("read and compare", 0, None)
        made = deduplicate_files(files, out_folder, format_, level, decisions)
    if json:
        print_json(made)
    else:
        _print(made, out_folder, files)
    unreadable = [file for file in made["files"] if not file["records_identified"] and file["defects"]]
    for file in unreadable:
        err.print(f"evigraph: nothing could be read of {file['file']}: {file['defects'][0]['example']}", markup=False)
    if unreadable:
        raise typer.Exit(2)


def _print(made: Mapping[str, Any], folder: Path, files: list[Path]) -> None:
    table = grid("", "identified", "duplicates", "kept", "only there", right=(1, 2, 3, 4))
    for row in made["sources"]:
        table.add_row(escape(row["source"]), *_counts(row), number(row["n_unique"]))
    table.add_row("[bold]in all[/bold]", *_counts(made), "")
    out.print(table)
    for pair in made["overlap"][:_OVERLAPS_SHOWN]:
        works = "1 work is" if pair["n"] == 1 else f"{number(pair['n'])} works are"
        out.print(f"{works} in both {pair['source_l']} and {pair['source_r']}", markup=False)
    if more := len(made["overlap"]) - _OVERLAPS_SHOWN:
        out.print(f"{more} more overlaps: prisma.json") if more > 0 else None
    _print_losses(made)
    for note in made["notes"]:
        out.print(f"note: {note}", markup=False)
    out.print("")
    kept = ", ".join(name for name in made["written"] if name.startswith("kept."))
    lines = [
        (kept, "the kept set"),
        ("clusters.csv", "every record: kept or removed, with which, and why"),
        ("evidence.csv", "every pair that was found alike, in words"),
        ("prisma.json", "all numbers, for the flow diagram"),
    ]
    if made["pairs_open"]:
        lines.insert(1, ("open.csv", f"pairs for you to decide: {number(made['pairs_open'])}"))
    if made["pairs_of_versions"]:
        lines.insert(-1, ("versions.csv", f"pairs of works published again: {number(made['pairs_of_versions'])}"))
    results = grid("", "")
    for name, what in lines:
        results.add_row(f"{folder / name}" if ", " not in name else f"{folder}: {name}", what)
    out.print(results)
    if made["pairs_open"]:
        names = " ".join(str(file) for file in files) if len(files) < 5 else "FILE…"
        out.print(
            "\nto decide: write same or different into the first column of open.csv, save it as decided.csv, then\n"
            f"  evigraph dedupe {names} --out {folder} --decisions decided.csv",
            markup=False,
        )


def _counts(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(number(row[name]) for name in ("records_identified", "duplicates_removed", "records_kept"))


def _print_losses(made: Mapping[str, Any]) -> None:
    if made["records_lost"]:
        out.print(f"\n{number(made['records_lost'])} records could not be read:")
    n_remarks = 0
    for file in made["files"]:
        for defect in file["defects"]:
            if defect["n_records_lost"]:
                out.print(f"  {defect['example']}", markup=False)
                if (more := defect["n"] - 1) > 0:
                    out.print(f"  and {number(more)} more of {file['file']}: {defect['code']}", markup=False)
            else:
                n_remarks += defect["n"]
    if n_remarks:
        out.print(
            f"{number(n_remarks)} remarks on what files hold (bad dates, no titles, …), none of which cost a record"
        )
