"""Codes, codings and memos as decisions: moved, merged, split and undone; agreement by hand-worked tables."""

from __future__ import annotations

import pytest

from evigraph.errors import InputError
from evigraph.review.coding.agreement import CodeAgreement, agreement_on
from evigraph.review.coding.book import Book
from evigraph.review.coding.kinds import Code, CodeMerge, CodeSplit, Coding, IndependentCoding, Memo
from evigraph.review.coding.search import Asked, search
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.workspace import Workspace
from review.conftest import ANNA, BEN, CLARA, LEAD

TEXT = CanonicalText("Peers said they belong. Nobody asked them.", "made", ())


def book(workspace: Workspace, review_id: str) -> Book:
    return Book(workspace.state(review_id))


def coded(workspace: Workspace, review_id: str, account: str, name: str, code_id: str, start: int, end: int) -> str:
    record_id = next(iter(workspace.state(review_id).library.records))
    return workspace.say(review_id, account, name, Coding(code_id, TEXT.anchor(record_id, start, end)))


@pytest.fixture
def tree(workspace: Workspace, review_id: str) -> str:
    workspace.say(review_id, ANNA, "work", Code("Work", color="#336699"))
    workspace.say(review_id, ANNA, "role", Code("Role", "work"))
    workspace.say(review_id, ANNA, "belonging", Code("Belonging", "role"))
    return review_id


def test_codes_are_a_tree_that_moving_keeps_whole(workspace: Workspace, tree: str) -> None:
    assert book(workspace, tree).tree() == [("work", 0), ("role", 1), ("belonging", 2)]
    with pytest.raises(InputError, match="below itself"):
        workspace.say(tree, BEN, "work", Code("Work", "belonging"))
    moved = workspace.say(tree, BEN, "belonging", Code("Belonging"))
    assert book(workspace, tree).tree() == [("belonging", 0), ("work", 0), ("role", 1)]
    workspace.undo(tree, BEN, moved)
    assert book(workspace, tree).tree()[-1] == ("belonging", 2)


def test_merging_and_splitting_recount_codings_and_are_undone(workspace: Workspace, tree: str) -> None:
    coded(workspace, tree, ANNA, "c1", "role", 0, 5)
    coded(workspace, tree, ANNA, "c2", "role", 11, 15)
    split = workspace.say(tree, ANNA, "role", CodeSplit("belonging", ("c2",)))
    assert [one.code_id for one in book(workspace, tree).codings()] == ["role", "belonging"]
    merged = workspace.say(tree, ANNA, "belonging", CodeMerge("work"))
    assert [one.code_id for one in book(workspace, tree).codings()] == ["role", "work"]
    workspace.undo(tree, ANNA, merged)
    workspace.undo(tree, ANNA, split)
    assert [one.code_id for one in book(workspace, tree).codings()] == ["role", "role"]
    with pytest.raises(InputError, match="codings of this code"):
        workspace.say(tree, ANNA, "role", CodeSplit("work", ("none",)))


def test_rings_that_undoing_leaves_hide_no_code(workspace: Workspace, tree: str) -> None:
    first = workspace.say(tree, ANNA, "role", CodeMerge("work"))
    workspace.undo(tree, ANNA, first)
    workspace.say(tree, ANNA, "work", CodeMerge("role"))
    workspace.redo(tree, ANNA, first)
    stands = book(workspace, tree)
    assert stands.final("role") == stands.final("work") == "role"
    assert "role" in stands.codes and "work" not in stands.codes
    assert {one for one, _ in stands.tree()} == set(stands.codes)


def test_codes_above_each_other_stay_in_the_tree(workspace: Workspace, tree: str) -> None:
    for code_id in ("a", "b", "c"):
        workspace.say(tree, ANNA, code_id, Code(code_id.upper()))
    top = workspace.say(tree, ANNA, "a", Code("A", "b"))
    workspace.undo(tree, ANNA, top)
    workspace.say(tree, ANNA, "b", Code("B", "a"))
    workspace.say(tree, ANNA, "c", Code("C", "b"))
    workspace.redo(tree, ANNA, top)
    assert [row for row in book(workspace, tree).tree() if row[0] in "abc"] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_coding_is_its_coders_and_unseen_while_coding_is_independent(workspace: Workspace, tree: str) -> None:
    said = coded(workspace, tree, ANNA, "c1", "role", 0, 5)
    coded(workspace, tree, BEN, "c2", "role", 0, 10)
    with pytest.raises(InputError, match="somebody else"):
        coded(workspace, tree, BEN, "c1", "work", 0, 5)
    with pytest.raises(InputError, match="somebody else"):
        workspace.undo(tree, LEAD, said)
    with pytest.raises(InputError, match="role"):
        coded(workspace, tree, CLARA, "c3", "work", 0, 5)
    switch = workspace.say(tree, LEAD, tree, IndependentCoding(True))
    workspace.say(tree, ANNA, "m1", Memo("coding", "c1", "why?"))
    assert [one.coding_id for one in book(workspace, tree).codings(ANNA)] == ["c1"]
    assert book(workspace, tree).memos(BEN) == []
    workspace.undo(tree, LEAD, switch)
    assert [one.coding_id for one in book(workspace, tree).codings(ANNA)] == ["c1", "c2"]
    assert [one.coding_id for one in search(book(workspace, tree), ANNA, Asked("SAID", "work"))] == ["c2"]


@pytest.mark.parametrize("code", [Code(" "), Code("a", "nowhere"), Code("a", color="red")])
def test_a_code_that_cannot_stand_is_refused(workspace: Workspace, tree: str, code: Code) -> None:
    with pytest.raises(InputError):
        workspace.say(tree, ANNA, "new", code)


def test_agreement_equals_tables_worked_by_hand() -> None:
    # 20 characters; l codes 0-8 (two touching spans), r codes 4-10: both 4, only l 4, only r 2, neither 10.
    found = agreement_on(20, [(0, 5), (5, 8)], [(4, 10)])
    assert found == CodeAgreement(4, 4, 2, 10)
    # Agreement 14/20. By chance (8*6 + 12*14)/400 = 0.54: kappa = (0.7 - 0.54) / 0.46.
    assert found.percent == 70
    assert found.kappa == pytest.approx(0.16 / 0.46)
    # 14 values of 40 are "coded": alpha = 1 - 39 * 6 / (14 * 26).
    assert found.alpha == pytest.approx(1 - 234 / 364)
    assert CodeAgreement(0, 0, 0, 9).kappa is None and CodeAgreement(0, 0, 0, 9).alpha is None
    assert CodeAgreement(0, 0, 0, 0).percent is None
