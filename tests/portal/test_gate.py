"""Who may do what: the table of roles and routes, and that nothing is changed without the token of one's own page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from evigraph.portal.people.gates import GATES, ROOMS, Gate, gate_of
from evigraph.store.accounts import READER, ROLES
from visiting import ADDRESS, hidden, open_accounts, portal, visitor

SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture(scope="module")
def home(graph_with_pairs: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = graph_with_pairs(tmp_path_factory.mktemp("gate") / "graph")
    open_accounts(home, *ROLES)
    return home


@pytest.fixture(scope="module")
def app(home: Path) -> Any:
    return portal(home)


@pytest.fixture(scope="module")
def clients(app: Any) -> dict[str | None, TestClient]:
    return {None: visitor(app), **{role: visitor(app, role) for role in ROLES}}


def routes(app: Any) -> list[tuple[str, str]]:
    """Every method and path of the application, from its own table, other than static files."""
    found = []

    def walk(entries: list[BaseRoute]) -> None:
        for route in entries:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                walk(inner.routes)
            elif getattr(route, "methods", None):
                found.extend((method, route.path) for method in route.methods)  # type: ignore[attr-defined]

    walk(app.routes)
    return found


#: Of rooms, one page and one form stand for all.
_OF_ROOMS: dict[tuple[str, str], Gate] = {
    (method, start): gate for start, gate in ROOMS.items() for method in ("GET", "POST")
}
ASKED = GATES | _OF_ROOMS
CHANGING = [key for key, gate in ASKED.items() if key[0] not in SAFE and gate.role is not None]

#: Open to everybody who has an account, or wants one; `test_account_pages` tries them.
OF_ACCOUNTS = ("/sign-out", "/account/password", "/account/erase", "/sign-in", "/sign-up")
PAGES = [key for key, gate in ASKED.items() if key[0] in SAFE and gate.role is not None]


def filled(path: str) -> str:
    return path.replace("{place}", "1")


def test_the_table_names_routes_that_are_there_and_every_one_that_changes_something(app: Any) -> None:
    there = set(routes(app))
    assert len(there) > 60
    assert set(ASKED) <= there
    assert [key for key in there if gate_of(*key) is None] == []
    # What programs may ask by POST is a list of its own, and short.
    assert {path for (_, path), gate in GATES.items() if gate.role is None} == {"/oai", "/oai_pmh", "/mcp"}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_a_changing_route_refuses_a_lower_role(clients: dict[str | None, TestClient], role: str | None) -> None:
    client = clients[role]
    token = hidden(client.get("/account" if role else "/sign-in").text, "/sign-out" if role else "/sign-in")["token"]
    for method, path in CHANGING:
        if path in OF_ACCOUNTS:
            continue
        gate, before = ASKED[method, path], events(client)
        answer = client.request(method, filled(path), data={"token": token}, headers={"Origin": ADDRESS})
        may = role is not None and ROLES.index(role) >= ROLES.index(gate.role or READER)
        may = may or (gate.role == READER and not gate.needs_account)
        # Who may is told what the empty form lacks.
        assert (answer.status_code == 403) == (not may), (path, answer.text[:500])
        assert may or events(client) == before


@pytest.mark.parametrize("fault", ["no token", "another token", "another site", "a site within", "another's token"])
def test_a_changing_route_refuses_what_no_page_of_ours_sent(clients: dict[str | None, TestClient], fault: str) -> None:
    client = clients["administrator"]
    token = hidden(client.get("/account").text, "/sign-out")["token"]
    foreign = hidden(clients["member"].get("/account").text, "/sign-out")["token"]
    data = {"token": {"no token": "", "another token": "x" * 64, "another's token": foreign}.get(fault, token)}
    headers = {"Origin": "https://evil.example" if fault == "another site" else ADDRESS}
    if fault == "a site within":
        headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-site"}
    before = events(client)
    for method, path in CHANGING:
        answer = client.request(method, filled(path), data=data if data["token"] else {}, headers=headers)
        assert answer.status_code == 403, (path, answer.text[:500])
        assert ("another site" in answer.text) == (fault in ("another site", "a site within"))
    assert events(client) == before
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("method", "path"), PAGES)
def test_a_page_that_is_not_for_everybody(
    clients: dict[str | None, TestClient], small: Any, method: str, path: str, role: str | None
) -> None:
    gate = ASKED[method, path]
    query = f"?about=/product/{small.article_id}" if path in ("/claim", "/correct") else ""
    answer = clients[role].request(method, filled(path) + query)
    if role is None:
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
    elif ROLES.index(role) >= ROLES.index(gate.role or READER):
        # The graph with pairs is a smaller one: its article may not be there.
        assert answer.status_code == 200 or (path == "/correct" and answer.status_code == 404)
    else:
        assert answer.status_code == 403 and "role" in answer.text


def test_a_route_that_nobody_named_is_refused(app: Any, clients: dict[str | None, TestClient]) -> None:
    client = clients["administrator"]
    assert client.post("/about").status_code == 405
    for (method, path), gate in GATES.items():
        if gate.role is not None and method == "POST":
            assert client.put(filled(path)).status_code == 405


def test_a_form_that_is_too_large_is_refused(clients: dict[str | None, TestClient]) -> None:
    client = clients["member"]
    token = hidden(client.get("/account").text, "/sign-out")["token"]
    data = {"token": token, "products": "x" * 600_000}
    assert client.post("/claim/preview", data=data, headers={"Origin": ADDRESS}).status_code == 413
    data = {"token": token, "text": "x" * 20_000}
    assert client.post("/feedback", data=data, headers={"Origin": ADDRESS}).status_code == 413


@pytest.fixture(scope="module")
def review(clients: dict[str | None, TestClient]) -> str:
    """A review of the administrator's, so that every route of the room has something to change."""
    client = clients["administrator"]
    token = hidden(client.get("/account").text, "/sign-out")["token"]
    sent = client.post("/reviews", data={"token": token, "title": "A synthetic review"}, headers={"Origin": ADDRESS})
    found = re.search(r"/reviews/([^/?#]+)", sent.headers["location"])
    assert sent.status_code == 303 and found is not None
    return found[1]


def of_rooms(app: Any, review: str) -> list[str]:
    """The address of every changing route of the rooms, in that review."""
    paths = {path for method, path in routes(app) if method not in SAFE and path.startswith(tuple(ROOMS))}
    assert len(paths) > 20
    return sorted(re.sub(r"\{[^}]+\}", "title", path.replace("{review_id}", review)) for path in paths)


@pytest.mark.parametrize(
    "fault", ["no token", "another's token", "another site", "a site within", *ROLES[:1], "nobody"]
)
@pytest.mark.parametrize("is_with_files", [False, True])
def test_every_route_of_a_room_refuses_and_changes_nothing(
    app: Any, clients: dict[str | None, TestClient], review: str, fault: str, is_with_files: bool
) -> None:
    """A missing or another's token, a foreign origin, a lower role: as a plain form and as one that brings a file."""
    role = {ROLES[0]: ROLES[0], "nobody": None}.get(fault, "administrator")
    client = clients[role]
    token = hidden(client.get("/account" if role else "/sign-in").text, "/sign-out" if role else "/sign-in")["token"]
    foreign = hidden(clients["member"].get("/account").text, "/sign-out")["token"]
    headers = {"Origin": "https://evil.example" if fault == "another site" else ADDRESS}
    if fault == "a site within":
        headers["Sec-Fetch-Site"] = "same-site"
    data = {} if fault == "no token" else {"token": foreign if fault == "another's token" else token}
    files = {"file": ("a.txt", b"a text", "text/plain")} if is_with_files else None
    before = events(client)
    for path in of_rooms(app, review):
        answer = client.post(path, data=data, files=files, headers=headers)
        # A form with a file is refused as such where the route takes none.
        assert answer.status_code == 403 or (is_with_files and answer.status_code == 400), (path, answer.status_code)
    assert events(client) == before


def events(client: TestClient) -> int:
    app: Any = client.app
    number: int = app.state.people.ledger().head()[0]
    return number
