"""Whether two records of one work are one publication, told twice, or the work published again.

Year, venue, place and identifiers are weighed like the fields of `compare`. Three facts nearly decide: a preprint is
not the article; the abstract that a congress prints is not the article of the same title and authors; and who numbers
publications numbers each once. One registrant's two DOIs, or two PMIDs, are two publications, such as the editions of
a journal in two languages, which agree in all else.
"""

from __future__ import annotations

from typing import NamedTuple

from evigraph.deduplicate import weights
from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.venues import venue_kind


class Place(NamedTuple):
    """Whether volume and first page agree; None where a side does not tell."""

    volume: bool | None
    page: bool | None


def compare_places(left: Comparable, right: Comparable) -> Place:
    """Where two records say that they were printed, side by side."""

    def same(one: str | None, other: str | None) -> bool | None:
        return None if not one or not other else one == other

    volume, page = same(left.volume, right.volume), same(left.first_page, right.first_page)
    if page is False and left.last_page and left.last_page == right.last_page:
        page = None
    return Place(volume, page)


def _values(record: Comparable, scheme: str) -> set[str]:
    return {pid.value for pid in record.pids if pid.scheme == scheme}


def are_numbered_apart(left: Comparable, right: Comparable) -> bool:
    """Whether one registrar numbered two records as two publications: two PMIDs, or two DOIs under one prefix.

    Of preprints nothing is said, for each version of one has a DOI, and none where an identifier is in common.
    """
    if not set(left.pids).isdisjoint(right.pids) or left.is_preprint or right.is_preprint:
        return False
    if _values(left, "pmid") and _values(right, "pmid"):
        return True
    prefixes_l, prefixes_r = ({doi.partition("/")[0] for doi in _values(side, "doi")} for side in (left, right))
    return not prefixes_l.isdisjoint(prefixes_r)


def publication_facts(
    left: Comparable, right: Comparable, is_same_venue: bool | None, place: Place, has_pid: bool
) -> float:
    """What the publication facts say for one publication (above 0) or for two (below), in nats."""
    total = 0.0
    if left.year is not None and right.year is not None:
        distance = abs(left.year - right.year)
        by_distance = {0: weights.FACT_YEAR_SAME, 1: weights.FACT_YEAR_NEAR}
        total += by_distance.get(distance, weights.FACT_YEAR_FAR)
    if is_same_venue is not None:
        total += weights.FACT_VENUE_SAME if is_same_venue else weights.FACT_VENUE_DIFFERENT
    kind_l, kind_r = venue_kind(left.venue), venue_kind(right.venue)
    if kind_l != kind_r and left.venue and right.venue:
        total += weights.FACT_KIND_DIFFERENT if kind_l and kind_r else weights.FACT_KIND_UNSURE
    if place.page and place.volume is not False:
        total += weights.FACT_PLACE_SAME
    else:
        total += weights.FACT_PAGE_DIFFERENT if place.page is False else 0.0
        total += weights.FACT_VOLUME_DIFFERENT if place.volume is False else 0.0
        if is_same_venue is False and place.page is False and place.volume is False:
            total += weights.FACT_ELSEWHERE
        if left.is_abstract != right.is_abstract and not has_pid:
            total += weights.FACT_ABSTRACT
    if left.is_preprint != right.is_preprint:
        total += weights.FACT_PREPRINT
    if has_pid:
        total += weights.FACT_PID_SAME
    elif are_numbered_apart(left, right):
        total += weights.FACT_NUMBERED_APART
    elif _values(left, "doi") and _values(right, "doi"):
        total += weights.FACT_DOI_DIFFERENT
    return total
