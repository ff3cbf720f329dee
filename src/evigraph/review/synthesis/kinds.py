"""The kinds of events of synthesis: findings, themes, what bears on what, and confidence by GRADE-CERQual."""

from __future__ import annotations

from typing import Literal

import msgspec

from evigraph.review.kind import Payload, by_subject, kind

Credibility = Literal["unequivocal", "credible", "not_supported"]
Level = Literal["descriptive", "analytical", "overarching"]
Bearing = Literal["supports", "contradicts", "nuances", "none"]
Concern = Literal["none", "minor", "moderate", "serious"]
Overall = Literal["high", "moderate", "low", "very_low"]


class Finding(Payload, frozen=True):
    """A finding of a study in its authors' words. The subject is the finding's id.

    Attributes:
        study: id of the study (`ReviewState.studies`).
        exact: the authors' words.
        credibility: how the participants' words bear it out (JBI): unequivocal, credible, not supported.
        quotation, speaker, page: words of a participant, of whom, and where they stand.
    """

    study: str
    exact: str
    credibility: Credibility = "credible"
    quotation: str = ""
    speaker: str = ""
    page: str = ""
    is_removed: bool = False


class Theme(Payload, frozen=True):
    """A theme as it is now: close to the data, beyond it, or over all. The subject is its id.

    Attributes:
        level: descriptive (a category), analytical (a synthesised finding), or overarching.
        label: its name.
        statement: what it says, as a sentence; confidence is judged of this.
    """

    level: Level
    label: str
    statement: str = ""
    is_removed: bool = False


class Bears(Payload, frozen=True):
    """How a finding or a theme bears on a theme (the subject); `none` takes an earlier word away."""

    source: Literal["finding", "theme"]
    source_id: str
    bearing: Bearing


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One component of GRADE-CERQual: the level of concern, and why."""

    concern: Concern
    explanation: str


class Confidence(Payload, frozen=True):
    """The confidence in a review finding (Lewin et al. 2018): four components and the whole, each judged in words.

    The whole is a judgement of people; nothing is reckoned from the components.
    """

    methodological: Component
    coherence: Component
    adequacy: Component
    relevance: Component
    overall: Overall
    explanation: str


class StudyWords(Payload, frozen=True):
    """What a study says to a theme (the subject) in the team's words: a cell of a framework's chart; empty: nothing."""

    study: str
    text: str


class Translation(Payload, frozen=True):
    """How the accounts of studies relate in a theme (the subject), in a meta-ethnography; `none` takes it away.

    Attributes:
        how: they say alike, they contradict each other, or together they say more than each.
        text: how one is translated into the other, in the team's words.
    """

    how: Literal["reciprocal", "refutational", "line_of_argument", "none"]
    text: str = ""


KINDS = (
    kind("finding", Finding, by_subject, "lead", "reviewer"),
    kind("theme", Theme, by_subject, "lead", "reviewer"),
    kind("bears", Bears, lambda s, _a, said: (s, said.source, said.source_id), "lead", "reviewer"),
    kind("study_words", StudyWords, lambda s, _a, said: (s, said.study), "lead", "reviewer"),
    kind("translation", Translation, by_subject, "lead", "reviewer"),
    kind("confidence", Confidence, by_subject, "lead", "reviewer", "adjudicator"),
)
