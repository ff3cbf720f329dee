"""The ledger: what people decided, as an append-only chain of events; nothing in it is ever changed.

A decision is undone by a later event that says so. Each event carries the hash of the one before, so that an
altered, inserted or missing event is found by `Ledger.verify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import sqlalchemy as sa

from evigraph.errors import InputError, LedgerError
from evigraph.model.pid import NORMALISERS, make_pid
from evigraph.model.tables import DECISION
from evigraph.store.database import EVENTS, Database
from evigraph.store.event import (
    DIFFERENT,
    GENESIS,
    SAME,
    WITHDRAWN,
    Event,
    JsonValue,
    check_payload,
    check_text,
    event_hash,
    instant_text,
    next_event_id,
)

_PAGE = 10_000


class Ledger:
    """The decisions of people. Open it with `Ledger.open`; close it, or use it as a context manager.

    May be shared by threads and processes: appends come one after another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, address: str | Path) -> Ledger:
        """The ledger at a path (SQLite, created where absent) or a database address (`postgresql://…`).

        Raises:
            LedgerError: it cannot be reached, is no ledger, or was written by a newer version.
        """
        return cls(Database.open(address))

    def decide(
        self,
        kind: str,
        subject_l: str,
        subject_r: str,
        actor: str,
        reason: str,
        payload: dict[str, JsonValue] | None = None,
    ) -> Event:
        """The event that says that two records, or works by identifier, are the `same` or `different`.

        A subject is a record id (`pubmed:39252191`) or an identifier (`doi:10.5555/1`); identifiers are
        normalised. Once this returns, the decision survives a crash.

        Raises:
            InputError: an unknown kind, equal subjects, or an empty field.
            LedgerError: the ledger cannot be written.
        """
        if kind not in (SAME, DIFFERENT):
            raise InputError(f"{kind!r} is no decision: decide {SAME} or {DIFFERENT}")
        left, right = normalise_subject(subject_l), normalise_subject(subject_r)
        if left == right:
            raise InputError(f"{left} is given twice: a decision is about two records")
        actor, reason = check_text("actor", actor), check_text("reason", reason)
        check_payload(facts := payload if payload is not None else {})
        with self._database.writing() as connection:
            return _append(connection, kind, left, right, actor, reason, facts)

    def withdraw(self, event_id: str, actor: str, reason: str) -> Event:
        """The event that undoes an earlier one: the ledger's state is then as if that had not been said.

        A withdrawal may itself be withdrawn; what it undid is then in force again.

        Raises:
            InputError: there is no such event, or it is undone already.
            LedgerError: the ledger cannot be written.
        """
        actor, reason = check_text("actor", actor), check_text("reason", reason)
        with self._database.writing() as connection:
            row = connection.execute(sa.select(EVENTS.c.event_id).where(EVENTS.c.event_id == event_id)).first()
            if row is None:
                raise InputError(f"the ledger has no event {event_id}: check the id")
            withdrawals = connection.execute(
                sa.select(EVENTS).where(EVENTS.c.kind == WITHDRAWN).order_by(EVENTS.c.ordinal)
            )
            if event_id in undone(_event(row) for row in withdrawals):
                raise InputError(f"event {event_id} is withdrawn already")
            return _append(connection, WITHDRAWN, event_id, None, actor, reason, {})

    def events(self) -> Iterator[Event]:
        """All events in their order, as they stood when the reading began.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        with self._database.reading() as connection:
            result = connection.execution_options(yield_per=_PAGE).execute(sa.select(EVENTS).order_by(EVENTS.c.ordinal))
            for row in result:
                yield _event(row)

    def in_force(self) -> list[dict[str, object]]:
        """The decisions in force as rows of the table `decision`, in the order of their ids.

        In force is, for each unordered pair of subjects, the last `same` or `different` that is not withdrawn.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return [
            {
                "decision_id": event.event_id,
                "kind": event.kind,
                "subject_l": event.subject_l,
                "subject_r": event.subject_r,
                "actor": event.actor,
                "reason": event.reason,
                "decided_at": instant_text(event.decided_at),
            }
            for event in standing(self.events())
        ]

    def as_table(self) -> pa.Table:
        """The decisions in force as an Arrow table of the contract `decision`.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return DECISION.from_rows(self.in_force())

    def head(self) -> tuple[int, str]:
        """Ordinal and hash of the last event; 0 and 64 zeros where there is none.

        Kept outside the ledger (in a manifest, say) they prove later that its end was not cut off.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        with self._database.reading() as connection:
            last = _last(connection)
            return (last.ordinal, last.hash) if last is not None else (0, GENESIS)

    def verify(self, head: tuple[int, str] | None = None) -> int:
        """The number of events, after checking that none was altered, inserted or removed.

        With `head`, an earlier answer of `head()`, also that the ledger still holds everything up to it.

        Raises:
            LedgerError: the chain is broken; the message names the first event that breaks it.
        """
        previous, count = GENESIS, 0
        for event in self.events():
            count += 1
            if event.ordinal != count:
                raise LedgerError(_broken(event, f"event {count} before it is missing"))
            if event.previous_hash != previous:
                raise LedgerError(_broken(event, "it does not follow the event before it"))
            if event_hash(_fields(event)) != event.hash:
                raise LedgerError(_broken(event, "its content was altered"))
            if head is not None and event.ordinal == head[0] and event.hash != head[1]:
                raise LedgerError(_broken(event, "it is not the event that was there before"))
            previous = event.hash
        if head is not None and count < head[0]:
            raise LedgerError(f"the ledger ends at event {count} but had {head[0]}: restore it from a backup")
        return count

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def normalise_subject(text: str) -> str:
    """A subject in the form in which decisions are compared: identifiers normalised, record ids as they are.

    Raises:
        InputError: it has not the form `source:key` or `scheme:value`.
    """
    text = check_text("subject", text)
    scheme, colon, value = text.partition(":")
    if not (scheme and colon and value.strip()):
        raise InputError(f"{text!r} is neither a record id nor an identifier: write it as doi:10.5555/1 or pubmed:1")
    if scheme.lower() in NORMALISERS and (pid := make_pid(scheme, value)) is not None:
        return str(pid)
    return text


def undone(withdrawals: Iterable[Event]) -> set[str]:
    """The ids of all events that are withdrawn by a withdrawal which is not itself withdrawn.

    Read backwards: a withdrawal points only to earlier events, so it is settled when its turn comes.
    """
    gone: set[str] = set()
    for event in sorted(withdrawals, key=lambda event: event.ordinal, reverse=True):
        if event.kind == WITHDRAWN and event.event_id not in gone:
            gone.add(event.subject_l)
    return gone


def standing(events: Iterable[Event]) -> list[Event]:
    """The decisions in force, by ascending id: the last on each unordered pair that is not withdrawn."""
    decisions: list[Event] = []
    withdrawals: list[Event] = []
    for event in events:
        if event.kind == WITHDRAWN:
            withdrawals.append(event)
        elif event.kind in (SAME, DIFFERENT):
            decisions.append(event)
    gone = undone(withdrawals)
    latest: dict[frozenset[str | None], Event] = {}
    for event in sorted(decisions, key=lambda event: event.ordinal):
        if event.event_id not in gone:
            latest[frozenset((event.subject_l, event.subject_r))] = event
    return sorted(latest.values(), key=lambda event: event.event_id)


def _append(
    connection: sa.Connection,
    kind: str,
    subject_l: str,
    subject_r: str | None,
    actor: str,
    reason: str,
    payload: dict[str, JsonValue],
) -> Event:
    last = _last(connection)
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "ordinal": last.ordinal + 1 if last is not None else 1,
        "event_id": next_event_id(now, last.event_id if last is not None else None),
        "kind": kind,
        "subject_l": subject_l,
        "subject_r": subject_r,
        "actor": actor,
        "reason": reason,
        "decided_at": now,
        "payload": payload,
        "previous_hash": last.hash if last is not None else GENESIS,
    }
    event = Event(**fields, hash=event_hash(fields))
    connection.execute(sa.insert(EVENTS).values(**fields, hash=event.hash))
    return event


def _last(connection: sa.Connection) -> Event | None:
    row = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.ordinal.desc()).limit(1)).first()
    return _event(row) if row is not None else None


def _event(row: sa.Row[Any]) -> Event:
    return Event(**row._mapping)


def _fields(event: Event) -> dict[str, object]:
    return dict(vars(event))


def _broken(event: Event, why: str) -> str:
    place = f"event {event.ordinal} ({event.event_id})"
    return f"the ledger's chain breaks at {place}: {why}; restore the ledger from a backup"
