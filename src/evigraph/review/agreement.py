"""How far reviewers agree beyond chance: percent, kappas, alpha, PABAK and AC1 of a vote table with gaps.

A vote table has a row a record, a column a reviewer, and gaps where a reviewer did not vote. Every figure of several
reviewers follows Gwet (Handbook of Inter-Rater Reliability, 4th ed., 2014): agreement is the share of agreeing pairs of
votes, a record at a time, over the records with two votes or more; what chance would bring is read from all votes. What
a table does not define (a kappa of votes that are all the same, an interval of one record) is None and is shown as
"n/a", never as 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from evigraph.errors import EvigraphError

Floats = npt.NDArray[np.float64]
Batch = TypeVar("Batch", bound=Hashable)

#: The share of intervals that hold the true figure.
CONFIDENCE = 0.95
#: Resampled tables of a bootstrap interval, and the seed that makes them the same every time.
N_RESAMPLES, SEED = 2000, 0
#: Chance agreement nearer to 1 than this leaves nothing to explain: the figure is undefined.
_NOTHING = 1e-12

#: Landis and Koch (Biometrics 33, 1977): the upper end of each band of kappa and its name.
BANDS = (
    (0.0, "poor"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
    (1.0, "almost perfect"),
)


@dataclass(frozen=True)
class Figure:
    """One measure of agreement: its value, standard error and 95 % interval; None where undefined.

    `interval` says how the interval was made: "analytic" (standard error times Student's t with one degree of freedom
    less than there are records) or "bootstrap" (percentiles of 2,000 resamplings of the records with a fixed seed).
    """

    value: float | None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str | None = None


UNDEFINED = Figure(None)


@dataclass(frozen=True)
class Agreement:
    """All measures over one table. `n_records` have two votes or more; `n_votes` counts the votes on those."""

    n_records: int
    n_votes: int
    percent: Figure
    #: Of two reviewers only; undefined for more.
    cohen_kappa: Figure
    #: Of two reviewers this is Scott's pi.
    fleiss_kappa: Figure
    krippendorff_alpha: Figure
    pabak: Figure
    ac1: Figure


@dataclass(frozen=True)
class VoteTable:
    """Independent votes: `codes[record, reviewer]` is a place in `choices`, or -1 where there is no vote."""

    records: tuple[str, ...]
    reviewers: tuple[str, ...]
    choices: tuple[str, ...]
    codes: npt.NDArray[np.int8]

    @classmethod
    def of(cls, votes: Iterable[tuple[str, str, str]], choices: Sequence[str] = ("include", "exclude")) -> VoteTable:
        """The table of (record, reviewer, choice). `choices` are all that a reviewer could choose from.

        PABAK and AC1 depend on how many there are. Leave out what is no vote (a record skipped). Raises EvigraphError
        for a choice that is none of these and for a second vote of a reviewer on a record.
        """
        told: dict[tuple[str, str], int] = {}
        place = {choice: n for n, choice in enumerate(choices)}
        for record, reviewer, choice in votes:
            if choice not in place:
                raise EvigraphError(
                    f"the vote {choice!r} on {record} is none of {', '.join(choices)}: name all choices"
                )
            if told.setdefault((record, reviewer), place[choice]) != place[choice]:
                raise EvigraphError(f"{reviewer} has two different votes on {record}: give the one that counts")
        records = tuple(sorted({record for record, _ in told}))
        reviewers = tuple(sorted({reviewer for _, reviewer in told}))
        rows, columns = ({name: n for n, name in enumerate(names)} for names in (records, reviewers))
        codes = np.full((len(records), len(reviewers)), -1, dtype=np.int8)
        for (record, reviewer), code in told.items():
            codes[rows[record], columns[reviewer]] = code
        return cls(records, reviewers, tuple(choices), codes)

    def of_reviewers(self, reviewers: Sequence[str]) -> VoteTable:
        """The same table with the columns of these reviewers only."""
        columns = [self.reviewers.index(reviewer) for reviewer in reviewers]
        return VoteTable(self.records, tuple(reviewers), self.choices, self.codes[:, columns])

    def of_records(self, keep: Callable[[str], bool]) -> VoteTable:
        """The same table with the rows of those records only for which `keep` is true."""
        rows = [n for n, record in enumerate(self.records) if keep(record)]
        return VoteTable(tuple(self.records[n] for n in rows), self.reviewers, self.choices, self.codes[rows])


def agreement(table: VoteTable) -> Agreement:
    """Every measure of agreement over all reviewers of a table."""
    counts = np.stack([(table.codes == code).sum(axis=1) for code in range(len(table.choices))], axis=1).astype(float)
    shared = counts[counts.sum(axis=1) >= 2]
    return Agreement(
        n_records=len(shared),
        n_votes=int(shared.sum()),
        percent=percent_agreement(counts),
        cohen_kappa=cohen_kappa(table.codes, len(table.choices)) if len(table.reviewers) == 2 else UNDEFINED,
        fleiss_kappa=fleiss_kappa(counts),
        krippendorff_alpha=krippendorff_alpha(counts),
        pabak=pabak(counts),
        ac1=gwet_ac1(counts),
    )


def by_pair(table: VoteTable) -> dict[tuple[str, str], Agreement]:
    """The agreement of each two reviewers who voted on a record both, on those records only."""
    pairs = {pair: agreement(table.of_reviewers(pair)) for pair in combinations(table.reviewers, 2)}
    return {pair: figures for pair, figures in pairs.items() if figures.n_records}


def by_batch(table: VoteTable, batch_of: Mapping[str, Batch]) -> dict[Batch, Agreement]:
    """The agreement within each batch of records (a calibration round, a week). Records of no batch are left out."""
    batches = dict.fromkeys(batch_of[record] for record in table.records if record in batch_of)
    return {batch: agreement(table.of_records(lambda r, b=batch: batch_of.get(r) == b)) for batch in batches}  # type: ignore[misc]


def band(kappa: float | None) -> str:
    """Landis and Koch's name for a kappa ("n/a" for None). The bands are customary, not derived from anything."""
    if kappa is None:
        return "n/a"
    return next((name for upper, name in BANDS if kappa < upper or (upper and kappa <= upper)), BANDS[-1][1])


def percent_agreement(counts: Floats) -> Figure:
    """The mean over records of the share of agreeing pairs of votes.

    `counts[record, choice]` counts votes; records with fewer than two are passed over.
    """
    agreeing, shared = _agreeing_pairs(counts)
    if not shared.any():
        return UNDEFINED
    return _analytic(float(agreeing[shared].mean()), agreeing[shared], lowest=0.0)


def cohen_kappa(codes: npt.NDArray[np.int8], n_choices: int) -> Figure:
    """Cohen's kappa of two reviewers on the records both voted on (Educ. Psychol. Meas. 20, 1960).

    Kappa = (p_o - p_e) / (1 - p_e). The standard error is that of Fleiss, Cohen and Everitt (Psychol. Bull. 72, 1969,
    eq. 13), for a kappa that is not nil.
    """
    both = codes[(codes >= 0).all(axis=1)]
    n = len(both)
    if not n:
        return UNDEFINED
    table = np.zeros((n_choices, n_choices))
    np.add.at(table, (both[:, 0], both[:, 1]), 1 / n)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, chance = float(np.trace(table)), float(rows @ columns)
    if 1 - chance < _NOTHING:
        return UNDEFINED
    kappa = (observed - chance) / (1 - chance)
    diagonal = np.diag(table) * (1 - (rows + columns) * (1 - kappa)) ** 2
    beside = table * (columns[:, None] + rows[None, :]) ** 2
    beside_sum = (1 - kappa) ** 2 * float(beside.sum() - np.trace(beside))
    variance = (float(diagonal.sum()) + beside_sum - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) ** 2 * n)
    return _with_interval(kappa, math.sqrt(max(variance, 0.0)), n)


def fleiss_kappa(counts: Floats) -> Figure:
    """Fleiss' kappa (Psychol. Bull. 76, 1971) for any number of reviewers, with gaps as Gwet extends it.

    Chance is the sum of squared mean shares of the choices. For two reviewers it is Scott's pi.
    """
    shares, each = _shares(counts)
    return _beyond_chance(counts, float(shares @ shares), each @ shares if len(each) else each.sum(axis=1))


def gwet_ac1(counts: Floats) -> Figure:
    """Gwet's AC1 (Br. J. Math. Stat. Psychol. 61, 2008): chance is sum of pi_k (1 - pi_k) / (q - 1).

    It stays near the percent agreement where nearly all records are excluded, as in screening, and kappa does not.
    """
    q = counts.shape[1]
    if q < 2:
        return UNDEFINED
    shares, each = _shares(counts)
    return _beyond_chance(counts, float(shares @ (1 - shares)) / (q - 1), each @ (1 - shares) / (q - 1))


def pabak(counts: Floats) -> Figure:
    """Prevalence- and bias-adjusted kappa (Byrt, Bishop and Carlin, J. Clin. Epidemiol. 46, 1993): chance is 1 / q.

    For two choices it is twice the agreement less one; for more it is Brennan and Prediger's coefficient.
    """
    q = counts.shape[1]
    if q < 2:
        return UNDEFINED
    return _beyond_chance(counts, 1 / q, np.full(int((counts.sum(axis=1) > 0).sum()), 1 / q))


def krippendorff_alpha(counts: Floats) -> Figure:
    """Krippendorff's alpha for nominal votes (Content Analysis, 4th ed., 2018, ch. 12): 1 - D_o / D_e.

    Records with fewer than two votes are not pairable and are left out. The interval is a bootstrap over records.
    """
    pairable = counts[counts.sum(axis=1) >= 2]
    if not len(pairable):
        return UNDEFINED
    # Records that were voted on alike are resampled together: a resampling draws how often each pattern comes.
    patterns, n_alike = np.unique(pairable, axis=0, return_counts=True)
    value = float(_alphas(patterns, n_alike[None, :].astype(float))[0])
    if math.isnan(value):
        return UNDEFINED
    if len(pairable) < 2:
        return Figure(value)
    draws = np.random.default_rng(SEED).multinomial(len(pairable), n_alike / len(pairable), size=N_RESAMPLES)
    resampled = _alphas(patterns, draws.astype(float))
    resampled = resampled[~np.isnan(resampled)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Figure(value, float(resampled.std(ddof=1)), float(low), float(high), "bootstrap")


def _alphas(patterns: Floats, times: Floats) -> Floats:
    """Alpha of each row of `times`: how often every pattern of votes comes. NaN where all votes are the same."""
    n_votes = patterns.sum(axis=1)
    disagreeing = (n_votes**2 - (patterns**2).sum(axis=1)) / (n_votes - 1)
    of_choice = times @ patterns
    total = of_choice.sum(axis=1)
    expected = (total**2 - (of_choice**2).sum(axis=1)) / (total - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - times @ disagreeing / expected, np.nan)


def _agreeing_pairs(counts: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Of each record with a vote the share of agreeing pairs (0 where there is no pair), and whether there is one."""
    voted = counts[counts.sum(axis=1) > 0]
    n_votes = voted.sum(axis=1)
    pairs = n_votes * (n_votes - 1)
    return (voted * (voted - 1)).sum(axis=1) / np.where(pairs > 0, pairs, 1), pairs > 0


def _shares(counts: Floats) -> tuple[Floats, Floats]:
    """The mean share of each choice over the records with a vote, and the shares within each of them."""
    voted = counts[counts.sum(axis=1) > 0]
    each = voted / voted.sum(axis=1, keepdims=True)
    return (each.mean(axis=0) if len(each) else np.zeros(counts.shape[1])), each


def _beyond_chance(counts: Floats, chance: float, chance_of_each: Floats) -> Figure:
    """(p_a - p_e) / (1 - p_e) with Gwet's linearised variance over records (2014, ch. 5)."""
    agreeing, shared = _agreeing_pairs(counts)
    if not shared.any() or 1 - chance < _NOTHING:
        return UNDEFINED
    value = (float(agreeing[shared].mean()) - chance) / (1 - chance)
    of_each = len(shared) / shared.sum() * (agreeing - chance * shared) / (1 - chance)
    linear = of_each - 2 * (1 - value) * (chance_of_each - chance) / (1 - chance)
    return _analytic(value, linear, lowest=-1.0)


def _analytic(value: float, of_each: Floats, lowest: float) -> Figure:
    """A mean over records with the standard error of a mean."""
    n = len(of_each)
    if n < 2:
        return Figure(value)
    return _with_interval(value, math.sqrt(float(((of_each - value) ** 2).sum()) / (n * (n - 1))), n, lowest)


def _with_interval(value: float, error: float, n: int, lowest: float = -1.0) -> Figure:
    if n < 2:
        return Figure(value)
    from scipy.stats import t  # here, because it takes a third of a second

    reach = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return Figure(value, error, max(lowest, value - reach), min(1.0, value + reach), "analytic")
