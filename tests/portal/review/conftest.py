"""Fixtures: the small review of the method's tests, served to people who work on one machine under names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.portal.review.orders import Orders
from evigraph.portal.review.readings import Readings
from evigraph.portal.review.reservations import Reservations
from evigraph.review.workspace import Workspace
from review import conftest as method
from review.memory_journal import MemoryJournal

LOCAL = "http://127.0.0.1:8000"

#: The people of the method's tests by the names under which they work here.
NAMES = {
    method.LEAD: "Lead (made up)",
    method.ANNA: "Anna (made up)",
    method.BEN: "Ben (made up)",
    method.CLARA: "Clara (made up)",
}

LEAD, ANNA, BEN, CLARA = (account_of(name) for name in NAMES.values())

template = method.template


@dataclass
class OneWorkspace:
    """A desk whose workspace is made already."""

    made: Workspace
    reservations: Reservations = field(default_factory=Reservations)
    orders: Orders = field(default_factory=Orders)
    readings: Readings = field(default_factory=Readings)

    def workspace(self) -> Workspace:
        return self.made


@dataclass
class Served:
    """A review that is served: `get` and `post` as somebody, by the name under which they work."""

    app: Any
    workspace: Workspace
    review_id: str

    def client(self, account: str) -> TestClient:
        """A browser of somebody's."""
        name = {account_of(name): name for name in NAMES.values()}.get(account, account)
        client = TestClient(self.app, base_url=LOCAL, client=("127.0.0.1", 50_000), follow_redirects=False)
        client.cookies.set("works_as", quote(name), domain="127.0.0.1", path="/reviews")
        return client

    def path(self, part: str = "") -> str:
        return f"/reviews/{self.review_id}{f'/{part}' if part else ''}"

    def get(self, account: str, part: str = "", status: int = 200) -> str:
        """The page that somebody sees."""
        answer = self.client(account).get(self.path(part))
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, account: str, part: str, status: int = 303, /, **fields: str) -> str:
        """Where a form that somebody sent leads, or, where it is refused, what the page says."""
        fields = {"token": self.app.state.form_token, **fields}
        answer = self.client(account).post(self.path(part), data=fields)
        assert answer.status_code == status, answer.text
        return answer.headers["location"] if status == 303 else answer.text

    def include(self, n: int) -> list[str]:
        """The first n works, included by both reviewers at both stages."""
        heads = self.heads[:n]
        method.include(self.workspace, self.review_id, heads, (ANNA, BEN))
        return heads

    @property
    def state(self) -> Any:
        """Where the review stands."""
        return self.workspace.state(self.review_id)

    @property
    def heads(self) -> list[str]:
        """The works of the review."""
        return list(self.state.library.groups)


@pytest.fixture
def served(template: tuple[MemoryJournal, Path, str], tmp_path: Path, small: Any) -> Served:
    """The review, served beside the small graph, with everybody under the account of their name."""
    accounts = dict(zip(NAMES, (LEAD, ANNA, BEN, CLARA), strict=True))
    said = [
        replace(
            event,
            actor=accounts.get(event.actor, event.actor),
            subject_l=accounts.get(event.subject_l, event.subject_l),
        )
        for event in template[0].said
    ]
    shutil.copytree(template[1], tmp_path / "reviews")
    workspace = Workspace(MemoryJournal(said), tmp_path / "reviews")
    app = create_app(small.home)
    app.state.reviews = OneWorkspace(workspace)
    return Served(app, workspace, template[2])


@pytest.fixture
def voted(served: Served) -> Callable[..., str]:
    """Lets somebody vote, by title and abstract unless `stage` says otherwise."""

    def vote(account: str, record_id: str, decision: str, **fields: Any) -> str:
        return method.vote(served.workspace, served.review_id, account, record_id, decision, **fields)

    return vote
