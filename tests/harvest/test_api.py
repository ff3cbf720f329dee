"""Harvesting by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import HarvestError, InputError
from evigraph.harvest import api
from evigraph.harvest.api import harvest_files, harvest_live, live_source_names, source_names
from evigraph.harvest.live import Page, Search
from evigraph.harvest.payloads import payloads
from evigraph.net.client import Client


def test_files_become_payloads_in_their_order(home: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("b.xml", "a.xml")]
    for file in files:
        file.write_text(file.name)
    done = harvest_files(home, "pubmed", files)
    assert [payload.origin for payload in done.payloads] == ["b.xml", "a.xml"]
    assert list(done.payloads) == payloads(home)
    assert done.refused == ()


def test_a_file_that_cannot_be_used_costs_only_itself(home: Path, tmp_path: Path) -> None:
    good, empty, absent = tmp_path / "good.xml", tmp_path / "empty.xml", tmp_path / "absent.xml"
    good.write_text("<a/>")
    empty.touch()
    done = harvest_files(home, "pubmed", [empty, good, absent, tmp_path, good])
    assert [payload.is_new for payload in done.payloads] == [True, False]
    assert [str(error).split(": ")[0].rsplit("/", 1)[-1] for error in done.refused] == [
        "empty.xml is empty",
        "absent.xml does not exist",
        f"{tmp_path.name} is a folder",
    ]
    assert len(payloads(home)) == 1


def test_progress_counts_the_bytes_of_all_files(home: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    for name, size in (("a.xml", 10), ("b.xml", 20)):
        (tmp_path / name).write_bytes(name[:1].encode() * size)
    harvest_files(home, "pubmed", [tmp_path / "a.xml", tmp_path / "b.xml"], lambda *what: told.append(what))
    assert told == [("a.xml", 10, 30), ("b.xml", 30, 30)]


def test_only_unusable_files_make_no_folder(home: Path, tmp_path: Path) -> None:
    done = harvest_files(home, "pubmed", [tmp_path / "absent.xml"])
    assert (done.payloads, len(done.refused)) == ((), 1)
    assert list(home.iterdir()) == []


def test_no_file_at_all_is_said(home: Path) -> None:
    with pytest.raises(InputError, match="no file was named"):
        harvest_files(home, "pubmed", [])


def test_an_unknown_source_is_named_with_the_known_ones(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'scopus' is not a known source: use one of pubmed, crossref, openalex"):
        harvest_files(home, "scopus", [tmp_path / "a.csv"])


def test_a_source_that_is_read_from_files_alone_is_harvested_by_file_and_says_so_when_asked(
    home: Path, tmp_path: Path, play: Callable[..., Any]
) -> None:
    (tmp_path / "mine.ris").write_text("TY  - JOUR\nER  - \n")
    assert harvest_files(home, "exports", [tmp_path / "mine.ris"]).payloads[0].source == "exports"
    with pytest.raises(InputError, match="exports cannot be queried, it is read from files"):
        harvest_live(home, "exports", "x", None, None, play([]).client)


class Addition:
    """A source as another package would add it."""

    name = "zines"
    host = "zines.example"
    suffix = "txt"
    page_size = 10

    def __init__(self, key: str | None) -> None:
        self.key = key

    def prepare(self, client: Client) -> None:
        client.set_rate(self.host, 1.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        content = client.get("https://zines.example/list").content
        return Page(content, "https://zines.example/list", ("1",), 1, None)


def test_another_package_may_add_a_source(
    home: Path, tmp_path: Path, play: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = EntryPoint("zines", "the.other.package:Source", api.ENTRY_POINTS)
    monkeypatch.setattr(api, "entry_points", lambda group: [added] if group == "evigraph.sources" else [])
    monkeypatch.setattr(EntryPoint, "load", lambda entry: Addition)
    assert source_names() == (*dict.fromkeys((*api.SOURCES, *api.FILE_SOURCES)), "zines")
    assert live_source_names() == (*api.SOURCES, "zines")
    (tmp_path / "zine.txt").write_text("zine")
    assert harvest_files(home, "zines", [tmp_path / "zine.txt"]).payloads[0].source == "zines"
    player = play([{"url": "https://zines.example/list", "body": "list"}])
    assert harvest_live(home, "zines", "x", None, None, player.client).n_retrieved == 1


def test_an_addition_that_cannot_be_loaded_is_named(
    home: Path, play: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = EntryPoint("zines", "a_package_that_is_not_there:Source", api.ENTRY_POINTS)
    monkeypatch.setattr(api, "entry_points", lambda group: [added])
    with pytest.raises(HarvestError, match="the source zines cannot be loaded"):
        harvest_live(home, "zines", "x", None, None, play([]).client)
