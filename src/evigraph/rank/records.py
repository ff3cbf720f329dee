"""The record that the ranking keeps for each work: eight numbers of 64 bits, one cache line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Columns of a record and their number: what becomes influence, the uniform system, what becomes popularity, RAM,
#: citation count and impulse as two whole numbers of 32 bits, and from SENT on what has been sent to finished works.
INFLUENCE, UNIFORM, POPULARITY, RAM, COUNTS, SENT, N_COLUMNS = 0, 1, 2, 3, 4, 5, 8


def new_records(n_nodes: int) -> npt.NDArray[np.float64]:
    """Memory for `n_nodes` records, from the beginning of a cache line, that still has to be set."""
    memory = np.empty(N_COLUMNS * n_nodes + 8, dtype=np.float64)
    shift = -memory.ctypes.data % 64 // 8
    return memory[shift : shift + N_COLUMNS * n_nodes].reshape(n_nodes, N_COLUMNS)


def room_for_listed(n_nodes: int) -> int:
    """How many works that have sent late score are noted before they are dealt with."""
    return n_nodes // 16 + 4096
