"""The form of a Crossref work: what the crosswalk reads of it, and how a work of another form is brought into it.

Fields that nearly every work has, or has many of, have the type that the REST API documents, so that the parser
checks it once for all; what is rare or known to vary is left as it stands (`Any`). The names are Crossref's, with
`_` for `-`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec

from evigraph.clean.json_values import objects, text, texts

Json = dict[str, Any]

_Text = str | None
_Texts = list[str] | None
#: Beyond this the fast parser of untyped JSON gives a float.
_Count = Annotated[int, msgspec.Meta(ge=-(1 << 62), le=1 << 62)] | None
#: No value fits: a line with such a member is an answer, not a work.
_Never = Annotated[int, msgspec.Meta(ge=1, le=0)]


class Form(msgspec.Struct, rename="kebab", gc=False):
    """What all parts of a work share: names with hyphens, fields that may be missing or null."""


_Form = TypeVar("_Form", bound=Form)


class Date(Form):
    """A date as `[[year, month, day]]`, or an instant."""

    date_parts: list[list[int | None]] | None = None
    date_time: _Text = None


class Affiliation(Form):
    """Where a contributor works."""

    name: _Text = None
    id: Any = None


class Person(Form):
    """A contributor; a group has a `name` alone."""

    given: _Text = None
    family: _Text = None
    name: _Text = None
    suffix: _Text = None
    ORCID: _Text = None
    affiliation: list[Affiliation] | None = None


class Reference(Form):
    """An entry of the reference list, as the publisher deposited it."""

    DOI: _Text = None
    unstructured: _Text = None
    author: _Text = None
    year: _Text = None
    article_title: _Text = None
    journal_title: _Text = None
    volume_title: _Text = None
    series_title: _Text = None
    volume: _Text = None
    first_page: _Text = None


class Licence(Form):
    """A licence of one version of the work, from a day on."""

    URL: _Text = None
    content_version: _Text = None
    start: Date | None = None


class Link(Form):
    """An address of the full text."""

    URL: _Text = None
    intended_application: _Text = None


class Issn(Form):
    """An ISSN and the medium that it stands for."""

    type: _Text = None
    value: _Text = None


class Work(Form):
    """A work, as far as the crosswalk reads it."""

    DOI: _Text = None
    type: _Text = None
    subtype: _Text = None
    title: _Texts = None
    original_title: _Texts = None
    short_title: _Texts = None
    subtitle: _Texts = None
    abstract: _Text = None
    author: list[Person] | None = None
    editor: list[Person] | None = None
    translator: list[Person] | None = None
    chair: list[Person] | None = None
    publisher: _Text = None
    container_title: _Texts = None
    short_container_title: _Texts = None
    issn_type: list[Issn] | None = None
    ISSN: _Texts = None
    volume: _Text = None
    issue: _Text = None
    page: _Text = None
    language: _Text = None
    subject: _Texts = None
    alternative_id: _Texts = None
    issued: Date | None = None
    published: Date | None = None
    published_online: Date | None = None
    published_print: Date | None = None
    published_other: Date | None = None
    posted: Date | None = None
    approved: Date | None = None
    indexed: Date | None = None
    deposited: Date | None = None
    created: Date | None = None
    license: list[Licence] | None = None
    link: list[Link] | None = None
    reference: list[Reference] | None = None
    is_referenced_by_count: _Count = None
    reference_count: _Count = None
    member: _Text = None
    article_number: Any = None
    clinical_trial_number: Any = None
    component_number: Any = None
    container_title_short: Any = None
    degree: Any = None
    edition_number: Any = None
    event: Any = None
    funder: Any = None
    group_title: Any = None
    institution: Any = None
    ISBN: Any = None
    isbn_type: Any = None
    journal_issue: Any = None
    part_number: Any = None
    proceedings_subject: Any = None
    publisher_location: Any = None
    relation: Any = None
    resource: Any = None
    standards_body: Any = None
    update_to: Any = None
    updated_by: Any = None
    version: Any = None


class _Line(Work):
    """A work that stands in a line of its own."""

    items: _Never = 1
    results: _Never = 1
    message: _Never = 1
    data: _Never = 1


_decode = msgspec.json.Decoder(_Line).decode


def usual_work(line: bytes) -> Work | None:
    """The work in a line of JSON; None where it is none, or one of another form."""
    try:
        if not line.isascii():
            # The parser does not look into members that are passed over.
            line.decode()
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def work_of(stated: Json) -> Work:
    """The work that a JSON object states. A value of another form than the usual gives the text that is in it."""
    try:
        return msgspec.convert(stated, Work)
    except (msgspec.ValidationError, RecursionError):
        return _as_form(Work, stated)


def _as_form(form: type[_Form], stated: Json) -> _Form:
    values: Json = {}
    for name, stated_name, read in _readers(form):
        if (value := stated.get(stated_name)) is not None:
            values[name] = read(value)
    return form(**values)


@cache
def _readers(form: type[Form]) -> list[tuple[str, str, Callable[[Any], Any]]]:
    """Name, Crossref's name and forgiving reader of each field."""
    special = _SPECIAL.get(form, {})
    fields = msgspec.structs.fields(form)
    return [
        (field.name, field.encode_name, special.get(field.name) or special.get("*") or _BY_TYPE[field.type])
        for field in fields
    ]


def _as_it_is(value: Any) -> Any:
    return value


def _text_alone(value: Any) -> str | None:
    return value if type(value) is str else None


def _any_text(value: Any) -> str:
    return value if type(value) is str else text(value) or ""


def _one(form: type[Form]) -> Callable[[Any], Any]:
    return lambda value: _as_form(form, value) if type(value) is dict else None


def _each(form: type[Form]) -> Callable[[Any], Any]:
    return lambda value: [_as_form(form, part) for part in objects(value)]


#: How a field of each type is read from a value of any form.
_BY_TYPE: dict[Any, Callable[[Any], Any]] = {
    _Text: text,
    _Texts: texts,
    _Count: text,
    Any: _as_it_is,
    Date | None: _one(Date),
    **{
        list[form] | None: _each(form)  # type: ignore[valid-type]
        for form in (Person, Affiliation, Reference, Licence, Link, Issn)
    },
}
#: Fields that are read otherwise: those that are compared as they stand, and dates in parts of any form. Of an
#: entry of a reference list only what is a text is a DOI or a reference.
_SPECIAL: dict[type[Form], dict[str, Callable[[Any], Any]]] = {
    Work: {"type": _as_it_is},
    Date: {"date_parts": _as_it_is},
    Link: {"intended_application": _as_it_is},
    Reference: {"DOI": _text_alone, "unstructured": _text_alone, "*": _any_text},
}
