"""What reporters say, told to the operator: by a signed webhook, by e-mail, or both.

The ledger is the queue: every report and proposal stands there before anybody is told. Beside it lies, for each
channel, up to which event it was told (`notices.json`), so a restart loses none; one cut off between telling and
writing that down is told twice, under the same `event_id`. A page never waits: a thread tells, oldest first.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from evigraph.errors import EvigraphError, HarvestError
from evigraph.net.client import Client, Policy
from evigraph.portal.people.access import People
from evigraph.settings import NoticeSettings, Settings
from evigraph.store.durable import write_durably
from evigraph.store.event import Event, instant_text
from evigraph.store.kinds import PROPOSED, REPORTED

_LOG = logging.getLogger(__name__)

#: Pauses in seconds before a notice is tried again; after the last it is given up, and the log says so.
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 3 * 3600.0)

#: How often the ledger is looked at for what another process wrote, and how long a host may take.
_LOOK, _PATIENCE = 30.0, 15.0

#: Takes what is told; raises where it was not taken.
Channel = Callable[[dict[str, Any]], None]


class NotTakenError(EvigraphError):
    """A channel did not take a notice; the message says why."""


@dataclass
class _Place:
    """How far one channel was told: the last ordinal, and attempts at the next one."""

    ordinal: int
    n_failed: int = 0
    next_at: float = 0.0


class Notices:
    """Tells the operator of one graph. Without a configured channel nothing runs."""

    def __init__(self, people: People, home: Path, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._people, self._file, self._clock = people, home / "notices.json", clock
        self._address = (settings.portal.address or "").rstrip("/")
        self.channels = _channels(settings)
        self._wake, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to tell, where there is somebody to be told."""
        if self.channels and self._thread is None:
            self._places()
            self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread; what is left is told after the next start."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2 * _PATIENCE)

    def wake(self) -> None:
        """Says that there is something new."""
        self._wake.set()

    def tell(self) -> None:
        """Tells each channel what it was not told yet, as far as its turn has come and it takes it."""
        ledger, places = self._people.known_ledger(), self._places()
        if ledger is None:
            return
        for name, channel in self.channels.items():
            place = places[name]
            if self._clock() < place.next_at:
                continue
            for event in ledger.events(place.ordinal):
                if event.kind in (REPORTED, PROPOSED) and not self._took(name, channel, place, event):
                    break
                place.ordinal, place.n_failed, place.next_at = event.ordinal, 0, 0.0
                if event.kind in (REPORTED, PROPOSED):
                    self._keep(places)
            self._keep(places)

    def _took(self, name: str, channel: Channel, place: _Place, event: Event) -> bool:
        """Whether to go on to the next event: it was taken, or given up."""
        try:
            channel(self._told(event))
            return True
        except NotTakenError as error:
            if place.n_failed >= len(PAUSES):
                _LOG.error("%s: the notice of report %s was given up: %s", name, event.event_id, error)
                return True
            _LOG.warning("%s: the notice of report %s waits: %s", name, event.event_id, error)
            place.next_at = self._clock() + PAUSES[place.n_failed]
            place.n_failed += 1
            return False

    def _told(self, event: Event) -> dict[str, Any]:
        return {
            "event_id": event.event_id,
            "kind": event.kind,
            "about": event.subject_l,
            "text": event.reason,
            "reported_at": instant_text(event.decided_at),
            "address": f"{self._address}/reports/{event.event_id}",
        }

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            try:
                self.tell()
            except Exception:
                _LOG.exception("reports could not be told; they wait in the ledger")
            self._wake.wait(min(_LOOK, self._next()))

    def _next(self) -> float:
        waiting = [place.next_at - self._clock() for place in self._places().values() if place.next_at]
        return max(0.2, min(waiting, default=_LOOK))

    def _places(self) -> dict[str, _Place]:
        """How far each channel is; a new one begins after all that was said before it."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            places = {name: _Place(**kept[name]) for name in self.channels if name in kept}
        except (FileNotFoundError, ValueError, TypeError):
            places = {}
        if new := [name for name in self.channels if name not in places]:
            ledger = self._people.known_ledger()
            head = ledger.head()[0] if ledger else 0
            places |= {name: _Place(head) for name in new}
            self._keep(places)
        return places

    def _keep(self, places: dict[str, _Place]) -> None:
        write_durably(self._file, json.dumps({name: vars(place) for name, place in places.items()}))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body`, in hex after `sha256=`: proves who sent a notice, and when."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _channels(settings: Settings) -> dict[str, Channel]:
    asked, found = settings.notices, dict[str, Channel]()
    if asked.webhook:
        contact = settings.harvest.contact or settings.graph.contact
        hosts = frozenset(settings.harvest.allow_hosts)
        policy = Policy(contact=contact, allowed_hosts=hosts, timeout=_PATIENCE, deadline=_PATIENCE, max_bytes=65_536)
        found["webhook"] = _webhook(Client(policy), asked.webhook, os.environ.get(asked.secret_variable, ""))
    if asked.email and asked.smtp_host:
        found["email"] = lambda told: _mail(asked, settings.graph.name, told)
    return found


def _webhook(client: Client, address: str, secret: str) -> Channel:
    def post(told: dict[str, Any]) -> None:
        body, now = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), str(int(time.time()))
        headers = {"Content-Type": "application/json", "X-Evigraph-Timestamp": now}
        if secret:
            headers["X-Evigraph-Signature"] = signature(secret, now, body)
        try:
            client.send("POST", address, body, headers)
        except HarvestError as error:
            raise NotTakenError(str(error)) from error

    return post


def _mail(asked: NoticeSettings, graph: str, told: dict[str, Any]) -> None:
    letter = EmailMessage()
    letter["Subject"] = f"{' '.join(graph.split())}: a report about {' '.join(told['about'].split())[:100]}"
    letter["From"], letter["To"] = asked.email_from or asked.email, asked.email
    letter["Message-ID"] = f"<{told['event_id']}@{asked.smtp_host}>"
    letter.set_content(f"{told['text']}\n\nAbout: {told['about']}\nWhen: {told['reported_at']}\n{told['address']}\n")
    # Without a context of ours, smtplib checks no certificate.
    context, host, port = ssl.create_default_context(), asked.smtp_host or "", asked.smtp_port
    try:
        with (
            smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
            if asked.smtp_security == "tls"
            else smtplib.SMTP(host, port, timeout=_PATIENCE)
        ) as server:
            if asked.smtp_security == "starttls":
                server.starttls(context=context)
            if asked.smtp_user:
                server.login(asked.smtp_user, os.environ.get(asked.smtp_password_variable, ""))
            server.send_message(letter)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotTakenError(f"{asked.smtp_host}: {error}") from error
