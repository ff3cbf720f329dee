"""Themes by study: what each study says to a theme in its own words and in the team's, as two methods lay it out.

The translation table of a meta-ethnography (Noblit and Hare 1988): for each concept the words of participants (first
order), of authors (second order) and of the team (third order), and how the studies' accounts relate. The chart of a
framework synthesis: a summary for each study and part of the framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Bearing, Finding, StudyWords, Translation
from evigraph.review.synthesis.web import Web, web_of
from evigraph.review.tables import write_table

#: How accounts of studies relate, in words.
RELATIONS = {
    "reciprocal": "reciprocal: they say alike",
    "refutational": "refutational: they contradict each other",
    "line_of_argument": "line of argument: together they say more",
}


@dataclass(frozen=True)
class Cell:
    """What a study says to a theme: its findings with how each bears on it, and the team's summary."""

    findings: tuple[tuple[str, Finding, Bearing], ...]
    words: str


def cells(state: ReviewState, theme_id: str) -> dict[str, Cell]:
    """For each included study what it says to a theme; studies that say nothing have empty cells."""
    web = web_of(state)
    found: dict[str, list[tuple[str, Finding, Bearing]]] = {study: [] for study in state.studies()}
    for finding_id, bearing in web.bearings(theme_id).items():
        finding = web.findings[finding_id]
        found.setdefault(finding.study, []).append((finding_id, finding, bearing))
    words = _words(state)
    return {study: Cell(tuple(said), words.get((theme_id, study), "")) for study, said in found.items()}


def translation(state: ReviewState, theme_id: str) -> Translation | None:
    """How the studies' accounts of a theme relate, where the team has said so."""
    said = state.slots.in_force("review.translation", (theme_id,))
    made = cast(Translation, said.payload) if said is not None else None
    return made if made is not None and made.how != "none" else None


def _words(state: ReviewState) -> dict[tuple[str, str], str]:
    def folded() -> dict[tuple[str, str], str]:
        found = {}
        for said in state.slots.all_in_force("review.study_words"):
            made = cast(StudyWords, said.payload)
            found[said.subject, state.study_of(made.study) or made.study] = made.text
        return found

    return state.kept("study_words", folded)


def write_grid(state: ReviewState, web: Web, labels: Mapping[str, str]) -> str:
    """CSV: a row for each theme and study with the first, second and third order, and how the accounts relate."""
    head = ["theme", "level", "study", "bearing", "first order", "second order", "summary", "third order", "relation"]
    rows = []
    for theme_id, theme in web.ordered():
        made = translation(state, theme_id)
        relation = f"{RELATIONS[made.how]}. {made.text}".strip() if made is not None else ""
        for study, cell in cells(state, theme_id).items():
            said = [theme.label, theme.level, labels.get(study, study)]
            for _, finding, bearing in cell.findings:
                words = [bearing, finding.quotation, finding.exact, cell.words, theme.statement, relation]
                rows.append([*said, *words])
            if not cell.findings and cell.words:
                rows.append([*said, "", "", "", cell.words, theme.statement, relation])
    return write_table(head, rows)
