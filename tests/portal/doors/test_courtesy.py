"""The rate that an address may ask at."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from evigraph.portal.doors.courtesy import Courtesy, Rate


def test_one_too_many_is_refused_and_told_when_to_come_back() -> None:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("yes"))])
    client = TestClient(Courtesy(app, Rate(quota=3, window=3600)))
    answers = [client.get("/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
    assert answers[0].headers["ratelimit-policy"] == '"reads";q=3;w=3600'
    assert 0 < int(answers[3].headers["retry-after"]) <= 3601
    assert answers[3].json()["status"] == 429


def test_windows_and_addresses_are_counted_apart() -> None:
    rate = Rate(quota=2, window=60)
    assert [rate.take("a", 120.0)[0] for _ in range(3)] == [1, 0, -1]
    assert rate.take("b", 120.0)[0] == 1
    assert rate.take("a", 180.0) == (1, 61)
    assert rate.take("a", 239.5)[1] == 1
