"""What the page of a product says beside its indicators, out of all that is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evigraph.portal import wording
from evigraph.portal.charts import Stack, stack_chart
from evigraph.portal.impact import EXPLAINED, impact_of
from evigraph.store.release import Release

#: Comparisons that the page shows; the others are on the page of the indicators.
_COMPARED = 5

#: The least products of a group that the page compares with.
_FEWEST_COMPARED = 20

#: Citing works that the page names for an indicator.
_NAMED = 3


@dataclass(frozen=True)
class Comparison:
    """A group of like products, and what percent of them are cited less."""

    view: str
    group_id: str
    label: str
    n_products: int
    percentile: float


@dataclass(frozen=True)
class Expected:
    """The citations of a product by those of like products: `ratio` of the mean of `n_alike` of its type and year."""

    view: str
    group_id: str
    label: str
    ratio: float
    n_alike: int


@dataclass(frozen=True)
class Carried:
    """What a score is made of, the works that carry most of it, and the way to the next class."""

    name: str
    label: str
    stack: Stack | None
    works: list[Mapping[str, Any]]
    n_works: int
    step: Mapping[str, Any] | None


@dataclass(frozen=True)
class Change:
    """What became of an indicator since an earlier release, in words."""

    label: str
    before: str
    now: str


@dataclass(frozen=True)
class Standing:
    """What a page shows of all that is behind a product's indicators."""

    comparisons: list[Comparison]
    expected: Expected | None
    carried: list[Carried]
    since: Mapping[str, Any] | None
    changes: list[Change]


def standing_of(release: Release, product_id: str) -> Standing | None:
    """What the page of the product shows; None where it is not ranked."""
    found = impact_of(release, product_id, _NAMED)
    return standing_from(found) if found else None


def standing_from(impact: Mapping[str, Any]) -> Standing:
    """What is shown of the answer of `impact_of`."""
    since = impact["history"][1] if len(impact["history"]) > 1 else None
    return Standing(
        comparisons=_comparisons(impact["comparisons"]),
        expected=_expected(impact["comparisons"]),
        carried=[_carried(name, impact) for name in EXPLAINED if impact["explained"][name]],
        since=since,
        changes=_changes(impact["history"][0], since) if since else [],
    )


def _comparisons(compared: list[dict[str, Any]]) -> list[Comparison]:
    n_all = next((group["n_products"] for group in compared if group["view"] == "all"), 0)
    # A type that all products have says the same as all of them, and a place among a handful says nothing.
    closer = [group for group in compared if group["view"] != "all" and _FEWEST_COMPARED <= group["n_products"] < n_all]
    return [
        Comparison(
            group["view"],
            group["group_id"],
            group["label"],
            group["n_products"],
            group["indicators"]["citation_count"]["percentile"],
        )
        for group in closer[:_COMPARED]
    ]


def _expected(compared: list[dict[str, Any]]) -> Expected | None:
    """The field-weighted impact in the field with most like products; without a field, among all."""
    told = [group for group in compared if group["fwci"] is not None and group["n_alike"] > 1]
    fields = [group for group in told if group["view"] == "field"] or [g for g in told if g["view"] == "all"]
    if not fields:
        return None
    best = max(fields, key=lambda group: group["n_alike"])
    return Expected(best["view"], best["group_id"], best["label"], best["fwci"], best["n_alike"])


def _carried(name: str, impact: Mapping[str, Any]) -> Carried:
    found = impact["explained"][name]
    parts = dict(found["parts"])
    base = parts.pop("dangling", 0.0) + parts.pop("teleport", 0.0)
    kinds = [(kind, wording.PARTS[kind], value, "") for kind, value in parts.items()]
    chart = stack_chart([*kinds, ("base", wording.PARTS["base"], base, "")])
    return Carried(
        name=name,
        label=wording.INDICATOR_NAMES[name],
        stack=chart,
        works=found["citations"],
        n_works=found["n_citations"],
        step=impact["next_class"][name],
    )


def _changes(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Change]:
    changes = []
    for name, label in wording.INDICATOR_NAMES.items():
        if name == "citation_count":
            pair = wording.number(before[name]), wording.number(now[name])
        else:
            pair = tuple(wording.CLASSES.get(row[f"{name}_class"], "") for row in (before, now))  # type: ignore[assignment]
        if pair[0] != pair[1]:
            changes.append(Change(label, *pair))
    return changes
