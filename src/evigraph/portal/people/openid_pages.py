"""Signing in by another provider: away to it, and back with its word; linking one's account to it."""

from __future__ import annotations

import logging
import time

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.errors import InputError
from evigraph.portal.people.access import People, people_of
from evigraph.portal.people.openid import PATIENCE, Flow, Provider
from evigraph.portal.people.visitor import local_path, session_cookie, set_cookie, visitor
from evigraph.store.accounts import LIFETIME

router = APIRouter(include_in_schema=False)

_LOG = logging.getLogger(__name__)

_STALE = "This sign-in is too old, or was begun in another browser: begin it again."


@router.post("/sign-in/with/{name}")
def begin(request: Request, name: str) -> Response:
    """Leads to the provider; of somebody who is signed in, to link their account to it."""
    people, provider = _provider(request, name)
    client = request.client.host if request.client else ""
    left, seconds = people.by_client.take(client, time.time())
    if left < 0:
        raise HTTPException(429, "Too many attempts to sign in. Try again later.", {"Retry-After": str(seconds)})
    me, form = visitor(), request.state.form
    following = local_path(form.get("next", ""), "/account" if me.account else "/")
    try:
        address, flow = provider.begin(_back(request, name), following, me.account.account_id if me.account else "")
    except InputError as error:
        raise HTTPException(502, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    answer = RedirectResponse(address, 303)
    set_cookie(request, answer, _flow_cookie(people), flow.to_cookie(), PATIENCE)
    return answer


@router.get("/sign-in/with/{name}")
def back(request: Request, name: str) -> Response:
    """Where the provider leads back to: begins a session, or links the account."""
    people, provider = _provider(request, name)
    flow = Flow.of_cookie(request.cookies.get(_flow_cookie(people), ""))
    if flow is None or flow.provider != name:
        raise HTTPException(403, _STALE)
    me = visitor().account
    try:
        identity = provider.finish(request.query_params, flow, _back(request, name))
        if flow.account_id:
            if me is None or me.account_id != flow.account_id:
                raise HTTPException(403, _STALE)
            people.accounts().link(me, identity)
            answer = RedirectResponse("/account?done=linked", 303)
        else:
            old = request.cookies.get(session_cookie(people))
            token = people.accounts().sign_in_as(identity, old, may_open=people.is_sign_up_open)
            answer = RedirectResponse(local_path(flow.following), 303)
            set_cookie(request, answer, session_cookie(people), token, int(LIFETIME.total_seconds()))
    except InputError as error:
        _LOG.warning("sign-in by %s refused: %s", name, error)
        raise HTTPException(403, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    # A code is taken once, and so is what this browser remembered of it.
    set_cookie(request, answer, _flow_cookie(people), "", 0)
    return answer


def _provider(request: Request, name: str) -> tuple[People, Provider]:
    people = people_of(request)
    provider = people.providers.get(name)
    if provider is None or not people.has_accounts():
        raise HTTPException(404, "This graph knows no such way to sign in.")
    return people, provider


def _back(request: Request, name: str) -> str:
    """The address that the provider leads back to, as it is registered there."""
    people = people_of(request)
    base = people.address or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{base}/sign-in/with/{name}"


def _flow_cookie(people: People) -> str:
    return "__Host-evigraph-flow" if people.is_https else "evigraph-flow"
