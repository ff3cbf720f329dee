from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.rank import checkpoint as keeping
from evigraph.rank.graph import citation_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from evigraph.rank.synthetic import synthetic_literature

PARAMETERS = Parameters.for_year(2020)
COLUMNS = ("citation_count", "impulse", "influence", "popularity", "ram")


def graph_of(seed: int, n_nodes: int = 3_000) -> Any:
    given = synthetic_literature(n_nodes, seed=seed, share_future=0.008)
    return citation_graph(given.years, given.citing, given.cited)


def stopped(graph: Any, folder: Path, after: int, number: int = signal.SIGINT, **options: Any) -> None:
    """A run that gets a signal to stop in the middle of the year after `after` years."""
    n_told = 0

    def progress(_: str, n_done: int, n_all: int) -> None:
        nonlocal n_told
        n_told += 1
        if n_told == after:
            os.kill(os.getpid(), number)

    # What runs the tests may have left SIGINT ignored, as a shell does with what it starts in the background.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            solve(graph, PARAMETERS, progress, method="push", checkpoint=folder, **options)
    finally:
        signal.signal(signal.SIGINT, former)


def assert_same(found: Any, expected: Any) -> None:
    for name in COLUMNS:
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert {**found.facts, "n_threads": 0} == {**expected.facts, "n_threads": 0}


@settings(max_examples=10)
@given(st.integers(0, 5), st.lists(st.integers(1, 10), min_size=1, max_size=4), st.integers(1, 2))
def test_a_resumed_run_equals_an_undisturbed_one(
    tmp_path_factory: pytest.TempPathFactory, seed: int, stops: list[int], n_threads: int
) -> None:
    folder = tmp_path_factory.mktemp("kept") / "state"
    graph = graph_of(seed)
    undisturbed = solve(graph, PARAMETERS, method="push", n_threads=1)
    for after in stops:
        stopped(graph, folder, after, n_threads=n_threads)
        assert folder.is_dir()
    told: list[int] = []
    resumed = solve(
        graph,
        PARAMETERS,
        lambda _, n_done, n_all: told.append(n_done),
        method="push",
        n_threads=n_threads,
        checkpoint=folder,
    )
    assert_same(resumed, undisturbed)
    assert len(told) == 60 - sum(stops)
    assert not folder.exists()


def test_the_signal_to_end_is_heeded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        stopped(graph_of(1), tmp_path / "state", 5, signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (tmp_path / "state" / "state.json").exists()


def test_a_state_of_another_graph_or_parameters_is_not_taken_up(tmp_path: Path) -> None:
    stopped(graph_of(1), tmp_path / "state", 20)
    assert_same(
        solve(graph_of(2), PARAMETERS, method="push", checkpoint=tmp_path / "state"),
        solve(graph_of(2), PARAMETERS, method="push"),
    )
    stopped(graph_of(1), tmp_path / "state", 20)
    others = Parameters.for_year(2020, influence_alpha=0.4)
    assert_same(
        solve(graph_of(1), others, method="push", checkpoint=tmp_path / "state"),
        solve(graph_of(1), others, method="push"),
    )


def test_a_damaged_state_is_not_taken_up(tmp_path: Path) -> None:
    expected = solve(graph_of(1), PARAMETERS, method="push")
    for damage in ("cut", "gone", "facts"):
        stopped(graph_of(1), tmp_path / "state", 20)
        state = next((tmp_path / "state").glob("state-*.bin"))
        if damage == "cut":
            os.truncate(state, state.stat().st_size - 100)
        elif damage == "gone":
            state.unlink()
        else:
            (tmp_path / "state" / "state.json").write_text("{", encoding="utf-8")
        assert_same(solve(graph_of(1), PARAMETERS, method="push", checkpoint=tmp_path / "state"), expected)


def test_the_state_is_kept_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "EVERY_SECONDS", 0.0)
    names: list[list[str]] = []

    def progress(_: str, n_done: int, n_all: int) -> None:
        if (tmp_path / "state").is_dir():
            names.append(sorted(path.name for path in (tmp_path / "state").iterdir()))

    solve(graph_of(1), PARAMETERS, progress, method="push", checkpoint=tmp_path / "state")
    assert names[0] == ["state-1.bin", "state.json"]
    assert names[-1] == ["state-59.bin", "state.json"]
    assert not (tmp_path / "state").exists()
