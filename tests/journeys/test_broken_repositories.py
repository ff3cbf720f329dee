"""A release is made of what a repository that misbehaves has sent: one test for each class of faults."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evigraph.errors import HarvestError
from harvest.oai_server import FAULTS, Repository, records, serving
from harvest.test_oai_pmh import Run

#: A fault for each class, and the numbers of the works that come through; work 4 is deleted.
ALL = {1, 2, 3, 5, 6, 7, 8, 9, 10}
CLASSES = {
    "expired_token": ALL,
    "same_page_for_ever": {1, 2, 3, 5, 6},
    "truncated_xml_always": {1, 2, 3, 5},
    "wrong_namespace": ALL,
    "invalid_utf_8": ALL,
    "billion_laughs": ALL - {5},
    "duplicate_identifiers_across_pages": ALL,
    "list_stops_short": {1, 2, 3, 5, 6},
    "web_page_always": {1, 2, 3},
    "redirect_to_private_address": {1, 2, 3},
}


@pytest.mark.parametrize("name", CLASSES)
def test_what_came_is_released(name: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    repository = Repository(records(), fault=FAULTS[name])
    with serving(repository) as url:
        try:
            Run(home, repository, url).harvest()
        except HarvestError:
            assert name == "redirect_to_private_address"
    command = [sys.executable, "-m", "evigraph", "run", "--home", str(home), "--json"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["counts"]["records"] == len(CLASSES[name]), made.stdout
