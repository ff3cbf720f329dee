"""The pages of accounts: sign up, sign in, sign out, one's own account, and everybody's for an administrator."""

from __future__ import annotations

import logging
import time
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.errors import InputError
from evigraph.portal.people.access import People, people_of
from evigraph.portal.people.forms import form_page
from evigraph.portal.people.gate import form_of
from evigraph.portal.people.visitor import local_path, session_cookie, set_cookie, visitor
from evigraph.portal.serving import OrjsonResponse
from evigraph.store.accounts import LIFETIME, ROLES, Account
from evigraph.store.event import instant_text
from evigraph.store.passwords import SHORTEST

router = APIRouter(include_in_schema=False)

_LOG = logging.getLogger(__name__)

_WRONG = "Name or password is not right."
_CLOSED = "This graph opens accounts by its administrators alone: ask one of them."
_NONE_YET = (
    "This graph has no accounts yet. Whoever runs it opens the first one: evigraph accounts add NAME --role "
    "administrator"
)


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """The form to sign in."""
    if visitor().account is not None:
        return RedirectResponse(local_path(request.query_params.get("next", "")), 303)
    return _entrance(request, "sign_in.html", request.query_params.get("next", ""))


@router.post("/sign-in")
def sign_in(request: Request) -> Response:
    """Begins a session, where name and password are right."""
    people, fields = _people_with_accounts(request), form_of(request)
    name = fields.get("name", "")
    following = local_path(fields.get("next", ""))
    client = request.client.host if request.client else ""
    for rate, key in ((people.by_name, name.strip().casefold()[:200]), (people.by_client, client)):
        left, seconds = rate.take(key, time.time())
        if left < 0:
            _LOG.warning("sign-in from %s held back: too many attempts", client)
            detail = f"Too many attempts to sign in. Try again in {-(-seconds // 60)} minutes."
            raise HTTPException(429, detail, {"Retry-After": str(seconds)})
    token = people.accounts().sign_in(name, fields.get("password", ""), request.cookies.get(session_cookie(people)))
    if token is None:
        _LOG.warning("sign-in from %s refused", client)
        return _entrance(request, "sign_in.html", following, name=name, problem=_WRONG, status=403)
    return _with_session(request, people, token, following)


@router.get("/sign-up")
def sign_up_page(request: Request) -> Response:
    """The form to open an account."""
    if not people_of(request).is_sign_up_open:
        raise HTTPException(403, _CLOSED)
    return _entrance(request, "sign_up.html", request.query_params.get("next", ""))


@router.post("/sign-up")
def sign_up(request: Request) -> Response:
    """Opens an account, and begins its first session."""
    people, fields = _people_with_accounts(request), form_of(request)
    if not people.is_sign_up_open:
        raise HTTPException(403, _CLOSED)
    left, seconds = people.openings.take(request.client.host if request.client else "", time.time())
    if left < 0:
        raise HTTPException(429, "Too many accounts were opened from this address.", {"Retry-After": str(seconds)})
    following = local_path(fields.get("next", ""))
    name, password = fields.get("name", ""), fields.get("password", "")
    try:
        people.accounts().open(
            name, password, email=fields.get("email", ""), shown_name=fields.get("shown_name", "").strip()
        )
    except InputError as error:
        kept = {key: fields.get(key, "") for key in ("name", "shown_name", "email")}
        return _entrance(request, "sign_up.html", following, problem=str(error), status=400, **kept)
    token = people.accounts().sign_in(name, password, request.cookies.get(session_cookie(people)))
    assert token is not None
    return _with_session(request, people, token, following)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Ends the session."""
    people = people_of(request)
    if token := request.cookies.get(session_cookie(people)):
        people.accounts().sign_out(token)
    answer = RedirectResponse("/", 303)
    set_cookie(request, answer, session_cookie(people), "", 0)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/account")
def account_page(request: Request) -> Response:
    """One's own account."""
    return _account(request, said=request.query_params.get("done", ""))


@router.post("/account")
def describe(request: Request) -> Response:
    """Changes what others see, and the address."""
    fields = form_of(request)
    try:
        people_of(request).accounts().describe(_mine(), fields.get("shown_name", ""), fields.get("email", ""))
    except InputError as error:
        return _account(request, problem=str(error), status=400)
    return RedirectResponse("/account?done=described", 303)


@router.post("/account/password")
def change_password(request: Request) -> Response:
    """Changes the password; every other session of the account ends."""
    people, fields = people_of(request), form_of(request)
    left, seconds = people.by_name.take(_mine().name, time.time())
    if left < 0:
        raise HTTPException(429, "Too many attempts. Try again later.", {"Retry-After": str(seconds)})
    try:
        token = people.accounts().change_password(_mine(), fields.get("old", ""), fields.get("new", ""))
    except InputError as error:
        return _account(request, problem=str(error), status=400)
    return _with_session(request, people, token, "/account?done=password")


@router.get("/account/export")
def export(request: Request) -> Response:
    """Everything that this graph holds of the account, as JSON."""
    mine = _mine()
    identity = people_of(request).accounts().identity_of(mine)
    said = people_of(request).ledger().standing(actor=mine.account_id, in_force=None)
    held = {
        "account": {
            "id": mine.account_id,
            "name": mine.name,
            "shown_name": mine.shown_name,
            "email": mine.email,
            "role": mine.role,
            "opened_at": instant_text(mine.opened_at),
            "signs_in_by": None if identity is None else {"issuer": identity.issuer, "subject": identity.subject},
            "orcid": None if identity is None else identity.orcid,
        },
        "said": [
            {
                "id": one.event.event_id,
                "kind": one.event.kind,
                "about": [one.event.subject_l, one.event.subject_r],
                "at": instant_text(one.event.decided_at),
                "reason": one.event.reason,
                "facts": one.event.payload,
                "is_withdrawn": one.state.is_withdrawn,
            }
            for one in said
        ],
    }
    return OrjsonResponse(held, headers={"Content-Disposition": 'attachment; filename="account.json"'})


@router.post("/account/erase")
def erase(request: Request) -> Response:
    """Erases the account; what it said stays, under an id that leads nowhere."""
    people, mine = people_of(request), _mine()
    if people.accounts().has_password(mine):
        left, _ = people.by_name.take(mine.name, time.time())
        token = people.accounts().sign_in(mine.name, form_of(request).get("password", "")) if left >= 0 else None
        if token is None:
            return _account(request, problem="The password is not right: nothing was erased.", status=403)
    elif form_of(request).get("name", "").strip().casefold() != mine.name:
        return _account(request, problem="That is not the name of this account: nothing was erased.", status=403)
    try:
        people.accounts().erase(mine, mine.account_id)
    except InputError as error:
        return _account(request, problem=str(error), status=409)
    answer = RedirectResponse("/", 303)
    set_cookie(request, answer, session_cookie(people), "", 0)
    return answer


@router.get("/accounts")
def accounts_page(request: Request) -> Response:
    """Everybody's accounts, for an administrator."""
    return _accounts(request)


@router.post("/accounts")
def administer(request: Request) -> Response:
    """Gives an account a role, disables it or lets it in again."""
    accounts, fields, by = people_of(request).accounts(), form_of(request), visitor().actor
    account = accounts.of_id(fields.get("account_id", ""))
    if account is None:
        raise HTTPException(404, "There is no such account.")
    try:
        match fields.get("act", ""):
            case "role":
                accounts.give_role(account, fields.get("role", ""), by)
            case "disable":
                accounts.disable(account, by)
            case "enable":
                accounts.enable(account, by)
            case other:
                raise InputError(f"{other!r} cannot be done to an account")
    except InputError as error:
        return _accounts(request, problem=str(error), status=409)
    return RedirectResponse("/accounts", 303)


def _providers(people: People) -> list[tuple[str, str]]:
    """By whom people may sign in: name and label."""
    return [(name, provider.label) for name, provider in people.providers.items()]


def _mine() -> Account:
    account = visitor().account
    assert account is not None
    return account


def _people_with_accounts(request: Request) -> People:
    people = people_of(request)
    if not people.has_accounts():
        raise HTTPException(403, _NONE_YET)
    return people


def _entrance(request: Request, template: str, following: str, status: int = 200, **values: str) -> Response:
    people = people_of(request)
    if not people.has_accounts():
        raise HTTPException(404, _NONE_YET)
    known = dict.fromkeys(("name", "shown_name", "email", "problem"), "") | values
    return form_page(
        request,
        template,
        status,
        following=local_path(following),
        shortest=SHORTEST,
        is_sign_up_open=people.is_sign_up_open,
        providers=_providers(people),
        **known,
    )


def _with_session(request: Request, people: People, token: str, following: str) -> Response:
    answer = RedirectResponse(following, 303)
    set_cookie(request, answer, session_cookie(people), token, int(LIFETIME.total_seconds()))
    return answer


def _account(request: Request, said: str = "", problem: str = "", status: int = 200) -> Response:
    people, mine = people_of(request), _mine()
    return form_page(
        request,
        "account.html",
        status,
        account=mine,
        said=said,
        problem=problem,
        shortest=SHORTEST,
        providers=_providers(people),
        identity=people.accounts().identity_of(mine),
        has_password=people.accounts().has_password(mine),
    )


def _accounts(request: Request, problem: str = "", status: int = 200) -> Response:
    listed: list[Any] = people_of(request).accounts().all()
    return form_page(request, "accounts.html", status, accounts=listed, roles=ROLES, problem=problem)
