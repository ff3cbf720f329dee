"""Ranking from file to file: scores and classes of a citation graph, by evigraph, scipy and BIP! Ranker.

    python benchmarks/rank/files.py [--nodes 1000000] [--acl ../shared/data/acl] [--repeats 3]
    BIP_RANKER=FOLDER python benchmarks/rank/files.py --nodes 100000      (a checkout of athenarc/Bip-Ranker)

Each tool is a process of its own, with interpreter and imports: the least wall time and the most memory count.
`evigraph` reads tables of works and of citations in Parquet, and BIP! Ranker's text; it is run once before to compile,
as on a user's machine. `scipy` reads the same Parquet, iterates until the change is below 1e-13, classes and writes.
BIP! Ranker reads its text; its five scripts (PageRank, AttRank, citation count, impulse, RAM) run one after the other
on two local threads of Spark with the local checkpoints it offers, and stop at its own absolute 1e-12. Scores and
classes are compared; synthetic literature is `literature.py`, the ACL Anthology is real.
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
from literature import literature
from peers import ALPHA, CURRENT_YEAR, POPULARITY_ALPHA, iterate, teleport_of

from evigraph.rank.layout import open_graph, write_graph

SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")
RAM_GAMMA = 0.6

#: The scripts of BIP! Ranker with what they are given after the graph, and how their output begins.
SCRIPTS = {
    "influence": ("PageRank.py", ["0.5", "1e-12", "{checkpoints}", "2", "local"], "PR_"),
    "popularity": (
        "AttRank.py",
        ["0.2", "0.5", "0.3", "-0.16", "2020", "2018", "1e-12", "{checkpoints}", "2", "local"],
        "AttRank_",
    ),
    "citation_count": ("CC.py", ["2"], "CC_"),
    "impulse": ("CC.py", ["2", "3-year", "3"], "3-year_"),
    "ram": ("TAR.py", ["0.6", "2020", "RAM", "2", "{checkpoints}", "local"], "RAM_"),
}


def write_tables(ids: Any, years: Any, citing: Any, cited: Any, folder: Path) -> None:
    """The graph as nodes.parquet, edges.parquet and bip.txt."""
    parquet.write_table(pa.table({"id": ids, "year": years}), folder / "nodes.parquet")
    parquet.write_table(pa.table({"citing": ids.take(citing), "cited": ids.take(cited)}), folder / "edges.parquet")
    names = ids.to_pylist()
    order = np.argsort(citing, kind="stable")
    ends = np.concatenate(([0], np.cumsum(np.bincount(citing, minlength=years.size))))
    sorted_cited = cited[order]
    with (folder / "bip.txt").open("w", encoding="utf-8") as file:
        for place, (name, year) in enumerate(zip(names, years.tolist(), strict=True)):
            row = sorted_cited[ends[place] : ends[place + 1]].tolist()
            links = ",".join(names[other] for other in row) if row else "0"
            file.write(f"{name}\t{links}|{len(row)}|{1 / years.size}\t0\t{year}\n")


def from_acl(data: Path, folder: Path) -> None:
    titles: dict[str, int] = {}
    years: list[int] = []
    for path in sorted(data.glob("publication-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                product = json.loads(line)
                titles.setdefault(product["id"], len(titles))
                years.append(int(product["publicationDate"][:4]))
    pairs: set[tuple[int, int]] = set()
    for path in sorted(data.glob("relation-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                relation = json.loads(line)
                pair = titles.get(relation["source"], -1), titles.get(relation["target"], -1)
                if min(pair) >= 0 and pair[0] != pair[1]:
                    pairs.add(pair)
    edges = np.array(sorted(pairs), dtype=np.int32)
    write_tables(pa.array(list(titles)), np.array(years, dtype=np.int32), edges[:, 0], edges[:, 1], folder)


def from_literature(n_nodes: int, folder: Path) -> None:
    write_graph(folder / "graph", literature(n_nodes, 15.3, last_year=CURRENT_YEAR))
    graph = open_graph(folder / "graph")
    citing = np.repeat(np.arange(n_nodes, dtype=np.int32), np.diff(graph.row))
    ids = pc.binary_join_element_wise("w", pa.array(np.arange(n_nodes)).cast(pa.string()), "")
    write_tables(ids, np.asarray(graph.years), citing, np.asarray(graph.cited), folder)


def run_evigraph(folder: Path, edges: str, nodes: str | None, out: str) -> None:
    from evigraph.rank.files import rank_files

    rank_files(folder / edges, None if nodes is None else folder / nodes, folder / out, CURRENT_YEAR)


def run_scipy(folder: Path) -> None:
    import scipy.sparse as sparse

    nodes, edges = parquet.read_table(folder / "nodes.parquet"), parquet.read_table(folder / "edges.parquet")
    ids, years = nodes["id"].combine_chunks(), nodes["year"].to_numpy()
    citing, cited = (pc.index_in(edges[name], value_set=ids).to_numpy() for name in ("citing", "cited"))
    out_degree = np.bincount(citing, minlength=years.size)
    matrix = sparse.csr_matrix((1.0 / out_degree[citing], (cited, citing)), shape=(years.size, years.size))
    is_dangling = out_degree == 0

    def step(score: Any) -> Any:
        return matrix @ score

    teleport = teleport_of(years, citing, cited)
    known = np.where((years < 1000) | (years > CURRENT_YEAR), 0, years)
    found = {
        "citation_count": np.bincount(cited, minlength=years.size),
        "impulse": np.bincount(cited[years[citing] - years[cited] <= 3], minlength=years.size),
        "influence": iterate(step, is_dangling, ALPHA, (1 - ALPHA) / years.size)[0],
        "popularity": iterate(step, is_dangling, POPULARITY_ALPHA, teleport)[0],
        "ram": np.bincount(cited, weights=RAM_GAMMA ** (CURRENT_YEAR - known[citing]), minlength=years.size),
    }
    columns: dict[str, Any] = {"id": ids}
    for name, scores in found.items():
        columns[name] = scores
        with np.errstate(divide="ignore"):
            digits = 11 - np.floor(np.log10(np.abs(scores), where=scores > 0, out=np.zeros(scores.size)))
        rounded = np.round(scores * 10.0**digits) / 10.0**digits
        values, places, sizes = np.unique(rounded, return_inverse=True, return_counts=True)
        n_so_far = np.cumsum(sizes[::-1])[::-1]
        classes = np.full(values.size, 5)
        for number, share in ((4, 0.1), (3, 0.01), (2, 0.001), (1, 0.0001)):
            classes[n_so_far <= max(1, int(years.size * share))] = number
        columns[f"{name}_class"] = pa.array(["", "C1", "C2", "C3", "C4", "C5"]).take(pa.array(classes[places]))
    (folder / "scipy").mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), folder / "scipy" / "scores.parquet")


def measure(command: list[str], **options: Any) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MiB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, **options)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_bip(checkout: Path, folder: Path) -> dict[str, float]:
    """Wall seconds of each script of BIP! Ranker."""
    seconds = {}
    for name, (script, given, _) in SCRIPTS.items():
        # The scripts ask for one local thread; two are what evigraph has.
        text = (checkout / script).read_text(encoding="utf-8").replace("setMaster('local')", "setMaster('local[2]')")
        (folder / script).write_text(text, encoding="utf-8")
        arguments = [argument.format(checkpoints=f"file://{folder}/checkpoints") for argument in given]
        command = [sys.executable, str(folder / script), f"file://{folder}/bip.txt", *arguments]
        environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": "--driver-memory 7G pyspark-shell"}
        with (folder / f"{name}.log").open("w") as log:
            seconds[name] = measure(command, env=environment, stdout=log, stderr=log)[0]
        print(f"  BIP! Ranker {script} ({name}): {seconds[name]:.1f} s", flush=True)
    return seconds


def bip_scores(folder: Path, name: str) -> dict[str, tuple[float, str]]:
    prefix = SCRIPTS[name][2]
    found = {}
    for path in folder.glob(f"{prefix}*"):
        for part in sorted(path.glob("part-*")) if path.is_dir() else [path]:
            with gzip.open(part, "rt") if part.suffix == ".gz" else part.open() as lines:
                for line in lines:
                    key, score, *rest = line.rstrip("\n").split("\t")
                    found[key] = (float(score), rest[-1])
    return found


def compare(ours: Any, theirs: Any, tool: str) -> None:
    for name in SCORES:
        expected = theirs[name].to_numpy().astype(np.float64)
        difference = np.abs(ours[name].to_numpy() - expected) / np.where(expected == 0, 1, expected)
        n_other = int(np.count_nonzero(ours[f"{name}_class"].to_numpy() != theirs[f"{name}_class"].to_numpy()))
        print(f"  {name}: {tool} differs by at most {difference.max():.0e} of the score, in {n_other} classes")


def show(kind: str, folder: Path, repeats: int) -> None:
    """Prints the rows of all tools for the graph in `folder`."""
    base = [sys.executable, __file__, "--folder", str(folder), "--run"]
    runs: dict[str, list[tuple[float, float, float]]] = {"evigraph": [], "evigraph-bip": [], "scipy": []}
    measure([*base, "evigraph"])
    for _ in range(repeats):
        for tool, results in runs.items():
            results.append(measure([*base, tool]))
    facts = json.loads((folder / "evigraph" / "facts.json").read_text())
    print(f"\n{kind}: {facts['n_nodes']:,} works, {facts['n_edges']:,} citations; load {os.getloadavg()[0]:.1f}")
    print(f"{'tool':14} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}")
    for tool, results in runs.items():
        wall, cpu = (min(result[item] for result in results) for item in (0, 1))
        print(f"{tool:14} {wall:8.2f} {cpu:8.2f} {max(result[2] for result in results):9.0f}")
    ours = parquet.read_table(folder / "evigraph" / "scores.parquet")
    compare(ours, parquet.read_table(folder / "scipy" / "scores.parquet"), "scipy")
    checkout = os.environ.get("BIP_RANKER")
    if not checkout:
        print("  BIP! Ranker: absent (BIP_RANKER names no checkout of it)")
        return
    total = sum(measure_bip(Path(checkout), folder).values())
    best = min(result[0] for result in runs["evigraph-bip"])
    print(f"  BIP! Ranker {total:.0f} s, evigraph from the same file {best:.2f} s: {total / best:.0f} times faster")
    for name in SCORES:
        theirs = bip_scores(folder, name)
        scores = [theirs.get(key, (0.0, "C5")) for key in ours["id"].to_pylist()]
        expected = np.array([score for score, _ in scores])
        n_other = sum(
            theirs != mine for (_, theirs), mine in zip(scores, ours[f"{name}_class"].to_pylist(), strict=True)
        )
        distance = np.abs(ours[name].to_numpy() - expected).max()
        print(f"  {name}: BIP! Ranker differs by at most {distance:.0e}, in {n_other} classes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--acl", type=Path, default=Path(__file__).parents[3] / "shared" / "data" / "acl")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--run", choices=("evigraph", "evigraph-bip", "scipy"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run == "scipy":
        run_scipy(arguments.folder)
        return
    if arguments.run:
        names = ("bip.txt", None) if arguments.run == "evigraph-bip" else ("edges.parquet", "nodes.parquet")
        run_evigraph(arguments.folder, *names, arguments.run)
        return
    if arguments.acl.is_dir():
        with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
            from_acl(arguments.acl, Path(temporary))
            show("ACL Anthology", Path(temporary), arguments.repeats)
    else:
        print(f"{arguments.acl}: no such folder; the ACL Anthology is left out (name it with --acl)")
    for n_nodes in arguments.nodes:
        # BIP! Ranker takes the first five parts of its input's address for the folder of its output.
        with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
            from_literature(n_nodes, Path(temporary))
            show("synthetic", Path(temporary), arguments.repeats)


if __name__ == "__main__":
    main()
