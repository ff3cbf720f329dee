"""Ranking from file to file: scores and classes of a citation graph, by evigraph, other tools and BIP! Ranker.

    python benchmarks/rank/files.py [--nodes 1000000] [--acl ../shared/data/acl] [--repeats 3]
    python benchmarks/rank/files.py --peers scipy networkit --peers-python PYTHON
    BIP_RANKER=FOLDER python benchmarks/rank/files.py --nodes 100000      (a checkout of athenarc/Bip-Ranker)

Each tool is a process of its own, with interpreter and imports: the least wall time and the most memory count (less
than this program holds itself, some 280 MiB, cannot be seen).
`evigraph` reads tables of works and of citations in Parquet, and BIP! Ranker's text; it is run once before to compile,
as on a user's machine. The peers (`peers.py`) read the same Parquet, iterate until the change is below 1e-13, class
and write; those that cannot be given AttRank's teleport leave popularity out.
BIP! Ranker reads its text; its five scripts (PageRank, AttRank, citation count, impulse, RAM) run one after the other
on two local threads of Spark with the local checkpoints it offers, and stop at its own absolute 1e-12. A script that
takes longer than `--timeout` is ended and counts for as long as it ran. Scores and classes are compared; synthetic
literature is `literature.py`, the ACL Anthology is real.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet
from literature import literature
from peers import CURRENT_YEAR, TOOLS

from evigraph.rank.layout import open_graph, write_graph

SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")

#: The classes of BIP! Ranker by ours.
CLASSES = dict(zip("ABCDE", ("C1", "C2", "C3", "C4", "C5"), strict=True))

#: Spark 4 refuses casts that BIP! Ranker, written for Spark 2, relies on.
SPARK = "--driver-memory {memory} --conf spark.sql.ansi.enabled=false pyspark-shell"

#: Graphs with more works are not written as BIP! Ranker's text.
MOST_AS_TEXT = 2_000_000

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
    """The graph as nodes.parquet, edges.parquet and, unless it is large, bip.txt; `citing` ascends."""
    parquet.write_table(pa.table({"id": ids, "year": years}), folder / "nodes.parquet")
    schema = pa.schema([("citing", ids.type), ("cited", ids.type)])
    with parquet.ParquetWriter(folder / "edges.parquet", schema) as writer:
        for first in range(0, citing.size, 1 << 22):
            part = slice(first, first + (1 << 22))
            writer.write_table(pa.table([ids.take(citing[part]), ids.take(cited[part])], schema=schema))
    if years.size > MOST_AS_TEXT:
        return
    names = ids.to_pylist()
    ends = np.concatenate(([0], np.cumsum(np.bincount(citing, minlength=years.size))))
    with (folder / "bip.txt").open("w", encoding="utf-8") as file:
        for place, (name, year) in enumerate(zip(names, years.tolist(), strict=True)):
            row = cited[ends[place] : ends[place + 1]].tolist()
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


def adopt() -> None:
    """Makes processes whose parent has ended children of this one: Java outlives the script that started it."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def measure(command: list[str], timeout: float, **options: Any) -> tuple[bool, float, float, float]:
    """Whether a command came to its end, its wall and processor seconds, and the peak MiB of its largest process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True, **options)
    timer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    is_done, wall, on_cpu, peak = False, 0.0, 0.0, 0.0
    while True:
        try:
            pid, status, usage = os.wait3(0)
        except ChildProcessError:
            break
        if pid == process.pid:
            is_done, wall = status == 0, time.perf_counter() - started
        on_cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    timer.cancel()
    process.returncode = 0 if is_done else 1
    return is_done, wall, on_cpu, peak


def measure_bip(checkout: Path, folder: Path, timeout: float, memory: str) -> tuple[bool, float, float]:
    """Whether all scripts of BIP! Ranker came to their end, their wall and their processor seconds."""
    are_all_done, walls, on_cpus = True, 0.0, 0.0
    for name, (script, given, _) in SCRIPTS.items():
        # The scripts ask for one local thread; two are what evigraph has.
        text = (checkout / script).read_text(encoding="utf-8").replace("setMaster('local')", "setMaster('local[2]')")
        (folder / script).write_text(text, encoding="utf-8")
        arguments = [argument.format(checkpoints=f"file://{folder}/checkpoints") for argument in given]
        command = [sys.executable, str(folder / script), f"file://{folder}/bip.txt", *arguments]
        environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": SPARK.format(memory=memory)}
        log = folder / f"{name}.log"
        with log.open("w") as file:
            is_done, wall, on_cpu, peak = measure(
                command, timeout, env=environment, cwd=folder, stdout=file, stderr=file
            )
        if not is_done and wall < timeout:
            raise SystemExit(f"{script} failed:\n{log.read_text()[-3000:]}")
        are_all_done, walls, on_cpus = are_all_done and is_done, walls + wall, on_cpus + on_cpu
        rounds = log.read_text().count("--- Iteration")
        print(
            f"  BIP! Ranker {script} ({name}): {wall:.1f} s, CPU {on_cpu:.1f} s, {peak:.0f} MiB, {rounds} rounds"
            f"{'' if is_done else ' (ended, not finished)'}",
            flush=True,
        )
    return are_all_done, walls, on_cpus


def bip_scores(folder: Path, name: str) -> dict[str, tuple[float, str]]:
    """Score and class of each work as BIP! Ranker wrote them: parts with a header, five classes last."""
    found = {}
    for path in folder.glob(f"{SCRIPTS[name][2]}*/part-*.csv"):
        with path.open(encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                key, score, *rest = line.rstrip("\n").split("\t")
                found[key] = (float(score), CLASSES[rest[-1]])
    return found


def compare(ours: Any, theirs: Any, tool: str) -> None:
    """Prints how far the tool's scores and classes are from ours."""
    told = []
    for name in SCORES:
        if name in theirs.column_names:
            expected = theirs[name].to_numpy().astype(np.float64)
            difference = np.abs(ours[name].to_numpy() - expected) / np.where(expected == 0, 1, expected)
            n_other = int(np.count_nonzero(ours[f"{name}_class"].to_numpy() != theirs[f"{name}_class"].to_numpy()))
            told.append(f"{name} {difference.max():.0e}, {n_other} classes")
    print(f"  {tool} differs by at most so much of a score, and in so many classes: {'; '.join(told)}")


def show(kind: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Prints the rows of all tools for the graph in `folder`."""
    base = [sys.executable, __file__, "--folder", str(folder), "--run"]
    commands = {"evigraph": [*base, "evigraph"]}
    if (folder / "bip.txt").exists():
        commands["evigraph-bip"] = [*base, "evigraph-bip"]
    here = Path(__file__).parent
    for tool in arguments.peers:
        commands[tool] = [arguments.peers_python, str(here / "peers.py"), tool, str(folder), "--files"]
    measure(commands["evigraph"], arguments.timeout)
    runs: dict[str, list[list[float]]] = {}
    for _ in range(arguments.repeats):
        for tool in list(commands):
            is_done, *result = measure(commands[tool], arguments.timeout, stderr=subprocess.DEVNULL)
            if not is_done:
                print(
                    f"{tool}: not installed in {commands[tool][0]}, failed, or no result in {arguments.timeout:.0f} s"
                )
                del commands[tool]
            else:
                runs.setdefault(tool, []).append(result)
    facts = json.loads((folder / "evigraph" / "facts.json").read_text())
    print(f"\n{kind}: {facts['n_nodes']:,} works, {facts['n_edges']:,} citations; load {os.getloadavg()[0]:.1f}")
    print(f"{'tool':14} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}")
    for tool, results in runs.items():
        wall, cpu = (min(result[item] for result in results) for item in (0, 1))
        print(f"{tool:14} {wall:8.2f} {cpu:8.2f} {max(result[2] for result in results):9.0f}")
    ours = parquet.read_table(folder / "evigraph" / "scores.parquet")
    for tool in arguments.peers:
        if tool in runs:
            compare(ours, parquet.read_table(folder / tool / "scores.parquet"), tool)
    checkout = os.environ.get("BIP_RANKER")
    if not checkout or "evigraph-bip" not in runs:
        print("  BIP! Ranker: left out (BIP_RANKER names no checkout of it, or the graph is too large for its text)")
        return
    limits = arguments.timeout, arguments.spark_memory
    are_all_done, wall, on_cpu = measure_bip(Path(checkout), folder, *limits)
    print(f"  BIP! Ranker in all: {'' if are_all_done else 'more than '}{wall:.0f} s, CPU {on_cpu:.0f} s")
    for tool, kind in (("evigraph-bip", "the same file"), ("evigraph", "Parquet")):
        ours_wall, ours_cpu = (min(result[item] for result in runs[tool]) for item in (0, 1))
        print(f"  evigraph from {kind}: {wall / ours_wall:.0f} times faster, by CPU time {on_cpu / ours_cpu:.0f} times")
    for name in SCORES:
        theirs = bip_scores(folder, name)
        if not theirs:
            continue
        scores = [theirs.get(key, (0.0, "C5")) for key in ours["id"].to_pylist()]
        expected = np.array([score for score, _ in scores])
        classes = ours[f"{name}_class"].to_pylist()
        n_other = sum(their_class != ours for (_, their_class), ours in zip(scores, classes, strict=True))
        distance = np.abs(ours[name].to_numpy() - expected).max()
        print(f"  {name}: BIP! Ranker differs by at most {distance:.0e}, in {n_other} classes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--acl", type=Path, default=Path(__file__).parents[3] / "shared" / "data" / "acl")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=["scipy"], choices=list(TOOLS))
    parser.add_argument("--peers-python", default=sys.executable, help="A Python that has the peers and pyarrow.")
    parser.add_argument("--timeout", type=float, default=900.0, help="Seconds after which a tool is given up.")
    parser.add_argument("--spark-memory", default="7G", help="What BIP! Ranker's Java may hold.")
    parser.add_argument("--run", choices=("evigraph", "evigraph-bip"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make is not None:
        from_literature(arguments.make, arguments.folder)
        return
    if arguments.run:
        edges, nodes = ("bip.txt", None) if arguments.run == "evigraph-bip" else ("edges.parquet", "nodes.parquet")
        run_evigraph(arguments.folder, edges, nodes, arguments.run)
        return
    adopt()
    if arguments.acl.is_dir():
        with tempfile.TemporaryDirectory() as temporary:
            from_acl(arguments.acl, Path(temporary))
            show("ACL Anthology", Path(temporary), arguments)
    else:
        print(f"{arguments.acl}: no such folder; the ACL Anthology is left out (name it with --acl)")
    for n_nodes in arguments.nodes:
        with tempfile.TemporaryDirectory() as temporary:
            # In a process of its own: what this one ever held would count as its children's.
            subprocess.run([sys.executable, __file__, "--folder", temporary, "--make", str(n_nodes)], check=True)
            show("synthetic", Path(temporary), arguments)


if __name__ == "__main__":
    main()
