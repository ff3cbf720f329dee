"""The citation graph as compact arrays: works newest first and citing ones first, each with its sorted references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.errors import InputError

#: Up to so many citations rows are sorted without compiled code.
_SMALL = 1 << 19

#: How deep citations inside a year are followed when its works are put in order.
_MOST_DEPTH = 15

#: So many years, each with its depths, can be told apart by 16 bits, which sort faster.
_SHORT_YEARS = (1 << 16) // (_MOST_DEPTH + 1)

#: How many citations are looked at together.
_CITATIONS_AT_A_TIME = 1 << 22


@dataclass(frozen=True)
class CitationGraph:
    """Distinct citations between works in places 0 … N-1, newest work first, without self-citations.

    Attributes:
        years: the year of the work in each place, descending.
        row: place p cites `cited[row[p]:row[p + 1]]`; N + 1 numbers.
        cited: the places cited, ascending inside each row.
        order: the node in each place, or None where nodes are numbered newest first already.
        n_self_loops_dropped: given citations of a work by itself.
        n_duplicates_dropped: given citations beyond the first between the same two works.
    """

    years: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    cited: npt.NDArray[np.int32]
    order: npt.NDArray[np.int32] | None
    n_self_loops_dropped: int
    n_duplicates_dropped: int

    @property
    def n_nodes(self) -> int:
        """How many works the graph has."""
        return int(self.years.size)

    @property
    def n_edges(self) -> int:
        """How many citations it has."""
        return int(self.cited.size)


def citation_graph(years: npt.NDArray[Any], citing: npt.NDArray[Any], cited: npt.NDArray[Any]) -> CitationGraph:
    """The citation graph of nodes 0 … N-1 that were published in `years`, where `citing[e]` cites `cited[e]`.

    Nodes may be numbered in any order. Where they are numbered newest first and the citations are distinct and
    ascending by (citing, cited), `cited` is used as it is, without a copy. Else the works of a year are put in an order
    in which those that cite others of the year come before them, as far as there is one: ranking goes the faster.

    Raises:
        InputError: the arrays do not fit each other, or a citation names a node that is not there.
    """
    years, citing, cited = (_fixed(np.ascontiguousarray(array, dtype=np.int32)) for array in (years, citing, cited))
    if years.ndim != 1 or citing.ndim != 1 or citing.shape != cited.shape:
        raise InputError("ranking: give one year for each node, and as many citing as cited nodes")
    n_nodes = years.size
    for name, ends in (("citing", citing), ("cited", cited)):
        if ends.size and (int(ends.min()) < 0 or int(ends.max()) >= n_nodes):
            raise InputError(
                f"ranking: {name} names nodes {int(ends.min())} to {int(ends.max())}, but there are {n_nodes} nodes "
                "numbered from 0; leave out citations of works that are not in the graph"
            )
    is_newest_first = bool(np.all(years[:-1] >= years[1:]))
    if citing.size > _SMALL:
        # Here, since loading compiled code takes longer than all of a small graph.
        from evigraph.rank.rows import count_rows, fill_rows, is_ready, sort_rows

        if is_newest_first and is_ready(citing, cited):
            return CitationGraph(years, _fixed(count_rows(citing, n_nodes)), cited, None, 0, 0)
    elif (
        is_newest_first and bool(np.all(citing != cited)) and bool(np.all(np.diff(_pairs(citing, cited, n_nodes)) > 0))
    ):
        return CitationGraph(years, _fixed(_row(citing, n_nodes)), cited, None, 0, 0)
    order = _newest_first(years, citing, cited)
    n_self_loops = int(np.count_nonzero(citing == cited))
    place = np.empty(n_nodes, dtype=np.int32)
    place[order] = np.arange(n_nodes, dtype=np.int32)
    years = _fixed(years[order])
    if citing.size > _SMALL:
        row, references = np.zeros(n_nodes + 1, dtype=np.int64), np.empty(citing.size - n_self_loops, dtype=np.int32)
        fill_rows(citing, cited, place, row, references)
        n_duplicates = sort_rows(row, references)
        references = references[: row[n_nodes]]
    else:
        is_other = citing != cited
        pairs = np.unique(_pairs(place[citing[is_other]], place[cited[is_other]], n_nodes))
        row, references = _row(pairs // n_nodes, n_nodes), (pairs % n_nodes).astype(np.int32)
        n_duplicates = citing.size - n_self_loops - pairs.size
    return CitationGraph(years, _fixed(row), _fixed(references), order, n_self_loops, n_duplicates)


def _pairs(citing: npt.NDArray[np.int32], cited: npt.NDArray[np.int32], n_nodes: int) -> npt.NDArray[np.int64]:
    """One number for each citation, ascending by (citing, cited)."""
    return citing * np.int64(n_nodes) + cited


def _row(citing: npt.NDArray[Any], n_nodes: int) -> npt.NDArray[np.int64]:
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.bincount(citing, minlength=n_nodes))))


def _fixed(array: npt.NDArray[Any]) -> Any:
    """A read-only view: numba compiles anew for arrays that may be written to, and Arrow's may not."""
    view = array.view()
    view.flags.writeable = False
    return view


def _newest_first(
    years: npt.NDArray[np.int32], citing: npt.NDArray[np.int32], cited: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """The nodes by year descending, inside a year those that cite others of it first, equals in their own order."""
    depth = _depths(years, citing, cited)
    newest, oldest = int(years.max(initial=0)), int(years.min(initial=0))
    age = newest - years.astype(np.int64)
    key = age * (_MOST_DEPTH + 1) + depth
    if newest - oldest < _SHORT_YEARS:
        key = key.astype(np.uint16)
    return np.argsort(key, kind="stable").astype(np.int32)


def _depths(
    years: npt.NDArray[np.int32], citing: npt.NDArray[np.int32], cited: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint8]:
    """How many citations inside its year lead to each node at most, one after the other; cycles end at the most."""
    sources, targets = [citing[:0]], [cited[:0]]
    for first in range(0, citing.size, _CITATIONS_AT_A_TIME):
        source, target = (ends[first : first + _CITATIONS_AT_A_TIME] for ends in (citing, cited))
        is_inside = (years[source] == years[target]) & (source != target)
        sources.append(source[is_inside])
        targets.append(target[is_inside])
    source, target = np.concatenate(sources), np.concatenate(targets)
    depth = np.zeros(years.size, dtype=np.uint8)
    for number in range(1, _MOST_DEPTH + 1):
        # Whoever a node of the depth before cites lies deeper.
        reached = target[depth[source] == number - 1]
        if not reached.size:
            break
        depth[reached] = number
    return depth
