"""Synthetic citation graphs that look like literature, for trying the ranking out. No real work is in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evigraph.errors import SettingsError

#: Years that a synthetic literature spans, and how much it grows in each.
N_YEARS = 60
GROWTH = 1.045

#: Share of works without references, and the log-normal spread of the others' number.
SHARE_WITHOUT_REFERENCES = 0.29
REFERENCES_SIGMA = 0.9

#: Age in years of a cited work: one year plus a mixture of two exponentials.
SHARE_SHORT_LAG = 0.6
SHORT_LAG, LONG_LAG = 4.0, 11.0

#: Skew of the fitness inside a year (a uniform number to this power), and the share of copied references.
SKEW = 2.5
SHARE_COPIED = 0.3


@dataclass(frozen=True)
class SyntheticLiterature:
    """A synthetic citation graph: works from 0, their years, and who cites whom (duplicates included)."""

    years: npt.NDArray[np.int32]
    citing: npt.NDArray[np.int32]
    cited: npt.NDArray[np.int32]

    @property
    def n_nodes(self) -> int:
        """How many works it has."""
        return int(self.years.size)


def synthetic_literature(
    n_nodes: int,
    seed: int,
    *,
    mean_references: float = 14.0,
    share_same_year: float = 0.013,
    share_future: float = 0.003,
    share_reciprocal: float = 0.01,
    last_year: int = 2020,
    is_shuffled: bool = True,
) -> SyntheticLiterature:
    """A synthetic literature of `n_nodes` works, the same for the same arguments.

    Sixty years that grow by 4.5 % a year; 29 % of the works cite nothing, the others a log-normal number of
    works, `mean_references` on average, mostly older by 1 to 15 years; inside a year citations are skewed; some
    references are copied from the reference list of a cited work. `share_same_year` and `share_future` of the
    citations go to works of the same year and of one to three years later, and `share_reciprocal` of those that go
    at most one year back are answered. With `is_shuffled` ids say nothing about dates, else they run from the
    newest work to the oldest. The stress variant of the ranking's tests is `share_same_year=.088, share_future=.01`.

    Raises:
        SettingsError: a number is negative or a share is above 1.
    """
    if n_nodes < 0 or mean_references < 0:
        raise SettingsError("synthetic literature: give counts of at least 0")
    for share in (share_same_year, share_future, share_reciprocal):
        if not 0 <= share <= 1:
            raise SettingsError("synthetic literature: give shares from 0 to 1")
    random = np.random.default_rng(seed)
    starts = _year_starts(n_nodes)
    age = np.repeat(np.arange(N_YEARS, dtype=np.int32), np.diff(starts))
    citing, target = _first_choices(random, age, starts, mean_references, share_same_year, share_future)
    cited = _copied(random, citing, target, age, n_nodes)
    # Works that cite each other are written at about the same time.
    is_close = age[cited] - age[citing] <= 1
    answered = np.flatnonzero(is_close & (random.random(citing.size) < share_reciprocal))
    citing, cited = np.concatenate((citing, cited[answered])), np.concatenate((cited, citing[answered]))
    years = (last_year - age).astype(np.int32)
    if is_shuffled:
        names = random.permutation(n_nodes).astype(np.int32)
        order = random.permutation(citing.size)
        shuffled = np.empty_like(years)
        shuffled[names] = years
        years, citing, cited = shuffled, names[citing[order]], names[cited[order]]
    return SyntheticLiterature(years, citing.astype(np.int32), cited.astype(np.int32))


def _year_starts(n_nodes: int) -> npt.NDArray[np.int64]:
    """The first work of each year, newest year first, and their number."""
    weights = GROWTH ** -np.arange(N_YEARS, dtype=np.float64)
    shares = np.concatenate(([0.0], np.cumsum(weights) / weights.sum()))
    starts = np.rint(shares * n_nodes).astype(np.int64)
    starts[-1] = n_nodes
    return np.asarray(starts)


def _first_choices(
    random: np.random.Generator,
    age: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    mean_references: float,
    share_same_year: float,
    share_future: float,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The citing work and the first choice of the cited one, ascending by the citing work."""
    n_nodes = age.size
    # Only works that cite something carry the mean, as only they have a reference list.
    mu = np.log(max(mean_references, 1e-9)) - REFERENCES_SIGMA**2 / 2
    n_references = np.rint(random.lognormal(mu, REFERENCES_SIGMA, n_nodes)).astype(np.int64)
    n_references[random.random(n_nodes) < SHARE_WITHOUT_REFERENCES] = 0
    n_references = np.minimum(n_references, max(n_nodes // 2, 0))
    citing = np.repeat(np.arange(n_nodes, dtype=np.int32), n_references)
    mean_lag = np.where(random.random(citing.size) < SHARE_SHORT_LAG, SHORT_LAG, LONG_LAG)
    lag = 1 + np.floor(random.exponential(1.0, citing.size) * mean_lag).astype(np.int32)
    kind = random.random(citing.size)
    lag[kind < share_same_year] = 0
    is_future = (kind >= share_same_year) & (kind < share_same_year + share_future)
    lag[is_future] = -random.integers(1, 4, int(is_future.sum()), dtype=np.int32)
    year = age[citing] + lag
    is_inside = (year >= 0) & (year < N_YEARS)
    citing, year = citing[is_inside], year[is_inside]
    size = starts[year + 1] - starts[year]
    place = np.floor(random.random(citing.size) ** SKEW * size).astype(np.int64)
    is_someone = size > 0
    return citing[is_someone], (starts[year] + np.minimum(place, size - 1))[is_someone].astype(np.int32)


def _copied(
    random: np.random.Generator,
    citing: npt.NDArray[np.int32],
    target: npt.NDArray[np.int32],
    age: npt.NDArray[np.int32],
    n_nodes: int,
) -> npt.NDArray[np.int32]:
    """`target` with some choices replaced by a reference of the chosen work."""
    n_references = np.bincount(citing, minlength=n_nodes)
    row = np.concatenate(([0], np.cumsum(n_references)))
    # Same-year and future choices stay as they are, so that their shares hold.
    may_copy = (age[target] > age[citing]) & (n_references[target] > 0)
    copying = np.flatnonzero(may_copy & (random.random(citing.size) < SHARE_COPIED))
    chosen = target[copying]
    place = row[chosen] + np.floor(random.random(copying.size) * n_references[chosen]).astype(np.int64)
    cited = target.copy()
    is_older = age[target[place]] > age[citing[copying]]
    cited[copying[is_older]] = target[place[is_older]]
    return cited
