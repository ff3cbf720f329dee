"""Whether two records are one work: each field weighed, the sum a verdict, the finding in words.

`compare` is the one place where this is decided, for the pipeline, the command line and the portal alike. Fields that a
record leaves out weigh nothing. Identifiers are weighed like the other fields, so that one DOI for a whole supplement
does not make its abstracts one work. Of works that are one, the publication facts (year, venue, pages, DOI) decide
whether they are the same publication (`duplicate`) or the work published again (`version`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from evigraph.deduplicate import weights
from evigraph.deduplicate.alignment import Alignment, align
from evigraph.deduplicate.apparatus import is_apparatus
from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.names import Bylines, compare_bylines, n_named_in
from evigraph.deduplicate.numbering import contrasting, part_number, says_part
from evigraph.deduplicate.publications import Place, compare_places, publication_facts
from evigraph.deduplicate.rarity import information
from evigraph.deduplicate.titles import STOP_WORDS
from evigraph.deduplicate.venues import SAME_SHARE, venue_kind, venue_likeness
from evigraph.model.pid import identity_order

#: Least similarity of titles for which a miss is kept as evidence.
NEAR_TITLE_SIMILARITY = 0.8

#: Schemes of which a work has one identifier; two different ones speak of two works.
_SINGLE_SCHEMES = frozenset({"pmid", "pmc"})


class Part(NamedTuple):
    """What one field weighs, and what was found in words."""

    field: str
    weight: float
    words: str


class Finding(NamedTuple):
    """What a comparison found.

    Attributes:
        verdict: `match`, `open` (a person should decide) or `no`.
        rule: `identifier` where a shared identifier takes part in a match, else `comparison`.
        level: of a match or an open pair: `duplicate` (one publication told twice) or `version` (published again).
        score: how surely the two are one work, 0 to 1: the logistic function of the sum less `weights.MATCH`.
        level_score: of a match or an open pair: how surely the two are one publication, if they are one work: the
            logistic function of what the publication facts say, less `weights.VERSION`.
        title_similarity: shared information of the titles as a share of all, 0 to 1; None: not compared.
        author_similarity: the share of the shorter byline in common, 0 to 1; None: a side names nobody.
        explanation: the finding field by field, the weightiest first.
    """

    verdict: str
    rule: str
    level: str | None
    score: float
    level_score: float | None
    title_similarity: float | None
    author_similarity: float | None
    explanation: str

    @property
    def is_match(self) -> bool:
        """Whether the verdict is `match`."""
        return self.verdict == "match"


class Judgement(NamedTuple):
    """A finding before it is put into words."""

    total: float
    facts: float
    has_pid: bool
    titles: Alignment | None
    bylines: Bylines | None
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> str:
        """`match`, `open` or `no`."""
        if self.total >= weights.MATCH:
            return "match"
        return "open" if self.total >= weights.OPEN else "no"


def _quoted(words: tuple[str, ...]) -> str:
    text = " ".join(words[:6])
    return f"“{text}{' …' if len(words) > 6 else ''}”"


#: Words that only English titles have. A catalogue may tell an English title of a work in another language.
_ENGLISH = frozenset(["and", "from", "of", "the", "with"])


def _may_be_translations(left: Comparable, right: Comparable, titles: Alignment) -> bool:
    """Whether two titles without a rare word in common may be in two languages."""
    if titles.similarity > 0.3 or (left.language and left.language == right.language):
        return False
    if not _ENGLISH.isdisjoint(left.words) and not _ENGLISH.isdisjoint(right.words):
        return False
    if left.language and right.language and left.language != right.language:
        return True
    stops_l, stops_r = STOP_WORDS.intersection(left.words), STOP_WORDS.intersection(right.words)
    if bool(stops_l) and bool(stops_r) and not stops_l & stops_r:
        return True
    return left.words[0].isascii() != right.words[0].isascii()


def _best_titles(left: Comparable, right: Comparable) -> Alignment | None:
    """The alignment of the titles, or of a title with one of the other's further titles where these are the same."""
    if not left.title_key or not right.title_key:
        return None
    if left.title_key == right.title_key:
        return Alignment(left.information)
    if left.title_key in right.other_titles:
        return Alignment(left.information)
    if right.title_key in left.other_titles:
        return Alignment(right.information)
    may_hold_names = not left.author_names or not right.author_names
    return align(left.words, right.words, left.told, right.told, may_hold_names)


def _weigh_titles(left: Comparable, right: Comparable, titles: Alignment) -> Part:
    alone_l, alone_r = titles.left, titles.right
    shared = min(weights.TITLE_SHARED * titles.shared, weights.TITLE_SHARED_MOST)
    if left.is_generic or right.is_generic:
        is_signed = left.author_names and right.author_names
        least = min(shared, weights.TITLE_GENERIC) if is_signed else weights.TITLE_GENERIC_UNSIGNED
        if titles.similarity == 1.0:
            return Part("title", least, "the same title, but one that many works bear")
    shared += weights.TITLE_SLIP * titles.n_slips
    if not alone_l and not alone_r:
        if titles.is_aside:
            return Part("title", shared, "the same title; the rest of one stands in other fields of the other")
        if titles.n_slips:
            return Part("title", shared, "the same title but for a slip")
        return Part("title", shared + weights.TITLE_EXACT, "the same title")
    if numbers := contrasting(left.words, right.words, alone_l, alone_r):
        return Part("title", weights.TITLE_NUMBERS, f"the numbers in the titles differ: {numbers[0]} and {numbers[1]}")
    number = part_number(left.words, alone_l) or part_number(right.words, alone_r)
    if not number and titles.is_edge and is_apparatus(alone_l + alone_r):
        said = _quoted(alone_l + alone_r)
        return Part(
            "title", shared + weights.TITLE_APPARATUS, f"the same title, but for what kind of text it is: {said}"
        )
    info_l, info_r = information(alone_l), information(alone_r)
    substituted, added = min(info_l, info_r), abs(info_l - info_r)
    if _may_be_translations(left, right, titles):
        return Part("title", weights.TITLE_TRANSLATED, "titles in two languages, it seems")
    weight = shared + weights.TITLE_SUBSTITUTED * substituted
    weight += max(weights.TITLE_CUT * added, weights.TITLE_CUT_LEAST) if titles.is_edge else weights.TITLE_ADDED * added
    if number:
        is_part = says_part(left.words, number) or says_part(right.words, number)
        weight += weights.TITLE_ONE_PART if is_part else weights.TITLE_ONE_NUMBER
    if left.is_generic or right.is_generic:
        weight = min(weight, weights.TITLE_GENERIC)
    weight = max(weight, weights.TITLE_LEAST)
    if alone_l and alone_r:
        words = f"titles {titles.similarity:.0%} alike: {_quoted(alone_l)} against {_quoted(alone_r)}"
    else:
        words = f"titles {titles.similarity:.0%} alike: one also says {_quoted(alone_l or alone_r)}"
    return Part("title", weight, words)


def _weigh_bylines(left: Comparable, right: Comparable, bylines: Bylines | None) -> Part | None:
    if bylines is None:
        named, other = (left, right) if left.author_names else (right, left)
        if not left.title_key or not right.title_key:
            return None
        if not named.author_names or not (n := n_named_in(named.name_keys, frozenset(other.words) - set(named.words))):
            return Part("authors", weights.AUTHORS_UNKNOWN, "authors not told on both sides")
        weight = weights.AUTHOR_FIRST + weights.AUTHOR_FURTHER * (n - 1)
        return Part("authors", min(weight, weights.AUTHORS_MOST), f"{n} authors of one stand in the other's title")
    n, shorter, longer = bylines.n_common, *sorted((bylines.n_left, bylines.n_right))
    if n == 0:
        in_titles = n_named_in(left.name_keys, frozenset(right.words) - set(left.words)) + n_named_in(
            right.name_keys, frozenset(left.words) - set(right.words)
        )
        if in_titles:
            return Part("authors", weights.AUTHOR_FIRST, "authors of one stand in the other's title")
        if bylines.is_vague:
            return Part("authors", weights.AUTHORS_VAGUE, "no author surely in common, but names that may be garbled")
        return Part("authors", weights.AUTHORS_NONE, f"no author in common ({bylines.n_left} and {bylines.n_right})")
    weight = min(weights.AUTHOR_FIRST + weights.AUTHOR_FURTHER * (n - 1), weights.AUTHORS_MOST)
    weight += weights.AUTHOR_SUBSTITUTED * (shorter - n)
    weight += max(weights.AUTHOR_ADDED * (longer - shorter), weights.AUTHORS_ADDED_LEAST)
    weight = max(weight, weights.AUTHORS_NONE)
    if left.n_authors == right.n_authors == n:
        return Part("authors", weight, f"the same {n} authors" if n > 1 else "the same author")
    return Part("authors", weight, f"{n} authors in common, of {left.n_authors} and {right.n_authors}")


def _weigh_years(left: Comparable, right: Comparable) -> Part | None:
    if left.year is None or right.year is None:
        return None
    distance = abs(left.year - right.year)
    if distance == 0:
        return Part("year", weights.YEAR_SAME, f"both of {left.year}")
    by_distance = {1: weights.YEAR_NEAR, 2: weights.YEAR_FAR, 3: weights.YEAR_FAR}
    return Part("year", by_distance.get(distance, weights.YEAR_DISTANT), f"of {left.year} and {right.year}")


def _same_venue(left: Comparable, right: Comparable) -> bool | None:
    """Whether two records name one venue; None where a side names none or says nothing by it."""
    if left.issns and right.issns and set(left.issns) & set(right.issns):
        return True
    likeness = [
        found
        for one in (left.venue, left.venue_short)
        for other in (right.venue, right.venue_short)
        if (found := venue_likeness(one, other)) is not None
    ]
    if not likeness:
        return None
    if max(likeness) < SAME_SHARE:
        return False
    kind_l, kind_r = venue_kind(left.venue), venue_kind(right.venue)
    if kind_l == kind_r or left.venue == right.venue:
        return True
    return None if kind_l is None or kind_r is None else False


def _weigh_place(left: Comparable, right: Comparable, is_same_venue: bool | None, place: Place) -> Part | None:
    where = f"{left.volume or '?'}:{left.first_page or '?'} and {right.volume or '?'}:{right.first_page or '?'}"
    if place.page and place.volume:
        return Part("place", weights.PLACE_SAME, f"volume {left.volume}, page {left.first_page} in both")
    if place.page and is_same_venue is not False:
        return Part("place", weights.PAGE_SAME, f"page {left.first_page} in both")
    if is_same_venue and place.page is False:
        if place.volume is not None:
            return Part("place", weights.PLACE_ELSEWHERE, f"the same venue printed them at different places: {where}")
        return Part("place", weights.PLACE_HALF_ELSEWHERE, f"different pages of the same venue: {where}")
    distance = abs(left.year - right.year) if left.year is not None and right.year is not None else 0
    if is_same_venue and place.page is None and distance and not place.volume:
        weight = weights.SERIAL_YEAR_NEAR if distance == 1 else weights.SERIAL_YEAR_FAR
        return Part("place", weight, "the same venue in different years")
    if is_same_venue and place.volume is False:
        return Part("place", weights.PLACE_HALF_ELSEWHERE, f"different volumes of the same venue: {where}")
    if place.page is False and place.volume is False:
        return Part("place", weights.PLACE_OTHER, f"printed at different places: {where}")
    return None


def _weigh_pids(left: Comparable, right: Comparable) -> list[Part]:
    shared = sorted(set(left.pids) & set(right.pids), key=identity_order)
    if shared:
        said = "; ".join(f"{pid.scheme} {pid.value}" for pid in shared)
        return [Part("identifiers", weights.PID_SAME, f"both state {said}")]
    parts = []
    for scheme in sorted({pid.scheme for pid in left.pids} & {pid.scheme for pid in right.pids}):
        if scheme == "doi" or scheme in _SINGLE_SCHEMES:
            weight = weights.DOI_CONTRADICTS if scheme == "doi" else weights.PID_CONTRADICTS
            parts.append(
                Part("identifiers", weight, f"different {scheme}: {_first(left, scheme)} and {_first(right, scheme)}")
            )
    return parts


def _first(record: Comparable, scheme: str) -> str:
    return next(pid.value for pid in record.pids if pid.scheme == scheme)


def _most_besides_title(left: Comparable, right: Comparable) -> float:
    """The most that all fields but the title can weigh together."""
    most = weights.YEAR_SAME + weights.VENUE_SAME
    if left.author_names or right.author_names:
        most += weights.AUTHORS_MOST
    if left.first_page and left.first_page == right.first_page:
        most += weights.PLACE_SAME
    if (left.urls and right.urls) or not set(left.pids).isdisjoint(right.pids):
        most += 2 * weights.PID_SAME
    return most


def judge(left: Comparable, right: Comparable) -> Judgement:
    """The weights of all fields of two records, and the publication facts. Which is left is nothing to the sums."""
    judgement = judge_unless_hopeless(left, right, -math.inf)
    assert judgement is not None
    return judgement


def judge_unless_hopeless(left: Comparable, right: Comparable, least: float = weights.OPEN) -> Judgement | None:
    """The judgement, or None where the titles weigh so much against that the sum cannot reach `least` any more."""
    parts: list[Part] = []
    titles = _best_titles(left, right)
    if titles is not None:
        parts.append(_weigh_titles(left, right, titles))
        if parts[0].weight + _most_besides_title(left, right) < least and titles.similarity < NEAR_TITLE_SIMILARITY:
            return None
    bylines = compare_bylines(left.name_keys, right.name_keys)
    if part := _weigh_bylines(left, right, bylines):
        parts.append(part)
    if part := _weigh_years(left, right):
        parts.append(part)
    is_same_venue = _same_venue(left, right)
    if is_same_venue is not None:
        weight = weights.VENUE_SAME if is_same_venue else weights.VENUE_DIFFERENT
        parts.append(Part("venue", weight, "the same venue" if is_same_venue else "different venues"))
    place = compare_places(left, right)
    part = _weigh_place(left, right, is_same_venue, place)
    # Two letters under one heading stand on one page: where nobody is in common, the page says nothing for one work.
    if part and (part.weight < 0 or bylines is None or bylines.n_common):
        parts.append(part)
    identifiers = _weigh_pids(left, right)
    parts += identifiers
    has_pid = any(part.weight == weights.PID_SAME for part in identifiers)
    if left.type != right.type and not has_pid:
        parts.append(Part("type", weights.TYPE_DIFFERENT, f"a {left.type} and a {right.type}"))
    if left.note != right.note:
        said = " and ".join(f"{kind}" if kind else "a work" for kind in (left.note, right.note))
        parts.append(Part("kind", weights.NEVER, f"{said}: related, not the same"))
    if left.type == right.type == "software" and (common := set(left.urls) & set(right.urls)):
        parts.append(Part("address", weights.PID_SAME, f"both live at {min(common)}"))
    facts = publication_facts(left, right, is_same_venue, place, has_pid)
    return Judgement(sum(part.weight for part in parts), facts, has_pid, titles, bylines, tuple(parts))


def _logistic(odds: float) -> float:
    return round(1 / (1 + math.exp(min(-odds, 700.0))), 6)


def finding_of(judgement: Judgement) -> Finding:
    """A judgement in words."""
    verdict = judgement.verdict
    parts = sorted(judgement.parts, key=lambda part: (-abs(part.weight), part.field))
    level = None if verdict == "no" else "version" if judgement.facts <= weights.VERSION else "duplicate"
    return Finding(
        verdict,
        "identifier" if judgement.has_pid else "comparison",
        level,
        _logistic(judgement.total - weights.MATCH),
        None if level is None else _logistic(judgement.facts - weights.VERSION),
        None if judgement.titles is None else round(judgement.titles.similarity, 6),
        None if judgement.bylines is None else round(judgement.bylines.share, 6),
        "; ".join(part.words for part in parts) or "they state nothing that could be compared",
    )


def compare(left: Comparable, right: Comparable) -> Finding:
    """The finding for two records; which of them is left is nothing."""
    if left.record_id > right.record_id:
        left, right = right, left
    return finding_of(judge(left, right))
