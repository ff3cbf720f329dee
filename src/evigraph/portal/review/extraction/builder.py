"""The form of extraction built on a page: sections and fields in rows, without writing lines or files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import cast

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.extraction.page import form_set
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.extraction.forms import TYPES, USUAL, checked
from evigraph.review.extraction.kinds import Field, FieldType, Section
from evigraph.review.extraction.standing import form_in_force

router = APIRouter(include_in_schema=False)

#: Empty rows at the end of each section, and in the new one.
_MORE = 2

#: Rows of a section that a sent form is read for: more than a form may have fields.
_MOST = 400

#: What each type of field is called on the page.
NAMES: dict[str, str] = {
    "text": "a line of text",
    "longtext": "some paragraphs",
    "integer": "whole number",
    "decimal": "number",
    "date": "date",
    "choice": "one of the choices",
    "multi": "any of the choices",
    "bool": "yes or no",
    "country": "country",
    "quote": "quotation",
}


@router.get("/reviews/{review_id}/extraction-form")
def build(request: Request, review_id: str) -> Response:
    """The form in rows, with empty ones to fill; the usual form where none is written."""
    state, who = member_of(request, review_id)
    in_force = form_in_force(state)
    return framed(
        request,
        state,
        who,
        "extraction",
        "extraction/builder.html",
        form=in_force,
        sections=in_force.sections if in_force else USUAL,
        more=_MORE,
        types=[(name, NAMES[name]) for name in TYPES],
        is_lead="lead" in state.roles(who.account),
        studies=[(study, state.study_label(study)) for study in state.studies()],
    )


@router.post("/reviews/{review_id}/extraction-form")
async def keep(request: Request, review_id: str) -> Response:
    """Keeps what was built as a version of the form."""
    fields = await form(request)

    def act() -> Response:
        _, who = member_of(request, review_id)
        made = form_set(told(lambda: built(fields)), fields)
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, review_id, made))
        return see(review_path(review_id, "extraction-form", done=event_id))

    return await run_in_threadpool(act)


def built(fields: Mapping[str, str]) -> tuple[Section, ...]:
    """The form that the rows of the page make.

    Section `s` is told by `s-S-name`, `s-S-order` and `s-S-repeated`; its row `r` by `f-S-R-` and label, key, type,
    choices, help, required, order, in (the section that it goes to) and remove. Rows without a label and sections
    without a field are left out. A row without a key is given one made of its label.

    Raises:
        InputError: the form is none that people can fill in.
    """
    numbers = sorted({int(at[1]) for name in fields if (at := re.fullmatch(r"s-(\d{1,3})-name", name, re.ASCII))})
    taken = {fields[name].strip() for name in fields if re.fullmatch(r"f-\d+-\d+-key", name, re.ASCII)}
    rows: dict[int, list[tuple[int, Field]]] = {number: [] for number in numbers}
    for number in numbers:
        for goes_to, order, field in _rows(fields, number, taken):
            if goes_to not in rows:
                raise InputError(f"the field {field.label[:40]} goes to a section that is not there: choose another")
            rows[goes_to].append((order, field))
    found = []
    for number in numbers:
        name = fields[f"s-{number}-name"].strip()[:200]
        held = tuple(field for _, field in sorted(rows[number], key=lambda row: row[0]))
        if held and not name:
            raise InputError(f"the section with the field {held[0].label[:40]} has no name: give it one")
        if held:
            section = Section(name, held, f"s-{number}-repeated" in fields)
            found.append((_order(fields.get(f"s-{number}-order", "")), section))
    return checked(tuple(section for _, section in sorted(found, key=lambda row: row[0])))


def _rows(fields: Mapping[str, str], number: int, taken: set[str]) -> Iterator[tuple[int, int, Field]]:
    """The filled rows of a section: the section that each goes to, its place there, and the field."""
    for row in range(_MOST):
        at = f"f-{number}-{row}-"
        label = " ".join(fields.get(f"{at}label", "").split())
        if not label or f"{at}remove" in fields:
            continue
        type_ = fields.get(f"{at}type", "text")
        if type_ not in TYPES:
            raise InputError(f"the field {label[:40]} has no known type: choose one")
        choices = tuple(dict.fromkeys(one.strip() for one in fields.get(f"{at}choices", "").split(";") if one.strip()))
        key = fields.get(f"{at}key", "").strip() or _key(label, taken)
        taken.add(key)
        help_ = " ".join(fields.get(f"{at}help", "").split())
        has_choices = type_ in ("choice", "multi")
        made = Field(
            key, label, cast(FieldType, type_), help_, choices if has_choices else (), f"{at}required" in fields
        )
        goes_to = fields.get(f"{at}in", str(number))
        section = int(goes_to) if re.fullmatch(r"\d{1,3}", goes_to, re.ASCII) else -1
        yield section, _order(fields.get(f"{at}order", "")), made


def _order(words: str) -> int:
    """A place in an order; what has none stands last."""
    return int(words) if re.fullmatch(r"\d{1,5}", words.strip(), re.ASCII) else 100_000


def _key(label: str, taken: set[str]) -> str:
    """A key of a label that no other field has."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:24].rstrip("_")
    stem = stem if stem and stem[0].isalpha() else f"field_{stem}".rstrip("_")
    return next(key for n in range(1, _MOST + 1) if (key := stem if n == 1 else f"{stem}_{n}") not in taken)
