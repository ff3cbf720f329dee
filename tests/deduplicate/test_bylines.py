from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.deduplicate.bylines import merge_bylines

Make = Callable[..., dict[str, Any]]
ADA, BEN = "0000-0002-1825-0097", "0000-0001-5109-3700"


def _with(row: dict[str, Any], place: int, **stated: Any) -> dict[str, Any]:
    row["authors"][place] |= stated
    return row


def test_the_longer_byline_is_the_base_and_takes_orcids(record: Make) -> None:
    short = _with(record("crossref", "a", names=["A Nowak"]), 0, orcid=ADA)
    long = record("pubmed", "1", names=["Ada Nowak", "Ben Okoro"])
    authors, told = merge_bylines([short, long])
    assert authors is not None
    assert [(author["full_name"], author.get("orcid")) for author in authors] == [
        ("Ada Nowak", ADA),
        ("Ben Okoro", None),
    ]
    assert told == [["pubmed:1", "crossref:a"], ["pubmed:1"]]


def test_of_equal_bylines_the_one_with_more_orcids(record: Make) -> None:
    plain = record("crossref", "a")
    rich = _with(record("pubmed", "1", names=["A Nowak", "B Okoro"]), 1, orcid=BEN)
    authors, _ = merge_bylines([plain, rich])
    assert authors is not None
    assert [author["full_name"] for author in authors] == ["A Nowak", "B Okoro"]


def test_doubt_contributes_nothing(record: Make) -> None:
    """Two authors of the base could be the other's A. Nowak."""
    base = record("crossref", "a", names=["Ada Nowak", "Anna Nowak", "Ben Okoro"])
    other = _with(record("pubmed", "1", names=["A Nowak"]), 0, orcid=ADA)
    authors, told = merge_bylines([base, other])
    assert authors is not None
    assert [author.get("orcid") for author in authors] == [None, None, None]
    assert told == [["crossref:a"]] * 3


def test_an_orcid_belongs_to_one_author(record: Make) -> None:
    base = _with(record("crossref", "a"), 0, orcid=BEN)
    other = _with(record("pubmed", "1"), 1, orcid=BEN)
    authors, _ = merge_bylines([base, other])
    assert authors is not None
    assert [author.get("orcid") for author in authors] == [BEN, None]


def test_affiliations_and_parts_of_names_fill_gaps(record: Make) -> None:
    base = record("crossref", "a", names=["Ada Nowak", "Ben Okoro"])
    base["authors"][0] = {"rank": 1, "full_name": "Ada Nowak"}
    affiliation = [{"name": "Institute of Nothing", "ror_id": None}]
    other = _with(record("pubmed", "1", names=["Ada Nowak"]), 0, affiliations=affiliation)
    authors, _ = merge_bylines([base, other])
    assert authors is not None
    assert authors[0]["affiliations"] == affiliation
    assert (authors[0]["given_name"], authors[0]["family_name"]) == ("Ada", "Nowak")
    assert base["authors"][0] == {"rank": 1, "full_name": "Ada Nowak"}, "the record itself is not changed"


def test_no_byline_at_all(record: Make) -> None:
    assert merge_bylines([record("crossref", "a") | {"authors": None}]) == (None, [])
