"""Who asks: somebody signed in, anybody, or, in a graph without accounts, whoever sits at its machine."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from fastapi import Request
from fastapi.responses import Response

from evigraph.portal.local_only import is_local
from evigraph.portal.people.access import People, people_of
from evigraph.store.accounts import ADMINISTRATOR, CURATOR, MEMBER, READER, ROLES, Account

_DAY = 24 * 3600

#: Where a graph without accounts remembers the name that one decides under.
ACTOR_COOKIE = "decides_as"
USUAL_ACTOR = "operator"


@dataclass(frozen=True)
class Visitor:
    """Whoever asks. `actor` is what the ledger will name; empty for somebody who is not signed in.

    `offers_sign_in` says whether one can sign in here at all.
    """

    role: str = READER
    actor: str = ""
    shown_name: str = ""
    account: Account | None = None
    is_local: bool = False
    offers_sign_in: bool = False
    token: str = ""

    def may(self, role: str) -> bool:
        """Whether what is open to `role` is open to this visitor."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def is_invited(self) -> bool:
        """Whether a page should offer to add something: to who may, and to who may after signing in."""
        return self.may(MEMBER) or (self.offers_sign_in and self.account is None)

    @property
    def is_curator(self) -> bool:
        """Whether a page should lead to what waits for a curator."""
        return self.may(CURATOR)


#: Who asks for the page that is being made; set for each request by the gate.
VISITOR: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def visitor() -> Visitor:
    """Who asks for the page that is being made."""
    return VISITOR.get() or Visitor()


def visitor_of(request: Request) -> Visitor:
    """Who sent this request. Looks into the ledger only where a cookie, or the absence of accounts, asks for it."""
    people = people_of(request)
    visit = request.cookies.get(_visit_cookie(people), "")
    token = form_token(visit) if visit else ""
    if not people.has_accounts():
        if not is_local(request):
            return Visitor(token=token)
        name = unquote(request.cookies.get(ACTOR_COOKIE, "")).strip()[:80] or USUAL_ACTOR
        return Visitor(ADMINISTRATOR, name, name, is_local=True, token=request.app.state.form_token)
    session = request.cookies.get(session_cookie(people))
    account = people.accounts().signed_in(session) if session else None
    if session and account is not None:
        return Visitor(account.role, account.account_id, account.shown_name, account, False, True, form_token(session))
    return Visitor(offers_sign_in=True, token=token)


def form_token(secret: str) -> str:
    """The token that forms carry: only who holds the cookie can know it, and it does not give the cookie away."""
    return hmac.new(secret.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def session_cookie(people: People) -> str:
    """The name of the cookie of a session. Over https a page of a neighbouring host cannot set it."""
    return "__Host-evigraph" if people.is_https else "evigraph"


def _visit_cookie(people: People) -> str:
    return "__Host-evigraph-visit" if people.is_https else "evigraph-visit"


def prepare_form(request: Request) -> tuple[str, str]:
    """The token of a form for whoever asks, and what has to be remembered of them for it (empty: nothing)."""
    if (known := visitor()).token:
        return known.token, ""
    visit = secrets.token_urlsafe(24)
    return form_token(visit), visit


def remember_visit(request: Request, answer: Response, visit: str) -> None:
    """Remembers who was given a form, until the browser is closed or a day has passed."""
    if visit:
        set_cookie(request, answer, _visit_cookie(people_of(request)), visit, _DAY)


def set_cookie(request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
    """Sets a cookie that scripts cannot read and other sites' forms do not send."""
    is_https = people_of(request).is_https
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_https, path="/")


def local_path(text: str, otherwise: str = "/") -> str:
    """A path within this portal, for going on to; anything else is `otherwise`."""
    parts = urlsplit(text) if text.isprintable() and "\\" not in text else None
    if parts is None or parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return otherwise
    return text
