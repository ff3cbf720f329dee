from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.deduplicate.comparables import title_form
from evigraph.deduplicate.titles import MAX_TITLE_LENGTH, fold, is_generic, numbers_of, words_of


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        ("A Review and Meta\u2010Synthesis.", "a review and meta synthesis"),
        ("[Étude des réseaux <i>imaginaires</i>]", "etude des reseaux imaginaires"),
        ("Crohn\u2019s disease", "crohns disease"),
        ("Crohn's disease", "crohns disease"),
        ("p<0.05 is not enough", "p 0 05 is not enough"),
        ("Signal &amp; noise", "signal noise"),
        ("COVID-19", "covid 19"),
        ("COVID19", "covid 19"),
        ("H\u2082O and CO\u2082", "h 2 o and co 2"),
        ("TGF-\u03b2 signalling", "tgf beta signalling"),
        ("TGF-beta signalling", "tgf beta signalling"),
        ("Ελληνικά γράμματα", "ελληνικα γραμματα"),
        ("Größe und Maß", "grosse und mass"),
        ("Łódź na Øresund", "lodz na oresund"),
        ("\uff26\uff55\uff4c\uff4c width \uff11\uff12", "full width 12"),
        ("\u0661\u0662 units", "12 units"),
        ("soft\u00adhyphen", "softhyphen"),
        ("the 4th network", "the 4 network"),
        ("h &#228; rder &#38; co", "harder co"),
        ("de Paris &#224; Lyon", "de paris a lyon"),
    ],
)
def test_folds_what_differs_in_form_only(title: str, folded: str) -> None:
    assert fold(title) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国的科学研究", "日本的经济发展"),
        ("Российская наука", "Китайская наука"),
        ("भारत का इतिहास", "भारत की कला"),
        ("تاريخ العلوم", "فلسفة العلوم"),
        ("がん研究", "かん研究"),
        ("мой", "мои"),
    ],
)
def test_keeps_apart_what_differs_in_other_scripts(one: str, other: str) -> None:
    """OpenAIRE drops all that is not ASCII, and finds any two of these titles equal."""
    assert fold(one) and fold(other)
    assert fold(one) != fold(other)


def test_one_cyrillic_letter_is_printed_either_way() -> None:
    assert fold("Учёные записки") == fold("Ученые записки")


def test_ascii_titles_take_the_same_form_on_both_ways() -> None:
    title = "The `quick' fox's 2nd leap, B-12: x_y <b>z</b>"
    assert fold(title) == fold(title + " é").removesuffix(" e")


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("Networks, part II", ["ii"]),
        ("Networks, part 2 of 12", ["2", "12"]),
        ("Networks and people", []),
        ("World War I: 1914-1918", ["i", "1914", "1918"]),
        ("Civil society", []),
    ],
)
def test_reads_numbers(title: str, numbers: list[str]) -> None:
    assert numbers_of(words_of(title)) == numbers


@pytest.mark.parametrize(
    "title",
    [
        "Editorial",
        "EDITORIAL.",
        "Letter to the Editor",
        "Annual Report 2014",
        "Book Reviews, Vol. 12, No. 3",
        "Case report",
        "Introduction",
        "In this issue: May 2020",
        "Éditorial",
        "Vorwort",
        "2019",
        "Abstracts XII",
    ],
)
def test_generic_titles_say_nothing(title: str) -> None:
    assert is_generic(words_of(title))
    assert title_form(title).is_generic


@pytest.mark.parametrize("title", ["Case reports in imaginary medicine", "An introduction to networks", "Review of X"])
def test_titles_that_only_contain_a_generic_one_are_not_generic(title: str) -> None:
    assert title_form(title) == (fold(title), False, None)


def test_subtitle_joins_the_title_once() -> None:
    split = title_form("Peer support", "a synthetic review")
    assert split == title_form("Peer support: a synthetic review")
    assert split == title_form("Peer support: a synthetic review", "A synthetic review")


def test_a_generic_title_with_a_subtitle_is_not_generic() -> None:
    form = title_form("Introduction", "networks of the imagination")
    assert form == ("introduction networks of the imagination", False, None)


def test_long_titles_are_cut_between_words() -> None:
    key = title_form("networks " * 60).key
    assert key is not None and len(key) <= MAX_TITLE_LENGTH
    assert set(key.split()) == {"networks"}


@pytest.mark.parametrize("title", [None, "", "…", " - "])
def test_nothing_is_not_comparable(title: str | None) -> None:
    assert title_form(title).key is None


@given(st.text(max_size=12) | st.text("abXYZ", max_size=6))
def test_a_folded_text_is_its_words(text: str) -> None:
    assert fold(text) == " ".join(words_of(text))
