from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evigraph.errors import ReleaseError
from evigraph.model.table import Table
from evigraph.model.tables import ALIAS, CITED_REFERENCE, INDICATOR, RELATION
from evigraph.store.keyed import BlockCache, KeyedTable
from evigraph.store.rows import LOOKED_UP, rows_file, write_rows

RELATIONS = ("Cites", "IsCitedBy", "IsPartOf")


def relations(n_sources: int, seed: int = 1) -> list[dict[str, object]]:
    dice = random.Random(seed)
    rows = {
        (f"p{source:03}", dice.choice(RELATIONS), f"p{dice.randrange(n_sources):03}")
        for source in range(n_sources)
        for _ in range(dice.choice([0, 1, 3, 40]))
    }
    return [
        {"source_id": source, "relation": relation, "target_id": target, "sources": [source]}
        for source, relation, target in sorted(rows)
    ]


def written(folder: Path, rows: list[dict[str, object]], parts: int = 1, contract: Table = RELATION) -> KeyedTable:
    folder.mkdir()
    step = -(-len(rows) // parts) or 1
    for part in range(parts):
        chunk = rows[part * step : (part + 1) * step]
        pq.write_table(contract.from_rows(chunk), folder / f"part-{part}.parquet")
    path = folder / "table.rows"
    assert write_rows(contract, folder, path) == len(rows)
    return KeyedTable(path, contract, BlockCache(1 << 20))


@pytest.fixture(params=[1, 200, 3_000, 32_768], autouse=True)
def _block_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one row, a few, many, and as they are: where blocks end must not matter."""
    monkeypatch.setattr("evigraph.store.rows.BLOCK_BYTES", request.param)


@pytest.mark.parametrize("parts", [1, 4, 9])
def test_look_ups_equal_brute_force(tmp_path: Path, parts: int) -> None:
    rows = relations(60)
    table = written(tmp_path / "relation", rows, parts)
    keys = [(row["source_id"], row["relation"], row["target_id"]) for row in rows]
    absent = [("p000", "Cites", "nobody"), ("", "", ""), ("zzz", "Cites", "p001"), ("p030", "Between", "p001")]
    for key, row in zip(keys, rows, strict=True):
        assert table.get(key) == row
    assert [table.get(key) for key in absent] == [None] * 4
    assert table.get_many([*keys[::3], *absent]) == dict(zip(keys[::3], rows[::3], strict=True))
    for source in ("p000", "p017", "p059", "q"):
        whole = [row for row in rows if row["source_id"] == source]
        assert table.range((source,)) == whole
        assert table.count((source,)) == len(whole)
        assert table.counts((source,)) == Counter(row["relation"] for row in whole)
        for relation in RELATIONS:
            expected = [row for row in whole if row["relation"] == relation]
            assert table.count((source, relation)) == len(expected)
            assert table.values((source, relation), "target_id") == [row["target_id"] for row in expected]
            assert table.values((source, relation), "target_id", 2) == [row["target_id"] for row in expected[:2]]
            for offset, limit in ((0, 2), (1, 5), (3, None), (0, 0), (100, 3)):
                end = None if limit is None else offset + limit
                assert table.range((source, relation), offset, limit) == expected[offset:end]


def test_a_hub_across_many_blocks_is_paged_without_gaps(tmp_path: Path) -> None:
    rows = [
        {"source_id": "hub", "relation": "IsCitedBy", "target_id": f"p{n:05}", "sources": ["s"]} for n in range(1000)
    ]
    rows = [{"source_id": "a", "relation": "Cites", "target_id": "hub", "sources": []}, *rows]
    rows.append({"source_id": "z", "relation": "Cites", "target_id": "hub", "sources": []})
    table = written(tmp_path / "relation", rows, 3)
    assert table.count(("hub", "IsCitedBy")) == 1000
    assert table.counts("hub") == {"IsCitedBy": 1000}
    paged = [row for at in range(0, 1000, 33) for row in table.range(("hub", "IsCitedBy"), at, 33)]
    assert paged == rows[1:-1]
    assert list(table.all()) == rows


def test_only_wanted_columns_are_given(tmp_path: Path) -> None:
    table = written(tmp_path / "relation", relations(5))
    assert all(set(row) == {"sources"} for row in table.range(("p001",), columns=("sources",)))


def test_numbers_in_keys_are_compared_as_numbers(tmp_path: Path) -> None:
    rows = [{"product_id": "p", "record_id": "r", "payload": "f", "position": n} for n in range(120)]
    table = written(tmp_path / "cited_reference", rows, contract=CITED_REFERENCE)
    assert [row["position"] for row in table.range(("p", "r"))] == list(range(120))
    found = table.get(("p", "r", "f", 100))
    assert found is not None and found["position"] == 100
    assert table.get(("p", "r", "f", 12)) != table.get(("p", "r", "f", 120))


def test_keys_that_hold_what_json_escapes_and_keys_that_begin_alike(tmp_path: Path) -> None:
    odd = [
        'a"b',
        "a\\",
        "a\\u001f",
        "a\x1f",
        "a\n",
        "a\u2028",
        "a\x7f",
        "é",
        "a",
        "ab",
        "\U0001f600",
        '","product_id":"',
    ]
    rows = sorted(({"alias": key, "product_id": f'\n{{"alias":"{key}",'} for key in odd), key=lambda row: row["alias"])
    table = written(tmp_path / "alias", rows, contract=ALIAS)
    assert [table.get(row["alias"]) for row in rows] == rows
    assert table.get("a\\u001F") is None


def test_every_table_that_is_looked_up_reads_back_as_it_was_written(small: Any) -> None:
    for table in LOOKED_UP:
        rows = small.rows.get(table.name, [])
        expected = table.from_rows(rows).sort_by([(name, "ascending") for name in table.key]).to_pylist()
        assert list(KeyedTable(rows_file(small.folder / "index", table), table).all()) == expected, table.name


def test_numbers_read_back_to_the_last_digit(tmp_path: Path) -> None:
    values = [0.1 + 0.2, 1e-7, 5e-324, 1.7976931348623157e308, 3.0, 1 / 3, 0.0]
    rows = [
        {**dict.fromkeys(INDICATOR.names, 0), "product_id": f"p{n}", "influence": value}
        | {name: "C5" for name in INDICATOR.names if name.endswith("_class")}
        for n, value in enumerate(values)
    ]
    table = written(tmp_path / "indicator", rows, contract=INDICATOR)
    assert [row["influence"] for row in table.all()] == values
    assert all(isinstance(row["popularity"], float) for row in table.all())


def test_empty_parts_and_no_parts(tmp_path: Path) -> None:
    rows = relations(10)
    folder = tmp_path / "relation"
    written(folder, rows, 2)
    pq.write_table(RELATION.empty(), folder / "part-00.parquet")
    pq.write_table(RELATION.empty(), folder / "part-9.parquet")
    assert write_rows(RELATION, folder, folder / "table.rows") == len(rows)
    table = KeyedTable(folder / "table.rows", RELATION)
    assert table.range((rows[0]["source_id"],)) == [row for row in rows if row["source_id"] == rows[0]["source_id"]]
    assert table.get(("zzz", "Cites", "p")) is None
    assert write_rows(RELATION, tmp_path / "absent", tmp_path / "empty.rows") == 0
    nothing = KeyedTable(tmp_path / "empty.rows", RELATION)
    assert nothing.get(("p", "Cites", "q")) is None
    assert nothing.count(("p",)) == 0 and list(nothing.all()) == []


@pytest.mark.parametrize("content", [b"", b"evgrows1", b"nothing of the kind" * 9])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "relation.rows").write_bytes(content)
    with pytest.raises(ReleaseError, match=r"relation\.rows.*build the release again"):
        KeyedTable(tmp_path / "relation.rows", RELATION).get(("a", "b", "c"))
    with pytest.raises(ReleaseError, match=r"absent\.rows.*build the release again"):
        KeyedTable(tmp_path / "absent.rows", RELATION).get(("a", "b", "c"))


def test_many_threads_read_the_same(tmp_path: Path) -> None:
    rows = relations(80)
    table = written(tmp_path / "relation", rows, 5)
    keys = [(row["source_id"], row["relation"], row["target_id"]) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(table.get, keys * 3)) == rows * 3


def test_the_cache_keeps_to_its_bytes() -> None:
    cache = BlockCache(max_bytes=10_000)
    for n in range(500):
        cache.put((n,), b"x" * 100)
    assert sum(cache.get((n,)) is not None for n in range(500)) == 100
    assert cache.get((499,)) is not None
    cache.put(("large",), b"x" * 5000)
    assert cache.get(("large",)) is None
