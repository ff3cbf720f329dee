"""The PubMed crosswalk takes any bytes: it raises never, and accounts for every record it finds."""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.clean.pubmed import crosswalk as pubmed
from evigraph.clean.pubmed.crosswalk import crosswalk
from evigraph.clean.pubmed.plain import Plain, without_lists
from evigraph.model.tables import TABLES

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "pubmed").glob("*.xml"))
WHOLE = [path.read_bytes() for path in CORPUS]
PIECES = st.sampled_from(
    [
        *(b"<PubmedArticle>", b"</PubmedArticle>", b"</PubmedArticleSet>", b"<PMID>", b"</PMID>", b"<!ENTITY x 'y'>"),
        *(b"<", b">", b"&", b"&amp;", b"&#0;", b"\xff", b"\0", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?pi"),
        *(b"<DeleteCitation>", b"<PubmedBookArticle>", b"<MedlineCitation>", b"xmlns:a='b'", b"\x1f\x8b", b""),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A payload of the corpus with some of its bytes replaced, cut or doubled, perhaps as a damaged gzip."""
    data = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 200)))
        piece = draw(st.one_of(PIECES, st.just(data[at:end] * 2), st.binary(max_size=8)))
        data = data[:at] + piece + data[end:]
    if draw(st.booleans()):
        packed = gzip.compress(data)
        return packed[: draw(st.integers(0, len(packed)))]
    return data


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_damage_is_counted_and_never_raises(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payload.xml"
        path.write_bytes(data)
        keys: dict[str, list[tuple[object, ...]]] = {name: [] for name in ("record", "reference", "link", "defect")}
        n_rows = n_lost = 0
        for name, batch in crosswalk(str(path)):
            table = TABLES[name]
            assert batch.schema.equals(table.schema)
            batch.validate(full=True)
            rows = batch.to_pylist()
            keys[name] += [tuple(row[column] for column in table.key) for row in rows]
            n_rows += len(rows) if name == "record" else 0
            n_lost += sum(row["is_record_lost"] for row in rows) if name == "defect" else 0
        assert all(len(found) == len(set(found)) for found in keys.values())
        assert n_rows or keys["defect"] or not re.search(rb"<PubmedArticle[\s>]", data)


#: Synthetic: an article whose lists are as NLM writes them.
_LISTED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">90000001</PMID><Article>
<ArticleTitle>A synthetic record</ArticleTitle></Article>
<MeshHeadingList>
  <MeshHeading><DescriptorName UI="D000001" MajorTopicYN="N">Examples</DescriptorName></MeshHeading>
  <MeshHeading>
    <DescriptorName UI="D000002" MajorTopicYN="Y" Type="Geographic">Nowhere</DescriptorName>
    <QualifierName UI="Q000001" MajorTopicYN="Y">history</QualifierName>
    <QualifierName UI="Q000002" MajorTopicYN="N">methods</QualifierName>
  </MeshHeading>
</MeshHeadingList></MedlineCitation>
<PubmedData>
<History><PubMedPubDate PubStatus="pubmed"><Year>2019</Year><Month>9</Month></PubMedPubDate></History>
<PublicationStatus>ppublish</PublicationStatus>
<ReferenceList><Title>References</Title>
  <Reference><Citation>Sample P. A &lt;good&gt; one &amp; true.  2018;1(1):1-2.</Citation></Reference>
  <Reference>
    <Citation>Müller Q. Another. 2019.</Citation>
    <ArticleIdList>
      <ArticleId IdType="pubmed">90000002</ArticleId>
      <ArticleId IdType="doi">10.5555/a&lt;1::aid&gt;2</ArticleId><ArticleId IdType="pii">X1</ArticleId>
    </ArticleIdList>
  </Reference>
</ReferenceList>
</PubmedData>
</PubmedArticle></PubmedArticleSet>"""

_ODD = st.sampled_from(
    [
        *("<i>", "</i>", "<!-- -->", "<![CDATA[x]]>", "<?pi?>", "&#x41;", "&quot;", "&amp;lt;", "\ufffe", "\r", "\x0b"),
        *("<Citation>", "</Citation>", "<Reference>", "</Reference>", "<ReferenceList>", "</ReferenceList>", "]]>"),
        *("<MeshHeading>", "<MeshHeadingList>", "</MeshHeadingList>", "<PubmedData>", "</PubmedData>", "<History>"),
        *(' x="1"', "<a/>", "\xa0", "  ", "\n", "Y", "'", "=", "0", "pubmed", "<ArticleIdList/>", "<ReferenceList/>"),
    ]
)


@st.composite
def listed(draw: st.DrawFn) -> str:
    """The article with a few places in its lists damaged or changed."""
    text = _LISTED
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(_LISTED.index("<MeshHeadingList"), max(len(text) - 40, 500)))
        text = text[:at] + draw(_ODD) + text[at + draw(st.sampled_from([0, 0, 1, 5, 40])) :]
    return text


def _told(data: bytes) -> dict[str, list[object]]:
    """The rows of a payload; of a defect all but its message, which may name a column of the text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payload.xml"
        path.write_bytes(data)
        rows = [(name, row) for name, batch in crosswalk(str(path)) for row in batch.to_pylist()]
    told: dict[str, list[object]] = {}
    for name, row in rows:
        told.setdefault(name, []).append({key: row[key] for key in row if key != "message"})
    return told


def _same_as_from_a_tree(data: bytes) -> None:
    told = _told(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pubmed, "without_lists", Plain)
        assert told == _told(data)


def test_the_usual_lists_are_cut_out() -> None:
    article = _LISTED.removeprefix("<PubmedArticleSet>").removesuffix("</PubmedArticleSet>").encode()
    plain = without_lists(article)
    assert plain.mesh is not None and plain.references is not None
    assert not any(word in plain.xml for word in (b"<Reference", b"<History", b"<MeshHeading>"))
    assert plain.mesh[1] == "Examples; *Nowhere/*history/methods"
    assert [*map(len, plain.references.pids)] == [0, 2]
    _same_as_from_a_tree(_LISTED.encode())


@settings(max_examples=300, deadline=None)
@given(listed())
def test_a_list_that_is_cut_out_says_what_its_tree_says(text: str) -> None:
    _same_as_from_a_tree(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(damaged())
def test_damaged_lists_say_what_their_trees_say(data: bytes) -> None:
    _same_as_from_a_tree(data)
