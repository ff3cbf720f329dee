"""Events kept by what they speak about: the one in force, those before it, and those that were withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from evigraph.review.kind import Payload, Slot


@dataclass(frozen=True)
class Said:
    """One event of a review as its state knows it: place in the ledger, who, when, why, and what."""

    ordinal: int
    event_id: str
    kind: str
    subject: str
    actor: str
    reason: str
    said_at: datetime
    payload: Payload


#: A slot with the kind of its events.
Place = tuple[str, Slot]


@dataclass
class Slots:
    """Events by slot; of each slot the last that is not withdrawn is in force."""

    _held: dict[str, dict[Slot, list[Said]]] = field(default_factory=dict)
    _place_of: dict[str, Place] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _undoes: dict[str, str] = field(default_factory=dict)

    def add(self, said: Said, slot: Slot) -> Place:
        """The place that changed by one more event."""
        self._held.setdefault(said.kind, {}).setdefault(slot, []).append(said)
        self._place_of[said.event_id] = place = (said.kind, slot)
        return place

    def withdraw(self, withdrawal_id: str, event_id: str) -> Place | None:
        """The place that changed because an event was withdrawn; null where the event is not of this review.

        Withdrawing a withdrawal brings back what that one undid.
        """
        self._undoes[withdrawal_id] = event_id
        return self._set_gone(event_id, True)

    def _set_gone(self, event_id: str, is_gone: bool) -> Place | None:
        while event_id in self._undoes:
            event_id, is_gone = self._undoes[event_id], not is_gone
        if is_gone:
            self._gone.add(event_id)
        else:
            self._gone.discard(event_id)
        return self._place_of.get(event_id)

    def in_force(self, kind: str, slot: Slot = ()) -> Said | None:
        """The event in force in a slot, if there is one."""
        for said in reversed(self._held.get(kind, {}).get(slot, ())):
            if said.event_id not in self._gone:
                return said
        return None

    def all_in_force(self, kind: str) -> Iterator[Said]:
        """The events in force of a kind, one a slot, in the order in which the slots were first spoken of."""
        for slot in self._held.get(kind, {}):
            if (said := self.in_force(kind, slot)) is not None:
                yield said

    def every(self, kind: str) -> Iterator[Said]:
        """All events of a kind that are not withdrawn, in the order of the ledger."""
        found = [said for held in self._held.get(kind, {}).values() for said in held]
        return (said for said in sorted(found, key=lambda said: said.ordinal) if said.event_id not in self._gone)

    def history(self, kind: str, slot: Slot) -> list[tuple[Said, bool]]:
        """All events of a slot in their order, each with whether it is withdrawn."""
        return [(said, said.event_id in self._gone) for said in self._held.get(kind, {}).get(slot, ())]

    def place_of(self, event_id: str) -> Place | None:
        """The place of an event; null where it is not of this review."""
        return self._place_of.get(event_id)

    def is_withdrawn(self, event_id: str) -> bool:
        """Whether an event is withdrawn now."""
        return event_id in self._gone

    def withdrawal_of(self, event_id: str) -> str | None:
        """The id of the withdrawal by which an event is withdrawn now; null where it is not."""
        if event_id not in self._gone:
            return None
        return next((one for one, undone in reversed(self._undoes.items()) if undone == event_id), None)

    def said(self, event_id: str) -> Said | None:
        """An event by its id; null where it is not of this review."""
        place = self._place_of.get(event_id)
        held = self._held[place[0]][place[1]] if place is not None else ()
        return next((said for said in held if said.event_id == event_id), None)

    def everything(self) -> list[tuple[Said, bool]]:
        """All events in the order of the ledger, each with whether it is withdrawn."""
        found = [said for slots in self._held.values() for held in slots.values() for said in held]
        return [(said, said.event_id in self._gone) for said in sorted(found, key=lambda said: said.ordinal)]
