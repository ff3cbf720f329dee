"""The form of a protocol: a protocol from its fields, leniently, so that what was typed is never lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from evigraph.errors import InputError
from evigraph.review.protocol import FRAMES, STAGES, Criterion, Facet, Protocol, Registration

#: Rows that stand empty below those that are filled.
BLANK_ROWS = 3

_MOST_ROWS = 200

_PLAIN = (
    "title",
    "review_type",
    "question",
    "frame",
    "publication_status",
    "appraisal_tool",
    "synthesis_method",
    "stance",
    "team",
    "funding",
    "interests",
)


def protocol_of(fields: Mapping[str, str], former_ids: Iterable[str]) -> Protocol:
    """The protocol that a form describes; rows without text are left away.

    Args:
        fields: of the form; rows are numbered from 0 (`criterion-0-text`, `facet-0-text`, `registration-0-number`).
        former_ids: ids of criteria that any version ever used: a new criterion takes none of them.

    Raises:
        InputError: a year is no year.
    """
    plain = {name: fields.get(name, "").strip() for name in _PLAIN}
    return Protocol(
        **plain,
        facets=tuple(_facets(fields, plain["frame"])),
        criteria=tuple(_criteria(fields, set(former_ids))),
        published_from=_year(fields, "published_from"),
        published_until=_year(fields, "published_until"),
        languages=_several(fields.get("languages", "")),
        sources=_several(fields.get("sources", "")),
        registrations=tuple(_registrations(fields)),
    )


def _facets(fields: Mapping[str, str], frame: str) -> Iterable[Facet]:
    for n, name in enumerate(FRAMES.get(frame, ())):
        text, words = fields.get(f"facet-{n}-text", "").strip(), _several(fields.get(f"facet-{n}-words", ""))
        if text or words:
            yield Facet(name, text, words)


def _criteria(fields: Mapping[str, str], taken: set[str]) -> Iterable[Criterion]:
    rows = [
        (_place(fields.get(f"criterion-{n}-place", ""), n), n, text)
        for n in range(_rows(fields, "criterion"))
        if (text := fields.get(f"criterion-{n}-text", "").strip())
    ]
    number = 0
    for _, n, text in sorted(rows):
        criterion_id = fields.get(f"criterion-{n}-id", "").strip()
        while not criterion_id:
            number += 1
            if f"c{number}" not in taken:
                criterion_id = f"c{number}"
        taken.add(criterion_id)
        effect: Literal["include", "exclude"] = (
            "exclude" if fields.get(f"criterion-{n}-effect") == "exclude" else "include"
        )
        stages = tuple(stage for stage in STAGES if f"criterion-{n}-{stage}" in fields)
        label = fields.get(f"criterion-{n}-label", "").strip()
        yield Criterion(criterion_id, effect, text, stages or STAGES, label)


def _registrations(fields: Mapping[str, str]) -> Iterable[Registration]:
    for n in range(_rows(fields, "registration")):
        told = [fields.get(f"registration-{n}-{name}", "").strip() for name in ("register", "number", "url", "on")]
        if any(told):
            yield Registration(*told)


def _rows(fields: Mapping[str, str], kind: str) -> int:
    numbers = [int(found[1]) for name in fields if (found := re.match(rf"{kind}-(\d{{1,3}})-", name))]
    return min(max(numbers, default=-1) + 1, _MOST_ROWS)


def _place(text: str, n: int) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float(n + 1)


def _several(text: str) -> tuple[str, ...]:
    """What a field lists, a line or behind semicolons each, each once."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[\n;]", text) if part.strip()))


def _year(fields: Mapping[str, str], name: str) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise InputError(f"“{text[:20]}” is no year: write four digits, or leave it empty")
    return int(text)
