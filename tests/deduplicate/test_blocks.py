from __future__ import annotations

from itertools import combinations
from typing import Any

import ibis
import pyarrow as pa
import pytest

from evigraph.deduplicate.blocks import WINDOW, block_keys, content_words, large_blocks, n_bits, pairs, signature
from evigraph.model.tables import BLOCK_KEY


def _pairs(backend: Any, rows: list[tuple[str, str, str | None]]) -> set[tuple[str, str]]:
    made = [{"key": key, "record_id": record_id, "place": title, "signature": 0} for key, record_id, title in rows]
    answer = backend.to_pyarrow(pairs(ibis.memtable(BLOCK_KEY.from_rows(made)))).to_pylist()
    found = [(row["record_id_l"], row["record_id_r"]) for row in answer]
    assert len(found) == len(set(found))
    return set(found)


def _keys(title: str | None, names: list[str] | None = None, **stated: Any) -> set[str]:
    given = {"year": None, "venue": None, "volume": None, "first_page": None} | stated
    return set(block_keys(title, given.pop("is_generic", False), names or [], **given))


def test_a_slip_leaves_a_key_in_common() -> None:
    title = "peer support networks for imaginary patients with melancholia"
    keys = _keys(title, ["nowak, ada"])
    for other in (
        "pear support networks for imaginary patients with melancholia",
        "peer support network for imaginary patient with melancholia",
        "peer support networks for imaginary patients",
        "networks for imaginary patients with melancholia peer support",
        title + " nowak a journal of imaginary medicine 2020",
    ):
        assert keys & _keys(other), other


def test_authors_in_the_title_meet_authors() -> None:
    assert _keys("melancholia nowak", []) & _keys("melancholia", ["nowak, ada"])


def test_a_translation_meets_by_author_and_page() -> None:
    left = _keys("sobre las redes mentales", ["nowak, ada"], volume="12", first_page="123", year=2020)
    right = _keys("on imaginary networks", ["nowak, a"], volume="12", first_page="123", year=2020)
    assert left & right == {"p:nowak 123 12"}


def test_a_record_without_title_or_authors_has_the_keys_it_can() -> None:
    assert _keys(None) == set()
    assert _keys(None, pids=[("doi", "10.5555/x")], urls=["code.example/x"]) == {"doi:10.5555/x", "url:code.example/x"}
    assert _keys("imaginary networks") == {
        *("t:imaginary networks", "r:imaginarynetworks", "h:imagi netwo", "w:imagi netwo")
    }


def test_a_generic_title_is_a_key_only_with_author_and_year() -> None:
    assert _keys("editorial", ["nowak, ada"], is_generic=True, year=2020) == {"g:editorial|nowak|2020"}


def test_content_words() -> None:
    assert content_words("between networks without people in 1990") == ["networks", "people"]
    assert content_words("중국 과학 연구") == ["중국", "과학", "연구"]


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


@pytest.mark.parametrize(("n", "n_pairs"), [(WINDOW + 1, (WINDOW + 1) * WINDOW // 2), (WINDOW + 2, 0)])
def test_a_head_or_an_end_that_many_titles_share_is_no_key(backend: Any, n: int, n_pairs: int) -> None:
    assert len(_pairs(backend, [("e:ematicreview", f"r{place:03}", f"{place:03}") for place in range(n)])) == n_pairs


def test_large_blocks_are_told(backend: Any) -> None:
    rows = [
        {"key": key, "record_id": str(n), "place": "", "signature": 0}
        for key, n_rows in (("a", 21), ("b", 22))
        for n in range(n_rows)
    ]
    found = backend.to_pyarrow(large_blocks(ibis.memtable(BLOCK_KEY.from_rows(rows)))).to_pylist()
    assert found == [{"key": "b", "n_records": 22}] and WINDOW == 20


def test_few_words_in_common_are_not_enough(backend: Any) -> None:
    titles = {
        "a": "peer support networks for imaginary patients",
        "b": "peer support of sailors during winter storms and long voyages",
        "c": "imaginary patients and their networks of peer support",
    }
    rows = [
        {"key": "w:peer suppo", "record_id": key, "place": "", "signature": signature(titles[key])} for key in "abc"
    ]
    found = backend.to_pyarrow(pairs(ibis.memtable(BLOCK_KEY.from_rows(rows)))).to_pylist()
    met = {(row["record_id_l"], row["record_id_r"]) for row in found}
    assert ("a", "c") in met and ("a", "b") not in met


def test_bits_are_counted(backend: Any) -> None:
    numbers = [0, 1, 2, 3, 255, 2**61, 2**61 - 1, 0x0123456789ABCDEF]
    table = ibis.memtable(pa.table({"number": pa.array(numbers, pa.int64())}))
    counted = backend.to_pyarrow(table.select("number", n=n_bits(table.number))).to_pylist()
    assert {row["number"]: row["n"] for row in counted} == {number: number.bit_count() for number in numbers}
