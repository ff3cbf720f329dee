"""What stands of the coding of a review: the tree of codes, the codings somebody may see, the memos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from evigraph.review.coding.kinds import Code, CodeMerge, CodeSplit, Coding, CodingDone, IndependentCoding, Memo
from evigraph.review.slots import Said, Slots
from evigraph.review.state import ReviewState
from evigraph.review.texts.anchor import Anchor


def may_see(state: ReviewState, account: str, said: Said) -> bool:
    """Whether somebody may read an event of coding: while coding is independent, of codings only their own.

    Codings of a report are open among those who are done with it.
    """
    if said.actor == account or not is_independent(state):
        return True
    if isinstance(said.payload, Coding):
        record_id = said.payload.anchor.record_id
        return is_done(state, record_id, account) and is_done(state, record_id, said.actor)
    is_of_coding = isinstance(said.payload, CodeSplit) or (
        isinstance(said.payload, Memo) and said.payload.about == "coding"
    )
    return not is_of_coding


def is_done(state: ReviewState, record_id: str, account: str) -> bool:
    """Whether somebody has said that they have coded a report to the end."""
    said = state.slots.in_force("review.coding_done", (record_id, account))
    return said is not None and cast(CodingDone, said.payload).is_done


def is_independent(state: ReviewState) -> bool:
    """Whether coders see their own codings only."""
    said = state.slots.in_force("review.independent_coding")
    return said is not None and cast(IndependentCoding, said.payload).is_on


@dataclass(frozen=True)
class Coded:
    """A coding in force: by whom, and the code for which it counts after merging and splitting.

    `coder` is who coded in the project of other software that it was taken in with.
    """

    coding_id: str
    code_id: str
    actor: str
    anchor: Anchor
    said: Said
    coder: str = ""


def book_of(state: ReviewState) -> Book:
    """Codes and codings as they stand, folded once for all who ask before the next event."""
    return state.kept("coding", lambda: Book(state))


class Book:
    """The codes, codings and memos in force.

    Attributes:
        codes: by id, those that were removed or merged left out.
        is_independent: whether coders see their own codings only.
    """

    def __init__(self, state: ReviewState) -> None:
        slots = state.slots
        every = {said.subject: cast(Code, said.payload) for said in slots.all_in_force("review.code")}
        self._merged = {
            said.subject: cast(CodeMerge, said.payload).into_id for said in slots.all_in_force("review.code_merge")
        }
        self._split = {
            (said.subject, coding_id): cast(CodeSplit, said.payload).into_id
            for said in slots.all_in_force("review.code_split")
            for coding_id in cast(CodeSplit, said.payload).coding_ids
        }
        self.codes = {
            code_id: code for code_id, code in every.items() if not code.is_removed and self.final(code_id) == code_id
        }
        self.is_independent = is_independent(state)
        self._done = {
            (said.subject, said.actor)
            for said in slots.all_in_force("review.coding_done")
            if cast(CodingDone, said.payload).is_done
        }
        self._codings = sorted(self._standing(slots), key=lambda one: (one.anchor.start, one.anchor.end))
        self._memos = [said for said in slots.all_in_force("review.memo") if cast(Memo, said.payload).text]

    def final(self, code_id: str) -> str:
        """The code in which a code has gone up; itself where it was not merged.

        Undoing and redoing can merge two codes into each other: then the one with the first id stands for both.
        """
        way = [code_id]
        while (into := self._merged.get(way[-1])) is not None:
            if into in way:
                return min(way[way.index(into) :])
            way.append(into)
        return way[-1]

    def counts_for(self, coding_id: str, code_id: str) -> str:
        """The code for which a coding counts after splitting and merging."""
        code_id = self.final(code_id)
        seen: set[str] = set()
        while (into := self._split.get((code_id, coding_id))) is not None and code_id not in seen:
            seen.add(code_id)
            code_id = self.final(into)
        return code_id

    def parent(self, code_id: str) -> str:
        """The code above a code that is in the tree; empty at the top, also where its parent was removed.

        Undoing a move can leave codes one above the other in a ring: then the one with the first id is at the top.
        """
        parent = self._stated_parent(code_id)
        way = [code_id]
        while (above := self._stated_parent(way[-1])) and above not in way:
            way.append(above)
        return "" if above == code_id == min(way) else parent

    def _stated_parent(self, code_id: str) -> str:
        parent = self.final(self.codes[code_id].parent_id)
        return parent if parent in self.codes and parent != code_id else ""

    def tree(self) -> list[tuple[str, int]]:
        """The codes in the order of the tree, each with its depth; siblings by name."""
        children: dict[str, list[str]] = {}
        for code_id in self.codes:
            children.setdefault(self.parent(code_id), []).append(code_id)
        for one in children.values():
            one.sort(key=lambda code_id: (self.codes[code_id].name.casefold(), code_id))
        found: list[tuple[str, int]] = []
        waiting = [(code_id, 0) for code_id in reversed(children.get("", []))]
        while waiting:
            code_id, depth = waiting.pop()
            found.append((code_id, depth))
            waiting.extend((child, depth + 1) for child in reversed(children.get(code_id, [])))
        return found

    def codings(self, viewer: str = "", record_id: str = "") -> list[Coded]:
        """The codings that somebody may see (all, where no viewer is named), of one report or of all, by place."""
        return [
            one
            for one in self._codings
            if (not viewer or one.actor == viewer or self.is_open(one.anchor.record_id, viewer, one.actor))
            and (not record_id or one.anchor.record_id == record_id)
        ]

    def is_open(self, record_id: str, viewer: str, actor: str) -> bool:
        """Whether somebody may see another's codings of a report."""
        return not self.is_independent or {(record_id, viewer), (record_id, actor)} <= self._done

    def done(self, record_id: str) -> list[str]:
        """The accounts of those who are done with a report."""
        return sorted(account for record, account in self._done if record == record_id)

    def _standing(self, slots: Slots) -> Iterator[Coded]:
        for said in slots.all_in_force("review.coding"):
            coding = cast(Coding, said.payload)
            code_id = self.counts_for(said.subject, coding.code_id)
            if not coding.is_removed and code_id in self.codes:
                yield Coded(said.subject, code_id, said.actor, coding.anchor, said, coding.coder)

    def memos(self, viewer: str = "") -> list[tuple[str, Memo, str]]:
        """Id, memo and author; while coding is independent, of those on codings only the viewer's own."""
        return [
            (said.subject, memo, said.actor)
            for said in self._memos
            if (memo := cast(Memo, said.payload)).about != "coding"
            or not viewer
            or not self.is_independent
            or said.actor == viewer
        ]

    def below(self, code_id: str) -> set[str]:
        """A code and all below it."""
        found = {code_id}
        for one, _ in self.tree():
            if self.parent(one) in found:
                found.add(one)
        return found

    def path(self, code_id: str) -> list[str]:
        """The codes from the top of the tree to a code."""
        way = [code_id]
        while above := self.parent(way[0]):
            way.insert(0, above)
        return way
