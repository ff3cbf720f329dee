"""Any ledger replays to the same state, and a withdrawal restores the state before."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.store.event import Event, JsonValue
from evigraph.store.ledger import Ledger, Statement, standing

SUBJECTS = [f"pubmed:{number}" for number in range(1, 5)]

ACTS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["same", "different"]), st.permutations(SUBJECTS).map(lambda order: tuple(order[:2]))
        ),
        st.tuples(st.just("claimed"), st.permutations(SUBJECTS).map(lambda order: tuple(order[:2]))),
        st.tuples(st.just("withdrawn"), st.integers(0, 30)),
    ),
    max_size=14,
)


CLAIM: dict[str, JsonValue] = {"relation": "IsSupplementTo", "target_kind": "project", "target_name": "A project"}


def perform(ledger: Ledger, acts: list[tuple[str, object]]) -> list[Event]:
    """Does what the acts say, leaving out withdrawals that have nothing to withdraw."""
    done: list[Event] = []
    for kind, what in acts:
        if kind == "claimed" and isinstance(what, tuple):
            said = Statement(kind, what[0], f"project:{what[1]}", "", CLAIM)
            done += ledger.append("ben", [said])
        elif isinstance(what, tuple):
            done.append(ledger.decide(kind, what[0], what[1], "ana", "why"))
        elif isinstance(what, int) and (free := told(done)):
            done.append(ledger.withdraw(free[what % len(free)].event_id, "ana", "mistaken"))
    return done


def told(events: list[Event]) -> list[Event]:
    """What remains by the plainest reading: each withdrawal, the last one first, strikes its target out."""
    story = list(events)
    for event in reversed(events):
        if event.kind == "withdrawn" and event in story:
            story = [other for other in story if other.event_id != event.subject_l]
    return story


def expected(events: list[Event]) -> list[tuple[str, frozenset[str | None]]]:
    state: dict[frozenset[str | None], Event] = {}
    for event in told(events):
        if event.kind not in ("withdrawn", "claimed"):
            state[frozenset((event.subject_l, event.subject_r))] = event
    return [(event.kind, pair) for pair, event in sorted(state.items(), key=lambda item: item[1].ordinal)]


def seen(events: list[Event]) -> list[tuple[str, frozenset[str | None]]]:
    return [(event.kind, frozenset((event.subject_l, event.subject_r))) for event in events]


@given(ACTS)
@settings(deadline=None, max_examples=25)
def test_any_ledger_replays_to_the_same_state(acts: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with Ledger.open(path) as ledger:
            done = perform(ledger, acts)
            state = ledger.in_force()
            # `verify` holds what was kept event by event against what follows from all of them.
            assert ledger.verify() == len(done)
            kept = ledger.standing(in_force=None)
            assert ledger.replay() == len(done)
            assert ledger.standing(in_force=None) == kept
        with Ledger.open(path) as ledger:
            read = list(ledger.events())
            assert read == done
            assert ledger.in_force() == state
        assert seen(standing(reversed(read))) == seen(standing(read)) == expected(read)


@given(ACTS, st.sampled_from(["same", "different"]), st.permutations(SUBJECTS))
@settings(deadline=None, max_examples=25)
def test_a_withdrawal_restores_the_state_before(acts: list[tuple[str, object]], kind: str, order: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger.db") as ledger:
        perform(ledger, acts)
        before = ledger.in_force()
        event = ledger.decide(kind, order[0], order[1], "ben", "second look")
        during = ledger.in_force()
        withdrawal = ledger.withdraw(event.event_id, "ben", "mistaken")
        assert ledger.in_force() == before
        ledger.withdraw(withdrawal.event_id, "ben", "was right")
        assert ledger.in_force() == during
