"""What the tests of live sources share: a client that plays recorded answers on a clock of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from evigraph.harvest.api import SOURCES
from evigraph.harvest.live import LiveSource
from evigraph.net.client import Client, Policy
from evigraph.net.recorded import RecordedTransport

RECORDED = Path(__file__).parent / "recorded"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Player:
    """A client over recorded answers; `transport` knows what was asked, `clock` how long it took."""

    def __init__(self, folder: Path, **policy: Any) -> None:
        self.clock = Clock()
        self.transport = RecordedTransport(folder)
        self.client = Client(Policy(**policy), self.transport, clock=self.clock, sleep=self.clock.sleep)

    @property
    def asked(self) -> list[dict[str, str]]:
        return [dict(request.url.params) for request in self.transport.requests]


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "graph").mkdir()
    return tmp_path / "graph"


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Player]:
    """Plays the committed answers of a source, or a list of answers."""
    numbers = iter(range(100))

    def start(answers: str | list[dict[str, Any]], **policy: Any) -> Player:
        if isinstance(answers, str):
            return Player(RECORDED / answers, **policy)
        folder = tmp_path / f"answers-{next(numbers)}"
        folder.mkdir()
        (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
        return Player(folder, **policy)

    return start


@pytest.fixture
def source() -> Callable[..., LiveSource]:
    """A source by name that asks for pages of two records."""

    def make(name: str, key: str | None = None) -> LiveSource:
        made = SOURCES[name](key)
        made.page_size = 2
        return made

    return make
