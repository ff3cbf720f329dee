"""A ledger in memory for tests of the review: the same verbs, nothing on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Event:
    ordinal: int
    event_id: str
    kind: str
    subject_l: str
    actor: str
    reason: str
    decided_at: datetime
    payload: dict[str, Any]
    scope: str


@dataclass
class MemoryJournal:
    said: list[Event] = field(default_factory=list)

    def append(self, kind: str, subject: str, actor: str, reason: str, payload: dict[str, Any], scope: str) -> Event:
        n = len(self.said) + 1
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
        event = Event(n, f"e{n}", kind, subject, actor, reason, at, payload, scope)
        self.said.append(event)
        return event

    def append_all(
        self, said: Sequence[tuple[str, str, dict[str, Any]]], actor: str, reason: str, scope: str
    ) -> list[Event]:
        return [self.append(kind, subject, actor, reason, payload, scope) for kind, subject, payload in said]

    def withdraw(self, event_id: str, actor: str, reason: str, scope: str) -> Event:
        return self.append("withdrawn", event_id, actor, reason, {}, scope)

    def events(self, scope: str, after: int = 0) -> Iterator[Event]:
        return iter([event for event in self.said[after:] if event.scope == scope])

    def scopes(self, prefix: str) -> list[str]:
        return list(dict.fromkeys(event.scope for event in self.said if event.scope.startswith(prefix)))
