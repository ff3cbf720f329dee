"""From a repository to a release: harvested by OAI-PMH, changed, harvested again; what was deleted is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from evigraph.store.release import served_id
from harvest.oai_server import Record, Repository, records, serving


def evigraph(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evigraph", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def released(home: Path) -> dict[str, dict[str, Any]]:
    """The products of the served release by title."""
    made = evigraph("run", "--home", str(home))
    assert made.returncode == 0, made.stderr
    folder = home / "releases" / str(served_id(home)) / "tables"
    path = next(path for path in folder.iterdir() if path.name.removesuffix(".parquet") == "product")
    return {row["title"]: row for row in pq.read_table(path).to_pylist()}


def test_a_repository_from_its_address_to_a_release(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert evigraph("init", str(home)).returncode == 0
    repository = Repository(records(), page_size=5)
    with serving(repository) as url:
        refused = evigraph("harvest", "oai_pmh", "--url", url, "--home", str(home))
        assert refused.returncode == 2 and "is on the list of allowed hosts" in refused.stderr
        settings = home / "evigraph.toml"
        allowed = settings.read_text(encoding="utf-8").replace("[harvest]", '[harvest]\nallow_hosts = ["127.0.0.1"]', 1)
        settings.write_text(allowed, encoding="utf-8")
        kept = evigraph("harvest", "oai_pmh", "--url", url, "--home", str(home), "--json")
        assert kept.returncode == 0, kept.stderr
        assert len(json.loads(kept.stdout)["payloads"]) == 2
        products = released(home)
        assert len(products) == 9 and "Synthetic work 4" not in products
        (instance,) = products["Synthetic work 1"]["instances"]
        assert instance["hosted_by"] == "Synthetic Répository"

        gone = Record(5, "2998-01-01T00:00:00Z", is_deleted=True)
        repository.records = [gone, Record(3, "2998-01-01T00:00:01Z", "Synthetic work 3, corrected")]
        again = evigraph("harvest", "oai_pmh", "--url", url, "--home", str(home))
        assert again.returncode == 0, again.stderr
        assert repository.requests[-1]["from"] > "2020-06"
        products = released(home)
        assert "Synthetic work 3, corrected" in products and "Synthetic work 3" not in products
        assert "Synthetic work 5" not in products and len(products) == 8

        wrong = evigraph("harvest", "crossref", "--url", url, "--home", str(home))
        assert wrong.returncode == 2 and "evigraph harvest oai_pmh --url BASE" in wrong.stderr
