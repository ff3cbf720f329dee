"""Cleaning what is clean changes nothing."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from evigraph.clean.dates import date_from_parts, date_from_text
from evigraph.clean.languages import language_code
from evigraph.clean.names import author, author_from_text
from evigraph.clean.text import clean_line, clean_lines, clean_text, clean_title

#: Pieces of which sources build their texts, well-formed or not.
PIECES = st.sampled_from(
    [
        *("<", ">", "&", ";", "/", '"', "'", "=", " ", "\n", "\t", "\0", "\u2029", "\u2010", "\u00a0", "\u00ad"),
        *("&lt;", "&gt;", "&amp;", "&amp;lt;", "&#60;", "&#x3e;", "&#0;", "&#146;", "&nbsp;", "&amp;amp;", "&unknown;"),
        *("<i>", "</i>", "<b>", "</b>", "<p>", "</p>", "<br/>", "<sup>", "</sup>", "<sub>2</sub>", "<I>", "<unknown>"),
        *("<jats:title>", "</jats:title>", "<jats:p>", "</jats:p>", "<jats:sec id='s1'>", "<title>", "</title>"),
        *("<mml:math>", "</mml:math>", "<mml:mfrac>", "</mml:mfrac>", "<mml:mi>", "</mml:mi>", "<mml:msup>"),
        *("<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<script>", "</script>", "<a href", "lt;", "amp;", "#38;"),
        *("e\u0301", "\u0301", "\u0338", "\ud835", "\udc00", "\ufeff", "\x07", "p", "0.05", "10", "Methods", "title"),
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).map("".join),
)


@settings(max_examples=500)
@given(TEXTS)
@example("&lt;p&gt;a\n&lt;/p&gt;b")
@example("<p\nclass='x'>a")
@example("&lt;p\nclass='x'&gt;a")
def test_text_is_settled_and_clean(markup: str) -> None:
    text = clean_text(markup)
    assert clean_text(text) == text
    if text is not None:
        assert unicodedata.is_normalized("NFC", text)
        assert text == text.strip()
        assert "  " not in text and "\n\n" not in text and "\t" not in text and "\0" not in text
        text.encode("utf-8")


@settings(max_examples=300)
@given(TEXTS)
def test_line_is_settled(markup: str) -> None:
    line = clean_line(markup)
    assert clean_line(line) == line
    assert line is None or "\n" not in line


@given(TEXTS, st.booleans(), st.booleans())
def test_title_stays_what_it_is_without_flags(markup: str, strip_full_stop: bool, strip_brackets: bool) -> None:
    title = clean_title(markup, strip_full_stop=strip_full_stop, strip_brackets=strip_brackets)
    assert clean_title(title) == title


@given(TEXTS, TEXTS)
def test_author_of_an_author_is_the_same(given_name: str, family_name: str) -> None:
    one = author(given_name=given_name, family_name=family_name)
    if one is not None:
        two = author(given_name=one["given_name"], family_name=one["family_name"], full_name=one["full_name"])
        assert two == one


@given(TEXTS)
def test_author_from_text_is_settled(text: str) -> None:
    one = author_from_text(text)
    if one is not None:
        two = author_from_text(one["full_name"])
        assert two is not None
        assert two["full_name"] == one["full_name"]


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3000), st.text(max_size=5)), max_size=4))
def test_date_of_a_date_is_the_same(parts: list[object]) -> None:
    date = date_from_parts(parts)
    assert date is None or date_from_text(date) == date


@given(st.text(alphabet="0123456789 -/.JanuryFebSpingDec", max_size=25))
def test_date_in_text_is_settled(text: str) -> None:
    date = date_from_text(text)
    assert date is None or date_from_text(date) == date


@given(st.text(max_size=12))
def test_language_of_a_code_is_the_code(text: str) -> None:
    code = language_code(text)
    assert len(code) == 3
    assert language_code(code) == code


@settings(max_examples=300)
@given(st.lists(st.one_of(st.none(), TEXTS, st.text("ab ~&;\u0301\u0338", max_size=4)), max_size=6))
def test_lines_are_cleaned_as_each_of_them(lines: list[str | None]) -> None:
    assert clean_lines(list(lines)) == [clean_line(line) for line in lines]


@settings(max_examples=500)
@given(TEXTS)
def test_ands_and_a_quick_end_change_nothing(markup: str) -> None:
    line = clean_line(f"a & {markup}")
    assert line is None or clean_line(line) == line
