"""How a deposit stands, as its events in the ledger tell: begun, under way, stopped, published, given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from evigraph.deposit.terms import VERSIONS, Version
from evigraph.store.event import Event
from evigraph.store.kinds import DEPOSIT_BEGUN, DEPOSIT_STEP
from evigraph.store.ledger import Ledger

#: What a step is called while it is taken.
STEP_WORDS: dict[str, str] = {
    "create": "asking for a draft",
    "declare": "announcing the file",
    "upload": "sending the file",
    "commit": "completing the file",
    "remove": "removing a file that did not arrive whole",
    "tidy": "removing a draft that was there twice",
    "publish": "publishing",
    "discard": "removing the draft",
}


@dataclass(frozen=True)
class Deposit:
    """A deposit and its steps so far, in their order.

    Its id is that of the event that began it, and the draft in the repository carries the same as its marker.
    """

    begun: Event
    steps: tuple[Event, ...] = field(default=())

    @property
    def deposit_id(self) -> str:
        """Its id."""
        return self.begun.event_id

    @property
    def marker(self) -> str:
        """The identifier that its draft carries, and no other: a name of its own (RFC 9562)."""
        return f"urn:uuid:{self.deposit_id}"

    @property
    def facts(self) -> dict[str, Any]:
        """What was said when it was begun, by the contract of `deposit_begun`."""
        return cast(dict[str, Any], self.begun.payload)

    @property
    def title(self) -> str:
        """The title of the work."""
        return str(self.facts["draft"]["metadata"]["title"])

    @property
    def version(self) -> Version:
        """Which version of the work the file is."""
        return next(version for version in VERSIONS.values() if version.address == self.facts["version"])

    @property
    def record_id(self) -> str | None:
        """The repository's id of the draft or record; None while none is known."""
        return self._last_text("record_id", ("create", "publish"))

    @property
    def address(self) -> str | None:
        """Where the draft or record is seen."""
        return self._last_text("address", ("create", "publish"))

    @property
    def published(self) -> Event | None:
        """The event that says that it was published."""
        return next((step for step in self.steps if _is(step, "publish", "done")), None)

    @property
    def doi(self) -> str | None:
        """The DOI of the published copy, where the repository gave one."""
        return str(self.published.payload.get("doi") or "") or None if self.published else None

    @property
    def is_given_up(self) -> bool:
        """Whether its draft was removed for good."""
        return any(_is(step, "discard", "done") for step in self.steps)

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.published is None and not self.is_given_up

    @property
    def stopped(self) -> Event | None:
        """The failure at which it stands, if it stands at one."""
        last = self.steps[-1] if self.steps else None
        return last if self.is_open and last is not None and last.payload["state"] == "failed" else None

    @property
    def unanswered(self) -> datetime | None:
        """When a draft was last asked for, if it is not known whether there is one; None where that is known."""
        asked: datetime | None = None
        for step in self.steps:
            if _is(step, "create", "intended"):
                asked = step.decided_at
            elif _is(step, "create", "done") or (
                _is(step, "create", "failed") and step.payload.get("is_surely_undone")
            ):
                asked = None
        return asked

    @property
    def n_asked(self) -> int:
        """How often a draft was asked for."""
        return sum(_is(step, "create", "intended") for step in self.steps)

    def _last_text(self, name: str, of: tuple[str, ...]) -> str | None:
        told = [
            str(step.payload[name])
            for step in self.steps
            if step.payload["step"] in of and step.payload["state"] == "done" and step.payload.get(name)
        ]
        return told[-1] if told else None


def deposit(ledger: Ledger, deposit_id: str) -> Deposit | None:
    """The deposit of this id; None where there is none, or it was withdrawn."""
    found = ledger.standing([DEPOSIT_BEGUN], event_ids=[deposit_id])
    return _with_steps(ledger, [one.event for one in found])[0] if found else None


def deposits_by(ledger: Ledger, actor: str | None, newest: int = 200) -> list[Deposit]:
    """The deposits that somebody began, the newest first; with no actor, everybody's."""
    found = ledger.standing([DEPOSIT_BEGUN], actor=actor, newest=newest)
    return _with_steps(ledger, [one.event for one in found])[::-1]


def deposits_about(ledger: Ledger, subjects: Iterable[str]) -> list[Deposit]:
    """The deposits of a product, by anything that names it, the oldest first."""
    return _with_steps(ledger, [one.event for one in ledger.standing([DEPOSIT_BEGUN], about=subjects)])


def published_deposits(ledger: Ledger) -> list[Deposit]:
    """All deposits that were published, the oldest first."""
    return [one for one in _with_steps(ledger, _begun(ledger)) if one.published]


def _begun(ledger: Ledger) -> list[Event]:
    return [one.event for one in ledger.standing([DEPOSIT_BEGUN])]


def _with_steps(ledger: Ledger, begun: Sequence[Event]) -> list[Deposit]:
    if not begun:
        return []
    steps: dict[str, list[Event]] = {event.event_id: [] for event in begun}
    for one in ledger.standing([DEPOSIT_STEP], about=steps):
        steps[one.event.subject_l].append(one.event)
    return [Deposit(event, tuple(steps[event.event_id])) for event in begun]


def _is(step: Event, name: str, state: str) -> bool:
    return step.payload["step"] == name and step.payload["state"] == state
