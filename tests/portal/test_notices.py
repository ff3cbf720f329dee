"""The operator is told what is reported: signed, by mail, once the other side takes it, also after a restart."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evigraph.portal.app import create_app
from evigraph.portal.people import notices
from evigraph.settings import Settings
from visiting import open_accounts, send, visitor

SECRET = "a synthetic secret"


class Hook(ThreadingHTTPServer):
    """A webhook on the loopback that answers `status` after `delay` seconds."""

    def __init__(self) -> None:
        self.status, self.delay = 200, 0.0
        self.taken: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.delay)
        self.server.taken.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keeps quiet."""


class Post(socketserver.ThreadingTCPServer):
    """An SMTP server on the loopback that takes every letter (RFC 5321, the few commands that it needs)."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.certificate: Path | None = None
        self.n_secured = 0
        super().__init__(("127.0.0.1", 0), _Postman)


class _Postman(socketserver.StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        self.wfile.write(b"220 synthetic\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"STAR" and self.server.certificate:
                self.wfile.write(b"220 go on\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.server.certificate)
                with contextlib.suppress(OSError):
                    self.server.n_secured += bool(context.wrap_socket(self.request, server_side=True))
                return
            if word == b"EHLO" and self.server.certificate:
                self.wfile.write(b"250-synthetic\r\n250 STARTTLS\r\n")
                continue
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(letter.decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def home(small: Any, tmp_path: Path) -> Path:
    """A graph of its own: the small one's release without its ledger."""
    home = tmp_path / "graph"
    home.mkdir()
    for name in ("releases", "current"):
        (home / name).symlink_to(small.home / name)
    open_accounts(home, "curator")
    return home


def settings(**notice: Any) -> Settings:
    portal = {"address": "https://graph.example.org"}
    return Settings(notices=notice, harvest={"allow_hosts": ("127.0.0.1",)}, portal=portal)  # type: ignore[arg-type]


def report(app: Any, text: str) -> str:
    client = visitor(app)
    client.base_url = "https://graph.example.org"  # type: ignore[assignment]
    page = client.get("/feedback?about=/").text
    token = page.split('name="token" value="')[1].split('"')[0]
    once = page.split('name="once" value="')[1].split('"')[0]
    data = {"token": token, "once": once, "about": "/", "text": text}
    answer = client.post("/feedback", data=data, headers={"Origin": "https://graph.example.org"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).split("/")[-1].removesuffix("?new")


def until(condition: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_a_report_is_posted_signed_and_no_page_waits(home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIGRAPH_WEBHOOK_SECRET", SECRET)
    hook.delay = 1.5
    app = create_app(home, settings(webhook=f"http://127.0.0.1:{hook.server_port}/hook"))
    began = time.monotonic()
    event_id = report(app, "Früher war <b>mehr</b>")
    assert time.monotonic() - began < 1.4
    until(lambda: hook.taken)
    app.state.notices.stop()
    headers, body = hook.taken[0]
    told = json.loads(body)
    assert told["event_id"] == event_id and told["text"] == "Früher war <b>mehr</b>" and told["about"] == "/"
    assert told["address"] == f"https://graph.example.org/reports/{event_id}"
    signed = headers["X-Evigraph-Timestamp"].encode() + b"." + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Evigraph-Signature"] == f"sha256={digest}"
    assert abs(int(headers["X-Evigraph-Timestamp"]) - time.time()) < 60


def test_what_was_not_taken_is_tried_again_after_a_restart_and_then_told_once(
    home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAUSES", (0.1, 0.1, 0.1, 60.0))
    hook.status = 503
    asked = settings(webhook=f"http://127.0.0.1:{hook.server_port}/hook")
    app = create_app(home, asked)
    first = report(app, "one")
    until(lambda: len(hook.taken) >= 2)
    app.state.notices.stop()
    hook.status = 200
    hook.taken.clear()
    app = create_app(home, asked)
    app.state.notices._clock = lambda: 4e9
    second = report(app, "two")
    until(lambda: len(hook.taken) >= 2)
    time.sleep(0.3)
    app.state.notices.stop()
    assert [json.loads(body)["event_id"] for _, body in hook.taken] == [first, second]


def test_attempts_are_bounded_and_the_next_report_has_its_turn(
    home: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "PAUSES", (0.05, 0.05))
    hook.status = 500
    app = create_app(home, settings(webhook=f"http://127.0.0.1:{hook.server_port}/hook"))
    first = report(app, "never taken")
    until(lambda: len(hook.taken) == 3)
    time.sleep(0.5)
    assert len(hook.taken) == 3
    hook.status = 200
    second = report(app, "taken")
    until(lambda: len(hook.taken) == 4)
    app.state.notices.stop()
    assert [json.loads(body)["event_id"] for _, body in hook.taken] == [first, first, first, second]


def test_a_report_is_mailed(home: Path, post: Post) -> None:
    host, port = post.server_address[:2]
    mail = {"email": "library@example.org", "smtp_host": host, "smtp_port": port, "smtp_security": "none"}
    app = create_app(home, settings(**mail))
    event_id = report(app, "The year is wrong\r\nBcc: everybody@example.org")
    until(lambda: post.letters)
    app.state.notices.stop()
    head, _, text = post.letters[0].partition("\r\n\r\n")
    assert "To: library@example.org" in head and "Bcc" not in head
    assert "The year is wrong" in text and f"https://graph.example.org/reports/{event_id}" in text


def test_a_server_of_mail_that_cannot_prove_its_name_is_told_nothing(home: Path, post: Post, tmp_path: Path) -> None:
    post.certificate = tmp_path / "own.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody.example"]
    subprocess.run([*asked, "-keyout", "own.pem", "-out", "own.crt"], cwd=tmp_path, check=True, capture_output=True)
    with post.certificate.open("a") as file:
        file.write((tmp_path / "own.crt").read_text())
    host, port = post.server_address[:2]
    app = create_app(home, settings(email="library@example.org", smtp_host=host, smtp_port=port))
    report(app, "one")
    until(lambda: json.loads((home / "notices.json").read_text())["email"]["n_failed"] > 0)
    app.state.notices.stop()
    assert post.letters == [] and post.n_secured == 0


def test_a_private_address_is_not_called_unless_it_is_allowed(home: Path, hook: Hook) -> None:
    asked = Settings(notices={"webhook": f"http://127.0.0.1:{hook.server_port}/"})  # type: ignore[arg-type]
    app = create_app(home, asked)
    send(visitor(app), "/feedback?about=/", "/feedback", text="one")
    until(lambda: json.loads((home / "notices.json").read_text())["webhook"]["n_failed"] > 0)
    app.state.notices.stop()
    assert hook.taken == []


def test_without_a_channel_nothing_runs(home: Path) -> None:
    app = create_app(home, settings())
    report(app, "one")
    assert app.state.notices._thread is None and not (home / "notices.json").exists()
