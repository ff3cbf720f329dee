"""The example of docs/how-to/deduplicate-a-library.md, run as it stands there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evigraph.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "deduplicate-a-library.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [shlex.split(block)[1:] for language, block in BLOCKS if language == "sh"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the page."""
    for _, block in BLOCKS:
        first, _, rest = block.partition("\n")
        if first.startswith("# "):
            (tmp_path / first.removeprefix("# ")).write_text(rest, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(arguments: list[str]) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return done.stdout


def test_it_prints_what_the_page_shows(folder: Path) -> None:
    printed = run(COMMANDS[0])
    shown = next(block for language, block in BLOCKS if language == "text")
    assert printed.startswith(shown.rstrip("\n")), printed


def test_the_first_file_leads_and_gaps_are_filled(folder: Path) -> None:
    run(COMMANDS[0])
    kept = (folder / "deduplicated" / "kept.ris").read_text(encoding="utf-8")
    assert kept.count("TY  - ") == 3
    first = kept.partition("ER  - ")[0]
    assert "Journal of Invented Results" in first
    assert "An abstract that only PubMed gives." in first
    assert "PMID: 99999901" in first
    with (folder / "deduplicated" / "clusters.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["role"] for row in rows] == ["kept", "removed", "kept", "kept"]
    assert "10.5555/synthetic.peer" in rows[1]["reason"]
    assert "descriptions" in rows[0]["filled_from_others"]


def test_decisions_bind(folder: Path) -> None:
    with (folder / "decided.csv").open(encoding="utf-8", newline="") as file:
        (decision,) = csv.DictReader(file)
    run(COMMANDS[0])
    tables = folder / "deduplicated" / "clusters.csv"
    before = tables.read_bytes()
    with tables.open(encoding="utf-8-sig", newline="") as file:
        ids = {row["record_id"] for row in csv.DictReader(file)}
    assert {decision["record_id_l"], decision["record_id_r"]} <= ids
    run(COMMANDS[1])
    report = json.loads((folder / "deduplicated" / "prisma.json").read_text())
    assert (report["records_kept"], report["decisions"]) == (4, {"different": 1})
    run(COMMANDS[0])
    assert tables.read_bytes() == before
