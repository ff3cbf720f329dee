from __future__ import annotations

from itertools import combinations
from typing import Any

import ibis
import pytest

from evigraph.deduplicate.blocks import MAX_SAME_TITLE, WINDOW, block_keys, pairs, recurring_titles, title_words
from evigraph.model.tables import BLOCK_KEY


def _pairs(backend: Any, rows: list[tuple[str, str, str | None]]) -> set[tuple[str, str]]:
    made = [{"key": key, "record_id": record_id, "title_key": title} for key, record_id, title in rows]
    answer = backend.to_pyarrow(pairs(ibis.memtable(BLOCK_KEY.from_rows(made)))).to_pylist()
    found = [(row["record_id_l"], row["record_id_r"]) for row in answer]
    assert len(found) == len(set(found))
    return set(found)


def test_keys_of_a_title_of_many_words() -> None:
    assert block_keys("publication", "search for the standard model higgs boson", 3, []) == [
        "publication:3-0-rchstadel",
        "publication:3-0-seaardmod",
    ]


def test_keys_of_short_titles() -> None:
    assert block_keys("publication", "imaginary networks", 1, []) == [
        "publication:1-0-arynet",
        "publication:1-0-imarks",
    ]
    assert block_keys("publication", "the networks", 1, []) == ["publication:1-0-networks"]
    assert block_keys("publication", "on it", 1, []) == ["publication:1-0-onit"]


def test_words_divided_by_ten_and_authors_above_the_limit() -> None:
    assert block_keys("publication", "networks " * 25, 300, [])[0].startswith("publication:21-2-")


@pytest.mark.parametrize(("title", "n_authors"), [(None, 2), ("imaginary networks", 0)])
def test_no_key_without_title_or_authors(title: str | None, n_authors: int) -> None:
    assert block_keys("publication", title, n_authors, []) == []


def test_addresses_of_software_are_keys() -> None:
    assert block_keys("software", None, 0, ["code.example/x"]) == ["software:url:code.example/x"]


def test_words_of_other_scripts_count_from_two_letters_on() -> None:
    assert title_words("중국 과학 연구") == ["중국", "과학", "연구"]
    assert title_words("中国的科学研究") == ["中国的科学研究"]


def test_stop_words_make_no_key() -> None:
    assert title_words("between networks without people") == ["networks", "people"]


def test_pairs_inside_keys_only(backend: Any) -> None:
    rows = [("k", "b", "t"), ("k", "a", "t"), ("m", "c", "t"), ("k", "d", "s"), ("m", "a", "t")]
    assert _pairs(backend, rows) == {("a", "b"), ("a", "d"), ("b", "d"), ("a", "c")}


def test_a_pair_that_shares_two_keys_comes_once(backend: Any) -> None:
    assert _pairs(backend, [(key, record, "t") for key in "km" for record in "ab"]) == {("a", "b")}


def test_every_pair_within_the_window_and_none_beyond(backend: Any) -> None:
    n = 3 * WINDOW + 17
    rows = [("k", f"r{n - place:04}", f"title {place:04}") for place in range(n)]
    expected = {
        tuple(sorted((rows[left][1], rows[right][1])))
        for left, right in combinations(range(n), 2)
        if right - left <= WINDOW
    }
    assert _pairs(backend, rows) == expected


def test_a_recurring_title_is_left_out(backend: Any) -> None:
    rows = [("k", f"r{place:04}", "annual gathering") for place in range(MAX_SAME_TITLE + 1)]
    rows += [("k", "x", "annual gathering of networks"), ("k", "y", "annual gathering of networks")]
    assert _pairs(backend, rows) == {("x", "y")}
    table = BLOCK_KEY.from_rows([{"key": k, "record_id": r, "title_key": t} for k, r, t in rows])
    assert backend.to_pyarrow(recurring_titles(ibis.memtable(table))).to_pylist() == [
        {"key": "k", "title_key": "annual gathering", "n_records": MAX_SAME_TITLE + 1}
    ]
