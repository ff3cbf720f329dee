"""Whatever bytes a payload holds, a crosswalk ends, does not raise, and gives rows that fit their contracts."""

from __future__ import annotations

import copy
import io
import json
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evigraph.clean.archive import batches_of
from evigraph.clean.archive_entries import archive_kind, entries
from evigraph.clean.csv_lines import csv_rows
from evigraph.clean.datacite.crosswalk import crosswalk as datacite
from evigraph.clean.jats.crosswalk import crosswalk as jats
from evigraph.clean.opencitations.crosswalk import crosswalk as opencitations
from evigraph.clean.opencitations.index import identifiers
from evigraph.clean.payload import open_bytes
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus"
DOI = json.loads((CORPUS / "datacite" / "every-field.json").read_text("utf-8"))["data"]
ARTICLE = (CORPUS / "jats" / "every-field.xml").read_bytes()
META = (CORPUS / "opencitations" / "meta-every-field.csv").read_bytes()
INDEX = (CORPUS / "opencitations" / "index-of-omids.csv").read_bytes()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def tally(crosswalk: Any, content: bytes, name: str = "payload") -> dict[str, int]:
    counts = {"record": 0, "lost": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        for table, batch in batches_of(crosswalk, "synthetic", str(path)):
            assert batch.schema.equals(TABLES[table].schema)
            batch.validate(full=True)
            counts[table] = counts.get(table, 0) + batch.num_rows
            if table == "defect":
                counts["lost"] += sum(batch.column("is_record_lost").to_pylist())
    return counts


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with bytes replaced, inserted or cut out at some places."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(found) - 1, 0)))
        length = draw(st.integers(0, 40))
        found[at : at + length] = draw(
            st.binary(max_size=12) | st.sampled_from([b'"', b"<", b">", b"\n", b"&x;", b"]]>"])
        )
    return bytes(found)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


@given(data=st.data())
def test_any_value_at_any_place_of_a_doi_costs_at_most_its_record(data: st.DataObject) -> None:
    changed = copy.deepcopy(DOI)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(changed)[1:] or [("id",)]))
        target = changed
        for key in place[:-1]:
            target = target[key]
        target[place[-1]] = data.draw(json_values)
    lines = [changed, {"id": "10.5555/after", "attributes": {"titles": [{"title": "A good one after it"}]}}]
    counts = tally(datacite, b"\n".join(json.dumps(line).encode() for line in lines))
    assert counts["record"] + counts["lost"] == 2 and counts["record"] >= 1


@given(content=damaged(ARTICLE))
def test_damage_inside_an_article_costs_that_article(content: bytes) -> None:
    good = b'<article><front><article-meta><article-id pub-id-type="doi">10.5555/%s</article-id><title-group>'
    good += b"<article-title>A good one</article-title></title-group></article-meta></front></article>"
    counts = tally(jats, b"<articles>" + good % b"before" + content + b"</articles>")
    assert counts["record"] >= 1


@given(content=st.binary(max_size=400) | damaged(ARTICLE))
def test_any_bytes_as_jats(content: bytes) -> None:
    tally(jats, content)


@given(content=damaged(META))
def test_damage_in_meta_keeps_the_rows_after_it(content: bytes) -> None:
    header, _, rest = content.partition(b"\n")
    good = b'"doi:10.5555/good","A good row after it","","2020","","","","","journal article","",""\n'
    counts = tally(opencitations, META.partition(b"\n")[0] + b"\n" + rest + b"\n" + good)
    assert counts["record"] >= 1
    tally(opencitations, header + b"\n" + rest)


@given(content=damaged(INDEX))
def test_any_bytes_as_an_index(content: bytes) -> None:
    tally(opencitations, content)


@given(text=st.text(max_size=60))
def test_identifiers_are_normal_forms(text: str) -> None:
    for scheme, value in identifiers(text):
        assert scheme and value and " " not in value
        assert identifiers(f"{scheme}:{value}") == ((scheme, value),)


@given(rows=st.lists(st.lists(st.text(alphabet="ab,\"'; é", max_size=6), min_size=3, max_size=3), max_size=8))
def test_rows_that_are_written_well_are_read_back(rows: list[list[str]]) -> None:
    quoted = ["a,b,c", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
        with open_bytes(path) as stream:
            found = [row.cells for row in csv_rows(b"", stream, 3, lambda *_: None)]
    assert found == rows


def packed() -> tuple[bytes, bytes]:
    files = {"a/0.json": json.dumps(DOI).encode(), "b.json": b'{"id": "10.5555/b", "titles": [{"title": "Second"}]}'}
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as target:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return tar.getvalue()[: 7 * 1024], zipped.getvalue()


TAR, ZIP = packed()


@given(content=damaged(TAR) | damaged(ZIP))
def test_a_damaged_archive_is_read_as_far_as_it_can_be(content: bytes) -> None:
    tally(datacite, content)


@given(content=damaged(TAR) | damaged(ZIP))
def test_no_entry_gives_more_than_the_archive_can_hold(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        path.write_bytes(content)
        if kind := archive_kind(path):
            for entry in entries(path, kind, lambda *_: None):
                if entry.refusal is None:
                    assert ".." not in entry.name.split("/") and not entry.name.startswith("/")
