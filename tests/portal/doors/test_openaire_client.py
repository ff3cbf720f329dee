"""AIREloom, a client library of the OpenAIRE Graph API, at our address instead of OpenAIRE's."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SESSION = Path(__file__).with_name("aireloom_session.py")


@pytest.fixture(scope="module")
def interpreter(request: pytest.FixtureRequest) -> str:
    """A Python that has AIREloom, which needs 3.12: this one, or one of an environment made for it and kept."""
    if importlib.util.find_spec("aireloom"):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    newer = [*map(shutil.which, ("python3.14", "python3.13", "python3.12"))]
    newer += [str(path) for path in sorted(pyenv.glob("3.1[2-9]*/bin/python"))]
    # A name on the path may be a shim for a version that is not there.
    works = "import sys; sys.exit(sys.version_info < (3, 12))"
    python = next(
        (
            found
            for found in newer
            if found and not subprocess.run([found, "-c", works], capture_output=True, check=False).returncode
        ),
        None,
    )
    if python is None:
        pytest.skip("AIREloom needs Python 3.12, and there is none here")
    folder = request.config.cache.mkdir("aireloom")
    own = folder / "bin" / "python"
    if not (folder / "ready").exists():
        for command in ([python, "-m", "venv", folder], [own, "-m", "pip", "install", "--quiet", "aireloom>=0.5"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
            if done.returncode:
                pytest.skip(f"AIREloom could not be installed: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "ready").touch()
    return str(own)


def test_aireloom_works_at_our_address(doors: Any, interpreter: str, tmp_path: Path) -> None:
    arguments = [f"{doors.url}/graph/v3", doors.article_id, doors.made.ARTICLE_DOI]
    done = subprocess.run(
        [interpreter, SESSION, *arguments], capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert sorted(told["walked"]) == doors.ids
    assert told["product"] == [doors.article_id, doors.made.ARTICLE_TITLE, 3, 2]
    n, ids = told["search"]
    assert n >= len(ids) > 0 and len(set(ids)) == len(ids)
    links = [one for one in doors.rows["relation"] if one["source_id"] == doors.article_id]
    assert len(told["links"]) == len(links) > 0
    assert told["doi"] == [doors.article_id]
    assert told["open"] == sum(row["access_right"] == "c_abf2" for row in doors.rows["product"])
    assert told["organizations"] == ["Synthetic University"]
    assert told["projects"] == ["OWLS"] and told["data_sources"] == ["Synthetic Repository"]
