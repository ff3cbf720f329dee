"""Ranking a real citation network, file in and file out: evigraph beside scipy's power iteration.

    python benchmarks/rank_acl.py [--data ../shared/data/acl] [--repeats 5]

The ACL Anthology as a table of works and a table of citations in Parquet is read, ranked, classed and written by
each tool in a process of its own, turn and turn about; the table has the best wall time of a whole process, with
interpreter and imports (`evigraph` compiles its kernel in a run before, as it does once on a machine), and its peak
memory. The scores and classes are then compared, and the most influential works shown.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

SCORES = ("citation_count", "impulse", "influence", "popularity")


def prepare(data: Path, folder: Path) -> dict[str, str]:
    """Writes nodes.parquet and edges.parquet; returns the titles by id."""
    titles: dict[str, str] = {}
    years: list[int] = []
    for path in sorted(data.glob("publication-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                product = json.loads(line)
                titles[product["id"]] = product["mainTitle"]
                years.append(int(product["publicationDate"][:4]))
    pairs: list[tuple[str, str]] = []
    for path in sorted(data.glob("relation-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                relation = json.loads(line)
                pairs.append((relation["source"], relation["target"]))
    parquet.write_table(pa.table({"id": list(titles), "year": years}), folder / "nodes.parquet")
    parquet.write_table(
        pa.table({"citing": [pair[0] for pair in pairs], "cited": [pair[1] for pair in pairs]}),
        folder / "edges.parquet",
    )
    return titles


def run_evigraph(folder: Path) -> None:
    from evigraph.rank.files import rank_files

    rank_files(folder / "edges.parquet", folder / "nodes.parquet", folder / "evigraph")


def run_scipy(folder: Path) -> None:
    from evigraph.rank.parameters import Parameters
    from rank_synthetic import peer_scores

    nodes, edges = parquet.read_table(folder / "nodes.parquet"), parquet.read_table(folder / "edges.parquet")
    ids = nodes["id"].combine_chunks()
    citing, cited = (pc.index_in(edges[name], value_set=ids).to_numpy() for name in ("citing", "cited"))
    years = nodes["year"].to_numpy()
    found = peer_scores(years, citing, cited, Parameters.for_year(int(years.max())), 1e-15)
    columns: dict[str, Any] = {"id": ids}
    for name in SCORES:
        columns[name] = found[name]
        values, places, sizes = np.unique(
            [float(f"{score:.11e}") for score in found[name]], return_inverse=True, return_counts=True
        )
        n_so_far = np.cumsum(sizes[::-1])[::-1]
        classes = np.full(values.size, 5)
        for number, share in ((4, 0.1), (3, 0.01), (2, 0.001), (1, 0.0001)):
            classes[n_so_far <= max(1, int(years.size * share))] = number
        columns[f"{name}_class"] = pa.array([f"C{number}" for number in classes[places]])
    (folder / "scipy").mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), folder / "scipy" / "scores.parquet")


def measure(tool: str, folder: Path) -> tuple[float, float]:
    """Wall seconds and peak MiB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--run", tool, "--folder", str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{tool} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "acl")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--run", choices=("evigraph", "scipy"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        (run_evigraph if arguments.run == "evigraph" else run_scipy)(arguments.folder)
        return
    if not arguments.data.is_dir():
        raise SystemExit(f"{arguments.data}: no such folder; name that of the ACL records with --data")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        titles = prepare(arguments.data, folder)
        measure("evigraph", folder)
        runs: dict[str, list[tuple[float, float]]] = {"evigraph": [], "scipy": []}
        for _ in range(arguments.repeats):
            for tool, results in runs.items():
                results.append(measure(tool, folder))
        ours, theirs = (parquet.read_table(folder / tool / "scores.parquet") for tool in runs)
        facts = json.loads((folder / "evigraph" / "facts.json").read_text())
    print(f"{facts['n_nodes']:,} works, {facts['n_edges']:,} citations; files in, files out")
    print(f"{'tool':10} {'best s':>8} {'peak MiB':>9}")
    for tool, results in runs.items():
        print(f"{tool:10} {min(result[0] for result in results):8.2f} {max(result[1] for result in results):9.0f}")
    for name in SCORES:
        expected = theirs[name].to_numpy()
        difference = np.abs(ours[name].to_numpy() - expected) / np.where(expected == 0, 1, expected)
        n_other = int(np.count_nonzero(ours[f"{name}_class"].to_numpy() != theirs[f"{name}_class"].to_numpy()))
        print(f"{name}: largest relative difference {difference.max():.0e}, {n_other} classes differ")
    print(
        f"certificates: influence {facts['influence_certificate']:.0e}, "
        f"popularity {facts['popularity_certificate']:.0e}"
    )
    print("most influential:")
    for row in ours.sort_by([("influence", "descending")]).slice(0, 12).to_pylist():
        print(f"  {row['influence']:.6f} {row['influence_class']} {titles[row['id']]}")


if __name__ == "__main__":
    main()
