from __future__ import annotations

from typing import Any

import pytest

from evigraph.errors import SettingsError
from evigraph.rank.parameters import Parameters


def test_the_defaults_are_those_in_production() -> None:
    assert Parameters.for_year(2023).as_dict() == {
        "name": "BIP!",
        "current_year": 2023,
        "influence_alpha": 0.5,
        "popularity_alpha": 0.2,
        "popularity_beta": 0.5,
        "popularity_gamma": 0.3,
        "popularity_rho": -0.16,
        "attention_years": 3,
        "impulse_years": 3,
        "ram_gamma": 0.6,
        "start_year": 2021,
    }


@pytest.mark.parametrize(
    ("year", "changes", "named"),
    [
        (20, {}, "current_year"),
        (2023.0, {}, "current_year"),
        (2023, {"influence_alpha": 1.0}, "influence_alpha"),
        (2023, {"influence_alpha": -0.1}, "influence_alpha"),
        (2023, {"popularity_beta": float("nan")}, "popularity_beta"),
        (2023, {"popularity_beta": 0.6}, "must sum to 1"),
        (2023, {"popularity_gamma": -0.3, "popularity_beta": 1.1}, "popularity_beta"),
        (2023, {"popularity_rho": 0.1}, "popularity_rho"),
        (2023, {"ram_gamma": 0.0}, "ram_gamma"),
        (2023, {"ram_gamma": 1.1}, "ram_gamma"),
        (2023, {"attention_years": 0}, "attention_years"),
        (2023, {"impulse_years": -1}, "impulse_years"),
        (2023, {"impulse_years": True}, "impulse_years"),
        (2023, {"damping": 0.5}, "there is no parameter damping"),
    ],
)
def test_a_value_out_of_range_is_named(year: Any, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Parameters.for_year(year, **changes)
