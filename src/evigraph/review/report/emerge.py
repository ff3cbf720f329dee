"""eMERGe: the 19 criteria of reporting a meta-ethnography in our words, filled from what the review decided."""

from __future__ import annotations

from typing import cast

from evigraph.review.report import told
from evigraph.review.report.guideline import Reported, reported
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Translation
from evigraph.review.synthesis.web import web_of


def emerge(state: ReviewState) -> list[Reported]:
    """The 19 criteria of eMERGe (France et al. 2019, doi:10.1186/s12874-018-0600-0), with where each comes from."""
    protocol, related = state.protocol, _translations(state)
    items: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("the gap in what is known, and the setting of the work", (), ""),
        ("the aims", (protocol.question,), "protocol"),
        ("what exactly is looked at", tuple(f"{one.name}: {one.text}" for one in protocol.facets), "protocol"),
        ("why a meta-ethnography fits", (), ""),
        ("the strategy of the search", told.sources(state), "search"),
        ("how searches were carried out", told.strategies(state), "search"),
        ("how studies were chosen", told.criteria(state) + told.screening(state), "screen"),
        ("what the choice led to", told.selected(state) + told.excluded(state), "flow"),
        ("how studies were read and data was taken from them", told.extractors(state) + told.fields(state),
         "extraction"),
        ("what the included studies are like", told.characteristics(state), "extraction"),
        ("how it was found out in what way studies relate", (), ""),
        ("in what way studies relate", tuple(dict.fromkeys(line.split(": ", 1)[0] for line in related)), "synthesis"),
        ("how studies were translated into each other", (), ""),
        ("what the translation gave", related, "synthesis"),
        ("how the translations were brought together", (), ""),
        ("the result: a new reading, model or theory", told.themes(state), "synthesis"),
        ("the main findings, and what is known besides", told.confidence(state), "confidence"),
        ("strengths and limits, and how the reviewers stand to the subject", (protocol.team,), "protocol"),
        ("what follows, and what is recommended", (), ""),
    )  # fmt: skip
    return reported(state, "emerge", ((str(n), *item) for n, item in enumerate(items, start=1)))


def _translations(state: ReviewState) -> tuple[str, ...]:
    themes = web_of(state).themes
    return tuple(
        f"{made.how.replace('_', ' ')}: {themes[said.subject].label}{f'. {made.text}' if made.text else ''}"
        for said in state.slots.all_in_force("review.translation")
        if (made := cast(Translation, said.payload)).how != "none" and said.subject in themes
    )
