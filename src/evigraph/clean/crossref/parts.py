"""Parts of a Crossref work that need rules of their own: licences, relations, updates, funding, references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from evigraph.clean.dates import date_from_parts
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.licences import UNSTATED, License, license_of
from evigraph.clean.relations import RETRACTIONS, relation_type, update_relation, update_type
from evigraph.clean.text import clean_line, clean_lines
from evigraph.clean.vocabularies import CLOSED, EMBARGOED, OPEN, is_placeholder_doi, version_type
from evigraph.model.pid import make_pid, normalise_doi, normalise_ror

Json = dict[str, Any]


def stated_date(value: Any) -> str | None:
    """The ISO date of a Crossref date (`{"date-parts": [[2024, 9, 9]]}`), as precise as stated; None without year."""
    if type(value) is not dict:
        return None
    dates = value.get("date-parts")
    if type(dates) is not list or not dates or type(parts := dates[0]) is not list:
        return None
    if len(parts) == 3:
        year, month, day = parts
        if type(year) is int and type(month) is int and type(day) is int:
            return _date(year, month, day)
    return date_from_parts(parts)


@lru_cache(maxsize=65_536)
def _date(year: int, month: int, day: int) -> str | None:
    return date_from_parts((year, month, day))


class Terms(NamedTuple):
    """Under which terms the registered copy may be read."""

    license: License
    access_right: str | None
    version_type: str | None


#: What a work without a licence says.
NO_TERMS = Terms(UNSTATED, None, None)

#: Which statements of a licence speak about the registered copy, best first. One for the accepted manuscript
#: speaks about another copy, one of the STM sharing framework about what researchers may pass on.
_VERSION_RANK = {"vor": 0, "unspecified": 0, "": 0, "tdm": 1, "am": 2, "stm-asf": 3}


def terms_of(work: Json, known_on: str | None) -> Terms:
    """The licence of a work and the access that follows from it.

    Of several licences the one for the version of record counts before that for text mining, an open one before
    others. Access is open under an open licence that has begun by `known_on` (the record's datestamp), embargoed
    before, closed under a licence known to be for subscribers, else not known. A licence for the accepted
    manuscript gives a label at most.
    """
    stated: list[tuple[int, int, int, License, str | None]] = []
    is_vor = False
    for number, entry in enumerate(objects(work.get("license"))):
        found = license_of(text(entry.get("URL")))
        if found is UNSTATED:
            continue
        version = (text(entry.get("content-version")) or "").lower()
        is_vor |= version == "vor"
        access = {True: OPEN, False: CLOSED, None: None}[found.is_open]
        if access == OPEN and known_on and (start := stated_date(entry.get("start"))) and start > known_on:
            access = EMBARGOED
        openness = (OPEN, EMBARGOED, CLOSED, None).index(access)
        stated.append((_VERSION_RANK.get(version, 0), openness, number, found, access))
    if not stated:
        return NO_TERMS
    stated.sort(key=lambda entry: entry[:3])
    access = next((right for rank, _, _, _, right in stated if rank < 2 and right), None)
    return Terms(stated[0][3], access, version_type("vor") if is_vor else None)


def links_of(work: Json, doi: str) -> Iterator[tuple[Json, bool]]:
    """The links of a work, each with whether it says that this very work was retracted.

    From `relation`, `update-to` (this record is a notice) and `updated-by` (a notice about this record). Some
    publishers state a retraction as an update of the record by itself: that is no link but says it.
    """
    relations = work.get("relation")
    for name, targets in relations.items() if type(relations) is dict else ():
        for target in objects(targets):
            if (pid := _target(target)) and pid != ("doi", doi):
                yield {"relation": relation_type(name), "scheme": pid[0], "value": pid[1], "note": name}, False
    for field, is_updated in (("update-to", False), ("updated-by", True)):
        for update in objects(work.get(field)):
            kind = update_type(text(update.get("type")))
            other = normalise_doi(text(update.get("DOI")))
            is_retraction = kind in RETRACTIONS and (is_updated or other == doi)
            link = {
                "relation": update_relation(kind, is_updated=is_updated),
                "scheme": "doi",
                "value": other if other != doi else None,
                "note": kind or None,
            }
            yield link, is_retraction


def _target(target: Json) -> tuple[str, str] | None:
    scheme = (text(target.get("id-type")) or "doi").lower()
    value = text(target.get("id"))
    if scheme in ("uri", "url", "other") and (doi := normalise_doi(value)) and value and "doi" in value.lower():
        return "doi", doi
    pid = make_pid(scheme, value)
    return (pid.scheme, pid.value) if pid else None


def cited_relations(work: Json) -> set[str]:
    """The DOIs that a work's `relation` says it cites."""
    cited = (normalise_doi(text(target.get("id"))) for target in objects(member(work, "relation", "cites")))
    return {doi for doi in cited if doi}


def funding_of(work: Json) -> list[Json]:
    """One FUNDING an award; a funder without awards once. The funder's id is its ROR, else its DOI, as an address."""
    found: list[Json] = []
    for funder in objects(work.get("funder")):
        name = clean_line(text(funder.get("name")))
        ids = [text(entry.get("id")) for entry in objects(funder.get("id"))]
        doi = normalise_doi(text(funder.get("DOI")))
        funder_id = next((ror for given in ids if (ror := normalise_ror(given))), None)
        funder_id = funder_id or (f"https://doi.org/{doi}" if doi else None)
        if not name and not funder_id:
            continue
        awards: list[str | None] = [award for given in texts(funder.get("award")) if (award := clean_line(given))]
        found += [{"funder_name": name, "funder_id": funder_id, "award": award} for award in awards or [None]]
    return found


#: A DOI that is in its normal form but for letter case, as nearly all in reference lists are.
_CLEAN_DOI = re.compile(r"10\.\d{4,9}/[\x21-\x24\x26-\x7e]+$")
_match_clean_doi = _CLEAN_DOI.match


def references_of(work: Json) -> tuple[list[str | None], list[str | None]]:
    """The entries of the reference list: their DOIs and their texts.

    The text is the unstructured reference, else "author (year) title, container, volume, page" of what is given.
    Nine in ten rows of a payload are made here, so the usual forms are decided by the fewest steps.
    """
    dois: list[str | None] = []
    texts: list[str | None] = []
    for entry in objects(work.get("reference")):
        get = entry.get
        doi: str | None = None
        stated_doi = get("DOI")
        if stated_doi is not None and type(stated_doi) is str:
            doi = stated_doi.lower() if _match_clean_doi(stated_doi) else normalise_doi(stated_doi)
            if doi and is_placeholder_doi(doi):
                doi = None
        dois.append(doi)
        stated = get("unstructured")
        if not stated or type(stated) is not str:
            stated = _composed(get)
        texts.append(stated)
    return dois, clean_lines(texts)


def _composed(get: Callable[[str], Any]) -> str:
    head, year, title = get("author"), get("year"), get("article-title")
    tail = get("journal-title") or get("volume-title") or get("series-title")
    volume, page = get("volume"), get("first-page")
    if head is None or type(head) is not str:
        head = _plain(head)
    if year is not None and (year := year if type(year) is str else _plain(year)):
        head = f"{head} ({year})" if head else f"({year})"
    if title is not None and (title := title if type(title) is str else _plain(title)):
        head = f"{head} {title}" if head else title
    if tail is None or type(tail) is not str:
        tail = _plain(tail)
    if volume is not None and (volume := volume if type(volume) is str else _plain(volume)):
        tail = f"{tail}, {volume}" if tail else volume
    if page is not None and (page := page if type(page) is str else _plain(page)):
        tail = f"{tail}, {page}" if tail else page
    return f"{head}, {tail}" if head and tail else head or tail


def _plain(value: Any) -> str:
    return text(value) or ""
