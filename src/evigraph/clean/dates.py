"""Dates in ISO 8601, exactly as precise as the source states them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

#: The years in which a work can have been published: from the first printed books on.
FIRST_YEAR, LAST_YEAR = 1400, 2100

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july"),
            *("aug august", "sep sept september", "oct october", "nov november", "dec december"),
        ),
        1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"  # noqa: E501
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_NUMERIC = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})(?:\2(?P<day>\d{1,2}))?(?!\d)(?!\2\d)")
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T.*)?$")
_WORDED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<year>\d{{4}})[\s,-]+{_MONTH}(?:[\s,-]+{_DAY})?",
        rf"(?<!\d){_DAY}[\s.-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH}(?:\s*[/-]\s*[a-z]{{3,9}}\.?)?[\s,/-]+(?P<year>\d{{4}})(?!\d)",
    )
)
_YEAR = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?!\d)|(?<!\d)2100(?!\d)")


def is_plausible_year(year: int) -> bool:
    """Whether a work can have been published in that year, 1400 to 2100."""
    return FIRST_YEAR <= year <= LAST_YEAR


def date_from_parts(parts: Sequence[object] | None) -> str | None:
    """The date of `[year, month, day]`, or None where the year is missing or not plausible.

    Parts are numbers, digits or English names of months; trailing ones may be missing. What is missing or
    impossible (month 13, 30 February) ends the precision: the date is then of the year or month.
    """
    if not parts:
        return None
    year = _number(parts[0])
    if year is None or not is_plausible_year(year):
        return None
    month = _month(parts[1]) if len(parts) > 1 else None
    if month is None:
        return f"{year:04}"
    day = _number(parts[2]) if len(parts) > 2 else None
    if day is None or not _exists(year, month, day):
        return f"{year:04}-{month:02}"
    return f"{year:04}-{month:02}-{day:02}"


def date_from_text(text: str | None) -> str | None:
    """The date that a text states, or None where it holds no plausible year.

    Understands ISO 8601 (a time of day is left out), `2021/3/9`, `20210309`, "9 March 2021", "March 9, 2021",
    and PubMed's MedlineDate: of a range ("1998 Dec-1999 Jan", "1977 Jul-Aug", "2000-2001") the beginning, of
    a season ("2001 Spring") the year, for ISO 8601 has no seasons. `09/03/2021` gives the year alone, since
    countries differ on which is the month.
    """
    if not text:
        return None
    text = text.strip()
    match = _NUMERIC.match(text) or _COMPACT.match(text)
    if match and (found := date_from_parts((match["year"], match["month"], match["day"]))):
        return found
    for pattern in _WORDED:
        if (match := pattern.search(text)) and (
            found := date_from_parts((match["year"], match["month"], match.groupdict().get("day")))
        ):
            return found
    year = _YEAR.search(text)
    return date_from_parts((year.group(),)) if year else None


def year_of(iso_date: str | None) -> int | None:
    """The year of a date in ISO 8601."""
    return int(iso_date[:4]) if iso_date else None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except (ValueError, OverflowError):
        return False
    return True


def _month(part: object) -> int | None:
    if isinstance(part, str) and (named := _MONTHS.get(part.strip().rstrip(".").lower())):
        return named
    number = _number(part)
    return number if number is not None and 1 <= number <= 12 else None


def _number(part: object) -> int | None:
    if isinstance(part, bool):
        return None
    if isinstance(part, int):
        return part
    if isinstance(part, float):
        return int(part) if part.is_integer() else None
    if isinstance(part, str) and (digits := part.strip()).isascii() and digits.isdecimal() and len(digits) <= 4:
        return int(digits)
    return None
