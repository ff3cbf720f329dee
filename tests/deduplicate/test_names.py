from __future__ import annotations

import pytest

from evigraph.deduplicate.names import author_similarity, is_same_name


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("nowak, ada", "nowak, ada"),
        ("nowak, ada", "nowak, a"),
        ("nowak, ada maria", "nowak, a m"),
        ("nowak, ada", "nowak ada"),
        ("nowak, ada", "ada nowak"),
        ("nowak, ada", "ada, nowak"),
    ],
)
def test_forms_of_one_name(left: str, right: str) -> None:
    assert is_same_name(left, right)
    assert is_same_name(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("nowak, ada", "nowak, ben"),
        ("nowak, ada", "okoro, ada"),
        ("n, a", "nowak, ada"),
        ("nowak, a", "okoro, a"),
        ("", ""),
    ],
)
def test_other_names(left: str, right: str) -> None:
    assert not is_same_name(left, right)


def test_share_of_equally_long_bylines() -> None:
    left = ["nowak, ada", "okoro, ben", "lind, cia"]
    assert author_similarity(left, ["lind, c", "nowak, ada", "quist, dan"]) == pytest.approx(2 / 3)


def test_share_of_bylines_of_unequal_length() -> None:
    assert author_similarity(["nowak, ada", "okoro, ben"], ["nowak, ada"]) == pytest.approx(1 / 2)


def test_misspelled_family_name_counts() -> None:
    assert author_similarity(["nowakowski, ada"], ["nowakovski, ada"]) == 1.0


def test_each_name_counts_once() -> None:
    assert author_similarity(["li, wei", "li, wei"], ["li, wei", "wu, fang"]) == 0.5


def test_nobody_is_not_compared() -> None:
    assert author_similarity([], ["nowak, ada"]) is None


def test_long_bylines_are_taken_on_trust() -> None:
    assert author_similarity([f"a, {n}" for n in "bcdefghijklmnopqrstuvw"], ["nowak, ada"]) == 1.0
