"""What the page of a product shows of a review that was published in this graph: numbers of the flow, and themes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from evigraph.store.keyed import Row
from evigraph.store.release import Release

#: What the ids of records of published reviews begin with.
_SOURCE = "reviews:"

_LEVELS = ("overarching", "analytical", "descriptive")

_CONFIDENCE = {"high": "high", "moderate": "moderate", "low": "low", "very_low": "very low"}


@dataclass(frozen=True)
class ShownTheme:
    """A theme: name and level, what it says, the studies that bear on it, confidence in words; those below it.

    A theme that bears on two others is told below both.
    """

    label: str
    level: str
    statement: str
    n_studies: int
    n_contradicting: int
    confidence: str
    below: tuple[ShownTheme, ...]


@dataclass(frozen=True)
class PublishedReview:
    """A review as its newest version tells it.

    Attributes:
        version: its number.
        question, method: of the protocol; empty where not stated.
        counts: numbers of the PRISMA flow in the order of the diagram: what is counted, and the number.
        themes: the themes that bear on no other, the ones below within them.
        n_studies: how many studies it includes.
        is_illustration: whether it is no evidence.
    """

    version: int
    question: str
    method: str
    counts: tuple[tuple[str, int], ...]
    themes: tuple[ShownTheme, ...]
    n_studies: int
    is_illustration: bool


def published_review(release: Release, product: Row) -> PublishedReview | None:
    """The review that a product is; None where it is none of this graph."""
    versions = {
        int(version): record_id
        for record_id in product["record_ids"] or []
        if record_id.startswith(_SOURCE) and (version := record_id.rpartition(".v")[2]).isdecimal()
    }
    if not versions:
        return None
    newest = max(versions)
    rows = list(release.records([versions[newest]], ("record_id", "extras")))
    if not rows:
        return None
    told: dict[str, list[str]] = {}
    for extra in rows[0]["extras"] or []:
        told.setdefault(extra["name"], []).append(extra["value"])
    counts = [json.loads(one) for one in told.get("prisma", ())]
    return PublishedReview(
        version=newest,
        question=next(iter(told.get("question", ())), ""),
        method=next(iter(told.get("method", ())), ""),
        counts=tuple((one["label"], one["n"]) for one in counts),
        themes=_tree([json.loads(one) for one in told.get("theme", ())]),
        n_studies=len(told.get("study", ())),
        is_illustration="is_illustration" in told,
    )


def _tree(themes: list[dict[str, Any]]) -> tuple[ShownTheme, ...]:
    """The themes as a tree; a ring, which no review of ours holds, is cut where it closes."""
    known = {theme["theme_id"] for theme in themes}
    below: dict[str, list[dict[str, Any]]] = {}
    tops = []
    for theme in sorted(themes, key=lambda one: _LEVELS.index(one["level"]) if one["level"] in _LEVELS else 9):
        above = [one for one in theme["above"] if one in known]
        for one in above:
            below.setdefault(one, []).append(theme)
        if not above:
            tops.append(theme)

    def shown(theme: dict[str, Any], path: frozenset[str]) -> ShownTheme:
        here = path | {theme["theme_id"]}
        return ShownTheme(
            label=theme["label"],
            level=theme["level"],
            statement=theme["statement"],
            n_studies=theme["n_studies"],
            n_contradicting=theme["n_contradicting"],
            confidence=_CONFIDENCE.get(theme["confidence"], ""),
            below=tuple(shown(one, here) for one in below.get(theme["theme_id"], ()) if one["theme_id"] not in here),
        )

    return tuple(shown(theme, frozenset()) for theme in tops)
