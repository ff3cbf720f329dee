from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evigraph.errors import SettingsError
from evigraph.rank.api import rank
from evigraph.rank.parameters import Parameters, read_change, read_set
from evigraph.rank.sensitivity import moved, read_moves, sensitivity
from evigraph.rank.synthetic import synthetic_literature


def test_moves_are_read_by_full_and_by_short_names() -> None:
    assert read_moves("alpha=0.3,0.5") == [("influence_alpha", 0.3), ("influence_alpha", 0.5)]
    assert read_moves("impulse_years=5") == [("impulse_years", 5.0)]
    with pytest.raises(SettingsError, match="names no parameter to move"):
        read_moves("damping=0.3")
    with pytest.raises(SettingsError, match="must be numbers"):
        read_moves("alpha=a,b")


def test_the_weights_of_popularity_keep_their_sum() -> None:
    usual = Parameters.for_year(2020)
    changed = moved(usual, "popularity_beta", 0.0)
    assert (changed.popularity_alpha, changed.popularity_gamma) == (pytest.approx(0.4), pytest.approx(0.6))
    assert changed.name == "BIP!, popularity_beta=0"
    assert moved(usual, "attention_years", 5.0).start_year == 2016
    with pytest.raises(SettingsError, match="influence_alpha"):
        moved(usual, "influence_alpha", 1.0)


def test_who_changes_class_is_counted_from_and_to() -> None:
    given = synthetic_literature(3_000, seed=5)
    graph = given.years, given.citing, given.cited
    usual = Parameters.for_year(int(given.years.max()))
    ranking = rank(*graph, usual)
    same, other = sensitivity(*graph, usual, ranking, read_moves("alpha=0.5,0.9"))
    assert all(told["n_changed"] == 0 for told in same["indicators"].values())
    assert sum(map(sum, same["indicators"]["influence"]["matrix"])) == 3_000
    changed = rank(*graph, moved(usual, "influence_alpha", 0.9))
    told = other["indicators"]["influence"]
    assert told["n_changed"] == np.count_nonzero(ranking.influence_class != changed.influence_class) > 0
    for row in range(5):
        for column in range(5):
            is_so = (ranking.influence_class == row + 1) & (changed.influence_class == column + 1)
            assert told["matrix"][row][column] == np.count_nonzero(is_so)
    assert other["indicators"]["popularity"]["n_changed"] == 0
    assert other["parameters"]["influence_alpha"] == 0.9


def test_a_set_of_parameters_has_a_name(tmp_path: Path) -> None:
    assert Parameters.for_year(2024).name == "BIP!"
    assert Parameters.for_year(2024, influence_alpha=0.85).name == "own"
    assert Parameters.for_year(2024, influence_alpha=0.85, name="classic").as_dict()["name"] == "classic"
    path = tmp_path / "classic.toml"
    path.write_text("alpha = 0.85\n")
    assert read_set(path) == {"name": "classic", "influence_alpha": 0.85}
    path.write_text('[graph]\nname = "x"\n[ranking]\nname = "Page"\ninfluence_alpha = 0.85\n')
    assert read_set(path) == {"name": "Page", "influence_alpha": 0.85}
    for text, said in (("alpha =", "not valid TOML"), ("ranking = 3", "no section")):
        path.write_text(text)
        with pytest.raises(SettingsError, match=said):
            read_set(path)
    with pytest.raises(SettingsError, match="check the name"):
        read_set(tmp_path / "absent.toml")
    assert (read_change("rho=-0.2"), read_change("impulse_years=5")) == (("popularity_rho", -0.2), ("impulse_years", 5))
    with pytest.raises(SettingsError, match="sets no parameter"):
        read_change("alpha")


def test_the_window_of_attention_moves_with_the_year() -> None:
    assert [Parameters.for_year(year).start_year for year in (2023, 2024, 2030)] == [2021, 2022, 2028]
    assert Parameters.for_year(2024, attention_years=5).start_year == 2020
