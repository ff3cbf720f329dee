from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from evigraph.engine.regroup import whole_groups


def batch(values: list[str]) -> pa.RecordBatch:
    return pa.record_batch({"key": pa.array(values, pa.string()), "n": pa.array(range(len(values)), pa.int64())})


@given(st.lists(st.sampled_from("abcdef"), max_size=60).map(sorted), st.integers(1, 9), st.integers(1, 12))
def test_groups_stay_whole_and_nothing_is_lost(values: list[str], cut: int, rows: int) -> None:
    batches = [batch(values[start : start + cut]) for start in range(0, len(values), cut)]
    given_back = [b.column(0).to_pylist() for b in whole_groups(batches, "key", rows)]
    assert [value for part in given_back for value in part] == values
    for left, right in pairwise(given_back):
        assert left[-1] != right[0]


def test_a_group_larger_than_a_batch_is_one_batch() -> None:
    parts = list(whole_groups([batch(["a"] * 5), batch(["a"] * 5), batch(["b"])], "key", rows=3))
    assert [part.num_rows for part in parts] == [10, 1]
