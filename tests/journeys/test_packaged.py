"""The built wheel: what it holds, and that it runs outside the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_is_not_python(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    data = {
        str(path.relative_to(source))
        for path in (source / "evigraph").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
    }
    assert data <= names
    assert {"evigraph/examples/crossref-inm.13415.json", "evigraph/examples/pubmed-39252191.xml"} <= names


@pytest.mark.soak
def test_the_wheel_runs_the_demo_and_serves_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: object) -> str:
        arguments = [str(part) for part in command]
        done = subprocess.run(
            arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", wheel)
    evigraph = tmp_path / "venv" / "bin" / "evigraph"
    report = json.loads(run(evigraph, "demo", "--home", "demo", "--no-serve", "--json"))
    assert report["counts"]["records"] > 51_000
    print(f"\ndemo: {report['seconds']} s, peak {report['peak_memory_bytes'] / 2**20:.0f} MiB")
    server = subprocess.Popen(
        [evigraph, "serve", "--home", "demo", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        match = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert match
        with urllib.request.urlopen(f"{match.group(0)}/doi/10.1111/inm.13415", timeout=30) as answer:
            assert "2 versions" in answer.read().decode()
    finally:
        server.terminate()
        server.wait(timeout=20)
