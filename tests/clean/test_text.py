"""Plain text from markup."""

from __future__ import annotations

import time

import pytest

from evigraph.clean.text import clean_line, clean_lines, clean_text, clean_title, is_usable_title


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        # What is no markup stays.
        ("p<0.05", "p<0.05"),
        ("a < b and c > d", "a < b and c > d"),
        ("if a<b and c>d", "if a<b and c>d"),
        ("a<b>c", "a<b>c"),
        ("std::vector<int> and <https://example.org>", "std::vector<int> and <https://example.org>"),
        ("R&D at AT&T; x&y;", "R&D at AT&T; x&y;"),
        ("Meta\u2010Synthesis", "Meta\u2010Synthesis"),
        ("پیوند\u200cها", "پیوند\u200cها"),
        # Elements go, their text stays.
        ("<i>Escherichia coli</i> in H<sub>2</sub>O", "Escherichia coli in H2O"),
        ("<I>Upper</I> <SUP>case</SUP>", "Upper case"),
        ("<jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One.\nTwo."),
        ("<p>One<br/>Two", "One\nTwo"),
        ("<ns4:p>One</ns4:p><any:italic>two</any:italic> <urn:isbn>", "One\ntwo <urn:isbn>"),
        ("<span class='a' title=\"x > y\">text</span>", "text"),
        ("<scp>DNA</scp> and <jats:sc>RNA</jats:sc>", "DNA and RNA"),
        ("one<!-- not shown -->two<?pi?><![CDATA[ a<b & c]]>", "onetwo a<b & c"),
        ("<script>alert(1)</script>text<style>p{}</style>", "text"),
        ("cell<td>one</td><td>two</td>", "cell one two"),
        # Headings head their lines.
        (
            "<jats:sec><jats:title>Methods</jats:title>\n  <jats:p>We\n  did.</jats:p></jats:sec>\n"
            "<jats:sec><jats:title>Results:</jats:title><jats:p>It was.</jats:p></jats:sec>",
            "Methods: We did.\nResults: It was.",
        ),
        ("<jats:title>Abstract</jats:title><jats:p>Text.</jats:p>", "Text."),
        ("<title>Why?</title><p>Because.</p>", "Why? Because."),
        # Numbers keep their value.
        ("10<sup>6</sup> cells, 5 × 10<sup>-8</sup>", "10^6 cells, 5 × 10^-8"),
        ("m<sup>2</sup>, <sup>18</sup>F, 2<sup>nd</sup>", "m2, 18F, 2nd"),
        # Formulas.
        ("<mml:math><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>1</mml:mn></mml:math>", "x=1"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup></math>", "x^2"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>", "(a+b)/2"),
        ("<math><msqrt><mn>2</mn></msqrt></math>", "√2"),
        ("<math><mfenced><mi>a</mi><mi>b</mi></mfenced></math>", "(a,b)"),
        (
            "<jats:alternatives><jats:tex-math>$$x$$</jats:tex-math><mml:math><mml:mi>x</mml:mi></mml:math>"
            "</jats:alternatives>",
            "x",
        ),
        ("<jats:tex-math>$$x$$</jats:tex-math> alone", "$$x$$ alone"),
        # Entities.
        ("p &lt; 0.05 &amp; q", "p < 0.05 & q"),
        ("p &amp;lt; 0.05 &amp;amp; q", "p < 0.05 & q"),
        ("&lt;i&gt;E. coli&lt;/i&gt; grows", "E. coli grows"),
        ("&#8211; &#x2013; &nbsp;&eacute; &unknown;", "– – é &unknown;"),
        ("Alzheimer&#146;s &#0;&#xD800;disease", "Alzheimer’s disease"),
        # Characters and white space.
        ("  two   words\t\n", "two words"),
        ("one\n\n\n two", "one\ntwo"),
        ("e\u0301tude", "étude"),
        ("so\u00adft \u200bhid\u202eden\ufeff \x07bell", "soft hidden bell"),
        ("\ud835\udc00 pair, lone \ud800", "\U0001d400 pair, lone"),
        ("no\u00a0break thin\u2009space", "no break thin space"),
    ],
)
def test_clean_text(markup: str, text: str) -> None:
    assert clean_text(markup) == text
    assert clean_text(text) == text


@pytest.mark.parametrize("nothing", [None, "", "  ", "<p></p>", "&nbsp;", "\x00", "<jats:title>Abstract</jats:title>"])
def test_nothing_left_is_none(nothing: str | None) -> None:
    assert clean_text(nothing) is None


def test_clean_line_is_one_line() -> None:
    assert clean_line("<title>Main</title><p>one\ntwo</p>") == "Main one two"


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("A title.", "A title"),
        ("[A translated title].", "A translated title"),
        ("[A translated title.]", "A translated title"),
        ("[One] and [two].", "[One] and [two]"),
        ("[Nested [18F] label].", "Nested [18F] label"),
        ("To be continued...", "To be continued..."),
        ("Care in the U.S.A.", "Care in the U.S.A."),
        ("Why not?", "Why not?"),
        ("[].", None),
    ],
)
def test_titles_of_pubmed_lose_their_dress_only_if_asked(title: str, bare: str | None) -> None:
    assert clean_title(title, strip_full_stop=True, strip_brackets=True) == bare
    assert clean_title(title) == title


@pytest.mark.parametrize("title", ["A study of tests in schools", "Attestation", "Ω", "试验", "Testing the synthetic"])
def test_usable_titles(title: str) -> None:
    assert is_usable_title(title)


@pytest.mark.parametrize(
    "title", [None, "", "123", "...", "test", "Test 123", "TEST test", "my test 1", "(test)", "Testing"]
)
def test_unusable_titles(title: str | None) -> None:
    assert not is_usable_title(title)


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 200_000,
        "<!--" * 100_000,
        "<a b=" * 100_000,
        "<a b='" * 100_000,
        "&" + "amp;" * 300_000 + "lt;",
        "<b>" * 100_000,
        "<p>" * 100_000 + "x",
        "</i>" * 100_000,
        "<sup>" * 50_000 + "1",
        "<mml:mfrac>" * 20_000 + "x" + "</mml:mfrac>" * 20_000,
        "<![CDATA[" * 50_000,
    ],
)
def test_hostile_markup_takes_linear_time(hostile: str) -> None:
    start = time.process_time()
    text = clean_text(hostile)
    assert time.process_time() - start < 5
    assert clean_text(text) == text


def test_markup_that_outlasts_the_rounds_is_disarmed() -> None:
    hostile = "<i>x</i>"
    for _ in range(30):
        hostile = f"<i{hostile}>y</i>"
    text = clean_text(hostile)
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [None, ""],
        ["plain", "plain too", None, ""],
        ["Smith & Jones", "R &"],
        ["a&", "amp;b"],
        [" begins blank", "ends blank "],
        ["tilde~", "~tilde", "~ ", " ~"],
        ["two  blanks", "line\nbreak", "<i>marked</i> &amp;amp; escaped"],
        ["e\u0301", "\u0301", "\u00e9", "\ufffc", "caf\u00e9"],
        ["e", "\u0301 begins with an accent"],
    ],
)
def test_lines_are_cleaned_as_each_of_them(lines: list[str | None]) -> None:
    assert clean_lines(list(lines)) == [clean_line(line) for line in lines]
