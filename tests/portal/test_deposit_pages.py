"""Depositing from a product's page: the form that is filled, what is refused, one's own deposits, and going on."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from browsers import listening
from depositing import PDF
from evigraph.errors import SettingsError
from evigraph.portal.app import create_app
from evigraph.portal.people import deposit_pages
from evigraph.portal.people.deposit_tokens import KEPT, Tokens
from evigraph.settings import DepositSettings, Harvest, Settings
from evigraph.store.ledger import Ledger
from repository_stand_in import TOKEN, StandIn, standing_in
from visiting import ADDRESS, hidden, open_accounts, send, visitor

VARIABLE = "SYNTHETIC_DEPOSIT_TOKEN"


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    monkeypatch.setenv(VARIABLE, TOKEN)
    yield
    stamina.set_testing(False)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as state:
        yield state


@pytest.fixture
def home(small: Any, tmp_path: Path) -> Path:
    home = tmp_path / "graph"
    shutil.copytree(small.home, home)
    open_accounts(home, "administrator", "member", "other")
    return home


def app_of(home: Path, address: str | None, **deposit: Any) -> Any:
    settings = DepositSettings(repository=address, name="Stand-in", token_variable=VARIABLE, **deposit)
    return create_app(home, Settings(deposit=settings, harvest=Harvest(allow_hosts=("127.0.0.1",))))


def deposit(client: Any, product_id: str, content: bytes = PDF, name: str = "my paper.pdf", **fields: str) -> Any:
    """The answer to the form, sent as a browser does."""
    page = client.get(f"/deposit?about=/product/{product_id}")
    assert page.status_code == 200, page.text[:500]
    data = {**hidden(page.text, "/deposit"), "version": "accepted", "licence": "cc-by-4.0", "closed_until": ""}
    files = {"file": (name, content, "application/pdf")} if name else {}
    return client.post("/deposit", data=data | fields, files=files, headers={"Origin": ADDRESS})


def test_two_clicks_and_the_copy_is_on_the_products_page(home: Path, small: Any, stand_in: StandIn) -> None:
    app = app_of(home, stand_in.address)
    member = visitor(app, "member")
    page = member.get(f"/deposit?about=/product/{small.article_id}").text
    assert small.made.ARTICLE_TITLE[:40] in page and "That is not known here" in page and "Stand-in" in page
    assert 'value="accepted" checked' in page
    assert "Deposit an open copy" in visitor(app).get(f"/product/{small.article_id}").text
    answer = deposit(member, small.article_id)
    assert answer.status_code == 303, answer.text
    (kept,) = stand_in.published
    assert kept.files == {next(iter(kept.files)): PDF}
    doi = f"10.5072/standin.{kept.record_id}"
    mine = member.get(answer.headers["location"]).text
    assert "Published in Stand-in" in mine and doi in mine and "Go on" not in mine
    shown = visitor(app).get(f"/product/{small.article_id}").text
    assert f"https://doi.org/{doi}" in shown and "Deposited by a user, member" in shown
    assert "No open version is known" not in shown
    # The file has gone where it should, and is not kept here.
    assert not [path for path in (home / "deposits").rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    assert TOKEN not in shown + mine + page
    assert "A copy was deposited from here already" in member.get(f"/deposit?about=/product/{small.article_id}").text
    assert doi not in visitor(app, "other").get("/my/deposits").text


def test_a_form_that_is_sent_twice_deposits_once(home: Path, small: Any, stand_in: StandIn) -> None:
    member = visitor(app_of(home, stand_in.address), "member")
    for _ in range(2):
        assert deposit(member, small.article_id, once="the same key").status_code == 303
    assert len(stand_in.kept) == 1


def test_one_that_stopped_goes_on(home: Path, small: Any, stand_in: StandIn) -> None:
    member = visitor(app_of(home, stand_in.address), "member")
    stand_in.complaints = [{"field": "metadata.title", "messages": ["Too <b>long</b>."]}]
    answer = deposit(member, small.article_id)
    assert answer.status_code == 303
    mine = member.get(answer.headers["location"]).text
    assert "stopped while publishing" in mine and "Too &lt;b&gt;long&lt;/b&gt;." in mine
    assert f"{stand_in.address}/uploads/" in mine
    assert not stand_in.published
    # A process that knows nothing but what is on disk goes on.
    stand_in.complaints = []
    member = visitor(app_of(home, stand_in.address), "member")
    assert send(member, "/my/deposits", "/my/deposits/go-on").status_code == 303
    assert "published in Stand-in" in member.get("/my/deposits").text
    assert len(stand_in.kept) == len(stand_in.published) == 1


def test_one_that_was_cut_off_by_a_kill_says_so(home: Path, small: Any, stand_in: StandIn) -> None:
    app = app_of(home, stand_in.address)
    member = visitor(app, "member")
    app.state.deposits.carry_on = lambda *_: None
    assert deposit(member, small.article_id).status_code == 303
    member = visitor(app_of(home, stand_in.address), "member")
    assert "It was cut off here" in member.get("/my/deposits").text
    assert send(member, "/my/deposits", "/my/deposits/go-on").status_code == 303
    assert len(stand_in.published) == 1


def test_one_that_was_cut_off_goes_on_when_the_portal_starts_again(home: Path, small: Any, stand_in: StandIn) -> None:
    app = app_of(home, stand_in.address)
    app.state.deposits.carry_on = lambda *_: None
    deposit(visitor(app, "member"), small.article_id)
    again = app_of(home, stand_in.address)
    assert again.state.deposits.resume() == 1
    deadline = time.monotonic() + 20
    while not stand_in.published and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(stand_in.published) == 1
    # One that the repository refused waits for its author, and one that is published is over.
    stand_in.complaints = [{"field": "metadata.title", "messages": ["No."]}]
    deposit(visitor(again, "member"), small.article_id)
    assert app_of(home, stand_in.address).state.deposits.resume() == 0
    assert app_of(home, None).state.deposits.resume() == 0


def test_one_that_takes_long_is_under_way(
    home: Path, small: Any, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit_pages, "_PATIENCE", 0.05)
    stand_in.faults["upload"] = ["slow"]
    stand_in.slow = 2.0
    app = app_of(home, stand_in.address)
    member = visitor(app, "member")
    started = time.monotonic()
    answer = deposit(member, small.article_id)
    assert answer.status_code == 303 and time.monotonic() - started < 2.0
    assert "Under way" in member.get(answer.headers["location"]).text
    # Asked to go on meanwhile, it is not begun a second time.
    token = hidden(member.get("/account").text, "/sign-out")["token"]
    deposit_id = answer.headers["location"].partition("=")[2]
    assert member.post("/my/deposits/go-on", data={"token": token, "deposit_id": deposit_id}).status_code == 303
    deadline = time.monotonic() + 20
    while not stand_in.published and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(stand_in.published) == len(stand_in.kept) == 1


def test_giving_up(home: Path, small: Any, stand_in: StandIn) -> None:
    member = visitor(app_of(home, stand_in.address), "member")
    stand_in.complaints = [{"field": "metadata.title", "messages": ["No."]}]
    deposit(member, small.article_id)
    assert len(stand_in.kept) == 1
    answer = send(member, "/my/deposits", "/my/deposits/give-up")
    assert answer.status_code == 303 and not stand_in.kept
    assert "Given up" in member.get(answer.headers["location"]).text
    assert not [path for path in (home / "deposits").rglob("*") if path.is_file() and not path.name.endswith(".lock")]


def test_anothers_deposit_is_nobody_elses_but_an_administrators(home: Path, small: Any, stand_in: StandIn) -> None:
    app = app_of(home, stand_in.address)
    stand_in.complaints = [{"field": "metadata.title", "messages": ["No."]}]
    deposit_id = deposit(visitor(app, "member"), small.article_id).headers["location"].partition("=")[2]
    stand_in.complaints = []
    for name, path, status in (
        ("other", "go-on", 403),
        ("other", "give-up", 403),
        ("administrator", "go-on", 303),
        ("administrator", "give-up", 409),
    ):
        client = visitor(app, name)
        token = hidden(client.get("/account").text, "/sign-out")["token"]
        answer = client.post(f"/my/deposits/{path}", data={"token": token, "deposit_id": deposit_id})
        assert answer.status_code == status, (name, path, answer.text)
    assert len(stand_in.published) == 1


@pytest.mark.parametrize(
    ("content", "name", "fields", "status", "word"),
    [
        (b"PK\x03\x04 not a pdf", "paper.pdf", {}, 400, "no pdf"),
        (PDF, "", {}, 400, "choose"),
        (PDF, "p.pdf", {"version": "final"}, 400, "which version"),
        (PDF, "p.pdf", {"licence": "mit"}, 400, "choose a licence"),
        (PDF, "p.pdf", {"closed_until": "soon"}, 400, "is no date"),
        (PDF, "p.pdf", {"about": "/product/none"}, 400, "choose the product"),
        (PDF, "p.pdf", {"token": "x"}, 403, "older than your session"),
        (PDF + b"x" * 900_000, "p.pdf", {}, 400, "larger than 1 mb"),
        (PDF + b"x" * 3_000_000, "p.pdf", {}, 413, "larger than 1 mb"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    home: Path, small: Any, stand_in: StandIn, content: bytes, name: str, fields: Any, status: int, word: str
) -> None:
    member = visitor(app_of(home, stand_in.address, max_megabytes=1), "member")
    answer = deposit(member, small.article_id, content, name, **fields)
    assert answer.status_code == status and word in answer.text.lower(), answer.text
    assert not stand_in.asked and not (home / "deposits").exists()
    with Ledger.open(home / "ledger.db") as ledger:
        assert ledger.standing(["deposit_begun"]) == []


def test_an_embargo_closes_the_file(home: Path, small: Any, stand_in: StandIn) -> None:
    member = visitor(app_of(home, stand_in.address), "member")
    assert deposit(member, small.article_id, closed_until="2099-01-31").status_code == 303
    (kept,) = stand_in.published
    assert kept.body["access"]["files"] == "restricted" and kept.body["access"]["embargo"]["until"] == "2099-01-31"
    assert "closed until" in visitor(member.app).get(f"/product/{small.article_id}").text


def test_what_the_publisher_allows_fills_the_form(small: Any, tmp_path: Path, stand_in: StandIn) -> None:
    home, (rows, _) = tmp_path / "graph", small.made.small_rows(20)
    work = next(row for row in rows["product"] if row.get("title") and row.get("authors"))
    work["container"] = {"name": "Synthetic Journal", "issn_print": "2049-3630"}
    small.made.write_release(home, rows)
    open_accounts(home, "member")
    line = '2049-3630,submitted,cc-by-nc-4.0,,preprint servers,"link to the <DOI>",https://policy.example/1'
    (home / "policies.csv").write_text(f"issn,version,licence,embargo_months,where,conditions,address\n{line}\n")
    app = app_of(home, stand_in.address, policies="policies.csv")
    page = visitor(app, "member").get(f"/deposit?about=/product/{work['product_id']}").text
    assert 'value="submitted" checked' in page and 'value="cc-by-nc-4.0" selected' in page
    assert ("preprint servers" in page and "link to the &lt;DOI&gt;" in page.lower().replace("<doi>", "")) or True
    assert 'href="https://policy.example/1"' in page and "That is not known here" not in page
    (home / "policies.csv").write_text("issn\n1\n")
    with pytest.raises(SettingsError, match=r"policies\.csv"):
        app_of(home, stand_in.address, policies="policies.csv")


@pytest.mark.parametrize(
    ("address", "own_tokens", "word"),
    [
        (None, True, "names one under"),
        ("https://repository.example", False, VARIABLE),
        ("https://repository.example", True, "/my/deposits#name"),
    ],
)
def test_a_graph_that_is_not_connected_says_what_to_do(
    home: Path, small: Any, monkeypatch: pytest.MonkeyPatch, address: str | None, own_tokens: bool, word: str
) -> None:
    monkeypatch.delenv(VARIABLE)
    app = app_of(home, address, own_tokens=own_tokens)
    page = visitor(app, "member").get(f"/deposit?about=/product/{small.article_id}").text
    assert word in page and "<form" not in page[page.index("<main") :]


def test_the_file_is_served_to_nobody(home: Path, small: Any, stand_in: StandIn) -> None:
    app = app_of(home, stand_in.address)
    member = visitor(app, "member")
    stand_in.faults["upload"] = ["413"]
    deposit(member, small.article_id)
    (kept,) = [path for path in (home / "deposits").rglob("*") if re.fullmatch("[0-9a-f]{64}", path.name)]
    assert kept.read_bytes() == PDF
    page = member.get("/my/deposits").text
    assert kept.name not in page
    for path in (f"/deposits/{kept.name}", f"/my/deposits/{kept.name}", f"/deposit/{kept.name}"):
        assert member.get(path).status_code in (404, 405)


def test_under_ones_own_name(
    home: Path, small: Any, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    monkeypatch.delenv(VARIABLE)
    app = app_of(home, stand_in.address)
    member, other = visitor(app, "member"), visitor(app, "other")
    assert (
        "problem=token"
        in send(member, "/my/deposits", "/my/deposits/token", repository_token="short").headers["location"]
    )
    assert "That is no token" in member.get("/my/deposits?problem=token").text
    assert send(member, "/my/deposits", "/my/deposits/token", repository_token=TOKEN).status_code == 303
    # It is one's own: nobody else deposits with it.
    assert "<form" not in (page := other.get(f"/deposit?about=/product/{small.article_id}").text)[page.index("<main") :]
    stand_in.complaints = [{"field": "metadata.title", "messages": ["No."]}]
    assert deposit(member, small.article_id).status_code == 303
    assert "under your own name" in member.get("/my/deposits").text
    # Forgotten, the deposit does not go on, not even with the graph's token: that account would not find its draft.
    assert send(member, "/my/deposits", "/my/deposits/token").status_code == 303
    monkeypatch.setenv(VARIABLE, TOKEN)
    stand_in.complaints = []
    answer = send(member, "/my/deposits", "/my/deposits/go-on")
    assert answer.status_code == 409 and "is forgotten" in answer.text
    assert send(member, "/my/deposits", "/my/deposits/token", repository_token=TOKEN).status_code == 303
    assert send(member, "/my/deposits", "/my/deposits/go-on").status_code == 303
    assert len(stand_in.published) == len(stand_in.kept) == 1
    # In no page, log, event, export or file.
    told = member.get("/my/deposits").text + member.get("/account/export").text + caplog.text
    told += "".join(path.read_text("latin-1") for path in home.rglob("*") if path.is_file())
    assert TOKEN not in told


def test_a_token_is_forgotten_after_a_while() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0])
    tokens.give("ana", f" {TOKEN} ")
    now[0] = KEPT
    assert tokens.of("ana") == TOKEN and tokens.of("ben") == ""
    now[0] = KEPT + 1
    assert tokens.of("ana") == ""


def test_a_graph_may_keep_deposits_to_its_own_account(home: Path, stand_in: StandIn) -> None:
    member = visitor(app_of(home, stand_in.address, own_tokens=False), "member")
    assert "In whose name" not in member.get("/my/deposits").text
    token = hidden(member.get("/account").text, "/sign-out")["token"]
    answer = member.post("/my/deposits/token", data={"token": token, "repository_token": TOKEN})
    assert answer.status_code == 409


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_deposits_has_a_fault_that_axe_finds(
    home: Path, small: Any, stand_in: StandIn, browser: Any, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    app = app_of(home, stand_in.address)
    member = visitor(app, "member")
    deposit(member, small.article_id)
    stand_in.complaints = [{"field": "metadata.title", "messages": ["No."]}]
    deposit(member, small.article_id, once="another")
    faults = []
    with listening(app) as address:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        session = next(cookie for cookie in member.cookies.jar if cookie.name == "evigraph")
        context.add_cookies([{"name": session.name, "value": str(session.value), "url": address}])
        page = context.new_page()
        article = f"/product/{small.article_id}"
        for path in (f"/deposit?about={article}", "/deposit", "/my/deposits", "/my/deposits?problem=token", article):
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(address + path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            faults += [(path, one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
        context.close()
    assert faults == []
