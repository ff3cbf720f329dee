"""Whether two records are the same work: OpenAIRE's decision trees, with the finding in words.

`compare` is the one place where this is decided: identifiers first, then `compare_bibliography`, which the
pipeline runs over the pairs that blocking brings together (identifiers are linked as sets, see
`evigraph.deduplicate.identifiers`). A better comparison replaces `compare_bibliography` and its thresholds and
nothing else.

Two deliberate differences from OpenAIRE's trees: one identifier in common suffices (OpenAIRE's asks for half of
all, and finds the rest by its blocking on identifiers), and digit runs are compared as a list, not glued together
(`part 1, 2` is not `part 12`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from evigraph.deduplicate.names import MAX_COMPARED_AUTHORS, author_similarity, n_in_common
from evigraph.model.pid import Pid, identity_order

#: Least similarity of two titles that are one.
TITLE_SIMILARITY = 0.99

#: Least similarity of titles for which a miss is kept as evidence.
NEAR_TITLE_SIMILARITY = 0.9

#: Least share of authors in common.
AUTHOR_SIMILARITY = 0.6

_NUMBERS = re.compile(r"\b(?:[0-9]+|v(?:ersion)?)\b")


@dataclass(frozen=True, slots=True)
class Comparable:
    """A record in the form in which records are compared; the columns of the table of that name."""

    record_id: str
    type: str
    title_key: str | None
    title_numbers: str
    author_names: tuple[str, ...]
    n_authors: int
    pids: frozenset[Pid] = frozenset()
    urls: frozenset[str] = frozenset()


class Finding(NamedTuple):
    """What a comparison found, by which rule, how alike title and authors are (0 to 1, None: not compared), and why."""

    is_match: bool
    rule: str
    title_similarity: float | None
    author_similarity: float | None
    explanation: str

    @property
    def verdict(self) -> str:
        """`match`, `open` (a person should decide) or `no`."""
        return "match" if self.is_match else "no"

    @property
    def level(self) -> str | None:
        """Of a match: `duplicate` (one publication told twice) or `version` (the same work, published again)."""
        return "duplicate" if self.is_match else None

    @property
    def score(self) -> float:
        """How surely they are one work, 0 to 1."""
        return float(self.is_match)


def title_similarity(left: str | None, right: str | None) -> float | None:
    """1 - Levenshtein distance / length of the longer title, or None where a side has no comparable title."""
    if not left or not right:
        return None
    return Levenshtein.normalized_similarity(left, right)


def _percent(share: float) -> str:
    return f"{int(share * 1000) / 10:g} %"


def _titles(similarity: float) -> str:
    return "same title" if similarity == 1.0 else f"titles {_percent(similarity)} alike"


def _authors(left: Comparable, right: Comparable) -> str:
    if max(left.n_authors, right.n_authors) > MAX_COMPARED_AUTHORS:
        return f"{left.n_authors} authors each, too many to compare by name"
    return f"{n_in_common(left.author_names, right.author_names)} of {left.n_authors} authors in common"


def _unlike_before_titles(left: Comparable, right: Comparable, with_numbers: bool) -> str | None:
    """Why two records differ before their titles are compared, or None."""
    if not left.n_authors or not right.n_authors:
        return "without named authors on both sides only an identifier can make them one"
    if with_numbers and left.title_numbers != right.title_numbers:
        return f"the numbers in their titles differ: {left.title_numbers or 'none'} and {right.title_numbers or 'none'}"
    if left.n_authors != right.n_authors:
        return f"they have different numbers of authors: {left.n_authors} and {right.n_authors}"
    return None


def compare_publications(left: Comparable, right: Comparable) -> Finding:
    """The finding for two publications: equal numbers and author counts, authors alike, then titles alike."""
    titles = title_similarity(left.title_key, right.title_key)
    authors = author_similarity(left.author_names, right.author_names)
    if titles is None:
        return Finding(False, "comparison", None, authors, "a title says nothing of one work, or is missing")
    if why := _unlike_before_titles(left, right, with_numbers=True):
        return Finding(False, "comparison", titles, authors, f"{_titles(titles)}, but {why}")
    if authors is None or authors < AUTHOR_SIMILARITY:
        return Finding(False, "comparison", titles, authors, f"{_titles(titles)}, but only {_authors(left, right)}")
    if titles < TITLE_SIMILARITY:
        return Finding(False, "comparison", titles, authors, f"{_authors(left, right)}, but the titles differ")
    return Finding(True, "comparison", titles, authors, f"{_titles(titles)}, {_authors(left, right)}")


def compare_datasets(left: Comparable, right: Comparable) -> Finding:
    """The finding for two datasets or other products: as for publications, but authors are counted, not compared."""
    titles = title_similarity(left.title_key, right.title_key)
    if titles is None:
        return Finding(False, "comparison", None, None, "a title says nothing of one work, or is missing")
    if why := _unlike_before_titles(left, right, with_numbers=True):
        return Finding(False, "comparison", titles, None, f"{_titles(titles)}, but {why}")
    if titles < TITLE_SIMILARITY:
        return Finding(False, "comparison", titles, None, "the titles differ")
    return Finding(True, "comparison", titles, None, f"{_titles(titles)}, {left.n_authors} authors each")


def compare_software(left: Comparable, right: Comparable) -> Finding:
    """The finding for two programs: an address in common, or titles alike when version numbers are left out."""
    if urls := left.urls & right.urls:
        return Finding(True, "comparison", None, None, f"both live at {min(urls)}")
    if not left.title_key or not right.title_key:
        return Finding(False, "comparison", None, None, "a title says nothing of one work, or is missing")
    name_l, name_r = (" ".join(_NUMBERS.sub(" ", key).split()) for key in (left.title_key, right.title_key))
    titles = title_similarity(name_l, name_r)
    if titles is None:
        return Finding(False, "comparison", None, None, "a title is nothing but a version")
    if why := _unlike_before_titles(left, right, with_numbers=False):
        return Finding(False, "comparison", titles, None, f"{_titles(titles)}, but {why}")
    if titles < TITLE_SIMILARITY:
        return Finding(False, "comparison", titles, None, "the titles differ")
    return Finding(
        True, "comparison", titles, None, f"{_titles(titles)} without version, {left.n_authors} authors each"
    )


def compare_bibliography(left: Comparable, right: Comparable) -> Finding:
    """The finding from all but identifiers, by the tree of the records' type; which of them is left is nothing."""
    if left.record_id > right.record_id:
        left, right = right, left
    if left.type != right.type:
        return Finding(False, "comparison", None, None, f"by title, a {left.type} and a {right.type} are never one")
    if left.type == "publication":
        return compare_publications(left, right)
    if left.type == "software":
        return compare_software(left, right)
    return compare_datasets(left, right)


def compare(left: Comparable, right: Comparable) -> Finding:
    """The finding for two records: the same if they state one identifier, else by `compare_bibliography`."""
    if common := sorted(left.pids & right.pids, key=identity_order):
        said = "; ".join(f"{pid.scheme} {pid.value}" for pid in common)
        return Finding(
            True, "identifier", title_similarity(left.title_key, right.title_key), None, f"both state {said}"
        )
    return compare_bibliography(left, right)
