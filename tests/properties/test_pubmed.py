"""The PubMed crosswalk takes any bytes: it raises never, and accounts for every record it finds."""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.clean.pubmed.crosswalk import crosswalk
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
