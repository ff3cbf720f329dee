from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from evigraph.engine.layout import write_rows
from evigraph.errors import ReleaseError
from evigraph.model.table import Table
from evigraph.model.tables import ALIAS, MEMBER
from evigraph.publish.freeze import freeze
from evigraph.store.release import releases
from evigraph.store.releases import prune, remove_partial, rollback, served_manifest

FACTS = {"graph": {"name": "test"}, "ranking": {}, "sources": [], "counts": {"products": 1}}


def tables(folder: Path, product: str) -> dict[Table, list[Path]]:
    write_rows(MEMBER, MEMBER.from_rows([{"record_id": "x:1", "product_id": product}]), folder / "member")
    write_rows(ALIAS, ALIAS.from_rows([{"alias": "x:1", "product_id": product}]), folder / "alias")
    return {MEMBER: [folder / "member"], ALIAS: [folder / "alias"]}


def index_of(_: Path, index: Path) -> int:
    index.mkdir()
    (index / "documents").write_text("1")
    return 1


def test_a_release_is_whole_and_served(tmp_path: Path) -> None:
    manifest = freeze(tmp_path, tables(tmp_path / "work", "p"), FACTS, index_of)
    folder = tmp_path / "releases" / manifest["release_id"]
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    assert pq.read_table(folder / "tables" / "member").num_rows == 1
    assert manifest["tables"]["member"]["rows"] == 1
    assert manifest["index"]["documents"] == 1


def test_the_same_rows_are_not_released_again(tmp_path: Path) -> None:
    first = freeze(tmp_path, tables(tmp_path / "a", "p"), FACTS, index_of)
    again = freeze(tmp_path, tables(tmp_path / "b", "p"), FACTS, index_of)
    assert again["release_id"] == first["release_id"]
    assert len(releases(tmp_path)) == 1


def test_the_work_may_go_and_the_release_stays(tmp_path: Path) -> None:
    manifest = freeze(tmp_path, tables(tmp_path / "work", "p"), FACTS, index_of)
    (tmp_path / "work" / "member" / "part-00000.parquet").unlink()
    assert pq.read_table(tmp_path / "releases" / manifest["release_id"] / "tables" / "member").num_rows == 1


def test_a_failing_index_leaves_the_served_release(tmp_path: Path) -> None:
    first = freeze(tmp_path, tables(tmp_path / "a", "p"), FACTS, index_of)

    def fails(_: Path, __: Path) -> int:
        raise RuntimeError("no space left")

    with pytest.raises(RuntimeError):
        freeze(tmp_path, tables(tmp_path / "b", "q"), FACTS, fails)
    served = served_manifest(tmp_path)
    assert served is not None
    assert served.release_id == first["release_id"]
    assert len(releases(tmp_path)) == 1
    remove_partial(tmp_path)
    assert [path.name for path in (tmp_path / "releases").iterdir()] == [first["release_id"]]


def test_rollback_and_prune(tmp_path: Path) -> None:
    ids = [freeze(tmp_path, tables(tmp_path / "w", name), FACTS, index_of)["release_id"] for name in "abc"]
    assert rollback(tmp_path) == ids[1]
    assert rollback(tmp_path) == ids[0]
    with pytest.raises(ReleaseError, match="before"):
        rollback(tmp_path)
    assert prune(tmp_path, keep=1) == [ids[1]]
    assert [summary.manifest.release_id for summary in releases(tmp_path)] == [ids[2], ids[0]]


def test_there_is_nothing_to_go_back_from(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="evigraph run"):
        rollback(tmp_path)
