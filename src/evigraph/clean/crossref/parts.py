"""Parts of a Crossref work that need rules of their own: licences, relations, updates, funding, references."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from evigraph.clean.crossref.work import Date, Reference, Work
from evigraph.clean.dates import date_from_parts
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.licences import UNSTATED, License, license_of
from evigraph.clean.relations import RETRACTIONS, relation_type, update_relation, update_type
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import (
    CLOSED,
    EMBARGOED,
    OPEN,
    version_type,
)
from evigraph.model.pid import make_pid, normalise_doi, normalise_ror

Json = dict[str, Any]


def stated_date(value: Any) -> str | None:
    """The ISO date of a Crossref date (`{"date-parts": [[2024, 9, 9]]}`), as precise as stated; None without year."""
    if type(value) is Date:
        dates: Any = value.date_parts
    elif type(value) is dict:
        dates = value.get("date-parts")
    else:
        return None
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


def terms_of(work: Work, known_on: str | None) -> Terms:
    """The licence of a work and the access that follows from it.

    Of several licences the one for the version of record counts before that for text mining, an open one before
    others. Access is open under an open licence that has begun by `known_on` (the record's datestamp), embargoed
    before, closed under a licence known to be for subscribers, else not known. A licence for the accepted
    manuscript gives a label at most.
    """
    stated: list[tuple[int, int, int, License, str | None]] = []
    is_vor = False
    for number, entry in enumerate(work.license or ()):
        found = license_of(entry.URL)
        if found is UNSTATED:
            continue
        version = (entry.content_version or "").strip().lower()
        is_vor |= version == "vor"
        access = {True: OPEN, False: CLOSED, None: None}[found.is_open]
        if access == OPEN and known_on and (start := stated_date(entry.start)) and start > known_on:
            access = EMBARGOED
        openness = (OPEN, EMBARGOED, CLOSED, None).index(access)
        stated.append((_VERSION_RANK.get(version, 0), openness, number, found, access))
    if not stated:
        return NO_TERMS
    stated.sort(key=lambda entry: entry[:3])
    access = next((right for rank, _, _, _, right in stated if rank < 2 and right), None)
    return Terms(stated[0][3], access, version_type("vor") if is_vor else None)


def links_of(work: Work, doi: str) -> Iterator[tuple[Json, bool]]:
    """The links of a work, each with whether it says that this very work was retracted.

    From `relation`, `update-to` (this record is a notice) and `updated-by` (a notice about this record). Some
    publishers state a retraction as an update of the record by itself: that is no link but says it.
    """
    relations = work.relation
    for name, targets in relations.items() if type(relations) is dict else ():
        for target in objects(targets):
            if (pid := _target(target)) and pid != ("doi", doi):
                yield {"relation": relation_type(name), "scheme": pid[0], "value": pid[1], "note": name}, False
    for updates, is_updated in ((work.update_to, False), (work.updated_by, True)):
        for update in objects(updates):
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


def cited_relations(work: Work) -> set[str]:
    """The DOIs that a work's `relation` says it cites."""
    cited = (normalise_doi(text(target.get("id"))) for target in objects(member(work.relation, "cites")))
    return {doi for doi in cited if doi}


def funding_of(work: Work) -> list[Json]:
    """One FUNDING an award; a funder without awards once. The funder's id is its ROR, else its DOI, as an address."""
    found: list[Json] = []
    for funder in objects(work.funder):
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


def references_of(work: Work) -> tuple[list[str | None], list[str | None]]:
    """The entries of the reference list: their DOIs and their texts, both as stated.

    The text is the unstructured reference, else "author (year) title, container, volume, page" of what is given.
    """
    entries = work.reference or ()
    return [entry.DOI for entry in entries], [entry.unstructured or _composed(entry) or None for entry in entries]


def _composed(entry: Reference) -> str:
    head, year, title = entry.author, entry.year, entry.article_title
    tail = entry.journal_title or entry.volume_title or entry.series_title
    volume, page = entry.volume, entry.first_page
    if year:
        head = f"{head} ({year})" if head else f"({year})"
    if title:
        head = f"{head} {title}" if head else title
    if volume:
        tail = f"{tail}, {volume}" if tail else volume
    if page:
        tail = f"{tail}, {page}" if tail else page
    return f"{head}, {tail}" if head and tail else head or tail or ""
