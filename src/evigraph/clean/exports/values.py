"""Values of exports taken apart: dates, pages, serial numbers, names; and whether nothing of a value was left over.

Every function says, beside what it found, whether that is all the text said. What said more is kept in `extras` as it
was read; so a value may be used and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from evigraph.clean.dates import date_from_parts, date_from_text
from evigraph.clean.names import author, author_from_text
from evigraph.clean.pubmed.fields import pages_from_text
from evigraph.clean.text import clean_line
from evigraph.model.pid import normalise_issn

_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_HAS_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|\d{8}")
_COMPACT = re.compile(r"(?<!\d)(?:1[4-9]|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)")
_DAYS = re.compile(r"\b\d{1,2}\s*[-\u2010-\u2015]\s*\d{1,2}(\.?\s*[^\W\d_]{3})")
_MONTH_WORDS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RANGE = re.compile(
    r"(?:pp?\.?\s*)?(?P<first>[A-Za-z]*\d[\w.]*)\s*(?:--?|[\u2010-\u2015])\s*(?P<last>[A-Za-z]*\d[\w.]*)$"
)
_N_PAGES = re.compile(r"\d+\s*(?:p|pp|pages|s)\.?$|.*\bpagination\b", re.IGNORECASE)

_SERIAL = re.compile(
    r"(?P<label>e-?issn|p-?issn|issn|isbn)?[-:\s]*"
    r"(?P<number>(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx]|\d{4}[-\u2010-\u2015 ]?\d{3}[\dXx])(?![\dXx-])"
    r"\s*(?:[(\[](?P<note>[^)\]]{0,60})[)\]])?",
    re.IGNORECASE,
)

#: A longer name or range of pages is none, and patterns are not tried on it, for their cost grows with its square.
_LONGEST = 200

#: Words of which an organisation's name has one; a person's has none.
_CORPORATE = re.compile(
    r"\b(?:universit\w*|institut\w*|organi[sz]ation|committee|consortium|collaborat\w+|network|association|society|"
    r"cent(?:er|re)|department|ministry|agency|foundation|council|commission|investigators|group|team|college|hospital|"
    r"academy|bureau|federation|laborator\w+|initiative|programme|program|office|service|services|library|company|"
    r"inc|ltd|gmbh|corporation|united nations|board|authority|task ?force|panel|alliance|trust)\b",
    re.IGNORECASE,
)
_INITIALS = r"(?:[^\W\d_]\.[\s-]?)+|[^\W\d_a-z]{1,3}"
_FAMILY_INITIALS = re.compile(rf"(?P<family>[^\d,]*[^\W\d_]{{2}}[^\d,]*?)\s+(?P<given>{_INITIALS})$")
_INITIALS_FAMILY = re.compile(r"(?P<given>(?:[^\W\d_]\.[\s-]?)+)\s*(?P<family>[^\d,.]*[^\W\d_]{2}[^\d,]*)$")


class Serials(NamedTuple):
    """The ISSNs by kind (print, online, linking), the ISBNs, and whether they are all that the text says."""

    issns: dict[str, str]
    isbns: list[str]
    is_all: bool


def dates(years: Iterable[str], others: Iterable[str]) -> str | None:
    """The publication date in ISO 8601: its year from the first of `years` that has one, as precise as any says.

    A date of `others` counts where it is of that year; one without a year ("Jun 15", EndNote's and Web of Science's
    way) is taken to be of it. Without `years` the first of `others` decides.
    """
    stated = [*years]
    further = [*others]
    base = next((found for text in (*stated, *further) if (found := date_of(text))), None)
    if base is None:
        return None
    best = base
    for text in (*stated, *further):
        found = date_of(text, base[:4])
        if found and len(found) > len(best) and found.startswith(best):
            best = found
    return best


def date_of(text: str, year: str | None = None) -> str | None:
    """The date of a text; `year` is used for one that states a month or day without its year."""
    if year is None or _HAS_YEAR.search(text):
        # Of several days, as a conference has, the month counts; a date may have words before it.
        compact = _COMPACT.search(text)
        return date_from_text(compact.group() if compact else _DAYS.sub(r"\1", text))
    found = [date_from_text(f"{year} {text}"), date_from_text(f"{text} {year}")]
    return max((each for each in found if each and len(each) > 4), key=len, default=None)


def says_only_date(text: str, date: str | None) -> bool:
    """Whether every number and word of the text is in the date: "2014//", "2012/07/03", "Jun" of 2011-06."""
    if date is None:
        return False
    parts = [int(part) for part in date.split("-")]
    if re.fullmatch(r"\d{8}", text.strip()):
        return date_from_text(text) == date
    tokens = _TOKENS.findall(text)
    if not tokens or len(tokens) > len(parts):
        return False
    month = _MONTH_WORDS[parts[1]] if len(parts) > 1 else None
    named = [token for token in tokens if not token.isdecimal()]
    if any(month is None or token[:3].lower() != month or date_from_parts((2000, token)) is None for token in named):
        return False
    numbers = [int(token) for token in tokens if token.isdecimal()]
    left = parts[:1] + parts[2:] if named else parts[:]
    if not numbers:
        return True
    if numbers[0] == left[0]:
        return numbers == left[: len(numbers)]
    return bool(named) and sorted(numbers) == sorted(left[-len(numbers) :])


def pages(text: str) -> tuple[str | None, str | None, bool]:
    """First page, last page, and whether that is all the text says. A number of pages ("146p") is no page."""
    line = clean_line(text) or ""
    if not line or len(line) > _LONGEST or _N_PAGES.match(line) or not any(map(str.isdecimal, line)):
        return None, None, False
    if match := _RANGE.match(line):
        first, last = pages_from_text(f"{match['first']}-{match['last']}")
        return first, last, True
    if re.search(r"[,;\s]", line):
        first, last = pages_from_text(re.sub(r"^pp?\.?\s*", "", line))
        if not first or not any(map(str.isdecimal, first)):
            return None, None, False
        return first, last, first == line
    return line, None, True


def serials(text: str, is_isbn: bool | None = None) -> Serials:
    """The ISSNs and ISBNs that a text lists, of the kinds that its notes tell: "0222-6666(Print)", "E-ISSN: …".

    An ISSN of no stated kind has no home in a record, so the text says more than was found. Check digits decide
    what is a number (ISO 3297, ISO 2108).
    """
    issns: dict[str, str] = {}
    isbns: list[str] = []
    is_all = True
    for match in _SERIAL.finditer(text):
        note = (match["note"] or "").strip().lower()
        label = (match["label"] or "").lower()
        if (issn := normalise_issn(match["number"])) and not is_isbn:
            kind = serial_kind(f"{note} {label}")
            if kind is None or issns.setdefault(kind, issn) != issn:
                is_all = False
        elif (isbn := isbn_of(match["number"])) and is_isbn is not False:
            isbns.append(isbn)
            is_all = is_all and note in ("", "isbn")
        else:
            is_all = False
    rest = _SERIAL.sub("", text)
    return Serials(issns, isbns, is_all and not re.search(r"\w", rest))


def serial_kind(words: str) -> str | None:
    """The kind of ISSN that a note tells: print, online or linking; None where it tells none."""
    if re.search(r"electronic|online|e-?issn|\bweb\b|internet", words):
        return "online"
    if re.search(r"print|p-?issn|paper", words):
        return "print"
    return "linking" if "linking" in words or "issn-l" in words else None


def isbn_of(text: str) -> str | None:
    """The ISBN as digits alone, if its check digit is right, or None."""
    digits = re.sub(r"[\s-]", "", text).upper()
    if len(digits) == 13 and digits.isdecimal() and digits[:3] in ("978", "979"):
        total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
        return digits if total % 10 == 0 else None
    if len(digits) == 10 and digits[:9].isdecimal() and (digits[9].isdecimal() or digits[9] == "X"):
        total = sum((10 if digit == "X" else int(digit)) * (10 - at) for at, digit in enumerate(digits))
        return digits if total % 11 == 0 else None
    return None


def person(text: str) -> dict[str, Any] | None:
    """The AUTHOR that an exported name states, or None where it is junk.

    "Family, Given" is the rule of all formats; a closing comma marks a group, as EndNote has it. Without a comma
    initials tell which part is which ("Liu R.", "Adler DG", "A. Author-One"), and a word as University or Committee
    makes it a group; else the last word is the family name (`evigraph.clean.names`).
    """
    return settled_name(_person(text))


def settled_name(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """The name as it is read again when it is written: its parts as clean as the whole, a single part as a whole."""
    if found is None or found["is_group"]:
        return found
    if not found["given_name"] or not found["family_name"]:
        again = author_from_text(found["full_name"], orcid=found["orcid"], affiliations=found["affiliations"])
        is_whole = again is None or not again["given_name"] or not again["family_name"]
        return found | {"given_name": None, "family_name": None} if is_whole else settled_name(again)
    stated = {key: found[key] for key in ("given_name", "family_name", "full_name")}
    again = author(**stated, orcid=found["orcid"], affiliations=found["affiliations"])
    return again if again == found else settled_name(again)


def _person(text: str) -> dict[str, Any] | None:
    line = clean_line(text)
    if not line:
        return None
    if line.endswith(",") and line.count(",") - 2 * line.count(",,") <= 1:
        return author(full_name=line[:-1].replace(",,", ","), is_group=True)
    if _is_corporate(line):
        return author(full_name=line, is_group=True)
    family, comma, given = (part.strip() for part in line.partition(","))
    if comma:
        # In capitals these are initials: "Smith, JR" of Web of Science is no junior.
        return author(given_name=given, family_name=family) if given in ("JR", "SR") else author_from_text(line)
    if len(line) > _LONGEST:
        return author_from_text(line)
    match = _FAMILY_INITIALS.match(line) or _INITIALS_FAMILY.match(line)
    if match and match["given"].isupper() and match["given"] not in ("II", "III", "IV"):
        return author(given_name=match["given"], family_name=match["family"])
    return author_from_text(line)


def _is_corporate(name: str) -> bool:
    """Whether a word of the name is an organisation's. "Trust, Carl" is a person, "Trust for Health, UK" is not."""
    if not _CORPORATE.search(name):
        return False
    family, comma, given = name.partition(",")
    return not comma or len(family.split()) > 1 or (_CORPORATE.search(given) is not None and len(given.split()) > 1)
