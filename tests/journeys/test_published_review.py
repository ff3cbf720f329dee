"""A review that is published becomes a work of the graph at the next run, and leaves it when that is undone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from evigraph import pipeline
from evigraph.errors import InputError
from evigraph.harvest.payloads import add, payloads
from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.review.journal import LedgerJournal
from evigraph.review.kinds import Member, ProtocolSet, StageRule, Vote
from evigraph.review.on_graph import platform
from evigraph.review.protocol import STAGES, Criterion, Protocol
from evigraph.review.publication.draft import draft, suggested
from evigraph.review.publication.kinds import Publication, PublishedAuthor
from evigraph.review.searches import SearchRun
from evigraph.review.synthesis.kinds import Bears, Finding, Theme
from evigraph.review.workspace import Workspace
from evigraph.settings import Settings
from evigraph.store.ledger import Ledger
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines

LEAD = account_of("Lea (made up)")
TITLE = "Synthetic review of three synthetic works"
INCLUDED = ("10.5555/synthetic.1", "10.5555/synthetic.2", "10.5555/synthetic.3")


class Published:
    """A graph's folder with a review that includes three of its works, its workspace and its ledger."""

    def __init__(self, graph: Path, folder: Path, *, is_illustration: bool = False) -> None:
        self.home = folder / "home"
        shutil.copytree(graph, self.home)
        self.ledger = Ledger.open(self.home / "ledger.db")
        self.workspace = Workspace(LedgerJournal(self.ledger), self.home / "reviews")
        self.review = self.workspace.open_review(TITLE, LEAD, "Lea (made up)", is_illustration=is_illustration)
        self.say(
            self.review,
            ProtocolSet(
                Protocol(TITLE, question="What is synthetic?", criteria=(Criterion("all", "include", "anything"),))
            ),
        )
        self.say("title_abstract", StageRule(n_votes=1, is_ranked=False))
        self.say("full_text", StageRule(n_votes=1))
        release = Release.open(self.home)
        wanted = [release.resolve(doi) for doi in INCLUDED]
        products = [release.product(one) for one in wanted if isinstance(one, str)]
        ids = [record for product in products if product is not None for record in product["record_ids"]]
        rows = release.records(ids)
        run = SearchRun("", "This graph", platform=platform(release), n_reported=len(rows))
        self.workspace.import_rows(self.review, LEAD, self.workspace.search(self.review, LEAD, run), rows)
        for head in self.state.library.groups:
            for stage in STAGES:
                self.say(head, Vote(stage, "include"))

    @property
    def state(self) -> Any:
        return self.workspace.state(self.review)

    def say(self, subject: str, payload: Any) -> str:
        return self.workspace.say(self.review, LEAD, subject, payload)

    def run(self) -> Any:
        return pipeline.run(self.home, Settings())

    def draft(self, **changes: Any) -> Publication:
        words = replace(
            suggested(self.state, "2026-12-01"), abstract="All of it is synthetic.", language="eng", **changes
        )
        return draft(self.state, words)

    def publish(self, **changes: Any) -> str:
        return self.say(self.review, self.draft(**changes))

    def client(self) -> TestClient:
        address = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 50_000)}
        client = TestClient(create_app(self.home), follow_redirects=False, **address)  # type: ignore[arg-type]
        client.cookies.set("works_as", quote("Lea (made up)"), domain="127.0.0.1", path="/reviews")
        return client

    def product(self, version: int = 1) -> dict[str, Any] | None:
        """The product of a version in the served release."""
        release = Release.open(self.home)
        found = release.resolve(f"reviews:{self.review}.v{version}")
        return release.product(found) if isinstance(found, str) else None

    def relations(self, relation: str) -> set[str]:
        """What the review is linked to by a relation, and says so itself."""
        release, product = Release.open(self.home), self.product()
        assert product is not None
        rows = pq.read_table(release.folder / "tables" / "relation").to_pylist()
        return {
            row["target_id"]
            for row in rows
            if row["source_id"] == product["product_id"] and row["relation"] == relation and "reviews" in row["sources"]
        }


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic")
    home = folder / "home"
    home.mkdir()
    add(home, "crossref", write_lines(folder / "works.jsonl", synthetic_works(30, seed=5)))
    pipeline.run(home, Settings())
    return home


@pytest.fixture
def made(graph: Path, tmp_path: Path) -> Published:
    return Published(graph, tmp_path)


def included_products(home: Path) -> set[str | object]:
    release = Release.open(home)
    return {release.resolve(doi) for doi in INCLUDED}


def test_the_next_run_holds_the_review_with_its_studies_numbers_and_themes(made: Published) -> None:
    study = next(iter(made.state.studies()))
    made.say("top", Theme("overarching", "Being synthetic", "Every synthetic work is like the others in what it says."))
    made.say("low", Theme("descriptive", "Likeness"))
    made.say("f1", Finding(study, "They are alike."))
    made.say("low", Bears("finding", "f1", "supports"))
    made.say("top", Bears("theme", "low", "supports"))
    made.publish(authors=(PublishedAuthor("Lea Example", "0000-0002-1825-0097"),), keywords=("synthetic",))
    assert made.product() is None
    report = made.run()
    assert report.is_new
    product = made.product()
    assert product is not None
    assert (product["title"], product["year"], product["language"]) == (TITLE, 2026, "eng")
    assert [(one["full_name"], one["orcid"]) for one in product["authors"]] == [("Lea Example", "0000-0002-1825-0097")]
    assert made.relations("Reviews") == made.relations("Cites") == included_products(made.home)
    indicator = Release.open(made.home).indicator(product["product_id"])
    assert indicator is not None and indicator["citation_count"] == 0
    cited = Release.open(made.home).resolve(INCLUDED[0])
    assert product["product_id"] in Release.open(made.home).related_ids(str(cited), "IsReviewedBy", limit=9)

    client = made.client()
    page = client.get(f"/product/{product['product_id']}").text
    for shown in ("What is synthetic?", "Being synthetic", "Likeness", "Records screened", "Review of", "3 studies"):
        assert shown in page
    assert "no evidence" not in page
    # A run with nothing new to tell harvests nothing and serves the same release.
    n_payloads = len(payloads(made.home, "reviews"))
    assert not made.run().is_new
    assert len(payloads(made.home, "reviews")) == n_payloads == 1


def test_undoing_takes_it_out_of_the_graph_and_doing_it_again_brings_it_back(made: Published) -> None:
    event = made.publish()
    made.workspace.undo(made.review, LEAD, event)
    # What was withdrawn before any run is never told.
    made.run()
    assert made.product() is None and not payloads(made.home, "reviews")
    made.workspace.redo(made.review, LEAD, event)
    for undone, n_payloads in ((False, 1), (True, 2), (False, 3)):
        if undone:
            made.workspace.undo(made.review, LEAD, event)
        elif n_payloads > 1:
            made.workspace.redo(made.review, LEAD, event)
        made.run()
        assert (made.product() is None) is undone
        assert len(payloads(made.home, "reviews")) == n_payloads


def test_a_second_version_is_the_same_work_and_leads(made: Published) -> None:
    made.publish()
    made.publish(authors=(PublishedAuthor("Lea (made up)"),))
    made.run()
    first, second = made.product(1), made.product(2)
    assert first is not None and second is not None
    assert first["product_id"] == second["product_id"]
    assert set(first["record_ids"]) == {f"reviews:{made.review}.v1", f"reviews:{made.review}.v2"}
    assert "version 2" in made.client().get(f"/product/{first['product_id']}").text


def test_an_illustration_says_so_and_moves_no_indicator(graph: Path, tmp_path: Path) -> None:
    made = Published(graph, tmp_path, is_illustration=True)
    before = {row["product_id"]: row["citation_count"] for row in indicators(made.home)}
    made.publish()
    made.run()
    product = made.product()
    assert product is not None
    assert made.relations("Reviews") == included_products(made.home) and made.relations("Cites") == set()
    after = {row["product_id"]: row["citation_count"] for row in indicators(made.home)}
    assert after.pop(product["product_id"]) == 0 and after == before
    assert "An illustration, and no evidence" in made.client().get(f"/product/{product['product_id']}").text


def indicators(home: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(Release.open(home).folder / "tables" / "indicator").to_pylist()
    return rows


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": ""}, "title"),
        ({"authors": ()}, "authors"),
        ({"authors": (PublishedAuthor("Lea", "0000-0002-1825-0098"),)}, "no ORCID iD"),
        ({"doi": "doi.org/10.5555"}, "no DOI"),
        ({"published_on": "yesterday"}, "no date"),
        ({"license_url": "javascript:alert(1)"}, "https://"),
    ],
)
def test_what_cannot_be_published_is_refused(made: Published, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        made.say(made.review, replace_fields(made.draft(), changes))


def replace_fields(made: Publication, changes: dict[str, Any]) -> Publication:
    fields = {name: getattr(made, name) for name in Publication.__struct_fields__}
    return Publication(**{**fields, **changes})


def test_a_flow_that_does_not_add_up_and_a_version_twice_are_refused(made: Published) -> None:
    head = next(iter(made.state.library.groups))
    vote = made.say(head, Vote("full_text", "skip"))
    with pytest.raises(InputError, match="does not add up"):
        made.publish()
    made.workspace.undo(made.review, LEAD, vote)
    again = made.draft()
    made.say(made.review, again)
    with pytest.raises(InputError, match="published already"):
        made.say(made.review, again)


def test_only_a_lead_publishes_and_by_a_form(made: Published) -> None:
    other = account_of("Ben (made up)")
    made.say(other, Member("Ben (made up)", ("reviewer",)))
    with pytest.raises(InputError, match="role lead"):
        made.workspace.say(made.review, other, made.review, made.draft())
    client = made.client()
    path = f"/reviews/{made.review}/publish"
    page = client.get(path).text
    assert "Publish version 1" in page and "3 included studies" in page
    fields = {
        "token": client.app.state.form_token,
        "title": TITLE,
        "abstract": "Synthetic.",
        "published_on": "2026-12-01",
    }
    refused = client.post(path, data={**fields, "authors": "Lea | 0000-0002-1825-0098"})
    assert refused.status_code == 400 and "no ORCID iD" in refused.text
    kept = client.post(path, data={**fields, "authors": "Lea Example | https://orcid.org/0000-0002-1825-0097\n\nBen"})
    assert kept.status_code == 303
    page = client.get(kept.headers["location"]).text
    assert "version 1 of the review was published" in page and "in this graph from the next run on" in page
    (said,) = made.state.slots.all_in_force("review.publication")
    authors = [(one.name, one.orcid) for one in said.payload.authors]
    assert authors == [("Lea Example", "0000-0002-1825-0097"), ("Ben", "")]
