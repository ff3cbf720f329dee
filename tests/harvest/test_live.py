"""A live harvest keeps every page, loses nothing to a kill, ends, and says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import BusyError, HarvestError, InputError
from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import Harvest, LiveSource, watermark
from evigraph.harvest.payloads import PayloadWriter, payloads
from evigraph.net.client import Client

ADDRESS = "https://api.openalex.org/works"

Play = Callable[..., Any]
Make = Callable[..., LiveSource]


def page(ids: list[int], total: int | None, cursor: str | None) -> dict[str, Any]:
    return {"meta": {"count": total, "next_cursor": cursor}, "results": [{"id": f"W{number}"} for number in ids]}


def answer(cursor: str, ids: list[int], total: int | None, following: str | None, **more: Any) -> dict[str, Any]:
    return {"url": ADDRESS, "params": {"cursor": cursor}, "json": page(ids, total, following), **more}


def kept_ids(home: Path) -> list[list[str]]:
    return [
        [record["id"] for record in json.loads(payload.path.read_bytes())["results"]]
        for payload in payloads(home, "openalex")
    ]


@pytest.fixture
def harvest(home: Path, source: Make) -> Callable[..., Harvest]:
    def run(client: Client, limit: int | None = None, since: str | None = None, **more: Any) -> Harvest:
        return harvest_live(home, source("openalex"), "peer support", limit, since, client, **more)

    return run


def test_each_page_is_a_payload_as_it_came(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    player = play("openalex")
    done = harvest(player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.problems) == (3, 3, True, ())
    assert [payload.name.rsplit("-", 1)[1] for payload in done.payloads] == ["p000001.json", "p000002.json"]
    assert list(done.payloads) == payloads(home)
    assert player.transport.unused() == []
    assert kept_ids(home) == [
        ["https://openalex.org/W9000000001", "https://openalex.org/W9000000002"],
        ["https://openalex.org/W9000000003"],
    ]


def test_progress_is_told_in_records(play: Play, harvest: Callable[..., Harvest]) -> None:
    told: list[tuple[str, int, int | None]] = []
    harvest(play("openalex").client, progress=lambda *what: told.append(what))
    assert told == [("openalex", 2, 3), ("openalex", 3, 3), ("openalex", 3, 3)]


def test_an_empty_result_is_complete_and_keeps_nothing(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    done = harvest(play([answer("*", [], 0, None)]).client)
    assert (done.n_retrieved, done.n_announced, done.is_complete, done.payloads) == (0, 0, True, ())
    assert payloads(home) == []


def test_a_limit_is_kept_to_the_record(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    player = play([answer("*", [1, 2], 9, "b"), answer("b", [3], 9, "c")])
    done = harvest(player.client, limit=3)
    assert [asked["per_page"] for asked in player.asked] == ["2", "1"]
    assert (done.n_retrieved, done.is_complete, done.problems) == (3, False, ())
    assert watermark(home, "openalex", "peer support") is None


def test_a_harvest_cut_off_goes_on_where_it_stood(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    first = play([answer("*", [1, 2], 5, "b"), answer("b", [3, 4], 5, "c", cut=10, times=0)], attempts=3)
    with pytest.raises(HarvestError, match="run the same command again"):
        harvest(first.client)
    assert kept_ids(home) == [["W1", "W2"]]
    second = play([answer("b", [3, 4], 5, "c"), answer("c", [5], 5, None)])
    done = harvest(second.client)
    assert (done.n_retrieved, done.is_complete, done.problems) == (5, True, ())
    assert kept_ids(home) == [["W1", "W2"], ["W3", "W4"], ["W5"]]
    assert second.transport.unused() == []


class Killed(BaseException):
    pass


@pytest.mark.parametrize("where", ["evigraph.harvest.live._Walk._write", "evigraph.harvest.payloads.append"])
def test_a_kill_repeats_at_most_one_page_and_loses_none(
    home: Path, play: Play, harvest: Callable[..., Harvest], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    answers = [answer("*", [1, 2], 4, "b", times=0), answer("b", [3, 4], 4, None, times=0)]
    n_requests = 0
    for _ in range(2):
        player = play(answers)

        def die(*_: object, **__: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(where, die)
            with pytest.raises(Killed):
                harvest(player.client)
        n_requests += len(player.asked)
    player = play(answers)
    done = harvest(player.client)
    assert n_requests + len(player.asked) == 4
    assert (done.n_retrieved, done.is_complete) == (4, True)
    assert kept_ids(home) == [["W1", "W2"], ["W3", "W4"]]


def test_a_throttled_harvest_waits_as_told(play: Play, harvest: Callable[..., Harvest]) -> None:
    throttled = {"url": ADDRESS, "params": {"cursor": "b"}, "status": 429, "headers": {"Retry-After": "50"}}
    player = play([answer("*", [1, 2], 3, "b"), throttled, answer("b", [3], 3, None)])
    done = harvest(player.client)
    assert done.is_complete
    assert player.clock.now >= 50
    assert len(player.asked) == 3


def test_a_server_error_is_tried_again(play: Play, harvest: Callable[..., Harvest]) -> None:
    broken = {"url": ADDRESS, "status": 500, "times": 2}
    assert harvest(play([broken, answer("*", [1], 1, None)]).client).is_complete


def test_a_throttle_beyond_patience_keeps_what_came_and_goes_on_later(
    home: Path, play: Play, harvest: Callable[..., Harvest]
) -> None:
    throttled = {"url": ADDRESS, "params": {"cursor": "b"}, "status": 429, "headers": {"Retry-After": "80000"}}
    with pytest.raises(HarvestError, match="pause of 80,000 s"):
        harvest(play([answer("*", [1, 2], 3, "b"), throttled]).client)
    early = play([])
    with pytest.raises(HarvestError, match="asked for a pause until"):
        harvest(early.client)
    assert early.asked == []
    (state,) = (home / "sources" / "openalex" / "state").glob("*.json")
    almost = datetime.now(UTC) + timedelta(seconds=300)
    state.write_text(json.dumps(json.loads(state.read_text()) | {"resume_at": almost.isoformat()}))
    late = play([answer("b", [3], 3, None)])
    done = harvest(late.client)
    assert (done.n_retrieved, done.is_complete) == (3, True)
    assert late.clock.now > 250


@pytest.mark.parametrize("n_distinct", [1, 2, 3])
def test_pages_that_come_round_again_end_the_harvest(
    play: Play, harvest: Callable[..., Harvest], n_distinct: int
) -> None:
    cursors = ["*", *[f"c{number}" for number in range(1, n_distinct)]]
    answers = [
        answer(cursor, [2 * number, 2 * number + 1], 1000, cursors[(number + 1) % n_distinct], times=0)
        for number, cursor in enumerate(cursors)
    ]
    player = play(answers)
    done = harvest(player.client)
    assert len(player.asked) == n_distinct + 1
    assert len(done.payloads) == n_distinct
    assert not done.is_complete
    assert "sent the same page again" in done.problems[0]
    assert f"{1000 - 2 * n_distinct} are missing" in done.problems[1]


def test_a_shortfall_is_said_in_numbers(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    done = harvest(play([answer("*", [1, 2], 7, "b"), answer("b", [], 7, None)]).client)
    assert not done.is_complete
    assert done.problems == ("openalex announced 7 records and sent 2: 5 are missing; run the same command again",)
    assert watermark(home, "openalex", "peer support") is None


def test_a_page_that_is_not_json_is_asked_for_again(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    garbled = {"url": ADDRESS, "body": "<html>We are back in a moment</html>", "times": 2}
    player = play([garbled, answer("*", [1], 1, None)])
    done = harvest(player.client)
    assert (done.is_complete, done.problems) == (True, ())
    assert player.clock.now >= 10
    assert kept_ids(home) == [["W1"]]


@pytest.mark.parametrize("body", ['{"meta": {"count": 3', "[]", '{"results": {}}', ""])
def test_a_page_that_stays_unreadable_is_kept_and_said(
    home: Path, play: Play, harvest: Callable[..., Harvest], body: str
) -> None:
    garbled = {"url": ADDRESS, "params": {"cursor": "b"}, "body": body, "times": 0}
    done = harvest(play([answer("*", [1, 2], 3, "b"), garbled]).client)
    assert not done.is_complete
    assert "page 2 of openalex cannot be read" in done.problems[0]
    assert [payload.path.read_bytes() for payload in payloads(home)][1:] == ([body.encode()] if body else [])
    later = harvest(play([answer("b", [3], 3, None)]).client)
    assert (later.is_complete, later.problems, later.n_retrieved) == (True, (), 3)


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_forgotten_cursor_begins_the_walk_anew_once(
    home: Path, play: Play, harvest: Callable[..., Harvest], status: int
) -> None:
    gone = {"url": ADDRESS, "params": {"cursor": "b"}, "status": status}
    player = play([answer("*", [1, 2], 3, "b", times=2), gone, answer("b", [3], 3, None)])
    done = harvest(player.client)
    assert (done.n_retrieved, done.is_complete) == (3, True)
    assert "began anew" in done.problems[0]
    assert kept_ids(home) == [["W1", "W2"], ["W3"]]


def test_a_cursor_that_is_always_refused_ends_in_an_error(play: Play, harvest: Callable[..., Harvest]) -> None:
    gone = {"url": ADDRESS, "params": {"cursor": "b"}, "status": 400, "times": 0}
    player = play([answer("*", [1, 2], 3, "b", times=0), gone])
    with pytest.raises(HarvestError):
        harvest(player.client)
    assert len(player.asked) == 4


def test_a_refused_query_is_no_lost_cursor(play: Play, harvest: Callable[..., Harvest]) -> None:
    player = play([{"url": ADDRESS, "status": 400, "times": 0}])
    with pytest.raises(HarvestError, match="check the query"):
        harvest(player.client)
    assert len(player.asked) == 1


def test_a_complete_harvest_leaves_the_date_to_go_on_from(
    home: Path, play: Play, harvest: Callable[..., Harvest]
) -> None:
    done = harvest(play([answer("*", [1, 2], 3, "b"), answer("b", [3], 3, None)]).client)
    assert done.watermark == watermark(home, "openalex", "peer support") == done.payloads[0].harvested_at[:10]
    assert [payload.watermark for payload in payloads(home)] == [None, done.watermark]
    assert watermark(home, "openalex", "another query") is None
    later = play([answer("*", [4], 1, None)])
    harvest(later.client, since=done.watermark)
    assert later.asked[0]["filter"] == f"from_updated_date:{done.watermark}"


def test_a_finished_harvest_is_made_anew_and_equal_pages_are_kept_once(
    home: Path, play: Play, harvest: Callable[..., Harvest]
) -> None:
    harvest(play([answer("*", [1, 2], 2, None)]).client)
    again = harvest(play([answer("*", [1, 2], 2, None)]).client)
    assert (again.n_retrieved, again.is_complete, [payload.is_new for payload in again.payloads]) == (2, True, [False])
    assert len(payloads(home)) == 1


def test_two_searches_do_not_share_their_place(home: Path, play: Play, source: Make) -> None:
    for query in ("peer support", "group therapy"):
        player = play([answer("*", [1, 2], 3, "b"), {"url": ADDRESS, "status": 500, "times": 0}], attempts=2)
        with pytest.raises(HarvestError):
            harvest_live(home, source("openalex"), query, None, None, player.client)
        assert player.asked[0]["cursor"] == "*"


def test_keys_and_contact_are_sent_and_not_kept(home: Path, play: Play, source: Make) -> None:
    player = play("openalex", contact="library@example.org")
    harvest_live(home, source("openalex", "secret-key"), "peer support", None, None, player.client)
    assert player.asked[0]["api_key"] == "secret-key"
    kept = b"".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())
    assert b"secret-key" not in kept
    assert b"library@example.org" not in kept


@pytest.mark.parametrize(
    ("limit", "since", "word"), [(0, None, "limit"), (-1, None, "limit"), (None, "May 2024", "date")]
)
def test_what_cannot_be_asked_is_refused_before_any_request(
    play: Play, harvest: Callable[..., Harvest], limit: int | None, since: str | None, word: str
) -> None:
    player = play([])
    with pytest.raises(InputError, match=word):
        harvest(player.client, limit=limit, since=since)
    assert player.asked == []


def test_an_unknown_source_is_named_with_the_known_ones(home: Path, play: Play) -> None:
    with pytest.raises(InputError, match=r"'scopus' is not a known source: use one of pubmed, crossref"):
        harvest_live(home, "scopus", "x", None, None, play([]).client)


def test_one_harvest_of_a_source_at_a_time(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    player = play([])
    with PayloadWriter(home, "openalex"), pytest.raises(BusyError):
        harvest(player.client)
    assert player.asked == []


def test_a_damaged_state_is_named(home: Path, play: Play, harvest: Callable[..., Harvest]) -> None:
    harvest(play([answer("*", [1], 1, None)]).client)
    (state,) = (home / "sources" / "openalex" / "state").glob("*.json")
    state.write_text("{")
    with pytest.raises(HarvestError, match="damaged: delete it"):
        harvest(play([]).client)
