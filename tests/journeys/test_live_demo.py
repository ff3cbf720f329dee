"""`evigraph demo --live --query …`, played against recorded answers of the live sources."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evigraph.cli import app, demonstration, gathering
from evigraph.harvest.api import SOURCES
from evigraph.net.client import Client, Policy
from evigraph.net.recorded import RecordedTransport

RECORDED = Path(__file__).parents[1] / "harvest" / "recorded"


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recorded answers of all sources that the live demo asks, in pages of two records."""
    folder = tmp_path / "answers"
    folder.mkdir()
    for source in demonstration.LIVE_SOURCES:
        for path in (RECORDED / source).glob("*.json"):
            shutil.copy(path, folder / f"{source}-{path.name}")
        monkeypatch.setattr(SOURCES[source], "page_size", 2)
    return folder


def test_a_query_becomes_a_served_graph(answers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def client(policy: Policy) -> Client:
        return Client(
            policy,
            RecordedTransport(answers),
            clock=lambda: clock[0],
            sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds),
        )

    monkeypatch.setattr(gathering, "make_client", client)
    home = tmp_path / "home"
    arguments = ["demo", "--live", "--query", "peer support", "--home", str(home), "--no-serve", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    n_records = {source["name"]: source["n_records"] for source in report["sources"]}
    assert set(n_records) == set(demonstration.LIVE_SOURCES)
    assert all(n_records.values()), n_records
    assert report["counts"]["products"] <= report["counts"]["records"] == sum(n_records.values())
    found = CliRunner().invoke(app, ["search", "peer support", "--home", str(home), "--json"])
    assert json.loads(found.stdout)["total"] > 0


@pytest.mark.parametrize("arguments", [["--live"], ["--query", "peer support"]])
def test_live_and_query_go_together(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["demo", *arguments, "--home", str(tmp_path / "home")])
    assert done.exit_code == 2
    assert "--live and --query go together" in done.stderr
    assert not (tmp_path / "home").exists()
