"""The gate that every request passes: who asks, whether they may, whether a form comes from a page of ours."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from evigraph.portal.people.access import people_of
from evigraph.portal.people.gates import gate_of
from evigraph.portal.people.visitor import VISITOR, Visitor, visitor_of
from evigraph.portal.people.visitor import visitor as visitor_now

_SAFE = ("GET", "HEAD", "OPTIONS")

_NO_ROLE = "Your account may not do this: it needs the role of a {role}. An administrator of this graph can give it."
_LOCAL = "Decisions are made at the machine that serves this graph until there are accounts: open this page there."


class SignInNeededError(Exception):
    """A page was asked for that needs an account; `address` leads to where one signs in."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def gate(request: Request) -> None:
    """Nothing, if whoever asks may; the fields of a form are then in `form_of(request)`.

    Raises:
        HTTPException: 403, they may not, or the form was not sent by a page of this portal; 413, it is too large.
        SignInNeededError: they have to sign in for that.
    """
    path, is_safe = request.scope["route"].path, request.method in _SAFE
    needed = gate_of(request.method, path)
    if needed is None:
        raise HTTPException(403, "Nobody may change anything at this address.")
    visitor = await run_in_threadpool(visitor_of, request)
    VISITOR.set(visitor)
    if needed.role is None:
        return
    if not is_safe:
        _refuse_foreign(request)
        # A form with files is read by its route, which has `check_token` to call.
        if not (needed.takes_files and request.headers.get("content-type", "").startswith("multipart/form-data")):
            fields = await _fields(request, needed.max_bytes)
            check_token(fields)
            request.state.form = fields
    if not visitor.may(needed.role) or (needed.needs_account and visitor.account is None):
        _refuse(request, visitor, needed.role, is_safe)


def form_of(request: Request) -> Mapping[str, str]:
    """The fields of the form that was sent; of several with one name the last.

    Raises:
        HTTPException: 400, files were sent to a route that takes none.
    """
    fields: Mapping[str, str] | None = getattr(request.state, "form", None)
    if fields is None:
        raise HTTPException(400, "This form takes no files: go back and send it again.")
    return fields


def check_token(fields: Mapping[str, str]) -> None:
    """Nothing, if a form carries the token of whoever sent it.

    Raises:
        HTTPException: 403, it does not.
    """
    token = visitor_now().token
    if not token or not secrets.compare_digest(fields.get("token", "").encode(), token.encode()):
        raise HTTPException(
            403, "This form is older than your session, and nothing was done: go back and load the page again."
        )


def all_of(request: Request, name: str) -> list[str]:
    """Every value of a field that may be there many times, such as boxes that were ticked."""
    pairs: list[tuple[str, str]] = request.state.form_pairs
    return [value for key, value in pairs if key == name]


def _refuse(request: Request, visitor: Visitor, role: str, is_safe: bool) -> None:
    if visitor.offers_sign_in and not visitor.actor:
        if is_safe:
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            raise SignInNeededError(f"/sign-in?next={quote(asked, safe='')}")
        raise HTTPException(403, "Sign in first: nothing was done.")
    raise HTTPException(403, _NO_ROLE.format(role=role) if visitor.actor else _LOCAL)


def _refuse_foreign(request: Request) -> None:
    """Nothing, if the browser says that a page of this portal sent the form, or does not say who did."""
    own = {f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if address := people_of(request).address:
        parts = urlsplit(address)
        own.add(f"{parts.scheme}://{parts.netloc}")
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin not in (None, *own) or site not in (None, "same-origin"):
        raise HTTPException(403, "This was sent by a page of another site, and was not done.")


async def _fields(request: Request, limit: int) -> Mapping[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise HTTPException(413, f"The form is too large: at most {limit // 1024} KiB are taken at once.")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    request.state.form_pairs = pairs
    return dict(pairs)
