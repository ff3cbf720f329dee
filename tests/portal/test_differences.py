from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.portal.differences import difference

TEXTS = st.text(alphabet="abc ÄäE.,-é漢\n", max_size=40)


@pytest.mark.parametrize(
    ("left", "right", "marked_l", "marked_r"),
    [
        ("Peer support: part I", "Peer support: part II", ["I"], ["II"]),
        ("Support of peers in care", "Support by nurses in care", ["of peers"], ["by nurses"]),
        ("A trial", "A trial with a sequel", [], ["with a sequel"]),
        ("The same, words.", "the SAME words", [], []),
        ("Étude", "etude", [], []),
        ("one two", "", [], []),
        ("", "", [], []),
    ],
)
def test_words_that_differ_are_marked(left: str, right: str, marked_l: list[str], marked_r: list[str]) -> None:
    found = difference(left, right)
    assert [text for text, differs in found.left if differs] == marked_l
    assert [text for text, differs in found.right if differs] == marked_r


@given(TEXTS, TEXTS)
def test_nothing_is_lost_and_sides_are_alike(left: str, right: str) -> None:
    found, turned = difference(left, right), difference(right, left)
    assert "".join(text for text, _ in found.left) == left
    assert "".join(text for text, _ in found.right) == right
    assert found.is_same == turned.is_same
    if found.is_same:
        assert not any(differs for _, differs in (*found.left, *found.right))


@given(TEXTS)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert difference(text, text).is_same


def test_long_texts_are_compared_in_time() -> None:
    left = " ".join(f"word{number % 700}" for number in range(5_000))
    right = " ".join(f"word{number % 699}" for number in range(5_000))
    found = difference(left, right)
    assert "".join(text for text, _ in found.left) == left
