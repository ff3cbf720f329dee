"""What a long ranking keeps on disk, so that one that was interrupted goes on where it was."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from evigraph.rank.compiled import digest_of_package
from evigraph.rank.push import Pushing

#: A run that takes longer keeps its state each time so many seconds have passed, against a loss of power.
EVERY_SECONDS = 900.0

_FACTS = "state.json"

#: How many items of the graph tell it from others.
_SAMPLED = 1 << 16


class Checkpoint:
    """A folder that holds the state of one run between two years, and is empty when the run has ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept_at = time.monotonic()

    def restore(self, pushing: Pushing) -> bool:
        """Whether a state of the same graph, parameters and program was there; then `pushing` goes on from it."""
        try:
            facts = json.loads((self._folder / _FACTS).read_text(encoding="utf-8"))
            if facts["fingerprint"] != _fingerprint(pushing):
                return False
            with (self._folder / facts["state"]).open("rb") as file:
                for array in pushing.arrays():
                    if file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:
                        return False
        except (OSError, ValueError, KeyError):
            return False
        pushing.n_done, pushing.n_left, pushing.newest = (int(facts[name]) for name in ("n_done", "n_left", "newest"))
        return True

    def keep(self, pushing: Pushing) -> None:
        """Writes the state; whatever happens meanwhile, the one before stays until this one is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        state = f"state-{pushing.n_done}.bin"
        with (self._folder / state).open("wb") as file:
            for array in pushing.arrays():
                file.write(array.reshape(-1).view(np.uint8).data)
        facts = {
            "fingerprint": _fingerprint(pushing),
            "state": state,
            "n_done": pushing.n_done,
            "n_left": pushing.n_left,
            "newest": pushing.newest,
        }
        unfinished = self._folder / f".{_FACTS}"
        unfinished.write_text(json.dumps(facts) + "\n", encoding="utf-8")
        unfinished.replace(self._folder / _FACTS)
        for old in self._folder.glob("state-*.bin"):
            if old.name != state:
                old.unlink()
        self._kept_at = time.monotonic()

    def is_due(self) -> bool:
        """Whether the state has not been kept for long."""
        return time.monotonic() - self._kept_at > EVERY_SECONDS

    def remove(self) -> None:
        """Leaves nothing behind."""
        if not self._folder.is_dir():
            return
        for name in (_FACTS, f".{_FACTS}", *(path.name for path in self._folder.glob("state-*.bin"))):
            (self._folder / name).unlink(missing_ok=True)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()


def _fingerprint(pushing: Pushing) -> str:
    graph, systems = pushing.graph, pushing.systems
    digest = hashlib.sha256(f"{digest_of_package()} {graph.n_nodes} {graph.n_edges}".encode())
    values = (systems.alphas, systems.recency, systems.attention, systems.fading)
    for part in (systems.starts, systems.impulse_until, *values):
        digest.update(part.tobytes())
    for given in (graph.row, graph.cited):
        digest.update(given[:: max(1, given.size // _SAMPLED)].tobytes())
    return digest.hexdigest()


@contextmanager
def interrupts_noted() -> Iterator[list[int]]:
    """A list that gets the number of the first signal to stop, which then does nothing else; a second one stops.

    Outside the main thread, where signals cannot be noted, the list stays empty.
    """
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before: list[Any] = [signal.getsignal(number) for number in signals]

    def restore() -> None:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        restore()

    for number in signals:
        signal.signal(number, note)
    try:
        yield noted
    finally:
        restore()
    if noted:
        # The run had ended by itself before the signal could be heeded.
        signal.raise_signal(noted[0])
