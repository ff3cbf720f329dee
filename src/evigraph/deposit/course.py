"""The course of a deposit: from nothing to one published record, whatever is cut off where.

Before each step the repository is asked how things stand, and the ledger is told what is about to be done; after it,
what became of it. So whoever goes on, in this process or in another after a kill, needs to know nothing but the
ledger and the repository:

- whether a draft exists is known by its marker (`evigraph.deposit.metadata.marked`), which only this deposit's carries;
- a repository's index may not know a draft that was made a moment ago. After an answer that was lost no draft is asked
  for again until `SETTLED` seconds have passed without one being found;
- should a slow repository have made two all the same, the second is removed before the first is published;
- a file is complete when the repository's checksum is that of the file, and is sent again otherwise;
- whether a draft was published is read from the repository, never assumed.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evigraph.deposit.invenio import Held, Repository, RepositoryError
from evigraph.deposit.metadata import marked
from evigraph.deposit.state import Deposit, deposit
from evigraph.errors import BusyError, InputError
from evigraph.store.event import SAME, JsonValue
from evigraph.store.kinds import DEPOSIT_STEP
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.subjects import normalise_subject

#: Seconds after which a repository's index knows of every draft that it has made.
SETTLED = 60.0

#: How often a step is tried before it is left to a person, and the pause before it is tried again, in seconds.
_TRIES, _PAUSE, _LONGEST_PAUSE = 3, 2.0, 60.0

#: More steps than this no deposit has: it goes round in circles.
_MOST_STEPS = 60


@dataclass(frozen=True)
class Course:
    """What a deposit needs to be carried on.

    Attributes:
        ledger: where its events are.
        repository: where it goes, asked with the token of who deposits.
        path: the file.
        actor: who carries it on.
        settled: seconds after which the repository's search surely finds a draft.
        sleep: waits so many seconds; replaced in tests.
    """

    ledger: Ledger
    repository: Repository
    path: Path
    actor: str
    settled: float = SETTLED
    sleep: Callable[[float], None] = time.sleep

    def carry_on(self, deposit_id: str) -> Deposit:
        """The deposit, after it was carried on until it is published or cannot go on by itself.

        Why it stopped is its last event.

        Raises:
            InputError: there is no such deposit, or it goes to another repository.
            LedgerError: the ledger cannot be written.
        """
        n_failed = 0
        for _ in range(_MOST_STEPS):
            now = self._known(deposit_id)
            if not now.is_open:
                return now
            try:
                if self._step(now):
                    n_failed = 0
            except _StepError as failed:
                n_failed += 1
                wait = max(failed.error.wait or 0.0, _PAUSE * n_failed)
                if failed.error.needs_person or n_failed >= _TRIES or wait > _LONGEST_PAUSE:
                    return self._known(deposit_id)
                self.sleep(wait)
        raise InputError(f"the deposit {deposit_id} goes round in circles: tell whoever runs this graph")

    def give_up(self, deposit_id: str) -> Deposit:
        """The deposit, after its draft was removed from the repository.

        Raises:
            InputError: there is no such deposit, it is published, or the draft could not be removed.
        """
        now = self._known(deposit_id)
        if now.is_given_up:
            return now
        try:
            mine = self._all(now)
            if now.published or any(held.is_published for held in mine):
                raise InputError("it is published, and what is published stays: ask the repository")
            if not mine and now.unanswered and self._is_young(now.unanswered):
                raise InputError("it is not known yet whether there is a draft: try again in a minute")
            self._tell(now, "discard", "intended")
            for held in mine:
                self.repository.discard(held.record_id)
        except RepositoryError as error:
            self._fail(now, "discard", error)
            raise InputError(f"{error}: try again") from error
        self._tell(now, "discard", "done")
        return self._known(deposit_id)

    def _known(self, deposit_id: str) -> Deposit:
        found = deposit(self.ledger, deposit_id)
        if found is None:
            raise InputError(f"there is no deposit {deposit_id}")
        if found.facts["repository"] != self.repository.address:
            raise InputError(
                f"this deposit was begun in {found.facts['repository']}, and this graph deposits in "
                f"{self.repository.address} now: finish it there"
            )
        return found

    def _step(self, now: Deposit) -> bool:
        """Takes the one step that is next, after looking how things stand; False where it can only wait.

        Raises:
            _StepError: it failed, and the ledger says so.
        """
        if now.record_id is None:
            return self._create(now)
        with self._looking(now, "publish"):
            held = self.repository.draft(now.record_id)
        if held is None:
            gone = "its draft was removed in the repository: give it up, and deposit the file anew"
            self._raise(now, "publish", RepositoryError(gone, needs_person=True, is_surely_undone=True))
        elif held.is_published:
            self._published(now, held)
        elif (name := self._next_of_file(now, now.record_id)) is not None:
            self._file_step(now, now.record_id, name)
        elif doubles := self._doubles(now):
            with self._step_of(now, "tidy", doubles[0]):
                self.repository.discard(doubles[0].record_id)
            self._tell(now, "tidy", "done", doubles[0])
        else:
            with self._step_of(now, "publish", held):
                published = self.repository.publish(held.record_id)
            if published.is_published:
                self._published(now, published)
        return True

    def _create(self, now: Deposit) -> bool:
        if now.n_asked:
            with self._looking(now, "create"):
                mine = self.repository.find(now.marker)
            if mine:
                self._tell(now, "create", "done", mine[0])
                return True
            if now.unanswered and self._is_young(now.unanswered):
                # Nothing is asked for while the repository may still have it and not know it.
                left = self.settled - (datetime.now(UTC) - now.unanswered).total_seconds()
                self.sleep(max(0.0, min(left, 5.0)))
                return False
        with self._step_of(now, "create", None):
            held = self.repository.create(marked(now.facts["draft"], now.marker))
        self._tell(now, "create", "done", held)
        if held.complaints:
            said = (
                f"{self.repository.name} asks for more: {'; '.join(held.complaints)}. Mend the draft there, then go on"
            )
            self._raise(now, "create", RepositoryError(said, needs_person=True))
        return True

    def _next_of_file(self, now: Deposit, record_id: str) -> str | None:
        """What is to be done with the file next; None: it is there as it should be."""
        with self._looking(now, "upload"):
            found = {file.name: file for file in self.repository.files(record_id)}
        file = found.get(str(now.facts["file_name"]))
        if file is None:
            return "declare"
        if not file.is_complete:
            # An announced file may hold nothing, half or all of its content: it is sent before it is called complete.
            last = now.steps[-1].payload
            return "commit" if (last["step"], last["state"]) == ("upload", "done") else "upload"
        return None if file.md5 in (None, now.facts["md5"]) else "remove"

    def _file_step(self, now: Deposit, record_id: str, name: str) -> None:
        file_name = str(now.facts["file_name"])
        if name == "upload" and not self.path.is_file():
            lost = "the file is not here any more: give the deposit up, and begin anew"
            self._raise(now, name, RepositoryError(lost, needs_person=True, is_surely_undone=True))
        with self._step_of(now, name, None):
            match name:
                case "declare":
                    self.repository.declare(record_id, file_name)
                case "upload":
                    self.repository.upload(record_id, file_name, self.path)
                case "commit":
                    self.repository.commit(record_id, file_name)
                case _:
                    self.repository.remove_file(record_id, file_name)
        self._tell(now, name, "done")

    def _doubles(self, now: Deposit) -> list[Held]:
        """Drafts of this deposit besides its own: only where more than one was ever asked for."""
        if now.n_asked < 2:
            return []
        with self._looking(now, "tidy"):
            mine = self.repository.find(now.marker)
        return [held for held in mine if held.record_id != now.record_id and not held.is_published]

    def _all(self, now: Deposit) -> list[Held]:
        mine = self.repository.find(now.marker) if now.n_asked else []
        if now.record_id and all(held.record_id != now.record_id for held in mine):
            own = self.repository.draft(now.record_id)
            mine += [own] if own else []
        return mine

    def _published(self, now: Deposit, held: Held) -> None:
        """Tells that it is published, and in the same breath that the copy's DOI is the same work."""
        name = f"doi:{held.doi}" if held.doi else f"deposits:{now.deposit_id}"
        said = [_statement(now, "publish", "done", _of(held))]
        if name != now.begun.subject_l:
            said.append(
                Statement(
                    SAME, normalise_subject(name), now.begun.subject_l, "deposited as an open copy of this work", {}
                )
            )
        self.ledger.append(now.begun.actor, said)

    def _is_young(self, asked: datetime) -> bool:
        return (datetime.now(UTC) - asked).total_seconds() < self.settled

    def _tell(self, now: Deposit, step: str, state: str, held: Held | None = None) -> None:
        self.ledger.append(self.actor, [_statement(now, step, state, _of(held) if held else {})])

    def _fail(self, now: Deposit, step: str, error: RepositoryError) -> None:
        facts: dict[str, JsonValue] = {
            "message": str(error),
            "needs_person": error.needs_person,
            "is_surely_undone": error.is_surely_undone,
        }
        self.ledger.append(self.actor, [_statement(now, step, "failed", facts)])

    def _raise(self, now: Deposit, step: str, error: RepositoryError) -> None:
        self._fail(now, step, error)
        raise _StepError(error)

    @contextmanager
    def _step_of(self, now: Deposit, step: str, held: Held | None) -> Iterator[None]:
        """A step with its intent told before; if it fails, that is told."""
        self._tell(now, step, "intended", held)
        with self._failing(now, step):
            yield

    @contextmanager
    def _looking(self, now: Deposit, step: str) -> Iterator[None]:
        """A look before a step. That it failed says nothing of what earlier steps did."""
        try:
            yield
        except RepositoryError as error:
            told = RepositoryError(str(error), needs_person=error.needs_person, wait=error.wait)
            self._raise(now, step, told)

    @contextmanager
    def _failing(self, now: Deposit, step: str) -> Iterator[None]:
        try:
            yield
        except RepositoryError as error:
            self._raise(now, step, error)


class _StepError(Exception):
    """A step failed, and the ledger says so."""

    def __init__(self, error: RepositoryError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def alone(folder: Path, deposit_id: str) -> Iterator[None]:
    """Lets one process and one thread at a time carry on a deposit; a kill lets go of it.

    Raises:
        BusyError: another one is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{deposit_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError("this deposit is under way: look again in a moment") from error
        yield


def _of(held: Held) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {"record_id": held.record_id, "address": held.address}
    return facts | {"doi": held.doi} if held.doi else facts


def _statement(now: Deposit, step: str, state: str, facts: dict[str, JsonValue]) -> Statement:
    return Statement(DEPOSIT_STEP, now.deposit_id, None, "", {"step": step, "state": state, **facts})
