"""Pages, volumes and issues in the form in which they are compared."""

from __future__ import annotations

import re

_PAGE = re.compile(r"([a-z]{0,3})\.?\s*0*([0-9]+)([a-z]?)")
_DIGITS = re.compile(r"[0-9]+")


def number_form(text: str | None) -> str | None:
    """A volume or issue: its digits without zeros in front where it is one number, else the text, lower-case."""
    text = (text or "").strip().lower()
    if not text:
        return None
    found = _DIGITS.findall(text)
    return found[0].lstrip("0") or "0" if len(found) == 1 else text


def page_form(text: str | None) -> str | None:
    """A first page: prefix letters and number (`e123`, `s12`, `123`), or None where there is none."""
    match = _PAGE.search((text or "").strip().lower())
    if not match:
        return None
    prefix = match.group(1) if match.group(1) not in {"p", "pp", "pg"} else ""
    return f"{prefix}{match.group(2)}"


def last_page_form(first: str | None, last: str | None) -> str | None:
    """A last page, with the digits that it leaves out: 123 and 9 make 129."""
    begin, end = page_form(first), page_form(last)
    if not end or not begin:
        return end
    digits_b: str = _DIGITS.findall(begin)[-1]
    digits_e: str = _DIGITS.findall(end)[-1]
    if len(digits_e) < len(digits_b):
        return digits_b[: len(digits_b) - len(digits_e)] + digits_e
    return digits_e


_SUPPLEMENT = re.compile(r"\bsup", re.IGNORECASE)


def is_supplement_page(volume: str | None, issue: str | None, first: str | None, last: str | None) -> bool:
    """Whether a work is one page, or less, of a supplement: as abstracts of a congress are.

    The supplement is named in volume or issue, or the page's letter says so (`S123`).
    """
    page = page_form(first)
    if not page or (last and last_page_form(first, last) != _DIGITS.findall(page)[-1]):
        return False
    return page[0] == "s" or any(_SUPPLEMENT.search(text) for text in (volume, issue) if text)
