from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evigraph.rank.api import rank
from evigraph.rank.classes import class_limits, classify
from evigraph.rank.graph import citation_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve
from rank.reference import reference_classes, reference_scores

YEARS = st.one_of(st.integers(2008, 2021), st.sampled_from([0, 850, 1995, 2035]))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    n_nodes = draw(st.integers(1, 25))
    years = draw(st.lists(YEARS, min_size=n_nodes, max_size=n_nodes))
    node = st.integers(0, n_nodes - 1)
    citations = draw(st.lists(st.tuples(node, node), max_size=80))
    citing = np.array([citation[0] for citation in citations], dtype=np.int32)
    cited = np.array([citation[1] for citation in citations], dtype=np.int32)
    return np.array(years, dtype=np.int32), citing, cited


@given(graphs())
def test_scores_equal_power_iteration(graph: tuple[Any, Any, Any]) -> None:
    parameters = Parameters.for_year(2020)
    found, expected = rank(*graph, parameters), reference_scores(*graph, parameters)
    assert found.citation_count.tolist() == expected["citation_count"].tolist()
    assert found.impulse.tolist() == expected["impulse"].tolist()
    np.testing.assert_allclose(found.influence, expected["influence"], rtol=1e-9)
    np.testing.assert_allclose(found.popularity, expected["popularity"], rtol=1e-9)


@given(graphs())
def test_influence_sums_to_one(graph: tuple[Any, Any, Any]) -> None:
    assert abs(rank(*graph, Parameters.for_year(2020)).influence.sum() - 1) < 1e-11


@given(graphs())
def test_popularity_sums_to_one_or_lacks_the_attention(graph: tuple[Any, Any, Any]) -> None:
    found = rank(*graph, Parameters.for_year(2020))
    expected = 0.3 / 0.8 if found.facts["is_attention_empty"] else 1.0
    assert abs(found.popularity.sum() - expected) < 1e-11


@given(graphs(), st.randoms(use_true_random=False))
def test_numbering_and_order_do_not_matter(graph: tuple[Any, Any, Any], random: Any) -> None:
    years, citing, cited = graph
    names = list(range(years.size))
    random.shuffle(names)
    lines = list(range(citing.size))
    random.shuffle(lines)
    renamed = np.array(names, dtype=np.int32)
    new_years = np.empty_like(years)
    new_years[renamed] = years
    parameters = Parameters.for_year(2020)
    first, second = rank(*graph, parameters), rank(new_years, renamed[citing[lines]], renamed[cited[lines]], parameters)
    for name in ("citation_count", "impulse"):
        assert getattr(first, name).tolist() == getattr(second, name)[renamed].tolist()
    for name in ("citation_count", "impulse", "influence", "popularity", "ram"):
        kind = f"{name}_class"
        assert getattr(first, kind).tolist() == getattr(second, kind)[renamed].tolist()
    # Published scores are rounded to twelve digits, where one more rounding error may show; before that, to 1e-12.
    for name in ("influence", "popularity", "ram"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name)[renamed], rtol=4e-12)
    ours = citation_graph(*graph)
    theirs = citation_graph(new_years, renamed[citing[lines]], renamed[cited[lines]])
    for method in ("push", "sweep"):
        one, other = (solve(built, parameters, method=method) for built in (ours, theirs))
        for name in ("influence", "popularity", "ram"):
            placed, placed_anew = np.empty(years.size), np.empty(years.size)
            placed[slice(None) if ours.order is None else ours.order] = getattr(one, name)
            placed_anew[slice(None) if theirs.order is None else theirs.order] = getattr(other, name)
            np.testing.assert_allclose(placed, placed_anew[renamed], rtol=1e-12)


@given(graphs(), YEARS)
def test_an_isolated_work_changes_only_the_normalisation(graph: tuple[Any, Any, Any], year: int) -> None:
    years, citing, cited = graph
    parameters = Parameters.for_year(2020)
    alone = rank(years, citing, cited, parameters)
    joined = rank(np.append(years, np.int32(year)), citing, cited, parameters)
    for name in ("citation_count", "impulse", "ram"):
        assert getattr(joined, name)[:-1].tolist() == getattr(alone, name).tolist()
        assert getattr(joined, name)[-1] == 0
    # Influence is a solution without dangling works, scaled to the sum 1: the scale alone changes.
    np.testing.assert_allclose(
        joined.influence[:-1] / joined.influence[:-1].sum(), alone.influence / alone.influence.sum(), rtol=1e-11
    )
    # Popularity is the answer to attention, recency and what dangling works give to all: where γ = 0 the first stays
    # as it is, so what an isolated work adds is the same multiple for all of what dangling works give.
    of_attention = Parameters.for_year(2020, popularity_beta=0.8, popularity_gamma=0.0)
    more = rank(np.append(years, np.int32(year)), citing, cited, of_attention).popularity
    less = rank(years, citing, cited, of_attention).popularity
    given_to_all = rank(years, citing, cited, Parameters.for_year(2020, influence_alpha=0.2)).influence
    added = (more[:-1] - less) / given_to_all
    assert np.ptp(added) < 1e-9


@given(st.lists(st.integers(0, 6), min_size=1, max_size=400))
def test_a_class_never_exceeds_its_share_nor_parts_a_tie(values: list[int]) -> None:
    scores = np.array(values, dtype=np.float64)
    classes = classify(scores)
    assert classes.tolist() == reference_classes(scores)
    for number, limit in enumerate(class_limits(scores.size), start=1):
        assert np.count_nonzero(classes <= number) <= limit
    for value in set(values):
        assert len(set(classes[scores == value].tolist())) == 1
