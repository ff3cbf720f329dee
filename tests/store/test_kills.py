"""Eight clients write while they are killed at random moments: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import IO

import pytest

from evigraph.store.ledger import Ledger

#: A process that forks eight clients for each line it reads: each writes under keys of its own, sends every third
#: statement once more as one whose answer was lost, and tells a key when the ledger has acknowledged it.
CLIENTS = """
import os, sys
from evigraph.store.ledger import Ledger, Statement

def client(number, turn):
    with Ledger.open(sys.argv[1]) as ledger:
        os.write(1, b"open\\n")
        for n in range(100_000):
            key = f"{turn}-{number}-{n}"
            said = Statement("same", f"doi:10.5555/{key}", "doi:10.5555/other", "synthetic", {"once": key})
            for _ in range(2 if n % 3 == 0 else 1):
                ledger.append(f"client {number}", [said])
            os.write(1, f"kept {key}\\n".encode())

for turn, _ in enumerate(sys.stdin):
    children = []
    for number in range(8):
        child = os.fork()
        if not child:
            try:
                client(number, turn)
            finally:
                os._exit(1)
        children.append(child)
    os.write(1, f"pids {' '.join(map(str, children))}\\n".encode())
    for child in children:
        os.waitpid(child, 0)
    os.write(1, b"ended\\n")
"""


def kept_through(address: str, n_kills: int, seed: int) -> tuple[list[str], list[str]]:
    """The keys that were acknowledged, and those in the ledger, after so many kills of eight clients at once."""
    chance = random.Random(seed)
    acknowledged: list[str] = []
    Ledger.open(address).close()
    with subprocess.Popen(
        [sys.executable, "-c", CLIENTS, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as clients:
        assert clients.stdin is not None and clients.stdout is not None
        for _ in range(n_kills):
            clients.stdin.write("go\n")
            clients.stdin.flush()
            killed = False
            pids: list[int] = []
            n_open = 0
            while (line := _line(clients.stdout)) != "ended":
                word, _, rest = line.partition(" ")
                if word == "kept":
                    acknowledged.append(rest)
                pids = [int(pid) for pid in rest.split()] if word == "pids" else pids
                n_open += word == "open"
                if n_open == 8 and pids and not killed:
                    # From here on they all write; what they tell meanwhile waits in the pipe.
                    time.sleep(chance.uniform(0, 0.1))
                    for pid in chance.sample(pids, len(pids)):
                        os.kill(pid, signal.SIGKILL)
                    killed = True
        clients.stdin.close()
    with Ledger.open(address) as ledger:
        ledger.verify()
        return acknowledged, [str(event.payload["once"]) for event in ledger.events()]


def _line(stream: IO[str]) -> str:
    line = stream.readline()
    assert line, "the clients are gone"
    return line.strip()


def check(address: str, n_kills: int, seed: int) -> None:
    acknowledged, kept = kept_through(address, n_kills, seed)
    assert len(acknowledged) > n_kills
    assert set(acknowledged) <= set(kept)
    assert max(Counter(kept).values()) == 1
    # At most what each of the eight had under way at a kill is there without having been acknowledged.
    assert len(kept) <= len(acknowledged) + 8 * n_kills


def test_twenty_kills_lose_nothing_that_was_acknowledged(address: str) -> None:
    check(address, 20, seed=1)


@pytest.mark.soak
def test_a_thousand_kills_lose_nothing_that_was_acknowledged(address: str) -> None:
    check(address, 1_000, seed=2)
