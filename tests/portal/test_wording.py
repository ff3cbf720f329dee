from __future__ import annotations

import pytest

from evigraph.portal import wording
from evigraph.portal.rendering import web_address
from evigraph.portal.search_page import Asked


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("2024", "2024"),
        ("2024-09", "September 2024"),
        ("2024-09-01", "1 September 2024"),
        ("2024-09-01T10:00:00Z", "1 September 2024"),
        ("2024-13", "2024"),
        ("spring", "spring"),
        (None, ""),
    ],
)
def test_dates(stated: str | None, shown: str) -> None:
    assert wording.date(stated) == shown


def test_numbers_and_plurals() -> None:
    assert wording.plural(1, "version") == "1 version"
    assert wording.plural(51404, "product") == "51,404 products"
    assert wording.plural(2, "copy", "copies") == "2 copies"
    assert wording.joined(["a", "b", "c"]) == "a, b and c"
    assert wording.joined([]) == ""
    assert wording.size(123_456) == "123 kB" and wording.size(1_500_000) == "1.5 MB" and wording.size(None) == ""
    assert wording.instant("2026-01-01T09:30:00+00:00") == "1 January 2026, 09:30 UTC"


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "//host/x", "http:", "", None]
)
def test_only_web_addresses_are_linked(text: str | None) -> None:
    assert web_address(text) is None


def test_an_address_is_read_and_written_alike() -> None:
    pairs = [("q", "peer support"), ("year", "2014-2022"), ("type", "dataset"), ("sort", "date"), ("page", "3")]
    asked = Asked.read(pairs)
    assert Asked.read(asked.items()) == asked
    assert asked.toggled("type", "dataset").filters == {"year": ("2014-2022",)}
    assert asked.toggled("type", "software").filters["type"] == ("dataset", "software")
    assert asked.toggled("type", "software").page == 1
    assert Asked.read([("page", "-1"), ("sort", "beauty"), ("per_page", "9999")]) == Asked(per_page=100)
