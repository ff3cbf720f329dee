"""A process watched while it runs: the CPU time and the peak memory of it and of all below it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Watched:
    """What a process printed and used: its output and complaints, CPU seconds, peak memory in bytes."""

    output: str
    complaint: str
    cpu: float
    peak: int


def watched(process: subprocess.Popen[str], every: float) -> Watched:
    """What a process that was just started printed and used, looked at so often (in seconds) until it ended."""
    peak = 0
    cpu: dict[int, float] = {}

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            tree = _tree(process.pid)
            peak = max(peak, sum(map(_resident, tree)))
            cpu.update((pid, used) for pid in tree if (used := _used(pid)))
            time.sleep(every)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, complaint = process.communicate()
    watcher.join()
    return Watched(output, complaint or "", sum(cpu.values()), peak)


def cpu_of(pid: int) -> float:
    """The CPU seconds so far of a process and of those below it that still run."""
    return sum(map(_used, _tree(pid)))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for number in found:
        try:
            for task in Path(f"/proc/{number}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    """The memory of a process, what it shares with others counted in parts; 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _used(pid: int) -> float:
    """The CPU seconds of a process so far; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
