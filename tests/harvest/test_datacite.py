"""DataCite, against recorded answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import LiveSource
from evigraph.harvest.payloads import payloads
from evigraph.net.recorded import UnrecordedRequestError

Play = Callable[..., Any]
Make = Callable[..., LiveSource]

ADDRESS = "https://api.datacite.org/dois"


def page(dois: list[str], total: int, following: str | None) -> dict[str, Any]:
    links = {"next": f"{ADDRESS}?page%5Bcursor%5D={following}&page%5Bsize%5D=2"} if following else {}
    return {"data": [{"id": doi, "type": "dois"} for doi in dois], "meta": {"total": total}, "links": links}


def test_pages_follow_the_cursor_in_the_link_to_the_next(home: Path, play: Play, source: Make) -> None:
    player = play("datacite", contact="library@example.org")
    done = harvest_live(home, source("datacite"), "peer support", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.problems) == (5, 5, True, ())
    assert player.transport.unused() == []
    assert [asked["page[cursor]"] for asked in player.asked] == ["1", "MTY0LDEwLjU1NTU", "MTY1LDEwLjU1NTU"]
    assert [asked["mailto"] for asked in player.asked] == ["library@example.org"] * 3
    assert [payload.name.rsplit("-", 1)[-1] for payload in payloads(home)] == [
        "p000001.json",
        "p000002.json",
        "p000003.json",
    ]
    assert "mailto" not in (payloads(home)[0].origin or "")


def test_since_asks_for_what_was_changed_from_that_day(home: Path, play: Play, source: Make) -> None:
    player = play([{"url": ADDRESS, "json": page([], 0, None), "times": 0}])
    harvest_live(home, source("datacite"), "a OR b", None, "2026-05-31", player.client)
    harvest_live(home, source("datacite"), "", None, "2026-05-31", player.client)
    harvest_live(home, source("datacite"), "", None, None, player.client)
    assert [asked.get("query") for asked in player.asked] == [
        "(a OR b) AND updated:[2026-05-31 TO *]",
        "updated:[2026-05-31 TO *]",
        None,
    ]


def test_the_same_page_again_ends_the_harvest_and_says_what_is_missing(home: Path, play: Play, source: Make) -> None:
    same = {"url": ADDRESS, "json": page(["10.5555/1", "10.5555/2"], 9, "again"), "times": 0}
    player = play([same])
    done = harvest_live(home, source("datacite"), "x", None, None, player.client)
    assert (done.n_retrieved, done.is_complete, len(player.asked)) == (2, False, 2)
    assert "7 are missing" in " ".join(done.problems)


def test_a_harvest_that_was_cut_off_goes_on_at_its_cursor(home: Path, play: Play, source: Make) -> None:
    answers = [
        {"url": ADDRESS, "params": {"page[cursor]": "1"}, "json": page(["10.5555/1", "10.5555/2"], 3, "c2")},
        {"url": ADDRESS, "params": {"page[cursor]": "c2"}, "json": page(["10.5555/3"], 3, None)},
    ]
    first = play(answers[:1])
    with pytest.raises(UnrecordedRequestError):
        harvest_live(home, source("datacite"), "x", None, None, first.client)
    second = play(answers[1:])
    done = harvest_live(home, source("datacite"), "x", None, None, second.client)
    assert (done.n_retrieved, done.is_complete) == (3, True)
    assert [asked["page[cursor]"] for asked in second.asked] == ["c2"]


def test_without_a_contact_one_request_a_second(home: Path, play: Play, source: Make) -> None:
    player = play("datacite")
    harvest_live(home, source("datacite"), "peer support", None, None, player.client)
    assert player.clock.now >= 2
