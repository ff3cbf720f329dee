"""Clusters: which records are one product, from all evidence together.

Connected components over everything that matches, where nothing speaks against it. In a component in which some
compared pair is not one work, or that a `different` decision runs through, a chain of near matches may have glued
different works: it is built again by correlation clustering, greedily (Keuper et al., Efficient Decomposition of Image
and Mesh Graphs by Lifted Multicuts, ICCV 2015): the two groups with most evidence for each other are joined first, and
none are joined for which the evidence against outweighs. What people decided binds: `same` joins before all else,
`different` is never joined. And a cluster whose records carry `MAX_YEARS` different years or more is no work but a
recurring title: its links by comparison are dropped (OpenAIRE's safety valve, which drops the whole group instead).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]

#: A component with this many different years is not one work (OpenAIRE's limit for dates).
MAX_YEARS = 20

#: Rules by strength, the strongest first; any other rule comes after.
RULES: tuple[str, ...] = ("decision", "identifier", "comparison")

DECISION, IDENTIFIER, COMPARISON = range(3)


@dataclass(frozen=True)
class Links:
    """Compared or decided pairs of records: two ends as codes, the rule's place in `RULES`, and the evidence.

    `weight` is above 0 where the pair is one work, below where it is not; of decisions only the sign counts.
    """

    left: Codes
    right: Codes
    rule: Codes
    weight: Weights

    def where(self, mask: Flags) -> Links:
        """The links for which the mask is true."""
        return Links(self.left[mask], self.right[mask], self.rule[mask], self.weight[mask])


@dataclass(frozen=True)
class Dissolved:
    """A group whose links by comparison were dropped: its first record's code, its records and its years."""

    leader: int
    n_records: int
    n_years: int


@dataclass(frozen=True)
class Clustering:
    """For each record the code of its cluster's first record; what was dissolved; how many matches were refused."""

    leaders: Codes
    dissolved: tuple[Dissolved, ...]
    n_refused: int


def leaders_of(n_records: int, links: Links) -> Codes:
    """For each record the smallest code in its connected component over the links of positive weight."""
    for_it = links.where(links.weight > 0)
    graph = coo_matrix(
        (np.ones(len(for_it.left), dtype=np.int8), (for_it.left, for_it.right)), shape=(n_records, n_records)
    )
    _, labels = connected_components(graph, directed=False)
    _, first, of_record = np.unique(labels, return_index=True, return_inverse=True)
    leaders: Codes = first[of_record].astype(np.int64)
    return leaders


class _Groups:
    """Disjoint groups with the evidence between them, and with which others they may never be joined."""

    def __init__(self, members: Iterable[int]) -> None:
        self._parent = {member: member for member in members}
        self._between: dict[int, dict[int, float]] = {member: {} for member in self._parent}
        self._foes: defaultdict[int, set[int]] = defaultdict(set)

    def find(self, member: int) -> int:
        root = member
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[member] != root:
            self._parent[member], member = root, self._parent[member]
        return root

    def weigh(self, left: int, right: int, weight: float) -> None:
        """Adds evidence between two groups."""
        left, right = self.find(left), self.find(right)
        if left != right:
            for one, other in ((left, right), (right, left)):
                self._between[one][other] = self._between[one].get(other, 0.0) + weight

    def part(self, left: int, right: int) -> None:
        """Forbids that two records are ever in one group."""
        self._foes[self.find(left)].add(self.find(right))
        self._foes[self.find(right)].add(self.find(left))

    def join(self, left: int, right: int) -> dict[int, float] | None:
        """Joins two groups: the evidence between the new group and the others; None where that is forbidden."""
        root, other = sorted((self.find(left), self.find(right)))
        if root == other:
            return {}
        if other in self._foes[root]:
            return None
        self._parent[other] = root
        for foe in self._foes.pop(other, set()):
            self._foes[foe].discard(other)
            self._foes[foe].add(root)
            self._foes[root].add(foe)
        changed = {}
        for neighbour, weight in self._between.pop(other).items():
            del self._between[neighbour][other]
            if neighbour != root:
                changed[neighbour] = self._between[root].get(neighbour, 0.0) + weight
                self._between[root][neighbour] = self._between[neighbour][root] = changed[neighbour]
        self._between[root].pop(other, None)
        return changed

    def evidence(self) -> Iterable[tuple[int, int, float]]:
        """All evidence between groups, each pair once."""
        for left, others in self._between.items():
            for right, weight in others.items():
                if left < right:
                    yield left, right, weight

    def weight_of(self, left: int, right: int) -> float | None:
        """The evidence between two groups, or None where one of them is no more."""
        return self._between[left].get(right) if left in self._between and right in self._between else None


def recluster(members: Codes, links: Links) -> tuple[dict[int, int], int]:
    """The groups of some records, built join by join around what speaks against: leader of each, matches refused."""
    groups = _Groups(members.tolist())
    order = np.lexsort((links.right, links.left, links.rule))
    ends = list(
        zip(
            *(column[order].tolist() for column in (links.left, links.right, links.rule, links.weight)),
            strict=True,
        )
    )
    decided = {(left, right) for left, right, rule, _ in ends if rule == DECISION}
    for left, right, rule, weight in ends:
        if rule == DECISION and weight < 0:
            groups.part(left, right)
    for left, right, rule, weight in ends:
        if rule == DECISION and weight > 0:
            groups.join(left, right)
        elif rule != DECISION and (left, right) not in decided:
            groups.weigh(left, right, weight)
    queue = [(-weight, left, right) for left, right, weight in groups.evidence() if weight > 0]
    heapq.heapify(queue)
    while queue:
        negative, left, right = heapq.heappop(queue)
        if groups.weight_of(left, right) != -negative:
            continue
        changed = groups.join(left, right)
        if changed:
            root = groups.find(left)
            for neighbour, weight in changed.items():
                if weight > 0:
                    heapq.heappush(queue, (-weight, min(root, neighbour), max(root, neighbour)))
    n_refused = sum(
        weight > 0 and groups.find(left) != groups.find(right)
        for left, right, rule, weight in ends
        if rule == DECISION or (left, right) not in decided
    )
    return {member: groups.find(member) for member in members.tolist()}, n_refused


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
    """The links without those by comparison inside groups of `MAX_YEARS` years or more, and these groups.

    A group that identifiers and decisions alone hold together is left as it is.
    """
    suspects, n_years = _suspects(leaders, years, known)
    if not len(suspects):
        return links, ()
    kept = links.where((links.rule < COMPARISON) | ~np.isin(leaders[links.left], suspects))
    after = leaders_of(len(leaders), kept)
    n_records = np.bincount(leaders, minlength=len(leaders))[suspects]
    # A group that is still whole is the one whose first record leads as many records as before.
    is_whole = np.bincount(after, minlength=len(leaders))[suspects] == n_records
    return kept, tuple(
        Dissolved(int(leader), int(records), int(number))
        for leader, records, number in zip(suspects[~is_whole], n_records[~is_whole], n_years[~is_whole], strict=True)
    )


def cluster(n_records: int, links: Links, years: Codes, known: Flags) -> Clustering:
    """The clusters of `n_records` records.

    Args:
        n_records: records are coded 0 to n_records - 1 in the order of their ids.
        links: all evidence, the smaller code left.
        years: the year of each record.
        known: whether the record has a year.
    """
    leaders = leaders_of(n_records, links)
    links, dissolved = dissolve_recurring(leaders, links, years, known)
    if dissolved:
        leaders = leaders_of(n_records, links)
    is_inside = leaders[links.left] == leaders[links.right]
    against = links.where(is_inside & (links.weight < 0))
    if not len(against.left):
        return Clustering(leaders, dissolved, 0)
    touched = np.zeros(n_records, dtype=np.bool_)
    touched[leaders[against.left]] = True
    is_member = touched[leaders]
    members = np.flatnonzero(is_member)
    new_leaders, n_refused = recluster(members, links.where(is_inside & is_member[links.left]))
    for member, leader in new_leaders.items():
        leaders[member] = leader
    return Clustering(leaders, dissolved, n_refused)
