"""Votes under load: 20,000 records, 50 reviewers with a second to think, over HTTP, in SQLite.

    python benchmarks/review_load.py [--records 20000] [--reviewers 50] [--seconds 60]

Each reviewer opens the next record of their queue, thinks, votes, and goes on: the answer to a vote is timed from the
first byte sent to the last one read. Beside it, in the same run and on the same ledger, the bare append of a vote
without a portal. The records are made up. Afterwards every acknowledged vote is looked for in the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import re
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import psutil
import uvicorn

from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.review.journal import LedgerJournal
from evigraph.review.kinds import Duplicates, Member, ProtocolSet, StageRule, Vote
from evigraph.review.protocol import Criterion, Facet, Protocol
from evigraph.review.records import frozen
from evigraph.review.searches import Import, SearchRun
from evigraph.review.workspace import SCOPE, Workspace
from evigraph.store.ledger import Ledger

WORDS = (
    *("community", "recovery", "support", "peer", "nursing", "trial", "cohort", "outcome", "model", "network"),
    *("memory", "stress", "therapy", "children", "adults", "hospital", "screening", "protocol", "interview"),
    *("synthesis", "analysis", "random", "effect", "sleep", "pain", "heart", "protein", "receptor", "signal"),
)
PROTOCOL = Protocol(
    "A review of made-up records",
    facets=(Facet("population", "peer support workers", ("peer support",)),),
    criteria=(Criterion("c1", "include", "about peer support"), Criterion("c2", "include", "qualitative data")),
)


def made_up(n: int) -> list[dict[str, Any]]:
    """Rows of `record` with titles and abstracts of random words."""
    chance = random.Random(1)  # noqa: S311 - made-up records
    return [
        {
            "record_id": f"x:{number}",
            "source": "x",
            "source_key": str(number),
            "payload": "x",
            "position": number,
            "is_deleted": False,
            "title": f"Made-up record {number} on {' '.join(chance.choices(WORDS, k=8))}",
            "year": 2000 + number % 24,
            "descriptions": [" ".join(chance.choices(WORDS, k=150))],
            "authors": [{"rank": 1, "full_name": f"Writer {number}"}],
        }
        for number in range(n)
    ]


def build(home: Path, n_records: int, reviewers: list[str], is_ranked: bool) -> str:
    """The id of a review in a new ledger, with its records and its team; deduplication is not what is timed."""
    with Ledger.open(home / "ledger.db") as ledger:
        workspace = Workspace(LedgerJournal(ledger), home / "reviews")
        lead = account_of("Lead")
        review = workspace.open_review(PROTOCOL.title, lead, "Lead")
        workspace.say(review, lead, review, ProtocolSet(PROTOCOL))
        workspace.say(review, lead, "title_abstract", StageRule(n_votes=2, is_ranked=is_ranked))
        for name in reviewers:
            workspace.say(review, lead, account_of(name), Member(name, ("reviewer",)))
        run = workspace.search(review, lead, SearchRun("", "Made up"))
        content, sha256, _ = frozen(made_up(n_records), run)
        workspace.files(review).keep(content)
        workspace.say(review, lead, run, Import(run, sha256, n_records))
        workspace.say(review, lead, review, Duplicates((), (), "none are made"))
        return review


def serve(home: Path, port: int) -> None:
    uvicorn.run(create_app(home), host="127.0.0.1", port=port, log_level="error", access_log=False)


_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


async def reviewer(name: str, base: str, until: float, shown: list[float], voted: list[float], kept: list[str]) -> int:
    """One reviewer at work; the number of answers that were none."""
    chance, errors = random.Random(name), 0  # noqa: S311 - made-up votes
    cookies = {"works_as": quote(name)}
    async with httpx2.AsyncClient(base_url=base, cookies=cookies, timeout=60) as client:
        await asyncio.sleep(chance.random())
        while time.monotonic() < until:
            began = time.monotonic()
            answer = await client.get("/screen/title")
            shown.append(time.monotonic() - began)
            if answer.status_code != 200 or 'id="vote"' not in answer.text:
                errors += 1
                await asyncio.sleep(1)
                continue
            fields = dict(_HIDDEN.findall(answer.text[answer.text.index('id="vote"') :]))
            fields["decision"] = chance.choices(("include", "exclude", "maybe"), (1, 12, 1))[0]
            await asyncio.sleep(1)
            began = time.monotonic()
            answer = await client.post("/screen/title", data=fields)
            voted.append(time.monotonic() - began)
            if answer.status_code == 303:
                kept.append(answer.headers["location"].rpartition("done=")[2])
            else:
                errors += 1
    return errors


async def work(base: str, names: list[str], seconds: float) -> tuple[list[float], list[float], list[str], int]:
    shown: list[float] = []
    voted: list[float] = []
    kept: list[str] = []
    until = time.monotonic() + seconds
    errors = await asyncio.gather(*(reviewer(name, base, until, shown, voted, kept) for name in names))
    return shown, voted, kept, sum(errors)


def bare(home: Path, review: str, n: int = 200) -> list[float]:
    """Seconds of each of some votes appended to the same ledger without a portal: what the disk asks for."""
    took = []
    with Ledger.open(home / "ledger.db") as ledger:
        workspace = Workspace(LedgerJournal(ledger), home / "reviews")
        heads = list(workspace.state(review).library.groups)
        for head in heads[-n:]:
            began = time.monotonic()
            workspace.say(review, account_of("Lead"), head, Vote("title_abstract", "exclude"))
            took.append(time.monotonic() - began)
    return took


def told(name: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return f"{name}: {len(ordered):,}, median {statistics.median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--reviewers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--unranked", action="store_true", help="the queue in the order of the records")
    asked = parser.parse_args()
    names = [f"Reviewer {n} (made up)" for n in range(asked.reviewers)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        review = build(home, asked.records, names, not asked.unranked)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(home, port), daemon=True)
        server.start()
        try:
            base = f"http://127.0.0.1:{port}/reviews/{review}"
            for _ in range(300):
                try:
                    httpx2.get(f"{base}/screen/title", cookies={"works_as": quote(names[0])}, timeout=120)
                    break
                except httpx2.TransportError:
                    time.sleep(0.2)
            shown, voted, kept, errors = asyncio.run(work(base, names, asked.seconds))
            usage = psutil.Process(server.pid)
            memory, cpu = usage.memory_info().rss / 2**20, usage.cpu_times()
        finally:
            server.terminate()
            server.join(20)
        print(told("records shown", shown))
        print(told("votes", voted))
        print(told("bare appends", bare(home, review)))
        print(
            f"errors {errors}; server {memory:.0f} MiB, {cpu.user + cpu.system:.0f} CPU s; load {psutil.getloadavg()}"
        )
        with Ledger.open(home / "ledger.db") as ledger:
            known = {event.event_id for event in ledger.events(scope=SCOPE + review)}
        print(f"votes acknowledged {len(kept):,}, of these in the ledger {len(known & set(kept)):,}")


if __name__ == "__main__":
    main()
