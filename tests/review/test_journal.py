"""Reviews in a real ledger, on SQLite and PostgreSQL: kept, undone, read by another process, verified."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evigraph.errors import InputError
from evigraph.review.journal import LedgerJournal
from evigraph.review.kinds import Vote
from evigraph.review.workspace import SCOPE, Workspace
from evigraph.store.ledger import Ledger
from review.conftest import ANNA, BEN, vote
from review.memory_journal import MemoryJournal

Template = tuple[MemoryJournal, Path, str]


def copied(template: Template, ledger: Ledger, folder: Path) -> tuple[Workspace, str]:
    """The review of the template, said again in a ledger."""
    journal, files, review = template
    shutil.copytree(files, folder)
    kept = LedgerJournal(ledger)
    for event in journal.said:
        kept.append(event.kind, event.subject_l, event.actor, event.reason, event.payload, event.scope)
    return Workspace(kept, folder), review


def test_a_review_in_a_ledger_is_the_same_for_everybody(template: Template, address: str, tmp_path: Path) -> None:
    with Ledger.open(address) as ledger, Ledger.open(address) as other:
        workspace, review = copied(template, ledger, tmp_path / "files")
        elsewhere = Workspace(LedgerJournal(other), tmp_path / "files")
        heads = list(workspace.state(review).library.groups)
        assert len(heads) == 8
        event = vote(workspace, review, ANNA, heads[0], "include")
        vote(elsewhere, review, BEN, heads[0], "exclude")
        assert workspace.state(review).statuses("title_abstract")[heads[0]].standing == "conflict"
        workspace.undo(review, ANNA, event)
        assert elsewhere.state(review).statuses("title_abstract")[heads[0]].n_votes == 1
        with pytest.raises(InputError, match="withdrawn already"):
            workspace.undo(review, ANNA, event)
        for _ in range(2):
            elsewhere.redo(review, ANNA, event)
            assert workspace.state(review).statuses("title_abstract")[heads[0]].standing == "conflict"
            workspace.undo(review, ANNA, event)
            assert elsewhere.state(review).statuses("title_abstract")[heads[0]].n_votes == 1
        assert elsewhere.review_ids() == [review]
        assert {found.scope for found in ledger.events(scope=SCOPE + review)} == {SCOPE + review}
        assert ledger.verify() == len(list(ledger.events()))
        assert not ledger.in_force()


def test_what_is_sent_twice_is_kept_once(template: Template, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        workspace, review = copied(template, ledger, tmp_path / "files")
        head = next(iter(workspace.state(review).library.groups))
        said = Vote("title_abstract", "include")
        first = workspace.say(review, ANNA, head, said, once="k1")
        assert workspace.say(review, ANNA, head, said, once="k1") == first
        assert len(workspace.state(review).slots.history("review.vote", ("title_abstract", head, ANNA))) == 1
