"""Payloads are kept byte for byte, once, in order, and survive a kill at any point."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evigraph.errors import BusyError, EvigraphError, HarvestError, InputError
from evigraph.harvest.log import LOG_NAME
from evigraph.harvest.payloads import Payload, PayloadWriter, add, payloads, safe_name, verify


def write(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def log_lines(home: Path, source: str = "pubmed") -> list[dict[str, object]]:
    text = (home / "sources" / source / LOG_NAME).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "graph").mkdir()
    return tmp_path / "graph"


def test_a_payload_is_the_file_byte_for_byte(home: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    payload = add(home, "pubmed", write(tmp_path, "pubmed21n1298.xml.gz", content))
    sha256 = hashlib.sha256(content).hexdigest()
    assert payload.path.read_bytes() == content
    assert payload.path == home / "sources" / "pubmed" / f"{sha256[:16]}-pubmed21n1298.xml.gz"
    assert (payload.sha256, payload.size, payload.is_new) == (sha256, len(content), True)


def test_the_log_says_where_from_and_when_and_nothing_of_this_machine(home: Path, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"), origin=str(tmp_path / "a.xml"))
    (line,) = log_lines(home)
    assert set(line) == {"name", "origin", "harvested_at", "sha256", "bytes", "watermark"}
    assert (line["origin"], line["bytes"], line["watermark"]) == ("a.xml", 4, None)
    assert before <= datetime.fromisoformat(str(line["harvested_at"])) <= before + timedelta(minutes=1)
    assert str(tmp_path) not in (home / "sources" / "pubmed" / LOG_NAME).read_text()


def test_an_address_stays_whole_as_origin(home: Path, tmp_path: Path) -> None:
    payload = add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"), origin="https://example.org/baseline/a.xml")
    assert payload.origin == "https://example.org/baseline/a.xml"


@pytest.mark.parametrize(
    ("origin", "kept"),
    [
        ("archive.whl/data/a.xml", "archive.whl/data/a.xml"),
        ("/home/ana/secret/a.xml", "a.xml"),
        ("~/secret/a.xml", "a.xml"),
        ("../secret/a.xml", "a.xml"),
        ("C:\\Users\\ana\\a.xml", "a.xml"),
        ("file:///home/ana/a.xml", "a.xml"),
    ],
)
def test_an_origin_tells_no_path_of_this_machine(home: Path, tmp_path: Path, origin: str, kept: str) -> None:
    assert add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"), origin=origin).origin == kept


def test_the_same_bytes_are_kept_once_whatever_their_name(home: Path, tmp_path: Path) -> None:
    first = add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    again = add(home, "pubmed", write(tmp_path, "b.xml", b"<a/>"))
    assert again == first
    assert (first.is_new, again.is_new) == (True, False)
    assert len(log_lines(home)) == 1
    assert [payload.name for payload in payloads(home)] == [first.name]


def test_the_same_bytes_may_belong_to_two_sources(home: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "a.json", b"{}")
    assert add(home, "crossref", file).is_new
    assert add(home, "openalex", file).is_new
    assert [payload.source for payload in payloads(home)] == ["crossref", "openalex"]


def test_payloads_come_in_the_order_of_harvest(home: Path, tmp_path: Path) -> None:
    names = [add(home, "pubmed", write(tmp_path, f"{letter}.xml", letter.encode())).name for letter in "qahzb"]
    assert [payload.name for payload in payloads(home, "pubmed")] == names


def test_a_graph_without_sources_has_no_payloads(home: Path) -> None:
    assert payloads(home) == []
    assert payloads(home, "pubmed") == []


@pytest.mark.parametrize("kind", ["absent", "folder", "empty", "pipe"])
def test_what_is_no_file_with_content_is_refused_in_one_line(home: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "input.xml"
    if kind == "folder":
        file.mkdir()
    elif kind == "empty":
        file.touch()
    elif kind == "pipe":
        os.mkfifo(file)
    with pytest.raises(InputError, match=r"input\.xml") as caught:
        add(home, "pubmed", file)
    assert "\n" not in str(caught.value)
    assert not (home / "sources").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read every file")
def test_an_unreadable_file_is_refused(home: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "a.xml", b"<a/>")
    file.chmod(0)
    with pytest.raises(InputError, match="permissions"):
        add(home, "pubmed", file)


@pytest.mark.parametrize("source", ["", "..", "a/b", "Pub Med", "PubMed", "1st", "x" * 41])
def test_what_cannot_be_a_source_makes_no_folder(home: Path, tmp_path: Path, source: str) -> None:
    with pytest.raises(InputError, match="source"):
        add(home, source, write(tmp_path, "a.xml", b"<a/>"))
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pubmed21n1298.xml.gz", "pubmed21n1298.xml.gz"),
        ("open alex dataset.csv", "open_alex_dataset.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\exports\\wos.txt", "wos.txt"),
        ("..", "payload"),
        (".hidden", "hidden"),
        ("文献.json", "_.json"),
        ("a\nb\0c.xml", "a_b_c.xml"),
    ],
)
def test_names_are_made_safe(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_long_name_keeps_its_extension() -> None:
    assert len(safe_name("a" * 300 + ".xml.gz")) == 120
    assert safe_name("a" * 300 + ".xml.gz").endswith(".xml.gz")


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs but what the system does."""


def kill_at(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(f"evigraph.harvest.payloads.{name}", die)


@pytest.mark.parametrize("step", ["append", "sync_folder"])
def test_a_payload_that_missed_its_line_is_logged_by_the_next_reader(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    with monkeypatch.context() as patch:
        kill_at(patch, step)
        with pytest.raises(Killed):
            add(home, "pubmed", write(tmp_path, "b.xml", b"<b/>"))
    assert [(payload.origin, payload.size) for payload in payloads(home)] == [("a.xml", 4), ("b.xml", 4)]
    assert len(log_lines(home)) == 2
    assert not add(home, "pubmed", tmp_path / "b.xml").is_new


def test_a_torn_last_line_is_mended(home: Path, tmp_path: Path) -> None:
    for letter in "abc":
        add(home, "pubmed", write(tmp_path, f"{letter}.xml", letter.encode()))
    log = home / "sources" / "pubmed" / LOG_NAME
    whole = log.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in [*range(start, len(whole), 9), len(whole) - 1]:
        log.write_bytes(whole[:cut])
        assert [payload.origin for payload in payloads(home)] == ["a.xml", "b.xml", "c.xml"]
        assert len(log_lines(home)) == 3


def test_partial_copies_are_cleared_away(home: Path, tmp_path: Path) -> None:
    add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    left = home / "sources" / "pubmed" / ".0011223344556677.partial"
    left.write_bytes(b"half")
    add(home, "pubmed", write(tmp_path, "b.xml", b"<b/>"))
    assert not left.exists()
    assert len(payloads(home)) == 2


def test_a_stray_file_is_no_payload(home: Path, tmp_path: Path) -> None:
    add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    folder = home / "sources" / "pubmed"
    (folder / "notes.txt").write_text("mine")
    (folder / ("0" * 16 + "-wrong-hash.xml")).write_text("<x/>")
    assert [payload.origin for payload in payloads(home)] == ["a.xml"]


def test_a_payload_that_is_gone_is_missed_and_can_be_brought_back(home: Path, tmp_path: Path) -> None:
    payload = add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    payload.path.unlink()
    with pytest.raises(HarvestError, match=r"-a\.xml is gone"):
        payloads(home)
    add(home, "pubmed", tmp_path / "a.xml")
    assert payloads(home) == [payload]


def test_an_altered_payload_is_found(home: Path, tmp_path: Path) -> None:
    payload = add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    assert verify(home) == 1
    payload.path.write_bytes(b"<b/>")
    with pytest.raises(HarvestError, match="altered"):
        verify(home)
    payload.path.write_bytes(b"<longer/>")
    with pytest.raises(HarvestError, match="9 bytes instead of 4"):
        payloads(home)


def test_a_damaged_line_is_named(home: Path, tmp_path: Path) -> None:
    for letter in "ab":
        add(home, "pubmed", write(tmp_path, f"{letter}.xml", letter.encode()))
    log = home / "sources" / "pubmed" / LOG_NAME
    log.write_bytes(b"}{" + log.read_bytes()[2:])
    with pytest.raises(HarvestError, match="line 1"):
        payloads(home)


def test_a_log_cannot_lead_out_of_its_folder(home: Path, tmp_path: Path) -> None:
    payload = add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))
    log = home / "sources" / "pubmed" / LOG_NAME
    log.write_text(log.read_text().replace(payload.name, "../../../a.xml"))
    with pytest.raises(HarvestError):
        payloads(home)


def test_one_writer_at_a_time_and_readers_meanwhile(home: Path, tmp_path: Path) -> None:
    file, other = write(tmp_path, "a.xml", b"<a/>"), write(tmp_path, "b.xml", b"<b/>")
    with PayloadWriter(home, "pubmed") as writer:
        payload: Payload = writer.add(file)
        with pytest.raises(BusyError, match="another process is harvesting into sources/pubmed"):
            add(home, "pubmed", other)
        (home / "sources" / "pubmed" / ".1.partial").touch()
        assert payloads(home) == [payload]
        assert add(home, "crossref", other).is_new
    assert add(home, "pubmed", other).is_new


def test_a_full_disk_costs_one_clear_line_and_nothing_else(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, "pubmed", write(tmp_path, "a.xml", b"<a/>"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("evigraph.harvest.payloads.os.fsync", full)
        with pytest.raises(EvigraphError, match=r"b\.xml could not be stored .*No space left"):
            add(home, "pubmed", write(tmp_path, "b.xml", b"<b/>"))
    assert [payload.origin for payload in payloads(home)] == ["a.xml"]
    assert not list((home / "sources" / "pubmed").glob(".*.partial"))


def test_progress_is_told_in_bytes(home: Path, tmp_path: Path) -> None:
    told: list[int] = []
    add(home, "pubmed", write(tmp_path, "a.xml", b"x" * 2_500_000), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 2_500_000


_WRITERS = """
import os, sys
from pathlib import Path
from evigraph.harvest.payloads import PayloadWriter
home = Path(sys.argv[1])
for _ in sys.stdin:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print("ended", flush=True)
        continue
    with PayloadWriter(home, "pubmed") as writer:
        print(os.getpid(), flush=True)
        for number in range(1_000_000):
            content = b"%d %d " % (os.getpid(), number) * 5000
            print(writer.add_content(f"{number}.xml", content, f"{number}.xml", None).name, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(home: Path) -> None:
    """The same folder's writer is killed twenty times in the middle of its work, and the next one goes on."""
    chance, acknowledged = random.Random(20), list[str]()
    with subprocess.Popen(
        [sys.executable, "-c", _WRITERS, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for _ in range(20):
            writers.stdin.write("again\n")
            writers.stdin.flush()
            writer = int(writers.stdout.readline())
            time.sleep(chance.uniform(0.001, 0.06))
            os.kill(writer, signal.SIGKILL)
            # The line that the killed one was writing may lack its end.
            while not (said := writers.stdout.readline()).endswith("ended\n"):
                assert said, "the writers are gone"
                acknowledged.append(said.strip())
        writers.stdin.close()
    names = [payload.name for payload in payloads(home)]
    assert acknowledged
    assert [name for name in names if name in set(acknowledged)] == acknowledged
    # At most the one payload in hand at each kill may be kept without having been acknowledged.
    assert len(acknowledged) <= len(names) <= len(acknowledged) + 20
    assert verify(home) == len(names)
    assert len(names) == len(set(names)) == len(log_lines(home))
