"""Claims and searches under load: 50 people with a second to think, over HTTP, on the ledger in SQLite.

    python benchmarks/claims_load.py --from HOME [--people 50] [--seconds 60]

HOME is a graph with a release, for example that of `make demo`; its ledger is not touched. Everybody is signed in to an
account of their own, searches, thinks, links a product that they found to another one, thinks, and goes on; each answer
is timed from the first byte sent to the last one read. Beside it, in the same run and on the same ledger, the bare
append of a link without a portal. Afterwards every acknowledged link is looked for in the ledger. Aimed at: no error,
and a p95 of a claim of 200 ms at most. The people are made up.
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

import httpx2
import psutil
import uvicorn

from evigraph.portal.app import create_app
from evigraph.portal.people.links import subject_of
from evigraph.store.accounts import Accounts
from evigraph.store.kinds import CLAIMED
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.release import Release

QUERIES = ("peer support", "mental health", "cancer", "nursing", "trial", "graph", "covid", "therapy", "heart", "gene")
PASSWORD = "a made-up password of somebody made up"
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_PRODUCT = re.compile(r'href="/product/([A-Za-z0-9_.-]{12}::[0-9a-f]{32})"')


def serve(home: Path, port: int) -> None:
    uvicorn.run(create_app(home), host="127.0.0.1", port=port, log_level="error", access_log=False)


async def person(
    session: str, base: str, until: float, searched: list[float], claimed: list[float], kept: list[str], number: int
) -> list[str]:
    """One person at work; what was no answer."""
    chance, errors = random.Random(number), []  # noqa: S311 - made-up choices
    async with httpx2.AsyncClient(base_url=base, cookies={"evigraph": session}, timeout=60) as client:
        await asyncio.sleep(chance.random() * 2)
        form = await client.get("/claim")
        found = _TOKEN.search(form.text)
        if found is None:
            return [f"no form: {form.status_code}"]
        token, n = found[1], 0
        while time.monotonic() < until:
            began = time.monotonic()
            answer = await client.get(
                "/search", params={"q": chance.choice(QUERIES), "page": str(chance.randint(1, 3))}
            )
            searched.append(time.monotonic() - began)
            products = list(dict.fromkeys(_PRODUCT.findall(answer.text)))
            if answer.status_code != 200 or len(products) < 2:
                errors.append(f"search {answer.status_code} with {len(products)}")
                await asyncio.sleep(1)
                continue
            await asyncio.sleep(1)
            subject, other = chance.sample(products, 2)
            n += 1
            fields = {"token": token, "target_kind": "product", "target_id": other, "relation": "IsSupplementTo"}
            fields |= {"subject": subject, "reason": f"made up {number} {n}", "once": f"{number}-{n}"}
            began = time.monotonic()
            answer = await client.post("/claim", data=fields)
            claimed.append(time.monotonic() - began)
            if answer.status_code == 303:
                kept.append(fields["reason"])
            else:
                errors.append(f"claim {answer.status_code}")
            await asyncio.sleep(1)
    return errors


async def work(base: str, sessions: list[str], seconds: float) -> tuple[list[float], list[float], list[str], list[str]]:
    searched: list[float] = []
    claimed: list[float] = []
    kept: list[str] = []
    until = time.monotonic() + seconds
    people = (person(one, base, until, searched, claimed, kept, n) for n, one in enumerate(sessions))
    errors = [error for told in await asyncio.gather(*people) for error in told]
    return searched, claimed, kept, errors


def bare(home: Path, products: list[str], n: int = 200) -> list[float]:
    """Seconds of each of some links appended to the same ledger without a portal: what the disk asks for."""
    took = []
    with Ledger.open(home / "ledger.db") as ledger:
        for number in range(n):
            subject, other = products[number % len(products)], products[(number + 1) % len(products)]
            payload = {"relation": "IsSupplementTo", "target_kind": "product", "target_name": "made up"}
            began = time.monotonic()
            ledger.append("bare", [Statement(CLAIMED, subject, other, "made up", payload)])
            took.append(time.monotonic() - began)
    return took


def told(name: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return f"{name}: {len(ordered):,}, median {statistics.median(ordered) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="home", type=Path, required=True, help="a graph with a release")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "releases").symlink_to((asked.home / "releases").resolve())
        (home / "current").write_text((asked.home / "current").read_text())
        with Ledger.open(home / "ledger.db") as ledger:
            accounts, sessions = Accounts(ledger), []
            for number in range(asked.people):
                accounts.open(f"person{number}", PASSWORD)
                sessions.append(str(accounts.sign_in(f"person{number}", PASSWORD)))
        release = Release.open(home)
        found = release.search.search("peer", {}, "relevance", 0, 50, facets=()).hits
        rows = [release.product(hit["product_id"]) for hit in found]
        products = [subject_of(row) for row in rows if row is not None]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(home, port), daemon=True)
        server.start()
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(300):
                try:
                    httpx2.get(f"{base}/search", timeout=120)
                    break
                except httpx2.TransportError:
                    time.sleep(0.2)
            searched, claimed, kept, errors = asyncio.run(work(base, sessions, asked.seconds))
            usage = psutil.Process(server.pid)
            memory, cpu = usage.memory_info().rss / 2**20, usage.cpu_times()
        finally:
            server.terminate()
            server.join(20)
        print(told("searches", searched))
        print(told("claims", claimed))
        print(told("bare appends", bare(home, products)))
        print(
            f"errors {len(errors)} {errors[:3]}; server {memory:.0f} MiB, {cpu.user + cpu.system:.0f} CPU s; "
            f"load {psutil.getloadavg()}"
        )
        with Ledger.open(home / "ledger.db") as ledger:
            known = {event.reason for event in ledger.events() if event.kind == CLAIMED}
        print(f"links acknowledged {len(kept):,}, of these in the ledger {len(known & set(kept)):,}")


if __name__ == "__main__":
    main()
