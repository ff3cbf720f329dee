"""The ledger: what people decided, as an append-only chain of events; nothing in it is ever changed.

A decision is undone by a later event that says so. Each event carries the hash of the one before, so that an
altered, inserted or missing event is found by `Ledger.verify`. What stands of it all is kept beside the chain
(`evigraph.store.standing`), so that a page reads only what concerns it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import sqlalchemy as sa

from evigraph.errors import InputError, LedgerError
from evigraph.model.tables import DECISION
from evigraph.store.chain import check_chain
from evigraph.store.database import Database
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
from evigraph.store.kinds import ONCE, check_contract
from evigraph.store.schema import EVENTS, STANDING
from evigraph.store.standing import State, fold, rebuild, replay
from evigraph.store.subjects import normalise_subject

_PAGE = 10_000

#: Values that a query names at once.
_NAMED = 500

_IDENTITY = (SAME, DIFFERENT)


@dataclass(frozen=True)
class Statement:
    """What somebody has to say, before it is an event."""

    kind: str
    subject_l: str
    subject_r: str | None = None
    reason: str = ""
    payload: Mapping[str, JsonValue] = field(default_factory=dict)
    scope: str | None = None


@dataclass(frozen=True)
class Standing:
    """An event with its state."""

    event: Event
    state: State


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
        ledger = cls(Database.open(address))
        ledger._catch_up()
        return ledger

    @property
    def database(self) -> Database:
        """The database, for what lies in it beside the events."""
        return self._database

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
        if kind not in _IDENTITY:
            raise InputError(f"{kind!r} is no decision: decide {SAME} or {DIFFERENT}")
        left, right = normalise_subject(subject_l), normalise_subject(subject_r)
        if left == right:
            raise InputError(f"{left} is given twice: a decision is about two records")
        return self.append(actor, [Statement(kind, left, right, reason, payload or {})])[0]

    def append(self, actor: str, statements: Sequence[Statement]) -> list[Event]:
        """The events that say these things, all of them or none. Once this returns, they survive a crash.

        A statement whose payload has a key `once` that the ledger holds already gives the event of then.

        Raises:
            InputError: a kind's contract is broken, a field is empty, or what is withdrawn is not there or is
                withdrawn already.
            LedgerError: the ledger cannot be written.
        """
        with self._database.writing() as connection:
            return self.append_within(connection, actor, statements)

    def append_within(self, connection: sa.Connection, actor: str, statements: Sequence[Statement]) -> list[Event]:
        """As `append`, in a transaction of `Database.writing` that changes rows beside the chain as well."""
        actor = check_text("actor", actor)
        for said in statements:
            check_text("subject", said.subject_l)
            check_contract(said.kind, said.subject_r, said.reason, said.payload)
            check_payload(dict(said.payload))
        return [_append(connection, actor, said) for said in statements]

    def withdraw(self, event_id: str, actor: str, reason: str) -> Event:
        """The event that undoes an earlier one: the ledger's state is then as if that had not been said.

        A withdrawal may itself be withdrawn; what it undid is then in force again.

        Raises:
            InputError: there is no such event, or it is undone already.
            LedgerError: the ledger cannot be written.
        """
        return self.append(actor, [Statement(WITHDRAWN, event_id, None, reason)])[0]

    def events(self, after: int = 0, scope: str | None = None) -> Iterator[Event]:
        """All events in their order, as they stood when the reading began; those after an ordinal, or of a scope.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        query = sa.select(EVENTS).where(EVENTS.c.ordinal > after).order_by(EVENTS.c.ordinal)
        if scope is not None:
            query = query.where(EVENTS.c.scope == scope)
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=_PAGE).execute(query):
                yield _event(row)

    def event(self, event_id: str) -> Standing | None:
        """The event of this id with its state; None: there is none.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        found = self.standing(event_ids=[event_id], in_force=None)
        return found[0] if found else None

    def standing(
        self,
        kinds: Iterable[str] = (),
        *,
        about: Iterable[str] | None = None,
        event_ids: Iterable[str] | None = None,
        scope: str | None = None,
        actor: str | None = None,
        after: int = 0,
        in_force: bool | None = True,
        newest: int | None = None,
    ) -> list[Standing]:
        """The events that count, with their state, in their order; each argument narrows them, by index.

        Args:
            kinds: of these kinds; all where none is named.
            about: with one of these as a subject.
            event_ids: with one of these ids.
            scope: of this scope.
            actor: by this actor.
            after: after this ordinal.
            in_force: those in force; False: those that are not; None: all.
            newest: at most so many, the last ones.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        where: list[sa.ColumnElement[bool]] = []
        if named := tuple(kinds):
            where.append(STANDING.c.kind.in_(named))
        if scope is not None:
            where.append(STANDING.c.scope == scope)
        if actor is not None:
            where.append(STANDING.c.actor == actor)
        if after:
            where.append(STANDING.c.ordinal > after)
        if in_force is not None:
            where.append(STANDING.c.is_in_force if in_force else sa.not_(STANDING.c.is_in_force))
        found: dict[int, Standing] = {}
        with self._database.reading() as connection:
            for part in _parts(about, event_ids):
                query = sa.select(EVENTS, STANDING.c.is_withdrawn, STANDING.c.is_in_force)
                query = query.join_from(STANDING, EVENTS, STANDING.c.ordinal == EVENTS.c.ordinal)
                query = query.where(*where, *part).order_by(STANDING.c.ordinal.desc())
                for row in connection.execute(query.limit(newest) if newest is not None else query):
                    fields = dict(row._mapping)
                    state = State(fields.pop("is_withdrawn"), fields.pop("is_in_force"))
                    found[fields["ordinal"]] = Standing(Event(**fields), state)
        ordered = [found[ordinal] for ordinal in sorted(found)]
        return ordered[-newest:] if newest is not None else ordered

    def in_force(self) -> list[dict[str, object]]:
        """The decisions about identity in force as rows of the table `decision`, in the order of their ids.

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
            for event in self.decisions()
        ]

    def decisions(self, about: Iterable[str] | None = None) -> list[Event]:
        """The decisions about identity in force, in the order of their ids; those about certain subjects.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return [found.event for found in self.standing(_IDENTITY, about=about)]

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
        events = check_chain(self.events(), head)
        self._verify_standing(events)
        return len(events)

    def replay(self) -> int:
        """The number of events, after what stands was made anew from them.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        with self._database.writing() as connection:
            events = [_event(row) for row in connection.execute(sa.select(EVENTS).order_by(EVENTS.c.ordinal))]
            rebuild(connection, events)
            return len(events)

    def _verify_standing(self, events: list[Event]) -> None:
        columns = STANDING.c.event_id, STANDING.c.is_withdrawn, STANDING.c.is_in_force
        query = sa.select(*columns).where(STANDING.c.ordinal <= len(events))
        with self._database.reading() as connection:
            kept = {row.event_id: State(row.is_withdrawn, row.is_in_force) for row in connection.execute(query)}
            last = connection.execute(sa.select(sa.func.max(STANDING.c.ordinal))).scalar() or 0
            n_events = connection.execute(sa.select(sa.func.max(EVENTS.c.ordinal))).scalar() or 0
        if last > n_events:
            raise LedgerError(f"the ledger ends at event {n_events} but had {last}: restore it from a backup")
        # What was written since the events were read changes what stands of them.
        if n_events == len(events) and kept != replay(events):
            raise LedgerError("what stands of the ledger is not what its events say: evigraph ledger replay")

    def _catch_up(self) -> None:
        """Folds in the events that `standing` does not know: all of them in a ledger of an older version."""
        query = sa.select(sa.func.max(EVENTS.c.ordinal)), sa.select(sa.func.max(STANDING.c.ordinal))
        with self._database.reading() as connection:
            last, known = (connection.execute(each).scalar() or 0 for each in query)
        if known < last:
            self.replay()

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def standing(events: Iterable[Event]) -> list[Event]:
    """The decisions about identity in force, by ascending id, from all events in any order."""
    known = {event.event_id: event for event in events}
    states = replay(known.values())
    return [
        known[event_id]
        for event_id in sorted(known)
        if states[event_id].is_in_force and known[event_id].kind in _IDENTITY
    ]


def _parts(
    about: Iterable[str] | None, event_ids: Iterable[str] | None
) -> Iterator[tuple[sa.ColumnElement[bool], ...]]:
    """Conditions that together ask for all that is named, each naming few enough for every database."""
    if about is None and event_ids is None:
        yield ()
    for column, values in (
        (STANDING.c.subject_l, about),
        (STANDING.c.subject_r, about),
        (STANDING.c.event_id, event_ids),
    ):
        named = sorted(set(values or ()))
        for first in range(0, len(named), _NAMED):
            yield (column.in_(named[first : first + _NAMED]),)


def _append(connection: sa.Connection, actor: str, said: Statement) -> Event:
    payload = dict(said.payload)
    if (once := payload.get(ONCE)) is not None:
        query = sa.select(EVENTS).join(STANDING, STANDING.c.ordinal == EVENTS.c.ordinal)
        if (known := connection.execute(query.where(STANDING.c.once == once)).first()) is not None:
            return _event(known)
    if said.kind == WITHDRAWN:
        state = connection.execute(
            sa.select(STANDING.c.is_withdrawn).where(STANDING.c.event_id == said.subject_l)
        ).first()
        if state is None:
            raise InputError(f"the ledger has no event {said.subject_l}: check the id")
        if state.is_withdrawn:
            raise InputError(f"event {said.subject_l} is withdrawn already")
    last = _last(connection)
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "ordinal": last.ordinal + 1 if last is not None else 1,
        "event_id": next_event_id(now, last.event_id if last is not None else None),
        "kind": said.kind,
        "subject_l": said.subject_l.strip(),
        "subject_r": said.subject_r.strip() if said.subject_r is not None else None,
        "actor": actor,
        "reason": said.reason.strip(),
        "decided_at": now,
        "payload": payload,
        "previous_hash": last.hash if last is not None else GENESIS,
        "scope": said.scope,
    }
    event = Event(**fields, hash=event_hash(fields))
    connection.execute(sa.insert(EVENTS).values(**fields, hash=event.hash))
    fold(connection, event)
    return event


def _last(connection: sa.Connection) -> Event | None:
    row = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.ordinal.desc()).limit(1)).first()
    return _event(row) if row is not None else None


def _event(row: sa.Row[Any]) -> Event:
    return Event(**row._mapping)
