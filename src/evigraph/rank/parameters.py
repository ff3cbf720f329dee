"""The parameters of the four indicators, with the values that BIP! uses in production."""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from evigraph.errors import SettingsError

#: The years a publication may have; BIP! Ranker reads anything outside them as "not known" in AttRank.
FIRST_YEAR = 1000
LAST_YEAR = 9999

#: Short names of parameters, as people type them.
ALIASES = {
    "alpha": "influence_alpha",
    "beta": "popularity_beta",
    "gamma": "popularity_gamma",
    "rho": "popularity_rho",
}

#: What a set of parameters is called that has no name of its own: all usual values, or not.
USUAL, OWN = "BIP!", "own"


@dataclass(frozen=True)
class Parameters:
    """What the four indicators depend on besides the graph.

    The Greek names are those of the definitions: PageRank for influence (Page et al. 1999, damping α) and
    AttRank for popularity (Kanellos et al. 2021; α citations, β recent attention, γ recency, ρ decay a year).
    The defaults are the values in production at BIP! and OpenAIRE.

    The window of attention moves with the current year, so that a set keeps its meaning from year to year.

    Attributes:
        current_year: the year the graph is looked at from; works dated later count as undated in popularity.
        influence_alpha: α of PageRank, in [0, 1).
        popularity_alpha: α of AttRank, in [0, 1); α + β + γ = 1.
        popularity_beta: β of AttRank, the weight of recent attention.
        popularity_gamma: γ of AttRank, the weight of recency.
        popularity_rho: ρ of AttRank, at most 0: a work's recency is proportional to e^(ρ · age).
        attention_years: calendar years, the current one included, whose citations are recent attention.
        impulse_years: a citation counts for impulse up to so many years after the cited work.
        ram_gamma: γ of RAM (Ghosh et al. 2011), in (0, 1]: what is left of a citation after a year.
        name: what the set is called, where its indicators are shown.

    Raises:
        SettingsError: a value is outside its range.
    """

    current_year: int
    influence_alpha: float = 0.5
    popularity_alpha: float = 0.2
    popularity_beta: float = 0.5
    popularity_gamma: float = 0.3
    popularity_rho: float = -0.16
    attention_years: int = 3
    impulse_years: int = 3
    ram_gamma: float = 0.6
    name: str = USUAL

    def __post_init__(self) -> None:
        for name in ("current_year", "attention_years", "impulse_years"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise SettingsError(f"ranking: {name} is {value!r}; give a whole number")
        weights_and_rates = ("popularity_alpha", "popularity_beta", "popularity_gamma", "popularity_rho", "ram_gamma")
        for name in ("influence_alpha", *weights_and_rates):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise SettingsError(f"ranking: {name} is {value!r}; give a finite number")
        if not FIRST_YEAR <= self.current_year <= LAST_YEAR:
            raise SettingsError(
                f"ranking: current_year is {self.current_year}; give a year from {FIRST_YEAR} to {LAST_YEAR}"
            )
        if not 1 <= self.attention_years <= LAST_YEAR:
            raise SettingsError(f"ranking: attention_years is {self.attention_years}; give at least 1")
        if not 0 <= self.impulse_years <= LAST_YEAR:
            raise SettingsError(f"ranking: impulse_years is {self.impulse_years}; give at least 0")
        for name in ("influence_alpha", "popularity_alpha"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"ranking: {name} is {getattr(self, name)}; give a number from 0 to below 1")
        for name in ("popularity_beta", "popularity_gamma"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"ranking: {name} is {getattr(self, name)}; give a number from 0 to 1")
        weights = self.popularity_alpha + self.popularity_beta + self.popularity_gamma
        if abs(weights - 1) > 1e-9:
            raise SettingsError(
                f"ranking: popularity_alpha + popularity_beta + popularity_gamma is {weights:g}; they must sum to 1"
            )
        if not 0 < self.ram_gamma <= 1:
            raise SettingsError(f"ranking: ram_gamma is {self.ram_gamma}; give a number above 0 and at most 1")
        if self.popularity_rho > 0:
            raise SettingsError(f"ranking: popularity_rho is {self.popularity_rho}; give a number of at most 0")

    @classmethod
    def for_year(cls, year: int, **changes: Any) -> Parameters:
        """BIP!'s parameters seen from `year`, with any of them changed by name.

        Raises:
            SettingsError: a name is unknown or a value is outside its range.
        """
        known = {field.name for field in fields(cls)} - {"current_year"}
        for name in changes:
            if name not in known:
                raise SettingsError(f"ranking: there is no parameter {name}; there are {', '.join(sorted(known))}")
        made = cls(current_year=year, **changes)
        if "name" in changes:
            return made
        return made if made == cls(current_year=year) else replace(made, name=OWN)

    @property
    def start_year(self) -> int:
        """The first calendar year of the attention window."""
        return self.current_year - self.attention_years + 1

    def as_dict(self) -> dict[str, Any]:
        """The parameters and the derived start year by name, for a manifest; the name of the set first."""
        return {"name": self.name, **asdict(self), "start_year": self.start_year}


def read_set(path: Path) -> dict[str, Any]:
    """The named set of parameters in a TOML file: `name`, and whatever differs from the usual values.

    Raises:
        SettingsError: the file cannot be read or is not TOML.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}; check the name") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    # The section of evigraph.toml is such a set, so that file can be given itself.
    section = values.get("ranking", values)
    if not isinstance(section, dict):
        raise SettingsError(f"{path}: ranking is no section; write [ranking] above the parameters")
    given: dict[str, Any] = {str(ALIASES.get(name, name)): value for name, value in section.items()}
    return {"name": path.stem, **given}


def read_change(stated: str) -> tuple[str, int | float]:
    """The parameter and value in `alpha=0.85`.

    Raises:
        SettingsError: it is not in that form.
    """
    name, _, value = stated.partition("=")
    try:
        number = float(value)
    except ValueError:
        raise SettingsError(f"{stated!r} sets no parameter; write alpha=0.85") from None
    # 3 is a whole number, 3.0 and 0.3 are not.
    return ALIASES.get(name.strip(), name.strip()), int(number) if value.strip().isdecimal() else number
