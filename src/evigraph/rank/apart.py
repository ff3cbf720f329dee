"""Scores of a graph out of files taken apart: which citations carry them, and what the next class takes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from evigraph.errors import InputError
from evigraph.rank.api import Parameters, Ranking, citations_to_pass, explain
from evigraph.rank.edge_lists import Nodes
from evigraph.rank.parameters import FIRST_YEAR

_EXPLAINED = ("influence", "popularity")
_CLASSED = ("citation_count", "impulse", *_EXPLAINED)

#: Citing works that an answer names.
NAMED = 20


def taken_apart(
    works: Nodes,
    citing: npt.NDArray[np.int32],
    cited: npt.NDArray[np.int32],
    ranking: Ranking,
    parameters: Parameters,
    work_id: str,
) -> dict[str, Any]:
    """What the influence and popularity of one work are made of, as plain values.

    The parts sum to the score (`evigraph.rank.explain`); of the citations those are named that carry most.

    Raises:
        InputError: no work of the graph has this identifier.
    """
    node = int(works.positions(pa.chunked_array([pa.array([work_id], pa.large_string())]))[0])
    if node < 0:
        raise InputError(f"{work_id}: no work of the graph has this identifier")
    sources = np.unique(citing[(cited == node) & (citing != node)])
    # How many works each of them cites: their distinct citations, themselves aside.
    is_theirs = np.isin(citing, sources) & (citing != cited)
    pairs = np.unique(citing[is_theirs] * np.int64(len(works)) + cited[is_theirs]) // max(1, len(works))
    n_references = np.searchsorted(pairs, sources, side="right") - np.searchsorted(pairs, sources)
    years = works.years[sources]
    is_recent = (years >= max(FIRST_YEAR, parameters.start_year)) & (years <= parameters.current_year)
    attention = ranking.facts["constants"]["attention_weight"]
    carried = zip(
        works.ids.take(pa.array(sources)).to_pylist(),
        (parameters.influence_alpha * ranking.influence[sources] / n_references).tolist(),
        (parameters.popularity_alpha * ranking.popularity[sources] / n_references + attention * is_recent).tolist(),
        is_recent.tolist(),
        strict=True,
    )
    rows = [dict(zip(("citing_id", *_EXPLAINED, "is_recent"), row, strict=True)) for row in carried]
    made: dict[str, Any] = {}
    for name in _EXPLAINED:
        score = float(getattr(ranking, name)[node])
        found = explain(name, score, int(works.years[node]), rows, ranking.facts)
        if found is None:
            continue
        made[name] = {
            "score": score,
            "parts": {part.name: part.value for part in found.parts},
            "n_citations": len(found.citations),
            "citations": [{"citing_id": key, "value": value} for key, value in found.citations[:NAMED]],
        }
    steps = {}
    for name in _CLASSED:
        grade = f"C{getattr(ranking, f'{name}_class')[node]}"
        step = citations_to_pass(name, float(getattr(ranking, name)[node]), grade, rows, ranking.facts)
        steps[name] = {"class": grade, "step": step and asdict(step)}
    return {"id": work_id, "year": int(works.years[node]), "explained": made, "next_class": steps}
