from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.api import compare
from evigraph.deduplicate.comparables import comparable_of

Make = Callable[..., dict[str, Any]]
LONG = "Synthetic observations on the behaviour of entirely imaginary networks under sustained and quite unlikely load"
PLACE = {"name": "Journal of Imaginary Medicine", "volume": "12", "issue": "3", "first_page": "123", "last_page": "129"}


def test_same_title_and_authors(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("pubmed", "1"))
    assert (finding.verdict, finding.rule, finding.level) == ("match", "comparison", "duplicate")
    assert finding.title_similarity == finding.author_similarity == 1.0
    assert finding.explanation == "the same title; the same 2 authors; both of 2020"


def test_order_of_the_two_is_nothing(record: Make) -> None:
    left, right = record("crossref", "a", names=["Ada Nowak", "X Okoro"]), record("pubmed", "1")
    assert compare(left, right) == compare(right, left)


@pytest.mark.parametrize("names", [["A Nowak", "B Okoro"], ["Ben Okoro", "Ada Nowak"], ["Ada Nowak"], []])
def test_bylines_told_otherwise(record: Make, names: list[str]) -> None:
    assert compare(record("crossref", "a"), record("pubmed", "1", names=names)).is_match


def test_other_authors(record: Make) -> None:
    finding = compare(record("crossref", "a"), record("pubmed", "1", names=["Cia Lind", "Dan Quist"]))
    assert finding.verdict == "open"
    assert "no author in common" in finding.explanation


@pytest.mark.parametrize(
    ("one", "other"),
    [("part I", "part II"), ("part 1", "part 2"), ("2019", "2020"), ("1", "2"), ("hepatitis B", "hepatitis C")],
)
def test_other_part(record: Make, one: str, other: str) -> None:
    finding = compare(record("crossref", "a", title=f"{LONG}, {one}"), record("pubmed", "1", title=f"{LONG}, {other}"))
    assert finding.verdict == "no"
    assert "the numbers in the titles differ" in finding.explanation


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("behaviour", "behavior"),
        LONG.replace("imaginary", "imagi nary"),
        LONG.upper(),
        f"[{LONG}] (author's transl)",
        f"RETRACTED: {LONG}",
        LONG.removesuffix(" and quite unlikely load"),
        f"<i>{LONG}</i>: a subtitle that only one source has",
    ],
)
def test_a_title_told_otherwise(record: Make, other: str) -> None:
    assert compare(record("crossref", "a", title=LONG), record("pubmed", "1", title=other)).is_match


def test_another_word_is_another_work(record: Make) -> None:
    other = LONG.replace("networks", "committees")
    finding = compare(record("crossref", "a", title=LONG), record("pubmed", "1", title=other))
    assert finding.verdict != "match"
    assert "against" in finding.explanation


@pytest.mark.parametrize(
    "mark", ["Erratum: {}", "Correction to: {}", "Reply to: {}", "{} [Corrigendum]", "Comment on {}"]
)
def test_a_note_is_not_the_work(record: Make, mark: str) -> None:
    pids = ["doi:10.5555/x"]
    finding = compare(
        record("crossref", "a", title=LONG, pids=pids), record("pubmed", "1", title=mark.format(LONG), pids=pids)
    )
    assert finding.verdict == "no"
    assert "related, not the same" in finding.explanation


@pytest.mark.parametrize("mark", ["part II", "volume 3"])
def test_a_part_is_not_the_whole(record: Make, mark: str) -> None:
    whole = record("crossref", "a", title=LONG)
    assert not compare(whole, record("pubmed", "1", title=f"{LONG}, {mark}")).is_match


@pytest.mark.parametrize("mark", ["{} (extended abstract)", "{} - book review", "Tutorial: {}"])
def test_what_kind_of_text_it_is_weighs_little(record: Make, mark: str) -> None:
    finding = compare(record("crossref", "a", title=LONG), record("pubmed", "1", title=mark.format(LONG)))
    assert finding.is_match and "but for what kind of text it is" in finding.explanation


def test_a_report_on_a_conference_keeps_its_title(record: Make) -> None:
    form = comparable_of(record("crossref", "a", title="Report on the 13th imaginary symposium on networks"))
    assert form.title_key == "report on the 13 imaginary symposium on networks"
    assert form.venue is None


def test_a_response_is_not_the_article(record: Make) -> None:
    finding = compare(record("crossref", "a", title=LONG), record("pubmed", "1", title=f"A response to “{LONG}”"))
    assert finding.verdict == "no"


def test_a_generic_title_needs_more(record: Make) -> None:
    left = record("crossref", "a", title="Editorial", names=["Ada Nowak"])
    assert not compare(left, record("pubmed", "1", title="Editorial", names=["Ada Nowak"])).is_match
    there = {"container": PLACE}
    assert compare(left | there, record("pubmed", "1", title="Editorial", names=["A Nowak"]) | there).is_match


def test_a_journal_does_not_print_one_work_twice(record: Make) -> None:
    left = record("pubmed", "1", container=PLACE)
    right = record("pubmed", "2", container=PLACE | {"volume": "14", "first_page": "501", "last_page": "510"})
    assert compare(left, right).verdict == "no"


def test_pages_in_two_forms_are_one(record: Make) -> None:
    left = record("embase", "1", container=PLACE | {"last_page": "9"})
    right = record("wos", "1", container=PLACE | {"name": "J IMAG MED"}, year=2021)
    finding = compare(left, right)
    assert (finding.verdict, finding.level) == ("match", "duplicate")


def test_a_translation(record: Make) -> None:
    left = record("pubmed", "1", title="Observations on the imaginary networks", language="eng", container=PLACE)
    right = record("scielo", "1", title="Observaciones sobre las redes", language="spa", container=PLACE)
    assert compare(left, right).is_match


def test_two_english_titles_are_no_translations_whatever_the_languages_of_the_works(record: Make) -> None:
    left = record("pubmed", "1", title="Studies on the giants of the sheep", language="deu", container=PLACE)
    right = record("pubmed", "2", title="The cysts of pigs and their growth", language="eng", container=PLACE)
    finding = compare(left, right)
    assert not finding.is_match and "languages" not in finding.explanation


def test_published_again_is_a_version(record: Make) -> None:
    left = record("dblp", "1", container={"name": "Proceedings of the Conference on Imaginary Networks"})
    right = record("dblp", "2", year=2022, container={"name": "Journal of Imaginary Medicine"})
    finding = compare(left, right)
    assert (finding.verdict, finding.level) == ("match", "version")
    assert finding.level_score is not None and finding.level_score < 0.5


def test_other_venue_volume_and_page_is_a_version(record: Make) -> None:
    elsewhere = {"name": "Archives of Melancholia", "volume": "7", "first_page": "S41"}
    finding = compare(record("pubmed", "1", container=PLACE), record("embase", "2", container=elsewhere))
    assert (finding.verdict, finding.level) == ("match", "version")


def test_a_preprint_is_a_version(record: Make) -> None:
    left = record("arxiv", "1", instances=[{"resource_type": "Preprint"}], pids=["doi:10.5555/pre"])
    finding = compare(left, record("crossref", "2", pids=["doi:10.5555/x"], instances=[{"resource_type": "Article"}]))
    assert (finding.verdict, finding.level) == ("match", "version")


def test_chinese_titles_are_not_all_equal(record: Make) -> None:
    left = record("crossref", "a", title="中国的科学研究")
    assert not compare(left, record("pubmed", "1", title="日本的经济发展")).is_match
    assert compare(left, record("pubmed", "1", title="中国的科学研究。")).is_match


def test_placeholder_identifiers_say_nothing(record: Make) -> None:
    left = record("crossref", "a", title=None, names=[], pids=["doi:10.5555/xxxxxxx.xxxxxxx"])
    assert not compare(left, left | {"record_id": "pubmed:1"}).is_match


def test_types_mix_by_identifier_only(record: Make) -> None:
    assert not compare(record("crossref", "a"), record("datacite", "b", type="dataset")).is_match
    left = record("crossref", "a", pids=["doi:10.5555/x"])
    assert compare(left, record("datacite", "b", type="dataset", pids=["doi:10.5555/x"])).is_match


def test_releases_of_software_are_one(record: Make) -> None:
    left = record("datacite", "a", type="software", title="imaginet v1.2")
    assert compare(left, record("datacite", "b", type="software", title="Imaginet 2.0.1")).is_match
    assert not compare(left, record("datacite", "b", type="software", title="Melancholia 1.2")).is_match


def test_software_at_one_address_is_one(record: Make) -> None:
    left = record("datacite", "a", type="software", instances=[{"urls": ["https://code.example/Imaginet.git"]}])
    right = left | {"record_id": "x:1", "instances": [{"urls": ["http://www.code.example/imaginet/"]}]}
    finding = compare(left, right)
    assert finding.is_match and "both live at code.example/imaginet" in finding.explanation
