"""Crossref, against recorded answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import LiveSource
from evigraph.harvest.payloads import payloads

Play = Callable[..., Any]
Make = Callable[..., LiveSource]

ADDRESS = "https://api.crossref.org/works"


def page(dois: list[str], total: int, cursor: str) -> dict[str, Any]:
    return {
        "status": "ok",
        "message": {"total-results": total, "items": [{"DOI": doi} for doi in dois], "next-cursor": cursor},
    }


def test_one_cursor_for_all_pages_is_no_loop(home: Path, play: Play, source: Make) -> None:
    player = play("crossref", contact="library@example.org")
    done = harvest_live(home, source("crossref"), "peer support", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.problems) == (5, 5, True, ())
    assert player.transport.unused() == []
    assert [asked["mailto"] for asked in player.asked] == ["library@example.org"] * 3
    assert payloads(home)[0].origin == f"{ADDRESS}?cursor=%2A&rows=2&query=peer+support"


def test_the_same_page_under_the_same_cursor_is_a_loop(home: Path, play: Play, source: Make) -> None:
    first = {"url": ADDRESS, "params": {"cursor": "*"}, "json": page(["10.5555/1", "10.5555/2"], 99, "c")}
    stuck = {"url": ADDRESS, "params": {"cursor": "c"}, "json": page(["10.5555/3", "10.5555/4"], 99, "c"), "times": 0}
    player = play([first, stuck])
    done = harvest_live(home, source("crossref"), "x", None, None, player.client)
    assert len(player.asked) == 3
    assert (done.n_retrieved, done.is_complete) == (4, False)


def test_fewer_works_than_asked_for_are_the_last_ones(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": ADDRESS, "json": page(["10.5555/1"], 1, "c")}])
    assert harvest_live(home, source("crossref"), "x", None, None, player.client).is_complete
    assert len(player.asked) == 1


def test_since_asks_for_what_was_indexed_from_that_day(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": ADDRESS, "params": {"query": None}, "json": page([], 0, "c")}])
    harvest_live(home, source("crossref"), "", None, "2026-05-31", player.client)
    assert player.asked[0]["filter"] == "from-index-date:2026-05-31"


def test_a_token_goes_into_a_header(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": ADDRESS, "json": page([], 0, "c")}])
    harvest_live(home, source("crossref", "token"), "x", None, None, player.client)
    assert player.transport.requests[0].headers["crossref-plus-api-token"] == "Bearer token"
    assert "token" not in str(player.transport.requests[0].url)


def test_without_a_contact_one_request_a_second(home: Path, play: Play, source: Make) -> None:
    player = play("crossref")
    harvest_live(home, source("crossref"), "peer support", None, None, player.client)
    assert player.clock.now >= 2
