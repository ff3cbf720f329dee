"""The guarded client: against recorded answers for its manners, against a real socket for its endurance."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stamina

from evigraph.errors import HarvestError
from evigraph.net.client import AnswerError, Client, Policy, announced_rate, retry_after, user_agent
from evigraph.net.guard import ForbiddenAddressError
from evigraph.net.recorded import RecordedTransport


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def play(folder: Path, answers: list[dict[str, Any]], **policy: Any) -> tuple[Client, RecordedTransport, Clock]:
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    clock, transport = Clock(), RecordedTransport(folder)
    return Client(Policy(**policy), transport, clock=clock, sleep=clock.sleep), transport, clock


def test_an_answer_has_status_headers_and_content(tmp_path: Path) -> None:
    client, transport, _ = play(tmp_path, [{"url": "https://a.example/x", "headers": {"X-Kind": "k"}, "body": "ü"}])
    answer = client.get("https://a.example/x", {"q": "a b&c"})
    assert (answer.status, answer.headers["x-kind"], answer.content) == (200, "k", "ü".encode())
    assert transport.requests[0].url.params["q"] == "a b&c"


def test_requests_say_who_asks(tmp_path: Path) -> None:
    client, transport, _ = play(tmp_path, [{"url": "https://a.example/"}], contact="library@example.org")
    client.get("https://a.example/")
    assert "mailto:library@example.org" in transport.requests[0].headers["user-agent"]
    assert transport.requests[0].headers["user-agent"].startswith("evigraph/")


@pytest.mark.parametrize("contact", [None, "library@example.org", "https://library.example.org"])
def test_the_user_agent_names_the_contact_it_has(contact: str | None) -> None:
    assert (contact or "Python") in user_agent(contact)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_the_host_asks_for_is_kept_to_the_second(tmp_path: Path, status: int) -> None:
    client, transport, clock = play(
        tmp_path,
        [
            {"url": "https://a.example/", "status": status, "headers": {"Retry-After": "37"}},
            {"url": "https://a.example/", "body": "done"},
        ],
    )
    assert client.get("https://a.example/").content == b"done"
    assert clock.now >= 37
    assert len(transport.requests) == 2


def test_a_pause_holds_for_other_requests_to_that_host_only(tmp_path: Path) -> None:
    client, _, clock = play(
        tmp_path,
        [
            {"url": "https://a.example/1", "status": 429, "headers": {"Retry-After": "60"}},
            {"url": "https://a.example/2"},
            {"url": "https://b.example/"},
        ],
        attempts=1,
    )
    with pytest.raises(HarvestError):
        client.get("https://a.example/1")
    client.get("https://b.example/")
    assert clock.now < 60
    client.get("https://a.example/2")
    assert clock.now >= 60


def test_a_pause_beyond_patience_ends_with_what_to_do(tmp_path: Path) -> None:
    client, transport, clock = play(
        tmp_path, [{"url": "https://a.example/", "status": 429, "headers": {"Retry-After": "86400"}}]
    )
    with pytest.raises(AnswerError, match=r"86,400 s.*run the same command again"):
        client.get("https://a.example/")
    assert clock.now == 0
    assert len(transport.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_error_is_tried_again(tmp_path: Path, status: int) -> None:
    client, _, _ = play(
        tmp_path,
        [{"url": "https://a.example/", "status": status, "times": 3}, {"url": "https://a.example/", "body": "done"}],
    )
    assert client.get("https://a.example/").content == b"done"


def test_a_lasting_error_ends_after_the_attempts(tmp_path: Path) -> None:
    client, transport, _ = play(tmp_path, [{"url": "https://a.example/", "status": 500, "times": 0}], attempts=4)
    with pytest.raises(HarvestError, match=r"a\.example/ still answers 500 after 4 attempts"):
        client.get("https://a.example/")
    assert len(transport.requests) == 4


@pytest.mark.parametrize(("status", "word"), [(400, "query"), (401, "key"), (403, "key"), (404, "address")])
def test_an_error_of_ours_is_not_tried_again(tmp_path: Path, status: int, word: str) -> None:
    client, transport, _ = play(tmp_path, [{"url": "https://a.example/", "status": status, "times": 0}])
    with pytest.raises(AnswerError, match=word) as caught:
        client.get("https://a.example/")
    assert caught.value.status == status
    assert len(transport.requests) == 1


def test_messages_do_not_tell_keys(tmp_path: Path) -> None:
    client, _, _ = play(tmp_path, [{"url": "https://a.example/", "status": 500, "times": 0}], attempts=1)
    with pytest.raises(HarvestError) as caught:
        client.get("https://a.example/", {"api_key": "secret"})
    assert "secret" not in str(caught.value)


def test_a_broken_connection_is_tried_again(tmp_path: Path) -> None:
    client, _, _ = play(
        tmp_path,
        [{"url": "https://a.example/", "body": "whole", "cut": 2}, {"url": "https://a.example/", "body": "whole"}],
    )
    assert client.get("https://a.example/").content == b"whole"


def test_redirects_are_followed_and_keys_stay_at_home(tmp_path: Path) -> None:
    client, transport, _ = play(
        tmp_path,
        [
            {"url": "https://a.example/1", "status": 301, "headers": {"Location": "/2"}},
            {"url": "https://a.example/2", "status": 302, "headers": {"Location": "https://b.example/3"}},
            {"url": "https://b.example/3", "body": "done"},
        ],
    )
    answer = client.get("https://a.example/1", headers={"Authorization": "Bearer secret"})
    assert (answer.content, answer.url) == (b"done", "https://b.example/3")
    assert ["authorization" in request.headers for request in transport.requests] == [True, True, False]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "http://user@a.example/",
        "http://a.example:6379/",
    ],
)
def test_each_hop_is_checked(tmp_path: Path, target: str) -> None:
    client, transport, _ = play(
        tmp_path, [{"url": "https://a.example/", "status": 302, "headers": {"Location": target}}]
    )
    with pytest.raises(ForbiddenAddressError):
        client.get("https://a.example/")
    assert len(transport.requests) == 1


@pytest.mark.parametrize("last", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://[fd00::1]/"])
def test_the_last_hop_of_a_long_chain_is_checked_as_the_first(tmp_path: Path, last: str) -> None:
    hosts = ["a", "b", "c", "d", "e"]
    targets = [*(f"https://{host}.example/" for host in hosts[1:]), last]
    client, transport, _ = play(
        tmp_path,
        [
            {"url": f"https://{host}.example/", "status": status, "headers": {"Location": target}}
            for host, status, target in zip(hosts, (301, 302, 303, 307, 308), targets, strict=True)
        ],
    )
    with pytest.raises(ForbiddenAddressError):
        client.get("https://a.example/")
    assert [request.url.host for request in transport.requests] == [f"{host}.example" for host in hosts]


def test_no_more_than_five_hops(tmp_path: Path) -> None:
    loop = {"url": "https://a.example/", "status": 302, "headers": {"Location": "https://a.example/"}, "times": 0}
    client, transport, _ = play(tmp_path, [loop])
    with pytest.raises(HarvestError, match="redirects more than 5 times"):
        client.get("https://a.example/")
    assert len(transport.requests) == 6


def test_an_answer_that_is_too_large_is_refused(tmp_path: Path) -> None:
    client, transport, _ = play(tmp_path, [{"url": "https://a.example/", "body": "x" * 101}], max_bytes=100)
    with pytest.raises(HarvestError, match="more than 100 bytes"):
        client.get("https://a.example/")
    assert len(transport.requests) == 1


def test_an_announced_rate_is_kept(tmp_path: Path) -> None:
    headers = {"x-rate-limit-limit": "1", "x-rate-limit-interval": "2s"}
    client, _, clock = play(tmp_path, [{"url": "https://a.example/", "headers": headers, "times": 3}])
    for _ in range(3):
        client.get("https://a.example/")
    assert clock.now == pytest.approx(4.0, rel=0.2)


def test_a_rate_in_the_policy_wins_over_the_source(tmp_path: Path) -> None:
    client, _, clock = play(tmp_path, [{"url": "https://a.example/", "times": 3}], rates={"A.example": 0.5})
    client.set_rate("a.example", 100.0)
    for _ in range(3):
        client.get("https://a.example/")
    assert clock.now == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120.0), ("0", 0.0), ("Mon, 23 Nov 2026 10:01:30 GMT", 90.0), ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0)],
)
def test_both_forms_of_retry_after_are_read(text: str, seconds: float) -> None:
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert retry_after({"retry-after": text}, now) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "²"])
def test_a_retry_after_that_says_nothing_is_none(text: str) -> None:
    assert retry_after({"retry-after": text}) is None


@pytest.mark.parametrize(
    ("limit", "interval", "rate"),
    [("50", "1s", 50.0), ("5", "10s", 0.5), ("0", "1s", None), ("x", "1s", None), ("5", "", None)],
)
def test_announced_rates_are_read(limit: str, interval: str, rate: float | None) -> None:
    assert announced_rate({"x-rate-limit-limit": limit, "x-rate-limit-interval": interval}) == rate


@contextmanager
def server(respond: Callable[[BaseHTTPRequestHandler, int], None]) -> Iterator[str]:
    n_requests = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal n_requests
            n_requests += 1
            respond(self, n_requests)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/"
        finally:
            running.shutdown()
            thread.join()


LOCAL = Policy(allowed_hosts=frozenset({"127.0.0.1"}), default_rate=10_000.0)


def test_a_length_that_lies_is_noticed_and_the_answer_fetched_again() -> None:
    def respond(handler: BaseHTTPRequestHandler, n_requests: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000" if n_requests < 3 else "4")
        handler.end_headers()
        handler.wfile.write(b"four")

    with server(respond) as address, Client(LOCAL) as client:
        assert client.get(address).content == b"four"


def test_a_connection_dropped_before_any_answer_is_tried_again() -> None:
    def respond(handler: BaseHTTPRequestHandler, n_requests: int) -> None:
        if n_requests < 3:
            handler.close_connection = True
            return
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    with server(respond) as address, Client(LOCAL) as client:
        assert client.get(address).content == b"ok"


def test_a_small_answer_that_unpacks_beyond_the_bound_is_refused() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    def respond(handler: BaseHTTPRequestHandler, n_requests: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(bomb)))
        handler.end_headers()
        handler.wfile.write(bomb)

    policy = Policy(allowed_hosts=LOCAL.allowed_hosts, max_bytes=1_000_000)
    with server(respond) as address, Client(policy) as client, pytest.raises(HarvestError, match="more than 1,000,000"):
        client.get(address)


def test_a_trickle_ends_at_the_deadline() -> None:
    stop = threading.Event()

    def respond(handler: BaseHTTPRequestHandler, n_requests: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.01):
            handler.wfile.write(b".")
            handler.wfile.flush()

    policy = Policy(allowed_hosts=LOCAL.allowed_hosts, deadline=0.1, attempts=1)
    with server(respond) as address, Client(policy) as client:
        with pytest.raises(HarvestError, match="not complete after"):
            client.get(address)
        stop.set()


def test_a_local_server_is_not_called_unless_allowed() -> None:
    def respond(handler: BaseHTTPRequestHandler, n_requests: int) -> None:
        raise AssertionError("was called")

    with server(respond) as address, Client(Policy()) as client, pytest.raises(ForbiddenAddressError):
        client.get(address)


def test_a_name_that_leads_home_is_not_called() -> None:
    with Client(Policy(), resolver=lambda host, port: ["127.0.0.1"]) as client, pytest.raises(ForbiddenAddressError):
        client.get("http://innocent.example/")
