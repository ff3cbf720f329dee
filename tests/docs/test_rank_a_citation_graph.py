"""The commands of docs/how-to/rank-a-citation-graph.md, run as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from typer.testing import CliRunner

from evigraph.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "rank-a-citation-graph.md"


def evigraph(command: str) -> str:
    name, *arguments = shlex.split(command)
    assert name == "evigraph"
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (command, done.stdout, done.stderr, done.exception)
    return done.stdout


def test_every_command_of_the_page(small_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(small_graph / "sources", tmp_path / "my-graph" / "sources")
    evigraph("evigraph run --home my-graph --json")
    said = []
    for kind, rest, block in re.findall(
        r"```(tsv|bash)([^\n]*)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    ):
        if kind == "tsv":
            (tmp_path / rest.strip()).write_text(block, encoding="utf-8")
        else:
            said += [evigraph(command) for command in block.splitlines()]
    assert len(said) == 12
    assert said[1].startswith("about ") and "memory: " in said[1]
    counts = {
        row["id"]: row["citation_count"]
        for row in parquet.read_table(tmp_path / "ranked" / "scores.parquet").to_pylist()
    }
    assert counts == {"10.5555/late": 0, "10.5555/aside": 0, "10.5555/middle": 1, "10.5555/early": 3}
    for folder, file in (("ranked-bip", "graph.txt"), ("ranked-index", "index.csv"), ("ranked-graph", "my-graph")):
        facts = json.loads((tmp_path / folder / "facts.json").read_text())
        assert facts["edges"]["name"] == file
        assert facts["problems"] == [] or folder == "ranked-graph"
    assert parquet.read_table(tmp_path / "ranked-bip" / "scores.parquet")["influence"].to_pylist() == (
        parquet.read_table(tmp_path / "ranked" / "scores.parquet")["influence"].to_pylist()
    )
    classic = json.loads((tmp_path / "ranked-classic" / "facts.json").read_text())["parameters"]
    assert (classic["name"], classic["influence_alpha"], classic["start_year"]) == ("classic", 0.85, 2020)
    assert "works that change class" in said[7]
    assert (tmp_path / "ranked" / "scores.jsonl").exists() and (tmp_path / "ranked" / "PR_a0.5.tsv").exists()
    assert "the next class" in said[-2]
    assert "h-index" in said[-1]
