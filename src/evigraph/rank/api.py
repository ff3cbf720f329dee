"""The BIP! indicators and their classes for a citation graph in memory, and what a score is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.classes import class_bounds, class_entries, class_sizes, classify, round_scores
from evigraph.rank.explain import Explanation, Part, Step, citations_to_pass, explain
from evigraph.rank.parameters import FIRST_YEAR, Parameters

if TYPE_CHECKING:
    from evigraph.rank.graph import CitationGraph
    from evigraph.rank.solve import Progress, Solution

__all__ = ["Explanation", "Parameters", "Part", "Ranking", "Step", "citations_to_pass", "explain", "rank"]

_SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")


@dataclass(frozen=True)
class Ranking:
    """The indicators of nodes 0 … N-1, one entry a node; classes are numbers from 1 (C1, best) to 5 (C5).

    Influence, popularity and RAM have twelve significant digits. `facts` says how the ranking came about, as plain
    values for a manifest: sizes, what was dropped, parameters, attention window, classes, method, passes over
    the citations, and the certificates: bounds of the L1 distance from the exact solution, rounding aside.
    """

    citation_count: npt.NDArray[np.int64]
    impulse: npt.NDArray[np.int64]
    influence: npt.NDArray[np.float64]
    popularity: npt.NDArray[np.float64]
    ram: npt.NDArray[np.float64]
    citation_count_class: npt.NDArray[np.int8]
    impulse_class: npt.NDArray[np.int8]
    influence_class: npt.NDArray[np.int8]
    popularity_class: npt.NDArray[np.int8]
    ram_class: npt.NDArray[np.int8]
    facts: dict[str, Any]


def rank(
    years: npt.NDArray[Any],
    citing: npt.NDArray[Any],
    cited: npt.NDArray[Any],
    parameters: Parameters,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> Ranking:
    """The indicators of each node of a citation graph, with classes.

    Nodes are 0 … N-1 with a publication year each (0: not known), in any order; citation e goes from node
    `citing[e]` to node `cited[e]`. Self-citations of a node and repeated citations are dropped and counted.

    With N all nodes, P(j, i) = 1 / out(j) where j cites i, and D the score of works that cite nothing:

    - citation count: how many works cite i;
    - impulse: how many works j cite i with year(j) - year(i) ≤ 3 (`impulse_years`). As at BIP! there is no
      lower bound: a citation from a work dated before i, or from one without a year (0), counts, while a work
      without a year has impulse only from others without one;
    - influence (PageRank): s = α (Pᵀ s + D / N) + (1 - α) / N. Sums to 1;
    - popularity (AttRank): s = α (Pᵀ s + D / N) + β A + γ T, where A(i) is i's share of the citations from works
      of the attention window and T(i) is proportional to e^(ρ (current year + 1 - year(i))). Years below 1000
      or after the current year count as 0 here. Sums to 1, and to γ / (1 - α) where the window holds no
      citation; then `is_attention_empty` is set in the facts;
    - RAM (Retained Adjacency Matrix, BIP!'s other popularity): Σ γ^(current year - year(j)) over the works j that
      cite i, with γ = 0.6 (`ram_gamma`) and years as in popularity.

    The definitions are those of BIP! Ranker (Vergoulis et al. 2021). Where ours differs: references to works
    outside the graph leak no score (they are no citations of this graph), duplicates count once, scores are
    exact to rounding instead of iterated to an absolute 1e-12, and `classify` has no case in which it fails.

    A run that is interrupted leaves its state in the folder `checkpoint`, and the next goes on from it (`solve`).

    Raises:
        InputError: the arrays do not fit each other, or a citation names a node that is not there.
    """
    # Here, since loading the compiled kernel takes longer than all that explaining a score needs.
    from evigraph.rank.graph import citation_graph
    from evigraph.rank.solve import solve

    graph = citation_graph(years, citing, cited)
    solution = solve(graph, parameters, progress, checkpoint=checkpoint)
    facts: dict[str, Any] = {
        "n_nodes": graph.n_nodes,
        "n_edges": graph.n_edges,
        "n_self_loops_dropped": graph.n_self_loops_dropped,
        "n_duplicates_dropped": graph.n_duplicates_dropped,
        "n_dangling_nodes": int(np.count_nonzero(graph.row[1:] == graph.row[:-1])),
        "n_undated_nodes": int(np.count_nonzero(graph.years < FIRST_YEAR)),
        "n_nodes_after_current_year": int(np.count_nonzero(graph.years > parameters.current_year)),
        "current_year": parameters.current_year,
        "parameters": parameters.as_dict(),
        **solution.facts,
        "constants": _constants(graph, solution, parameters),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "citation_count": solution.citation_count.astype(np.int64),
        "impulse": solution.impulse.astype(np.int64),
        "influence": round_scores(solution.influence),
        "popularity": round_scores(solution.popularity),
        "ram": round_scores(solution.ram),
    }
    del solution
    if graph.order is not None:
        for name, values in arrays.items():
            arrays[name] = np.empty_like(values)
            arrays[name][graph.order] = values
    bounds = {name: class_bounds(arrays[name]) for name in _SCORES}
    classes: dict[str, Any] = {f"{name}_class": classify(arrays[name], bounds[name]) for name in _SCORES}
    facts["class_entries"] = {name: class_entries(bounds[name]) for name in _SCORES}
    facts["class_sizes"] = {name: class_sizes(classes[f"{name}_class"]) for name in _SCORES}
    return Ranking(**arrays, **classes, facts=facts)


def _constants(graph: CitationGraph, solution: Solution, parameters: Parameters) -> dict[str, float]:
    """What every score holds beside its citations, by the names that `evigraph.rank.explain` knows."""
    n_nodes = max(1, graph.n_nodes)
    is_dangling = graph.row[1:] == graph.row[:-1]
    n_attention = solution.facts["n_attention_citations"]
    starts = np.append(np.flatnonzero(graph.years[1:] != graph.years[:-1]) + 1, graph.n_nodes)
    ages, n_before = [], 0
    for start in starts[: graph.n_nodes].tolist():
        year = int(graph.years[start - 1])
        is_known = FIRST_YEAR <= year <= parameters.current_year
        ages.append((parameters.current_year + 1 - (year if is_known else 0), start - n_before))
        n_before = start
    # Only ratios matter, so the youngest age is the origin: no exponential can underflow for all works.
    youngest = min((age for age, _ in ages), default=0)
    weights = (math.exp(parameters.popularity_rho * (age - youngest)) * n_works for age, n_works in ages)
    return {
        "influence_teleport": (1 - parameters.influence_alpha) / n_nodes,
        "influence_dangling": parameters.influence_alpha * float(solution.influence.sum(where=is_dangling)) / n_nodes,
        "popularity_dangling": parameters.popularity_alpha
        * float(solution.popularity.sum(where=is_dangling))
        / n_nodes,
        "attention_weight": parameters.popularity_beta / n_attention if n_attention else 0.0,
        "recency_youngest": youngest,
        "recency_sum": math.fsum(weights),
    }
