"""A deposit goes on after every fault at every step, and ends in exactly one record."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from depositing import PDF, begun, quick_client
from evigraph.deposit.course import Course, alone
from evigraph.deposit.invenio import Repository
from evigraph.deposit.state import deposit
from evigraph.errors import BusyError, InputError
from evigraph.net.client import Client, Policy
from evigraph.store.content import ContentFolder
from evigraph.store.kinds import DEPOSIT_STEP
from evigraph.store.ledger import Ledger
from repository_stand_in import FAULTS, TOKEN, StandIn

Make = Callable[..., Course]

STEPS = ("create", "draft", "files", "declare", "upload", "commit", "publish")


def is_as_it_should_be(stand_in: StandIn, ledger: Ledger, deposit_id: str) -> None:
    """Exactly one record, with the whole file, and the ledger says so."""
    (kept,) = stand_in.kept.values()
    assert kept.is_published
    assert list(kept.files.values()) == [PDF] and kept.complete == set(kept.files)
    now = deposit(ledger, deposit_id)
    assert now is not None and now.published is not None and not now.is_open
    assert (now.record_id, now.doi) == (kept.record_id, f"10.5072/standin.{kept.record_id}")
    assert now.address == f"{stand_in.address}/records/{kept.record_id}"
    assert [one["identifier"] for one in kept.body["metadata"]["identifiers"]] == [now.marker]
    done = [step.payload["step"] for step in now.steps if step.payload["state"] == "done"]
    assert done.count("publish") == 1
    (same,) = ledger.standing(["same"])
    assert {same.event.subject_l, same.event.subject_r} == {f"doi:{now.doi}", "doi:10.5555/synthetic.1"}


def test_without_a_fault_each_step_is_told_before_and_after(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    now = course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)
    told = [(step.payload["step"], step.payload["state"]) for step in now.steps]
    names = ("create", "declare", "upload", "commit", "publish")
    assert told == [(name, state) for name in names for state in ("intended", "done")]
    # Once it is published, going on asks the repository for nothing.
    asked = dict(stand_in.asked)
    course().carry_on(deposit_id)
    assert dict(stand_in.asked) == asked and asked["create"] == asked["publish"] == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_one_fault_at_a_step(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, step: str, fault: str
) -> None:
    # Reads are tried twice by the client itself.
    stand_in.faults[step] = [fault] * (2 if step in ("draft", "files") else 1)
    course().carry_on(deposit_id)
    assert stand_in.faults[step] == []
    is_as_it_should_be(stand_in, ledger, deposit_id)


@pytest.mark.parametrize("fault", ["lost", "broken after", "garbage"])
@pytest.mark.parametrize("step", [*STEPS, "find"])
def test_a_repository_that_fails_for_long(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, step: str, fault: str
) -> None:
    stand_in.faults[step] = [fault] * 7
    stand_in.faults.setdefault("create", ["lost"] if step == "find" else [])
    for _ in range(9):
        now = course().carry_on(deposit_id)
        assert len(stand_in.kept) <= 1
        if not now.is_open:
            break
        assert now.stopped is not None and "Stand-in" in str(now.stopped.payload["message"])
    is_as_it_should_be(stand_in, ledger, deposit_id)


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A ledger whose process dies at one of its writes: before it, or right after it."""

    def __init__(self, ledger: Ledger, dies_at: int, after: bool) -> None:
        self._ledger, self._left, self._after = ledger, dies_at, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        told = self._ledger.append(*arguments)
        if self._left == 0:
            raise Killed
        return told


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 11))
def test_the_process_dies_at_a_write(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, dies_at: int, after: bool
) -> None:
    with pytest.raises(Killed):
        course(ledger=Mortal(ledger, dies_at, after)).carry_on(deposit_id)
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


#: Carries a deposit on in a process that kills itself when the repository was asked for something so many times.
PROCESS = """
import os, signal, sys
from pathlib import Path
from evigraph.deposit.course import Course
from evigraph.deposit.invenio import Repository
from evigraph.net.client import Client, Policy
from evigraph.store.ledger import Ledger

home, deposit_id, address, token, path, n = sys.argv[1:]

class Dying(Client):
    left = int(n)
    def send(self, *arguments, **named):
        answer = super().send(*arguments, **named)
        Dying.left -= 1
        if Dying.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

client = Dying(Policy(allowed_hosts=frozenset({"127.0.0.1"}), default_rate=10_000))
with Ledger.open(Path(home) / "ledger.db") as ledger:
    Course(ledger, Repository(address, "Stand-in", token, client), Path(path), "ana", 0.0).carry_on(deposit_id)
"""


@pytest.mark.parametrize("n", [1, 5], ids=["after the draft was made", "after it was published"])
def test_the_process_is_killed(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, files: ContentFolder, tmp_path: Path, n: int
) -> None:
    path = str(files.path(files.keep(PDF)))
    arguments = [sys.executable, "-c", PROCESS, str(tmp_path), deposit_id, stand_in.address, TOKEN, path, str(n)]
    killed = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr
    assert len(stand_in.kept) == 1
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_a_draft_that_the_index_does_not_know_yet_is_waited_for(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.faults["create"] = ["lost"]
    # Each look asks twice: by the field, then among the newest.
    stand_in.unseen = 6
    course(settled=3600.0).carry_on(deposit_id)
    assert stand_in.asked["create"] == 1
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_after_a_while_a_draft_that_never_came_is_asked_for_again(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.faults["create"] = ["unheard"]
    with pytest.raises(InputError, match="round in circles"):
        # Sleep does nothing here, so the minute never passes.
        course(settled=3600.0).carry_on(deposit_id)
    assert not stand_in.kept
    course(settled=0.0).carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_two_drafts_of_a_slow_repository_become_one(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.faults["create"] = ["lost"]
    stand_in.unseen = 2
    stand_in.faults["publish"] = ["400"]
    course().carry_on(deposit_id)
    assert stand_in.asked["create"] == 2 and stand_in.asked["discard"] == 1
    assert len(stand_in.kept) == 1
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_a_file_that_arrived_by_half_is_sent_again(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.fails_halfway = 1
    course().carry_on(deposit_id)
    assert stand_in.asked["remove"] == 1 and stand_in.asked["upload"] == 2
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_what_the_repository_complains_of_is_told_and_mended_there(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.complaints = [{"field": "metadata.funding.0", "messages": ["Unknown funder.", "Choose one."]}]
    now = course().carry_on(deposit_id)
    assert now.stopped is not None
    assert "metadata.funding.0: Unknown funder. Choose one." in str(now.stopped.payload["message"])
    assert stand_in.asked["publish"] == 1 and now.address and "/uploads/" in now.address
    stand_in.complaints = []
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_a_draft_that_lacks_something_says_so_before_the_file_is_sent(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.loses_titles = True
    now = course().carry_on(deposit_id)
    assert now.stopped is not None and "metadata.title: Missing data" in str(now.stopped.payload["message"])
    assert stand_in.asked["upload"] == 0
    next(iter(stand_in.kept.values())).body["metadata"]["title"] = "Mended in the repository"
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_published_by_hand_in_the_repository(stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str) -> None:
    stand_in.faults["publish"] = ["400"]
    course().carry_on(deposit_id)
    next(iter(stand_in.kept.values())).is_published = True
    course().carry_on(deposit_id)
    assert stand_in.asked["publish"] == 1
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_a_draft_removed_in_the_repository_is_not_made_anew(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    stand_in.faults["publish"] = ["400"]
    course().carry_on(deposit_id)
    stand_in.kept.clear()
    now = course().carry_on(deposit_id)
    assert now.stopped is not None and "give it up" in str(now.stopped.payload["message"])
    assert not stand_in.kept


@pytest.mark.parametrize(("status", "word"), [("401", "token"), ("403", "deposit:write"), ("413", "size")])
def test_a_refusal_is_not_tried_again(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, status: str, word: str
) -> None:
    stand_in.faults["upload"] = [status]
    now = course().carry_on(deposit_id)
    assert now.stopped is not None and word in str(now.stopped.payload["message"])
    assert stand_in.asked["upload"] == 1
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)


def test_a_token_that_is_not_known_makes_nothing_and_is_told_nowhere(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    now = course(token="another-synthetic-token").carry_on(deposit_id)
    assert now.stopped is not None and "does not know the token" in str(now.stopped.payload["message"])
    course().carry_on(deposit_id)
    is_as_it_should_be(stand_in, ledger, deposit_id)
    told = str(list(ledger.events())) + caplog.text
    assert TOKEN not in told and "another-synthetic-token" not in told


def test_giving_up_removes_the_draft(stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str) -> None:
    stand_in.faults["publish"] = ["400"]
    course().carry_on(deposit_id)
    stand_in.faults["discard"] = ["lost"]
    with pytest.raises(InputError, match="did not answer"):
        course().give_up(deposit_id)
    assert course().give_up(deposit_id).is_given_up
    assert not stand_in.kept
    assert not course().carry_on(deposit_id).is_open and not stand_in.kept


def test_what_is_published_cannot_be_given_up(stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str) -> None:
    stand_in.faults["publish"] = ["lost", "lost", "lost"]
    course().carry_on(deposit_id)
    with pytest.raises(InputError, match="what is published stays"):
        course().give_up(deposit_id)


def test_begun_twice_under_one_key_it_is_one(stand_in: StandIn, ledger: Ledger, files: ContentFolder) -> None:
    assert begun(ledger, files, stand_in.address, once="x") == begun(ledger, files, stand_in.address, once="x")
    assert begun(ledger, files, stand_in.address, once="x") != begun(ledger, files, stand_in.address, once="y")


def test_two_at_once_make_one(stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str, tmp_path: Path) -> None:
    busy = []

    def go_on() -> None:
        try:
            with alone(tmp_path / "deposits", deposit_id):
                course().carry_on(deposit_id)
        except BusyError:
            busy.append(True)

    threads = [threading.Thread(target=go_on) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    is_as_it_should_be(stand_in, ledger, deposit_id)
    assert stand_in.asked["create"] == 1


def test_a_deposit_of_another_repository_is_not_carried_on_here(
    ledger: Ledger, files: ContentFolder, course: Make
) -> None:
    deposit_id = begun(ledger, files, "https://repository.example")
    with pytest.raises(InputError, match=r"begun in https://repository\.example"):
        course().carry_on(deposit_id)
    with pytest.raises(InputError, match="there is no deposit"):
        course().carry_on("none")


def test_a_repository_in_a_private_network_is_not_called_unless_it_is_allowed(
    stand_in: StandIn, ledger: Ledger, course: Make, deposit_id: str
) -> None:
    with Client(Policy(default_rate=10_000, attempts=1)) as guarded:
        make = Course(ledger, Repository(stand_in.address, "Stand-in", TOKEN, guarded), Path(os.devnull), "ana", 0.0)
        now = make.carry_on(deposit_id)
    assert now.stopped is not None and "allowed hosts" in str(now.stopped.payload["message"])
    assert not stand_in.asked
    assert quick_client().policy.allowed_hosts == {"127.0.0.1"}
    assert not ledger.standing([DEPOSIT_STEP], in_force=False)
