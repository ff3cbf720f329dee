"""Finished steps of a run: what makes one still valid, and where its tables lie.

A step is finished when `done.json` stands in its folder. It stays valid while its fingerprint is the same: the
step's name, the code of its stage, the parameters it uses, and the fingerprints of what it reads.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from evigraph.model.table import Table

MARKER = "done.json"


@cache
def code_hash(stage: str) -> str:
    """The hash of the code and word lists of `evigraph.<stage>` and of the model: by it stale work is known."""
    running = hashlib.sha256()
    for package in ("evigraph.model", f"evigraph.{stage}"):
        root = Path(str(importlib.resources.files(package)))
        for path in sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            running.update(f"{package}/{path.relative_to(root).as_posix()}\n".encode())
            running.update(path.read_bytes())
    return running.hexdigest()


def fingerprint(name: str, inputs: list[str], parameters: Mapping[str, Any]) -> str:
    """What a step's result depends on, as one hash. `name` starts with the stage: `deduplicate.pair`."""
    stage = name.split(".")[0]
    content = [name, code_hash(stage), inputs, dict(sorted(parameters.items()))]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


class Work:
    """The folder of a run in progress: one folder a step, one folder a table in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def table(self, step: str, table: Table) -> Path:
        """Where `step` writes `table`."""
        return self.folder / step / table.name

    def finished(self, step: str, fingerprint: str) -> dict[str, Any] | None:
        """What the step reported when it finished with this fingerprint, or None if it has to run."""
        try:
            report: dict[str, Any] = json.loads((self.folder / step / MARKER).read_text())
        except (OSError, ValueError):
            return None
        return report if report.get("fingerprint") == fingerprint else None

    def begin(self, step: str) -> None:
        """Makes the step's folder ready: what an earlier or interrupted run left there is removed."""
        folder = self.folder / step
        (folder / MARKER).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def finish(self, step: str, fingerprint: str, report: Mapping[str, Any]) -> None:
        """Marks the step as finished. The marker appears whole or not at all."""
        folder = self.folder / step
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{MARKER}.partial"
        with temporary.open("w") as file:
            json.dump({**report, "fingerprint": fingerprint}, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / MARKER)
