"""The pages of open pairs: who may use them, what they show, and that a decision is an event that can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.portal.app import create_app
from evigraph.store.ledger import Ledger

LOCAL = "http://127.0.0.1"


@pytest.fixture
def home(graph_with_pairs: Callable[[Path], Path], tmp_path: Path) -> Path:
    return graph_with_pairs(tmp_path / "graph")


@pytest.fixture
def local(home: Path) -> TestClient:
    return TestClient(create_app(home), base_url=LOCAL, client=("127.0.0.1", 50_000), follow_redirects=False)


def form_of(html: str, **fields: str) -> dict[str, str]:
    """The hidden fields of the form that decides, and what is filled in."""
    form = html[html.index('id="decide"') : html.index("</form>", html.index('id="decide"'))]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    return {**hidden, "actor": "A. Librarian", "reason": "", **fields}


def events(home: Path) -> list[Any]:
    with Ledger.open(home / "ledger.db") as ledger:
        return list(ledger.events())


def test_reading_makes_no_ledger(local: TestClient, home: Path) -> None:
    for path in ("/open-pairs", "/open-pairs/1", "/"):
        assert local.get(path).status_code == 200
    assert not (home / "ledger.db").exists()


def test_the_list_and_a_pair_show_what_waits(local: TestClient) -> None:
    text = local.get("/open-pairs").text
    assert "3 pairs" in text and 'href="/open-pairs/1"' in text
    pair = local.get("/open-pairs/1").text
    assert not re.search(r"<(script>|img|svg|b>other)", pair.replace('<svg class="icon"', ""))
    assert "&lt;" in pair and "&lt;b&gt;other" in pair
    assert "only left" in pair or "only right" in pair
    assert '<mark class="differs">' in pair
    assert local.get("/open-pairs/4").status_code == 404
    assert local.get("/open-pairs/0").status_code == 404
    assert local.get("/open-pairs/x").status_code == 400


def test_a_decision_is_an_event_shown_at_once_and_undone(local: TestClient, home: Path) -> None:
    first = local.get("/open-pairs/1").text
    answer = local.post("/open-pairs/1", data=form_of(first, kind="same", reason="read both"))
    assert answer.status_code == 303
    event, *more = events(home)
    assert not more
    assert (event.kind, event.actor, event.reason) == ("same", "A. Librarian", "read both")
    assert answer.headers["location"] == f"/open-pairs/2?done={event.event_id}&of=1"
    shown = local.get(answer.headers["location"]).text
    assert "Kept:" in shown and 'id="undo"' in shown and "1 decided" in shown
    assert 'value="A. Librarian"' in shown
    # On the pair, on the list, and on the product's own pages.
    assert "the same work" in local.get("/open-pairs/1").text
    assert "Decided: the same work, by A. Librarian" in local.get("/open-pairs").text
    product_id = re.search(r'href="(/product/[^"]+)">its product', first)
    assert product_id is not None
    for part in ("", "/why"):
        assert "Decided since this release" in local.get(product_id[1] + part).text
    undo = {"token": form_of(first)["token"], "event_id": event.event_id, "actor": "A. Librarian"}
    undone = local.post("/open-pairs/1/undo", data=undo)
    assert (undone.status_code, undone.headers["location"]) == (303, "/open-pairs/1?undone")
    assert [each.kind for each in events(home)] == ["same", "withdrawn"]
    assert "Undone" in local.get("/open-pairs/1?undone").text
    assert "Decided since this release" not in local.get(product_id[1]).text
    assert local.post("/open-pairs/1/undo", data=undo).status_code == 409


def test_the_last_pair_leads_to_the_first_that_waits(local: TestClient) -> None:
    token_page = local.get("/open-pairs/3").text
    assert (
        local.post("/open-pairs/3", data=form_of(token_page, kind="different"))
        .headers["location"]
        .startswith("/open-pairs/1?")
    )
    for place in (1, 2):
        text = local.get(f"/open-pairs/{place}").text
        answer = local.post(f"/open-pairs/{place}", data=form_of(text, kind="same"))
    assert answer.headers["location"].startswith("/open-pairs/2?")
    assert "All are decided" in local.get("/open-pairs").text
    assert 'id="skip"' not in local.get("/open-pairs/2").text


def change_of(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda fields: {**fields, name: "other"}


@pytest.mark.parametrize(
    ("headers", "change", "status"),
    [
        ({"origin": "http://evil.example"}, dict, 403),
        ({"origin": "null"}, dict, 403),
        ({"origin": "https://127.0.0.1"}, dict, 403),
        ({"sec-fetch-site": "cross-site"}, dict, 403),
        ({"sec-fetch-site": "same-site"}, dict, 403),
        ({"host": "evil.example"}, dict, 403),
        ({"x-forwarded-for": "203.0.113.9"}, dict, 403),
        ({}, change_of("token"), 403),
        ({}, change_of("left"), 409),
        ({}, change_of("kind"), 400),
        ({}, lambda fields: {**fields, "reason": "x" * 20_000}, 413),
    ],
)
def test_what_did_not_come_from_a_page_here_is_not_done(
    local: TestClient,
    home: Path,
    headers: dict[str, str],
    change: Callable[[dict[str, str]], dict[str, str]],
    status: int,
) -> None:
    fields = change(form_of(local.get("/open-pairs/1").text, kind="same"))
    assert local.post("/open-pairs/1", data=fields, headers=headers).status_code == status
    assert not (home / "ledger.db").exists() or events(home) == []


def test_a_page_of_here_may(local: TestClient, home: Path) -> None:
    fields = form_of(local.get("/open-pairs/1").text, kind="different")
    headers = {"origin": LOCAL, "sec-fetch-site": "same-origin"}
    assert local.post("/open-pairs/1", data=fields, headers=headers).status_code == 303
    assert [event.kind for event in events(home)] == ["different"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "127.0.0.2"])
def test_names_of_this_machine(local: TestClient, host: str) -> None:
    assert local.get("/open-pairs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("client", "host"),
    [
        ("192.0.2.7", "127.0.0.1"),
        ("203.0.113.1", "localhost"),
        ("127.0.0.1", "graph.example.org"),
        ("127.0.0.1", "localhost.evil.example"),
        ("127.0.0.1", "0.0.0.0"),
        ("testclient", "127.0.0.1"),
        ("2001:db8::1", "[::1]"),
    ],
)
def test_others_are_refused(home: Path, client: str, host: str) -> None:
    elsewhere = TestClient(create_app(home), client=(client, 50_000), headers={"host": host})
    for path in ("/open-pairs", "/open-pairs/1"):
        answer = elsewhere.get(path)
        assert answer.status_code == 403
        assert "at the machine that serves" in answer.text
    assert elsewhere.post("/open-pairs/1", data={}).status_code == 403
    # What only tells is for everybody.
    assert elsewhere.get("/about").status_code == 200


def test_a_release_without_pairs_says_what_would_fill_the_page(small: Any) -> None:
    local = TestClient(create_app(small.home), base_url=LOCAL, client=("127.0.0.1", 50_000))
    text = local.get("/open-pairs").text
    assert "No pair waits" in text and "Pairs appear here when" in text
