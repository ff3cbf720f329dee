"""Europe PMC, against recorded answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import HarvestError
from evigraph.harvest.api import SOURCES, harvest_live
from evigraph.harvest.payloads import payloads

Play = Callable[..., Any]

REST = "https://www.ebi.ac.uk/europepmc/webservices/rest"


def search(ids: list[str], mark: str, following: str | None, total: int) -> dict[str, Any]:
    answer = {"hitCount": total, "nextCursorMark": following, "resultList": {"result": [{"pmcid": i} for i in ids]}}
    return {"url": f"{REST}/search", "params": {"cursorMark": mark}, "json": answer}


def text(pmcid: str, **fields: Any) -> dict[str, Any]:
    return {"url": f"{REST}/{pmcid}/fullTextXML", "body": f"<article>{pmcid}</article>", **fields}


def test_each_article_of_the_search_is_a_payload(home: Path, play: Play) -> None:
    player = play("europepmc")
    done = harvest_live(home, "europepmc", "peer support", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.problems) == (3, 3, True, ())
    assert player.transport.unused() == []
    held = payloads(home)
    assert [payload.origin for payload in held] == [f"{REST}/PMC{n}/fullTextXML" for n in (1001, 1002, 1003)]
    assert b"PMC1002" in held[1].path.read_bytes()


def test_the_end_is_the_same_mark_again(home: Path, play: Play) -> None:
    player = play([search(["PMC1"], "*", "*", 1), text("PMC1")])
    assert harvest_live(home, "europepmc", "x", None, None, player.client).is_complete
    assert len(player.asked) == 2


def test_an_article_without_its_text_is_left_out_and_shows_as_missing(home: Path, play: Play) -> None:
    player = play([search(["PMC1", "PMC2", "PMC3"], "*", "*", 3), text("PMC1"), text("PMC2", status=404), text("PMC3")])
    done = harvest_live(home, "europepmc", "x", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete) == (2, 3, False)
    assert "announced 3 records and sent 2: 1 are missing" in " ".join(done.problems)
    assert len(payloads(home)) == 2


def test_a_harvest_that_was_cut_off_goes_on_at_the_article_where_it_stood(home: Path, play: Play) -> None:
    first = play([search(["PMC1", "PMC2", "PMC3"], "*", "m2", 4), text("PMC1"), text("PMC2", status=403)])
    with pytest.raises(HarvestError):
        harvest_live(home, "europepmc", "x", None, None, first.client)
    second = play([text("PMC2"), text("PMC3"), search(["PMC4"], "m2", "m2", 4), text("PMC4")])
    done = harvest_live(home, "europepmc", "x", None, None, second.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete) == (4, 4, True)
    assert second.transport.unused() == []


def test_a_limit_ends_the_harvest(home: Path, play: Play) -> None:
    player = play([search(["PMC1", "PMC2", "PMC3"], "*", "m2", 3), text("PMC1"), text("PMC2")])
    done = harvest_live(home, "europepmc", "x", 2, None, player.client)
    assert (done.n_retrieved, done.is_complete) == (2, False)


def test_since_and_open_access_are_asked_for(home: Path, play: Play) -> None:
    player = play([{**search([], "*", "*", 0), "times": 0}])
    assert harvest_live(home, "europepmc", "a OR b", None, "2026-05-31", player.client).is_complete
    harvest_live(home, "europepmc", "", None, None, player.client)
    assert [asked["query"] for asked in player.asked] == [
        "(a OR b) AND OPEN_ACCESS:y AND IN_EPMC:y AND UPDATE_DATE:[2026-05-31 TO 3000-12-31]",
        "OPEN_ACCESS:y AND IN_EPMC:y",
    ]
    assert not payloads(home)


def test_an_answer_that_is_no_search_result_halts_and_is_asked_for_again(home: Path, play: Play) -> None:
    player = play([{"url": f"{REST}/search", "body": "<html>maintenance</html>", "times": 0}])
    done = harvest_live(home, "europepmc", "x", None, None, player.client)
    assert not done.is_complete and "run the same command again" in " ".join(done.problems)
    again = play([search(["PMC1"], "*", "*", 1), text("PMC1")])
    assert harvest_live(home, "europepmc", "x", None, None, again.client).is_complete


def test_articles_of_a_page_are_asked_for_at_a_polite_rate(home: Path, play: Play) -> None:
    player = play("europepmc")
    harvest_live(home, SOURCES["europepmc"](None), "peer support", None, None, player.client)
    assert player.clock.now >= (len(player.asked) - 1) / 3 - 1e-6
