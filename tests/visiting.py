"""Visitors of a portal in tests: who signs in, and the forms that they send as a browser would."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from evigraph.portal.app import create_app
from evigraph.store.accounts import ROLES, Accounts
from evigraph.store.ledger import Ledger

#: One for all: it takes a tenth of a second to check it.
PASSWORD = "a synthetic pass phrase"

ADDRESS = "http://portal.test"


def open_accounts(home: Path, *names: str) -> dict[str, str]:
    """The ids of accounts, by name: `member` has the role member, and so on; other names are members."""
    with Ledger.open(home / "ledger.db") as ledger:
        accounts = Accounts(ledger)
        return {
            name: accounts.open(name, PASSWORD, name if name in ROLES else "member", by="operator").account_id
            for name in names
        }


def visitor(app: Any, name: str | None = None) -> TestClient:
    """A client that keeps its own cookies, signed in by name."""
    client = TestClient(app, base_url=ADDRESS, follow_redirects=False)
    if name is not None:
        answer = send(client, "/sign-in", "/sign-in", name=name, password=PASSWORD)
        assert answer.status_code == 303, answer.text
    return client


def portal(home: Path) -> Any:
    """The application over a graph."""
    return create_app(home)


def hidden(html: str, action: str, nth: int = 0) -> dict[str, str]:
    """The hidden fields of a page's form that goes to `action`."""
    forms = re.findall(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.S)
    assert len(forms) > nth, f"the page has no form to {action}"
    pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', forms[nth])
    return {name: unescape(value) for name, value in pairs}


def send(client: TestClient, page: str, action: str, nth: int = 0, **fields: Any) -> Any:
    """The answer to a form of a page, filled in and sent."""
    shown = client.get(page)
    assert shown.status_code == 200, (page, shown.status_code, shown.text[:300])
    return client.post(action, data={**hidden(shown.text, action, nth), **fields}, headers={"Origin": ADDRESS})
