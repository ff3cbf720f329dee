"""What may be said in coding."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from evigraph.errors import InputError
from evigraph.review.coding.book import Book, book_of, is_done, is_independent
from evigraph.review.coding.kinds import Code, CodeMerge, CodeSplit, Coding, CodingDone, Memo
from evigraph.review.state import ReviewState

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")

#: Longest name of a code and longest description or memo, in characters.
MAX_NAME, MAX_WORDS = 200, 20_000


def _code(state: ReviewState, _account: str, subject: str, code: Code) -> None:
    book = book_of(state)
    if not code.name.strip() or len(code.name) > MAX_NAME:
        raise InputError(f"a code needs a name of at most {MAX_NAME} characters: give it one")
    if len(code.description) > MAX_WORDS:
        raise InputError(f"the description is longer than {MAX_WORDS} characters: shorten it")
    if code.color and not _COLOR.fullmatch(code.color):
        raise InputError(f"{code.color!r} is no colour: write it as #1a2b3c")
    above, seen = code.parent_id, {subject}
    while above:
        _known(book, above)
        if above in seen:
            raise InputError("a code cannot lie below itself: choose another place")
        seen.add(above)
        above = book.parent(above)


def _merge(state: ReviewState, _account: str, subject: str, merge: CodeMerge) -> None:
    book = book_of(state)
    _known(book, subject)
    _known(book, merge.into_id)
    if subject == merge.into_id:
        raise InputError("a code is merged with itself: choose two")


def _split(state: ReviewState, account: str, subject: str, split: CodeSplit) -> None:
    book = book_of(state)
    _known(book, subject)
    _known(book, split.into_id)
    if subject == split.into_id:
        raise InputError("a code is split into itself: choose another, or make a new one")
    own = {one.coding_id for one in book.codings(account) if one.code_id == subject}
    if not split.coding_ids or not own.issuperset(split.coding_ids):
        raise InputError("choose codings of this code: those that are to count for the other")


def _coding(state: ReviewState, account: str, subject: str, coding: Coding) -> None:
    former = state.slots.in_force("review.coding", (subject,))
    if former is not None and former.actor != account:
        raise InputError("this coding is somebody else's: code the passage yourself")
    _not_done(state, account, subject, coding)
    if not coding.is_removed:
        _known(book_of(state), coding.code_id)
    if coding.anchor.record_id not in state.library.records:
        raise InputError(f"this review has no record {coding.anchor.record_id}: open the list again")
    if len(coding.anchor.exact) != coding.anchor.end - coding.anchor.start or not coding.anchor.exact:
        raise InputError("the passage is empty or its place and words differ: select it again")


def _not_done(state: ReviewState, account: str, _subject: str, coding: Coding) -> None:
    if is_independent(state) and is_done(state, coding.anchor.record_id, account):
        raise InputError("you are done with this report while coding is independent: take that back to go on coding it")


def _done(state: ReviewState, account: str, subject: str, done: CodingDone) -> None:
    if subject not in state.library.records:
        raise InputError(f"this review has no record {subject}: open the list again")
    if not done.is_done:
        _not_open(state, account, subject, done)


def _not_open(state: ReviewState, account: str, subject: str, _done: CodingDone) -> None:
    """Nobody goes on coding, as though blind, what they have seen others' codings of."""
    others = [one for one in book_of(state).done(subject) if one != account]
    if is_independent(state) and others and is_done(state, subject, account):
        raise InputError("others are done with this report too, and your codings are open to each other: compare them")


def _memo(state: ReviewState, account: str, subject: str, memo: Memo) -> None:
    former = state.slots.in_force("review.memo", (subject,))
    if former is not None and former.actor != account and "lead" not in state.roles(account):
        raise InputError("this memo is somebody else's: write one of your own")
    known: dict[str, Callable[[], bool]] = {
        "review": lambda: memo.about_id == state.review_id,
        "code": lambda: memo.about_id in book_of(state).codes,
        "coding": lambda: any(one.coding_id == memo.about_id for one in book_of(state).codings(account)),
        "report": lambda: memo.about_id in state.library.records,
        "study": lambda: state.study_of(memo.about_id) is not None,
        "theme": lambda: state.slots.in_force("review.theme", (memo.about_id,)) is not None,
    }
    if memo.text and not known[memo.about]():
        raise InputError(f"this review has no such {memo.about}: choose one from its page")
    if len(memo.text) > MAX_WORDS:
        raise InputError(f"the memo is longer than {MAX_WORDS} characters: split it")


def _known(book: Book, code_id: str) -> None:
    if code_id not in book.codes:
        raise InputError(f"this review has no code {code_id or 'without a name'}: choose one from the tree")


CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    Code: _code,
    CodeMerge: _merge,
    CodeSplit: _split,
    Coding: _coding,
    CodingDone: _done,
    Memo: _memo,
}

#: What may not be taken back, or said again, once others have seen it.
UNDO_CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    Coding: _not_done,
    CodingDone: _not_open,
}
