"""The ledger and accounts of the graph that is served, opened when they are first needed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import Request

from evigraph.portal.doors.courtesy import Rate
from evigraph.portal.people.openid import Provider
from evigraph.store.accounts import Accounts
from evigraph.store.ledger import Ledger

#: How long it may take until the first account of a graph is noticed, in seconds.
_LOOK_AGAIN = 1.0

_QUARTER, _HOUR = 900, 3600


class People:
    """The people of one graph: their ledger, their accounts, how often they may try.

    A graph without a ledger has nobody, and reading a page makes none.
    """

    def __init__(
        self,
        ledger: str | Path,
        address: str | None = None,
        is_sign_up_open: bool = True,
        providers: Mapping[str, Provider] = MappingProxyType({}),
    ) -> None:
        self._ledger_address = ledger
        self._lock = Lock()
        self._ledger: Ledger | None = None
        self._has_accounts = False
        self._looked_at = 0.0
        self.address = address.rstrip("/") if address else None
        self.is_https = bool(address and urlsplit(address).scheme == "https")
        self.is_sign_up_open = is_sign_up_open
        self.providers = providers
        #: Attempts to sign in by one name, to sign in from one address, to open accounts, and to report.
        self.by_name = Rate(20, _QUARTER)
        self.by_client = Rate(200, _QUARTER)
        self.openings = Rate(30, _HOUR)
        self.reports = Rate(60, _HOUR)

    def ledger(self) -> Ledger:
        """The ledger, made where there is none."""
        with self._lock:
            if self._ledger is None:
                self._ledger = Ledger.open(self._ledger_address)
            return self._ledger

    def known_ledger(self) -> Ledger | None:
        """The ledger, where there is one."""
        if self._ledger is None and isinstance(self._ledger_address, Path) and not self._ledger_address.exists():
            return None
        return self.ledger()

    def accounts(self) -> Accounts:
        """The accounts."""
        return Accounts(self.ledger())

    def has_accounts(self) -> bool:
        """Whether anybody has an account. Once somebody has, the graph is not one without accounts any more."""
        now = time.monotonic()
        if not self._has_accounts and (not self._looked_at or now - self._looked_at > _LOOK_AGAIN):
            ledger = self.known_ledger()
            self._has_accounts = ledger is not None and Accounts(ledger).are_there()
            self._looked_at = now
        return self._has_accounts

    def shown_names(self, actors: set[str]) -> dict[str, str]:
        """What to call actors of the ledger: an account by its shown name, a name by itself."""
        ledger = self.known_ledger()
        ids = {actor for actor in actors if actor.startswith("account:")}
        names = Accounts(ledger).shown_names(ids) if ledger and ids else {}
        return {actor: names.get(actor, "a former member") if actor in ids else actor for actor in actors}


def people_of(request: Request) -> People:
    """The people of the graph that is served."""
    people: People = request.app.state.people
    return people
