"""PubMed, against recorded answers, and against a small E-utilities of our own for the large searches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from evigraph.errors import HarvestError
from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import LiveSource
from evigraph.harvest.payloads import payloads
from evigraph.harvest.pubmed import PubMed
from evigraph.net.client import Client, Policy

Play = Callable[..., Any]
Make = Callable[..., LiveSource]

SEARCH = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi"
FETCH = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"


def found(count: int, environment: str = "E1") -> dict[str, Any]:
    return {"esearchresult": {"count": str(count), "webenv": environment, "querykey": "1"}}


def articles(numbers: list[int]) -> str:
    body = "".join(
        f"<PubmedArticle><MedlineCitation><PMID Version='1'>{number}</PMID></MedlineCitation></PubmedArticle>"
        for number in numbers
    )
    return f"<?xml version='1.0'?><PubmedArticleSet>{body}</PubmedArticleSet>\n"


def test_a_walk_to_the_last_page(home: Path, play: Play, source: Make) -> None:
    player = play("pubmed", contact="library@example.org")
    done = harvest_live(home, source("pubmed", "secret"), "peer support", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.problems) == (3, 3, True, ())
    assert player.transport.unused() == []
    assert all(
        (asked["tool"], asked["email"], asked["api_key"]) == ("evigraph", "library@example.org", "secret")
        for asked in player.asked
    )
    assert [payload.name.rsplit("-", 1)[1] for payload in payloads(home)] == ["p000001.xml", "p000002.xml"]
    assert "secret" not in payloads(home)[0].origin
    assert "library" not in payloads(home)[0].origin


def test_nothing_found_fetches_nothing(home: Path, play: Play, source: Make) -> None:
    nothing = {"esearchresult": {"count": "0", "idlist": []}}
    done = harvest_live(home, source("pubmed"), "x", None, None, play([{"url": SEARCH, "json": nothing}]).client)
    assert (done.n_retrieved, done.is_complete, done.payloads) == (0, True, ())


def test_since_asks_for_what_was_modified_from_that_day(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": SEARCH, "json": found(0)}])
    harvest_live(home, source("pubmed"), "a OR b", None, "2026-05-31", player.client)
    assert player.asked[0]["term"] == '(a OR b) AND ("2026/05/31"[MDAT] : "3000/12/31"[MDAT])'


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"esearchresult": {"ERROR": "Empty term and query_key - nothing todo"}}},
        {"body": "<html/>"},
        {"json": []},
    ],
)
def test_a_search_that_fails_is_an_error_in_words(home: Path, play: Play, source: Make, answer: dict[str, Any]) -> None:
    with pytest.raises(HarvestError, match="PubMed could not search"):
        harvest_live(home, source("pubmed"), "x", None, None, play([{"url": SEARCH, **answer}]).client)


@pytest.mark.parametrize(
    "gone", [{"status": 400}, {"body": "<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"}]
)
def test_a_history_that_expired_is_made_once_more(home: Path, play: Play, source: Make, gone: dict[str, Any]) -> None:
    cut = {"url": FETCH, "params": {"retstart": 2}, "status": 500, "times": 0}
    first = play(
        [{"url": SEARCH, "json": found(3)}, {"url": FETCH, "params": {"retstart": 0}, "body": articles([1, 2])}, cut]
    )
    with pytest.raises(HarvestError):
        harvest_live(home, source("pubmed"), "x", None, None, first.client)
    second = play(
        [
            {"url": FETCH, "params": {"WebEnv": "E1", "retstart": 2}, **gone},
            {"url": SEARCH, "json": found(3, "E2")},
            {"url": FETCH, "params": {"WebEnv": "E2", "retstart": 2}, "body": articles([3])},
        ]
    )
    done = harvest_live(home, source("pubmed"), "x", None, None, second.client)
    assert (done.n_retrieved, done.is_complete, done.problems) == (3, True, ())
    assert second.transport.unused() == []


def test_a_page_cut_short_is_kept_said_and_passed_by(home: Path, play: Play, source: Make) -> None:
    torn = articles([1, 2])[:-30]
    player = play(
        [
            {"url": SEARCH, "json": found(3)},
            {"url": FETCH, "params": {"retstart": 0}, "body": torn, "times": 3},
            {"url": FETCH, "params": {"retstart": 2}, "body": articles([3])},
            {"url": SEARCH, "json": found(3), "times": 2},
        ]
    )
    done = harvest_live(home, source("pubmed"), "x", None, None, player.client)
    assert not done.is_complete
    assert [payload.path.read_text() for payload in done.payloads] == [torn, articles([3])]
    assert "page 1 of pubmed cannot be read" in done.problems[0]
    assert "2 are missing" in done.problems[1]


def test_fewer_records_than_found_are_missed(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": SEARCH, "json": found(2)}, {"url": FETCH, "body": articles([1])}])
    done = harvest_live(home, source("pubmed"), "x", None, None, player.client)
    assert "pubmed announced 2 records and sent 1" in done.problems[0]


class SmallPubMed(httpx2.BaseTransport):
    """E-utilities over synthetic records with entry dates, refusing what the real ones refuse."""

    def __init__(self, entered: list[date]) -> None:
        self.entered = entered
        self.searches: list[list[int]] = []
        self.n_requests = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.n_requests += 1
        asked = request.url.params
        if request.url.path.endswith("esearch.fcgi"):
            bounds = [date(*map(int, day.split("/"))) for day in re.findall(r'"(\d+/\d+/\d+)"\[EDAT\]', asked["term"])]
            hits = [
                number
                for number, day in enumerate(self.entered, start=1)
                if not bounds or bounds[0] <= day <= bounds[1]
            ]
            self.searches.append(hits)
            return httpx2.Response(200, content=json.dumps(found(len(hits), f"E{len(self.searches) - 1}")).encode())
        start, size = int(asked["retstart"]), int(asked["retmax"])
        if start + size > 9_999:
            return httpx2.Response(400, content=b"cannot be greater than 9998")
        hits = self.searches[int(asked["WebEnv"][1:])]
        return httpx2.Response(200, content=articles(hits[start : start + size]).encode())


def test_a_search_too_large_for_one_history_is_cut_by_entry_date(home: Path) -> None:
    entered = [date(1990, 1, 1) + timedelta(days=number % 9000) for number in range(25_000)]
    server, pubmed = SmallPubMed(entered), PubMed()
    pubmed.page_size = 5_000
    client = Client(Policy(), server, sleep=lambda _: None, clock=iter(range(10**9)).__next__)
    done = harvest_live(home, pubmed, "x", None, None, client)
    assert (done.n_retrieved, done.n_announced, done.is_complete) == (25_000, 25_000, True)
    kept = [int(pmid) for payload in payloads(home) for pmid in re.findall(r"'1'>(\d+)<", payload.path.read_text())]
    assert sorted(kept) == list(range(1, 25_001))
    assert server.n_requests < 60


def test_a_day_with_too_many_records_gives_what_it_can_and_says_so(home: Path) -> None:
    server, pubmed = SmallPubMed([date(2020, 5, 5)] * 10_500), PubMed()
    pubmed.page_size = 5_000
    client = Client(Policy(), server, sleep=lambda _: None, clock=iter(range(10**9)).__next__)
    done = harvest_live(home, pubmed, "x", None, None, client)
    assert (done.n_retrieved, done.is_complete) == (9_999, False)
    assert "501 are missing" in done.problems[0]
