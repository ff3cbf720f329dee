"""Payloads that hold themselves, a number of ten million digits, a text of a gigabyte: bounded, and told.

All records are synthetic.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from clean.measured import Reader, reading
from clean.test_hostile_xml import FORMS, MOST_GROWTH, MOST_SECONDS


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reading() as started:
        yield started


def gzip_that_holds_itself() -> bytes:
    """A gzip whose content is itself, up to where it breaks off.

    The construction is Russ Cox's ("Zip Files All The Way Down", 2010): each piece is five bytes, `print` puts out
    the pieces that follow it, `again` the last four that were put out.
    """

    def prints(n: int) -> bytes:
        # A stored block (RFC 1951 §3.2.4) of n pieces.
        size = 5 * n
        return b"\0" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")

    again = bytes.fromhex("428821c400")  # a block of fixed codes: ten bytes from twenty before, twice
    header = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03self\0"
    one, four = prints(1), prints(4)
    return b"".join(
        (
            *(header, four, header, four, again, one, again, one, one, four, again, one, one, four, again),
            *(four, again, four, again, four, again, four, *[prints(0)] * 4),
        )
    )


SOURCES = ("crossref", "openalex", "datacite", "openaire", "pubmed", "jats", "oai_pmh", "exports", "opencitations")


@pytest.mark.parametrize("source", SOURCES)
def test_a_gzip_that_holds_itself_is_opened_once(source: str, tmp_path: Path, reader: Reader) -> None:
    data = gzip_that_holds_itself()
    assert zlib.decompressobj(31).decompress(data) == data
    path = tmp_path / "self.gz"
    path.write_bytes(data)
    measure = reader(source, path)
    assert measure.n_records == 0
    assert measure.codes and "crosswalk_failed" not in measure.codes
    assert measure.seconds < MOST_SECONDS


@pytest.mark.parametrize("source", SOURCES)
def test_archives_of_one_name_inside_each_other_are_opened_once(source: str, tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "self.zip"
    content = gzip_that_holds_itself()
    for _ in range(50):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("self.zip", content)
            archive.writestr("self.gz", gzip_that_holds_itself())
        content = path.read_bytes()
    measure = reader(source, path)
    assert measure.n_records == 0
    assert measure.codes and "crosswalk_failed" not in measure.codes
    assert measure.seconds < MOST_SECONDS
    assert measure.growth < MOST_GROWTH


#: A record of each source of JSON, with a place for a number.
NUMBERED = {
    "crossref": '{"DOI": "10.5555/%s", "title": ["A synthetic work"], "is-referenced-by-count": %s}',
    "datacite": '{"id": "10.5555/%s", "attributes": {"titles": [{"title": "A work"}], "publicationYear": %s}}',
    "openaire": '{"id": "doi_________::%032d", "mainTitle": "A synthetic work", "size": %s}',
    "openalex": '{"id": "https://openalex.org/W%s", "title": "A synthetic work", "cited_by_count": %s}',
}


NINES = "9" * 10_000_000
NUMBERS = {"whole": NINES, "negative": f"-{NINES}", "fraction": f"0.{NINES}", "power": f"1e{NINES}"}


@pytest.mark.parametrize("form", ["lines", "array"])
@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("source", NUMBERED)
def test_a_number_of_ten_million_digits_costs_its_record_at_most(
    source: str, kind: str, form: str, tmp_path: Path, reader: Reader
) -> None:
    records = [NUMBERED[source] % (n, digits) for n, digits in ((1, "2001"), (2, NUMBERS[kind]), (3, "2003"))]
    path = tmp_path / "works.json"
    path.write_text("\n".join(records) if form == "lines" else f"[{','.join(records)}]", encoding="ascii")
    measure = reader(source, path)
    assert "crosswalk_failed" not in measure.codes
    assert measure.n_records in (2, 3)
    assert measure.n_lost == 3 - measure.n_records
    assert measure.seconds < MOST_SECONDS
    assert measure.growth < MOST_GROWTH


def _with_huge_text(path: Path, source: str, n_bytes: int) -> None:
    """Three records, the second with a title of so many bytes, written piece by piece."""
    form = FORMS[source]
    piece = b"A text that goes on. " * 50_000
    with path.open("wb") as file:
        file.write(f'<?xml version="1.0"?>\n{form.opening}\n'.encode())
        for n in ("100000001", "100000002", "100000003"):
            before, after = form.record.replace("{n}", n).split("{title}")
            file.write(before.encode())
            for _ in range(-(-n_bytes // len(piece)) if n == "100000002" else 0):
                file.write(piece)
            file.write(f"A good one{after}".encode())
        file.write(f"\n{form.closing}\n".encode())


@pytest.mark.soak
@pytest.mark.parametrize("source", ["pubmed", "jats", "oai_pmh", "exports", "funders"])
def test_a_text_of_a_gigabyte_costs_its_record_and_no_memory(source: str, tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "payload.xml"
    _with_huge_text(path, source, 1 << 30)
    assert path.stat().st_size > 1 << 30
    measure = reader(source, path)
    path.unlink()
    print(f"\n{source}: {measure.codes}, {measure.seconds:.1f} s, {measure.growth >> 20} MiB")
    assert "crosswalk_failed" not in measure.codes
    assert measure.codes
    assert measure.growth < MOST_GROWTH
    assert measure.n_records >= 1


def test_a_text_of_sixty_megabytes_costs_its_record_and_no_memory(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "payload.xml"
    _with_huge_text(path, "pubmed", 60 << 20)
    measure = reader("pubmed", path)
    assert (measure.n_records, measure.codes) == (2, ["record_too_large"])
    assert measure.growth < MOST_GROWTH


def test_the_synthetic_records_are_read(tmp_path: Path, reader: Reader) -> None:
    for source, form in NUMBERED.items():
        path = tmp_path / "works.json"
        path.write_text("\n".join(form % (n, 2000 + n) for n in (1, 2, 3)), encoding="ascii")
        assert all(json.loads(form % (n, 1)) for n in (1, 2, 3))
        measure = reader(source, path)
        assert (measure.n_records, measure.codes) == (3, []), source
