"""What is said when data is extracted: versions of the form, each person's values, and what was agreed."""

from __future__ import annotations

from typing import Literal

import msgspec

from evigraph.review.kind import Payload, by_subject_and_actor, kind
from evigraph.review.sheet import Evidence, Sheet

FieldType = Literal["text", "longtext", "integer", "decimal", "date", "choice", "multi", "bool", "country", "quote"]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a form.

    Attributes:
        key: its name in tables; it stays the same through the versions of the form.
        label, help: for people.
        type: what a value must be: `decimal` and `integer` in digits, `date` as year, year-month or year-month-day,
            `bool` yes or no, `country` two letters of ISO 3166-1, `multi` choices parted by `; `.
        choices: of `choice` and `multi`.
        is_required: a sheet without it is not complete; in a repeated section, each of its entries.
    """

    key: str
    label: str
    type: FieldType = "text"
    help: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields that stand together; of a repeated one a study has as many entries as it needs."""

    name: str
    fields: tuple[Field, ...]
    is_repeated: bool = False


class FormSet(Payload, frozen=True):
    """A version of the form.

    Attributes:
        sections: of the form.
        n_people: how many extract each study.
        pilot: the studies on which the form is tried; empty once it is released for all.
    """

    sections: tuple[Section, ...]
    n_people: int = 2
    pilot: tuple[str, ...] = ()


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The value of a field, in the entry `place` (from 0) of a repeated section, and where the report says it."""

    key: str
    value: str
    place: int = 0
    evidence: tuple[Evidence, ...] = ()


#: What sheets of every version of the form have as their basis: values go on by their keys.
BASIS = "form"


class Extracted(Sheet, frozen=True):
    """One person's values of a study."""

    values: tuple[Value, ...] = ()


class ValueAgreed(Payload, frozen=True):
    """What stands in a field of a study where the extractors differ; an empty value leaves the field empty."""

    value: Value
    by_discussion: bool = False


KINDS = (
    kind("form", FormSet, lambda *_: (), "lead"),
    kind("extraction", Extracted, by_subject_and_actor, "reviewer", is_personal=True),
    kind(
        "extraction_agreed",
        ValueAgreed,
        lambda subject, _a, made: (subject, made.value.key, str(made.value.place)),
        "adjudicator",
        "reviewer",
    ),
)
