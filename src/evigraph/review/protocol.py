"""The protocol of a review: its question, its ordered criteria, its sources and people; amended openly."""

from __future__ import annotations

from typing import Literal

import msgspec

from evigraph.errors import InputError

#: Title and abstract, then full text: the two stages at which records are screened.
Stage = Literal["title_abstract", "full_text"]

#: The two stages in their order.
STAGES: tuple[Stage, ...] = ("title_abstract", "full_text")

#: Question frames and the facets of each, in the order in which they are asked. PICo and its kin are conventions of
#: the field: JBI for qualitative evidence (PICo), Cooke et al. 2012 (SPIDER), JBI for scoping reviews (PCC).
FRAMES: dict[str, tuple[str, ...]] = {
    "PICo": ("population", "phenomenon of interest", "context"),
    "SPIDER": ("sample", "phenomenon of interest", "design", "evaluation", "research type"),
    "PICO": ("population", "intervention", "comparison", "outcome"),
    "PCC": ("population", "concept", "context"),
    "SPICE": ("setting", "perspective", "intervention", "comparison", "evaluation"),
    "PEO": ("population", "exposure", "outcome"),
}


class Facet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part of the question: its name in the frame, what is meant, and words that stand for it in a text."""

    name: str
    text: str
    words: tuple[str, ...] = ()


class Criterion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One criterion of eligibility.

    Attributes:
        criterion_id: short, unique in the protocol, never used again for another one.
        effect: what a record that meets it is.
        text: the criterion as reviewers read it.
        stages: where it is asked.
        label: how tables name it as a reason for exclusion, for example `wrong population`.
    """

    criterion_id: str
    effect: Literal["include", "exclude"]
    text: str
    stages: tuple[Stage, ...] = STAGES
    label: str = ""

    @property
    def reason(self) -> str:
        """What a table of exclusions calls it."""
        return self.label or self.text


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the protocol is registered: register, number there, address, day (ISO 8601)."""

    register: str
    number: str
    url: str = ""
    registered_on: str = ""


class Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a review set out to do (PRISMA 2020 items 4, 5 and 24; PRISMA-P).

    Attributes:
        title: of the review.
        review_type: systematic review, qualitative evidence synthesis, scoping review, rapid review, …
        question: in one sentence.
        frame: a name in `FRAMES`.
        facets: the parts of the question.
        criteria: in the order in which they are asked; the first that a report fails is its reason for exclusion.
        published_from, published_until: first and last year, inclusive; null for no bound.
        languages: codes of ISO 639-1 or names; none for any.
        publication_status: for example published and unpublished.
        sources: the databases, registers and other places that are to be searched.
        appraisal_tool, synthesis_method, stance: as planned; the stance is epistemological.
        team: reflexivity: who the reviewers are and where they stand.
        registrations: none, or several.
        funding, interests: as the report will state them.
    """

    title: str
    review_type: str = "systematic review"
    question: str = ""
    frame: str = "PICo"
    facets: tuple[Facet, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    published_from: int | None = None
    published_until: int | None = None
    languages: tuple[str, ...] = ()
    publication_status: str = ""
    sources: tuple[str, ...] = ()
    appraisal_tool: str = ""
    synthesis_method: str = ""
    stance: str = ""
    team: str = ""
    registrations: tuple[Registration, ...] = ()
    funding: str = ""
    interests: str = ""

    def reasons(self, stage: Stage) -> tuple[Criterion, ...]:
        """The criteria that are asked at a stage, in their order: what a report may be excluded for."""
        return tuple(criterion for criterion in self.criteria if stage in criterion.stages)

    def words(self) -> tuple[str, ...]:
        """The words that the question and its facets give for ranking and for marking in a text, each once."""
        found = (word for facet in self.facets for word in (*facet.words, facet.text))
        return tuple(dict.fromkeys(word for word in (self.question, *found) if word.strip()))


def checked(protocol: Protocol) -> Protocol:
    """The protocol itself, if it can be worked by.

    Raises:
        InputError: no title, a frame that is not known, a criterion without text, an id given twice, or years in the
            wrong order.
    """
    if not protocol.title.strip():
        raise InputError("the protocol has no title: give the review one")
    if protocol.frame not in FRAMES:
        raise InputError(f"{protocol.frame!r} is no frame of a question: take one of {', '.join(FRAMES)}")
    seen: set[str] = set()
    for criterion in protocol.criteria:
        if not criterion.text.strip():
            raise InputError(f"criterion {criterion.criterion_id} says nothing: write it out or leave it away")
        if criterion.criterion_id in seen:
            raise InputError(f"two criteria are called {criterion.criterion_id}: name each anew")
        seen.add(criterion.criterion_id)
    first, last = protocol.published_from, protocol.published_until
    if first is not None and last is not None and first > last:
        raise InputError(f"published from {first} until {last}: the first year comes after the last")
    return protocol


def differences(old: Protocol, new: Protocol) -> list[tuple[str, str, str]]:
    """What changed between two versions: for each field that differs its name, what it said, what it says."""
    before, after = msgspec.to_builtins(old), msgspec.to_builtins(new)
    return [
        (name, _told(before[name]), _told(after[name]))
        for name in Protocol.__struct_fields__
        if before[name] != after[name]
    ]


def _told(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(_told(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(item)}" for name, item in value.items() if item not in ("", None, (), []))
    return "" if value is None else str(value)
