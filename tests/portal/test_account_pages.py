"""Accounts on the portal: opened, signed in, kept safe, ended; what a password may be; how often one may try."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evigraph.portal.app import create_app
from evigraph.settings import PortalSettings, Settings
from evigraph.store.accounts import IDLE, LIFETIME
from visiting import ADDRESS, PASSWORD, hidden, open_accounts, portal, send, visitor

STRONG = "another synthetic phrase"


@pytest.fixture
def home(small: Any, tmp_path: Path) -> Path:
    """A graph of one's own: a copy, since accounts lie in its folder."""
    home = tmp_path / "graph"
    shutil.copytree(small.home, home)
    open_accounts(home, "administrator", "member")
    return home


def test_signing_up_in_and_out(home: Path) -> None:
    client = visitor(portal(home))
    assert "Sign in" in client.get("/").text
    answer = send(client, "/sign-up?next=/about", "/sign-up", name="Ana.Q", password=STRONG, shown_name="Ana", email="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/about")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Secure" not in cookie
    assert ">Ana</a>" in client.get("/").text
    account = client.get("/account")
    assert account.headers["cache-control"] == "no-store" and "ana.q" in account.text
    assert send(client, "/account", "/sign-out").status_code == 303
    assert client.get("/account").status_code == 303
    assert send(client, "/sign-in", "/sign-in", name=" ANA.Q ", password=STRONG).status_code == 303
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("name", "password", "word"),
    [
        ("ana", "short", "at least 10"),
        ("ana", "x" * 201, "at most 200"),
        ("ana", "Password123", "commonest"),
        ("ana", "qwertyuiop12", "commonest"),
        ("ana", "aaaaaaaaaaaa", "easy to guess"),
        ("anastasia", "anastasia1999", "easy to guess"),
        ("member", STRONG, "taken"),
        ("a b", STRONG, "3 to 60 letters"),
        ("an", STRONG, "3 to 60 letters"),
    ],
)
def test_a_name_or_password_that_will_not_do_is_told(home: Path, name: str, password: str, word: str) -> None:
    answer = send(visitor(portal(home)), "/sign-up", "/sign-up", name=name, password=password, email="")
    assert answer.status_code == 400 and word in answer.text
    assert password not in answer.text


def test_a_wrong_password_and_a_name_that_is_nobodys_look_alike(home: Path) -> None:
    client = visitor(portal(home))
    answers = [
        send(client, "/sign-in", "/sign-in", name=name, password="a wrong pass phrase") for name in ("member", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("Name or password is not right" in answer.text for answer in answers)


def test_trying_many_passwords_is_held_back(home: Path) -> None:
    app = portal(home)
    app.state.people.by_name.quota = 3
    client = visitor(app)
    statuses = [send(client, "/sign-in", "/sign-in", name="member", password=f"guess {n}") for n in range(5)]
    assert [answer.status_code for answer in statuses] == [403, 403, 403, 429, 429]
    assert int(statuses[-1].headers["retry-after"]) > 0
    # The right one waits too: who guesses must not learn it by its being let in.
    assert send(client, "/sign-in", "/sign-in", name="member", password=PASSWORD).status_code == 429
    assert send(client, "/sign-in", "/sign-in", name="administrator", password=PASSWORD).status_code == 303


def test_a_session_is_new_at_each_sign_in_and_the_old_one_ends(home: Path) -> None:
    app = portal(home)
    client = visitor(app, "member")
    first = client.cookies["evigraph"]
    page = hidden(visitor(app).get("/sign-in").text, "/sign-in")
    assert page["token"]
    token = hidden(client.get("/account").text, "/sign-out")["token"]
    data = {"token": token, "name": "member", "password": PASSWORD, "next": ""}
    assert client.post("/sign-in", data=data, headers={"Origin": ADDRESS}).status_code == 303
    assert client.cookies["evigraph"] != first
    other = visitor(app)
    other.cookies.set("evigraph", first)
    assert other.get("/account").status_code == 303


def test_sessions_end_by_themselves(home: Path) -> None:
    app = portal(home)
    accounts = app.state.people.accounts()
    now = datetime.now(UTC)
    token = accounts.sign_in("member", PASSWORD)
    assert accounts.signed_in(token, now + IDLE - timedelta(minutes=1)) is not None
    # It was used, so it goes on.
    assert accounts.signed_in(token, now + 2 * IDLE - timedelta(minutes=10)) is not None
    assert accounts.signed_in(token, now + 3 * IDLE) is None
    assert accounts.signed_in(token, now) is None
    token = accounts.sign_in("member", PASSWORD)
    at = now
    while at < now + LIFETIME - IDLE:
        at += IDLE / 2
        assert accounts.signed_in(token, at) is not None
    assert accounts.signed_in(token, now + LIFETIME + timedelta(seconds=1)) is None


def test_a_changed_password_ends_other_sessions(home: Path) -> None:
    app = portal(home)
    here, there = visitor(app, "member"), visitor(app, "member")
    wrong = send(here, "/account", "/account/password", old="not the password", new=STRONG)
    assert wrong.status_code == 400 and there.get("/account").status_code == 200
    assert send(here, "/account", "/account/password", old=PASSWORD, new=STRONG).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert app.state.people.accounts().sign_in("member", PASSWORD) is None


def test_an_administrator_gives_roles_and_disables_and_stays(home: Path) -> None:
    app = portal(home)
    boss, member = visitor(app, "administrator"), visitor(app, "member")
    ids = {account.name: account.account_id for account in app.state.people.accounts().all()}
    assert member.get("/queue").status_code == 403
    give = {"account_id": ids["member"], "act": "role", "role": "curator"}
    assert send(boss, "/accounts", "/accounts", **give).status_code == 303
    # The role is new, so is the session.
    assert member.get("/account").status_code == 303
    member = visitor(app, "member")
    assert member.get("/queue").status_code == 200
    assert send(boss, "/accounts", "/accounts", account_id=ids["member"], act="disable").status_code == 303
    assert member.get("/account").status_code == 303
    assert app.state.people.accounts().sign_in("member", PASSWORD) is None
    for act in ({"act": "disable"}, {"act": "role", "role": "reader"}):
        answer = send(boss, "/accounts", "/accounts", account_id=ids["administrator"], **act)
        assert answer.status_code == 409 and "only administrator" in answer.text
    told = [event.kind for event in app.state.people.ledger().events()]
    assert told == ["account_opened", "account_opened", "role_given", "account_disabled"]


def test_what_is_held_can_be_taken_away_and_erased(home: Path) -> None:
    app = portal(home)
    client = visitor(app, "member")
    held = client.get("/account/export").json()
    assert held["account"]["name"] == "member" and held["said"] == []
    assert send(client, "/account", "/account/erase", password="not the password").status_code == 403
    assert send(client, "/account", "/account/erase", password=PASSWORD).status_code == 303
    assert app.state.people.accounts().sign_in("member", PASSWORD) is None
    assert app.state.people.shown_names({held["account"]["id"]}) == {held["account"]["id"]: "a former member"}
    app.state.people.ledger().verify()


def test_over_https_cookies_are_secure_and_bound_to_the_host(home: Path) -> None:
    settings = Settings(portal=PortalSettings(address="https://graph.example.org"))
    client = visitor(create_app(home, settings))
    page = client.get("/sign-in")
    assert "__Host-evigraph-visit=" in page.headers["set-cookie"] and "Secure" in page.headers["set-cookie"]
    assert page.headers["strict-transport-security"].startswith("max-age=")


def test_sign_up_can_be_closed(home: Path) -> None:
    client = visitor(create_app(home, Settings(portal=PortalSettings(sign_up=False))))
    assert client.get("/sign-up").status_code == 403
    assert 'href="/sign-up' not in client.get("/sign-in").text
    token = hidden(client.get("/sign-in").text, "/sign-in")["token"]
    data = {"token": token, "name": "ana", "password": STRONG}
    assert client.post("/sign-up", data=data, headers={"Origin": ADDRESS}).status_code == 403


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_signing_in_leads_nowhere_else(home: Path, following: str) -> None:
    client = visitor(portal(home))
    token = hidden(client.get("/sign-in").text, "/sign-in")["token"]
    data = {"token": token, "name": "member", "password": PASSWORD, "next": following}
    answer = client.post("/sign-in", data=data, headers={"Origin": ADDRESS})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
