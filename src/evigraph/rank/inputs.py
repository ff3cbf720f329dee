"""Citation graphs as they are given to `evigraph rank`: a release, an index of citations, or tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from evigraph.errors import InputError
from evigraph.model.tables import CITATION, INDICATOR, PRODUCT
from evigraph.rank import opencitations
from evigraph.rank.edge_lists import EDGE_HEADERS, Nodes, read_edges, read_nodes
from evigraph.rank.solve import Progress
from evigraph.rank.tabular import Report, layout_of


@dataclass(frozen=True)
class GivenGraph:
    """A citation graph out of files: works with years, citations as positions, what it was read as.

    `parameters` are those of the release that it comes from, else empty.
    """

    works: Nodes
    citing: npt.NDArray[np.int32]
    cited: npt.NDArray[np.int32]
    format: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read_graph(edges: Path, nodes: Path | None, report: Report, progress: Progress | None = None) -> GivenGraph:
    """The citation graph in `edges`, with the works of `nodes` where they are given.

    `edges` is a graph's folder or one of its releases, an OpenCitations Index (CSV, or a zip of CSV), the input of
    BIP! Ranker, or citations as Parquet or text with tabs; the last needs `nodes`.

    Raises:
        InputError: a file cannot be used.
    """
    if release := _release_in(edges):
        if nodes is not None:
            raise InputError(f"{edges}: a release names its works itself; leave --nodes out")
        return _read_release(release)
    if edges.exists() and opencitations.is_index(edges):
        works = None if nodes is None else read_nodes(nodes, report, progress)
        works, citing, cited = opencitations.read_index(edges, works, report, progress)
        return GivenGraph(works, citing, cited, "opencitations")
    layout = layout_of(edges, EDGE_HEADERS)
    if nodes is None and layout.kind != "bip":
        raise InputError(f"{edges}: the works' years are not known; name a table of works (id, year) with --nodes")
    works = read_nodes(edges if nodes is None else nodes, report, progress)
    # BIP! Ranker's lines are read twice, for works and for citations: the second reading repeats the bad lines.
    citing, cited = read_edges(edges, works, report if nodes is not None else _Repeated(report), progress)
    return GivenGraph(works, citing, cited, layout.kind)


class _Repeated(Report):
    """A report that passes on what another reading has not counted already."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.counts, report.messages)

    def add(self, kind: str, number: int, message: str, example: object = None) -> None:
        if kind != "bad_line":
            super().add(kind, number, message, example)


def _release_in(path: Path) -> Path | None:
    """The folder of the release that `path` is or, as a graph's folder, serves; None where it is neither."""
    if (path / "manifest.json").is_file():
        return path
    try:
        served = path / "releases" / (path / "current").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return served if (served / "manifest.json").is_file() else None


def _read_release(folder: Path) -> GivenGraph:
    """The graph that the indicators of a release were computed on, with their parameters."""
    try:
        facts = json.loads((folder / "manifest.json").read_bytes()).get("ranking") or {}
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: {error}; the release is damaged, run the graph again") from error
    ranked = _table(folder, INDICATOR.name, ["product_id"])
    product = _table(folder, PRODUCT.name, ["product_id", "year"])
    citation = _table(folder, CITATION.name, ["citing_id", "product_id"])
    # Both are in order of product_id, and what is ranked has a year.
    dated = product.filter(pa.compute.is_in(product["product_id"], value_set=ranked["product_id"].combine_chunks()))
    years = dated["year"].to_numpy().astype(np.int32)
    parameters = dict(facts.get("parameters") or {})
    parameters.pop("start_year", None)
    if current_year := parameters.get("current_year"):
        years[years > current_year + 1] = 0
    works = Nodes(dated["product_id"].combine_chunks().cast(pa.large_string()), years)
    citing, cited = (works.positions(citation[name]) for name in ("citing_id", "product_id"))
    return GivenGraph(works, citing, cited, "release", parameters)


def _table(folder: Path, name: str, columns: list[str]) -> pa.Table:
    files = sorted((folder / "tables" / name).glob("*.parquet"))
    if not files:
        raise InputError(f"{folder}: the release has no table {name}; run the graph again to have it")
    try:
        return pa.concat_tables([pyarrow.parquet.ParquetFile(path).read(columns=columns) for path in files])
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{folder}: {error}; the release is damaged, run the graph again") from error
