from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evigraph.errors import InputError
from evigraph.rank import solve as solving
from evigraph.rank.api import Ranking, rank
from evigraph.rank.parameters import Parameters
from evigraph.rank.synthetic import synthetic_literature
from rank.reference import reference_classes, reference_scores

SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")


def ranked(years: list[int], citations: list[tuple[int, int]], current_year: int = 2020, **changes: Any) -> Ranking:
    citing = np.array([citation[0] for citation in citations], dtype=np.int32)
    cited = np.array([citation[1] for citation in citations], dtype=np.int32)
    return rank(np.array(years), citing, cited, Parameters.for_year(current_year, **changes))


def assert_equals_reference(years: Any, citing: Any, cited: Any, parameters: Parameters) -> Ranking:
    found = rank(years, citing, cited, parameters)
    expected = reference_scores(years, citing, cited, parameters)
    for name in SCORES:
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=1e-9, atol=0)
    for name in SCORES:
        assert getattr(found, f"{name}_class").tolist() == reference_classes(expected[name]), name
    return found


def test_citation_count_counts_distinct_works_but_the_work_itself() -> None:
    found = ranked([2020, 2019, 2018], [(0, 1), (0, 1), (0, 2), (1, 2), (2, 2)])
    assert found.citation_count.tolist() == [0, 1, 2]
    assert found.facts["n_edges"] == 3
    assert found.facts["n_duplicates_dropped"] == 1
    assert found.facts["n_self_loops_dropped"] == 1


def test_impulse_counts_citations_up_to_three_years_after() -> None:
    # The work of 2010 is cited in 2013 (counts), 2014 (does not), 2009 and by an undated work (both count, as at
    # BIP!, which has no lower bound); the undated work is cited and has no impulse.
    years = [2014, 2013, 2010, 2009, 0]
    found = ranked(years, [(0, 2), (1, 2), (3, 2), (4, 2), (0, 4), (3, 4)])
    assert found.citation_count.tolist() == [0, 0, 4, 0, 2]
    assert found.impulse.tolist() == [0, 0, 3, 0, 0]


def test_influence_of_a_chain() -> None:
    # x(a) = 1, x(b) = 1 + x(a)/2, x(c) = 1 + x(b)/2, normalised; dangling c only scales them.
    found = ranked([2020, 2019, 2018], [(0, 1), (1, 2)])
    assert found.influence.tolist() == pytest.approx([1 / 4.25, 1.5 / 4.25, 1.75 / 4.25], rel=1e-11)


def test_influence_is_shared_among_references() -> None:
    found = ranked([2020, 2019, 2018], [(0, 1), (0, 2)])
    assert found.influence.tolist() == pytest.approx([1 / 3.5, 1.25 / 3.5, 1.25 / 3.5], rel=1e-11)


def test_influence_in_a_cycle() -> None:
    found = ranked([2020, 2020, 2019], [(0, 1), (1, 0), (1, 2)])
    # x0 = 1 + x1/4, x1 = 1 + x0/2, x2 = 1 + x1/4
    x0 = 1.25 / 0.875
    x1 = 1 + x0 / 2
    x2 = 1 + x1 / 4
    assert found.influence.tolist() == pytest.approx(np.array([x0, x1, x2]) / (x0 + x1 + x2), rel=1e-11)


def test_popularity_by_hand() -> None:
    # Current year 2020, window 2018-2020. Attention: only the citation 0 -> 1 counts, so A = (0, 1, 0).
    found = ranked([2020, 2017, 2015], [(0, 1), (1, 2)])
    recency = np.exp(-0.16 * np.array([1.0, 4.0, 6.0]))
    recency /= recency.sum()
    teleport = 0.5 * np.array([0.0, 1.0, 0.0]) + 0.3 * recency
    # s0 = .2 s2/3 + w0; s1 = .2 (s0 + s2/3) + w1; s2 = .2 (s1 + s2/3) + w2
    system = np.eye(3) - 0.2 * np.array([[0, 0, 1 / 3], [1, 0, 1 / 3], [0, 1, 1 / 3]])
    assert found.popularity.tolist() == pytest.approx(np.linalg.solve(system, teleport), rel=1e-11)
    assert found.popularity.sum() == pytest.approx(1.0, rel=1e-11)
    assert found.facts["n_attention_citations"] == 1
    assert not found.facts["is_attention_empty"]


def test_ram_fades_citations_by_a_year() -> None:
    # A citation of this year counts 1, of last year .6, of two years ago .36; an undated one next to nothing.
    found = ranked([2020, 2019, 2018, 0, 2010], [(0, 4), (1, 4), (2, 4), (3, 4), (2, 1)])
    assert found.ram.tolist() == pytest.approx([0.0, 0.36, 0.0, 0.0, 1.96], rel=1e-11)


def test_an_empty_attention_window_is_reported_and_its_mass_is_missing() -> None:
    found = ranked([2010, 2009], [(0, 1)], current_year=2020)
    assert found.facts["is_attention_empty"]
    assert found.facts["attention_start_year"] == 2018
    assert found.popularity.sum() == pytest.approx(0.3 / 0.8, rel=1e-11)


def test_a_work_of_the_future_is_undated_in_popularity_only() -> None:
    found = ranked([2031, 2020, 2020], [(0, 1), (2, 1)], current_year=2020)
    undated = ranked([0, 2020, 2020], [(0, 1), (2, 1)], current_year=2020)
    assert found.facts["n_nodes_after_current_year"] == 1
    assert found.popularity.tolist() == undated.popularity.tolist()
    assert found.impulse.tolist() == [0, 1, 0]
    assert undated.impulse.tolist() == [0, 2, 0]


@pytest.mark.parametrize(
    ("years", "citations"),
    [
        ([], []),
        ([2020], []),
        ([2020], [(0, 0)]),
        ([0], []),
        ([0, 0, 0], [(0, 1), (1, 2), (2, 0)]),
        ([2020] * 4, [(0, 1), (1, 2), (2, 3), (3, 0)]),
        ([2000, 2005, 2010, 2015], [(0, 1), (1, 2), (2, 3)]),
        ([2000, 2005, 2010, 2015], [(0, 1), (1, 2), (2, 3), (3, 0), (3, 1), (0, 2)]),
        ([2020, 2020], [(0, 1), (1, 0)]),
        ([2020, 1990, 1960], [(0, 1), (1, 0), (1, 2), (2, 1), (2, 0), (0, 2)]),
        ([9999, -5, 3, 2_000_000_000, -2_000_000_000], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]),
    ],
    ids=str,
)
def test_any_graph_however_small_or_odd(years: list[int], citations: list[tuple[int, int]]) -> None:
    citing = np.array([citation[0] for citation in citations], dtype=np.int32)
    cited = np.array([citation[1] for citation in citations], dtype=np.int32)
    found = assert_equals_reference(np.array(years, dtype=np.int32), citing, cited, Parameters.for_year(2020))
    assert found.influence.sum() == pytest.approx(1.0 if years else 0.0, rel=1e-11)


@pytest.mark.parametrize("alpha", [0.0, 0.85, 0.99])
def test_other_dampings(alpha: float) -> None:
    given = synthetic_literature(300, seed=3, share_same_year=0.1, share_future=0.05)
    parameters = Parameters.for_year(
        2020, influence_alpha=alpha, popularity_alpha=alpha, popularity_beta=0.0, popularity_gamma=1 - alpha
    )
    found = rank(given.years, given.citing, given.cited, parameters)
    expected = reference_scores(given.years, given.citing, given.cited, parameters)
    np.testing.assert_allclose(found.influence, expected["influence"], rtol=1e-9)
    np.testing.assert_allclose(found.popularity, expected["popularity"], rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({}, "push"),
        ({"share_same_year": 0.088, "share_future": 0.01}, "sweep"),
        ({"share_future": 0.2}, "sweep"),
    ],
    ids=["usual", "stress", "against time"],
)
def test_a_synthetic_literature_equals_the_reference(
    changes: dict[str, float], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "is_small", lambda graph, systems: False)
    given = synthetic_literature(5_000, seed=5, **changes)
    found = assert_equals_reference(given.years, given.citing, given.cited, Parameters.for_year(2020))
    assert found.facts["method"] == method
    assert 0 <= found.facts["influence_certificate"] < 1e-12
    assert 0 <= found.facts["popularity_certificate"] < 1e-12
    assert found.facts["passes"] >= 1


def test_reversed_time_equals_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "is_small", lambda graph, systems: False)
    given = synthetic_literature(5_000, seed=6)
    found = assert_equals_reference(given.years, given.cited, given.citing, Parameters.for_year(2020))
    assert found.facts["method"] == "sweep"


def test_the_certificate_bounds_the_error() -> None:
    given = synthetic_literature(5_000, seed=8, share_same_year=0.088, share_future=0.01)
    found = rank(given.years, given.citing, given.cited, Parameters.for_year(2020))
    expected = reference_scores(given.years, given.citing, given.cited, Parameters.for_year(2020))
    for name in ("influence", "popularity"):
        distance = np.abs(getattr(found, name) - expected[name]).sum()
        # Rounding to twelve digits and the reference's own error lie beside the certificate.
        assert distance < found.facts[f"{name}_certificate"] + 2e-12


def test_the_same_input_gives_the_same_bits() -> None:
    given = synthetic_literature(2_000, seed=9)
    first = rank(given.years, given.citing, given.cited, Parameters.for_year(2020))
    second = rank(given.years, given.citing, given.cited, Parameters.for_year(2020))
    assert first.influence.tobytes() == second.influence.tobytes()
    assert first.popularity.tobytes() == second.popularity.tobytes()
    assert first.facts == second.facts


def test_facts_are_plain_values() -> None:
    found = ranked([2020, 2019], [(0, 1)])
    assert json.loads(json.dumps(found.facts)) == found.facts


@pytest.mark.parametrize("is_small", [True, False])
def test_progress_ends_at_all_citations(is_small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "is_small", lambda graph, systems: is_small)
    seen: list[tuple[str, int, int]] = []
    given = synthetic_literature(2_000, seed=9)
    parameters = Parameters.for_year(2020)
    found = rank(given.years, given.citing, given.cited, parameters, lambda *call: seen.append(call))
    assert seen[-1] == ("rank", found.facts["n_edges"], found.facts["n_edges"])
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


@pytest.mark.parametrize("cited", [2, -1])
def test_a_citation_of_no_node_is_refused(cited: int) -> None:
    with pytest.raises(InputError, match="there are 2 nodes"):
        ranked([2020, 2019], [(0, cited)])


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="as many citing as cited"):
        rank(np.array([2020]), np.array([0]), np.array([0, 0]), Parameters.for_year(2020))


@pytest.fixture(scope="module")
def acl(shared_data: Path) -> tuple[list[str], Any, Any, Any]:
    folder = shared_data / "acl"
    titles: list[str] = []
    years: list[int] = []
    position: dict[str, int] = {}
    for path in sorted(folder.glob("publication-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                product = json.loads(line)
                position[product["id"]] = len(years)
                titles.append(product["mainTitle"])
                years.append(int(product["publicationDate"][:4]))
    with gzip.open(folder / "relation-00.jsonl.gz", "rt", encoding="utf-8") as lines:
        relations = [json.loads(line) for line in lines]
    citing = np.array([position[relation["source"]] for relation in relations])
    cited = np.array([position[relation["target"]] for relation in relations])
    return titles, np.array(years), citing, cited


def test_a_real_citation_network_equals_the_reference(acl: tuple[list[str], Any, Any, Any]) -> None:
    titles, years, citing, cited = acl
    found = assert_equals_reference(years, citing, cited, Parameters.for_year(int(years.max())))
    assert found.facts["n_nodes"] == 38_805
    assert found.facts["n_edges"] == 93_899
    best = [(titles[node], int(years[node])) for node in np.argsort(-found.influence)[:12]]
    for start, year in (
        ("Building a Large Annotated Corpus of English", 1993),
        ("The Mathematics of Statistical Machine Translation", 1993),
        ("Bleu: a Method for Automatic Evaluation", 2002),
    ):
        assert any(title.startswith(start) and stated == year for title, stated in best), start
