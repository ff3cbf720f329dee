"""Options that several commands share, and how expected failures are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from evigraph.cli.terminal import err
from evigraph.errors import EvigraphError, InputError

Home = Annotated[Path, typer.Option("--home", help="The graph's folder.", file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
EngineName = Annotated[Literal["duckdb", "spark"] | None, typer.Option("--engine", help="Where set steps run.")]


def shown(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with expected failures shown as one line and exit code 2, an interrupt as 130."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except EvigraphError as error:
            err.print(f"evigraph: {error}", markup=False)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            err.print("evigraph: stopped; what is finished is kept, the same command goes on from there")
            raise typer.Exit(130) from None

    return guarded


def existing(home: Path) -> Path:
    """`home`, which is a folder.

    Raises:
        InputError: it is not.
    """
    if not home.is_dir():
        raise InputError(f"{home} is no folder: `evigraph init {home}` makes a graph there")
    return home
