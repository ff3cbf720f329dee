"""What people say is shown at once, binds the next run, can be undone, and survives: links, corrections, reports."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from evigraph.cli import app as commands
from evigraph.harvest.payloads import add
from evigraph.model.pid import Pid, id_of
from evigraph.store.ledger import Ledger
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from visiting import open_accounts, portal, send, visitor

DOIS = [f"10.5555/synthetic.{number}" for number in range(30)]
PROJECT = "openaire:corda_____he::0000000000000000000000000000000b"


def evigraph(home: Path, *arguments: str, text: str | None = None) -> Any:
    done = CliRunner().invoke(commands, [*arguments, "--home", str(home)], input=text)
    assert done.exit_code == 0, (done.stdout, done.stderr, done.exception)
    return done.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph of thirty synthetic works, one of them told twice, and one project; run once."""
    folder = tmp_path_factory.mktemp("people")
    home = folder / "home"
    home.mkdir()
    works = synthetic_works(30, seed=11)
    twice = works[2]
    openalex = {
        "id": "https://openalex.org/W42",
        "title": twice["title"][0],
        "display_name": twice["title"][0],
        "doi": f"https://doi.org/{DOIS[2]}",
        "type": "article",
        "publication_year": twice["issued"]["date-parts"][0][0],
    }
    project: dict[str, Any] = {
        "id": PROJECT.removeprefix("openaire:"),
        "code": "999",
        "acronym": "SYN",
        "title": "Synthetic studies",
    }
    project |= {"callIdentifier": "SYN-1", "fundings": [{"shortName": "EC", "name": "European Commission"}]}
    add(home, "crossref", write_lines(folder / "works.jsonl", works))
    add(home, "openalex", write_lines(folder / "openalex.jsonl", [openalex]))
    add(home, "openaire", write_lines(folder / "projects.jsonl", [project]))
    evigraph(home, "run")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    open_accounts(tmp_path / "home", "administrator", "curator", "member", "other")
    return tmp_path / "home"


def product(number: int) -> str:
    return f"/product/{id_of(Pid('doi', DOIS[number]))}"


def claim(client: Any, products: str, kind: str = "project", words: str = "SYN", relation: str = "") -> Any:
    """Links by way of the preview, ticking what is ticked there and what is not known."""
    asked = {"products": products, "target_kind": kind, "target": words, "relation": relation}
    shown = send(client, "/claim", "/claim/preview", **asked)
    assert shown.status_code == 200, shown.text
    form = shown.text[shown.text.index('action="/claim"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    subjects = re.findall(r'name="subject" value="([^"]+)" checked', form)
    target = re.findall(r'name="target_id" value="([^"]+)"', form)[0]
    data = {**fields, "target_id": target, "subject": subjects}
    answer = client.post("/claim", data=data, headers={"Origin": "http://portal.test"})
    assert answer.status_code == 303, answer.text
    return shown, answer, data


def test_links_are_shown_at_once_and_in_the_next_release(home: Path) -> None:
    app = portal(home)
    member, other, curator = visitor(app, "member"), visitor(app, "other"), visitor(app, "curator")
    pasted = (
        f'DOI,title\n"{DOIS[0]}","One, two"\nhttps://doi.org/{DOIS[1].upper()};x\n{DOIS[3]}\n10.5555/not.held\nwords'
    )
    shown, answer, data = claim(member, pasted)
    assert "3 new, 0 linked already, 1 not known" in shown.text.replace("\n", " ")
    assert answer.headers["location"] == "/my/links?done=3"
    # Sent again, as a browser does whose answer was lost: kept once.
    member.post("/claim", data=data, headers={"Origin": "http://portal.test"})
    with Ledger.open(home / "ledger.db") as ledger:
        assert [one.event.kind for one in ledger.standing(["claimed"], in_force=None)] == ["claimed"] * 3
    mine = member.get("/my/links").text
    assert mine.count('class="item"') == 3 and "in the graph from the next run on" in mine
    page = visitor(app).get(product(0)).text
    assert "Linked by users" in page and "Synthetic studies" in page and "member" in page
    asked = {"products": DOIS[0], "target_kind": "project", "target": "999", "relation": ""}
    assert "0 new, 1 linked already" in send(other, "/claim", "/claim/preview", **asked).text
    # Withdrawn by who made it; of another's one may not.
    event_id = re.findall(r'name="event_id" value="([^"]+)"', mine)[0]
    token = re.findall(r'name="token" value="([^"]+)"', other.get("/account").text)[0]
    stolen = other.post("/my/links/withdraw", data={"token": token, "event_id": event_id})
    assert stolen.status_code == 403
    assert send(member, "/my/links", "/my/links/withdraw").status_code == 303
    assert "Linked by users" not in visitor(app).get(product(3)).text
    # One is confirmed, one refused with a reason.
    queue = curator.get("/queue").text
    waiting = re.findall(r'action="/queue/settle".*?name="event_id" value="([^"]+)"', queue, re.S)
    assert len(waiting) == 2
    settle = {"outcome": "refused", "reason": ""}
    assert "say why" in send(curator, "/queue", "/queue/settle", 1, **settle).text.lower()
    assert send(curator, "/queue", "/queue/settle", 1, outcome="refused", reason="not theirs").status_code == 303
    assert send(curator, "/queue", "/queue/settle", 0, outcome="accepted", reason="").status_code == 303
    assert "Linked by users" not in visitor(app).get(product(1)).text
    assert "refused by a curator: not theirs" in member.get("/my/links").text
    evigraph(home, "run")
    release = Release.open(home)
    linked = {
        number: [(row["relation"], row["entity_id"], row["sources"]) for row in release.entities.links_of(row_id)]
        for number, row_id in ((n, id_of(Pid("doi", DOIS[n]))) for n in (0, 1, 3))
    }
    assert linked == {0: [("isProducedBy", PROJECT, ["people"])], 1: [], 3: []}
    page = visitor(app).get(product(0)).text
    assert "confirmed by a curator" in page and "Projects" in page
    assert "linked by a user, in the graph from the next run on" not in page


def test_a_link_between_products_is_a_relation_from_both_ends(home: Path) -> None:
    app = portal(home)
    member = visitor(app, "member")
    _, answer, _ = claim(member, DOIS[4], "product", DOIS[5], "IsSupplementTo")
    assert answer.status_code == 303
    assert "is supplement to" in visitor(app).get(product(5)).text
    evigraph(home, "run")
    release = Release.open(home)
    ends = [id_of(Pid("doi", DOIS[n])) for n in (4, 5)]
    assert release.related_ids(ends[0], "IsSupplementTo") == [ends[1]]
    assert release.related_ids(ends[1], "IsSupplementedBy") == [ends[0]]


def correct(client: Any, number: int, fault: str, **fields: Any) -> Any:
    page = client.get(f"/correct?about={product(number)}").text
    part = page[page.index(f'id="{fault}"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', part[: part.index("</form>")]))
    data = {**hidden, "reason": "looked it up", **fields}
    return client.post("/correct", data=data, headers={"Origin": "http://portal.test"})


def accept(app: Any) -> None:
    curator = visitor(app, "curator")
    while 'action="/queue/settle"' in curator.get("/queue").text:
        assert send(curator, "/queue", "/queue/settle", outcome="accepted").status_code == 303


def test_corrections_bind_the_next_run_and_are_undone(home: Path) -> None:
    app = portal(home)
    member = visitor(app, "member")
    before = Release.open(home).manifest.release_hash
    products = Release.open(home).manifest.counts["products"]
    author = Release.open(home).product(id_of(Pid("doi", DOIS[7])))["authors"][0]["full_name"]  # type: ignore[index]
    sent = [
        correct(member, 2, "wrong_merge", record="openalex:W42"),
        correct(member, 5, "missing_merge", other=DOIS[6]),
        correct(member, 7, "author", author=author, author_name="Right, Ann", author_orcid="0000-0002-1825-0097"),
        correct(member, 8, "type", type="dataset"),
        correct(member, 9, "retraction", notice="10.5555/notice"),
    ]
    assert [answer.status_code for answer in sent] == [303] * 5
    follow = sent[3].headers["location"]
    assert "Waiting for a curator" in visitor(app).get(follow).text
    assert correct(member, 8, "type", type="publication").status_code == 400
    assert correct(member, 2, "wrong_merge").status_code == 400
    # Nothing binds before a curator accepts it.
    evigraph(home, "run")
    assert Release.open(home).manifest.release_hash == before
    accept(app)
    assert "Accepted" in visitor(app).get(follow).text
    evigraph(home, "run")
    release = Release.open(home)
    ids = {n: release.resolve(f"doi:{DOIS[n]}") for n in range(10)}
    row = {n: release.product(str(getattr(found, "product_id", found))) for n, found in ids.items()}
    assert row[2] is not None and "openalex:W42" not in row[2]["record_ids"]
    assert row[5] == row[6]
    assert row[7] is not None and row[7]["authors"][0]["full_name"] == "Right, Ann"
    assert row[7]["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert row[8] is not None and row[8]["type"] == "dataset"
    assert row[9] is not None and row[9]["is_retracted"]
    page = visitor(app).get(product(9)).text
    assert "This work was retracted" in page and "People of this graph" in page
    assert release.manifest.counts["products"] == products
    # Undone as a whole, the graph is what it was.
    curator = visitor(app, "curator")
    while 'action="/queue/undo"' in curator.get("/queue").text:
        assert send(curator, "/queue", "/queue/undo").status_code == 303
    assert "Waiting for a curator" in visitor(app).get(follow).text
    evigraph(home, "run")
    assert Release.open(home).manifest.release_hash == before


def test_an_objection_withholds_a_work_also_after_a_new_harvest(home: Path, tmp_path: Path) -> None:
    app = portal(home)
    before = Release.open(home).manifest
    product_id = id_of(Pid("doi", DOIS[12]))
    row = Release.open(home).product(product_id)
    assert row is not None and row["authors"]
    title, author = row["title"], row["authors"][0]["full_name"]
    sent = correct(visitor(app, "member"), 12, "objection", reason="I never agreed to this.")
    assert sent.status_code == 303
    evigraph(home, "run")
    assert Release.open(home).manifest.release_hash == before.release_hash
    accept(app)
    # The same work comes again, from its source and from another one that has its DOI.
    again = [work for work in synthetic_works(30, seed=11) if work["DOI"] == DOIS[12]]
    again[0]["publisher"] = "Another Synthetic Press"
    told = {"id": "https://openalex.org/W77", "title": title, "display_name": title, "type": "article"}
    told |= {"doi": f"https://doi.org/{DOIS[12]}", "publication_year": 2020}
    told |= {"authorships": [{"author": {"display_name": author}, "raw_author_name": author}]}  # type: ignore[dict-item]
    add(home, "crossref", write_lines(tmp_path / "again.jsonl", again))
    add(home, "openalex", write_lines(tmp_path / "told.jsonl", [told]))
    evigraph(home, "run")
    release = Release.open(home)
    assert release.manifest.counts["products"] == before.counts["products"] - 1
    assert release.product(product_id) is None and release.resolve(f"doi:{DOIS[12]}") is None
    anybody = visitor(app)
    assert anybody.get(product(12)).status_code == 404
    assert product(12) not in anybody.get("/search", params={"q": title}).text
    listed = anybody.get("/oai_pmh?verb=ListRecords&metadataPrefix=oai_dc").text
    assert DOIS[11] in listed and DOIS[12] not in listed
    files = list((home / "releases" / release.manifest.release_id / "tables").glob("*/*.parquet"))
    assert len(files) > 10
    assert [file.parent.name for file in files if title in str(pq.read_table(file).to_pylist())] == []
    # Undone, it is there again.
    curator = visitor(app, "curator")
    assert send(curator, "/queue", "/queue/undo").status_code == 303
    evigraph(home, "run")
    assert Release.open(home).product(product_id) is not None


def test_a_report_can_be_followed_by_anybody(home: Path) -> None:
    app = portal(home)
    anybody = visitor(app)
    assert f"/feedback?about={product(0)}" in anybody.get(product(0)).text
    answer = send(anybody, f"/feedback?about={product(0)}", "/feedback", text="The year is <b>wrong</b>")
    follow = answer.headers["location"]
    told = anybody.get(follow).text
    assert "The year is &lt;b&gt;wrong&lt;/b&gt;" in told and "Waiting for a curator" in told
    assert "a visitor" in told and f"http://portal.test{follow.removesuffix('?new')}" in told
    assert send(anybody, "/feedback?about=//evil.example", "/feedback", text=" ").status_code == 400
    curator = visitor(app, "curator")
    assert "The year is &lt;b&gt;" in curator.get("/queue").text
    done = send(curator, "/queue", "/queue/settle", outcome="accepted", reason="corrected at the source")
    assert done.status_code == 303
    assert "accepted by a curator" in anybody.get(follow).text and "corrected at the source" in anybody.get(follow).text
    assert anybody.get("/reports/00000000-0000-7000-8000-000000000000").status_code == 404


def test_a_backup_brings_everything_back(home: Path, tmp_path: Path) -> None:
    app = portal(home)
    member = visitor(app, "member")
    claim(member, f"{DOIS[0]} and {DOIS[1]}")
    file = tmp_path / "ledger.jsonl.gz"
    assert "6 events and 4 accounts" in evigraph(home, "ledger", "backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    other = tmp_path / "other"
    other.mkdir()
    evigraph(other, "ledger", "restore", str(file))
    assert "6 events" in evigraph(other, "ledger", "verify", "--against", str(file))
    with Ledger.open(home / "ledger.db") as one, Ledger.open(other / "ledger.db") as two:
        assert list(one.events()) == list(two.events())
        assert one.standing(in_force=None) == two.standing(in_force=None)
    listed = json.loads(evigraph(other, "accounts", "list", "--json"))
    assert {account["name"]: account["role"] for account in listed}["curator"] == "curator"
    again = CliRunner().invoke(commands, ["ledger", "restore", str(file), "--home", str(other)])
    assert again.exit_code == 2 and "empty" in again.output
    whole = file.read_bytes()
    for damaged in (whole[:-20], whole[: len(whole) // 2], b"not a backup", b""):
        file.write_bytes(damaged)
        third = CliRunner().invoke(commands, ["ledger", "restore", str(file), "--home", str(tmp_path)])
        assert third.exit_code == 2 and "backup" in third.output, third.output
