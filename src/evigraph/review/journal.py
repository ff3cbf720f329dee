"""The ledger as a review reads and writes it: one scope a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from evigraph.store.event import WITHDRAWN, Event
from evigraph.store.ledger import Ledger, Statement

_OPENED = "review.opened"


class Spoken(Protocol):
    """An event as the ledger gives it."""

    @property
    def ordinal(self) -> int:
        """Place in the ledger."""

    @property
    def event_id(self) -> str:
        """Its id."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def subject_l(self) -> str:
        """What it is about."""

    @property
    def actor(self) -> str:
        """Who said it."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def decided_at(self) -> datetime:
        """When."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """What its kind holds."""


class Journal(Protocol):
    """What a review needs of the ledger."""

    def append(self, kind: str, subject: str, actor: str, reason: str, payload: dict[str, Any], scope: str) -> Spoken:
        """The event, once it is on disk."""

    def append_all(
        self, said: Sequence[tuple[str, str, dict[str, Any]]], actor: str, reason: str, scope: str
    ) -> Sequence[Spoken]:
        """The events of many things said at once (kind, subject, payload), all or none of them on disk."""

    def withdraw(self, event_id: str, actor: str, reason: str, scope: str) -> Spoken:
        """The event that undoes another one of a scope."""

    def events(self, scope: str, after: int = 0) -> Iterator[Spoken]:
        """The events of a scope behind an ordinal, in their order."""

    def scopes(self, prefix: str) -> list[str]:
        """The scopes that begin with a prefix, in the order of their first events."""


class LedgerJournal:
    """The events of reviews in a ledger (`evigraph.review.workspace.Journal`)."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def append(self, kind: str, subject: str, actor: str, reason: str, payload: dict[str, Any], scope: str) -> Event:
        """The event, once it is on disk.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        return self._ledger.append(actor, [Statement(kind, subject, None, reason, payload, scope)])[0]

    def append_all(
        self, said: Sequence[tuple[str, str, dict[str, Any]]], actor: str, reason: str, scope: str
    ) -> list[Event]:
        """The events of many things said at once (kind, subject, payload), all or none of them on disk.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        return self._ledger.append(
            actor, [Statement(kind, about, None, reason, what, scope) for kind, about, what in said]
        )

    def withdraw(self, event_id: str, actor: str, reason: str, scope: str) -> Event:
        """The event that undoes another one of a scope.

        Raises:
            InputError: there is no such event, or it is withdrawn already.
            LedgerError: the ledger cannot be written.
        """
        return self._ledger.append(actor, [Statement(WITHDRAWN, event_id, None, reason, {}, scope)])[0]

    def events(self, scope: str, after: int = 0) -> Iterator[Event]:
        """The events of a scope behind an ordinal, in their order.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return self._ledger.events(after, scope)

    def scopes(self, prefix: str) -> list[str]:
        """The scopes that begin with a prefix, in the order of their first events.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        opened = self._ledger.standing((_OPENED,))
        scopes = (found.event.scope for found in opened)
        return list(dict.fromkeys(scope for scope in scopes if scope is not None and scope.startswith(prefix)))
