"""Sheets that several people fill in for one study, each alone: nobody reads another's before all are complete."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from evigraph.errors import InputError
from evigraph.review.sheet import Sheet
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

#: The sheets of a study by the account of their author.
Sheets = Mapping[str, Said]


def sheets(state: ReviewState, kind: str, basis: str) -> dict[str, dict[str, Said]]:
    """The sheets in force of a kind, for each study by author; those of another tool or form are left out."""
    found: dict[str, dict[str, Said]] = {}
    for said in state.slots.all_in_force(kind):
        if cast(Sheet, said.payload).basis == basis:
            found.setdefault(said.subject, {})[said.actor] = said
    return found


def are_complete(held: Sheets, n_people: int) -> bool:
    """Whether as many people as are wanted are done."""
    return sum(cast(Sheet, said.payload).is_complete for said in held.values()) >= n_people


@dataclass(frozen=True)
class StudySheets(ABC):
    """The sheets of a study.

    Attributes:
        study, label: id and name.
        held: the sheets by author.
        n_people: how many people fill one in.
    """

    study: str
    label: str
    held: Sheets
    n_people: int

    @property
    def is_open(self) -> bool:
        """Whether all are complete, so that they may be read and what differs be settled."""
        return are_complete(self.held, self.n_people)

    @abstractmethod
    def conflicts(self) -> Sequence[object]:
        """What waits to be settled; nothing before the sheets are open."""

    def may_fill(self, account: str, roles: frozenset[str]) -> bool:
        """Whether somebody may fill in a sheet of this study."""
        has_place = account in self.held or len(self.held) < self.n_people
        return "reviewer" in roles and not self.is_open and has_place

    def may_settle(self, account: str, roles: frozenset[str]) -> bool:
        """Whether somebody may settle what differs."""
        return self.is_open and ("adjudicator" in roles or account in self.held)

    def standing_for(self, account: str) -> str:
        """Where the study stands for somebody, in words."""
        if self.is_open:
            n = len(self.conflicts())
            return f"{n} to settle" if n else "complete"
        if (said := self.held.get(account)) is None:
            return "not begun by you"
        return "yours is complete" if cast(Sheet, said.payload).is_complete else "your draft"


def may_see(account: str, author: str, held: Sheets, n_people: int) -> bool:
    """Whether somebody may read an author's sheet: their own always, another's once all are complete."""
    return account == author or are_complete(held, n_people)


def check_sheet(state: ReviewState, account: str, study: str, held: Sheets, n_people: int) -> None:
    """Nothing, if somebody may fill in, or take back, a sheet of a study.

    Raises:
        InputError: the study is not included, enough others have begun, or the sheets have been opened to each other.
    """
    if study not in state.studies():
        raise InputError(f"{study} is no included study of this review: open the list again")
    if account not in held and len(held) >= n_people:
        raise InputError(f"{n_people} others have begun this study: choose another study")
    if n_people > 1 and are_complete(held, n_people):
        raise InputError("the sheets of this study are complete and open to each other: settle what differs instead")


def check_settled(account: str, roles: frozenset[str], held: Sheets, n_people: int) -> None:
    """Nothing, if somebody may settle what the sheets of a study say differently.

    Raises:
        InputError: not all are complete, or they neither adjudicate nor filled one in.
    """
    if not are_complete(held, n_people):
        raise InputError("not all who judge this study are done: wait until they are")
    if account not in held and "adjudicator" not in roles:
        raise InputError("those who judged this study settle it in discussion, or an adjudicator: ask one of them")
