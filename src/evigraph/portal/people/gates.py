"""What each route asks of whoever calls it: the one place where that is said.

A route that changes something and is not named here is refused to everybody. A page that is not named is open to
everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from evigraph.store.accounts import ADMINISTRATOR, CURATOR, MEMBER, READER

#: A form with a few fields is far smaller.
_FORM = 16_384

#: Some thousand pasted identifiers.
_LIST = 524_288


@dataclass(frozen=True)
class Gate:
    """The role that a route needs, and the largest form that it takes. With no `role`, programs may read by it.

    `needs_account` says that even a graph on one's own machine has to have accounts for it;
    `takes_files`, that some of its forms bring files, which their routes read, bound and check by themselves.
    """

    role: str | None
    max_bytes: int = _FORM
    needs_account: bool = False
    takes_files: bool = False


#: By method and path of the route.
GATES: dict[tuple[str, str], Gate] = {
    # Programs that ask by POST; they change nothing.
    ("POST", "/oai_pmh"): Gate(None),
    ("POST", "/oai"): Gate(None),
    ("POST", "/mcp"): Gate(None),
    # Accounts.
    ("POST", "/sign-up"): Gate(READER),
    ("POST", "/sign-in"): Gate(READER),
    ("POST", "/sign-out"): Gate(READER),
    ("POST", "/sign-in/with/{name}"): Gate(READER),
    ("GET", "/account"): Gate(READER, needs_account=True),
    ("POST", "/account"): Gate(READER, needs_account=True),
    ("POST", "/account/password"): Gate(READER, needs_account=True),
    ("GET", "/account/export"): Gate(READER, needs_account=True),
    ("POST", "/account/erase"): Gate(READER, needs_account=True),
    ("GET", "/accounts"): Gate(ADMINISTRATOR, needs_account=True),
    ("POST", "/accounts"): Gate(ADMINISTRATOR, needs_account=True),
    # Links.
    ("GET", "/claim"): Gate(MEMBER),
    ("POST", "/claim/preview"): Gate(MEMBER, _LIST),
    ("POST", "/claim"): Gate(MEMBER, _LIST),
    ("GET", "/my/links"): Gate(MEMBER),
    ("POST", "/my/links/withdraw"): Gate(MEMBER),
    # Deposits.
    ("GET", "/deposit"): Gate(MEMBER),
    ("POST", "/deposit"): Gate(MEMBER, takes_files=True),
    ("GET", "/my/deposits"): Gate(MEMBER),
    ("POST", "/my/deposits/token"): Gate(MEMBER),
    ("POST", "/my/deposits/go-on"): Gate(MEMBER),
    ("POST", "/my/deposits/give-up"): Gate(MEMBER),
    # Corrections and reports.
    ("GET", "/correct"): Gate(MEMBER),
    ("POST", "/correct"): Gate(MEMBER),
    ("POST", "/feedback"): Gate(READER),
    ("GET", "/queue"): Gate(CURATOR),
    ("POST", "/queue/settle"): Gate(CURATOR),
    ("POST", "/queue/undo"): Gate(CURATOR),
    # Pairs that wait for a person.
    ("GET", "/open-pairs"): Gate(CURATOR),
    ("GET", "/open-pairs/{place}"): Gate(CURATOR),
    ("POST", "/open-pairs/{place}"): Gate(CURATOR),
    ("POST", "/open-pairs/{place}/undo"): Gate(CURATOR),
}

#: Rooms of which every route asks the same; who may do what within a review is for its team to say.
ROOMS: dict[str, Gate] = {"/reviews": Gate(MEMBER, 400_000, takes_files=True)}

_SAFE = ("GET", "HEAD", "OPTIONS")


def gate_of(method: str, path: str) -> Gate | None:
    """What a route asks for; None: nobody may."""
    named = GATES.get((method, path))
    room = next((gate for start, gate in ROOMS.items() if path == start or path.startswith(f"{start}/")), None)
    return named or room or (Gate(None) if method in _SAFE else None)
