from __future__ import annotations

import pytest

from evigraph.deduplicate.names import Bylines, compare_bylines, is_like, is_same_name, n_named_in, name_key


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
    assert is_like(name_key(left), name_key(right))


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
    assert left == right or not is_like(name_key(left), name_key(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("van der berg, jan", "berg, j v d"),
        ("vanderberg, j", "van der berg, jan"),
        ("nowakowski, ada", "nowakovski, a"),
        ("muller, ada", "mueller, a"),
        ("vs subrahmanian", "v subrahmanian"),
        ("dewitt, david j", "de witt, d"),
        ("garcia molina, hector", "garcia, h"),
    ],
)
def test_one_person_told_twice(left: str, right: str) -> None:
    assert is_like(name_key(left), name_key(right)) and is_like(name_key(right), name_key(left))


def _compare(left: list[str], right: list[str]) -> Bylines | None:
    return compare_bylines([name_key(name) for name in left], [name_key(name) for name in right])


def test_bylines_in_another_order() -> None:
    found = _compare(["nowak, ada", "okoro, ben", "lind, cia"], ["lind, c", "nowak, ada", "quist, dan"])
    assert found == Bylines(2, 3, 3, False)
    assert found.share == pytest.approx(2 / 3)


def test_a_byline_cut_short() -> None:
    found = _compare(["nowak, ada", "okoro, ben"], ["nowak, ada"])
    assert found == Bylines(1, 2, 1, True)
    assert found.share == 1.0


def test_each_name_counts_once() -> None:
    assert _compare(["li, wei", "li, wei"], ["li, wei", "wu, fang"]) == Bylines(1, 2, 2, True)


def test_nobody_is_not_compared() -> None:
    assert _compare([], ["nowak, ada"]) is None


def test_authors_that_stand_in_a_title() -> None:
    names = [name_key(name) for name in ("nowak, ada", "okoro, ben")]
    assert n_named_in(names, {"nowak", "networks"}) == 1
