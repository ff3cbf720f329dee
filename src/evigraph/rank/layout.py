"""A citation graph as files: works newest first, row starts and references, mapped into memory and not read into it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.errors import InputError
from evigraph.rank.graph import CitationGraph

_VERSION = 1
_FACTS = "graph.json"
_ARRAYS: dict[str, Any] = {"years": np.int32, "row": np.int64, "cited": np.int32}


def write_graph(
    folder: Path, parts: Iterable[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]]
) -> dict[str, int]:
    """Writes a graph that comes in parts, newest works first, to `folder`; returns its numbers of nodes and edges.

    A part has the years of some works, how many references each has, and the places they cite: distinct, ascending
    for each work, none its own. Only the part at hand is in memory.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FACTS).unlink(missing_ok=True)
    n_nodes = n_edges = 0
    files = {name: (folder / f"{name}.bin").open("wb") for name in _ARRAYS}
    try:
        files["row"].write(np.zeros(1, dtype=np.int64).data)
        for years, n_references, cited in parts:
            files["years"].write(np.ascontiguousarray(years, dtype=np.int32).data)
            files["row"].write((n_edges + np.cumsum(n_references, dtype=np.int64)).data)
            files["cited"].write(np.ascontiguousarray(cited, dtype=np.int32).data)
            n_nodes += years.size
            n_edges += cited.size
    finally:
        for file in files.values():
            file.close()
    facts = {"version": _VERSION, "n_nodes": n_nodes, "n_edges": n_edges}
    (folder / _FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return {"n_nodes": n_nodes, "n_edges": n_edges}


def open_graph(folder: Path) -> CitationGraph:
    """The graph that `write_graph` left in `folder`; its arrays are pages of the files, which the system may drop.

    Raises:
        InputError: the folder holds no graph, or one that was not finished.
    """
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        sizes = {"years": facts["n_nodes"], "row": facts["n_nodes"] + 1, "cited": facts["n_edges"]}
        is_whole = facts["version"] == _VERSION and all(
            (folder / f"{name}.bin").stat().st_size == size * np.dtype(_ARRAYS[name]).itemsize
            for name, size in sizes.items()
        )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{folder}: no citation graph is here, or it was not finished; write it again") from error
    if not is_whole:
        raise InputError(f"{folder}: the files do not fit {_FACTS}; write the graph again")
    arrays = {
        name: np.memmap(folder / f"{name}.bin", dtype=_ARRAYS[name], mode="r", shape=(size,)).view(np.ndarray)
        if size
        else np.zeros(0, dtype=_ARRAYS[name])
        for name, size in sizes.items()
    }
    return CitationGraph(arrays["years"], arrays["row"], arrays["cited"], None, 0, 0)
