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


@dataclass(frozen=True)
class Held:
    """The sheets of a study as it is now, and the ids under which they, and what was settled of them, were said.

    Where reports were grouped into one study after they had been judged as several, the sheets of one of these count:
    of that which most people completed, of several the one judged first. Those of the others are set aside as long as
    the reports are together.
    """

    sheets: dict[str, Said]
    subjects: frozenset[str]


_NOTHING = Held({}, frozenset())


def held_by_study(state: ReviewState, kind: str, basis: str) -> dict[str, Held]:
    """The sheets in force of a kind by study; those of another tool or form are left out."""
    return state.kept(f"{kind} {basis}", lambda: _held_by_study(state, kind, basis))


def _held_by_study(state: ReviewState, kind: str, basis: str) -> dict[str, Held]:
    said_of: dict[str, dict[str, Said]] = {}
    for said in state.slots.all_in_force(kind):
        if cast(Sheet, said.payload).basis == basis:
            said_of.setdefault(said.subject, {})[said.actor] = said
    of_study: dict[str, list[str]] = {}
    for subject in said_of:
        if (study := state.study_of(subject)) is not None:
            of_study.setdefault(study, []).append(subject)
    found = {}
    for study, subjects in of_study.items():
        others = [subject for subject in subjects if subject != study]
        chosen = min(others, key=lambda subject: _rank(said_of[subject]), default=study)
        both = [*said_of[chosen].items(), *said_of.get(study, {}).items()] if chosen in said_of else []
        both.sort(key=lambda item: item[1].ordinal)
        found[study] = Held(dict(both), frozenset({study, chosen}))
    return found


def _rank(held: Sheets) -> tuple[int, int]:
    n_complete = sum(cast(Sheet, said.payload).is_complete for said in held.values())
    return -n_complete, min(said.ordinal for said in held.values())


def held_of(state: ReviewState, kind: str, basis: str, study: str) -> Held:
    """The sheets of the study that holds now what a study of this id held."""
    return held_by_study(state, kind, basis).get(state.study_of(study) or study, _NOTHING)


def may_read(state: ReviewState, account: str, said: Said, n_people: int) -> bool:
    """Whether somebody may read an event that holds a sheet: their own always, another's once all are complete.

    A sheet that is set aside is read by its author alone: once the reports are parted, it counts, blind, again.
    """
    held = held_of(state, said.kind, cast(Sheet, said.payload).basis, said.subject)
    is_shown = said.subject in held.subjects and are_complete(held.sheets, n_people)
    return account == said.actor or is_shown


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
