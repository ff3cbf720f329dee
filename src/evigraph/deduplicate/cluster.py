"""Clusters: which records are one product, from all evidence together.

Connected components over everything that matches, with two limits. A component that a `different` decision runs
through is built again link by link, strongest first, refusing each link that would join what the decision parts.
And a component whose records carry `MAX_YEARS` different years or more is no work but a recurring title: its
links by title are dropped (OpenAIRE's safety valve, which drops the whole group instead).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: A component with this many different years is not one work (OpenAIRE's limit for dates).
MAX_YEARS = 20

#: Rules by strength, the strongest first; any other rule comes after.
RULES: tuple[str, ...] = ("decision", "identifier", "comparison")

DECISION, IDENTIFIER, TITLE = range(3)


@dataclass(frozen=True)
class Links:
    """Matches between records, as codes: two ends and the strength of the rule (its place in `RULES`)."""

    left: Codes
    right: Codes
    strength: Codes

    def where(self, mask: Flags) -> Links:
        """The links for which the mask is true."""
        return Links(self.left[mask], self.right[mask], self.strength[mask])


@dataclass(frozen=True)
class Statements:
    """Statements of identifiers that make identity.

    Attributes:
        record: the code of the record that makes each.
        places: for some statements, by number, the places of their identifiers in the order of identifiers (the
            best first). A function, because only what a decision runs through is ever ordered.
    """

    record: Codes
    places: Callable[[Codes], Codes]


@dataclass(frozen=True)
class Dissolved:
    """A group whose links by title were dropped: its first record's code, its records and its years."""

    leader: int
    n_records: int
    n_years: int


@dataclass(frozen=True)
class Clustering:
    """For each record the code of its cluster's first record; what was dissolved; how many links were refused."""

    leaders: Codes
    dissolved: tuple[Dissolved, ...]
    n_refused: int


def leaders_of(n_records: int, links: Links) -> Codes:
    """For each record the smallest code in its connected component."""
    graph = coo_matrix(
        (np.ones(len(links.left), dtype=np.int8), (links.left, links.right)), shape=(n_records, n_records)
    )
    _, labels = connected_components(graph, directed=False)
    _, first, of_record = np.unique(labels, return_index=True, return_inverse=True)
    leaders: Codes = first[of_record].astype(np.int64)
    return leaders


def _suspects(leaders: Codes, years: Codes, known: Flags) -> tuple[Codes, Codes]:
    """The leaders of the groups with `MAX_YEARS` different years or more, and their numbers of years."""
    large = known & (np.bincount(leaders, minlength=len(leaders))[leaders] >= MAX_YEARS)
    if not large.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    span = np.ptp(years[large]) + 1
    pairs = np.unique(leaders[large] * span + (years[large] - years[large].min()))
    groups, counts = np.unique(pairs // span, return_counts=True)
    return groups[counts >= MAX_YEARS], counts[counts >= MAX_YEARS]


def dissolve_recurring(leaders: Codes, links: Links, years: Codes, known: Flags) -> tuple[Links, tuple[Dissolved, ...]]:
    """The links without those by title inside groups of `MAX_YEARS` years or more, and these groups.

    A group that identifiers and decisions alone hold together is left as it is.
    """
    suspects, n_years = _suspects(leaders, years, known)
    if not len(suspects):
        return links, ()
    kept = links.where((links.strength < TITLE) | ~np.isin(leaders[links.left], suspects))
    after = leaders_of(len(leaders), kept)
    n_records = np.bincount(leaders, minlength=len(leaders))[suspects]
    # A group that is still whole is the one whose first record leads as many records as before.
    is_whole = np.bincount(after, minlength=len(leaders))[suspects] == n_records
    return kept, tuple(
        Dissolved(int(leader), int(records), int(number))
        for leader, records, number in zip(suspects[~is_whole], n_records[~is_whole], n_years[~is_whole], strict=True)
    )


class _Groups:
    """Disjoint groups that remember with which other groups they may not be joined."""

    def __init__(self, members: Iterable[int], parted: Iterable[tuple[int, int]]) -> None:
        self._parent = {member: member for member in members}
        self._foes: dict[int, set[int]] = defaultdict(set)
        for left, right in parted:
            self._foes[left].add(right)
            self._foes[right].add(left)

    def find(self, member: int) -> int:
        root = member
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[member] != root:
            self._parent[member], member = root, self._parent[member]
        return root

    def join(self, left: int, right: int) -> bool:
        """Joins two groups; False where that is forbidden."""
        root, other = sorted((self.find(left), self.find(right)))
        if root == other:
            return True
        if other in self._foes[root]:
            return False
        self._parent[other] = root
        for foe in self._foes.pop(other, set()):
            self._foes[foe].discard(other)
            self._foes[foe].add(root)
            self._foes[root].add(foe)
        return True


def _holders(statements: Statements, rows: Codes) -> Iterator[list[int]]:
    """The records that state each identifier, best identifier first, records in order."""
    places, records = statements.places(rows), statements.record[rows]
    order = np.lexsort((records, places))
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    return (group.tolist() for group in np.split(records[order], starts[1:]) if len(group))


def recluster(
    members: Codes, links: Links, holders: Iterable[list[int]], parted: Iterable[tuple[int, int]]
) -> tuple[dict[int, int], int]:
    """The groups of some records, built link by link around what is parted: leader of each, and links refused.

    In order: decisions, identifiers from the best on, titles; inside each by record. A record that states an
    identifier is offered to each group that already holds it, not only to the first: where its first record is
    parted from the others, these still belong together.
    """
    groups = _Groups(members.tolist(), parted)
    n_refused = 0
    order = np.lexsort((links.right, links.left, links.strength))
    ends = zip(links.left[order].tolist(), links.right[order].tolist(), links.strength[order].tolist(), strict=True)
    ordered = list(ends)
    for left, right, strength in ordered:
        if strength == DECISION:
            n_refused += not groups.join(left, right)
    for records in holders:
        roots: dict[int, None] = {}
        for record in records:
            roots = dict.fromkeys(groups.find(root) for root in roots)
            n_refused += sum(not groups.join(root, record) for root in roots)
            roots[groups.find(record)] = None
    for left, right, strength in ordered:
        if strength > IDENTIFIER:
            n_refused += not groups.join(left, right)
    return {member: groups.find(member) for member in members.tolist()}, n_refused


def cluster(
    n_records: int, links: Links, statements: Statements, parted: Codes, years: Codes, known: Flags
) -> Clustering:
    """The clusters of `n_records` records.

    Args:
        n_records: records are coded 0 to n_records - 1 in the order of their ids.
        links: all matches.
        statements: all statements of identifiers that make identity.
        parted: pairs of records, shape (n, 2), that a decision keeps apart.
        years: the year of each record.
        known: whether the record has a year.
    """
    leaders = leaders_of(n_records, links)
    links, dissolved = dissolve_recurring(leaders, links, years, known)
    if dissolved:
        leaders = leaders_of(n_records, links)
    inside = parted[leaders[parted[:, 0]] == leaders[parted[:, 1]]] if len(parted) else parted
    if not len(inside):
        return Clustering(leaders, dissolved, 0)
    touched = np.zeros(n_records, dtype=np.bool_)
    touched[leaders[inside[:, 0]]] = True
    is_member = touched[leaders]
    new_leaders, n_refused = recluster(
        np.flatnonzero(is_member),
        links.where(is_member[links.left]),
        _holders(statements, np.flatnonzero(is_member[statements.record])),
        [(int(left), int(right)) for left, right in inside],
    )
    for member, leader in new_leaders.items():
        leaders[member] = leader
    return Clustering(leaders, dissolved, n_refused)
