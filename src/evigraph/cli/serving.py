"""The portal served by uvicorn."""

from __future__ import annotations

import socket
from pathlib import Path

import uvicorn

from evigraph.cli.terminal import out
from evigraph.errors import InputError
from evigraph.portal.app import create_app
from evigraph.settings import load_settings
from evigraph.store.release import Release


def serve_portal(home: Path, host: str, port: int) -> None:
    """Serves the portal of the graph in `home` until it is interrupted; says the address first.

    Raises:
        ReleaseError: there is no release to serve.
        InputError: the address cannot be listened on.
    """
    release_id = Release.open(home).manifest.release_id
    app = create_app(home, load_settings(home))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named since asyncio sends an answer's parts at once only on sockets that it knows to be of TCP:
    # else the second part of each answer waits forty milliseconds for the first to be acknowledged.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Listening before the address is told, so that whoever reads it can connect at once.
        listener.listen(128)
    except OSError as error:
        raise InputError(f"cannot listen on {host}:{port} ({error.strerror}): choose another with --port") from error
    shown_host = f"[{host}]" if ":" in host else host
    out.print(f"serving release {release_id} at http://{shown_host}:{listener.getsockname()[1]}/  (Ctrl+C ends it)")
    app.state.deposits.resume()
    config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listener])
