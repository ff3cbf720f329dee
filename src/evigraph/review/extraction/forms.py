"""Forms: the usual one for qualitative studies, forms written as lines, and what a form and a value must be."""

from __future__ import annotations

import re
from typing import cast, get_args

from evigraph.errors import InputError
from evigraph.review.extraction.kinds import Field, FieldType, Section

MAX_FIELDS = 200

#: Entries of a repeated section in a sheet.
MAX_PLACES = 200

TYPES: tuple[str, ...] = get_args(FieldType)

_USUAL = """\
# Study
authors | text | Authors | required
year | date | Year | required
country | country | Country
aim | longtext | Aim | required
design | text | Design and methodology
theory | text | Theoretical frame
setting | longtext | Setting and context
# Participants
sampling | text | Sampling
n | integer | Number of participants
age | text | Age
gender | text | Gender
role | text | Role
training | text | Training or certification
# Conduct
collection | longtext | Data collection
analysis | longtext | Analysis
ethics | text | Ethics
funding | text | Funding
# Findings (repeated)
theme | text | Theme, sub-theme or metaphor of the authors
finding | longtext | Finding in the authors' words | required
illustration | quote | Quotation that illustrates it
participant | text | Participant
# Remarks
limitations | longtext | Limitations
notes | longtext | Notes
"""


def read_form(lines: str) -> tuple[Section, ...]:
    """The form written as lines, as `write_form` writes it.

    A section is `# name`, with `(repeated)` after the name of one that repeats. A field is
    `key | type | label | options`; options, parted by `|`, are `required`, `help: words` and `choices: a; b`.

    Raises:
        InputError: a line is neither, or the form is none that people can fill in.
    """
    sections: list[Section] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        text = line.strip()
        if text.startswith("#"):
            name = text.lstrip("# ")
            sections.append(Section(name.removesuffix("(repeated)").strip(), (), name.endswith("(repeated)")))
        elif text:
            if not sections:
                raise InputError(f"line {number} stands in no section: begin with a line such as # Study")
            last = sections[-1]
            sections[-1] = Section(last.name, (*last.fields, _field(text, number)), last.is_repeated)
    return checked(tuple(sections))


def _field(text: str, number: int) -> Field:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) < 3 or parts[1] not in TYPES:
        raise InputError(f"line {number} is no field: write key | type | label, with a type of {', '.join(TYPES)}")
    choices: tuple[str, ...] = ()
    help_, is_required = "", False
    for option in parts[3:]:
        if option == "required":
            is_required = True
        elif option.startswith("help:"):
            help_ = option.removeprefix("help:").strip()
        elif option.startswith("choices:"):
            named = option.removeprefix("choices:").split(";")
            choices = tuple(one.strip() for one in named if one.strip())
        else:
            raise InputError(f"line {number}: {option[:40]!r} is no option: write required, help: … or choices: a; b")
    return Field(parts[0], parts[2], cast(FieldType, parts[1]), help_, choices, is_required)


def write_form(sections: tuple[Section, ...]) -> str:
    """The form as lines."""
    lines = []
    for section in sections:
        lines.append(f"# {section.name}{' (repeated)' if section.is_repeated else ''}")
        for field in section.fields:
            parts = [field.key, field.type, field.label]
            parts += ["required"] if field.is_required else []
            parts += [f"choices: {'; '.join(field.choices)}"] if field.choices else []
            parts += [f"help: {field.help}"] if field.help else []
            lines.append(" | ".join(parts))
    return "".join(f"{line}\n" for line in lines)


def checked(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The form, if people can fill it in.

    Raises:
        InputError: it has no field or too many, a key twice or odd, a label missing, or choices missing.
    """
    fields = [field for section in sections for field in section.fields]
    if not 0 < len(fields) <= MAX_FIELDS:
        raise InputError(f"the form has {len(fields)} fields: give it 1 to {MAX_FIELDS}")
    seen: set[str] = set()
    for field in fields:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", field.key) or field.key in seen:
            raise InputError(f"the key {field.key[:40]!r} is odd or there twice: use small letters, digits and _")
        if not field.label or max(len(field.label), len(field.help)) > 500:
            raise InputError(f"the field {field.key} has no label, or one that is too long: 500 characters at most")
        if (field.type in ("choice", "multi")) != bool(field.choices):
            raise InputError(f"the field {field.key}: fields of type choice and multi have choices, others none")
        seen.add(field.key)
    return sections


def check_value(field: Field, value: str) -> None:
    """Nothing, if a value is of the field's type.

    Raises:
        InputError: it is not; the message tells the form that is wanted.
    """
    if field.type in _SHAPES:
        shape, wanted = _SHAPES[field.type]
        is_good = re.fullmatch(shape, value, re.ASCII) is not None
    elif field.type in ("choice", "multi"):
        given = value.split("; ") if field.type == "multi" else [value]
        is_good, wanted = set(given) <= set(field.choices), f"of {'; '.join(field.choices)}"
    else:
        is_good, wanted = True, ""
    if not is_good:
        raise InputError(f"{field.label}: {value[:40]!r} is not {wanted}")


_SHAPES: dict[str, tuple[str, str]] = {
    "integer": (r"-?\d{1,18}", "a whole number in digits"),
    "decimal": (r"-?\d{1,18}(\.\d{1,18})?", "a number such as 12.5"),
    "date": (r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", "a date such as 2020, 2020-03 or 2020-03-31"),
    "bool": (r"yes|no", "yes or no"),
    "country": (r"[A-Z]{2}", "two capital letters of ISO 3166-1, such as NO"),
}

#: The usual form for qualitative studies, ready to change.
USUAL = read_form(_USUAL)
