from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from evigraph.deduplicate.comparables import (
    comparable_from_row,
    comparable_of,
    comparables,
    folded_address,
    folded_name,
)
from evigraph.model.pid import Pid
from evigraph.model.tables import COMPARABLE, RECORD

Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("full", "given", "family", "folded"),
    [
        ("Ada Nowak", "Ada", "Nowak", "nowak, ada"),
        ("Nowak, Ada", None, None, "nowak, ada"),
        ("Nowak AM", "AM", "Nowak", "nowak, a m"),
        ("A. M. Nowak", "A. M.", "Nowak", "nowak, a m"),
        ("Jean‐Pierre O’Brien", "Jean‐Pierre", "O’Brien", "obrien, jean pierre"),
        ("Synthetic Working Group", None, None, "synthetic working group"),
        ("王小明", None, None, "王小明"),
        ("Nowak", None, "Nowak", "nowak"),
        (None, "Ada", None, "ada"),
        ("…", None, None, ""),
        (None, None, None, ""),
    ],
)
def test_names_are_folded(full: str | None, given: str | None, family: str | None, folded: str) -> None:
    assert folded_name(full, given, family) == folded


def test_addresses_are_folded() -> None:
    assert (
        folded_address("HTTPS://www.Code.example/x.git") == folded_address("http://code.example/X/") == "code.example/x"
    )


def test_authors_without_a_name_do_not_count(record: Make) -> None:
    row = record("crossref", "a", names=["Ada Nowak"])
    row["authors"].append({"rank": 2, "full_name": " - "})
    assert comparable_of(row).n_authors == 1


def test_only_identifiers_that_make_identity_are_kept(record: Make) -> None:
    row = record("crossref", "a", pids=["pmid:1", "doi:10.5555/x", "isbn:3", "doi:10.5555/xxxx.xxxx", "doi:10.5555/x"])
    assert comparable_of(row).pids == (Pid("doi", "10.5555/x"), Pid("pmid", "1"))


def test_a_batch_gives_what_its_rows_give(record: Make) -> None:
    rows = _rows(record)
    batch = RECORD.from_rows(rows).combine_chunks().to_batches()[0]
    answer = comparables(batch)
    assert answer.schema == COMPARABLE.schema
    assert answer.num_rows == len(rows)
    for row, got in zip(rows, answer.to_pylist(), strict=True):
        assert comparable_from_row(got) == comparable_of(row)


def test_where_it_appeared(record: Make) -> None:
    place = {"name": "The Journal of Imaginary Networks", "volume": "012", "first_page": "S123", "last_page": "9"}
    found = comparable_of(record("crossref", "a", container=place))
    assert (found.venue, found.volume, found.first_page, found.last_page) == (
        "journal imaginary networks",
        "12",
        "s123",
        "129",
    )


def test_a_venue_and_a_year_that_stand_in_the_title_are_moved(record: Make) -> None:
    row = record(
        "acm", "a", title="On networks that nobody has seen acm conference on imaginary matters 1999", year=None
    )
    found = comparable_of(row)
    assert (found.title_key, found.year) == ("on networks that nobody has seen", 1999)
    assert found.venue == "acm conference imaginary matters"
    stays = comparable_of(row | {"year": 2001, "container": {"name": "Imaginary Letters"}})
    assert stays.title_key == "on networks that nobody has seen acm conference on imaginary matters 1999"


def test_a_year_in_brackets_before_a_title_is_moved(record: Make) -> None:
    row = record("cora", "a", title="(1993) 'Improving imaginary networks',", year=None)
    found = comparable_of(row)
    assert (found.title_key, found.year) == ("improving imaginary networks", 1993)
    assert comparable_of(row | {"year": 1994}).title_key == "1993 improving imaginary networks"
    guidelines = comparable_of(row | {"title": "2019 guidelines for imaginary networks"})
    assert (guidelines.title_key, guidelines.year) == ("2019 guidelines for imaginary networks", None)


def _rows(record: Make) -> list[dict[str, Any]]:
    return [
        record("crossref", "a", pids=["pmid:1", "doi:10.5555/x"], subtitle="part II"),
        record("crossref", "b", title=None, type=None) | {"pids": None, "authors": None},
        record(
            "crossref", "c", type="software", instances=[{"urls": ["https://code.example/x", None]}, {"urls": None}]
        ),
        record("crossref", "d", names=[f"A{n} Nowak" for n in range(250)], instances=[{"urls": ["https://x.example"]}]),
    ]


def test_a_slice_of_a_batch_gives_its_own_rows(record: Make) -> None:
    batch = RECORD.from_rows(_rows(record)).combine_chunks().to_batches()[0]
    assert pa.Table.from_batches([comparables(batch.slice(2))]) == pa.Table.from_batches([comparables(batch)]).slice(2)
