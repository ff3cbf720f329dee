"""What was deposited is an instance of its product in the next release, and stays one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from browsers import listening
from depositing import PDF, quick_client
from evigraph.cli import app as commands
from evigraph.deposit.course import Course
from evigraph.deposit.invenio import Repository
from evigraph.deposit.metadata import Choice
from evigraph.deposit.terms import VERSIONS
from evigraph.deposit.told import begin
from evigraph.harvest.payloads import add
from evigraph.model.pid import Pid, id_of
from evigraph.portal.app import create_app
from evigraph.settings import DepositSettings, Harvest, Settings
from evigraph.store.content import ContentFolder
from evigraph.store.ledger import Ledger
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from repository_stand_in import TOKEN, StandIn, standing_in

DOIS = [f"10.5555/synthetic.{number}" for number in range(12)]


def evigraph(home: Path, *arguments: str) -> None:
    done = CliRunner().invoke(commands, [*arguments, "--home", str(home)])
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    add(home, "crossref", write_lines(tmp_path / "works.jsonl", synthetic_works(12, seed=3)))
    evigraph(home, "run")
    return home


def product(home: Path, number: int) -> dict[str, Any]:
    row = Release.open(home).product(id_of(Pid("doi", DOIS[number])))
    assert row is not None
    return row


def deposited(home: Path, stand_in: StandIn, number: int, until: str | None = None, **changed: Any) -> str:
    """The DOI of a copy that was deposited of one of the works."""
    files = ContentFolder(home / "deposits", "this graph")
    with Ledger.open(home / "ledger.db") as ledger, quick_client() as client:
        choice = Choice(VERSIONS["accepted"], "cc-by-4.0", until)
        work = product(home, number) | changed
        where = (stand_in.address, "Stand-in")
        deposit_id = begin(
            ledger, "ana", f"doi:{DOIS[number]}", work, "Article", choice, PDF, files, where, date(2026, 1, 1)
        )
        repository = Repository(stand_in.address, "Stand-in", TOKEN, client)
        course = Course(ledger, repository, files.path(files.keep(PDF)), "ana", 0.0, lambda _: None)
        doi = course.carry_on(deposit_id).doi
    assert doi
    return doi


def test_the_next_run_has_the_copy_as_an_instance(home: Path) -> None:
    before = Release.open(home).manifest
    with standing_in() as stand_in:
        doi = deposited(home, stand_in, 4)
        later = deposited(home, stand_in, 5, until="2099-01-01")
        record_id = stand_in.published[0].record_id
        address = stand_in.address
    evigraph(home, "run")
    release = Release.open(home)
    assert release.manifest.counts["products"] == before.counts["products"]
    # The product keeps its id, and gains a record and an open instance.
    row = product(home, 4)
    assert len(row["record_ids"]) == 2 and row["record_ids"][0] == f"crossref:{DOIS[4]}"
    assert row["access_right"] == "c_abf2"
    (copy,) = [one for one in row["instances"] if one["collected_from"] == "Deposits"]
    assert copy["pids"] == [{"scheme": "doi", "value": doi}]
    assert copy["urls"] == [f"https://doi.org/{doi}", f"{address}/records/{record_id}"]
    assert copy["version_type"] == "http://purl.org/coar/version/c_ab4af688f83e57aa"
    assert (copy["license"], copy["access_right"], copy["access_route"]) == ("CC BY 4.0", "c_abf2", "green")
    assert (copy["hosted_by"], copy["resource_type"]) == ("Stand-in", "Article")
    (closed,) = [one for one in product(home, 5)["instances"] if one["collected_from"] == "Deposits"]
    assert (closed["pids"][0]["value"], closed["access_right"]) == (later, "c_f1cf")
    source = next(one for one in release.manifest.sources if one.name == "deposits")
    assert source.label == "Deposits"
    # Nothing was deposited since: the same release.
    evigraph(home, "run")
    assert Release.open(home).manifest.release_hash == release.manifest.release_hash


@pytest.mark.browser
def test_two_clicks_in_a_browser_then_a_run(home: Path, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIGRAPH_DEPOSIT_TOKEN", TOKEN)
    manuscript = home.parent / "final version (3).pdf"
    manuscript.write_bytes(PDF)
    path = f"/product/{id_of(Pid('doi', DOIS[2]))}"
    with standing_in() as stand_in:
        settings = Settings(
            deposit=DepositSettings(repository=stand_in.address, name="Stand-in"),
            harvest=Harvest(allow_hosts=("127.0.0.1",)),
        )
        stand_in.complaints = [{"field": "metadata.creators", "messages": ["One is missing."]}]
        with listening(create_app(home, settings)) as address:
            page = browser.new_page()
            page.set_default_timeout(20_000)
            page.goto(address + path)
            page.get_by_role("link", name="Deposit an open copy").click()
            # The two clicks: the file, and yes.
            page.get_by_label("The file").set_input_files(manuscript)
            page.get_by_role("button", name="Deposit it in Stand-in").click()
            page.get_by_text("metadata.creators: One is missing.").wait_for()
            stand_in.complaints = []
            page.get_by_role("button", name="Go on").click()
            page.get_by_role("status").get_by_text("Published in Stand-in").wait_for()
            (kept,) = stand_in.kept.values()
            assert kept.is_published and list(kept.files.values()) == [PDF]
            page.goto(address + path)
            doi = f"10.5072/standin.{kept.record_id}"
            link = page.locator(".versions").get_by_role("link", name="Stand-in")
            assert link.get_attribute("href") == f"https://doi.org/{doi}"
            assert page.get_by_text("Deposited by a user").count() == 1
            evigraph(home, "run")
            page.goto(address + path)
            assert page.get_by_text("Deposited by a user").count() == 0
            assert (
                page.locator(".versions .version")
                .filter(has_text=doi)
                .filter(has_text="Data sources: Deposits")
                .count()
            )
            assert "2 versions" in page.locator(".versions").inner_text()
            page.close()


def test_when_the_repository_itself_is_harvested_its_record_joins_the_product(home: Path, tmp_path: Path) -> None:
    with standing_in() as stand_in:
        doi = deposited(home, stand_in, 4)
    # The title is another one there: only the person's word, kept in the ledger, makes them one.
    told = {"id": doi, "attributes": {"doi": doi, "titles": [{"title": "As the repository has come to call it"}]}}
    add(home, "datacite", write_lines(tmp_path / "datacite.jsonl", [told]))
    evigraph(home, "run")
    release = Release.open(home)
    found = release.resolve(f"doi:{doi}")
    row = release.product(str(getattr(found, "product_id", found)))
    assert row is not None and {"deposits", "datacite", "crossref"} == set(row["sources"])


def test_a_work_without_an_identifier_is_joined_by_the_persons_word(home: Path) -> None:
    with standing_in() as stand_in:
        doi = deposited(home, stand_in, 4, pids=[])
    evigraph(home, "run")
    release = Release.open(home)
    found = release.resolve(f"doi:{DOIS[4]}")
    row = release.product(str(getattr(found, "product_id", found)))
    assert row is not None and {"scheme": "doi", "value": doi} in row["pids"]
