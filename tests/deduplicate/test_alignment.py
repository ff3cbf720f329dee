from __future__ import annotations

import pytest

from evigraph.deduplicate.alignment import align


def _alone(left: str, right: str, told_l: str = "", told_r: str = "") -> tuple[str, str]:
    found = align(left.split(), right.split(), set(told_l.split()), set(told_r.split()))
    return " ".join(found.left), " ".join(found.right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("imaginary query performance with variant indexes", "imaginary query performancewithvariantindexes"),
        ("evaluating queries with generalized paths", "evaluatingquerieswithgeneralized paths"),
        ("the learnability of imaginary formulae", "the learn ability of imaginary formulae"),
        ("report of the fourth imaginary workshop", "report of the 4 imaginary workshop"),
    ],
)
def test_words_run_together_and_numbers_in_letters(left: str, right: str) -> None:
    assert _alone(left, right) == _alone(right, left) == ("", "")


def test_what_stands_among_names_goes_with_them() -> None:
    left = "where does the imaginary time go"
    assert _alone(left, f"nowak and d a okoro {left}", told_l="nowak okoro") == ("", "")
    assert _alone(left, f"and {left}") == ("", "and")


def test_what_venues_add_goes_with_the_venue() -> None:
    left = "imaginary catalogues in practice"
    assert _alone(left, f"{left} acm record", told_l="record") == ("", "")
    assert _alone(left, f"{left} acm", told_l="record") == ("", "acm")
