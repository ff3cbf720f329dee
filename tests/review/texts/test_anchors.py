"""Places in full texts: kept through export, import and re-extraction, and found again where a text changed."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from evigraph.errors import InputError
from evigraph.review.texts.again import find_again, lost
from evigraph.review.texts.annotation import from_annotation, to_annotation
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.jats import jats_text
from evigraph.review.texts.pdf import pdf_text

ARTICLE = """<article><body><sec sec-type="results"><title>Findings</title>
<p>Peers said <italic>they</italic> belong. \U0001f600 Cafe\u0301 &amp; &eacute;.</p>
<fig><label>Figure 1</label><caption><p>A picture.</p></caption></fig>
<table-wrap><table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table></table-wrap>
</sec></body></article>"""


def plain(text: str) -> CanonicalText:
    return CanonicalText(text, "made", ())


def pdf_of(*lines: str) -> bytes:
    """A PDF of one page with a line of text each, written by hand."""
    shown = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
    stream = f"BT /F1 12 Tf 72 700 Td {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(made),
    )


def test_the_text_of_an_article_is_its_body_in_blocks() -> None:
    text = jats_text(ARTICLE.encode())
    assert text.text == (
        "Findings\n\nPeers said they belong. \U0001f600 Cafe\u0301 & é.\n\nFigure 1\n\nA picture.\n\na | b\n1 | 2"
    )
    assert [block.kind for block in text.blocks] == ["heading", "paragraph", "caption", "paragraph", "row", "row"]
    assert {block.section for block in text.blocks} == {"results"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<article><front/></article>", "no body"),
        ("<article><body> </body></article>", "empty"),
        ("<article><body>", "cannot be read"),
        ("<article>" + "<sec>" * 100_000, "cannot be read"),
    ],
)
def test_an_article_that_cannot_be_read_gets_one_line(content: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as told:
        jats_text(content.encode())
    assert "\n" not in str(told.value)


def test_entities_of_a_document_type_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    bomb = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><article><body><p>seen &x; end</p></body></article>'
    assert "a secret" not in jats_text(bomb.encode()).text


def test_a_pdf_gives_its_lines_with_rectangles() -> None:
    text = pdf_text(pdf_of("Peers said they belong.", "Nobody asked them."))
    assert text.text.split("\n") == ["Peers said they belong.", "Nobody asked them."]
    anchor = text.anchor("r1", text.text.index("they"), text.text.index("asked"))
    assert (anchor.page, len(anchor.rectangles)) == (1, 2)
    (x0, y0, x1, y1), (left, *_) = anchor.rectangles
    assert x0 > 7200 and left == pytest.approx(7200, abs=200) and 69_000 < y0 < y1 < 72_000 and x1 > x0


@pytest.mark.parametrize(
    ("content", "says"), [(b"%PDF-1.4 nothing", "cannot be opened"), (pdf_of(" "), "no text layer")]
)
def test_a_pdf_that_cannot_be_read_says_why(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        pdf_text(content)


def test_an_anchor_is_found_by_position_quote_or_likeness_or_is_listed() -> None:
    old = plain("We were welcome. The ward was cold. We were welcome. Then we left the building at night.")
    second = old.anchor("r", old.text.rindex("We were"), old.text.rindex("We were") + 15)
    longer = plain("A new beginning. " + old.text)
    again = find_again(second, longer)
    assert again is not None and (again.how, again.anchor.start) == ("quote", second.start + 17)
    same = find_again(second, old)
    assert same is not None and (same.how, same.anchor) == ("position", second)
    quote = old.anchor("r", old.text.index("Then we"), len(old.text))
    changed = plain("Then we left the buildings at night.")
    like = find_again(quote, changed)
    assert like is not None and like.how == "likeness"
    gone = plain("Entirely other words stand here now, of quite another matter.")
    assert find_again(quote, gone) is None
    assert lost([second, quote], gone) == [second, quote] and lost([second], longer) == []


@pytest.mark.parametrize("broken", [{}, {"target": 1}, {"target": {"selector": []}}])
def test_an_annotation_that_is_none_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        from_annotation(broken)


def test_a_thousand_selections_in_real_articles_survive_exactly(shared_data: Path) -> None:
    articles = sorted((shared_data / "jats").glob("*.xml.gz"))
    assert len(articles) == 12
    draw = random.Random(12)
    n = 0
    contents = [gzip.decompress(path.read_bytes()) for path in articles]
    texts = [jats_text(content) for content in contents]
    anew = [jats_text(content) for content in contents]
    while n < 1000:
        one = n % 12
        start = draw.randrange(len(texts[one].text) - 1)
        anchor = texts[one].anchor("r", start, min(len(texts[one].text), start + draw.randint(1, 400)))
        kept = from_annotation(json.loads(json.dumps(to_annotation(anchor, f"urn:x:{n}"))))
        again = find_again(kept, anew[one])
        assert kept == anchor and again is not None and again.anchor == anchor
        n += 1
