"""evigraph: a research graph that anyone can run. `evigraph.open(HOME)` reads one from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evigraph.reading import Graph as Graph
    from evigraph.reading import open as open

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for: the commands need nothing of it.
    if name in ("open", "Graph"):
        from evigraph import reading

        return getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
