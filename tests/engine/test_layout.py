from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evigraph.engine.layout import check_keys, write_rows
from evigraph.errors import ContractError
from evigraph.model.tables import LINK, MEMBER


def member(*ids: str | None) -> pa.Table:
    return pa.table({"record_id": pa.array(ids, pa.string()), "product_id": pa.array(["p"] * len(ids), pa.string())})


def test_rows_are_written_in_key_order(tmp_path: Path) -> None:
    assert write_rows(MEMBER, member("b", "a", "c"), tmp_path / "member") == 3
    assert pq.read_table(tmp_path / "member" / "part-00000.parquet")["record_id"].to_pylist() == ["a", "b", "c"]


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="twice"):
        write_rows(MEMBER, member("b", "a", "b"), tmp_path / "member")


def test_a_null_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="null"):
        write_rows(MEMBER, member("b", None), tmp_path / "member")


def test_keys_out_of_order_across_files_are_found(tmp_path: Path) -> None:
    pq.write_table(member("a", "c"), tmp_path / "part-00000.parquet")
    pq.write_table(member("b"), tmp_path / "part-00001.parquet")
    with pytest.raises(ContractError, match="out of order"):
        check_keys(MEMBER, tmp_path)


def test_keys_of_several_columns_are_compared_in_order(tmp_path: Path) -> None:
    rows = [
        {"record_id": "r:1", "payload": "p", "relation": "Cites", "scheme": "doi", "value": value}
        for value in ("10.5555/b", "10.5555/a")
    ] + [{"record_id": "r:0", "payload": "q", "relation": "Cites", "scheme": "doi", "value": "10.5555/z"}]
    assert write_rows(LINK, LINK.from_rows(rows), tmp_path / "link") == 3


def test_a_column_that_was_written_as_another_type_is_refused(tmp_path: Path) -> None:
    rows = member("a").set_column(1, "product_id", pa.array([1.0]))
    pq.write_table(rows, tmp_path / "part-00000.parquet")
    with pytest.raises(ContractError, match="product_id was written as double"):
        check_keys(MEMBER, tmp_path)
