from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evigraph.errors import EvigraphError
from evigraph.review.agreement import Agreement, Figure, VoteTable, agreement, band, by_batch, by_pair

PEERS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("agreement_peers.json").read_text())
CHOICES = ("exclude", "include", "maybe")


def table_of(codes: Any, n_choices: int = 2) -> VoteTable:
    codes = np.asarray(codes, dtype=np.int8)
    return VoteTable(
        tuple(f"r{n}" for n in range(len(codes))),
        tuple(f"reviewer {n}" for n in range(codes.shape[1])),
        CHOICES[:n_choices],
        codes,
    )


def votes(reviewers: st.SearchStrategy[int]) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    shapes = st.tuples(st.integers(1, 40), reviewers)
    return shapes.flatmap(lambda shape: hnp.arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 0, 0, 1, 2])))


@pytest.mark.parametrize("peer", PEERS, ids=[f"table {n}" for n in range(len(PEERS))])
def test_figures_are_those_of_irrcac_and_statsmodels(peer: dict[str, Any]) -> None:
    ours = agreement(table_of(peer["codes"], peer["n_choices"]))
    assert ours.percent.value == pytest.approx(peer["percent"], abs=1e-9)
    for name in ("fleiss_kappa", "ac1", "pabak"):
        figure: Figure = getattr(ours, name)
        assert [figure.value, figure.standard_error] == pytest.approx(peer[name], abs=1e-9), name
        assert figure.interval == "analytic"
    assert ours.krippendorff_alpha.value == pytest.approx(peer["krippendorff_alpha"][0], abs=1e-9)
    # A bootstrap is no linearisation, so its error is near the peer's and no more.
    assert ours.krippendorff_alpha.standard_error == pytest.approx(peer["krippendorff_alpha"][1], rel=0.25, abs=0.01)
    if "cohen_kappa" in peer:
        assert [ours.cohen_kappa.value, ours.cohen_kappa.standard_error] == pytest.approx(peer["cohen_kappa"], abs=1e-9)


@settings(deadline=None, max_examples=150)
@given(votes(st.integers(2, 6)))
def test_alpha_is_that_of_the_krippendorff_library(codes: np.ndarray[Any, Any]) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    ours = agreement(table_of(codes, 3)).krippendorff_alpha
    told = np.where(codes < 0, np.nan, codes.astype(float)).T
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = float(krippendorff.alpha(told, level_of_measurement="nominal", value_domain=[0, 1, 2]))
    except ValueError:
        theirs = math.nan
    if ours.value is None:
        assert math.isnan(theirs)
    else:
        assert ours.value == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None, max_examples=150)
@given(votes(st.just(2)))
def test_cohens_kappa_is_that_of_scikit_learn(codes: np.ndarray[Any, Any]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    ours = agreement(table_of(codes, 3)).cohen_kappa
    both = codes[(codes >= 0).all(axis=1)]
    if not len(both):
        assert ours == Figure(None)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = float(metrics.cohen_kappa_score(both[:, 0], both[:, 1], labels=[0, 1, 2]))
    if ours.value is None:
        # All votes are the same: chance explains everything.
        assert len(np.unique(both)) == 1
    else:
        assert ours.value == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None, max_examples=100)
@given(votes(st.integers(2, 5)), st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_records_or_reviewers(codes: np.ndarray[Any, Any], random: Any) -> None:
    rows, columns = list(range(codes.shape[0])), list(range(codes.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    one, other = agreement(table_of(codes, 3)), agreement(table_of(codes[rows][:, columns], 3))
    for name in ("percent", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "pabak", "ac1"):
        left, right = getattr(one, name), getattr(other, name)
        assert (left.value is None) == (right.value is None)
        if left.value is not None:
            assert left.value == pytest.approx(right.value, abs=1e-9)
            assert left.low is None or left.low - 1e-9 <= left.value <= left.high + 1e-9 or left.interval == "bootstrap"


def test_what_is_not_defined_is_none() -> None:
    alone = agreement(table_of([[0, -1], [-1, 1]]))
    assert alone.n_records == 0
    assert {alone.percent, alone.cohen_kappa, alone.fleiss_kappa, alone.krippendorff_alpha, alone.pabak} == {
        Figure(None)
    }
    same = agreement(table_of([[0, 0], [0, 0], [0, 0]]))
    assert same.percent.value == 1
    assert same.pabak.value == same.ac1.value == 1
    assert same.cohen_kappa == same.fleiss_kappa == same.krippendorff_alpha == Figure(None)
    assert band(same.cohen_kappa.value) == "n/a"
    one = agreement(table_of([[0, 1]]))
    assert (one.percent.value, one.percent.standard_error, one.percent.interval) == (0, None, None)
    assert agreement(table_of(np.empty((0, 2)))).percent == Figure(None)


def test_a_prevalence_that_depresses_kappa_leaves_ac1() -> None:
    # 118 agreed exclusions, 2 records on which either includes alone (the paradox of Feinstein and Cicchetti).
    figures = agreement(table_of([[0, 0]] * 118 + [[1, 0], [0, 1]]))
    assert figures.cohen_kappa.value is not None
    assert figures.cohen_kappa.value < 0
    assert figures.ac1.value == pytest.approx(0.983, abs=0.001)
    assert band(figures.cohen_kappa.value) == "poor"


def test_figures_are_told_for_each_pair_and_batch() -> None:
    told = [("a", "Ann", "include"), ("a", "Bob", "include"), ("b", "Ann", "exclude"), ("b", "Bob", "include")]
    told += [("c", "Ann", "exclude"), ("c", "Cem", "exclude")]
    table = VoteTable.of(told)
    pairs = by_pair(table)
    assert set(pairs) == {("Ann", "Bob"), ("Ann", "Cem")}
    assert pairs["Ann", "Bob"].percent.value == 0.5
    assert pairs["Ann", "Cem"].n_records == 1
    batches: dict[int, Agreement] = by_batch(table, {"a": 1, "b": 1, "c": 2})
    assert (batches[1].n_records, batches[1].percent.value) == (2, 0.5)
    assert batches[2].percent.value == 1


def test_a_vote_nobody_could_give_is_an_error() -> None:
    with pytest.raises(EvigraphError, match="none of include, exclude"):
        VoteTable.of([("a", "Ann", "maybe")])
    with pytest.raises(EvigraphError, match="two different votes"):
        VoteTable.of([("a", "Ann", "include"), ("a", "Ann", "exclude")])


@pytest.mark.parametrize(
    ("kappa", "name"),
    [(-0.1, "poor"), (0.0, "slight"), (0.2, "slight"), (0.61, "substantial"), (1.0, "almost perfect")],
)
def test_bands_are_those_of_landis_and_koch(kappa: float, name: str) -> None:
    assert band(kappa) == name
