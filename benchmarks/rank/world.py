"""The whole world's citations on one machine: 2 × 10^8 works, 2.1 × 10^9 citations, made up, written, ranked.

    python benchmarks/rank/world.py --folder FOLDER [--nodes 200000000] [--threads 2]

Writes the graph to FOLDER where it is not there yet (11 GB; timed apart), ranks it from there, writes the scores and
the classes beside it (7 GB), and tells how long each part took and what memory the process held: the most of RssAnon +
RssShmem in `/proc/self/status`, read twice a second, so without the pages of files that the system may drop. Nothing
of it is real.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from literature import literature

from evigraph.rank.classes import class_sizes, classify, round_scores
from evigraph.rank.layout import open_graph, write_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.solve import solve

_AT_A_TIME = 1 << 20


class Memory(threading.Thread):
    """Watches how much memory of its own this process holds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.5):
            lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
            held = sum(int(lines[name].split()[0]) for name in ("RssAnon", "RssShmem"))
            self.most = max(self.most, held / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--nodes", type=int, default=200_000_000)
    parser.add_argument("--mean-references", type=float, default=15.4)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    folder = arguments.folder
    times: dict[str, float] = {}
    started = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        now = time.perf_counter()
        times[name] = round(now - started, 1)
        print(f"{name}: {times[name]} s, load {os.getloadavg()[0]:.1f}", flush=True)
        started = now

    if not (folder / "graph.json").exists():
        write_graph(folder, literature(arguments.nodes, arguments.mean_references))
        lap("make up and write the graph")
    memory = Memory()
    memory.start()
    on_cpu = time.process_time()
    graph = open_graph(folder)
    told = time.perf_counter()

    def progress(doing: str, n_done: int, n_all: int) -> None:
        nonlocal told
        if time.perf_counter() - told > 5:
            told = time.perf_counter()
            print(f"  {doing}: {n_done:,} of {n_all:,} citations, {memory.most:.2f} GiB", flush=True)

    solution = solve(graph, Parameters.for_year(2020), progress, n_threads=arguments.threads)
    lap("rank")
    most_in_kernel = memory.most
    columns: dict[str, Any] = {
        "citation_count": np.uint32,
        "impulse": np.uint32,
        "influence": np.float64,
        "popularity": np.float64,
        "ram": np.float64,
    }
    for name, kind in columns.items():
        values = getattr(solution, name)
        with (folder / f"{name}.bin").open("wb") as file:
            for first in range(0, values.size, _AT_A_TIME):
                part = values[first : first + _AT_A_TIME]
                file.write(round_scores(part) if kind == np.float64 else np.ascontiguousarray(part))
    facts = solution.facts
    del solution, values, part
    lap("round and write the scores")
    for name, kind in columns.items():
        classes = classify(np.fromfile(folder / f"{name}.bin", dtype=kind))
        classes.tofile(folder / f"{name}_class.bin")
        facts[f"{name}_classes"] = class_sizes(classes)
    lap("class and write the classes")
    memory.ended.set()
    print(
        json.dumps(
            {
                "n_nodes": graph.n_nodes,
                "n_edges": graph.n_edges,
                "seconds": times,
                "cpu_seconds": round(time.process_time() - on_cpu, 1),
                "most_gib_ranking": round(most_in_kernel, 2),
                "most_gib": round(memory.most, 2),
                **facts,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
