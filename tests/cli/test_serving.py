"""How the portal listens."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn

from evigraph.cli.serving import serve_portal


def test_answers_do_not_wait_to_be_acknowledged(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """asyncio switches Nagle's algorithm off only on sockets whose protocol is named."""
    from evigraph.cli import serving

    listening: list[socket.socket] = []

    def run(_server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        listening.extend(sockets)

    served = SimpleNamespace(manifest=SimpleNamespace(release_id="r"))
    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(serving.Release, "open", lambda _home: served)
    serve_portal(tmp_path, "127.0.0.1", 0)
    [listener] = listening
    with listener, socket.create_connection(listener.getsockname()) as client:
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP and client.fileno() > 0
