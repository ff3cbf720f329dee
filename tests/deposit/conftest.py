"""Fixtures: the stand-in repository, a ledger, and the course of a deposit between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from depositing import PDF, begun, quick_client
from evigraph.deposit.course import Course
from evigraph.deposit.invenio import Repository
from evigraph.net.client import Client
from evigraph.store.content import ContentFolder
from evigraph.store.ledger import Ledger
from repository_stand_in import TOKEN, StandIn, standing_in


@pytest.fixture(scope="module", autouse=True)
def without_pauses() -> Iterator[None]:
    """Reads are tried twice, without the pauses between."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as state:
        yield state


@pytest.fixture
def client() -> Iterator[Client]:
    with quick_client() as client:
        yield client


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        yield ledger


@pytest.fixture
def files(tmp_path: Path) -> ContentFolder:
    return ContentFolder(tmp_path / "deposits", "this graph")


@pytest.fixture
def deposit_id(stand_in: StandIn, ledger: Ledger, files: ContentFolder) -> str:
    """A deposit that has begun."""
    return begun(ledger, files, stand_in.address)


@pytest.fixture
def course(stand_in: StandIn, client: Client, ledger: Ledger, files: ContentFolder) -> Callable[..., Course]:
    """Makes a course anew, as a process does that knows nothing but the ledger."""

    def make(token: str = TOKEN, settled: float = 0.0, ledger: Any = ledger) -> Course:
        repository = Repository(stand_in.address, "Stand-in", token, client)
        return Course(ledger, repository, files.path(files.keep(PDF)), "ana", settled, lambda _: None)

    return make
