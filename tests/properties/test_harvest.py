"""Whatever goes wrong on the way, a live harvest brings each record, in order, and asks no more than it must."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import httpx2
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.errors import HarvestError
from evigraph.harvest import payloads as payloads_module
from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import Harvest, watermark
from evigraph.harvest.openalex import OpenAlex
from evigraph.harvest.payloads import payloads
from evigraph.net.client import Client, Policy
from evigraph.store import durable

N_RECORDS, SIZE, ATTEMPTS = 11, 2, 3
N_PAGES = 6

#: What may happen to one request: an answer, or one of the ways in which networks and servers fail.
FATES = st.sampled_from(["answer", "answer", "cut", "refuse", "500", "429", "503", "429 for long", "html", "kill"])


class Killed(BaseException):
    """Stands for the end of the process."""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def instant(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.now)


class Body(httpx2.SyncByteStream):
    def __init__(self, content: bytes, is_cut: bool) -> None:
        self.content, self.is_cut = content, is_cut

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        if self.is_cut:
            raise httpx2.ReadError("connection lost")


class Server(httpx2.BaseTransport):
    """An OpenAlex of synthetic works to whose requests the fates happen, one after the other, then no more."""

    def __init__(self, fates: list[str], clock: Clock) -> None:
        self.fates, self.clock = iter(fates), clock
        self.quiet_until = 0.0
        self.n_requests = self.n_failures = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert self.clock.now >= self.quiet_until, "asked inside the pause that the server had asked for"
        self.n_requests += 1
        fate = next(self.fates, "answer")
        self.n_failures += fate != "answer"
        if fate == "kill":
            raise Killed
        if fate == "refuse":
            raise httpx2.ConnectError("refused")
        if fate == "html":
            return httpx2.Response(200, stream=Body(b"<html>back soon</html>", False))
        if fate[0] in "45":
            wait = {"429": "40", "503": "7", "429 for long": "5000"}.get(fate)
            if wait:
                self.quiet_until = self.clock.now + int(wait)
            return httpx2.Response(int(fate[:3]), headers={"Retry-After": wait} if wait else {})
        cursor = request.url.params["cursor"]
        start = 0 if cursor == "*" else int(cursor)
        ids = list(range(start, min(start + SIZE, N_RECORDS)))
        following = str(start + SIZE) if start + SIZE < N_RECORDS else None
        page = {"meta": {"count": N_RECORDS, "next_cursor": following}, "results": [{"id": f"W{n}"} for n in ids]}
        content = json.dumps(page).encode()
        return httpx2.Response(200, stream=Body(content[:20] if fate == "cut" else content, fate == "cut"))


def harvest(home: Path, server: Server) -> Harvest:
    """Runs the same command until it says that it is done, as a patient librarian would."""
    source = OpenAlex()
    source.page_size = SIZE
    while True:
        client = Client(Policy(attempts=ATTEMPTS), server, clock=server.clock, sleep=server.clock.sleep)
        try:
            with patch("evigraph.harvest.live._now", server.clock.instant):
                done = harvest_live(home, source, "x", None, None, client)
        except Killed:
            # The pause that a killed process knew of is lost with it.
            server.clock.now = max(server.clock.now, server.quiet_until)
            continue
        except HarvestError:
            server.clock.now += 17
            continue
        if done.is_complete:
            return done


def kept(home: Path) -> list[str]:
    pages = [payload.path.read_bytes() for payload in payloads(home)]
    return [record["id"] for page in pages if not page.startswith(b"<html>") for record in json.loads(page)["results"]]


@contextmanager
def quick() -> Iterator[None]:
    """No jittered pauses between attempts, and no waiting for the disk."""
    with stamina.set_testing(True, attempts=ATTEMPTS, cap=True), patch("os.fsync"):
        yield


@given(st.lists(FATES, max_size=25))
@settings(deadline=None, max_examples=40)
def test_every_record_comes_once_and_in_order_whatever_fails(fates: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, quick():
        home = Path(folder)
        server = Server(fates, Clock())
        done = harvest(home, server)
        assert kept(home) == [f"W{number}" for number in range(N_RECORDS)]
        assert (done.n_retrieved, done.n_announced, done.problems) == (N_RECORDS, N_RECORDS, ())
        # Each failure costs the one request that failed, and nothing else.
        assert server.n_requests == N_PAGES + server.n_failures


@given(
    st.integers(1, 3 * N_PAGES),
    st.sampled_from(["store.durable.sync_folder", "harvest.payloads.sync_folder", "harvest.payloads.append"]),
)
@settings(deadline=None, max_examples=30)
def test_a_kill_between_any_two_writes_costs_at_most_one_page(n_calls: int, where: str) -> None:
    with tempfile.TemporaryDirectory() as folder, quick():
        home, server, source = Path(folder), Server([], Clock()), OpenAlex()
        source.page_size = SIZE
        calls = iter(range(n_calls - 1))
        real = getattr(durable if "durable" in where else payloads_module, where.rsplit(".", 1)[1])

        def until_killed(*arguments: object) -> None:
            if next(calls, None) is None:
                raise Killed
            real(*arguments)

        client = Client(Policy(), server, clock=server.clock, sleep=server.clock.sleep)
        with patch(f"evigraph.{where}", until_killed), suppress(Killed):
            harvest_live(home, source, "x", None, None, client)
        n_ended = server.n_requests if watermark(home, "openalex", "x") else 0
        harvest(home, server)
        assert kept(home) == [f"W{number}" for number in range(N_RECORDS)]
        # A harvest that had ended is made anew as a whole; any other repeats at most the page it was at.
        assert server.n_requests - n_ended <= N_PAGES + 1
