"""Ranking in memory: evigraph's kernel beside scipy's power iteration, on synthetic literature.

    python benchmarks/rank_synthetic.py [--nodes 1000000] [--repeats 3]

Both get the same three arrays (years, citing, cited; ids shuffled, duplicates in) and give citation count,
impulse, influence and popularity; evigraph also classes them. Each repeat runs in a process of its own, turn and
turn about, after compiling on a small graph; the table has the best time of each part, and the peak memory of the
process that holds the graph.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from evigraph.rank.parameters import Parameters
from evigraph.rank.synthetic import synthetic_literature

CURRENT_YEAR = 2020

#: The peer iterates until the L1 change of a round is below this: its error is then about as large.
TOLERANCE = 1e-13

STRESS = {"share_same_year": 0.088, "share_future": 0.01}


def peer_scores(years: Any, citing: Any, cited: Any, parameters: Parameters, tolerance: float) -> dict[str, Any]:
    """The four indicators by scipy: a sparse matrix, and rounds of s = α (M s + D / N) + teleport."""
    import scipy.sparse as sparse

    started = time.perf_counter()
    n_nodes = years.size
    is_other = citing != cited
    graph = sparse.csr_matrix(
        (np.ones(int(is_other.sum()), dtype=np.float64), (cited[is_other], citing[is_other])), shape=(n_nodes, n_nodes)
    )
    graph.data[:] = 1.0  # building the matrix has summed duplicates
    out_degree = np.bincount(graph.indices, minlength=n_nodes)
    is_dangling = out_degree == 0
    graph.data /= out_degree[graph.indices]
    build = time.perf_counter() - started
    target = np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(graph.indptr))
    lag = years[graph.indices] - years[target]
    known = np.where((years < 1000) | (years > parameters.current_year), 0, years)
    is_recent = known[graph.indices] >= parameters.start_year
    attention = np.bincount(target[is_recent], minlength=n_nodes) / max(1, int(is_recent.sum()))
    recency = np.exp(parameters.popularity_rho * (parameters.current_year + 1.0 - known))
    recency /= recency.sum()
    n_rounds = []

    def iterate(alpha: float, teleport: Any) -> Any:
        score = np.full(n_nodes, 1.0 / n_nodes)
        for n in range(1, 1000):  # noqa: B007 - the number of rounds is told below
            new = alpha * (graph @ score + score[is_dangling].sum() / n_nodes) + teleport
            change = np.abs(new - score).sum()
            score = new
            if change < tolerance:
                break
        n_rounds.append(n)
        return score

    teleport = np.full(n_nodes, (1 - parameters.influence_alpha) / n_nodes)
    influence = iterate(parameters.influence_alpha, teleport)
    popularity = iterate(
        parameters.popularity_alpha, parameters.popularity_beta * attention + parameters.popularity_gamma * recency
    )
    return {
        "citation_count": np.diff(graph.indptr),
        "impulse": np.bincount(target[lag <= parameters.impulse_years], minlength=n_nodes),
        "influence": influence,
        "popularity": popularity,
        "build": build,
        "passes": "/".join(map(str, n_rounds)),
    }


def peak_mib() -> float:
    """The most memory this process has held, without what its parent held before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(tool: str, folder: Path) -> None:
    """Runs one tool on the graph in `folder` and prints what it took as JSON; keeps its scores beside the graph."""
    parameters = Parameters.for_year(CURRENT_YEAR)
    if tool == "evigraph":
        from evigraph.rank.api import rank
        from evigraph.rank.graph import citation_graph
        from evigraph.rank.solve import solve

        small = synthetic_literature(500, seed=1)
        for method in ("push", "sweep"):
            solve(citation_graph(small.years, small.citing, small.cited), parameters, method=method)
    years, citing, cited = (np.load(folder / f"{name}.npy") for name in ("years", "citing", "cited"))
    started, on_cpu = time.perf_counter(), time.process_time()
    if tool == "evigraph":
        graph = citation_graph(years, citing, cited)
        build = time.perf_counter() - started
        del graph
        started, on_cpu = time.perf_counter(), time.process_time()
        ranking = rank(years, citing, cited, parameters)
        total = time.perf_counter() - started
        influence, popularity = ranking.influence, ranking.popularity
        passes = f"{ranking.facts['passes']:.2f} ({ranking.facts['method']})"
    else:
        found = peer_scores(years, citing, cited, parameters, TOLERANCE)
        total = time.perf_counter() - started
        influence, popularity, build, passes = found["influence"], found["popularity"], found["build"], found["passes"]
    cpu = time.process_time() - on_cpu
    np.save(folder / f"{tool}.npy", np.stack([influence, popularity]))
    print(json.dumps({"build": build, "total": total, "cpu": cpu, "passes": passes, "mib": peak_mib()}))


def compare(name: str, n_nodes: int, repeats: int, **changes: float) -> None:
    """Prints the rows of both tools for one graph."""
    given = synthetic_literature(n_nodes, seed=1, last_year=CURRENT_YEAR, **changes)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for column in ("years", "citing", "cited"):
            np.save(folder / f"{column}.npy", getattr(given, column))
        print(f"\n{name}: {n_nodes:,} works, {given.citing.size:,} citations")
        del given
        runs: dict[str, list[dict[str, Any]]] = {"evigraph": [], "scipy": []}
        for _ in range(repeats):
            for tool, results in runs.items():
                command = [sys.executable, __file__, "--measure", tool, "--folder", str(folder)]
                results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        ours, theirs = (np.load(folder / f"{tool}.npy") for tool in runs)
    print(f"{'tool':10} {'build s':>8} {'all s':>8} {'CPU s':>8} {'peak MiB':>9}  passes over the citations")
    best = {}
    for tool, results in runs.items():
        row = {part: min(result[part] for result in results) for part in ("build", "total", "cpu", "mib")}
        best[tool] = row
        print(
            f"{tool:10} {row['build']:8.2f} {row['total']:8.2f} {row['cpu']:8.2f} {row['mib']:9.0f}"
            f"  {results[0]['passes']}"
        )
    print(
        f"evigraph takes 1/{best['scipy']['total'] / best['evigraph']['total']:.1f} of the time and "
        f"1/{best['scipy']['mib'] / best['evigraph']['mib']:.1f} of the memory; L1 distance of the scores: "
        f"influence {np.abs(ours[0] - theirs[0]).sum():.0e}, popularity {np.abs(ours[1] - theirs[1]).sum():.0e}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--measure", choices=("evigraph", "scipy"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.folder)
        return
    compare("usual", arguments.nodes, arguments.repeats)
    compare("stress", arguments.nodes, arguments.repeats, **STRESS)


if __name__ == "__main__":
    main()
