"""What stands of the events: which are withdrawn, and which one counts of those that replace each other.

Defined once as a pure function of all events (`replay`), and kept up to date event by event in the table `standing`
(`fold`), so that no reader has to go through the whole ledger. `Ledger.verify` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from evigraph.store.event import WITHDRAWN, Event
from evigraph.store.kinds import ONCE, slot_of
from evigraph.store.schema import STANDING


@dataclass(frozen=True)
class State:
    """Whether an event is withdrawn, and whether it counts."""

    is_withdrawn: bool
    is_in_force: bool


def replay(events: Iterable[Event]) -> dict[str, State]:
    """The state of each event by its id, from all events in any order.

    An event is withdrawn if a withdrawal of it is not itself withdrawn. Of the events of one slot that are not
    withdrawn, the last is in force.
    """
    ordered = sorted(events, key=lambda event: event.ordinal)
    gone = undone(ordered)
    last = {slot_of(event): event.event_id for event in ordered if event.event_id not in gone}
    return {
        event.event_id: State(event.event_id in gone, last.get(slot_of(event)) == event.event_id) for event in ordered
    }


def undone(events: Iterable[Event]) -> set[str]:
    """The ids of all events that are withdrawn by a withdrawal which is not itself withdrawn.

    Read backwards: a withdrawal points only to earlier events, so it is settled when its turn comes.
    """
    gone: set[str] = set()
    for event in sorted(events, key=lambda event: event.ordinal, reverse=True):
        if event.kind == WITHDRAWN and event.event_id not in gone:
            gone.add(event.subject_l)
    return gone


def fold(connection: sa.Connection, event: Event) -> None:
    """Brings `standing` from the state before an event to that after it. A handful of look-ups by index."""
    slot = slot_of(event)
    connection.execute(
        sa.update(STANDING).where(STANDING.c.slot == slot, STANDING.c.is_in_force).values(is_in_force=False)
    )
    connection.execute(sa.insert(STANDING).values(_row(event, slot, State(False, True))))
    if event.kind == WITHDRAWN:
        _withdraw(connection, event.subject_l, True)


def rebuild(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Makes `standing` anew from all events."""
    known = list(events)
    states = replay(known)
    connection.execute(sa.delete(STANDING))
    if known:
        rows = [_row(event, slot_of(event), states[event.event_id]) for event in known]
        connection.execute(sa.insert(STANDING), rows)


def _row(event: Event, slot: str, state: State) -> dict[str, object]:
    return {
        "ordinal": event.ordinal,
        "event_id": event.event_id,
        "kind": event.kind,
        "scope": event.scope,
        "subject_l": event.subject_l,
        "subject_r": event.subject_r,
        "actor": event.actor,
        "slot": slot,
        "once": event.payload.get(ONCE),
        "is_withdrawn": state.is_withdrawn,
        "is_in_force": state.is_in_force,
    }


def _withdraw(connection: sa.Connection, event_id: str, is_withdrawn: bool) -> None:
    """Marks an event as withdrawn or as back, with all that follows from it."""
    row = connection.execute(sa.select(STANDING).where(STANDING.c.event_id == event_id)).first()
    if row is None or row.is_withdrawn == is_withdrawn:
        return
    connection.execute(
        sa.update(STANDING).where(STANDING.c.event_id == event_id).values(is_withdrawn=is_withdrawn, is_in_force=False)
    )
    newest = sa.select(sa.func.max(STANDING.c.ordinal)).where(
        STANDING.c.slot == row.slot, sa.not_(STANDING.c.is_withdrawn)
    )
    last = connection.execute(newest).scalar()
    connection.execute(
        sa.update(STANDING)
        .where(STANDING.c.slot == row.slot, STANDING.c.is_in_force, STANDING.c.ordinal != last)
        .values(is_in_force=False)
    )
    connection.execute(sa.update(STANDING).where(STANDING.c.ordinal == last).values(is_in_force=True))
    if row.kind == WITHDRAWN:
        others = sa.select(STANDING.c.event_id).where(
            STANDING.c.kind == WITHDRAWN, STANDING.c.subject_l == row.subject_l, sa.not_(STANDING.c.is_withdrawn)
        )
        _withdraw(connection, row.subject_l, connection.execute(others.limit(1)).first() is not None)
