"""Citation links as terms: two records that cite the same work, or one of which cites the other, share a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from evigraph.review.queue.representation import Representation, weigh


def represent_links(record_ids: Sequence[str], links: Iterable[tuple[str, str]]) -> Representation:
    """The weighed links of each record: a column a work that two of them are linked to.

    `links` are (citing, cited) by id; either may be a record of the pool or any work beside it. A record that cites a
    work has the work's column, and a work that cites a record too: shared references (bibliographic coupling, Kessler
    1963) and being cited together (co-citation, Small 1973) both show as a shared column. A record that is linked to
    others of the pool has a column of its own, so that a direct citation counts as well. Weighed as words are: what
    many records are linked to says little.
    """
    place = {record_id: n for n, record_id in enumerate(record_ids)}
    cells: set[tuple[int, str]] = set()
    for citing, cited in links:
        if citing == cited:
            continue
        if citing in place:
            cells.add((place[citing], cited))
        if cited in place:
            cells.add((place[cited], citing))
        if citing in place and cited in place:
            cells |= {(place[citing], citing), (place[cited], cited)}
    works = sorted({work for _, work in cells})
    column = {work: n for n, work in enumerate(works)}
    ordered = sorted((record, column[work]) for record, work in cells)
    pairs = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    return weigh(pairs[:, 0], pairs[:, 1], len(record_ids), works)
