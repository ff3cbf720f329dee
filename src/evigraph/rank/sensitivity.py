"""How much hangs on a parameter: who changes class when it moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.errors import SettingsError
from evigraph.rank.api import Ranking, rank
from evigraph.rank.classes import LABELS
from evigraph.rank.parameters import ALIASES, Parameters

#: The weights of AttRank, which sum to 1.
_WEIGHTS = ("popularity_alpha", "popularity_beta", "popularity_gamma")

_INDICATORS = ("citation_count", "impulse", "influence", "popularity", "ram")


def read_moves(stated: str) -> list[tuple[str, float]]:
    """The moves in `alpha=0.3,0.5,0.7`: the parameter's full name with each value.

    Raises:
        SettingsError: it is not in that form, or the parameter is not known.
    """
    name, equals, values = stated.partition("=")
    name = ALIASES.get(name.strip(), name.strip())
    known = {field.name for field in fields(Parameters)} - {"name"}
    if not equals or name not in known:
        raise SettingsError(
            f"{stated!r} names no parameter to move; write alpha=0.3,0.5,0.7, or one of {_named(known)}"
        )
    try:
        return [(name, float(value)) for value in values.split(",")]
    except ValueError:
        raise SettingsError(f"{stated!r}: the values must be numbers with commas between: {name}=1,2,3") from None


def _named(known: Iterable[str]) -> str:
    return ", ".join(sorted(known))


def moved(parameters: Parameters, name: str, value: float) -> Parameters:
    """The parameters with one of them moved. The three weights of popularity keep their sum of 1: where one moves,
    the other two share the rest in the proportion they had.

    Raises:
        SettingsError: the value is outside its range.
    """
    given = {field.name: getattr(parameters, field.name) for field in fields(parameters)}
    given[name] = int(value) if isinstance(given[name], int) and float(value).is_integer() else value
    if name in _WEIGHTS:
        others = [other for other in _WEIGHTS if other != name]
        rest = sum(given[other] for other in others)
        for other in others:
            share = given[other] / rest if rest else 1 / len(others)
            given[other] = (1 - value) * share
    given["name"] = f"{parameters.name}, {name}={value:g}"
    return Parameters(**given)


def sensitivity(
    years: npt.NDArray[Any],
    citing: npt.NDArray[Any],
    cited: npt.NDArray[Any],
    parameters: Parameters,
    ranking: Ranking,
    moves: Iterable[tuple[str, float]],
) -> Iterator[dict[str, Any]]:
    """For each move, what it does to the classes of `ranking`, which is that of `parameters`.

    Each answer has the parameter, its value and usual value, the whole set it was ranked with, and for each
    indicator `n_changed` and `matrix`: how many works went from class (row, C1 to C5) to class (column).
    """
    for name, value in moves:
        changed = moved(parameters, name, value)
        other = rank(years, citing, cited, changed)
        yield {
            "parameter": name,
            "usual": getattr(parameters, name),
            "value": value,
            "parameters": changed.as_dict(),
            "n_nodes": int(years.size),
            "indicators": {each: _changes(ranking, other, each) for each in _INDICATORS},
        }


def _changes(before: Ranking, after: Ranking, indicator: str) -> dict[str, Any]:
    rows, columns = (getattr(each, f"{indicator}_class").astype(np.int64) - 1 for each in (before, after))
    n_classes = len(LABELS)
    matrix = np.bincount(rows * n_classes + columns, minlength=n_classes**2).reshape(n_classes, n_classes)
    return {"n_changed": int(matrix.sum() - np.trace(matrix)), "matrix": matrix.tolist()}
