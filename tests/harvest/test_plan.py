from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import HarvestError, InputError
from evigraph.harvest import plan
from evigraph.harvest.api import SOURCES
from evigraph.harvest.plan import plan_files, plan_live


def lines(n: int) -> bytes:
    rows = ({"DOI": f"10.5555/{i}", "title": ["synthetic"], "text": f"{i:06}" * 40} for i in range(n))
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_a_small_file_is_counted_whole(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "works.jsonl.gz"
    file.write_bytes(gzip.compress(lines(120)))
    told = plan_files(home, "crossref", [file])
    assert (told.n_records, told.is_announced, told.n_bytes) == (120, True, file.stat().st_size)
    assert told.disk_bytes == told.n_bytes + 120 * plan.BYTES_PER_RECORD
    assert told.run_seconds == pytest.approx(120 / plan.RECORDS_PER_SECOND)


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_large_file_is_judged_by_its_beginning(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_packed: bool
) -> None:
    monkeypatch.setattr(plan, "SAMPLE_BYTES", 1 << 20)
    content = lines(60_000)
    file = tmp_path / "works.jsonl"
    file.write_bytes(gzip.compress(content, 1) if is_packed else content)
    told = plan_files(home, "crossref", [file])
    assert not told.is_announced
    assert told.n_records == pytest.approx(60_000, rel=0.15)


@pytest.mark.parametrize(
    ("content", "n"),
    [
        (
            b"<PubmedArticleSet><PubmedArticle></PubmedArticle><PubmedArticle Version='1'/></PubmedArticleSet>",
            2,
        ),
        (b"TY  - JOUR\nTI  - synthetic\nER  - \n\nTY  - JOUR\nER  - \n", 2),
        (b"PMID- 1\nTI  - synthetic\n\nPMID- 2\n", 2),
        (b"@article{a, title={x}}\n@comment{no}\n@book{b, title={y}}\n", 2),
        (b"Title,Authors,Year,DOI\nsynthetic,a,2020,x\nsynthetic,b,2021,y\n", 2),
        (b'{"items": [{"DOI": "10.5555/1"}, {"DOI": "10.5555/2"}, {"DOI": "10.5555/3"}]}', 3),
    ],
)
def test_records_are_known_by_their_format(home: Path, tmp_path: Path, content: bytes, n: int) -> None:
    file = tmp_path / "export"
    file.write_bytes(content)
    assert plan_files(home, "exports", [file]).n_records == n


def test_what_cannot_be_told_is_said(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = plan_files(home, "exports", [file])
    assert told.n_records == 0
    assert not told.is_announced
    assert "picture" in told.notes[0]


def test_a_full_disk_is_said_beforehand(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "works.jsonl"
    file.write_bytes(lines(10))
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(plan.shutil, "disk_usage", lambda _: usage)
    assert "make room" in plan_files(home, "crossref", [file]).notes[-1]


def test_no_file_is_an_error(home: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        plan_files(home, "crossref", [])


def test_a_live_source_announces_its_total(home: Path, play: Callable[..., Any], source: Callable[..., Any]) -> None:
    player = play("crossref")
    told = plan_live(home, source("crossref"), "peer support", 4, None, player.client)
    assert len(player.asked) == 1
    assert (told.n_records, told.n_requests, told.is_announced) == (4, 2, True)
    assert told.n_bytes > 0
    assert "5 records" in told.notes[0]
    assert not (home / "sources").exists()


@pytest.mark.parametrize(
    ("name", "n_records", "n_requests", "n_asked"),
    [
        ("crossref", 5, 3, 1),
        ("datacite", 5, 3, 1),
        # The search, and the text of the first article that it found: one a request.
        ("europepmc", 3, 3, 2),
        ("openaire", 3, 2, 1),
        ("openalex", 3, 2, 1),
        # The search, and the first of the articles that it found.
        ("pubmed", 3, 2, 2),
    ],
)
def test_every_live_source_is_planned_by_its_first_answer(
    home: Path,
    play: Callable[..., Any],
    source: Callable[..., Any],
    name: str,
    n_records: int,
    n_requests: int,
    n_asked: int,
) -> None:
    player, live = play(name), source(name)
    live.page_size = min(live.page_size, SOURCES[name](None).page_size)
    told = plan_live(home, live, "peer support", None, None, player.client)
    assert (told.source, told.n_records, told.n_requests) == (name, n_records, n_requests)
    assert told.is_announced
    assert told.n_bytes > 0
    assert told.disk_bytes == told.n_bytes + n_records * plan.BYTES_PER_RECORD
    assert told.harvest_seconds > 0
    assert told.notes == ()
    assert len(player.asked) == n_asked
    assert not (home / "sources").exists()


ADDRESSES = {
    "crossref": "https://api.crossref.org/works",
    "datacite": "https://api.datacite.org/dois",
    "europepmc": "https://www.ebi.ac.uk/europepmc/webservices/rest/search",
    "openaire": "https://api.openaire.eu/graph/v2/researchProducts",
    "openalex": "https://api.openalex.org/works",
    "pubmed": "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi",
}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_source_that_refuses_ends_the_plan_with_one_line(
    home: Path, play: Callable[..., Any], source: Callable[..., Any], name: str
) -> None:
    player = play([{"url": ADDRESSES[name], "status": 403, "body": "no\nmore"}])
    with pytest.raises(HarvestError) as refused:
        plan_live(home, source(name), "peer support", None, None, player.client)
    assert "403" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (home / "sources").exists()
