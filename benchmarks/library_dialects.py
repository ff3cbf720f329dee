"""A work as Embase, PubMed, Scopus and Web of Science export it, with the losses that each one's exports have.

PubMed writes NBIB, the other three RIS. What is lost where was read off real exports: initials only (Embase, Scopus,
Web of Science), shortened last pages (PubMed), article numbers in a field of their own (Scopus), upper case and
vanished diacritics (Web of Science), translated titles in brackets (PubMed), bare (Embase) or with the original behind
them (Scopus), journals abbreviated or by another name, records without DOI, pages or volume (articles in press).
Chance is a checksum of the work's key and the loss, so that the same works always give the same files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

Row = dict[str, Any]

#: Letters that Web of Science spells out.
_GREEK = {
    "\u03b1": "alpha",
    "\u03b2": "beta",
    "\u03b3": "gamma",
    "\u03b4": "delta",
    "\u03ba": "kappa",
    "\u03bb": "lambda",
    "\u03bc": "mu",
    "\u03c9": "omega",
}

#: Share of records whose DOI an export leaves out, where the work has one.
NO_DOI = {"embase": 0.15, "pubmed": 0.05, "scopus": 0.05, "wos": 0.1}

#: Share of the works that Embase and Scopus still know as articles in press: no volume, no pages.
IN_PRESS = 0.02


def chance(key: str, what: str, share: float) -> bool:
    """Whether something happens to a work that happens to this share of works."""
    return crc32(f"{what} {key}".encode()) % 10_000 < share * 10_000


def plain(text: str) -> str:
    """A text without diacritics, Greek letters spelled out."""
    for letter, name in _GREEK.items():
        text = text.replace(letter, name)
    text = text.translate(str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "ł": "l", "Ł": "L", "\u2013": "-"}))
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def initials(given: str) -> list[str]:
    """The initials of given names, those of hyphenated names each; capitals without a gap are initials already."""
    letters = []
    for part in re.split(r"[\s.\-]+", given):
        letters += list(part) if part.isupper() and len(part) <= 3 else [part[:1].upper()]
    return [letter for letter in letters if letter]


def _bare(title: str) -> tuple[str, bool]:
    """A title without PubMed's brackets and full stop, and whether it is a translation."""
    found = re.fullmatch(r"\s*\[(.*?)\]\.?\s*(?:\(.*\))?\.?\s*", title, re.DOTALL)
    return (found.group(1).rstrip(". "), True) if found else (title.rstrip(". "), False)


def _journal(container: Row) -> str:
    """A journal's name as others than PubMed write it: no parallel title, no place, capitals."""
    name = re.split(r" : | = | \(", container.get("name") or "")[0]
    small = {"of", "the", "and", "in", "for", "de", "et", "und", "der", "la", "on", "des", "du", "di"}
    words = [
        word if word in small and place else word[:1].upper() + word[1:] for place, word in enumerate(name.split())
    ]
    return " ".join(words).rstrip(".")


def _dotted(abbreviation: str, name: str) -> str:
    """An abbreviated journal with the full stops that PubMed leaves out."""
    whole = {word.lower() for word in name.split()}
    return " ".join(word if word.lower() in whole else f"{word}." for word in abbreviation.split())


def _short_last(first: str, last: str) -> str:
    """A last page without the digits that it has in common with the first: 187 and 194 make 94."""
    if not (first.isdigit() and last.isdigit() and len(first) == len(last)):
        return last
    for place, digit in enumerate(last):
        if digit != first[place]:
            return last[place:]
    return last[-1:]


def _pages(work: Row) -> tuple[str, str]:
    container = work["container"] or {}
    return container.get("first_page") or "", container.get("last_page") or ""


def _pid(work: Row, scheme: str) -> str | None:
    return next((pid["value"] for pid in work["pids"] or () if pid["scheme"] == scheme), None)


def _doi(work: Row, database: str, with_dois: bool) -> str | None:
    return _pid(work, "doi") if with_dois and not chance(work["key"], f"doi {database}", NO_DOI[database]) else None


def _issn(container: Row) -> str:
    return container.get("issn_print") or container.get("issn_linking") or container.get("issn_online") or ""


def _lines(fields: list[tuple[str, str | None]], form: str = "{}  - {}") -> str:
    return "\n".join(form.format(tag, value) for tag, value in fields if value)


def pubmed(work: Row, with_dois: bool) -> str:
    """The work in PubMed's NBIB."""
    container = work["container"] or {}
    first, last = _pages(work)
    pages = f"{first}-{_short_last(first, last)}" if last and last != first else first
    fields: list[tuple[str, str | None]] = [
        ("PMID", _pid(work, "pmid")),
        ("OWN", "NLM"),
        ("STAT", "MEDLINE"),
        ("IS", f"{_issn(container)} (Print)" if _issn(container) else None),
        ("VI", container.get("volume")),
        ("IP", container.get("issue")),
        ("DP", str(work["year"] or "")),
        ("TI", work["title"]),
        ("PG", pages),
    ]
    doi = _doi(work, "pubmed", with_dois)
    fields += [("LID", f"{doi} [doi]" if doi else None)]
    for author in work["authors"] or ():
        family, given = author["family_name"], author["given_name"] or ""
        if family:
            fields += [
                ("FAU", f"{family}, {given}".rstrip(", ")),
                ("AU", f"{family} {''.join(initials(given))}".strip()),
            ]
        else:
            fields.append(("CN", author["full_name"]))
    fields += [("LA", work["language"]), ("PT", "Journal Article")]
    fields += [("TT", title) for title in work["alternative_titles"] or ()]
    fields += [("TA", container.get("abbreviated_name")), ("JT", container.get("name"))]
    if doi:
        fields.append(("AID", f"{doi} [doi]"))
    return "\n".join(f"{tag:<4}- {value}" for tag, value in fields if value) + "\n\n"


def _is_in_press(work: Row, database: str) -> bool:
    """Whether a database still has a work as an article in press: without volume and pages. Abstracts never are."""
    return work.get("kind") != "Conference Abstract" and chance(work["key"], f"press {database}", IN_PRESS)


def embase(work: Row, with_dois: bool) -> str:
    """The work in Embase's RIS."""
    container, key = work["container"] or {}, work["key"]
    first, last = _pages(work)
    title, _ = _bare(work["title"])
    in_press = _is_in_press(work, "embase")
    fields: list[tuple[str, str | None]] = [
        ("TY", "JOUR"),
        ("M3", "Article in Press" if in_press else work.get("kind", "Article")),
        ("Y1", str(work["year"] or "")),
        ("VL", None if in_press else container.get("volume")),
        ("IS", None if in_press else container.get("issue")),
        ("SP", None if in_press else first),
        ("EP", None if in_press else last),
        ("SN", _issn(container)),
        ("JF", _journal(container)),
        ("JO", _dotted(container.get("abbreviated_name") or "", container.get("name") or "")),
        ("UR", f"http://www.embase.com/search/results?subaction=viewrecord&from=export&id=L{_number(key, 'embase')}"),
        ("U2", f"L{_number(key, 'embase')}"),
        ("DB", "Embase"),
        ("DO", _doi(work, "embase", with_dois)),
    ]
    for author in work["authors"] or ():
        if author["family_name"]:
            dots = "".join(f"{letter}." for letter in initials(author["given_name"] or ""))
            fields.append(("A1", f"{author['family_name']} {dots}".strip()))
    fields += [("T1", title), ("LA", "English")]
    return _lines(fields) + "\nER  - \n\n"


def scopus(work: Row, with_dois: bool) -> str:
    """The work in Scopus's RIS: a lone first page goes into C7 where it is an article number."""
    container, key = work["container"] or {}, work["key"]
    first, last = _pages(work)
    title, is_translated = _bare(work["title"])
    if is_translated and (others := work["alternative_titles"]):
        title = f"{title} [{others[0].rstrip('. ')}]"
    in_press = _is_in_press(work, "scopus")
    is_number = bool(first) and not last
    fields: list[tuple[str, str | None]] = [
        ("TY", "JOUR"),
        ("TI", title),
        ("T2", _journal(container)),
        ("J2", _dotted(container.get("abbreviated_name") or "", container.get("name") or "")),
        ("VL", None if in_press else container.get("volume")),
        ("IS", None if in_press else container.get("issue")),
        ("SP", None if in_press or is_number else first),
        ("EP", None if in_press or is_number else last),
        ("PY", str(work["year"] or "")),
        ("DO", _doi(work, "scopus", with_dois)),
        ("SN", f"{_issn(container).replace('-', '')} (ISSN)" if _issn(container) else None),
    ]
    for author in (work["authors"] or ())[:100]:
        if author["family_name"]:
            dots = "".join(f"{letter}." for letter in initials(author["given_name"] or ""))
            fields.append(("AU", f"{author['family_name']}, {dots}".rstrip(", ")))
    fields += [("M3", work.get("kind", "Article")), ("DB", "Scopus"), ("C7", first if is_number else None)]
    fields += [
        ("LA", "English"),
        ("UR", f"https://www.scopus.com/inward/record.uri?eid=2-s2.0-{_number(key, 'scopus')}"),
    ]
    return _lines(fields) + "\nER  - \n\n"


def wos(work: Row, with_dois: bool) -> str:
    """The work in Web of Science's RIS: old titles in capitals, no diacritics, surnames without gaps and hyphens."""
    container, key = work["container"] or {}, work["key"]
    first, last = _pages(work)
    title = plain(_bare(work["title"])[0])
    if (work["year"] or 9999) < 1996:
        title = title.upper()
    fields: list[tuple[str, str | None]] = [("TY", "JOUR")]
    for author in work["authors"] or ():
        if author["family_name"]:
            family = plain(author["family_name"])
            if (work["year"] or 9999) < 1996:
                family = re.sub(r"[ \-']", "", family).upper()
            fields.append(("AU", f"{family}, {''.join(initials(plain(author['given_name'] or '')))}".rstrip(", ")))
    journal = _journal(container)
    fields += [
        ("TI", title),
        ("T2", plain(journal).upper()),
        ("LA", "English"),
        ("M3", work.get("kind", "Article")),
        ("SN", _issn(container)),
        ("J9", plain(container.get("abbreviated_name") or "").upper()),
        ("JI", _dotted(container.get("abbreviated_name") or "", container.get("name") or "")),
        ("PY", str(work["year"] or "")),
        ("VL", container.get("volume")),
        ("IS", container.get("issue")),
        ("SP", first),
        ("EP", last),
        ("DO", _doi(work, "wos", with_dois)),
        ("AN", f"WOS:{_number(key, 'wos'):015d}"),
    ]
    return _lines(fields) + "\nER  - \n\n"


def _number(key: str, database: str) -> int:
    return 10**9 + crc32(f"{database} {key}".encode())


#: Each database: the ending of its files, its writer, and the share of the works of a search that it holds.
DATABASES: dict[str, tuple[str, Callable[[Row, bool], str], float]] = {
    "pubmed": (".nbib", pubmed, 0.85),
    "embase": (".ris", embase, 0.85),
    "scopus": (".ris", scopus, 0.85),
    "wos": (".ris", wos, 0.65),
}


def databases_of(work: Row) -> Iterator[str]:
    """The databases that hold a work: what PubMed has not indexed is not in it; each work is in one at least."""
    held = [name for name, (_, _, share) in DATABASES.items() if chance(work["key"], f"in {name}", share)]
    if work.get("kind"):
        held = [name for name in held if name != "pubmed"] or ["embase"]
    yield from held or ["pubmed"]
