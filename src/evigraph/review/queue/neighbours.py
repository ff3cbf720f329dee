"""Each record by itself and its nearest neighbours: rows smoothed over the whole pool.

What two records have in common may be told in other words; their neighbours, labelled or not, often know both. So a
record's row becomes its own plus the mean of its neighbours' rows, weighed by likeness. Smoothing the rows helps;
smoothing the scores does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.sparse import csr_matrix, identity

Floats = npt.NDArray[np.float64]

#: Neighbours of a record.
N_NEIGHBOURS = 50
#: Rows written out at a time.
_BLOCK = 500


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` compiled at its first call and, where there is a place for it, kept for the next process."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return njit(nogil=True)(function)


def nearest(matrix: csr_matrix, n_neighbours: int = N_NEIGHBOURS) -> csr_matrix:
    """`graph[record, neighbour]`: the likeness (the product of two rows) of the nearest, each row scaled to sum to 1.

    Among equally near records the one that stands first is taken. A record that shares no term has an empty row.
    """
    n = matrix.shape[0]
    turned = matrix.tocsc()
    near, likeness = _nearest(
        matrix.indptr,
        matrix.indices,
        matrix.data,
        turned.indptr,
        turned.indices,
        turned.data,
        min(n_neighbours, max(n - 1, 0)),
    )
    is_near = likeness > 0
    graph = csr_matrix((likeness[is_near], (np.nonzero(is_near)[0], near[is_near])), shape=(n, n))
    total = np.asarray(graph.sum(axis=1)).ravel()
    graph.data /= np.repeat(np.where(total > 0, total, 1.0), np.diff(graph.indptr))
    graph.sort_indices()
    return graph


def mixing(matrix: csr_matrix, own: Floats, graph: csr_matrix) -> csr_matrix:
    """`mix[record, source]`: what a record's smoothed row takes of each row of `matrix`: 1 of its own, the graph's of
    its neighbours', all divided so that the smoothed row has length 1. An empty row takes itself.
    """
    n = matrix.shape[0]
    mix = (identity(n, format="csr") + graph).tocsr()
    squares = np.asarray(mix.multiply(mix) @ own).ravel()
    for begin in range(0, n, _BLOCK):  # written out a few rows at a time: they are long
        squares[begin : begin + _BLOCK] += row_lengths(mix[begin : begin + _BLOCK] @ matrix) ** 2
    length = np.sqrt(squares)
    mix.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(mix.indptr))
    return mix


def row_lengths(matrix: csr_matrix) -> Floats:
    """The length of each row."""
    return np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64)).ravel()


@_compiled
def _nearest(indptr, indices, data, t_indptr, t_indices, t_data, k):  # type: ignore[no-untyped-def]
    n = len(indptr) - 1
    near = np.zeros((n, k), dtype=np.int64)
    likeness = np.zeros((n, k))
    like = np.zeros(n)
    for i in range(n):
        like[:] = 0.0
        for at in range(indptr[i], indptr[i + 1]):
            term, weight = indices[at], data[at]
            for other in range(t_indptr[term], t_indptr[term + 1]):
                like[t_indices[other]] += weight * t_data[other]
        like[i] = 0.0
        if k == 0:
            continue
        least = np.partition(like, n - k)[n - k]
        place = 0
        for j in range(n):  # all that are nearer than the k-th, then of those as near as it the first
            if like[j] > least:
                near[i, place] = j
                likeness[i, place] = like[j]
                place += 1
        for j in range(n):
            if place == k:
                break
            if like[j] == least:
                near[i, place] = j
                likeness[i, place] = like[j]
                place += 1
    return near, likeness
