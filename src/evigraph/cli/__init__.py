"""The command line: one verb a stage, and demo, run, serve, why."""

from __future__ import annotations

from typing import Annotated

import typer

from evigraph import __version__
from evigraph.cli import build, library, read
from evigraph.cli.people import accounts, ledger
from evigraph.cli.releases import releases
from evigraph.cli.terminal import out

app = typer.Typer(
    name="evigraph",
    help="A research graph that anyone can run: harvest, deduplicate, link, rank and serve scholarly records.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(build.app)
app.add_typer(read.app)
app.add_typer(library.app)
app.add_typer(releases, name="releases")
app.add_typer(accounts, name="accounts")
app.add_typer(ledger, name="ledger")


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """A research graph that anyone can run: harvest, deduplicate, link, rank and serve scholarly records."""
    if version:
        out.print(f"evigraph {__version__}")
        raise typer.Exit


def main() -> None:
    """Runs the command line."""
    app()
