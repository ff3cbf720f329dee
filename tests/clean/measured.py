"""Reads payload files in a process of its own and measures each: what came out, the processor's seconds, the memory.

Run as `python -m clean.measured SOURCE…`; each line of the input is a source and a path, each line of the output a
measure as JSON. The source `harvest` stands for the reader of OAI-PMH answers as they come in.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

#: How long one file may take by the clock, on a machine that is busy with other things.
PATIENCE = 120


class Measure(NamedTuple):
    """What reading one file came to."""

    n_records: int
    n_lost: int
    codes: list[str]
    #: The text of all rows that are no defects, at most a megabyte of it.
    text: str
    #: The processor's seconds of this process, user and system.
    seconds: float
    #: How far the peak of resident memory rose above what was resident before, in bytes.
    growth: int


class Reader:
    """A process that reads payloads, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, source: str, path: Path) -> Measure:
        """The measure of the file at `path`; raises AssertionError where the process died of it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{source}\t{path}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the reader of {source} died of {path.name}: {self._process.wait(PATIENCE)}"
        return Measure(*json.loads(line))


@contextmanager
def reading() -> Iterator[Reader]:
    """A reader in a process of its own, with 4 GiB of address space; it is ended afterwards."""
    command = [sys.executable, "-m", "clean.measured"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Reader(process)
        finally:
            process.kill()


def _resident(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(f"{name}:"))


def _batches(source: str, path: str) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    if source == "harvest":
        from evigraph.harvest.oai_pmh_answer import read_answer

        answer = read_answer(Path(path).read_bytes())
        yield "record", [{"header": str(header)} for header in answer.headers]
        return
    from evigraph.clean.told import GuardedCrosswalk

    for table, batch in GuardedCrosswalk(source)(path):
        yield table, batch.to_pylist()


def measure(source: str, path: str) -> Measure:
    """The measure of one file, read here."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets the peak back to what is resident
    before, started = _resident("VmRSS"), time.process_time()
    n_records = n_lost = 0
    codes: list[str] = []
    text = ""
    for table, rows in _batches(source, path):
        if table == "defect":
            codes += [row["code"] for row in rows]
            n_lost += sum(row["is_record_lost"] for row in rows)
        else:
            n_records += len(rows) if table in ("record", "organization_told") else 0
            text = (text + str(rows))[: 1 << 20]
    return Measure(n_records, n_lost, codes, text, time.process_time() - started, _resident("VmHWM") - before)


def main() -> None:
    """Reads sources and paths from the input until it ends."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for line in sys.stdin:
        source, path = line.rstrip("\n").split("\t")
        print(json.dumps(measure(source, path)), flush=True)


if __name__ == "__main__":
    main()
