from __future__ import annotations

import pytest

from evigraph.store.cards import initials, short_name


@pytest.mark.parametrize(
    ("given", "letters"),
    [("Hui Xian Eileen", "H.X.E."), ("Jean-Paul", "J.-P."), ("HXE", "H.X.E."), ("MARIA", "M."), ("", ""), ("É.", "É.")],
)
def test_initials(given: str, letters: str) -> None:
    assert initials(given) == letters


def test_names_without_parts_stay_whole() -> None:
    assert short_name({"full_name": "Synthetic Consortium", "family_name": None, "given_name": None}) == (
        "Synthetic Consortium"
    )
    assert (
        short_name({"full_name": "A Group", "family_name": "Group", "given_name": "A", "is_group": True}) == "A Group"
    )
    assert short_name({"full_name": None, "family_name": None, "given_name": None}) == ""
