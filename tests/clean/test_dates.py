"""Dates in ISO 8601 as precise as stated."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evigraph.clean.dates import date_from_parts, date_from_text, is_plausible_year, year_of


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        ([2021, 3, 9], "2021-03-09"),
        (["2021", "Mar", "09"], "2021-03-09"),
        (["2021", "september"], "2021-09"),
        ([2021], "2021"),
        ([2021, None, 9], "2021"),
        ([2021, 13, 1], "2021"),
        ([2021, 2, 30], "2021-02"),
        ([2020, 2, 29], "2020-02-29"),
        ([2021.0, 3.0], "2021-03"),
        ([1399], None),
        ([1400], "1400"),
        ([2100, 12], "2100-12"),
        ([2101], None),
        ([21], None),
        ([None], None),
        ([True], None),
        (["②⓪②①"], None),
        ([], None),
        (None, None),
    ],
)
def test_date_from_parts(parts: Sequence[object] | None, date: str | None) -> None:
    assert date_from_parts(parts) == date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2021-03-09", "2021-03-09"),
        ("2021-03-09T23:59:59Z", "2021-03-09"),
        ("2021-03", "2021-03"),
        ("2021/3/9", "2021-03-09"),
        ("20210309", "2021-03-09"),
        ("9 March 2021", "2021-03-09"),
        ("9th of March 2021", "2021-03"),
        ("March 9, 2021", "2021-03-09"),
        ("Mar. 2021", "2021-03"),
        ("Mar/Apr 2021", "2021-03"),
        ("1998 Dec-1999 Jan", "1998-12"),
        ("1977 Jul-Aug", "1977-07"),
        ("1977 Jul 15-30", "1977-07-15"),
        ("1999 Dec 31-2000 Jan 6", "1999-12-31"),
        ("2001 Spring", "2001"),
        ("Summer 2001", "2001"),
        ("2000-2001", "2000"),
        ("1998-99", "1998"),
        ("2019 1st Quart", "2019"),
        ("09/03/2021", "2021"),
        ("c1998", "1998"),
        ("[1998?]", "1998"),
        ("2021-02-31", "2021-02"),
        ("0001", None),
        ("12345", None),
        ("in press", None),
        ("", None),
        (None, None),
    ],
)
def test_date_from_text(text: str | None, date: str | None) -> None:
    assert date_from_text(text) == date


def test_years() -> None:
    assert [is_plausible_year(year) for year in (1399, 1400, 2100, 2101)] == [False, True, True, False]
    assert (year_of("2021-03"), year_of(None)) == (2021, None)


def test_a_day_beyond_any_calendar_ends_the_precision() -> None:
    assert date_from_parts([2020, 1, 10**30]) == "2020-01"
