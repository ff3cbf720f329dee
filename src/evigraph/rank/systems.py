"""The linear systems behind influence and popularity: their right-hand sides, year by year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.rank.graph import CitationGraph
from evigraph.rank.parameters import FIRST_YEAR, Parameters

#: How many blocks a work pushes to at its turn, and for how many blocks its far citations wait.
REACH = 4


@dataclass(frozen=True)
class Systems:
    """What is pushed: the blocks (years), and for each what its works start from and what its citations are worth.

    Attributes:
        starts: the first place of each block, newest first, and the number of works.
        alphas: α of influence and of popularity.
        recency: γ · recency of a work of each block.
        attention: what a citation by each block adds to β · attention.
        fading: what a citation by each block is worth in RAM.
        impulse_until: the first place that is too old for citations by each block to count for its impulse.
        impulse_from: the first place whose citations of works of each block count for their impulse.
    """

    starts: npt.NDArray[np.int64]
    alphas: npt.NDArray[np.float64]
    recency: npt.NDArray[np.float64]
    attention: npt.NDArray[np.float64]
    fading: npt.NDArray[np.float64]
    impulse_until: npt.NDArray[np.int64]
    impulse_from: npt.NDArray[np.int64]


def _starts_of_years(years: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The first place of each year, newest year first, and the number of places."""
    if not years.size:
        return np.zeros(1, dtype=np.int64)
    starts = [0]
    # Years descend: the end of each is looked up, not searched for.
    while starts[-1] < years.size:
        starts.append(_end_of_year(years, starts[-1]))
    return np.array(starts, dtype=np.int64)


def _first_place_not_after(
    years: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """For each bound the first place whose year is at most that."""
    ascending = -years[starts[:-1]].astype(np.int64)
    return starts[np.searchsorted(ascending, -bounds, side="left")]


def systems_of(graph: CitationGraph, parameters: Parameters) -> tuple[Systems, dict[str, Any]]:
    """What is to be solved, and the facts of the attention window."""
    starts = _starts_of_years(graph.years)
    year_of = graph.years[starts[:-1]].astype(np.int64)
    is_dated = (year_of >= FIRST_YEAR) & (year_of <= parameters.current_year)
    age = parameters.current_year + 1 - np.where(is_dated, year_of, 0)
    # Only ratios matter, so the youngest age is the origin: no exponential can underflow for all works.
    youngest = int(age.min()) if age.size else 0
    weight = np.array([math.exp(parameters.popularity_rho * (int(value) - youngest)) for value in age])
    total = math.fsum(weight * np.diff(starts))
    is_recent = is_dated & (year_of >= parameters.start_year)
    n_attention = int(np.diff(graph.row[starts])[is_recent].sum()) if age.size else 0
    attention = np.where(is_recent, parameters.popularity_beta / max(1, n_attention), 0.0)
    systems = Systems(
        starts,
        np.array([parameters.influence_alpha, parameters.popularity_alpha]),
        parameters.popularity_gamma * weight / total if age.size else weight,
        attention,
        np.asarray(np.float64(parameters.ram_gamma) ** (age - 1)),
        _first_place_not_after(graph.years, starts, year_of - parameters.impulse_years - 1),
        _first_place_not_after(graph.years, starts, year_of + parameters.impulse_years),
    )
    return systems, {
        "attention_start_year": parameters.start_year,
        "n_attention_citations": n_attention,
        "is_attention_empty": n_attention == 0,
    }


def _end_of_year(years: npt.NDArray[np.int32], first: int) -> int:
    """The first place after `first` with an older year."""
    low, high = first, years.size
    while high - low > 1:
        middle = (low + high) // 2
        if years[middle] == years[first]:
            low = middle
        else:
            high = middle
    return high
