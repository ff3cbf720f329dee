"""Who may decide until there are accounts: people at the machine that serves, through a page of this server."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException, Request

#: What a proxy adds: behind one, every client seems to be at this machine.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

#: A form with two ids, a name and a reason is far smaller.
MAX_FORM_BYTES = 16_384

_REFUSED = "Decisions are made at the machine that serves this graph until there are accounts: open this page there."


def new_token() -> str:
    """A token for the forms of one server process."""
    return secrets.token_urlsafe(32)


def require_local(request: Request) -> None:
    """Nothing, if the request comes from this machine and was addressed to it by a name of its own.

    A page of another site that gives itself this machine's address (DNS rebinding) still sends its own name.

    Raises:
        HTTPException: 403, it comes from elsewhere.
    """
    client = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not _is_loopback(client) or not _is_loopback(host) or any(name in request.headers for name in _OF_PROXIES):
        raise HTTPException(403, _REFUSED)


def require_own_page(request: Request) -> None:
    """Nothing, if the request comes from this machine and, as far as the browser says, from a page of this server.

    Raises:
        HTTPException: 403, it comes from elsewhere.
    """
    require_local(request)
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    origin = request.headers.get("origin")
    if origin not in (None, own) or request.headers.get("sec-fetch-site") not in (None, "same-origin"):
        raise HTTPException(403, "This was sent by a page of another site, and was not done.")


def check_token(request: Request, fields: Mapping[str, str]) -> None:
    """Nothing, if a form carries the token of this server process.

    Raises:
        HTTPException: 403, it does not.
    """
    if not secrets.compare_digest(fields.get("token", "").encode(), request.app.state.form_token.encode()):
        raise HTTPException(
            403, "This page is older than the server that answers it, and nothing was done: go back and load it again."
        )


async def local_form(request: Request, max_bytes: int = MAX_FORM_BYTES) -> Mapping[str, str]:
    """The fields of a form of at most `max_bytes` that a page of this server sent from this machine.

    Raises:
        HTTPException: 403, it came from elsewhere or without this server's token; 413, it is too large.
    """
    require_own_page(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise HTTPException(413, "The form is too large: keep the reason short.")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    check_token(request, fields)
    return fields


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
