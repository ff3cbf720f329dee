from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from evigraph.errors import ReleaseError
from evigraph.model.tables import ALIAS, CITED_REFERENCE, RELATION
from evigraph.store.keyed import GroupCache, KeyedTable

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


def written(folder: Path, rows: list[dict[str, object]], parts: int, row_group: int) -> KeyedTable:
    folder.mkdir()
    step = -(-len(rows) // parts) or 1
    for part in range(parts):
        chunk = rows[part * step : (part + 1) * step]
        pq.write_table(RELATION.from_rows(chunk), folder / f"part-{part}.parquet", row_group_size=row_group)
    return KeyedTable(folder, RELATION, GroupCache(1 << 20))


@pytest.mark.parametrize(("parts", "row_group"), [(1, 1000), (1, 7), (4, 16), (9, 1)])
def test_look_ups_equal_brute_force(tmp_path: Path, parts: int, row_group: int) -> None:
    rows = relations(60)
    table = written(tmp_path / "relation", rows, parts, row_group)
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
        for relation in RELATIONS:
            expected = [row for row in whole if row["relation"] == relation]
            assert table.count((source, relation)) == len(expected)
            assert table.values((source, relation), "target_id") == [row["target_id"] for row in expected]
            for offset, limit in ((0, 2), (1, 5), (3, None), (0, 0), (100, 3)):
                end = None if limit is None else offset + limit
                assert table.range((source, relation), offset, limit) == expected[offset:end]


def test_a_hub_across_many_row_groups_is_paged_without_gaps(tmp_path: Path) -> None:
    rows = [
        {"source_id": "hub", "relation": "IsCitedBy", "target_id": f"p{n:05}", "sources": ["s"]} for n in range(1000)
    ]
    rows = [{"source_id": "a", "relation": "Cites", "target_id": "hub", "sources": []}, *rows]
    rows.append({"source_id": "z", "relation": "Cites", "target_id": "hub", "sources": []})
    table = written(tmp_path / "relation", rows, 3, 10)
    assert table.count(("hub", "IsCitedBy")) == 1000
    paged = [row for at in range(0, 1000, 33) for row in table.range(("hub", "IsCitedBy"), at, 33)]
    assert paged == rows[1:-1]


def test_only_wanted_columns_are_given(tmp_path: Path) -> None:
    table = written(tmp_path / "relation", relations(5), 1, 10)
    assert all(set(row) == {"sources"} for row in table.range(("p001",), columns=("sources",)))


def test_numbers_in_keys_are_compared_as_numbers(tmp_path: Path) -> None:
    rows = [{"product_id": "p", "record_id": "r", "payload": "f", "position": n} for n in range(120)]
    (tmp_path / "cited_reference").mkdir()
    pq.write_table(CITED_REFERENCE.from_rows(rows), tmp_path / "cited_reference" / "part-0.parquet", row_group_size=9)
    table = KeyedTable(tmp_path / "cited_reference", CITED_REFERENCE)
    assert [row["position"] for row in table.range(("p", "r"))] == list(range(120))
    found = table.get(("p", "r", "f", 100))
    assert found is not None and found["position"] == 100


def test_files_that_duckdb_wrote_and_files_without_statistics_are_read(tmp_path: Path) -> None:
    rows = [{"alias": f"doi:10.5555/{n:04}", "product_id": f"p{n}"} for n in range(5000)]
    data = ALIAS.from_rows(rows)
    for name in ("duck", "plain"):
        (tmp_path / name).mkdir()
    duckdb.register("given", data)
    duckdb.sql(f"COPY (FROM given ORDER BY alias) TO '{tmp_path}/duck/part-0.parquet' (ROW_GROUP_SIZE 2048)")
    pq.write_table(data, tmp_path / "plain" / "part-0.parquet", write_statistics=False, row_group_size=500)
    for name in ("duck", "plain"):
        table = KeyedTable(tmp_path / name, ALIAS)
        for n in (0, 1, 499, 500, 2047, 2048, 4999):
            assert table.get(f"doi:10.5555/{n:04}") == rows[n], name
        assert table.get("doi:10.5555/5000") is None


def test_empty_parts_and_no_parts(tmp_path: Path) -> None:
    rows = relations(10)
    folder = tmp_path / "relation"
    table = written(folder, rows, 2, 10)
    pq.write_table(RELATION.empty(), folder / "part-00.parquet")
    pq.write_table(RELATION.empty(), folder / "part-9.parquet")
    table = KeyedTable(folder, RELATION)
    assert table.range((rows[0]["source_id"],)) == [row for row in rows if row["source_id"] == rows[0]["source_id"]]
    assert table.get(("zzz", "Cites", "p")) is None
    nothing = KeyedTable(tmp_path / "absent", RELATION)
    assert nothing.get(("p", "Cites", "q")) is None
    assert nothing.count(("p",)) == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "relation").mkdir()
    (tmp_path / "relation" / "part-0.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    with pytest.raises(ReleaseError, match=r"part-0\.parquet.*build the release again"):
        KeyedTable(tmp_path / "relation", RELATION).get(("a", "b", "c"))


def test_many_threads_read_the_same(tmp_path: Path) -> None:
    rows = relations(80)
    table = written(tmp_path / "relation", rows, 5, 11)
    keys = [(row["source_id"], row["relation"], row["target_id"]) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(table.get, keys * 3)) == rows * 3


def test_the_cache_keeps_to_its_bytes() -> None:
    cache = GroupCache(max_bytes=10_000)
    table = ALIAS.from_rows([{"alias": "a" * 100, "product_id": "p"}])
    for n in range(500):
        cache.put((n,), table)
    kept = sum(cache.get((n,)) is not None for n in range(500))
    assert 0 < kept <= 10_000 // table.nbytes
    assert cache.get((499,)) is not None
    cache.put(("large",), ALIAS.from_rows([{"alias": "a" * 5000, "product_id": "p"}]))
    assert cache.get(("large",)) is None
