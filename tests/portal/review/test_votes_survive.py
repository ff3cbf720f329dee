"""Reviewers vote while the portal is killed under them: every vote that was acknowledged is there, and none twice."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from evigraph.portal.review.desk import account_of
from evigraph.review.journal import LedgerJournal
from evigraph.review.kinds import Duplicates, Member, ProtocolSet, StageRule
from evigraph.review.protocol import Criterion, Protocol
from evigraph.review.records import frozen
from evigraph.review.searches import Import, SearchRun
from evigraph.review.workspace import SCOPE, Workspace
from evigraph.store.kinds import ONCE
from evigraph.store.ledger import Ledger

#: Loads the portal once; for each line it reads it tells a port, and a child of its own serves the graph there.
PORTAL = """
import os, socket, sys
from pathlib import Path
import uvicorn
from evigraph.portal.app import create_app

for _ in sys.stdin:
    own = socket.socket()
    own.bind(("127.0.0.1", 0))
    own.listen(64)
    child = os.fork()
    if not child:
        server = uvicorn.Server(uvicorn.Config(create_app(Path(sys.argv[1])), log_level="error", access_log=False))
        server.run(sockets=[own])
        os._exit(0)
    os.write(1, f"{own.getsockname()[1]} {child}\\n".encode())
    own.close()
    os.waitpid(child, 0)
    os.write(1, b"ended\\n")
"""
N_RECORDS, N_REVIEWERS = 4_000, 8
NAMES = [f"Reviewer {n} (made up)" for n in range(N_REVIEWERS)]
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def made_up(home: Path) -> str:
    """The id of a review with records to screen and its team, in the ledger of a graph without a release."""
    with Ledger.open(home / "ledger.db") as ledger:
        workspace = Workspace(LedgerJournal(ledger), home / "reviews")
        lead = account_of("Lead (made up)")
        review = workspace.open_review("A review of made-up records", lead, "Lead (made up)")
        protocol = Protocol("A review of made-up records", criteria=(Criterion("c1", "include", "anything"),))
        workspace.say(review, lead, review, ProtocolSet(protocol))
        workspace.say(review, lead, "title_abstract", StageRule(n_votes=2, is_ranked=False))
        for name in NAMES:
            workspace.say(review, lead, account_of(name), Member(name, ("reviewer",)))
        run = workspace.search(review, lead, SearchRun("", "Made up"))
        rows = [
            {"record_id": f"x:{n}", "source": "x", "source_key": str(n), "payload": "x", "position": n}
            | {"is_deleted": False, "title": f"Made-up record {n}", "descriptions": [f"An abstract, number {n}."]}
            for n in range(N_RECORDS)
        ]
        content, sha256, _ = frozen(rows, run)
        workspace.files(review).keep(content)
        workspace.say(review, lead, run, Import(run, sha256, N_RECORDS))
        workspace.say(review, lead, review, Duplicates((), (), "none are made"))
        return review


class Reviewer(threading.Thread):
    """One person who votes on record after record until the portal is gone; a vote without an answer is sent again."""

    def __init__(self, name: str, base: str, held: dict[str, str], seed: int) -> None:
        super().__init__(daemon=True)
        self.base, self.held, self.chance = base, held, random.Random(seed)
        self.cookies = {"works_as": quote(name)}
        self.kept: list[str] = []
        self.refused: list[str] = []

    def run(self) -> None:
        try:
            with httpx2.Client(base_url=self.base, cookies=self.cookies, timeout=20) as client:
                is_first = True
                while True:
                    if not self.held or is_first:
                        page = client.get("/screen/title").text
                        shown = dict(_HIDDEN.findall(page[page.index('id="vote"') :]))
                        decision = self.chance.choice(("include", "exclude", "maybe"))
                        # A portal that was started anew wants a token of its own; the vote is the one not answered.
                        self.held |= {**shown, "decision": decision, **self.held, "token": shown["token"]}
                        is_first = False
                    answer = client.post("/screen/title", data=self.held)
                    if answer.status_code == 303:
                        self.kept.append(answer.headers["location"].rpartition("done=")[2])
                    else:
                        self.refused.append(f"{answer.status_code} {answer.text[:300]}")
                    self.held.clear()
        except httpx2.TransportError:
            return


def check(home: Path, n_kills: int, seed: int) -> None:
    review, chance = made_up(home), random.Random(seed)
    held: list[dict[str, str]] = [{} for _ in NAMES]
    acknowledged: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", PORTAL, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as portal:
        assert portal.stdin is not None and portal.stdout is not None
        for turn in range(n_kills):
            portal.stdin.write("go\n")
            portal.stdin.flush()
            port, pid = portal.stdout.readline().split()
            base = f"http://127.0.0.1:{port}/reviews/{review}"
            people = [Reviewer(name, base, held[n], seed + turn * N_REVIEWERS + n) for n, name in enumerate(NAMES)]
            for one in people:
                one.start()
            deadline = time.monotonic() + 60
            while not any(one.kept for one in people):
                assert time.monotonic() < deadline, "no vote was acknowledged in a minute"
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.3))
            subprocess.run(["kill", "-9", pid], check=True)
            assert portal.stdout.readline().strip() == "ended"
            for one in people:
                one.join(30)
                assert not one.is_alive() and not one.refused, one.refused[:1]
                acknowledged += one.kept
        portal.stdin.close()
    with Ledger.open(home / "ledger.db") as ledger:
        ledger.verify()
        votes = [event for event in ledger.events(scope=SCOPE + review) if event.kind == "review.vote"]
    assert len(acknowledged) > n_kills
    assert set(acknowledged) <= {event.event_id for event in votes}
    assert max(Counter(str(event.payload[ONCE]) for event in votes).values()) == 1
    assert max(Counter((event.actor, event.subject_l) for event in votes).values()) == 1


def test_no_acknowledged_vote_is_lost_in_three_kills(tmp_path: Path) -> None:
    check(tmp_path, 3, seed=1)


@pytest.mark.soak
def test_no_acknowledged_vote_is_lost_in_two_hundred_kills(tmp_path: Path) -> None:
    check(tmp_path, 200, seed=2)
