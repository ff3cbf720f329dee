"""Compiled parts of building a citation graph: rows of references out of pairs, in any order."""

from __future__ import annotations

from typing import Any

import numpy as np

from evigraph.rank.compiled import compiled, prefetch

#: How many citations ahead memory is fetched.
_AHEAD = 32


@compiled
def is_ready(citing: Any, cited: Any) -> bool:
    """Whether the citations are distinct, ascending by (citing, cited), and no node cites itself."""
    for edge in range(citing.size):
        if citing[edge] == cited[edge]:
            return False
        if edge and (
            citing[edge] < citing[edge - 1] or (citing[edge] == citing[edge - 1] and cited[edge] <= cited[edge - 1])
        ):
            return False
    return True


@compiled
def count_rows(citing: Any, n_nodes: int) -> Any:
    """Row starts of citations that ascend by the citing place."""
    row = np.zeros(n_nodes + 1, dtype=np.int64)
    for edge in range(citing.size):
        row[citing[edge] + 1] += 1
    for node in range(n_nodes):
        row[node + 1] += row[node]
    return row


@compiled
def fill_rows(citing: Any, cited: Any, place: Any, row: Any, references: Any) -> None:
    """Row starts and references in the order given, without self-loops, renumbered by `place`; `row` is all 0 before.

    The arrays come from outside: code that makes some takes a second longer to compile.
    """
    last_edge = citing.size - 1
    for edge in range(citing.size):
        # Fetched in two stages: first the place of a citing work, then its row.
        prefetch(place, citing[min(edge + 2 * _AHEAD, last_edge)])
        prefetch(row, place[citing[min(edge + _AHEAD, last_edge)]])
        if citing[edge] != cited[edge]:
            row[place[citing[edge]]] += 1
    total = 0
    for node in range(row.size):
        total += row[node]
        row[node] = total
    # Filled backwards, each row start slides from the end of its row to the beginning: no second array.
    for edge in range(last_edge, -1, -1):
        prefetch(place, citing[max(edge - 3 * _AHEAD, 0)])
        prefetch(place, cited[max(edge - 3 * _AHEAD, 0)])
        prefetch(row, place[citing[max(edge - 2 * _AHEAD, 0)]])
        prefetch(references, max(row[place[citing[max(edge - _AHEAD, 0)]]] - 1, 0))
        if citing[edge] != cited[edge]:
            source = place[citing[edge]]
            row[source] -= 1
            references[row[source]] = place[cited[edge]]


@compiled
def sort_rows(row: Any, references: Any) -> Any:
    """How many duplicates there were; sorts each row, drops them and closes the gaps, all in place."""
    end = 0
    start = row[0]
    for node in range(row.size - 1):
        stop = row[node + 1]
        gap = 1
        while gap < (stop - start) // 3:
            gap = 3 * gap + 1
        while gap > 0:
            for here in range(start + gap, stop):
                value = references[here]
                there = here
                while there >= start + gap and references[there - gap] > value:
                    references[there] = references[there - gap]
                    there -= gap
                references[there] = value
            gap //= 3
        row[node] = end
        for here in range(start, stop):
            if here == start or references[here] != references[here - 1]:
                # Writing never overtakes reading, and the value compared with is the last one read.
                references[end] = references[here]
                end += 1
        start = stop
    n_given = row[row.size - 1]
    row[row.size - 1] = end
    return n_given - end
