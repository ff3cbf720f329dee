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
    assert found == Bylines(1, 2, 1)
    assert found.share == 1.0


def test_each_name_counts_once() -> None:
    assert _compare(["li, wei", "li, wei"], ["li, wei", "wu, fang"]) == Bylines(1, 2, 2)


def test_nobody_is_not_compared() -> None:
    assert _compare([], ["nowak, ada"]) is None


@pytest.mark.parametrize("body", ["imaginary networks study group", "portal imaginet org", "university of nowhere"])
def test_a_body_says_nothing_against_persons(body: str) -> None:
    assert _compare([body], ["nowak, ada", "okoro, ben"]) is None


def test_bodies_are_compared_with_bodies() -> None:
    assert _compare(["times ten team"], ["corporate the timesten team"]) == Bylines(1, 1, 1)
    assert _compare(["imaginary networks study group"], ["melancholia trialists"]) == Bylines(0, 1, 1)


@pytest.mark.parametrize(("left", "right"), [("nowak, mike", "nowak, michael"), ("sskrp nowak", "p nowak")])
def test_nicknames_and_run_initials(left: str, right: str) -> None:
    assert is_like(name_key(left), name_key(right)) and is_like(name_key(right), name_key(left))


def test_names_turned_round_count_when_all_are() -> None:
    turned = ["a nowak", "b okoro"], ["n ada", "o ben"]
    assert _compare(*turned) == Bylines(2, 2, 2)
    assert _compare(["a nowak"], ["n ada"]) == Bylines(0, 1, 1, True)


def test_a_garbled_name_is_vague() -> None:
    assert _compare(["r nowakwal"], ["r nowarkrd"]) == Bylines(0, 1, 1, True)
    assert _compare(["r nowak"], ["c lindqvist"]) == Bylines(0, 1, 1)


def test_authors_that_stand_in_a_title() -> None:
    names = [name_key(name) for name in ("nowak, ada", "okoro, ben")]
    assert n_named_in(names, {"nowak", "networks"}) == 1
