"""The chain of events, checked link by link."""

from __future__ import annotations

from collections.abc import Iterable

from evigraph.errors import LedgerError
from evigraph.store.event import GENESIS, Event, event_hash


def check_chain(events: Iterable[Event], head: tuple[int, str] | None = None) -> list[Event]:
    """The events, if none of them was altered, inserted or removed.

    With `head`, the ordinal and hash of an event kept elsewhere, also if everything up to it is still there.

    Raises:
        LedgerError: the chain is broken; the message names the first event that breaks it.
    """
    previous, known = GENESIS, list[Event]()
    for event in events:
        known.append(event)
        if event.ordinal != len(known):
            raise LedgerError(_broken(event, f"event {len(known)} before it is missing"))
        if event.previous_hash != previous:
            raise LedgerError(_broken(event, "it does not follow the event before it"))
        if event_hash(vars(event)) != event.hash:
            raise LedgerError(_broken(event, "its content was altered"))
        if head is not None and event.ordinal == head[0] and event.hash != head[1]:
            raise LedgerError(_broken(event, "it is not the event that was there before"))
        previous = event.hash
    if head is not None and len(known) < head[0]:
        raise LedgerError(f"the ledger ends at event {len(known)} but had {head[0]}: restore it from a backup")
    return known


def _broken(event: Event, why: str) -> str:
    place = f"event {event.ordinal} ({event.event_id})"
    return f"the ledger's chain breaks at {place}: {why}; restore the ledger from a backup"
