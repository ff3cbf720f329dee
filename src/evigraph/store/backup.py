"""A ledger as one file and back: events in their chain, then accounts. From SQLite to PostgreSQL and the other way.

The file is gzip-compressed JSON lines: a heading, each event, each account, and a last line that counts them, so that
a file that was cut off is known. It holds password hashes and addresses: keep it as you keep the ledger.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from evigraph.errors import InputError, LedgerError
from evigraph.store.chain import check_chain
from evigraph.store.event import GENESIS, Event, instant_text
from evigraph.store.ledger import Ledger
from evigraph.store.schema import ACCOUNTS, EVENTS
from evigraph.store.standing import rebuild

_FORMAT = "evigraph-ledger-1"


@dataclass(frozen=True)
class Backup:
    """What a backup holds: the number of events and accounts, and ordinal and hash of the last event."""

    n_events: int
    n_accounts: int
    head: tuple[int, str]


def back_up(ledger: Ledger, file: Path) -> Backup:
    """What was written to `file`: the ledger as it stood at one moment, while others go on writing.

    The file is written beside its place, synced and renamed: it is whole or not there. Only its owner may read it.

    Raises:
        InputError: the file cannot be written.
        LedgerError: the ledger cannot be read, or its chain is broken.
    """
    with ledger.database.reading() as connection:
        events = check_chain(_event(row) for row in connection.execute(sa.select(EVENTS).order_by(EVENTS.c.ordinal)))
        rows = connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.account_id))
        accounts = [dict(row._mapping) for row in rows]
    partial = file.with_name(f".{file.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8", newline="\n") as out:
                for row in _lines(events, accounts):
                    out.write(json.dumps(row, ensure_ascii=True, default=_plain) + "\n")
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(file)
    except OSError as error:
        raise InputError(f"the backup {file} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return _summary(events, accounts)


def restore(ledger: Ledger, file: Path) -> Backup:
    """What was restored into an empty ledger, after the whole file was read and its chain checked.

    Raises:
        InputError: the file is no backup, was cut off or altered; nothing is restored then.
        LedgerError: the ledger is not empty, or cannot be written.
    """
    events, accounts = _read(file)
    with ledger.database.writing() as connection:
        for table, what in ((EVENTS, "events"), (ACCOUNTS, "accounts")):
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise LedgerError(f"this ledger holds {what} already: a backup is restored into an empty one")
        if events:
            connection.execute(sa.insert(EVENTS), [vars(event) for event in events])
            rebuild(connection, events)
        if accounts:
            connection.execute(sa.insert(ACCOUNTS), accounts)
    return _summary(events, accounts)


def read_backup(file: Path) -> Backup:
    """What a backup holds, after the whole of it was read and checked.

    Raises:
        InputError: it is no backup, was cut off or altered.
    """
    events, accounts = _read(file)
    return _summary(events, accounts)


def _summary(events: list[Event], accounts: list[dict[str, Any]]) -> Backup:
    return Backup(len(events), len(accounts), (events[-1].ordinal, events[-1].hash) if events else (0, GENESIS))


def _lines(events: list[Event], accounts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield {"format": _FORMAT}
    for event in events:
        yield {"event": vars(event)}
    for account in accounts:
        yield {"account": account}
    yield {"n_events": len(events), "n_accounts": len(accounts)}


def _read(file: Path) -> tuple[list[Event], list[dict[str, Any]]]:
    events: list[Event] = []
    accounts: list[dict[str, Any]] = []
    end: dict[str, Any] | None = None
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            if json.loads(next(lines, "null")) != {"format": _FORMAT}:
                raise InputError(f"{file} is no backup of a ledger")
            for line in lines:
                row = json.loads(line)
                if "event" in row:
                    fields = row["event"]
                    events.append(Event(**{**fields, "decided_at": datetime.fromisoformat(fields["decided_at"])}))
                elif "account" in row:
                    fields = row["account"]
                    accounts.append({**fields, "opened_at": datetime.fromisoformat(fields["opened_at"])})
                else:
                    end = row
        check_chain(events)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}") from error
    except (EOFError, ValueError, TypeError, KeyError, LedgerError) as error:
        raise InputError(f"{file} is no whole backup ({error}): take another one") from error
    if end != {"n_events": len(events), "n_accounts": len(accounts)}:
        raise InputError(f"{file} was cut off: take another backup")
    return events, accounts


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    raise TypeError(f"{value!r} has no place in a backup")


def _event(row: sa.Row[Any]) -> Event:
    return Event(**row._mapping)
