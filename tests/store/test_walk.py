"""Walking through all products of a release, page by page, in any order."""

from __future__ import annotations

from typing import Any

import pytest

from evigraph.store.query import And, Between, Exact, Not, Word
from evigraph.store.release import Release
from evigraph.store.search import ORDERS


@pytest.fixture(scope="module")
def release(small: Any) -> Release:
    return Release.open(small.home)


def walked(release: Release, order: str | None, size: int, is_reversed: bool = False) -> list[str]:
    ids: list[str] = []
    after = None
    while True:
        page = release.search.walk(None, order, after=after, limit=size, is_reversed=is_reversed)
        assert page.total == release.search.n_documents
        ids += [card["product_id"] for card in page.hits]
        if page.next is None:
            return ids
        after = page.next


@pytest.mark.parametrize("order", [None, *ORDERS])
def test_every_product_once_in_every_order(release: Release, small: Any, order: str | None) -> None:
    ids = walked(release, order, 41)
    assert len(ids) == len(set(ids)) == len(small.products)
    assert walked(release, order, 7) == ids
    assert walked(release, order, 50, is_reversed=True) == ids[::-1]
    pages = [release.search.walk(None, order, offset=at, limit=100) for at in range(0, len(ids), 100)]
    assert [card["product_id"] for page in pages for card in page.hits] == ids


def test_the_order_without_a_name_is_that_of_ids(release: Release, small: Any) -> None:
    assert walked(release, None, 60) == sorted(small.products)


def test_only_what_was_asked_for(release: Release, small: Any) -> None:
    asked = And((Exact("type", "publication"), Not(Word("peer")), Between("date_number", 20150000, 20201231)))
    found = release.search.walk(asked, "date", limit=1000).hits
    assert found and all(card["type"] == "publication" and 2015 <= (card["year"] or 0) <= 2020 for card in found)
    expected = {
        row["product_id"]
        for row in small.products.values()
        if row["type"] == "publication" and row["year"] and 2015 <= row["year"] <= 2020
    }
    assert {card["product_id"] for card in found} < expected | {""}
    values, total = release.search.counts(asked, "year")
    assert sum(n for _, n in values) == total == len(found)


def test_dates_are_compared_as_far_as_they_are_stated(release: Release, small: Any) -> None:
    dated = {key: row["published_on"] for key, row in small.products.items() if row["published_on"]}
    bound = sorted(dated.values())[len(dated) // 2]
    number = int(bound.replace("-", "").ljust(8, "0"))
    found = release.search.walk(Between("date_number", number, None), None, limit=1000).hits
    expected = {key for key, value in dated.items() if int(value.replace("-", "").ljust(8, "0")) >= number}
    assert {card["product_id"] for card in found} == expected
