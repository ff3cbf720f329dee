"""People decide: what they say binds every later run, is explained, can be undone, and no address is lost by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from evigraph.cli import app
from evigraph.harvest.payloads import add
from evigraph.model.pid import Pid, id_of
from evigraph.portal.app import create_app
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines

#: Two works of the literature that are told by Crossref alone, one that OpenAlex tells too.
FIRST, SECOND, TWICE = (f"10.5555/synthetic.{number}" for number in (0, 1, 2))


def evigraph(home: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--home", str(home), "--json"])
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return json.loads(done.stdout)


def said(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return done.output


def doi_id(doi: str) -> str:
    return id_of(Pid("doi", doi))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph of a small synthetic literature, run once."""
    folder = tmp_path_factory.mktemp("decisions")
    home = folder / "home"
    home.mkdir()
    works = synthetic_works(30, seed=11)
    twice = works[2]
    openalex = {
        "id": "https://openalex.org/W42",
        "title": twice["title"][0],
        "display_name": twice["title"][0],
        "doi": f"https://doi.org/{TWICE}",
        "type": "article",
        "publication_year": twice["issued"]["date-parts"][0][0],
        "authorships": [
            {"author": {"display_name": f"{author['given']} {author['family']}"}} for author in twice["author"]
        ],
    }
    add(home, "crossref", write_lines(folder / "works.jsonl", works))
    add(home, "openalex", write_lines(folder / "openalex.jsonl", [openalex]))
    evigraph(home, "run")
    return home


@pytest.fixture
def run(made: Path) -> Callable[[], dict[str, Any]]:
    return lambda: evigraph(made, "run")


def products(home: Path) -> dict[str, str]:
    release = Release.open(home)
    records = [f"crossref:10.5555/synthetic.{number}" for number in range(30)] + ["openalex:W42"]
    answers = {record: release.resolve(record) for record in records}
    return {record: str(getattr(answer, "product_id", answer)) for record, answer in answers.items()}


def test_same_binds_is_explained_and_undone(made: Path, run: Callable[[], dict[str, Any]]) -> None:
    before = run()
    held = products(made)
    assert held[f"crossref:{FIRST}"] == doi_id(FIRST) != held[f"crossref:{SECOND}"] == doi_id(SECOND)
    event = evigraph(made, "decide", "same", f"crossref:{FIRST}", f"doi:{SECOND}", "--reason", "one study")
    # Told at once, though the release does not know it.
    assert "decided since this release" in said(made, "why", FIRST, SECOND)
    joined = run()
    assert joined["release_hash"] != before["release_hash"]
    assert run()["release_hash"] == joined["release_hash"]
    now = products(made)
    assert now[f"crossref:{FIRST}"] == now[f"crossref:{SECOND}"] == doi_id(FIRST)
    why = evigraph(made, "why", FIRST, SECOND)
    assert why["is_same_product"] and any("one study" in line for line in why["explanation"])
    assert not any("since this release" in line for line in why["explanation"])
    # The id that is no product's any more leads on: on the command line, by page and by API.
    assert f"{doi_id(SECOND)} is now {doi_id(FIRST)}" in said(made, "show", doi_id(SECOND))
    portal = TestClient(create_app(made), follow_redirects=False)
    for room in ("/product", "/api/products"):
        answer = portal.get(f"{room}/{doi_id(SECOND)}")
        assert (answer.status_code, answer.headers["location"]) == (301, f"{room}/{doi_id(FIRST)}")
    assert portal.get(f"/product/{doi_id(SECOND)}/why").headers["location"] == f"/product/{doi_id(FIRST)}/why"
    said(made, "withdraw", event["event_id"], "--reason", "two studies after all")
    after = run()
    assert after["release_hash"] == before["release_hash"]
    assert products(made) == held
    assert TestClient(create_app(made)).get(f"/product/{doi_id(SECOND)}").status_code == 200


def test_different_binds_is_explained_and_undone(made: Path, run: Callable[[], dict[str, Any]]) -> None:
    before = run()
    held = products(made)
    assert held["openalex:W42"] == held[f"crossref:{TWICE}"] == doi_id(TWICE)
    event = evigraph(made, "decide", "different", "openalex:W42", f"crossref:{TWICE}", "--reason", "read both")
    parted = run()
    now = products(made)
    assert now["openalex:W42"] != now[f"crossref:{TWICE}"]
    assert parted["counts"]["products"] == before["counts"]["products"] + 1
    why = evigraph(made, "why", "openalex:W42", f"crossref:{TWICE}")
    assert not why["is_same_product"]
    assert any("read both" in line for line in why["explanation"])
    # The id that both had answers still, as do both records.
    release = Release.open(made)
    assert release.resolve(doi_id(TWICE)) is not None
    portal = TestClient(create_app(made))
    for asked in (doi_id(TWICE), "openalex:W42", f"crossref:{TWICE}"):
        assert portal.get(f"/api/products/{asked}").status_code == 200
    # A decision still binds when the literature grows.
    add(made, "crossref", write_lines(made.parent / "more.jsonl", synthetic_works(34, seed=12)[30:]))
    run()
    assert products(made)["openalex:W42"] != products(made)[f"crossref:{TWICE}"]
    grown = evigraph(made, "run")
    said(made, "withdraw", event["event_id"], "--reason", "misread")
    after = run()
    assert products(made) == held
    assert after["counts"]["products"] == grown["counts"]["products"] - 1


def test_any_pair_is_explained(made: Path, run: Callable[[], dict[str, Any]]) -> None:
    run()
    merged = evigraph(made, "why", "openalex:W42", f"crossref:{TWICE}")
    assert merged["is_same_product"] and "because" in "\n".join(merged["explanation"])
    never = evigraph(made, "why", FIRST, "10.5555/synthetic.20")
    assert never["verdict"] == "no" and not never["evidence"]
    assert any("compared by themselves (no)" in line for line in never["explanation"])
    itself = evigraph(made, "why", FIRST, f"crossref:{FIRST}")
    assert any("both name the record" in line for line in itself["explanation"])
    alone = evigraph(made, "why", FIRST)
    assert any("nothing was merged" in line for line in alone["explanation"])


def test_the_manifest_tells_the_ledgers_end_and_the_clusters(made: Path, run: Callable[[], dict[str, Any]]) -> None:
    run()
    manifest = Release.open(made).manifest
    assert manifest.ledger_ordinal >= 0
    assert manifest.clusters["n_records"] == sum(
        int(size) * n for size, n in manifest.clusters["cluster_sizes"].items()
    )
    assert "How records became products" in TestClient(create_app(made)).get("/about").text
