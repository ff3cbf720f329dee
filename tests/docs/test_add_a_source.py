"""The example of docs/how-to/add-a-source.md, run as it stands there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evigraph.cli import app, gathering
from evigraph.net.client import Client, Policy
from evigraph.net.recorded import RecordedTransport

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-source.md"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The package of the page, as if it were installed; gives the page of JSON that the source answers."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)
    site = tmp_path / "site"
    (site / "theses").mkdir(parents=True)
    (site / "theses" / "__init__.py").touch()
    for language, block in blocks:
        if language == "python":
            name = block.splitlines()[0].removeprefix("# ")
            (site / name).write_text(block, encoding="utf-8")
    toml = next(block for language, block in blocks if language == "toml")
    groups = re.sub(r'\[project\.entry-points\."([\w.]+)"\]', r"[\1]", toml).replace('"', "")
    metadata = site / "theses-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: theses\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(groups)
    monkeypatch.syspath_prepend(str(site))
    for name in [name for name in sys.modules if name.split(".")[0] == "theses"]:
        monkeypatch.delitem(sys.modules, name)
    return next(block for language, block in blocks if language == "json")


def evigraph(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return done.stdout


def shown(home: Path) -> dict[str, object]:
    report = json.loads(evigraph("run", "--home", str(home), "--json"))
    assert report["counts"]["records"] == 1
    assert report["counts"]["references"] == 1
    assert report["defects"] == []
    document: dict[str, object] = json.loads(evigraph("show", "10.5555/thesis.1", "--home", str(home), "--json"))
    return document


def test_a_file_of_the_source(installed: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "page.json").write_text(installed)
    evigraph("harvest", "theses", str(tmp_path / "page.json"), "--home", str(home))
    product = shown(home)
    assert product["title"] == "A synthetic thesis on peer support"
    assert product["sources"] == ["theses"]


def test_the_live_source(installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    answer = {"url": "https://theses.example.org/api", "params": {"q": "peer support"}, "json": json.loads(installed)}
    (answers / "1.json").write_text(json.dumps(answer))

    def client(policy: Policy) -> Client:
        return Client(policy, RecordedTransport(answers), sleep=lambda _: None)

    monkeypatch.setattr(gathering, "make_client", client)
    home = tmp_path / "home"
    home.mkdir()
    evigraph("harvest", "theses", "--query", "peer support", "--home", str(home))
    assert shown(home)["product_id"] is not None


def test_a_page_that_is_none_costs_itself(installed: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name, content in (("good.json", installed), ("bad.json", "no JSON")):
        (tmp_path / name).write_text(content)
        evigraph("harvest", "theses", str(tmp_path / name), "--home", str(home))
    report = json.loads(evigraph("run", "--home", str(home), "--json"))
    assert report["counts"]["records"] == 1
    assert [(row["code"], row["n"]) for row in report["defects"]] == [("wrong_file_type", 1)]
