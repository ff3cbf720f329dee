"""Who may decide in a graph without accounts: people at the machine that serves it."""

from __future__ import annotations

import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

#: What a proxy adds: behind one, every client seems to be at this machine.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def new_token() -> str:
    """A token for the forms of one server process."""
    return secrets.token_urlsafe(32)


def is_local(request: Request) -> bool:
    """Whether the request comes from this machine and was addressed to it by a name of its own.

    A page of another site that gives itself this machine's address (DNS rebinding) still sends its own name.
    """
    client = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(client) and _is_loopback(host) and not any(name in request.headers for name in _OF_PROXIES)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
