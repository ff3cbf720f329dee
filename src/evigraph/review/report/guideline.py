"""Reporting guidelines: their items in our words, what the review's decisions say to each, and the team's own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from evigraph.review.report.kinds import Guideline, ReportWords
from evigraph.review.state import ReviewState

#: An item before the team's words: number, what it asks, what the review says to it, the stage that says it.
Item = tuple[str, str, tuple[str, ...], str]


@dataclass(frozen=True)
class Reported:
    """An item of a guideline.

    Attributes:
        number, asks: what it asks, in our words.
        told: what the review's decisions say to it.
        source: the stage of the review from which that comes; empty where only people can say it.
        words: the team's own.
    """

    number: str
    asks: str
    told: tuple[str, ...]
    source: str
    words: str


def reported(state: ReviewState, guideline: Guideline, items: Iterable[Item]) -> list[Reported]:
    """The items with the words that the team has written on them; lines without a word are left out."""
    words: dict[str, str] = {}
    for said in state.slots.all_in_force("review.report_words"):
        payload = cast(ReportWords, said.payload)
        if payload.guideline == guideline:
            words[payload.number] = payload.text
    return [
        Reported(number, asks, tuple(one for one in told if one), source, words.get(number, ""))
        for number, asks, told, source in items
    ]
