"""Exports of reference managers: what is read, written and read again is the same; damage costs its own line only."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from evigraph.clean.exports.crosswalk import crosswalk
from evigraph.publish.formats import medline, ris

Record = dict[str, Any]

#: Everything but line ends, byte-order marks and what is no character at all.
CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\f\0\ufeff") | st.sampled_from(
    "  ;,.-/*[]():&<>'\"0123456789"
)
TEXTS = st.text(CHARACTERS, min_size=1, max_size=40)

NAMES = st.sampled_from(
    [
        *("Example, Ada", "Example, Ada B, Jr", "Liu R.", "A. Author-One", "Smith, JR", "Plato,"),
        *("World Health Organization", "Ministry of Examples, Nowhere", "Anonymous", "van der Sample, J.-P."),
    ]
)
DATES = st.sampled_from(
    ["2019", "2019//", "2019/06/05", "Jun", "JUN 15", "1998 Dec-1999 Jan", "4-8 Aug. 2020", "in press", "20190605"]
)
PAGES = st.sampled_from(["349-69", "S12-5", "pp 37-64", "146p", "e0815", "12-1", "No", "1-5, 9", "101"])
SERIALS = st.sampled_from(
    [
        *("0312-5963", "1050-124X (Print)", "2049-3630(Electronic),1050-124X(Print)"),
        *("9783161484100", "0312-5963 9783161484100", "1"),
    ]
)
IDS = st.sampled_from(
    ["10.5555/a", "https://doi.org/10.5555/B", "doi:10.5555/c x", "10.1234/xxx", "91000001", "PMC12", "PMID: 7"]
)
URLS = st.sampled_from(["http://example.org/a", "http://example.org/a; http://example.org/b", "www.example.org"])
VALUES = TEXTS | NAMES | DATES | PAGES | SERIALS | IDS | URLS

RIS_TAGS = st.sampled_from(
    [
        *("A1", "A2", "AB", "AD", "AN", "AU", "BT", "C1", "C2", "C7", "CP", "CY", "DA", "DB", "DO", "DP", "EP"),
        *("ET", "ID", "IS", "J2", "JA", "JF", "JO", "KW", "L1", "L2", "LA", "M1", "M3", "N1", "N2", "PB", "PU"),
        *("PY", "SN", "SP", "ST", "T1", "T2", "T3", "TI", "TT", "U2", "UR", "VL", "VO", "Y1", "ZZ"),
    ]
)
RIS_TYPES = st.sampled_from(["JOUR", "BOOK", "CHAP", "THES", "CPAPER", "GEN", "Journal Article", "NONSENSE"])
NBIB_TAGS = st.sampled_from(
    [
        *("AB", "AD", "AID", "AU", "AUID", "BTI", "CIN", "CN", "CTI", "DEP", "DP", "EIN", "EN", "FAU", "GR", "IP"),
        *("IS", "ISBN", "JT", "LA", "LID", "LR", "MH", "OAB", "OID", "OT", "OWN", "PB", "PG", "PMC", "PST", "PT"),
        *("RIN", "SO", "TA", "TI", "TT", "VI", "XX"),
    ]
)


def records(text: str | bytes) -> list[Record]:
    """The records that the crosswalk makes of an export, without the name of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        rows = [row for table, batch in crosswalk(str(path)) if table == "record" for row in batch.to_pylist()]
    return [row | {"payload": ""} for row in rows]


def written(write: Callable[[Iterable[Record]], Iterator[str]], rows: list[Record]) -> str:
    return "".join(write(rows))


@example([("JOUR", [("EP", "0"), ("SP", "0-1 0")])])
@example([("BOOK", [("SP", "0"), ("SP", "0-0")])])
@example([("JOUR", [("JO", " ")])])
@example([("BOOK", [("BT", "00"), ("J2", "00"), ("JO", "0")])])
@given(st.lists(st.tuples(RIS_TYPES, st.lists(st.tuples(RIS_TAGS, VALUES), max_size=12)), min_size=1, max_size=3))
def test_ris_reads_back_as_it_was(references: list[tuple[str, list[tuple[str, str]]]]) -> None:
    lines = [
        line
        for kind, fields in references
        for line in (f"TY  - {kind}", *(f"{tag}  - {value}" for tag, value in fields), "ER  - ", "")
    ]
    read = records("\n".join(lines))
    assert len(read) == len(references)
    again = records(written(ris.write, read))
    assert again == read
    assert written(ris.write, again) == written(ris.write, read)


@example([[("AU", "A: 0")]])
@example([[("TI", "[")]])
@example([[("AB", "0\x1e0")]])
@given(st.lists(st.lists(st.tuples(NBIB_TAGS, VALUES), max_size=12), min_size=1, max_size=3))
def test_medline_text_reads_back_as_it_was(references: list[list[tuple[str, str]]]) -> None:
    lines = [
        line
        for number, fields in enumerate(references, 1)
        for line in (f"PMID- 9100000{number}", *(f"{tag:<4}- {value}" for tag, value in fields), "")
    ]
    read = records("\n".join(lines))
    assert len(read) == len(references)
    again = records(written(medline.write, read))
    assert again == read


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.tuples(RIS_TAGS, VALUES), max_size=8), min_size=1, max_size=3),
    st.lists(st.lists(st.tuples(NBIB_TAGS, VALUES), max_size=8), min_size=1, max_size=3),
)
def test_what_goes_through_the_other_format_settles_at_once(
    as_ris: list[list[tuple[str, str]]], as_nbib: list[list[tuple[str, str]]]
) -> None:
    """The second round through a format changes nothing, whatever format a record came from."""
    one = "".join("TY  - JOUR\n" + "".join(f"{t}  - {v}\n" for t, v in fields) + "ER  - \n" for fields in as_ris)
    two = "".join("PMID- 91\n" + "".join(f"{t:<4}- {v}\n" for t, v in fields) + "\n" for fields in as_nbib)
    for text, write in ((two, ris.write), (one, medline.write)):
        once = records(written(write, records(text)))
        assert records(written(write, once)) == once


def _tokens(record: Record) -> set[str]:
    return set(re.findall(r"token[0-9]+z", str(record).lower()))


SHOWN = ("AU", "TI", "T2", "AB", "KW", "KW", "UR", "N1", "PB", "VL")


@given(st.data())
def test_damage_inside_a_line_of_ris_costs_that_line_only(data: st.DataObject) -> None:
    lines: list[str] = []
    for number in range(3):
        lines.append("TY  - JOUR")
        for place, tag in enumerate(SHOWN):
            token = f"token{number * 100 + place}z"
            value = {"AU": f"{token}, Ada", "UR": f"https://example.org/{token}"}.get(tag, f"words {token} words")
            lines.append(f"{tag}  - {value}")
        lines.append("ER  - ")
    at = data.draw(st.integers(0, len(lines) - 1))
    junk = data.draw(st.binary(max_size=30)).translate(None, b"\r\n\f")
    raw = [line.encode() for line in lines]
    cut = data.draw(st.integers(0, len(raw[at])))
    raw[at] = raw[at][:cut] + junk
    found = set().union(*map(_tokens, records(b"\n".join(raw))))
    expected = set(re.findall(r"token[0-9]+z", "\n".join(line for place, line in enumerate(lines) if place != at)))
    assert expected <= found


@given(st.data())
def test_damage_inside_a_line_of_medline_text_costs_that_line_only(data: st.DataObject) -> None:
    lines: list[str] = []
    for number in range(3):
        lines.append(f"PMID- 9100000{number + 1}")
        for place, tag in enumerate(("OWN", "TI", "FAU", "AD", "JT", "MH", "OT", "AB", "PST")):
            token = f"token{number * 100 + place}z"
            lines.append(f"{tag:<4}- {token}, Ada" if tag == "FAU" else f"{tag:<4}- words {token} words")
        lines.append("")
    at = data.draw(st.integers(0, len(lines) - 1).filter(lambda place: lines[place] != ""))
    junk = data.draw(st.binary(max_size=30)).translate(None, b"\r\n\f")
    raw = [line.encode() for line in lines]
    raw[at] = raw[at][: data.draw(st.integers(0, len(raw[at])))] + junk
    found = set().union(*map(_tokens, records(b"\n".join(raw))))
    expected = set(re.findall(r"token[0-9]+z", "\n".join(line for place, line in enumerate(lines) if place != at)))
    assert expected <= found


@settings(max_examples=40)
@given(
    st.binary(max_size=400) | TEXTS.map(str.encode),
    st.sampled_from([b"", b"TY  - JOUR\n", b"PMID- 1\n", b"FN ISI\nPT J\n", b"%0 Book\n%T x\n"]),
)
def test_nothing_in_a_file_raises(content: bytes, beginning: bytes) -> None:
    records(beginning + content)
