from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from evigraph.clean import archive, archive_entries
from evigraph.clean.archive import batches_of
from evigraph.clean.crossref import crosswalk as crossref
from evigraph.clean.openaire import crosswalk as openaire
from evigraph.clean.told import GuardedCrosswalk
from evigraph.model.tables import TABLES

Rows = dict[str, list[dict[str, Any]]]


def read(path: Path, crosswalk: Any = crossref.crosswalk, source: str = "crossref") -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in batches_of(crosswalk, source, str(path)):
        batch.validate(full=True)
        found.setdefault(name, []).extend(batch.to_pylist())
    for name in ("record", "reference", "defect"):
        keys = [tuple(row[column] for column in (*TABLES[name].key, "payload")) for row in found[name]]
        assert len(set(keys)) == len(keys), f"{name} has a key twice"
    return found


def codes(rows: Rows) -> list[tuple[int, str]]:
    return [(defect["position"], defect["code"]) for defect in rows["defect"]]


def work(number: int, n_references: int = 2) -> dict[str, Any]:
    return {
        "DOI": f"10.5555/archive.{number}",
        "type": "journal-article",
        "title": [f"A synthetic work in an archive, number {number}"],
        "reference": [{"key": str(at), "DOI": f"10.5555/cited.{at}"} for at in range(n_references)],
    }


def lines(*numbers: int) -> bytes:
    return b"".join(json.dumps(work(number)).encode() + b"\n" for number in numbers)


def tar(path: Path, files: dict[str, bytes], mode: str = "w", **special: Any) -> Path:
    with tarfile.open(path, mode, **special) as target:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


FILES = {
    "dump/0.json.gz": gzip.compress(json.dumps({"items": [work(0), work(1)]}).encode()),
    "dump/1.jsonl.gz": gzip.compress(lines(2, 3, 4)),
    "dump/2.json": json.dumps(work(5)).encode(),
}


@pytest.mark.parametrize("form", ["tar", "tar.gz", "zip"])
def test_each_member_is_read_as_a_file_of_its_own(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"dump.{form}"
    if form == "zip":
        zipped(path, FILES)
    else:
        tar(path, FILES, "w:gz" if form == "tar.gz" else "w")
    rows = read(path)
    assert [(record["position"], record["source_key"]) for record in rows["record"]] == [
        (number, f"10.5555/archive.{number}") for number in range(6)
    ]
    assert {row["payload"] for row in (*rows["record"], *rows["reference"])} == {path.name}
    # A place in a reference list is a place in that list, whatever came before it in the archive.
    assert sorted(row["position"] for row in rows["reference"]) == [0] * 6 + [1] * 6
    assert rows["defect"] == []


def test_what_is_no_archive_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "works.jsonl"
    path.write_bytes(lines(1, 2))
    assert [record["position"] for record in read(path)["record"]] == [0, 1]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_in_every_kind_of_tar(tmp_path: Path, form: int) -> None:
    name = f"{'folder-' * 12}x/{'file' * 20}.jsonl"
    if form != tarfile.USTAR_FORMAT:
        name = f"{'ž' * 90}/{name}"
    rows = read(tar(tmp_path / "long.tar", {name: lines(1), "bad.jsonl": b"{"}, format=form))
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/archive.1"]
    kind = archive_entries.archive_kind(tmp_path / "long.tar")
    assert kind == "tar"
    found = archive_entries.entries(tmp_path / "long.tar", kind, lambda *_: None)
    assert [entry.name for entry in found] == [name, "bad.jsonl"]


def special(name: str, kind: bytes, **fields: Any) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def test_names_links_and_devices_that_are_refused_cost_themselves(tmp_path: Path) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as target:
        for name in ("../out.json", "a/../../out.json", "/etc/out.json", "C:\\out.json", "..\\out.json"):
            entry = tarfile.TarInfo(name)
            entry.size = 2
            target.addfile(entry, io.BytesIO(b"{}"))
        target.addfile(special("link", tarfile.SYMTYPE, linkname="/etc/passwd"))
        target.addfile(special("hard", tarfile.LNKTYPE, linkname="../out.json"))
        target.addfile(special("device", tarfile.CHRTYPE, devmajor=1, devminor=5))
        target.addfile(special("fifo", tarfile.FIFOTYPE))
        target.addfile(special("folder", tarfile.DIRTYPE))
        entry = tarfile.TarInfo("good.jsonl")
        entry.size = len(lines(1))
        target.addfile(entry, io.BytesIO(lines(1)))
    before = {found for found in tmp_path.parent.rglob("*") if found.name == "out.json"}
    rows = read(path)
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/archive.1"]
    assert codes(rows) == [(-1, "archive_member_refused")] * 9
    assert [defect["ordinal"] for defect in rows["defect"]] == list(range(9))
    assert rows["defect"][0]["message"].startswith("evil.tar: ../out.json: its name leads out of the archive")
    assert {found for found in tmp_path.parent.rglob("*") if found.name == "out.json"} == before


def test_refused_entries_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as target:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc/passwd")
        target.writestr("../out.jsonl", lines(9))
        target.writestr(zipfile.ZipInfo("bz2.jsonl"), lines(8), compress_type=zipfile.ZIP_BZIP2)
        target.writestr("__MACOSX/._good.jsonl", b"resource fork")
        target.writestr("folder/", b"")
        target.writestr("good.jsonl", lines(1))
    rows = read(path)
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/archive.1"]
    assert codes(rows) == [(-1, "archive_member_refused")] * 3


def test_an_archive_in_an_archive_is_named_and_left_out(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"0.jsonl": lines(7)}).read_bytes()
    packed = tar(tmp_path / "inner.tar.gz", {"0.jsonl": lines(8)}, "w:gz").read_bytes()
    rows = read(zipped(tmp_path / "outer.zip", {"a/inner.zip": inner, "inner.tar.gz": packed, "1.jsonl": lines(1)}))
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/archive.1"]
    assert codes(rows) == [(-1, "archive_nested")] * 2
    assert "outer.zip: a/inner.zip: it is a zip archive itself" in rows["defect"][0]["message"]
    assert "Unpack it" in rows["defect"][0]["message"]


def test_a_record_that_an_earlier_member_told_is_counted_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    rows = read(tar(tmp_path / "twice.tar", {"0.jsonl": lines(1, 2), "1.jsonl": lines(2, 3)}))
    assert [record["source_key"][-1] for record in rows["record"]] == ["1", "2", "3"]
    assert codes(rows) == [(2, "repeated_record")]
    assert len(rows["reference"]) == 6


def test_statements_without_records_keep_places_of_their_own(tmp_path: Path) -> None:
    def relation(target: int, kind: str = "Cites") -> bytes:
        ends = {"source": f"synthetic___::{1:032x}", "target": f"synthetic___::{target:032x}"}
        return json.dumps(
            {**ends, "sourceType": "product", "targetType": "product", "relType": {"name": kind}}
        ).encode()

    files = {
        "0.json": relation(2) + b"\n" + relation(3) + b"\n" + relation(9, "IsSupplementTo") + b"\n",
        "1.json": relation(4) + b"\n" + relation(9, "IsSupplementTo") + b"\n" + relation(5) + b"\n",
    }
    rows = read(tar(tmp_path / "relations.tar", files), openaire.crosswalk, "openaire")
    assert [row["pids"][0]["value"][-1] for row in rows["reference"]] == ["2", "3", "4", "5"]
    assert len({row["position"] for row in rows["reference"]}) == 4
    assert len(rows["link"]) == 1


def test_defects_of_members_name_them_and_stand_in_their_place(tmp_path: Path) -> None:
    files = {"x/0.jsonl": lines(1) + b"{broken\n", "x/1.jsonl": b"not json at all", "x/2.jsonl": lines(2)}
    rows = read(tar(tmp_path / "some.tar", files))
    assert [(record["position"], record["source_key"][-1]) for record in rows["record"]] == [(0, "1"), (2, "2")]
    assert codes(rows) == [(1, "json_syntax"), (-1, "wrong_file_type")]
    assert all("some.tar: x/" in defect["message"] for defect in rows["defect"])
    assert all(defect["payload"] == "some.tar" for defect in rows["defect"])


def test_a_crosswalk_that_fails_costs_its_member(tmp_path: Path) -> None:
    def failing(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        if "bad" in path.rsplit("/", 1)[-1]:
            raise RuntimeError("unforeseen")
        yield from crossref.crosswalk(path)

    rows = read(tar(tmp_path / "some.tar", {"bad.json": b"{}", "good.jsonl": lines(1)}), failing)
    assert len(rows["record"]) == 1 and codes(rows) == [(-1, "crosswalk_failed")]
    assert "some.tar: bad.json: reading stopped here (RuntimeError: unforeseen)" in rows["defect"][0]["message"]


def test_a_tar_that_is_cut_off_or_damaged_keeps_what_came_before(tmp_path: Path) -> None:
    path = tar(tmp_path / "whole.tar", {f"{number}.jsonl": lines(number) for number in range(4)})
    content = path.read_bytes()
    (tmp_path / "cut.tar").write_bytes(content[: 3 * 1024 + 600])
    rows = read(tmp_path / "cut.tar")
    assert len(rows["record"]) == 3 and "archive_truncated" in {code for _, code in codes(rows)}
    broken = bytearray(content)
    broken[1024:1034] = b"\xff" * 10
    (tmp_path / "broken.tar").write_bytes(broken)
    rows = read(tmp_path / "broken.tar")
    assert len(rows["record"]) == 1 and codes(rows) == [(-1, "archive_damaged")]
    packed = gzip.compress(content)
    (tmp_path / "cut.tar.gz").write_bytes(packed[: len(packed) // 2])
    assert "gzip_truncated" in {code for _, code in codes(read(tmp_path / "cut.tar.gz"))}


def test_a_damaged_entry_of_a_zip_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("0.jsonl", lines(1))
        target.writestr("1.jsonl", lines(2))
    content = path.read_bytes().replace(b"number 1", b"number 7")
    path.write_bytes(content)
    rows = read(path)
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/archive.2"]
    assert codes(rows) == [(-1, "archive_member_damaged")]
    path.write_bytes(content[:-30])
    assert codes(read(path)) == [(-1, "archive_damaged")]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_entries, "BOMB_FREE_BYTES", 1 << 20)
    monkeypatch.setattr(archive, "BOMB_FREE_BYTES", 1 << 20)
    rows = read(zipped(tmp_path / "bomb.zip", {"0.json": b" " * (8 << 20), "1.jsonl": lines(1)}))
    assert len(rows["record"]) == 1 and codes(rows) == [(-1, "archive_member_refused")]
    assert "200 times its size" in rows["defect"][0]["message"]


def test_an_entry_that_states_a_smaller_size_than_it_has_gives_no_more_than_it_states(tmp_path: Path) -> None:
    path = tmp_path / "lying.zip"
    zipped(path, {"0.json": b" " * (4 << 20)})
    content = bytearray(path.read_bytes())
    central = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 1000)
    struct.pack_into("<I", content, 22, 1000)
    path.write_bytes(content)
    rows = read(path)
    assert not rows["record"] and {code for _, code in codes(rows)} <= {"archive_member_damaged", "empty_file"}


def test_entries_that_lie_over_each_other_are_not_read(tmp_path: Path) -> None:
    # Two entries of the central directory point to one piece of data: the way of the overlapping zip bomb.
    data = zlib.compress(lines(1), 9)[2:-4]
    crc = zlib.crc32(lines(1))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(data), len(lines(1)), 1, 0) + b"a" + data
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(data), len(lines(1)), 1, 0, 0, 0, 0, 0, 0
        )
        + name
        for name in (b"a", b"b")
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(central), len(local), 0)
    (tmp_path / "overlap.zip").write_bytes(local + central + end)
    rows = read(tmp_path / "overlap.zip")
    assert not rows["record"] and codes(rows) == [(-1, "archive_overlap")]


def test_too_many_entries_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_entries, "MAX_ENTRIES", 3)
    files = {f"{number}.jsonl": lines(number) for number in range(5)}
    rows = read(tar(tmp_path / "many.tar", files))
    assert len(rows["record"]) == 3 and codes(rows) == [(-1, "archive_too_large")]
    rows = read(zipped(tmp_path / "many.zip", files))
    assert len(rows["record"]) == 0 and (-1, "archive_too_large") in codes(rows)


def test_a_huge_extended_header_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_entries, "_MAX_HEADER_BYTES", 2000)
    path = tar(tmp_path / "long.tar", {"x" * 3000 + ".jsonl": lines(1), "1.jsonl": lines(2)}, format=tarfile.GNU_FORMAT)
    started = time.monotonic()
    rows = read(path)
    # The name is lost, but for its beginning in the header proper; the content is not.
    assert [record["source_key"][-1] for record in rows["record"]] == ["1", "2"]
    assert time.monotonic() - started < 2


def test_an_archive_without_files_says_so(tmp_path: Path) -> None:
    assert codes(read(zipped(tmp_path / "none.zip", {}))) == [(-1, "empty_file")]


def test_every_source_is_given_archives_member_by_member(tmp_path: Path) -> None:
    path = tar(tmp_path / "dump.tar", FILES)
    rows = [
        row for name, batch in GuardedCrosswalk("crossref")(str(path)) if name == "record" for row in batch.to_pylist()
    ]
    assert len(rows) == 6


def test_seen_hashes_are_known_again() -> None:
    seen = archive._Seen()
    rng = np.random.default_rng(1)
    known: set[int] = set()
    for _ in range(60):
        batch = rng.integers(0, 400, 37)
        expected = []
        for value in batch.tolist():
            expected.append(value not in known)
            known.add(value)
        assert seen.add(batch).tolist() == expected
    assert seen.knows(np.arange(400)).tolist() == [value in known for value in range(400)]


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(archive.tempfile, "tempdir", str(scratch))
    read(tar(tmp_path / "some.tar", {**FILES, "bad": b"\x00"}))
    found = batches_of(crossref.crosswalk, "crossref", str(tmp_path / "some.tar"))
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert list(scratch.iterdir()) == []


def test_real_dumps_in_one_archive(tmp_path: Path, shared_data: Path) -> None:
    paths = sorted((shared_data / "crossref").glob("*.gz"))
    path = tmp_path / "public-data-file.tar"
    with tarfile.open(path, "w") as target:
        for found in paths:
            target.add(found, f"crossref/{found.name}")
    alone = {
        row["record_id"]
        for found in paths
        for name, batch in crossref.crosswalk(str(found))
        if name == "record"
        for row in batch.select(["record_id"]).to_pylist()
    }
    assert alone and {record["record_id"] for record in read(path)["record"]} == alone
