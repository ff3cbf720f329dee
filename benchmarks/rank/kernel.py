"""All indicators by evigraph's kernel beside PageRank and AttRank by other tools, and beside the memory itself.

    python benchmarks/rank/kernel.py [--nodes 100000 1000000 10000000] [--stress] [--peers-python PYTHON] [--repeats 2]

The graphs are synthetic literature (`literature.py`), 10.5 citations a work, under identifiers that say nothing; the
graph is built from these, timed apart, and all tools get its places and distinct citations as arrays, each tool in
processes of its own, turn and turn about, and the least of its times counts; processor time beside it tells what other
work on the machine cost. evigraph gives citation count, impulse, influence (PageRank), popularity (AttRank) and RAM,
compiled before; "memory" is one random pass that reads, adds to and writes the same records through the same citations
in the same order, on as many threads. A peer is shown with the L1 distance of its scores from evigraph's: where that is
large it has computed something else. Peers are looked for in PYTHON (usually this one); they are no dependencies of the
project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from literature import literature
from peers import CURRENT_YEAR, TOOLS, own_peak

from evigraph.rank.compiled import add, compiled, prefetch
from evigraph.rank.graph import citation_graph
from evigraph.rank.layout import open_graph, write_graph
from evigraph.rank.parameters import Parameters
from evigraph.rank.records import N_COLUMNS, new_records
from evigraph.rank.solve import solve

MEAN_REFERENCES = 15.3
STRESS = {"share_same_year": 0.088, "share_future": 0.01}
_AHEAD = 64


@compiled
def pass_over(cited: Any, first: int, stop: int, cells: Any) -> None:
    """Reads, adds to and writes the five columns of each record cited."""
    for edge in range(first, stop):
        prefetch(cells, cited[min(edge + _AHEAD, stop - 1)] * N_COLUMNS)
        add(cells, cited[edge] * N_COLUMNS, 1.0, 1.0, 1.0, 1.0, 1)


def measure_memory(graph: Any, n_threads: int) -> tuple[float, float]:
    """Wall and processor seconds of one pass, the threads sharing out the citations."""
    records = new_records(graph.n_nodes)
    records[:] = 0.0
    cells, n_edges = records.reshape(-1), graph.n_edges
    pass_over(graph.cited, 0, 0, cells)
    started, on_cpu = time.perf_counter(), time.process_time()
    threads = [
        threading.Thread(
            target=pass_over,
            args=(graph.cited, n_edges * part // n_threads, n_edges * (part + 1) // n_threads, cells),
        )
        for part in range(n_threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, time.process_time() - on_cpu


def run_evigraph(folder: Path, n_threads: int) -> None:
    """One process: the kernel between two passes over memory."""
    parameters = Parameters.for_year(CURRENT_YEAR)
    small = open_graph(folder / "small")
    for method in ("push", "sweep"):
        solve(small, parameters, method=method, n_threads=n_threads)
    graph = open_graph(folder / "graph")
    int(graph.cited.max(initial=0))  # the file is in the page cache from here on
    passes = [measure_memory(graph, n_threads)]
    started, on_cpu = time.perf_counter(), time.process_time()
    solution = solve(graph, parameters, n_threads=n_threads)
    wall, cpu = time.perf_counter() - started, time.process_time() - on_cpu
    peak = own_peak()
    for name in ("influence", "popularity"):
        np.save(folder / f"evigraph-{name}.npy", getattr(solution, name))
    facts = solution.facts
    del solution
    passes.append(measure_memory(graph, n_threads))
    print(
        json.dumps(
            {
                "all": wall,
                "all_cpu": cpu,
                "memory": min(value[0] for value in passes),
                "memory_cpu": min(value[1] for value in passes),
                "mib": peak,
                "passes": facts["passes"],
                "method": facts["method"],
                "certificate": max(facts["influence_certificate"], facts["popularity_certificate"]),
            }
        )
    )


def run(command: list[str], timeout: float) -> dict[str, Any]:
    try:
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"absent": f"no result in {timeout:.0f} s"}
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"])[-1]
        return {"absent": last[:200]}
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def least(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The least of each number, and the rest as it was first."""
    first = results[0]
    return {
        name: min(result[name] for result in results) if isinstance(value, (int, float)) else value
        for name, value in first.items()
        if all(name in result for result in results)
    }


def build(folder: Path) -> float:
    """Builds the graph from citations between shuffled identifiers, writes it, and returns the processor seconds."""
    given = open_graph(folder / "given")
    names = np.random.default_rng(1).permutation(given.n_nodes).astype(np.int32)
    years = np.empty_like(given.years)
    years[names] = given.years
    citing = np.repeat(names, np.diff(given.row))
    cited = names[given.cited]
    on_cpu = time.process_time()
    graph = citation_graph(years, citing, cited)
    seconds = time.process_time() - on_cpu
    write_graph(folder / "graph", [(graph.years, np.diff(graph.row), graph.cited)])
    return seconds


def compare(n_nodes: int, arguments: argparse.Namespace, folder: Path) -> None:
    changes = STRESS if arguments.stress else {}
    write_graph(folder / "small", literature(20_000, MEAN_REFERENCES))
    write_graph(folder / "given", literature(n_nodes, MEAN_REFERENCES, last_year=CURRENT_YEAR, **changes))
    built_in = build(folder)
    shutil.rmtree(folder / "given")
    graph = open_graph(folder / "graph")
    np.save(folder / "years.npy", graph.years)
    np.save(folder / "cited.npy", graph.cited)
    np.save(folder / "citing.npy", np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(graph.row)))
    n_edges = graph.n_edges
    del graph
    kind = "stress" if arguments.stress else "usual"
    print(
        f"\n{kind}: {n_nodes:,} works, {n_edges:,} citations; load {os.getloadavg()[0]:.1f}; built from pairs in "
        f"{built_in:.1f} s of processor time",
        flush=True,
    )
    here = Path(__file__).parent
    commands = {
        f"evigraph {n}": [sys.executable, __file__, "--run", str(folder), "--threads", str(n)]
        for n in arguments.thread_numbers
    }
    commands |= {tool: [arguments.peers_python, str(here / "peers.py"), tool, str(folder)] for tool in arguments.peers}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(arguments.repeats):
        for name, command in commands.items():
            if not any("absent" in result for result in runs[name]):
                runs[name].append(run(command, arguments.timeout))
    ours = {name: np.load(folder / f"evigraph-{name}.npy") for name in ("influence", "popularity")}
    print(f"{'tool':12} {'build':>7} {'PageRank':>9} {'AttRank':>8} {'all':>7} {'CPU':>7} {'MiB':>6}  notes")
    best = {name: least(results) for name, results in runs.items()}
    for name, found in best.items():
        if "absent" in found or not found:
            print(f"{name:12} {found.get('absent', 'failed')}")
        elif name.startswith("evigraph"):
            ratio, ratio_cpu = found["all"] / found["memory"], found["all_cpu"] / found["memory_cpu"]
            print(
                f"{name:12} {'':7} {'':9} {'':8} {found['all']:7.2f} {found['all_cpu']:7.2f} {found['mib']:6.0f}  "
                f"{found['method']}, {found['passes']:.2f} passes, error ≤ {found['certificate']:.0e}; "
                f"{ratio:.1f} times memory ({found['memory']:.2f} s), CPU {ratio_cpu:.1f} times; "
                f"{found['mib'] * 2**20 / n_edges:.1f} bytes a citation"
            )
        else:
            both = found["pagerank"] + found.get("attrank", 0.0)
            cpu = found["pagerank_cpu"] + found.get("attrank_cpu", 0.0)
            notes = [f"{found['rounds']} rounds"] if "rounds" in found else []
            for score in ("influence", "popularity"):
                path = folder / f"{name}-{score}.npy"
                if path.exists():
                    notes.append(f"{score} L1 {np.abs(np.load(path) - ours[score]).sum():.0e}")
            attrank = f"{found['attrank']:8.2f}" if "attrank" in found else f"{'-':>8}"
            print(
                f"{name:12} {found['build']:7.2f} {found['pagerank']:9.2f} {attrank} {both:7.2f} {cpu:7.2f} "
                f"{found['mib']:6.0f}  {', '.join(notes)}"
            )
    if "all" in best.get("evigraph 2", {}) and "attrank" in best.get("scipy", {}):
        scipy = best["scipy"]["pagerank"] + best["scipy"]["attrank"]
        scipy_cpu = best["scipy"]["pagerank_cpu"] + best["scipy"]["attrank_cpu"]
        for n in arguments.thread_numbers:
            found = best[f"evigraph {n}"]
            print(
                f"evigraph on {n}: {found['all'] / scipy:.3f} of scipy's time, {found['all_cpu'] / scipy_cpu:.3f} of "
                "its processor time"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--stress", action="store_true", help="Many citations of the same and of later years.")
    parser.add_argument("--peers", nargs="*", default=list(TOOLS), choices=list(TOOLS))
    parser.add_argument("--peers-python", default=sys.executable, help="A Python that has the peers.")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=600.0, help="Seconds after which a peer is given up.")
    parser.add_argument("--thread-numbers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run_evigraph(arguments.run, arguments.threads)
        return
    for n_nodes in arguments.nodes:
        with tempfile.TemporaryDirectory() as temporary:
            compare(n_nodes, arguments, Path(temporary))


if __name__ == "__main__":
    main()
