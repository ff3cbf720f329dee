"""The other way to solve the systems: Gauss-Seidel sweeps, for graphs in which citations do not follow time.

Where `kernel` pushes score from citing to cited works once, here each work gathers it from those that cite it,
newest works first, over and over, until nothing changes: x(i) = b(i) + Σ z(j) over the works j that cite i, with
z(j) = α x(j) / out(j). Each sweep reads every citation, in the transposed graph that has to be built first. The
record of a work holds z while the sweeps last, and x and the counts after them, in the columns of `kernel`.

A work is gathered again only when a work that cites it has changed by more than a negligible part. Changes below
that are summed: the sum bounds the error of the solution, which is the certificate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evigraph.rank.compiled import compiled, prefetch
from evigraph.rank.records import COUNTS, RAM

#: A change of a score that is negligible beside it.
NEGLIGIBLE = 2.0**-50

_AHEAD = 48


@compiled
def transpose(row: Any, cited: Any) -> Any:
    """Who cites each work: row starts, and the citing places ascending inside each row."""
    n_nodes = row.size - 1
    start = np.zeros(n_nodes + 1, dtype=np.int64)
    for edge in range(cited.size):
        prefetch(start, cited[min(edge + _AHEAD, cited.size - 1)])
        start[cited[edge]] += 1
    total = 0
    for place in range(n_nodes + 1):
        total += start[place]
        start[place] = total
    citing = np.empty(cited.size, dtype=np.int32)
    for place in range(n_nodes - 1, -1, -1):
        for edge in range(row[place + 1] - 1, row[place] - 1, -1):
            prefetch(start, cited[max(edge - 2 * _AHEAD, 0)])
            prefetch(citing, max(start[cited[max(edge - _AHEAD, 0)]] - 1, 0))
            start[cited[edge]] -= 1
            citing[start[cited[edge]]] = place
    return start, citing


@compiled
def sweep(
    row: Any,
    cited: Any,
    start: Any,
    citing: Any,
    alphas: Any,
    attention: Any,
    records: Any,
    is_stale: Any,
    unsent: Any,
    is_backward: bool,
) -> Any:
    """One sweep over the stale works, in place; returns how many citations it read.

    `attention` is the right-hand side of the third system; `is_backward` takes the oldest works first.
    """
    n_nodes = row.size - 1
    last_edge = citing.size - 1
    n_read = 0
    changed = np.empty(3)
    for step in range(n_nodes):
        place = n_nodes - 1 - step if is_backward else step
        if is_stale[place] == 0:
            continue
        is_stale[place] = 0
        n_references = row[place + 1] - row[place]
        if n_references == 0:
            continue
        a, b, c = 1.0, 1.0, attention[place]
        for edge in range(start[place], start[place + 1]):
            ahead = edge - _AHEAD if is_backward else edge + _AHEAD
            prefetch(records, citing[max(0, min(ahead, last_edge))])
            source = citing[edge]
            a += records[source, 0]
            b += records[source, 1]
            c += records[source, 2]
        n_read += start[place + 1] - start[place]
        a *= alphas[0] / n_references
        b *= alphas[1] / n_references
        c *= alphas[1] / n_references
        changed[0] = abs(a - records[place, 0])
        changed[1] = abs(b - records[place, 1])
        changed[2] = abs(c - records[place, 2])
        records[place, 0] = a
        records[place, 1] = b
        records[place, 2] = c
        if changed[0] <= NEGLIGIBLE * a and changed[1] <= NEGLIGIBLE * b and changed[2] <= NEGLIGIBLE * c:
            for system in range(3):
                unsent[system] += changed[system] * n_references
        else:
            for edge in range(row[place], row[place + 1]):
                is_stale[cited[edge]] = 1
            n_read += n_references
    return n_read


@compiled
def finish(
    row: Any,
    start: Any,
    citing: Any,
    alphas: Any,
    attention: Any,
    starts: Any,
    impulse_from: Any,
    fading: Any,
    records: Any,
    counts: Any,
) -> None:
    """Turns what works send into their scores, and fills the counts.

    `starts` are the first places of the years, followed by N; `impulse_from` has for each year the first place
    whose citations of its works count for their impulse, `fading` what a citation by its works is worth in RAM.
    """
    for place in range(row.size - 1):
        if row[place + 1] == row[place]:
            a, b, c = 1.0, 1.0, attention[place]
            for edge in range(start[place], start[place + 1]):
                prefetch(records, citing[min(edge + _AHEAD, citing.size - 1)])
                source = citing[edge]
                a += records[source, 0]
                b += records[source, 1]
                c += records[source, 2]
            records[place, 0] = a
            records[place, 1] = b
            records[place, 2] = c
    for year in range(starts.size - 1):
        for place in range(starts[year], starts[year + 1]):
            n_references = row[place + 1] - row[place]
            if n_references:
                records[place, 0] = records[place, 0] * n_references / alphas[0] if alphas[0] > 0.0 else 1.0
                records[place, 1] = records[place, 1] * n_references / alphas[1] if alphas[1] > 0.0 else 1.0
                records[place, 2] = (
                    records[place, 2] * n_references / alphas[1] if alphas[1] > 0.0 else attention[place]
                )
            impulse = 0
            faded = 0.0
            citing_year = 0
            for edge in range(start[place], start[place + 1]):
                while citing[edge] >= starts[citing_year + 1]:
                    citing_year += 1
                faded += fading[citing_year]
                impulse += citing[edge] >= impulse_from[year]
            records[place, RAM] = faded
            counts[place, COUNTS] = start[place + 1] - start[place] + (np.int64(impulse) << 32)
