"""A repository for tests: answers on loopback as InvenioRDM's REST API is documented, and fails where it is told to."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "a-synthetic-token-of-the-stand-in"

#: What can go wrong with one request. `lost`, `broken after` and `slow` do the work; the others do not.
FAULTS = ("lost", "unheard", "broken", "broken after", "slow", "garbage")

#: Every operation, as a pattern of method and path; the first that fits.
_OPERATIONS = (
    ("find", r"GET /api/user/records"),
    ("create", r"POST /api/records"),
    ("publish", r"POST /api/records/([^/]+)/draft/actions/publish"),
    ("files", r"GET /api/records/([^/]+)/draft/files"),
    ("declare", r"POST /api/records/([^/]+)/draft/files"),
    ("upload", r"PUT /api/records/([^/]+)/draft/files/([^/]+)/content"),
    ("commit", r"POST /api/records/([^/]+)/draft/files/([^/]+)/commit"),
    ("remove", r"DELETE /api/records/([^/]+)/draft/files/([^/]+)"),
    ("draft", r"GET /api/records/([^/]+)/draft"),
    ("discard", r"DELETE /api/records/([^/]+)/draft"),
    ("record", r"GET /api/records/([^/]+)"),
)


@dataclass
class Kept:
    """A draft, or the record that it has become."""

    record_id: str
    body: dict[str, Any]
    ordinal: int
    is_published: bool = False
    files: dict[str, bytes | None] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)


class StandIn:
    """The state of the repository, and what it shall do wrong.

    Attributes:
        faults: by operation, the faults of its next requests in their order.
        slow: seconds that a slow request takes; more than the client bears.
        unseen: how many searches a new draft stays unknown to the index.
        complaints: what publishing is refused for.
        asked: how often each operation was asked for.
        loses_titles: whether new drafts lack the title that they were sent with.
        fails_halfway: uploads of which only half is kept.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.faults: dict[str, list[str]] = {}
        self.slow = 0.6
        self.unseen = 0
        self.complaints: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        self.fails_halfway = 0
        self.loses_titles = False
        self.address = ""
        self.lock = threading.Lock()
        self._n_searches = 0

    @property
    def published(self) -> list[Kept]:
        """The records."""
        return [kept for kept in self.kept.values() if kept.is_published]

    def fault_of(self, operation: str) -> str:
        """What this request shall do wrong; empty: nothing."""
        with self.lock:
            self.asked[operation] += 1
            waiting = self.faults.get(operation) or []
            return waiting.pop(0) if waiting else ""

    def do(self, operation: str, parts: tuple[str, ...], query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        """The status and JSON of an answer."""
        with self.lock:
            if operation == "find":
                return 200, self._found(query)
            if operation == "create":
                record_id = f"syn{len(self.kept) + 1:02}-{hashlib.sha256(str(len(self.kept)).encode()).hexdigest()[:5]}"
                kept = self.kept[record_id] = Kept(record_id, json.loads(body), len(self.kept))
                if self.loses_titles:
                    kept.body["metadata"]["title"] = ""
                return 201, self._told(kept)
            kept_or_none = self.kept.get(parts[0])
            if kept_or_none is None or (kept_or_none.is_published and operation != "record"):
                return 404, {"status": 404, "message": "The persistent identifier does not exist."}
            kept = kept_or_none
            if operation == "record" and not kept.is_published:
                return 404, {"status": 404, "message": "The persistent identifier is not registered."}
            return getattr(self, f"_{operation}")(kept, parts[1] if len(parts) > 1 else "", body)  # type: ignore[no-any-return]

    def _found(self, query: dict[str, list[str]]) -> Any:
        self._n_searches += 1
        wanted = query.get("q", [""])[0]
        hits = []
        for kept in self.kept.values():
            stated = [one["identifier"] for one in kept.body["metadata"].get("identifiers", [])]
            if self._n_searches > self.unseen and (not wanted or any(f'"{one}"' in wanted for one in stated)):
                hits.append(self._told(kept))
        return {"hits": {"hits": hits, "total": len(hits)}, "links": {}, "sortBy": "newest"}

    def _draft(self, kept: Kept, _: str, __: bytes) -> tuple[int, Any]:
        return 200, self._told(kept)

    _record = _draft

    def _discard(self, kept: Kept, _: str, __: bytes) -> tuple[int, Any]:
        del self.kept[kept.record_id]
        return 204, None

    def _files(self, kept: Kept, _: str, __: bytes) -> tuple[int, Any]:
        return 200, {"enabled": True, "entries": [self._entry(kept, name) for name in kept.files], "order": []}

    def _declare(self, kept: Kept, _: str, body: bytes) -> tuple[int, Any]:
        for one in json.loads(body):
            if one["key"] in kept.files:
                return 400, {"status": 400, "message": f"File with key {one['key']} already exists."}
            kept.files[one["key"]] = None
        return 201, {"enabled": True, "entries": [self._entry(kept, name) for name in kept.files]}

    def _upload(self, kept: Kept, name: str, body: bytes) -> tuple[int, Any]:
        if name not in kept.files or name in kept.complete:
            return 404, {"status": 404, "message": f"No file {name}."}
        kept.files[name] = body
        if self.fails_halfway:
            self.fails_halfway -= 1
            kept.files[name] = body[: len(body) // 2]
        return 200, self._entry(kept, name)

    def _commit(self, kept: Kept, name: str, _: bytes) -> tuple[int, Any]:
        if kept.files.get(name) is None or name in kept.complete:
            return 400, {"status": 400, "message": "The file is not there to be completed."}
        kept.complete.add(name)
        return 200, self._entry(kept, name)

    def _remove(self, kept: Kept, name: str, _: bytes) -> tuple[int, Any]:
        kept.files.pop(name, None)
        kept.complete.discard(name)
        return 204, None

    def _publish(self, kept: Kept, _: str, __: bytes) -> tuple[int, Any]:
        missing = [] if kept.files else [{"field": "files.enabled", "messages": ["Missing uploaded files."]}]
        missing += [
            {"field": f"files.{name}", "messages": ["One or more files have not completed."]}
            for name in kept.files
            if name not in kept.complete
        ]
        if errors := [*self._errors(kept), *self.complaints, *missing]:
            return 400, {"status": 400, "message": "A validation error occurred.", "errors": errors}
        kept.is_published = True
        return 202, self._told(kept)

    def _errors(self, kept: Kept) -> list[dict[str, Any]]:
        metadata = kept.body.get("metadata") or {}
        needed = ("title", "creators", "resource_type", "publication_date", "publisher")
        return [
            {"field": f"metadata.{name}", "messages": ["Missing data for required field."]}
            for name in needed
            if not metadata.get(name)
        ]

    def _entry(self, kept: Kept, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"key": name, "status": "completed" if name in kept.complete else "pending"}
        if name in kept.complete:
            content = kept.files[name] or b""
            entry |= {"size": len(content), "checksum": f"md5:{hashlib.md5(content).hexdigest()}"}
        return entry

    def _told(self, kept: Kept) -> dict[str, Any]:
        place = "records" if kept.is_published else "uploads"
        told: dict[str, Any] = {
            **kept.body,
            "id": kept.record_id,
            "created": f"2026-01-01T00:00:{kept.ordinal:02}.000000+00:00",
            "is_published": kept.is_published,
            "links": {"self_html": f"{self.address}/{place}/{kept.record_id}"},
            "pids": {},
        }
        if kept.is_published:
            doi = f"10.5072/STANDIN.{kept.record_id}"
            told["pids"] = {"doi": {"identifier": doi, "provider": "datacite", "client": "datacite"}}
        elif errors := self._errors(kept):
            told["errors"] = errors
        return told


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that give up are what this is for."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """The stand-in while it listens on loopback; it has ended afterwards."""
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            asked = f"{self.command} {parts.path}"
            found = ((name, re.fullmatch(pattern, asked)) for name, pattern in _OPERATIONS)
            operation, match = next(((name, match) for name, match in found if match), ("", None))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if match is None:
                self._say(404, {"status": 404, "message": "There is nothing here."})
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._say(401, {"status": 401, "message": "The server could not verify that you are authorized."})
            else:
                self._work(operation, tuple(unquote(one) for one in match.groups()), parse_qs(parts.query), body)

        def _work(self, operation: str, parts: tuple[str, ...], query: dict[str, list[str]], body: bytes) -> None:
            fault = state.fault_of(operation)
            if fault == "unheard":
                self._drop()
                return
            if fault == "broken":
                self._say(503, {"status": 503, "message": "Service unavailable."})
                return
            if fault == "slow":
                answer = state.do(operation, parts, query, body)
                time.sleep(state.slow)
                self._say(*answer)
                return
            if fault.isdecimal():
                self._say(int(fault), {"status": int(fault), "message": "As the test wants it."})
                return
            if fault == "garbage":
                self._say(200, "<html>We are down for maintenance</html>")
                return
            status, told = state.do(operation, parts, query, body)
            if fault == "lost":
                self._drop()
            elif fault == "broken after":
                self._say(502, {"status": 502, "message": "Bad gateway."})
            else:
                self._say(status, told)

        def _drop(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _say(self, status: int, told: Any) -> None:
            content = b"" if told is None else told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    server = _Server(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
