"""BibTeX and EndNote XML read back as they were; nothing that a file holds makes a reader raise."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from evigraph.clean.exports import bibtex as export_bibtex
from evigraph.clean.exports import csv as export_csv
from evigraph.clean.exports import endnote as export_endnote
from evigraph.clean.exports.bibtex_latex import decode
from evigraph.clean.exports.crosswalk import crosswalk
from evigraph.publish.formats import bibtex, endnote_xml

CORPUS = Path(__file__).parents[1] / "corpus" / "exports"
Record = dict[str, Any]

LETTERS = "abcdeXYZ 0123456789"
MARKS = "\\{}$%&#_^~-'`\"@=,;:.!?()[]<>/|*+\n\téßñ漢\u2013\u00a0"
TEXT = st.text(alphabet=LETTERS * 3 + MARKS, max_size=40)
NAME = st.sampled_from(
    [
        *("Doe, Jane", "Jane Doe", "van der Berg, Jan", "{World Health Organization}", "{Barnes and Noble}", "others"),
        *("Doe, Jr, John", "Liu R.", 'G{\\"o}del, Kurt', "Plato", "Anonymous", "{\\'E}mile Zola", "University of X"),
        *("Doe,", "{de la} Cruz, A", "A, B, C, D"),
    ]
)
BIBTEX_FIELDS = st.one_of(
    st.tuples(
        st.sampled_from(["author", "editor", "translator", "collaboration"]),
        st.lists(NAME | TEXT, min_size=1, max_size=4).map(" and ".join),
    ),
    st.tuples(
        st.sampled_from(
            [
                *("title", "subtitle", "journal", "booktitle", "volume", "number", "issue", "pages", "publisher"),
                *(
                    "keywords",
                    "abstract",
                    "note",
                    "annote",
                    "file",
                    "crossref",
                    "shorttitle",
                    "mesh",
                    "x-own",
                    "edition",
                ),
            ]
        ),
        TEXT,
    ),
    st.tuples(st.just("year"), st.sampled_from(["2001", "in press", "1999--2000", "888", ""])),
    st.tuples(st.sampled_from(["month", "day"]), st.sampled_from(["jan", "MAR 1", "12", "31", "May-Jun", "?"])),
    st.tuples(st.just("doi"), st.sampled_from(["10.5555/a_b--c", "https://doi.org/10.5555/X", "none", "10.5555/a b"])),
    st.tuples(st.sampled_from(["issn", "eissn"]), st.sampled_from(["1234-5679", "12345679", "1234-5679 (Print)", "x"])),
    st.tuples(st.just("isbn"), st.sampled_from(["9780306406157", "0-306-40615-2; 9780306406157", "1"])),
    st.tuples(st.just("url"), st.sampled_from(["https://example.org/~a_b%20", "https://a.org https://b.org", "x y"])),
    st.tuples(st.just("language"), st.sampled_from(["English", "English, French", "klingon", "deu"])),
    st.tuples(st.just("source"), st.just("Scopus")),
)
BIBTEX_ENTRY = st.tuples(
    st.sampled_from(["article", "book", "inproceedings", "misc", "phdthesis", "conference", "Online"]),
    st.sampled_from(["a", "Doe2001", "WOS:000000000000001", "PMID:1", "DBLP:conf/x", "a b", ""]),
    st.lists(BIBTEX_FIELDS, max_size=8),
)

ENDNOTE_FIELDS = st.one_of(
    st.tuples(
        st.sampled_from(
            [
                *("titles/title", "titles/secondary-title", "titles/translated-title", "contributors/authors/author"),
                *("contributors/secondary-authors/author", "periodical/full-title", "pages", "volume", "number"),
                *(
                    "keywords/keyword",
                    "publisher",
                    "abstract",
                    "notes",
                    "custom1",
                    "custom2",
                    "own/part",
                    "own",
                    "label",
                ),
            ]
        ),
        TEXT,
    ),
    st.tuples(
        st.just("contributors/authors/author"), st.sampled_from(["Doe, Jane", "WHO,", "Doe, J., Jr", "University of X"])
    ),
    st.tuples(st.just("dates/year"), st.sampled_from(["2001", "in press", "2001 Mar 5"])),
    st.tuples(st.just("dates/pub-dates/date"), st.sampled_from(["Mar 5", "2001-03-05", "x"])),
    st.tuples(st.just("isbn"), st.sampled_from(["1234-5679 (Print)", "1234-5679", "9780306406157\n1234-5679"])),
    st.tuples(st.just("electronic-resource-num"), st.sampled_from(["10.5555/a", "x", "https://doi.org/10.5555/B"])),
    st.tuples(st.just("accession-num"), st.sampled_from(["123", "WOS:000000000000001", "L200"])),
    st.tuples(st.just("remote-database-name"), st.sampled_from(["PubMed", "Embase"])),
    st.tuples(
        st.just("urls/related-urls/url"), st.sampled_from(["https://a.org/x", "https://doi.org/10.5555/c", "x y"])
    ),
    st.tuples(st.just("ref-type@name"), st.sampled_from(["Journal Article", "Book", "Thesis", "Unknown"])),
    st.tuples(st.just("language"), st.sampled_from(["eng", "English; French", "klingon"])),
)


def records(data: bytes) -> list[Record]:
    """The records of a file with these bytes, without what tells which file it was."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(data)
        found = [row for name, batch in crosswalk(str(path)) if name == "record" for row in batch.to_pylist()]
    return [{name: value for name, value in row.items() if name not in ("payload", "position")} for row in found]


def assert_reads_back(text: str, write: Callable[[Iterable[Record]], Iterator[str]]) -> None:
    """What was read from the text is read again from what is written of it."""
    first = records(text.encode())
    if first:
        assert records("".join(write(first)).encode()) == first


def bibtex_text(entries: list[tuple[str, str, list[tuple[str, str]]]]) -> str:
    return "".join(
        f"@{kind}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields) + "}\n\n"
        for kind, key, fields in entries
    )


def endnote_text(fields: list[list[tuple[str, str]]]) -> str:
    root = etree.Element("xml")
    listed = etree.SubElement(root, "records")
    for one in fields:
        record = etree.SubElement(listed, "record")
        etree.SubElement(record, "ref-type").text = "17"
        for path, text in one:
            place, _, attribute = path.partition("@")
            above = record
            for name in place.split("/"):
                above = etree.SubElement(above, name)
            if attribute:
                above.set(attribute, text)
            else:
                above.text = text
    return etree.tostring(root, encoding="unicode")


@settings(max_examples=150, deadline=None)
@example([("article", "a", [("editor", "{World Health Organization} and {Barnes and Noble}")])])
@example([("article", "a", [("author", "0: ß and :,0,ß")])])
@example([("article", "a", [("author", "Doe, Jane and ~"), ("collaboration", "~ß and ;")])])
@example([("article", "a", [("collaboration", "0"), ("author", "0")])])
@example([("article", "a", [("year", "2001"), ("day", "jan"), ("day", "12")])])
@example([("article", "a", [("author", "}, and 0=0")])])
@example([("article", "a", [("author", ":} and ")])])
@given(st.lists(BIBTEX_ENTRY, max_size=3))
def test_bibtex_reads_back(entries: list[tuple[str, str, list[tuple[str, str]]]]) -> None:
    assert_reads_back(bibtex_text(entries), bibtex.write)


@settings(max_examples=150, deadline=None)
@example([[("pages", ":;0")]])
@given(st.lists(st.lists(ENDNOTE_FIELDS, max_size=8), min_size=1, max_size=3))
def test_endnote_xml_reads_back(fields: list[list[tuple[str, str]]]) -> None:
    assert_reads_back(endnote_text(fields), endnote_xml.write)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=LETTERS + MARKS, max_size=80))
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert decode(bibtex.encode(text)) == text
    assert decode(bibtex.encode(text, is_verbatim=True), is_text=False) == text


@pytest.mark.parametrize("name", ["bibtex_macros_accents_groups.bib", "bibtex_same_key_twice.bib"])
def test_corpus_of_bibtex_reads_back(name: str) -> None:
    assert_reads_back((CORPUS / name).read_text(), bibtex.write)


def test_corpus_of_endnote_xml_reads_back() -> None:
    assert_reads_back((CORPUS / "endnote_styled_text.xml").read_text(), endnote_xml.write)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6), st.sampled_from([",", ";", "\t"]))
def test_every_row_of_a_table_is_a_record_or_a_defect(rows: list[tuple[str, str, str]], separator: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(["title", "abstract", "own"])
    writer.writerows(rows)
    found = records(stream.getvalue().encode())
    assert len(found) == sum(any(cell.strip() for cell in row) for row in rows)


DAMAGED = {
    "bib": (export_bibtex.read, "bibtex_macros_accents_groups.bib"),
    "xml": (export_endnote.read, "endnote_styled_text.xml"),
    "csv": (export_csv.read, "scopus_new_author_columns.csv"),
}


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(DAMAGED)), st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), max_size=6))
def test_damage_never_raises(kind: str, changes: list[tuple[int, bytes]]) -> None:
    read, name = DAMAGED[kind]
    data = (CORPUS / name).read_bytes()
    for place, inserted in changes:
        at = place % (len(data) + 1)
        data = data[:at] + inserted + data[at + len(inserted) :]
    told: list[tuple[int, str, str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(data)
        list(read(str(path), lambda *defect: told.append(defect)))
        for table, batch in crosswalk(str(path)):
            assert not (table == "defect" and "unexpected_form" in batch.column("code").to_pylist())
