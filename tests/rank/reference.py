"""An independent reference for the indicators: dictionaries of sets for counts, scipy power iteration for scores."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import scipy.sparse as sparse

from evigraph.rank.parameters import Parameters


def reference_scores(years: Any, citing: Any, cited: Any, parameters: Parameters) -> dict[str, Any]:
    """Citation count, impulse, influence, popularity and RAM, iterated until the L1 change is below 1e-15.

    Where rounding keeps the change above that, iteration ends when it has not fallen for ten rounds.
    """
    years = np.asarray(years, dtype=np.int64)
    n_nodes = years.size
    pairs = sorted({(int(j), int(i)) for j, i in zip(citing, cited, strict=True) if j != i})
    source = np.array([pair[0] for pair in pairs], dtype=np.int64)
    target = np.array([pair[1] for pair in pairs], dtype=np.int64)
    out_degree = np.bincount(source, minlength=n_nodes)
    is_dangling = out_degree == 0
    transition = sparse.csr_matrix((1.0 / out_degree[source], (target, source)), shape=(n_nodes, n_nodes))

    def iterate(alpha: float, teleport: Any) -> Any:
        if not n_nodes:
            return np.zeros(0)
        score = np.full(n_nodes, 1.0 / n_nodes)
        best, n_since = np.inf, 0
        while True:
            new = alpha * (transition @ score + score[is_dangling].sum() / n_nodes) + teleport
            change = np.abs(new - score).sum()
            score = new
            n_since = 0 if change < best else n_since + 1
            best = min(best, change)
            if change < 1e-15 or n_since == 10:
                return score

    lag = years[source] - years[target]
    known = np.where((years < 1000) | (years > parameters.current_year), 0, years)
    is_recent = known[source] >= parameters.start_year
    attention = np.bincount(target[is_recent], minlength=n_nodes) / max(1, int(is_recent.sum()))
    exponent = parameters.popularity_rho * (parameters.current_year + 1.0 - known)
    recency = np.exp(exponent - exponent.max()) if n_nodes else exponent
    recency = recency / recency.sum() if n_nodes else recency
    faded = parameters.ram_gamma ** (parameters.current_year - known[source].astype(np.float64))
    return {
        "ram": np.bincount(target, weights=faded, minlength=n_nodes),
        "citation_count": np.bincount(target, minlength=n_nodes),
        "impulse": np.bincount(target[lag <= parameters.impulse_years], minlength=n_nodes),
        "influence": iterate(
            parameters.influence_alpha, np.full(n_nodes, (1 - parameters.influence_alpha) / max(n_nodes, 1))
        ),
        "popularity": iterate(
            parameters.popularity_alpha,
            parameters.popularity_beta * attention + parameters.popularity_gamma * recency,
        ),
    }


def reference_classes(scores: Any) -> list[int]:
    """Classes by BIP!'s rule as it is worded: tie groups from the top while their cumulative count fits the share."""
    rounded = [float(f"{float(score):.11e}") for score in scores]
    groups = sorted(Counter(rounded).items(), reverse=True)
    classes = dict.fromkeys(rounded, 5)
    for number, share in ((4, 0.1), (3, 0.01), (2, 0.001), (1, 0.0001)):
        n_so_far = 0
        for score, size in groups:
            n_so_far += size
            if n_so_far > max(1, int(len(rounded) * share)):
                break
            classes[score] = number
    return [classes[score] for score in rounded]
