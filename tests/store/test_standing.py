"""What stands of the ledger: by kind, by scope, by subject; kept once; made anew; from a ledger of an older version."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from evigraph.errors import InputError, LedgerError
from evigraph.store.event import JsonValue
from evigraph.store.kinds import KINDS
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.schema import EVENTS, STANDING

CLAIM: dict[str, JsonValue] = {"relation": "IsSupplementTo", "target_kind": "project", "target_name": "A project"}


def claim(product: str, project: str = "openaire:p1", **more: JsonValue) -> Statement:
    return Statement("claimed", product, project, "", {**CLAIM, **more})


def settle(event_id: str, outcome: str) -> Statement:
    return Statement("settled", event_id, None, "looked it up", {"outcome": outcome})


def ids(found: list[Any]) -> list[str]:
    return [one.event.event_id for one in found]


@pytest.fixture
def ledger(address: str) -> Any:
    with Ledger.open(address) as opened:
        yield opened


def test_what_is_said_again_replaces_what_was_said_and_comes_back(ledger: Ledger) -> None:
    (first,) = ledger.append("ana", [claim("doi:10.5555/1")])
    (again,) = ledger.append("ana", [claim("doi:10.5555/1")])
    (other,) = ledger.append("ben", [claim("doi:10.5555/1")])
    assert ids(ledger.standing(["claimed"])) == [again.event_id, other.event_id]
    assert ids(ledger.standing(["claimed"], in_force=False)) == [first.event_id]
    ledger.withdraw(again.event_id, "ana", "mistaken")
    assert ids(ledger.standing(["claimed"])) == [first.event_id, other.event_id]
    found = ledger.event(again.event_id)
    assert found is not None and found.state.is_withdrawn and not found.state.is_in_force
    assert ledger.verify() == 4


def test_the_last_word_on_a_claim_counts(ledger: Ledger) -> None:
    (said,) = ledger.append("ana", [claim("doi:10.5555/1")])
    ledger.append("cur", [settle(said.event_id, "refused")])
    ledger.append("cur", [settle(said.event_id, "accepted")])
    (last,) = ledger.standing(["settled"], about=[said.event_id])
    assert last.event.payload["outcome"] == "accepted"


def test_reads_are_narrowed_by_subject_scope_actor_and_ordinal(ledger: Ledger) -> None:
    one, two = ledger.append("ana", [claim("doi:10.5555/1"), claim("doi:10.5555/2", "openaire:p2")])
    (three,) = ledger.append("ben", [Statement("claimed", "doi:10.5555/3", "openaire:p2", "", CLAIM, "review-1")])
    assert ids(ledger.standing(about=["openaire:p2"])) == [two.event_id, three.event_id]
    assert ids(ledger.standing(about=[f"doi:10.5555/{n}" for n in range(2_000)], actor="ana")) == [
        one.event_id,
        two.event_id,
    ]
    assert ids(ledger.standing(scope="review-1")) == [three.event_id]
    assert [event.event_id for event in ledger.events(scope="review-1")] == [three.event_id]
    assert [event.event_id for event in ledger.events(after=1)] == [two.event_id, three.event_id]
    assert ids(ledger.standing(after=2)) == [three.event_id]
    assert ids(ledger.standing(newest=2)) == [two.event_id, three.event_id]
    assert ledger.standing(about=[]) == []
    assert ledger.in_force() == []


def test_all_is_said_or_nothing(ledger: Ledger) -> None:
    with pytest.raises(InputError, match="no event nowhere"):
        ledger.append("ana", [claim("doi:10.5555/1"), Statement("withdrawn", "nowhere", None, "mistaken")])
    assert ledger.verify() == 0


def test_what_is_sent_twice_is_kept_once(ledger: Ledger) -> None:
    (first,) = ledger.append("ana", [claim("doi:10.5555/1", once="k1")])
    (second,) = ledger.append("ana", [claim("doi:10.5555/1", once="k1")])
    assert first == second
    assert ledger.verify() == 1
    ledger.replay()
    assert ledger.append("ana", [claim("doi:10.5555/1", once="k1")]) == [first]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (Statement("claim", "doi:10.5555/1"), "no kind of event"),
        (Statement("claimed", "doi:10.5555/1", None, "", CLAIM), "two subjects"),
        (Statement("settled", "e", "f", "", {"outcome": "accepted"}), "one subject"),
        (Statement("settled", "e", None, "", {"outcome": "perhaps"}), "one of accepted, refused"),
        (Statement("settled", "e", None, ""), "needs the field outcome"),
        (Statement("settled", "e", None, "", {"outcome": True}), "is a text"),
        (Statement("settled", "e", None, "", {"outcome": "accepted", "by_events": [1]}), "is a texts"),
        (Statement("settled", "e", None, "", {"outcome": "accepted", "mood": "good"}), "no field 'mood'"),
        (Statement("withdrawn", "e"), "needs reason"),
        (Statement("reported", "\0", None, "why", {"release_id": "1"}), "no text"),
    ],
)
def test_a_broken_contract_is_refused_by_name(ledger: Ledger, said: Statement, word: str) -> None:
    with pytest.raises(InputError, match=word):
        ledger.append("ana", [said])
    assert ledger.verify() == 0


def test_every_kind_says_what_it_means() -> None:
    for name, kind in KINDS.items():
        assert name == kind.name
        assert kind.meaning and kind.subject_l
        assert all(field.meaning for field in kind.fields)
        assert len({field.name for field in kind.fields}) == len(kind.fields)


def test_a_state_that_was_altered_is_found_and_made_anew(ledger: Ledger) -> None:
    (said,) = ledger.append("ana", [claim("doi:10.5555/1")])
    with ledger.database.writing() as connection:
        connection.execute(sa.update(STANDING).values(is_withdrawn=True, is_in_force=False))
    with pytest.raises(LedgerError, match="ledger replay"):
        ledger.verify()
    assert ledger.replay() == 1
    assert ids(ledger.standing()) == [said.event_id]
    assert ledger.verify() == 1


def test_a_ledger_of_the_first_version_is_brought_up(tmp_path: Path) -> None:
    """Its events keep their hashes, and what stands of them is known when it is opened."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.decide("same", "pubmed:1", "pubmed:2", "ana", "why")
        second = ledger.decide("same", "pubmed:3", "pubmed:4", "ana", "why")
        ledger.withdraw(second.event_id, "ana", "mistaken")
        head, state = ledger.head(), ledger.in_force()
    with sqlite3.connect(path) as connection:
        for table in ("standing", "sessions", "accounts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX events_by_scope")
        connection.execute("ALTER TABLE events DROP COLUMN scope")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with Ledger.open(path) as ledger:
        assert ledger.verify(head) == 3
        assert ledger.in_force() == state


def test_a_page_of_a_large_ledger_reads_only_what_concerns_it(tmp_path: Path) -> None:
    """The plan of each query that pages ask is a search by index, never a scan of the events."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.append("ana", [claim(f"doi:10.5555/{number}") for number in range(50)])
        asked: list[str] = []
        sa.event.listen(
            ledger.database.engine, "before_cursor_execute", lambda c, cursor, text, *rest: asked.append(text)
        )
        ledger.standing(["claimed", "same"], about=["doi:10.5555/7"])
        ledger.standing(["claimed"], actor="ana", newest=20)
        ledger.standing(scope="review-1")
        ledger.append("ana", [claim("doi:10.5555/8")])
        selects = [text for text in asked if text.startswith(("SELECT", "UPDATE"))]
        assert len(selects) >= 6
        with ledger.database.reading() as connection:
            for text in selects:
                filled = text
                while "?" in filled:
                    filled = filled.replace("?", "1", 1)
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}").all()
                scans = [row[-1] for row in plan if row[-1].startswith("SCAN") and "INDEX" not in row[-1]]
                # The newest event is found from the end of the table, by its key.
                newest = f"ORDER BY {EVENTS.name}.ordinal DESC"
                assert not scans or newest in filled, (filled, plan)
