"""Works that this graph does not hold, as Crossref and DataCite know them: looked up for a preview, kept for a claim.

A page waits for a registry only within bounds: so many works, so many seconds, so many visitors at once. What was not
asked for within them is simply not found this time, and the page says so.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore, Lock

from fastapi import Request

from evigraph.errors import BusyError, HarvestError
from evigraph.harvest.api import ORCID_HOST, REGISTRIES, RegistryWork, fetch_work, keep_works, orcid_dois
from evigraph.net.client import Client, Policy
from evigraph.settings import Settings

#: Works that are asked for at once, seconds that a page waits for them, seconds that it waits for its turn.
AT_ONCE, LONGEST, _TURN = 20, 10.0, 2.0

#: Visitors who are looked up for at once, and works that are remembered between a preview and its claim.
_VISITORS, _REMEMBERED = 2, 500

#: Requests a second: half of what Crossref lets an identified client ask for single works.
_RATE = 5.0


@dataclass(frozen=True)
class Found:
    """What the registries know, by DOI; `problem` says in a line why there may be more."""

    works: dict[str, RegistryWork]
    problem: str = ""


class Registries:
    """The registries as the portal of one graph asks them. Without `settings` nobody is asked."""

    def __init__(self, home: Path, settings: Settings | None) -> None:
        self._home = home
        self._is_asked = settings is not None and settings.portal.look_up
        contact = (settings.harvest.contact or settings.graph.contact) if settings else None
        #: Short of patience: somebody waits for the page.
        self.policy = Policy(
            contact=contact,
            allowed_hosts=frozenset(settings.harvest.allow_hosts if settings else ()),
            default_rate=_RATE,
            max_bytes=16 * 1024 * 1024,
            timeout=4.0,
            deadline=6.0,
            attempts=1,
            longest_wait=0.0,
        )
        self._client: Client | None = None
        self._lock = Lock()
        self._turns = BoundedSemaphore(_VISITORS)
        self._known: OrderedDict[str, RegistryWork] = OrderedDict()

    def ask_by(self, client: Client) -> None:
        """Asks by this client from now on: the seam of tests."""
        self._client, self._is_asked = client, True

    def find(self, dois: Iterable[str]) -> Found:
        """The works of some DOIs, as far as they were found within the bounds."""
        wanted = list(dict.fromkeys(dois))
        with self._lock:
            works = {doi: self._known[doi] for doi in wanted if doi in self._known}
        missing = [doi for doi in wanted if doi not in works]
        if not missing or not self._is_asked:
            return Found(works)
        if not self._turns.acquire(timeout=_TURN):
            return Found(works, "Many are looking up works at this moment: try again in a minute.")
        try:
            problem = self._ask(missing, works)
        finally:
            self._turns.release()
        with self._lock:
            self._known.update(works)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return Found(works, problem)

    def listed(self, orcid: str) -> tuple[tuple[str, ...], str]:
        """The DOIs that an ORCID record lists, and in a line why there may be more."""
        if not self._is_asked:
            return (), ""
        try:
            return orcid_dois(self._asking(), orcid), ""
        except HarvestError:
            return (), f"{ORCID_HOST} could not be asked: only works of this graph are shown."

    def keep(self, dois: Iterable[str]) -> None:
        """Keeps the works of some DOIs, as far as a registry knows them, for the next run.

        Raises:
            BusyError: the graph is harvesting from that registry at this moment, and nothing was kept.
            HarvestError: the graph's folder cannot be written.
        """
        works = self.find(dois).works.values()
        for left in (3, 2, 1, 0):
            try:
                return keep_works(self._home, works)
            except BusyError:
                if not left:
                    raise
                time.sleep(0.3)

    def _ask(self, missing: list[str], works: dict[str, RegistryWork]) -> str:
        until, client, silent = time.monotonic() + LONGEST, self._asking(), set[str]()
        for doi in missing[:AT_ONCE]:
            for source in REGISTRIES:
                if source in silent or time.monotonic() > until:
                    continue
                try:
                    found = fetch_work(client, source, doi)
                except HarvestError:
                    silent.add(source)
                    continue
                if found is not None:
                    works[doi] = found
                    break
        if silent:
            return f"{' and '.join(REGISTRIES[one] for one in sorted(silent))} could not be asked: try again later."
        if time.monotonic() > until:
            return f"Looking up took longer than {LONGEST:.0f} seconds and was ended: look up fewer at once."
        return f"The first {AT_ONCE} were looked up: paste the others by themselves." if missing[AT_ONCE:] else ""

    def _asking(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = Client(self.policy)
            return self._client


def registries_of(request: Request) -> Registries:
    """The registries as the graph that is served asks them."""
    registries: Registries = request.app.state.registries
    return registries
