from __future__ import annotations

import pytest

from evigraph.deduplicate.comparables import folded_name
from evigraph.deduplicate.letters import mended


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("Birgitta K; #246; nig", "Birgitta K\u00f6nig"),
        ("Beat W &#252; thrich", "Beat W\u00fcthrich"),
        ("Beat W \u00fc thrich", "Beat W\u00fcthrich"),
        ("Tamer \u00d6 zsu", "Tamer \u00d6zsu"),
        ("T H\u0444rder", "T Hrder"),
        ("Ren?e Miller", "Rene Miller"),
        ("?zg?r Nowak", "Nowak"),
        ("Ada Nowak", "Ada Nowak"),
        ("\u0418\u0432\u0430\u043d\u043e\u0432", "\u0418\u0432\u0430\u043d\u043e\u0432"),
    ],
)
def test_letters_come_back_where_they_can(broken: str, name: str) -> None:
    assert mended(broken) == name


def test_parts_of_a_name_are_mended() -> None:
    assert folded_name(None, "Birgitta", "K &#246; nig") == "konig, birgitta"
