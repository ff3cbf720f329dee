"""A deposit whose process is killed at random moments, over and over, ends in one record with the whole file."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from depositing import PDF, begun
from evigraph.deposit.state import deposit
from evigraph.store.content import ContentFolder
from evigraph.store.ledger import Ledger
from repository_stand_in import TOKEN, StandIn, standing_in

#: Says that it begins, and carries the deposits on that it is told of.
PROCESS = """
import sys
from pathlib import Path
from evigraph.deposit.course import Course
from evigraph.deposit.invenio import Repository
from evigraph.net.client import Client, Policy
from evigraph.store.ledger import Ledger

home, address, token, path, *deposit_ids = sys.argv[1:]
client = Client(Policy(allowed_hosts=frozenset({"127.0.0.1"}), default_rate=10_000))
with Ledger.open(Path(home) / "ledger.db") as ledger:
    course = Course(ledger, Repository(address, "Stand-in", token, client), Path(path), "ana", 0.0)
    print("begins", flush=True)
    for deposit_id in deposit_ids:
        course.carry_on(deposit_id)
"""

#: Kills after which it should be over.
_PATIENCE = 200


def killed_until_published(home: Path, seed: int, n_deposits: int) -> int:
    """How often processes were killed until so many deposits were published."""
    chance, n_kills = random.Random(seed), 0
    files = ContentFolder(home / "deposits", "this graph")
    with standing_in() as stand_in, Ledger.open(home / "ledger.db") as ledger:
        ids = [begun(ledger, files, stand_in.address) for _ in range(n_deposits)]
        path = str(files.path(files.keep(PDF)))
        command = [sys.executable, "-c", PROCESS, str(home), stand_in.address, TOKEN, path, *ids]
        while any((one := deposit(ledger, each)) is None or one.is_open for each in ids):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None and process.stdout.readline() == "begins\n"
                # Each may live a little longer than the one before, so that a slow machine gets there too.
                time.sleep(chance.uniform(0, 0.1 + 0.02 * n_kills))
                process.kill()
            n_kills += 1
            assert n_kills < _PATIENCE
        check(stand_in, ledger, ids)
    return n_kills


def check(stand_in: StandIn, ledger: Ledger, ids: list[str]) -> None:
    """For each deposit one record with the whole file, and nothing else in the repository."""
    assert len(stand_in.kept) == len(stand_in.published) == len(ids)
    assert {kept.body["metadata"]["identifiers"][0]["identifier"] for kept in stand_in.published} == {
        f"urn:uuid:{each}" for each in ids
    }
    assert all(list(kept.files.values()) == [PDF] for kept in stand_in.published)
    ledger.verify()


def test_kills_leave_one_record_each(tmp_path: Path) -> None:
    assert killed_until_published(tmp_path, seed=3, n_deposits=2) >= 1


@pytest.mark.soak
def test_many_kills_leave_one_record_each(tmp_path: Path) -> None:
    n_kills = 0
    for seed in range(20):
        (home := tmp_path / str(seed)).mkdir()
        n_kills += killed_until_published(home, seed, n_deposits=4)
    assert n_kills > 20
