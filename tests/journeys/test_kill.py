"""A run that is killed, and run again, ends where an undisturbed one does."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evigraph.store.releases import served_manifest


def command(home: Path) -> list[str]:
    return [sys.executable, "-m", "evigraph", "run", "--home", str(home), "--json"]


def finished(home: Path) -> dict[str, Any]:
    done = subprocess.run(command(home), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def killed(home: Path, after: float) -> bool:
    """Whether a run was still under way when it was killed, with all its workers, after some seconds."""
    process = subprocess.Popen(
        command(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(after)
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return was_running


def fresh(small_graph: Path, home: Path) -> Path:
    home.mkdir()
    shutil.copytree(small_graph / "sources", home / "sources")
    return home


@pytest.fixture(scope="module")
def undisturbed(small_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, float]:
    """The release hash of runs that nothing disturbs, and the seconds that the quicker of two takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    reports, seconds = [], []
    for number in range(2):
        home = fresh(small_graph, folder / str(number))
        started = time.monotonic()
        reports.append(finished(home))
        seconds.append(time.monotonic() - started)
    assert reports[0]["release_hash"] == reports[1]["release_hash"]
    # The first may have compiled the ranking's kernel.
    return reports[0]["release_hash"], min(seconds)


def _survives(small_graph: Path, tmp_path: Path, undisturbed: tuple[str, float], repeats: int, seed: int) -> None:
    expected, seconds = undisturbed
    moments = random.Random(seed)
    n_killed = 0
    for repeat in range(repeats):
        home = fresh(small_graph, tmp_path / str(repeat))
        n_killed += killed(home, moments.uniform(0.1, 0.9 * seconds))
        served = served_manifest(home)
        assert served is None or served.release_hash == expected
        assert finished(home)["release_hash"] == expected
        shutil.rmtree(home)
    assert n_killed >= repeats / 2, "most runs ended before they were killed: nothing was tried"


def test_killed_at_a_few_moments(small_graph: Path, tmp_path: Path, undisturbed: tuple[str, float]) -> None:
    _survives(small_graph, tmp_path, undisturbed, repeats=4, seed=1)


@pytest.mark.soak
def test_killed_at_25_moments(small_graph: Path, tmp_path: Path, undisturbed: tuple[str, float]) -> None:
    _survives(small_graph, tmp_path, undisturbed, repeats=25, seed=2)


def test_a_second_run_has_nothing_to_do(small_graph: Path, tmp_path: Path) -> None:
    home = fresh(small_graph, tmp_path / "home")
    first, second = finished(home), finished(home)
    assert not any(step["was_run"] for step in second["steps"])
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert second["release_id"] == first["release_id"]
