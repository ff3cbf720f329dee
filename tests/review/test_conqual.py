"""ConQual by hand-worked tables: the rules of Munn et al. 2014, and what becomes of studies that differ."""

from __future__ import annotations

import pytest

from evigraph.review.synthesis.conqual import credibility_of, dependability_of
from evigraph.review.synthesis.kinds import Credibility

U, C, N = "unequivocal", "credible", "not_supported"


@pytest.mark.parametrize(("n_met", "down"), [(5, 0), (4, 0), (3, 1), (2, 1), (1, 2), (0, 2)])
def test_dependability_goes_down_by_questions_that_are_not_met(n_met: int, down: int) -> None:
    assert dependability_of(n_met) == down


@pytest.mark.parametrize(
    ("given", "down"),
    [
        ((U,), 0),
        ((U, U, U), 0),
        ((U, C), 1),
        ((U, U, C), 1),
        ((C, C), 2),
        ((C, N), 3),
        ((U, C, N), 3),
        ((U, N), 3),
        ((N, N), 4),
        ((), 0),
    ],
)
def test_credibility_goes_down_by_the_mix_of_findings(given: tuple[Credibility, ...], down: int) -> None:
    assert credibility_of(given) == down
