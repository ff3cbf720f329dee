"""What a score is made of, and what it would take to reach the next class. Standard library alone: pages use it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evigraph.rank.parameters import FIRST_YEAR

#: The classes from worst to best, and the one above each.
_ABOVE = {"C5": "C4", "C4": "C3", "C3": "C2", "C2": "C1"}


@dataclass(frozen=True)
class Part:
    """A summand of a score: `citations`, `attention`, `recency`, `dangling` or `teleport`."""

    name: str
    value: float


@dataclass(frozen=True)
class Explanation:
    """A score as the sum of its parts, and the citations that carry it, the weightiest first, equals by id."""

    indicator: str
    score: float
    parts: tuple[Part, ...]
    citations: tuple[tuple[str, float], ...]

    @property
    def from_citations(self) -> float:
        """The share of the score that the citations carry: 0 to 1."""
        return sum(value for _, value in self.citations) / self.score if self.score else 0.0


@dataclass(frozen=True)
class Step:
    """What it would take to reach the class `target`, all else unchanged: a score above `above`.

    `n_citations` says how many more citations that would be, each carrying `per_citation`: for counts 1, for
    scores what the work's own citations carry on average, or those of the whole graph where it has none
    (`is_own` false). It is None where a citation carries nothing.
    """

    indicator: str
    target: str
    above: float
    missing: float
    n_citations: int | None
    per_citation: float
    is_own: bool


def explain(
    indicator: str,
    score: float,
    year: int | None,
    citations: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> Explanation | None:
    """The parts of an influence or popularity; they sum to the score, which is rounded to twelve digits.

    - influence: α s(j) / out(j) from each citing work j, α D / N from the works that cite nothing (`dangling`), and
      (1 - α) / N that every work has (`teleport`);
    - popularity: the same from citing works, β / n from each citation of the attention window of n citations
      (`attention`), γ T for the work's year (`recency`), and α D / N (`dangling`).

    Args:
        indicator: `influence` or `popularity`.
        score: the work's score.
        year: its year; None or 0 where it is not known.
        citations: the rows of the table `citation` of this work.
        facts: those of the ranking, as its manifest or `Ranking.facts` gives them.

    Returns:
        None where the facts come from a release that did not keep the constants.
    """
    constants = facts.get("constants")
    if not constants:
        return None
    carried = sorted(((row["citing_id"], row[indicator]) for row in citations), key=lambda pair: (-pair[1], pair[0]))
    total = math.fsum(value for _, value in carried)
    if indicator == "influence":
        parts = [
            Part("citations", total),
            Part("dangling", constants["influence_dangling"]),
            Part("teleport", constants["influence_teleport"]),
        ]
    else:
        attention = constants["attention_weight"] * sum(row["is_recent"] for row in citations)
        parts = [
            Part("citations", total - attention),
            Part("attention", attention),
            Part("recency", _recency(year or 0, facts["parameters"], constants)),
            Part("dangling", constants["popularity_dangling"]),
        ]
    return Explanation(indicator, score, tuple(parts), tuple(carried))


def _recency(year: int, parameters: Mapping[str, Any], constants: Mapping[str, Any]) -> float:
    current_year = parameters["current_year"]
    age = current_year + 1 - (year if FIRST_YEAR <= year <= current_year else 0)
    weight = math.exp(parameters["popularity_rho"] * (age - constants["recency_youngest"]))
    return float(parameters["popularity_gamma"] * weight / constants["recency_sum"])


def citations_to_pass(
    indicator: str,
    score: float,
    grade: str,
    citations: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> Step | None:
    """What it would take to reach the class above `grade`; None for the best class, or where it has room for all.

    New citations also move other works a little; that is left out of account, so the answer is where the work stands
    and no forecast. A class without members is passed over: the target is the next class that would take the work.
    """
    entries = (facts.get("class_entries") or {}).get(indicator) or {}
    target = _ABOVE.get(grade)
    # Where a tie group was left out of a class, the entry of the class above is the same value: that one is reached.
    while (
        target in _ABOVE and entries.get(_ABOVE[target]) is not None and entries.get(target) == entries[_ABOVE[target]]
    ):
        target = _ABOVE[target]
    above = entries.get(target)
    if target is None or above is None:
        return None
    if indicator in ("citation_count", "impulse"):
        missing = math.floor(above) + 1 - score
        return Step(indicator, target, above, missing, int(missing), 1.0, True)
    missing = above - score
    own = [row[indicator] for row in citations]
    per_citation = math.fsum(own) / len(own) if own else _usual(indicator, facts)
    n_citations = math.floor(missing / per_citation) + 1 if per_citation > 0 else None
    return Step(indicator, target, above, missing, n_citations, per_citation, bool(own))


def _usual(indicator: str, facts: Mapping[str, Any]) -> float:
    """What a citation of the graph carries on average; of popularity, one of the attention window."""
    constants, n_edges, n_nodes = facts.get("constants") or {}, facts.get("n_edges") or 0, facts.get("n_nodes") or 0
    if not n_edges or not constants:
        return 0.0
    alpha = facts["parameters"][f"{indicator}_alpha"]
    passed_on = alpha - constants[f"{indicator}_dangling"] * n_nodes
    attention = constants["attention_weight"] if indicator == "popularity" else 0.0
    return float(passed_on / n_edges + attention)
