from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.model.tables import PRODUCT, SCORE
from evigraph.publish.canonical import CanonicalHash, hash_release

texts = st.none() | st.text(max_size=6)
pids = st.none() | st.lists(st.fixed_dictionaries({"scheme": texts, "value": texts}), max_size=3)
products = st.lists(
    st.fixed_dictionaries(
        {
            "title": texts,
            "year": st.none() | st.integers(-5, 3000),
            "is_retracted": st.none() | st.booleans(),
            "pids": pids,
            "descriptions": st.none() | st.lists(texts, max_size=3),
            "container": st.none() | st.fixed_dictionaries({"name": texts, "volume": texts}),
            "instances": st.none() | st.lists(st.fixed_dictionaries({"pids": pids, "license": texts}), max_size=2),
        }
    ),
    max_size=8,
)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    return PRODUCT.from_rows([{"product_id": f"{place:04d}", **row} for place, row in enumerate(rows)])


def hash_of(table: pa.Table, cut: int = 1000) -> str:
    running = CanonicalHash(PRODUCT)
    for batch in table.to_batches(max_chunksize=cut):
        running.update(batch)
    return running.hexdigest()


@given(products, st.integers(1, 5))
def test_the_cut_into_batches_has_no_part_in_the_hash(rows: list[dict[str, Any]], cut: int) -> None:
    table = table_of(rows)
    assert hash_of(table, cut) == hash_of(table)
    # A slice keeps what lies before and behind it in its buffers.
    framed = pa.concat_tables([table_of([{"title": "before"}]), table, table_of([{"title": "behind"}])])
    assert hash_of(framed.combine_chunks().slice(1, len(rows))) == hash_of(table)


@given(products, products)
def test_other_rows_have_another_hash(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    left_table, right_table = table_of(left), table_of(right)
    assert (hash_of(left_table) == hash_of(right_table)) == (left_table.to_pylist() == right_table.to_pylist())


def test_text_moved_to_the_next_row_is_seen() -> None:
    assert hash_of(table_of([{"title": "ab"}, {"title": "c"}])) != hash_of(table_of([{"title": "a"}, {"title": "bc"}]))


def test_an_empty_list_is_not_a_missing_one() -> None:
    assert hash_of(table_of([{"pids": []}])) != hash_of(table_of([{"pids": None}]))


def test_zero_has_one_sign() -> None:
    def of(value: float) -> str:
        running = CanonicalHash(SCORE)
        names = ("citation_count", "impulse", "influence", "popularity", "ram")
        classes = dict.fromkeys((f"{name}_class" for name in names), "C5")
        scores = {"citation_count": 0, "impulse": 0, "influence": value, "popularity": 0.5, "ram": 0.0}
        row = {"node": 0, **scores, **classes}
        running.update(SCORE.from_rows([row]).to_batches()[0])
        return running.hexdigest()

    assert of(0.0) == of(-0.0)


@pytest.mark.parametrize("other", [{"a": "1"}, {"a": "1", "b": "3"}, {"a": "1", "c": "2"}])
def test_a_release_hash_covers_names_and_hashes(other: dict[str, str]) -> None:
    assert hash_release({"a": "1", "b": "2"}) != hash_release(other)
