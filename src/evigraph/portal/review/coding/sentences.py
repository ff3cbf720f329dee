"""What was said in coding, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from evigraph.portal import wording
from evigraph.review.coding.kinds import Code, CodeMerge, CodeSplit, Coding, CodingDone, IndependentCoding, Memo
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

KIND_NAMES = {
    "review.code": "Codes",
    "review.code_merge": "Codes merged",
    "review.code_split": "Codes split",
    "review.coding": "Codings",
    "review.memo": "Memos",
    "review.coding_done": "Reports coded",
    "review.independent_coding": "Independent coding",
}

#: How much of a passage stands in a sentence.
_PASSAGE = 60


def _name(state: ReviewState, code_id: str) -> str:
    said = state.slots.in_force("review.code", (code_id,))
    return f"“{cast(Code, said.payload).name}”" if said is not None else f"code {code_id}"


def _code(state: ReviewState, _said: Said, code: Code) -> str:
    below = f" below {_name(state, code.parent_id)}" if code.parent_id else ""
    return f"the code “{code.name}” was removed" if code.is_removed else f"the code “{code.name}” stands{below}"


def _merge(state: ReviewState, said: Said, merge: CodeMerge) -> str:
    return f"the code {_name(state, said.subject)} was merged into {_name(state, merge.into_id)}"


def _split(state: ReviewState, said: Said, split: CodeSplit) -> str:
    n = wording.plural(len(split.coding_ids), "coding")
    return f"{n} of {_name(state, said.subject)} went to {_name(state, split.into_id)}"


def _coding(state: ReviewState, _said: Said, coding: Coding) -> str:
    words = coding.anchor.exact
    words = words if len(words) <= _PASSAGE else f"{words[: _PASSAGE - 1].rstrip()}…"
    how = "is coded no more" if coding.is_removed else "was coded"
    return f"“{words}” {how} with {_name(state, coding.code_id)}"


def _memo(_state: ReviewState, _said: Said, memo: Memo) -> str:
    return f"memo on a {memo.about}: “{memo.text}”" if memo.text else f"a memo on a {memo.about} was removed"


def _done(state: ReviewState, said: Said, done: CodingDone) -> str:
    record = state.library.records.get(said.subject)
    title = record.title if record is not None and record.title else said.subject
    return f"“{title}” is {'coded to the end' if done.is_done else 'still being coded'}"


def _independent(_state: ReviewState, _said: Said, switch: IndependentCoding) -> str:
    return f"coders {'see only their own codings' if switch.is_on else 'see the codings of all'}"


SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {
    Code: _code,
    CodeMerge: _merge,
    CodeSplit: _split,
    Coding: _coding,
    Memo: _memo,
    CodingDone: _done,
    IndependentCoding: _independent,
}
