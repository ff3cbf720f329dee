"""The commands of docs/how-to/harvest-sources.md, run as they stand there, as far as they need no network."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evigraph.clean.api import CROSSWALKS
from evigraph.cli import app
from evigraph.harvest.api import SOURCES
from evigraph.settings import load_settings
from graphs import synthetic_works

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "harvest-sources.md"
CORPUS = Path(__file__).parents[1] / "corpus" / "exports"


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def test_commands_without_network_do_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CORPUS / "missing-er-and-ty.ris", "references.ris")
    for name in ("pubmed.nbib", "cochrane-citations.txt"):
        shutil.copy(CORPUS / name, name)
    Path("works.jsonl").write_text("".join(json.dumps(work) + "\n" for work in synthetic_works(30, seed=3)))
    told = []
    for arguments in commands():
        if not {"--query", "--url"} & set(arguments):
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, (arguments, done.stdout, done.stderr, done.exception)
            told.append(done.stdout)
    assert len(told) == 5
    assert told[2].startswith("30 records of crossref")
    report = json.loads(CliRunner().invoke(app, ["run", "--home", "my-graph", "--json"]).stdout)
    n_nbib = (CORPUS / "pubmed.nbib").read_text().count("PMID- ")
    assert report["counts"]["records"] == 30 + 3 + n_nbib + 2


def test_commands_with_network_have_options_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands():
        if {"--query", "--url"} & set(arguments):
            done = CliRunner().invoke(app, arguments)
            assert "No such option" not in done.output
            # The graph is not there, so that nothing is asked for.
            assert done.exit_code != 0


def test_sources_and_settings_that_the_page_names_are_there(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    dumps = re.search(r"So with (.*?)Files may be plain", text, re.DOTALL)
    live = re.search(r"\n(`crossref`.*?) can be asked", text, re.DOTALL)
    assert dumps is not None and live is not None
    assert set(re.findall(r"`(\w+)`", dumps[1])) <= set(CROSSWALKS)
    assert set(re.findall(r"`(\w+)`", live[1])) == set(SOURCES) - {"oai_pmh"}
    settings = load_settings(tmp_path)
    assert hasattr(settings.harvest, "contact") and hasattr(settings.harvest, "allow_hosts")
