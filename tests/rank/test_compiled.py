from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evigraph.rank import compiled as compiling
from evigraph.rank.compiled import add, compiled, first_byte, prefetch


def _add_up(values: Any, table: Any) -> float:
    total = 0.0
    for item in range(values.size):
        prefetch(values, min(item + 4, values.size - 1))
        prefetch(table, item % table.shape[0])
        total += values[item]
    return total


def test_prefetching_changes_nothing() -> None:
    values, table = np.arange(10.0), np.ones((3, 4))
    assert compiled(_add_up)(values, table) == 45.0
    assert values.tolist() == list(range(10))
    assert table.tolist() == [[1.0] * 4] * 3


def _add_twice(cells: Any, first: int) -> None:
    for _ in range(2):
        add(cells, first, 1.0, 2.0, 3.0, 4.5, 7)


def test_a_record_is_added_to_and_its_neighbours_are_not() -> None:
    cells = np.zeros(16)
    compiled(_add_twice)(cells, 8)
    assert cells[:12].tolist() == [0.0] * 8 + [2.0, 4.0, 6.0, 9.0]
    assert cells.view(np.int64)[12:].tolist() == [14, 0, 0, 0]


def _bytes(word: Any) -> Any:
    return first_byte(word)


def test_the_first_byte_of_a_word_that_is_not_0_is_found() -> None:
    look = compiled(_bytes)
    for item in range(8):
        flags = np.zeros(8, dtype=np.uint8)
        flags[item:] = 1
        assert look(flags.view(np.uint64)[0]) == item


def test_without_a_place_for_a_cache_code_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    given = compiling.njit

    def without_place(cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return given(**options)

    monkeypatch.setattr(compiling, "njit", without_place)
    assert compiled(_add_up)(np.arange(4.0), np.ones((1, 4))) == 6.0


def test_what_is_kept_on_disk_depends_on_all_files_of_the_package() -> None:
    from evigraph.rank.kernel import push

    kept: Any = push
    assert kept._cache._cache_file._source_stamp == compiling.digest_of_package()


def test_arrays_that_may_not_be_written_to_need_no_other_code() -> None:
    from evigraph.rank.graph import citation_graph
    from evigraph.rank.kernel import push
    from evigraph.rank.parameters import Parameters
    from evigraph.rank.solve import solve

    years = np.array([2020, 2019, 2018], dtype=np.int32)
    citing, cited = np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.int32)
    for is_shuffled in (False, True):
        for is_writable in (True, False):
            for array in (years, citing, cited):
                array.flags.writeable = is_writable
            given = citation_graph(years[::-1].copy() if is_shuffled else years, citing, cited)
            solve(given, Parameters.for_year(2020), method="push")
    kept: Any = push
    assert len(kept.signatures) == 1
