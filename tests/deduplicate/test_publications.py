from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.api import compare, deduplicate_records

Make = Callable[..., dict[str, Any]]
PLACE = {"name": "Journal of Imaginary Medicine", "volume": "12", "issue": "3", "first_page": "123", "last_page": "129"}
IN_PRESS = {"name": "Journal of Imaginary Medicine"}
SUPPLEMENT = {"name": "Journal of Imaginary Medicine", "volume": "11", "issue": "Suppl 1", "first_page": "S7"}
ABSTRACT = [{"resource_type": "Conference object"}]


@pytest.mark.parametrize(
    "abstract",
    [
        {"container": SUPPLEMENT},
        {"container": SUPPLEMENT | {"first_page": "7"}},
        {"container": IN_PRESS, "instances": ABSTRACT},
    ],
)
@pytest.mark.parametrize("year", [2019, 2020])
def test_the_abstract_of_a_congress_is_a_version_of_the_article(
    record: Make, abstract: dict[str, Any], year: int
) -> None:
    finding = compare(record("embase", "1", container=IN_PRESS), record("embase", "2", year=year, **abstract))
    assert (finding.verdict, finding.level) == ("match", "version")


@pytest.mark.parametrize("other", [{"instances": ABSTRACT}, {"instances": []}])
def test_one_abstract_told_twice_is_one_publication(record: Make, other: dict[str, Any]) -> None:
    left = record("embase", "1", container=SUPPLEMENT, instances=ABSTRACT)
    finding = compare(left, record("wos", "2", container=SUPPLEMENT, **other))
    assert (finding.verdict, finding.level) == ("match", "duplicate")


def test_an_article_on_some_pages_of_a_supplement_is_no_abstract(record: Make) -> None:
    left = record("embase", "1", container=SUPPLEMENT | {"last_page": "S19"})
    assert compare(left, record("scopus", "2", container=IN_PRESS)).level == "duplicate"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("pmid:1", "pmid:2", "version"),
        ("doi:10.5555/edition", "doi:10.5555/english", "version"),
        ("doi:10.5555/edition", "doi:10.5556/copy", "duplicate"),
        ("doi:10.5555/edition", "pmid:1", "duplicate"),
    ],
)
def test_two_numbers_of_one_registrar_are_two_publications(record: Make, one: str, other: str, level: str) -> None:
    left, right = record("wos", "1", container=PLACE, pids=[one]), record("scopus", "2", container=PLACE, pids=[other])
    finding = compare(left, right)
    assert (finding.verdict, finding.level) == ("match", level)
    assert (finding.level_score == 0.0) == (level == "version")


def test_a_record_that_tells_less_does_not_join_two_numbered_publications(record: Make) -> None:
    rows = [
        record("pubmed", "1", container=PLACE, pids=["pmid:1"]),
        record("pubmed", "2", container=PLACE, pids=["pmid:2"]),
        *(record("wos", str(number), container=PLACE) for number in range(3, 6)),
    ]
    leader = deduplicate_records(rows, level="duplicate").representative_of()
    assert leader["pubmed:1"] != leader["pubmed:2"]
    assert len(set(leader.values())) == 2
    assert len(set(deduplicate_records(rows, level="version").representative_of().values())) == 1
