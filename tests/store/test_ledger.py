"""The ledger keeps every decision, in order, for good, and shows when somebody tampered with it."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from evigraph.errors import InputError, LedgerError
from evigraph.model.tables import DECISION
from evigraph.store.event import GENESIS, next_event_id
from evigraph.store.ledger import Ledger
from evigraph.store.schema import METADATA, Instant
from evigraph.store.subjects import normalise_subject


@pytest.fixture
def ledger(address: str) -> Iterator[Ledger]:
    with Ledger.open(address) as opened:
        yield opened


def in_force(ledger: Ledger) -> list[tuple[object, object, object]]:
    return [(row["kind"], row["subject_l"], row["subject_r"]) for row in ledger.in_force()]


def tamper(ledger: Ledger, statement: str) -> None:
    """Runs a statement as somebody would who can take the triggers away."""
    with ledger._database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE events DISABLE TRIGGER USER")
        else:
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)


def test_a_new_ledger_is_empty_and_whole(ledger: Ledger) -> None:
    assert list(ledger.events()) == []
    assert ledger.in_force() == []
    assert ledger.head() == (0, GENESIS)
    assert ledger.verify() == 0


def test_the_migrations_make_the_schema_that_the_code_expects(ledger: Ledger) -> None:
    with ledger._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _is_another_type})
        assert compare_metadata(context, METADATA) == []


def _is_another_type(*compared: object) -> bool | None:
    """An instant is a date with a zone to the database; everything else is compared as usual."""
    return False if isinstance(compared[4], Instant) else None


def test_opening_again_changes_nothing(address: str) -> None:
    with Ledger.open(address) as ledger:
        ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why")
        head = ledger.head()
    with Ledger.open(address) as ledger:
        assert ledger.verify(head) == 1


def test_many_may_open_a_new_ledger_at_once(address: str) -> None:
    failures: list[Exception] = []

    def open_and_decide(number: int) -> None:
        try:
            with Ledger.open(address) as ledger:
                ledger.decide("same", f"pubmed:{number}", "pubmed:77", "ana", "why")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_and_decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Ledger.open(address) as ledger:
        assert ledger.verify() == 6


def test_a_decision_comes_back_as_it_was_made(address: str) -> None:
    facts = {"seen": ["a", None, True, 10**15], "Größe": {"x": "\u2028 'quoted' \"twice\""}}
    with Ledger.open(address) as ledger:
        payload = {"facts": facts}
        made = ledger.decide("same", "pubmed:1", "crossref:10.5555/a", "ana", "same title and authors", payload)
    with Ledger.open(address) as ledger:
        (found,) = ledger.events()
    assert found == made
    assert found.decided_at.tzinfo is not None
    assert found.decided_at.utcoffset() == timedelta(0)
    assert abs(found.decided_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_decisions_in_force_are_rows_of_the_table(ledger: Ledger) -> None:
    event = ledger.decide("different", "pubmed:1", "pubmed:2", "ana", "another trial")
    table = ledger.as_table()
    assert table.schema == DECISION.schema
    assert table.to_pylist() == [
        {
            "decision_id": event.event_id,
            "kind": "different",
            "subject_l": "pubmed:1",
            "subject_r": "pubmed:2",
            "actor": "ana",
            "reason": "another trial",
            "decided_at": event.decided_at.isoformat(timespec="microseconds"),
        }
    ]


def test_the_latest_decision_on_a_pair_wins_in_either_direction(ledger: Ledger) -> None:
    ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "first look")
    ledger.decide("same", "pubmed:3", "pubmed:4", "ana", "another pair")
    ledger.decide("different", "pubmed:2", "pubmed:1", "ben", "second look")
    assert in_force(ledger) == [("same", "pubmed:3", "pubmed:4"), ("different", "pubmed:2", "pubmed:1")]


def test_a_withdrawal_brings_back_what_was_before(ledger: Ledger) -> None:
    ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "first look")
    before = ledger.in_force()
    second = ledger.decide("different", "pubmed:1", "pubmed:2", "ben", "second look")
    withdrawal = ledger.withdraw(second.event_id, "ben", "mistaken")
    assert ledger.in_force() == before
    ledger.withdraw(withdrawal.event_id, "ana", "was right after all")
    assert in_force(ledger) == [("different", "pubmed:1", "pubmed:2")]
    assert ledger.verify() == 4


def test_what_is_not_there_or_withdrawn_cannot_be_withdrawn(ledger: Ledger) -> None:
    event = ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "first look")
    with pytest.raises(InputError, match="no event"):
        ledger.withdraw(str(uuid.uuid4()), "ana", "mistaken")
    ledger.withdraw(event.event_id, "ana", "mistaken")
    with pytest.raises(InputError, match="withdrawn already"):
        ledger.withdraw(event.event_id, "ana", "mistaken")
    assert ledger.verify() == 2


@pytest.mark.parametrize(
    ("kind", "left", "right", "actor", "reason"),
    [
        ("equal", "pubmed:1", "pubmed:2", "ana", "why"),
        ("withdrawn", "pubmed:1", "pubmed:2", "ana", "why"),
        ("same", "pubmed:1", "pubmed:1", "ana", "why"),
        ("same", "doi:10.5555/A", "DOI:https://doi.org/10.5555/a", "ana", "why"),
        ("same", "pubmed", "pubmed:2", "ana", "why"),
        ("same", ":1", "pubmed:2", "ana", "why"),
        ("same", "pubmed:", "pubmed:2", "ana", "why"),
        ("same", "pubmed:1", "pubmed:2", " ", "why"),
        ("same", "pubmed:1", "pubmed:2", "ana", ""),
        ("same", "pubmed:1", "pubmed:2", "ana", "NUL \0"),
        ("same", "pubmed:1", "pubmed:2", "ana", "half a pair \ud83d"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(
    ledger: Ledger, kind: str, left: str, right: str, actor: str, reason: str
) -> None:
    with pytest.raises(InputError):
        ledger.decide(kind, left, right, actor, reason)
    assert ledger.verify() == 0


@pytest.mark.parametrize("payload", [{"score": 0.5}, {"list": [{"x": float("nan")}]}, {"text": "\0"}, {"\0": "x"}])
def test_a_payload_that_a_database_would_change_is_refused(ledger: Ledger, payload: dict[str, object]) -> None:
    with pytest.raises(InputError):
        ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why", {"facts": payload})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DOI:10.5555/ABC", "doi:10.5555/abc"),
        ("pmid:0012", "pmid:12"),
        ("pubmed:39252191", "pubmed:39252191"),
        ("crossref:10.5555/ABC", "crossref:10.5555/ABC"),
        ("openalex:https://openalex.org/W1", "openalex:W1"),
        (" doi:no such doi ", "doi:no such doi"),
    ],
)
def test_identifiers_are_normalised_and_record_ids_are_not(text: str, expected: str) -> None:
    assert normalise_subject(text) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET kind = 'different'",
        "DELETE FROM events",
        "DELETE FROM events WHERE ordinal = 1",
        "INSERT INTO events SELECT * FROM events",
    ],
)
def test_the_database_itself_refuses_change(ledger: Ledger, statement: str) -> None:
    ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why")
    with pytest.raises(LedgerError, match=r"append-only|duplicate"), ledger._database.writing() as connection:
        connection.exec_driver_sql(statement)
    assert ledger.verify() == 1


def test_postgresql_refuses_truncation(ledger: Ledger) -> None:
    if ledger._database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why")
    with pytest.raises(LedgerError, match="append-only"), ledger._database.writing() as connection:
        connection.exec_driver_sql("TRUNCATE events")


def test_sqlite_refuses_replacement_by_anybody(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why")
    other = sqlite3.connect(tmp_path / "ledger.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute("INSERT OR REPLACE INTO events SELECT * FROM events")
    other.close()


@pytest.mark.parametrize(
    ("statement", "event"),
    [
        ("UPDATE events SET kind = 'different' WHERE ordinal = 3", 3),
        ("UPDATE events SET reason = 'because' WHERE ordinal = 1", 1),
        ("UPDATE events SET actor = 'eve' WHERE ordinal = 5", 5),
        ("UPDATE events SET subject_r = 'pubmed:9' WHERE ordinal = 2", 2),
        ("UPDATE events SET payload = '{\"x\": 1}' WHERE ordinal = 2", 2),
        ("UPDATE events SET hash = 'abc' WHERE ordinal = 4", 4),
        ("DELETE FROM events WHERE ordinal = 2", 3),
        ("DELETE FROM events WHERE ordinal = 1", 2),
        ("UPDATE events SET ordinal = 99 WHERE ordinal = 2", 3),
    ],
)
def test_tampering_is_found_and_named(ledger: Ledger, statement: str, event: int) -> None:
    for number in range(1, 6):
        ledger.decide("same", f"pubmed:{number}", "pubmed:77", "ana", "why")
    assert ledger.verify() == 5
    tamper(ledger, statement)
    with pytest.raises(LedgerError, match=f"breaks at event {event} "):
        ledger.verify()


def test_an_end_that_was_cut_off_is_found_by_a_head_kept_elsewhere(ledger: Ledger) -> None:
    for number in range(1, 4):
        ledger.decide("same", f"pubmed:{number}", "pubmed:77", "ana", "why")
    head = ledger.head()
    assert ledger.verify(head) == 3
    ledger.decide("same", "pubmed:4", "pubmed:77", "ana", "why")
    assert ledger.verify(head) == 4
    tamper(ledger, "DELETE FROM events WHERE ordinal >= 3")
    with pytest.raises(LedgerError, match="ends at event 2 but had 4"):
        ledger.verify()
    tamper(ledger, "DELETE FROM standing WHERE ordinal >= 3")
    assert ledger.verify() == 2
    with pytest.raises(LedgerError, match="ends at event 2 but had 3"):
        ledger.verify(head)


def test_writers_at_the_same_time_keep_the_chain_whole(address: str) -> None:
    failures: list[Exception] = []

    def write(actor: int) -> None:
        try:
            with Ledger.open(address) as ledger:
                for number in range(10):
                    ledger.decide("same", f"pubmed:{actor}{number}", "pubmed:77", f"writer {actor}", "why")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(actor,)) for actor in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Ledger.open(address) as ledger:
        assert ledger.verify() == 40
        events = list(ledger.events())
    assert [event.event_id for event in events] == sorted(event.event_id for event in events)
    assert sorted(event.actor for event in events) == sorted([f"writer {actor}" for actor in range(1, 5)] * 10)


def test_a_reader_sees_one_state_while_others_write(ledger: Ledger, address: str) -> None:
    for number in range(3):
        ledger.decide("same", f"pubmed:{number}", "pubmed:77", "ana", "why")
    reading = ledger.events()
    next(reading)
    with Ledger.open(address) as other:
        other.decide("same", "pubmed:8", "pubmed:9", "ben", "why")
    assert len(list(reading)) == 2
    assert ledger.verify() == 4


_WRITERS = """
import os, sys
from evigraph.store.ledger import Ledger
for _ in sys.stdin:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print("ended", flush=True)
        continue
    with Ledger.open(sys.argv[1]) as ledger:
        print(os.getpid(), flush=True)
        for number in range(1_000_000):
            print(ledger.decide("same", f"pubmed:{number}", "pubmed:0.1", "ana", "why").event_id, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """The same ledger is killed twenty times in the middle of writing, and goes on each time."""
    path, chance = tmp_path / "ledger.db", random.Random(20)
    acknowledged: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _WRITERS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for _ in range(20):
            writers.stdin.write("again\n")
            writers.stdin.flush()
            writer = int(writers.stdout.readline())
            time.sleep(chance.uniform(0.001, 0.05))
            os.kill(writer, signal.SIGKILL)
            # The line that the killed one was writing may lack its end.
            while not (said := writers.stdout.readline()).endswith("ended\n"):
                assert said, "the writers are gone"
                acknowledged.append(said.strip())
        writers.stdin.close()
    with Ledger.open(path) as ledger:
        n_events = ledger.verify()
        kept = [event.event_id for event in ledger.events()]
    assert acknowledged
    assert set(acknowledged) <= set(kept)
    # At most the one decision in flight at each kill may be kept without having been acknowledged.
    assert n_events <= len(acknowledged) + 20


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    with (
        Ledger.open(tmp_path / "ledger.db") as ledger,
        ledger._database.reading() as connection,
    ):
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "recursive_triggers": 1,
    }


def test_a_ledger_of_a_newer_version_is_refused_in_words(ledger: Ledger, address: str) -> None:
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match=r"newer evigraph \(schema 9999\): upgrade"):
        Ledger.open(address)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("absent-folder/ledger.db", "does not exist"),
        ("mysql://localhost/ledger", "SQLite or PostgreSQL"),
        ("nosuch+thing://localhost/ledger", "SQLite or PostgreSQL"),
        ("postgresql://user@host:port/ledger", "postgresql://user@host/name"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(address: str, word: str) -> None:
    with pytest.raises(LedgerError, match=word):
        Ledger.open(address)


def test_a_server_that_is_away_is_told_without_the_password() -> None:
    if find_spec("psycopg") is None:
        with pytest.raises(LedgerError, match=r"evigraph\[postgresql\]") as caught:
            Ledger.open("postgresql://user:secret@localhost:1/ledger")
    else:
        with pytest.raises(LedgerError, match="reachable") as caught:
            Ledger.open("postgresql://user:secret@localhost:1/ledger")
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("this is a letter to the editor, not a database" * 100)
    with pytest.raises(LedgerError, match=r"ledger\.db cannot be read"):
        Ledger.open(tmp_path / "ledger.db")


def test_event_ids_ascend_although_the_clock_goes_back() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    first = next_event_id(now, None)
    second = next_event_id(now - timedelta(days=1), first)
    third = next_event_id(now + timedelta(microseconds=300), second)
    assert first < second < third
    for event_id in (first, second, third):
        parsed = uuid.UUID(event_id)
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
