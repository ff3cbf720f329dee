"""Works that the graph does not hold: looked up at the registries, linked, and in the next release with their link."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from evigraph.cli import app as commands
from evigraph.harvest.payloads import PayloadWriter, add, payloads
from evigraph.model.pid import Pid, id_of
from evigraph.net.client import Client
from evigraph.portal.people import registries
from evigraph.store.ledger import Ledger
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from visiting import ADDRESS, open_accounts, portal, send, visitor

HELD, OF_CROSSREF, OF_DATACITE, OF_NOBODY = (f"10.5555/{name}" for name in ("synthetic.0", "a<b>(1)", "data", "none"))
ORCID = "0000-0002-1825-0097"


def crossref(doi: str) -> dict[str, Any]:
    title = "A synthetic work with <i>marks</i>"
    return {
        "status": "ok",
        "message-type": "work",
        "message": {"DOI": doi, "title": [title], "type": "journal-article", "issued": {"date-parts": [[2021, 3]]}},
    }


def datacite(doi: str) -> dict[str, Any]:
    attributes = {
        "doi": doi,
        "titles": [{"title": "Synthetic measurements"}],
        "publicationYear": 2022,
        "types": {"resourceTypeGeneral": "Dataset"},
        "state": "findable",
    }
    return {"data": {"id": doi, "type": "dois", "attributes": attributes}}


class Internet:
    """Stands in for the three hosts; `asked` is what they were asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: dict[str, Any] = {
            f"api.crossref.org/works/{OF_CROSSREF}": crossref(OF_CROSSREF),
            f"api.datacite.org/dois/{OF_DATACITE}": datacite(OF_DATACITE),
        }
        self.is_silent = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if self.is_silent:
            raise httpx2.ConnectError("no network")
        told = self.answers.get(f"{request.url.host}{request.url.path}")
        return httpx2.Response(404 if told is None else 200, json=told or {"errors": []})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    project: dict[str, Any] = {"id": "corda_____he::0000000000000000000000000000000b", "code": "999", "acronym": "SYN"}
    project |= {"title": "Synthetic studies", "callIdentifier": "SYN-1"}
    project |= {"fundings": [{"shortName": "EC", "name": "European Commission"}]}
    add(home, "crossref", write_lines(tmp_path / "works.jsonl", synthetic_works(5, seed=3)))
    add(home, "openaire", write_lines(tmp_path / "projects.jsonl", [project]))
    run(home)
    open_accounts(home, "member", "curator")
    return home


def run(home: Path) -> None:
    done = CliRunner().invoke(commands, ["run", "--home", str(home)])
    assert done.exit_code == 0, done.output


def asking(home: Path, internet: Callable[[httpx2.Request], httpx2.Response]) -> Any:
    """The portal, whose registries are the stand-in's."""
    app = portal(home)
    asked = app.state.registries
    asked.ask_by(Client(asked.policy, transport=httpx2.MockTransport(internet), sleep=lambda _: None))
    return app


def preview(client: Any, pasted: str) -> str:
    answer = send(client, "/claim", "/claim/preview", products=pasted, target_kind="project", target="SYN", relation="")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def link(client: Any, shown: str) -> Any:
    form = shown[shown.index('action="/claim"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    subjects = [
        one.replace("&lt;", "<").replace("&gt;", ">") for one in re.findall(r'subject" value="([^"]+)" ch', form)
    ]
    data = {**fields, "target_id": re.findall(r'target_id" value="([^"]+)"', form)[0], "subject": subjects}
    return client.post("/claim", data=data, headers={"Origin": ADDRESS})


def test_what_registries_know_is_linked_and_comes_with_the_next_run(home: Path) -> None:
    internet = Internet()
    app = asking(home, internet)
    member = visitor(app, "member")
    shown = preview(member, f"{HELD}\n{OF_CROSSREF}\n{OF_DATACITE}\n{OF_NOBODY}")
    assert "1 new, 0 linked already, 1 not known to this graph. Registries know 2 more." in shown
    assert "A synthetic work with marks" in shown and "2021 · Crossref · not in this graph yet" in shown
    assert "Synthetic measurements" in shown and "2022 · DataCite" in shown
    assert all("evigraph/" in asked.headers["user-agent"] for asked in internet.asked)
    n_before, n_asked = len(payloads(home)), len(internet.asked)
    assert link(member, shown).headers["location"] == "/my/links?done=3"
    # What the preview brought is not asked for again; the answers are kept byte for byte, each once.
    assert len(internet.asked) == n_asked
    new = {payload.source: payload for payload in payloads(home) if payload.name.endswith(".json")}
    assert len(payloads(home)) == n_before + 2
    assert json.loads(new["crossref"].path.read_bytes()) == crossref(OF_CROSSREF)
    assert new["datacite"].origin == "https://api.datacite.org/dois/10.5555%2Fdata?affiliation=true&publisher=true"
    run(home)
    release = Release.open(home)
    for doi, source in ((OF_CROSSREF, "crossref"), (OF_DATACITE, "datacite")):
        product_id = id_of(Pid("doi", doi))
        product = release.product(product_id)
        assert product is not None and product["record_ids"] == [f"{source}:{doi}"]
        linked = release.entities.links_of(product_id)
        assert [(row["relation"], row["sources"]) for row in linked] == [("isProducedBy", ["people"])]
    page = member.get(f"/product/{id_of(Pid('doi', OF_DATACITE))}").text
    assert "Synthetic measurements" in page and "Linked by users" in page
    assert "3 linked already" in preview(member, f"{HELD}\n{OF_CROSSREF}\n{OF_DATACITE}")


def test_an_orcid_record_brings_what_the_graph_does_not_hold(home: Path) -> None:
    internet = Internet()

    def listed(doi: str, relationship: str, kind: str = "doi") -> dict[str, Any]:
        one = {"external-id-type": kind, "external-id-value": doi, "external-id-relationship": relationship}
        return {"work-summary": [{"external-ids": {"external-id": [one]}}]}

    works = [listed(f"https://doi.org/{OF_CROSSREF.upper()}", "self"), listed(HELD, "self")]
    works += [listed("10.5555/book", "part-of"), listed("x", "self", "isbn"), {"work-summary": None}]
    internet.answers[f"pub.orcid.org/v3.0/{ORCID}/works"] = {"group": works}
    member = visitor(asking(home, internet), "member")
    shown = preview(member, ORCID)
    assert "1 new, 0 linked already, 0 not known to this graph. Registries know 1 more." in shown
    assert link(member, shown).headers["location"] == "/my/links?done=2"


def test_a_preview_is_bounded_and_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    internet = Internet()
    member = visitor(asking(home, internet), "member")
    pasted = "\n".join(f"10.5555/many.{number}" for number in range(60))
    assert "The first 20 were looked up" in preview(member, pasted)
    assert len(internet.asked) == 2 * registries.AT_ONCE
    # A host that cannot be reached is asked once, and the page is shown without it.
    internet.asked.clear()
    internet.is_silent = True
    assert "could not be asked: try again later" in preview(member, pasted)
    assert len(internet.asked) == 2
    internet.is_silent = False
    monkeypatch.setattr(registries, "LONGEST", -1.0)
    internet.asked.clear()
    assert "and was ended" in preview(member, pasted) and not internet.asked


@pytest.mark.parametrize("fault", ["another DOI", "no title", "no JSON", "too large"])
def test_an_odd_answer_is_no_work(home: Path, fault: str) -> None:
    told = crossref("10.5555/other" if fault == "another DOI" else OF_CROSSREF)
    if fault == "no title":
        told["message"]["title"] = []
    content = b"<html>" if fault == "no JSON" else json.dumps(told).encode()
    content += b" " * (17 * 2**20) if fault == "too large" else b""

    def odd(request: httpx2.Request) -> httpx2.Response:
        is_crossref = request.url.host == "api.crossref.org"
        return httpx2.Response(200, content=content) if is_crossref else httpx2.Response(404)

    shown = preview(visitor(asking(home, odd), "member"), OF_CROSSREF)
    assert "1 not known to this graph. " not in shown and "1 not known to this graph." in shown


def test_while_the_graph_harvests_nothing_is_kept_and_one_is_told(home: Path) -> None:
    member = visitor(asking(home, Internet()), "member")
    shown = preview(member, f"{HELD}\n{OF_CROSSREF}")
    with PayloadWriter(home, "crossref"):
        answer = link(member, shown)
    assert answer.status_code == 503 and "Nothing was kept" in answer.text and "harvesting" in answer.text
    with Ledger.open(home / "ledger.db") as ledger:
        assert ledger.standing(["claimed"]) == []
    assert link(member, shown).status_code == 303


def test_without_settings_nobody_is_asked(home: Path) -> None:
    member = visitor(portal(home), "member")
    assert "1 not known to this graph" in preview(member, OF_CROSSREF)
