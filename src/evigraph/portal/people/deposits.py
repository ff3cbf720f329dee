"""Deposits as the portal carries them on: in a thread beside the requests, one at a time for each deposit."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import Request

from evigraph.deposit.course import Course, alone
from evigraph.deposit.invenio import Repository
from evigraph.deposit.metadata import Choice
from evigraph.deposit.policy import Policies
from evigraph.deposit.state import STEP_WORDS, Deposit, deposits_about, deposits_by
from evigraph.deposit.terms import licence_address, licence_label
from evigraph.deposit.told import begin
from evigraph.errors import BusyError, EvigraphError, InputError
from evigraph.net.client import Client, Policy
from evigraph.portal import wording
from evigraph.portal.doors.courtesy import Rate
from evigraph.portal.people.access import People
from evigraph.portal.people.deposit_tokens import Tokens
from evigraph.portal.rendering import host_of, pid_address, web_address
from evigraph.settings import Settings
from evigraph.store.content import ContentFolder
from evigraph.store.event import instant_text
from evigraph.store.release import Release

_LOG = logging.getLogger(__name__)

#: Requests a second that Zenodo bears from one user (100 a minute), and how many at once.
_RATE, _AT_ONCE = 1.6, 20.0

#: Deposits that are carried on at the same time; others wait for their turn.
_CARRIED = 4

#: The newest deposits, among which those that were cut off are looked for.
_RESUMED = 1_000

#: Deposits that one person may begin in an hour.
_QUOTA, _HOUR = 30, 3600


@dataclass(frozen=True)
class ShownDeposit:
    """A deposit as pages show it. `state` is published, under_way, stopped or given_up."""

    deposit_id: str
    title: str
    subject: str
    version: str
    licence: str
    licence_address: str | None
    repository: str
    size: str
    when: str
    state: str
    doing: str
    problem: str
    address: str | None
    doi: str | None
    doi_address: str | None
    closed_until: str | None
    is_own: bool
    shown_name: str = ""


class Deposits:
    """The deposits of one graph: where they go, what publishers allow, and the threads that carry them on."""

    def __init__(self, people: People, home: Path, settings: Settings) -> None:
        self._people, self._settings = people, settings.deposit
        self._policy = Policy(
            contact=settings.harvest.contact or settings.graph.contact,
            allowed_hosts=frozenset(settings.harvest.allow_hosts),
            attempts=3,
            longest_wait=60.0,
        )
        self.policies = Policies.read(home / settings.deposit.policies) if settings.deposit.policies else Policies()
        self.files = ContentFolder(home / "deposits", "this graph")
        self.rate = Rate(_QUOTA, _HOUR)
        self.tokens = Tokens()
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._turns = threading.BoundedSemaphore(_CARRIED)
        self._under_way: dict[str, threading.Thread] = {}

    @property
    def address(self) -> str:
        """The address of the repository; empty where none is set."""
        return (self._settings.repository or "").rstrip("/")

    @property
    def name(self) -> str:
        """What the repository is called."""
        host = host_of(self.address)
        known = {"zenodo.org": "Zenodo", "sandbox.zenodo.org": "Zenodo's sandbox"}
        return self._settings.name or known.get(host, host)

    @property
    def max_bytes(self) -> int:
        """The size of the largest file that is taken."""
        return self._settings.max_megabytes * 1_000_000

    @property
    def token_variable(self) -> str:
        """The name of the environment variable that holds the token."""
        return self._settings.token_variable

    @property
    def takes_own_tokens(self) -> bool:
        """Whether people may deposit under their own name."""
        return bool(self.address and self._settings.own_tokens)

    def is_ready(self, actor: str) -> bool:
        """Whether somebody can deposit a copy now."""
        return bool(self.address and (self.has_own_token(actor) or self._token()))

    def has_own_token(self, actor: str) -> bool:
        """Whether what somebody deposits goes under their own name."""
        return self.takes_own_tokens and bool(self.tokens.of(actor))

    def has_token_for(self, deposit: Deposit) -> bool:
        """Whether there is a token with which a deposit can go on: of the same kind as that which it was begun with."""
        return bool(self._token_for(deposit))

    def begin(
        self, actor: str, subject: str, product: Mapping[str, Any], kind: str, choice: Choice, content: bytes, once: str
    ) -> str:
        """The id of a deposit that has begun: its file and its event are on disk.

        Raises:
            InputError: the graph does not know enough of the work, or the file is no PDF.
        """
        where, ledger, is_own = (self.address, self.name), self._people.ledger(), self.has_own_token(actor)
        return begin(
            ledger, actor, subject, product, kind, choice, content, self.files, where, date.today(), once, is_own
        )

    def carry_on(self, deposit: Deposit, actor: str, patience: float | None) -> None:
        """Begins to carry a deposit on, and waits for it, at most `patience` seconds; with null to its end."""
        with self._lock:
            thread = self._under_way.get(deposit.deposit_id)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=self._work, args=(deposit, actor), daemon=True)
                self._under_way[deposit.deposit_id] = thread
                thread.start()
        thread.join(timeout=patience)

    def resume(self) -> int:
        """The number of deposits that were cut off here, by a kill or a restart, and are carried on again.

        Those at which the repository had something to say wait for their authors.
        """
        ledger = self._people.known_ledger()
        if ledger is None or not self.address:
            return 0
        cut_off = [
            one
            for one in deposits_by(ledger, None, newest=_RESUMED)
            if one.is_open
            and one.stopped is None
            and one.facts["repository"] == self.address
            and self.has_token_for(one)
        ]

        def one_by_one() -> None:
            for one in cut_off:
                self.carry_on(one, one.begun.actor, patience=None)

        if cut_off:
            threading.Thread(target=one_by_one, daemon=True).start()
        return len(cut_off)

    def give_up(self, deposit: Deposit, actor: str) -> None:
        """Removes the draft of a deposit, and its file here.

        Raises:
            InputError: it is published, or the draft could not be removed.
            BusyError: it is under way.
        """
        with alone(self.files.folder, deposit.deposit_id):
            self._course(deposit, actor).give_up(deposit.deposit_id)
            self._remove_file(deposit)

    def is_under_way(self, deposit_id: str) -> bool:
        """Whether this process is carrying a deposit on."""
        with self._lock:
            thread = self._under_way.get(deposit_id)
            return thread is not None and thread.is_alive()

    def shown(self, deposit: Deposit, shown_name: str = "") -> ShownDeposit:
        """A deposit as pages show it."""
        draft = deposit.facts["draft"]
        rights = draft["metadata"]["rights"][0]
        licence = rights.get("id") or "in-copyright"
        last = deposit.steps[-1].payload if deposit.steps else {}
        stopped = deposit.stopped
        state = "published" if deposit.published else "given_up" if deposit.is_given_up else "stopped"
        if state == "stopped" and self.is_under_way(deposit.deposit_id):
            state = "under_way"
        said = str(stopped.payload.get("message") or "") if stopped else ""
        return ShownDeposit(
            deposit_id=deposit.deposit_id,
            title=deposit.title,
            subject=deposit.begun.subject_l,
            version=deposit.version.label,
            licence=licence_label(licence) or licence,
            licence_address=licence_address(licence),
            repository=str(deposit.facts["repository_name"]),
            size=wording.size(deposit.facts["size"]),
            when=wording.instant(instant_text((deposit.published or deposit.begun).decided_at)),
            state=state,
            doing=STEP_WORDS[str(last.get("step") or "create")],
            problem=said or "it was cut off here",
            address=web_address(deposit.address),
            doi=deposit.doi,
            doi_address=pid_address("doi", deposit.doi) if deposit.doi else None,
            closed_until=(draft["access"].get("embargo") or {}).get("until"),
            is_own=bool(deposit.facts.get("is_own_token")),
            shown_name=shown_name,
        )

    def by(self, actor: str) -> list[ShownDeposit]:
        """The deposits of one person, the newest first."""
        ledger = self._people.known_ledger()
        return [self.shown(one) for one in deposits_by(ledger, actor)] if ledger else []

    def about(self, subjects: Iterable[str]) -> list[Deposit]:
        """The deposits of a product, the oldest first."""
        ledger = self._people.known_ledger()
        return deposits_about(ledger, subjects) if ledger else []

    def waiting_for_a_run(self, release: Release, subjects: Iterable[str]) -> list[ShownDeposit]:
        """The published copies of a product that the release does not hold yet."""
        known = release.manifest.ledger_ordinal
        new = [one for one in self.about(subjects) if one.published and one.published.ordinal > known]
        names = self._people.shown_names({one.begun.actor for one in new}) if new else {}
        return [self.shown(one, names[one.begun.actor]) for one in new]

    def _token(self) -> str:
        return os.environ.get(self._settings.token_variable, "").strip()

    def _token_for(self, deposit: Deposit) -> str:
        # A draft is found among those of the account that made it, and nowhere else.
        return self.tokens.of(deposit.begun.actor) if deposit.facts.get("is_own_token") else self._token()

    def _course(self, deposit: Deposit, actor: str) -> Course:
        token = self._token_for(deposit)
        if not (self.address and token):
            raise InputError("there is no token for the repository any more")
        with self._lock:
            if self._client is None:
                self._client = Client(self._policy)
                self._client.set_rate(host_of(self.address).partition(":")[0], _RATE, _AT_ONCE)
        repository = Repository(self.address, self.name, token, self._client)
        return Course(self._people.ledger(), repository, self.files.path(str(deposit.facts["sha256"])), actor)

    def _work(self, deposit: Deposit, actor: str) -> None:
        try:
            with self._turns, alone(self.files.folder, deposit.deposit_id):
                now = self._course(deposit, actor).carry_on(deposit.deposit_id)
                if now.published:
                    self._remove_file(now)
        except BusyError:
            # Another process is at it, and will tell what becomes of it.
            return
        except EvigraphError as error:
            _LOG.warning("deposit %s stopped: %s", deposit.deposit_id, error)
        except Exception:
            _LOG.exception("deposit %s stopped by a defect", deposit.deposit_id)

    def _remove_file(self, done: Deposit) -> None:
        """Removes the file of a deposit that is over, unless another one needs the same bytes."""
        sha256 = str(done.facts["sha256"])
        others = deposits_by(self._people.ledger(), None, newest=10_000)
        if not any(
            one.is_open and one.facts["sha256"] == sha256 for one in others if one.deposit_id != done.deposit_id
        ):
            self.files.remove(sha256)


def deposits_of(request: Request) -> Deposits:
    """The deposits of the graph that is served."""
    deposits: Deposits = request.app.state.deposits
    return deposits
