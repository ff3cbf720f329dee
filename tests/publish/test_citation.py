from __future__ import annotations

from typing import Any

import pytest

from evigraph.publish.formats.citation import STYLES, sentences

ARTICLE: dict[str, Any] = {
    "product_id": "doi_________::0",
    "type": "publication",
    "title": "Synthetic work on peers & <b>support</b>",
    "authors": [
        {"family_name": "Invented", "given_name": "Hui Xian", "full_name": "Hui Xian Invented", "is_group": False},
        {"family_name": "Example", "given_name": "Li", "full_name": "Li Example", "is_group": False},
    ],
    "container": {"name": "Journal of Examples", "volume": "33", "issue": "6", "first_page": "12", "last_page": "19"},
    "published_on": "2024-09-11",
    "year": 2024,
    "pids": [{"scheme": "doi", "value": "10.5555/x"}],
    "instances": [{"resource_type": "Article", "urls": []}],
}


def test_each_style_says_who_when_what_and_where() -> None:
    told = dict(sentences(ARTICLE))
    assert list(told) == list(STYLES.values())
    assert told["APA (7th edition)"] == (
        "Invented, H. X., & Example, L. (2024). Synthetic work on peers & <b>support</b>. Journal of Examples, 33(6), "
        "12–19. https://doi.org/10.5555/x"
    )
    assert told["Vancouver"].startswith("Invented HX, Example L. Synthetic work")
    assert told["IEEE"].startswith("H. X. Invented and L. Example, “Synthetic work")
    assert told["Harvard (Cite Them Right)"].startswith("Invented, H.X. and Example, L. (2024)")


@pytest.mark.parametrize(
    "odd",
    [
        {"authors": []},
        {"authors": [{"family_name": None, "given_name": None, "full_name": "A group", "is_group": True}]},
        {"authors": [{"family_name": "", "given_name": "", "full_name": "", "is_group": False}]},
        {"published_on": None, "year": None},
        {"published_on": "2024-13-45"},
        {"container": None, "pids": [], "instances": []},
        {"type": "dataset", "instances": [{"resource_type": "Dataset", "urls": ["https://example.org"]}]},
        {"type": "software"},
        {"type": None},
        {"title": "合成の研究"},
        {"container": {"name": "J", "first_page": "e12", "last_page": None}},
    ],
)
def test_odd_references_are_said_as_far_as_they_go(odd: dict[str, Any]) -> None:
    row = {**ARTICLE, **odd}
    told = sentences(row)
    assert told and all(row["title"].split()[0] in text for _, text in told)


def test_without_a_title_nothing_is_said() -> None:
    assert sentences({**ARTICLE, "title": None}) == []
