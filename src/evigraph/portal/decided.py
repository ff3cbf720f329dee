"""What people decided since, or about, the served release: the ledger as an overlay on its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request

from evigraph.portal import wording
from evigraph.portal.people.access import People
from evigraph.store.event import Event, instant_text
from evigraph.store.keyed import Row
from evigraph.store.release import Release


@dataclass(frozen=True)
class Decision:
    """A decision that is in force: its event, what it says, about which two, by whom, when, why."""

    event_id: str
    ordinal: int
    kind: str
    subjects: frozenset[str]
    actor: str
    reason: str
    decided_at: str

    @property
    def words(self) -> str:
        """What was decided, in words."""
        return {"same": "the same work", "different": "different works"}.get(self.kind, self.kind)

    @property
    def when(self) -> str:
        """When it was decided, for people."""
        return wording.instant(self.decided_at)


class Decisions:
    """What people decided about which records are one work. A graph without a ledger has no decisions."""

    def __init__(self, people: People) -> None:
        self._people = people

    def in_force(self) -> list[Decision]:
        """All decisions in force, the oldest first."""
        ledger = self._people.known_ledger()
        return self._told(ledger.decisions()) if ledger else []

    def about(self, subjects: Iterable[str]) -> list[Decision]:
        """The decisions in force about any of some records or identifiers, the oldest first."""
        ledger = self._people.known_ledger()
        return self._told(ledger.decisions(subjects)) if ledger else []

    def by_pair(self) -> dict[frozenset[str], Decision]:
        """The decisions in force by the two records, or identifiers, that they are about."""
        return {decision.subjects: decision for decision in self.in_force()}

    def decide(self, kind: str, left: str, right: str, actor: str, reason: str) -> str:
        """The id of the event that says so; it survives a crash once this returns."""
        return self._people.ledger().decide(kind, left, right, actor, reason).event_id

    def withdraw(self, event_id: str, actor: str, reason: str) -> None:
        """Undoes a decision; it stays on record."""
        self._people.ledger().withdraw(event_id, actor, reason)

    def _told(self, events: list[Event]) -> list[Decision]:
        names = self._people.shown_names({event.actor for event in events}) if events else {}
        return [_decision(event, names[event.actor]) for event in events]


def decisions_of(request: Request) -> Decisions:
    """The decisions of the graph that is served."""
    decisions: Decisions = request.app.state.decisions
    return decisions


def waiting_for_a_run(decisions: Decisions, release: Release, product: Row) -> list[Decision]:
    """The decisions about a product's records or identifiers that the release does not know yet."""
    known = release.manifest.ledger_ordinal
    subjects = {*(product["record_ids"] or ()), *(f"{pid['scheme']}:{pid['value']}" for pid in product["pids"] or ())}
    return [decision for decision in decisions.about(subjects) if decision.ordinal > known]


def _decision(event: Event, shown_name: str) -> Decision:
    return Decision(
        event.event_id,
        event.ordinal,
        event.kind,
        frozenset((event.subject_l, event.subject_r or "")),
        shown_name,
        event.reason,
        instant_text(event.decided_at),
    )
