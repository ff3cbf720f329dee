"""A small review with two blinded reviewers and an adjudicator; its people and records are made up."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from evigraph.review.kinds import Member, ProtocolSet, StageRule, Vote
from evigraph.review.protocol import STAGES, Criterion, Facet, Protocol
from evigraph.review.searches import SearchRun
from evigraph.review.workspace import Workspace
from review.memory_journal import MemoryJournal

LEAD, ANNA, BEN, CLARA = "a-lead", "a-anna", "a-ben", "a-clara"

PROTOCOL = Protocol(
    title="Peer support in mental health services (made up)",
    question="How do peer support workers experience their work?",
    facets=(Facet("population", "peer support workers", ("peer support", "peer worker")),),
    criteria=(
        Criterion("population", "include", "about peer support workers", label="wrong population"),
        Criterion("design", "include", "qualitative data", label="wrong design"),
        Criterion("language", "exclude", "not in English", ("full_text",), "language"),
    ),
    sources=("PubMed", "Scopus"),
)


def record(n: int, title: str, **fields: Any) -> dict[str, Any]:
    """A row of `record`, as a crosswalk gives it."""
    return {
        "record_id": f"file.ris:{n}",
        "source": "file.ris",
        "source_key": str(n),
        "payload": "file.ris",
        "position": n,
        "is_deleted": False,
        "title": title,
        "year": 2020,
        "authors": [{"rank": 1, "full_name": f"Writer{n}, A", "family_name": f"Writer{n}", "given_name": "A"}],
        **fields,
    }


TOPICS = (
    "Identity and stigma among peer workers on psychiatric wards",
    "Supervision of lived experience staff in community teams",
    "A grounded theory of recovery coaching in rural clinics",
    "Employment conditions of consumer advocates",
    "Hospital nurses and their views of seclusion",
    "Training curricula for volunteer befrienders",
    "Boundaries in mutual aid relationships online",
    "Housing first and the role of mentors",
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryJournal, Path, str]:
    """A review with a protocol, a team, and a search of PubMed with eight records; made once, copied for each test."""
    journal, folder = MemoryJournal(), tmp_path_factory.mktemp("reviews")
    workspace = Workspace(journal, folder)
    review = workspace.open_review(PROTOCOL.title, LEAD, "Lead (made up)")
    workspace.say(review, LEAD, review, ProtocolSet(PROTOCOL))
    for account, name in ((ANNA, "Anna"), (BEN, "Ben")):
        workspace.say(review, LEAD, account, Member(f"{name} (made up)", ("reviewer",)))
    workspace.say(review, LEAD, CLARA, Member("Clara (made up)", ("adjudicator",)))
    workspace.say(review, LEAD, "title_abstract", StageRule(n_votes=2, is_ranked=False))
    run = workspace.search(review, LEAD, SearchRun("", "PubMed", "database", n_reported=8))
    rows = [record(n, topic, pids=[{"scheme": "pmid", "value": str(900 + n)}]) for n, topic in enumerate(TOPICS)]
    workspace.import_rows(review, LEAD, run, rows)
    return journal, folder, review


@pytest.fixture
def journal(template: tuple[MemoryJournal, Path, str]) -> MemoryJournal:
    return MemoryJournal(list(template[0].said))


@pytest.fixture
def workspace(template: tuple[MemoryJournal, Path, str], journal: MemoryJournal, tmp_path: Path) -> Workspace:
    shutil.copytree(template[1], tmp_path / "reviews")
    return Workspace(journal, tmp_path / "reviews")


@pytest.fixture
def review_id(template: tuple[MemoryJournal, Path, str]) -> str:
    return template[2]


def vote(workspace: Workspace, review: str, account: str, record_id: str, decision: str, **fields: Any) -> str:
    """The id of the event of a vote by title and abstract, unless `stage` says otherwise."""
    stage = fields.pop("stage", "title_abstract")
    return workspace.say(review, account, record_id, Vote(stage, decision, **fields))


def include(workspace: Workspace, review_id: str, heads: Iterable[str], accounts: Iterable[str]) -> None:
    """Includes works by title and abstract and by full text, by a vote of each account."""
    by = list(accounts)
    for head in heads:
        for stage in STAGES:
            for account in by:
                vote(workspace, review_id, account, head, "include", stage=stage)
