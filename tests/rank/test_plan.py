from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from evigraph.cli import app
from evigraph.rank.graph import citation_graph
from evigraph.rank.plan import plan, plan_files
from evigraph.rank.push import Pushing
from evigraph.rank.systems import Systems


def test_the_kernel_needs_what_is_planned() -> None:
    given = citation_graph(np.full(100_000, 2020), np.zeros(0), np.zeros(0))
    nothing = np.zeros(1)
    state = Pushing(given, Systems(np.array([0, 100_000]), nothing, nothing, nothing, nothing, nothing, nothing), 1)
    held = sum(array.nbytes for array in vars(state).values() if isinstance(array, np.ndarray) and array.base is None)
    held += state.records.nbytes
    planned = plan(100_000, 1_000_000)
    assert planned.kernel_bytes - plan(0, 0).kernel_bytes == pytest.approx(held, rel=0.05)
    assert planned.graph_bytes == 12 * 100_000 + 4 * 1_000_000


def test_the_world_fits_in_16_gib() -> None:
    assert plan(200_000_000, 2_100_000_000).kernel_bytes < 16 << 30


def test_more_threads_and_fewer_citations_take_less_time() -> None:
    assert plan(10**7, 10**8, 2).kernel_seconds < plan(10**7, 10**8, 1).kernel_seconds
    assert plan(10**7, 10**7, 1).kernel_seconds < plan(10**7, 10**8, 1).kernel_seconds


def write(folder: Path) -> dict[str, Path]:
    edges = [(f"work{n}", f"work{n // 2}") for n in range(1, 5_000)]
    lines = "".join(f"{citing}\t{cited}\n" for citing, cited in edges)
    (folder / "edges.tsv").write_text(lines, encoding="utf-8")
    (folder / "edges.tsv.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "nodes.tsv").write_text("".join(f"work{n}\t2000\n" for n in range(5_000)), encoding="utf-8")
    parquet.write_table(
        pa.table({"citing": [edge[0] for edge in edges], "cited": [edge[1] for edge in edges]}),
        folder / "edges.parquet",
    )
    (folder / "bip.txt").write_text(
        "".join(f"work{n}\twork0,work1|2|0\t0\t2000\n" for n in range(100)) + "work100\t0|0|0\t0\t2000\n",
        encoding="utf-8",
    )
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["edges.tsv", "edges.tsv.gz", "edges.parquet"])
def test_files_are_counted_without_being_read(tmp_path: Path, name: str) -> None:
    paths = write(tmp_path)
    found = plan_files(paths[name], paths["nodes.tsv"])
    assert (found.n_nodes, found.n_edges) == (5_000, 4_999)


def test_references_in_bip_rankers_lines_are_counted(tmp_path: Path) -> None:
    found = plan_files(write(tmp_path)["bip.txt"], None)
    assert (found.n_nodes, found.n_edges) == (101, 200)


def test_long_text_is_estimated_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "edges.tsv"
    path.write_text("work1000\twork2000\n" * 200_000, encoding="utf-8")
    assert plan_files(path, None).n_edges == pytest.approx(200_000, rel=0.01)


def test_the_command_tells_what_it_will_need_and_does_nothing(tmp_path: Path) -> None:
    paths = write(tmp_path)
    given: list[Any] = ["rank", paths["edges.tsv"], "--nodes", paths["nodes.tsv"], "--out", tmp_path / "out", "--plan"]
    told = CliRunner().invoke(app, [*map(str, given), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output) == plan_files(paths["edges.tsv"], paths["nodes.tsv"]).as_dict()
    shown = CliRunner().invoke(app, [*map(str, given)])
    assert "5,000 works" in shown.output
    assert not (tmp_path / "out").exists()
