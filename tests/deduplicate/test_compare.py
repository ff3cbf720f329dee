from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.api import compare

Make = Callable[..., dict[str, Any]]
LONG = "Synthetic observations on the behaviour of entirely imaginary networks under sustained and quite unlikely load"


def test_same_title_and_authors(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("pubmed", "1"))
    assert finding.is_match
    assert finding.rule == "comparison"
    assert finding.title_similarity == finding.author_similarity == 1.0
    assert finding.explanation == "same title, 2 of 2 authors in common"


def test_order_of_the_two_is_nothing(record: Make) -> None:
    left, right = record("crossref", "a", names=["Ada Nowak", "X Okoro"]), record("pubmed", "1")
    assert compare(left, right) == compare(right, left)


def test_other_number_of_authors(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("pubmed", "1", names=["Ada Nowak"]))
    assert not finding.is_match
    assert finding.explanation == "same title, but they have different numbers of authors: 2 and 1"


def test_other_authors(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("pubmed", "1", names=["Cia Lind", "Dan Quist"]))
    assert not finding.is_match
    assert finding.explanation == "same title, but only 0 of 2 authors in common"


def test_initials_are_names(record: Make) -> None:
    assert compare(record("crossref", "a"), record("pubmed", "1", names=["A Nowak", "B Okoro"])).is_match


@pytest.mark.parametrize(
    ("one", "other"), [("part I", "part II"), ("part 1", "part 2"), ("2019", "2020"), ("1", "1 2")]
)
def test_other_part(record: Make, one: str, other: str) -> None:
    finding = compare(record("crossref", "a", title=f"{LONG}, {one}"), record("pubmed", "1", title=f"{LONG}, {other}"))
    assert not finding.is_match
    assert "numbers in their titles differ" in finding.explanation


def test_one_slip_in_a_long_title(record: Make) -> None:
    slip = LONG.replace("behaviour", "behavior")
    assert len(LONG) >= 100
    finding = compare(record("crossref", "a", title=LONG), record("pubmed", "1", title=slip))
    assert finding.is_match
    assert finding.title_similarity is not None and 0.99 <= finding.title_similarity < 1
    assert finding.explanation.startswith("titles 99 % alike")


def test_one_slip_in_a_short_title(record: Make) -> None:
    finding = compare(
        record("crossref", "a", title="Network behaviour"), record("pubmed", "1", title="Network behavior")
    )
    assert not finding.is_match
    assert finding.explanation == "2 of 2 authors in common, but the titles differ"


def test_generic_title_is_no_evidence(record: Make) -> None:
    finding = compare(record("crossref", "a", title="Editorial"), record("pubmed", "1", title="Editorial"))
    assert not finding.is_match
    assert finding.title_similarity is None


def test_chinese_titles_are_not_all_equal(record: Make) -> None:
    left = record("crossref", "a", title="中国的科学研究")
    assert not compare(left, record("pubmed", "1", title="日本的经济发展")).is_match
    assert compare(left, record("pubmed", "1", title="中国的科学研究。")).is_match


def test_without_authors_only_an_identifier_decides(record: Make) -> None:
    left = record("crossref", "a", names=[], pids=["doi:10.5555/x"])
    assert not compare(left, record("pubmed", "1", names=[])).is_match
    finding = compare(left, record("pubmed", "1", names=[], pids=["doi:10.5555/x", "pmid:1"]))
    assert finding.is_match
    assert (finding.rule, finding.explanation) == ("identifier", "both state doi 10.5555/x")


def test_placeholder_identifiers_say_nothing(record: Make) -> None:
    left = record("crossref", "a", names=[], pids=["doi:10.5555/xxxxxxx.xxxxxxx"])
    assert not compare(left, record("pubmed", "1", names=[], pids=["doi:10.5555/xxxxxxx.xxxxxxx"])).is_match


def test_types_do_not_mix_by_title(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("datacite", "b", type="dataset"))
    assert not finding.is_match
    assert finding.explanation == "by title, a publication and a dataset are never one"


def test_types_mix_by_identifier(record: Make) -> None:
    left = record("crossref", "a", pids=["doi:10.5555/x"])
    assert compare(left, record("datacite", "b", type="dataset", pids=["doi:10.5555/x"])).is_match


@pytest.mark.parametrize("type_", ["dataset", "other"])
def test_authors_of_datasets_are_counted_not_compared(record: Make, type_: str) -> None:
    left = record("datacite", "a", type=type_)
    assert compare(left, record("openaire", "b", type=type_, names=["Cia Lind", "Dan Quist"])).is_match
    assert not compare(left, record("openaire", "b", type=type_, names=["Cia Lind"])).is_match
    assert not compare(left, record("openaire", "b", type=type_, title="Another title altogether")).is_match


def test_versions_of_software_are_one(record: Make) -> None:
    left = record("datacite", "a", type="software", title="imaginet v1.2")
    assert compare(left, record("datacite", "b", type="software", title="Imaginet 2.0.1")).is_match
    assert not compare(left, record("datacite", "b", type="software", title="Imaginer 1.2")).is_match


def test_software_at_one_address_is_one(record: Make) -> None:
    left = record("datacite", "a", type="software", instances=[{"urls": ["https://code.example/Imaginet.git"]}])
    right = record(
        "openaire",
        "b",
        type="software",
        title="Other",
        names=[],
        instances=[{"urls": ["http://www.code.example/imaginet/"]}],
    )
    assert compare(left, right).explanation == "both live at code.example/imaginet"


def test_many_authors_are_not_compared_by_name(record: Make) -> None:
    left = record("crossref", "a", names=[f"A{n} Nowak" for n in "bcdefghijklmnopqrstuvw"])
    right = record("pubmed", "1", names=[f"A{n} Okoro" for n in "bcdefghijklmnopqrstuvw"])
    finding = compare(left, right)
    assert finding.is_match
    assert "too many to compare" in finding.explanation
