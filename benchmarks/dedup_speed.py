"""How long deduplication takes: evigraph beside Splink and bib-dedupe, on catalogues made of real records.

    python benchmarks/dedup_speed.py [--records 100000 1000000] [--bib-records 50000] [--peers-python PYTHON]
        [--data DATA] [--pubmed FOLDER] [--keep FOLDER] [--steps]

The catalogues are those of `dedup_corpus.py`. evigraph runs the steps of its pipeline from the table `record` to the
table `member`, every step read from disk and written to disk, on two cores: cleaning of the fields, blocking,
comparison, clusters. Peers run in PYTHON, which is not this project's:

- **Splink** on DuckDB with two threads (`dedup_peers.py`), given evigraph's cleaned fields and blocking keys, a key
  that more than `WINDOW` + 1 records share cut into runs of that many: neither making them nor training is counted.
  What is: blocking, comparing, clusters at .95.
- **bib-dedupe** with its defaults on two processes, from its own preparation to its clusters.

Each tool has processes of its own. `s` is the clock's, `CPU s` that of all its processes, `MiB` the most that they held
together (memory that they share counted in parts). Precision and recall are of pairs against the known works, so that
nobody is fast by finding nothing. Of growth: time over n log n, in that of the first catalogue.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup_corpus import base_records, write_catalogue
from dedup_sets import DATA
from watched import cpu_of, watched

CORES = 2

#: What DuckDB may hold in evigraph's run, and in Splink's.
MEMORY = "2GB"

Told = dict[str, Any]


def run_evigraph(folder: Path) -> None:
    """One process: the steps from `record` to `member`; prints what each took."""
    from evigraph.deduplicate.steps import CLUSTERING
    from evigraph.engine.checkpoint import Work
    from evigraph.engine.duckdb import DuckDBEngine
    from evigraph.engine.execute import Execution
    from evigraph.engine.layout import write_rows
    from evigraph.model.tables import DECISION, RECORD

    write_rows(DECISION, DECISION.empty(), folder / "decision")
    steps: list[Told] = []
    started, before = time.perf_counter(), cpu_of(os.getpid())
    engine = DuckDBEngine(memory=MEMORY, threads=CORES)
    execution = Execution(engine, Work(folder / "work"), {"level": "version"})
    execution.provide(RECORD, folder / "record", "made")
    execution.provide(DECISION, folder / "decision", "none")
    facts: Told = {}
    for step in CLUSTERING:
        step_before = cpu_of(os.getpid())
        report = execution.run(step)
        facts |= report.facts
        cpu = cpu_of(os.getpid()) - step_before
        steps.append({"step": report.name, "s": report.seconds, "cpu": cpu, "rows": sum(report.rows.values())})
    engine.close()
    seconds = time.perf_counter() - started
    print(json.dumps({"s": seconds, "before": before, "steps": steps, "n_products": facts["n_products"]}))


def measure(command: list[str]) -> Told:
    """What a command prints last as JSON, with the CPU seconds and the peak memory of its tree of processes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = watched(process, 0.2)
    if process.returncode:
        return {"absent": (seen.complaint.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:200]}
    told: Told = json.loads(seen.output.splitlines()[-1])
    return told | {"mib": seen.peak / 2**20, "cpu": told.get("cpu", seen.cpu - told.get("before", 0.0))}


def quality(works: pa.Table, clusters: pa.Table) -> tuple[float, float]:
    """Precision and recall of pairs; clusters: record_id, cluster."""
    text = pa.schema({"record_id": pa.string(), "cluster": pa.string()})
    joined = works.join(clusters.select(text.names).cast(text), "record_id", join_type="left outer")
    # A record that a tool leaves out is a cluster of its own.
    joined = joined.set_column(
        joined.schema.get_field_index("cluster"),
        "cluster",
        pc.coalesce(joined["cluster"], joined["record_id"]),
    )

    def n_pairs(names: list[str]) -> int:
        sizes = joined.group_by(names).aggregate([("record_id", "count")])["record_id_count"]
        return int(pc.sum(pc.divide(pc.multiply(sizes, pc.subtract(sizes, 1)), 2)).as_py())

    hits = n_pairs(["work", "cluster"])
    return hits / max(1, n_pairs(["cluster"])), hits / max(1, n_pairs(["work"]))


def prepare_splink(folder: Path) -> None:
    """Writes what Splink is given: evigraph's cleaned fields, with the blocking keys of each record."""
    import duckdb

    from evigraph.deduplicate.blocks import WINDOW

    work = folder / "work"
    comparable, keys = (work / f"deduplicate.{name}" / name / "*.parquet" for name in ("comparable", "block_key"))
    connection = duckdb.connect(config={"threads": CORES, "memory_limit": MEMORY, "temp_directory": str(folder)})
    connection.execute(
        f"""COPY (
        WITH placed AS (
            SELECT key, record_id, count(*) OVER (PARTITION BY key) AS n,
                row_number() OVER (PARTITION BY key ORDER BY place, record_id) - 1 AS rank FROM '{keys}'
        ), kept AS (
            SELECT record_id, list(CASE WHEN n > {WINDOW + 1} THEN key || '#' || (rank // {WINDOW + 1}) ELSE key END)
                AS keys FROM placed WHERE n > 1 GROUP BY record_id
        )
        SELECT c.record_id, c.title_key, c.author_names, c.author_names[1] AS first_author, c.year, c.venue, c.volume,
            c.first_page, list_filter(c.pids, lambda pid: pid.scheme = 'doi')[1].value AS doi, k.keys
        FROM '{comparable}' c LEFT JOIN kept k USING (record_id)
        ) TO '{folder / "splink.parquet"}'"""
    )
    connection.close()


def show(name: str, told: Told, n_records: int) -> None:
    if "absent" in told:
        print(f"{name:12} {told['absent']}", flush=True)
        return
    print(
        f"{name:12}{told['s']:9.1f}{told['cpu']:9.1f}{told['mib']:8.0f}{told['s'] / n_records * 1e6:11.0f}"
        f"{told['precision']:11.3f}{told['recall']:8.3f}  {told.get('notes', '')}",
        flush=True,
    )


def compare(n_records: int, given: argparse.Namespace, folder: Path, peers: list[str]) -> Told:
    """Runs evigraph and peers on a catalogue of `n_records` and prints what they took."""
    if not (folder / "works.parquet").exists():
        base = base_records(folder.parent / "base.parquet", given.data, given.pubmed)
        write_catalogue(folder, n_records, base)
    works = pq.read_table(folder / "works.parquet")
    print(f"\n{n_records:,} records of {pc.count_distinct(works['work'])} works; load {os.getloadavg()[0]:.1f}")
    print(f"{'':12}{'s':>9}{'CPU s':>9}{'MiB':>8}{'µs a record':>11}{'precision':>11}{'recall':>8}", flush=True)
    shutil.rmtree(folder / "work", ignore_errors=True)
    ours = measure([sys.executable, __file__, "--run", str(folder)])
    if "absent" not in ours:
        member = pq.read_table(folder / "work" / "deduplicate.member" / "member")
        ours["precision"], ours["recall"] = quality(works, member.rename_columns(["record_id", "cluster"]))
    show("evigraph", ours, n_records)
    if given.steps:
        for step in ours.get("steps", ()):
            print(f"  {step['step']:24}{step['s']:8.1f} s{step['cpu']:8.1f} CPU s{step['rows']:12,} rows")
    for peer in peers:
        if peer == "splink":
            prepare_splink(folder)
        command = [given.peers_python, str(Path(__file__).parent / "dedup_peers.py"), peer, str(folder)]
        told = measure(command)
        if "absent" not in told:
            clusters = pq.read_table(folder / f"{peer}-clusters.parquet")
            told["precision"], told["recall"] = quality(works, clusters)
        show(peer, told, n_records)
        if "absent" not in told and "absent" not in ours:
            print(
                f"evigraph is {told['s'] / ours['s']:.2f} times as fast as {peer}, "
                f"{told['cpu'] / ours['cpu']:.2f} times by CPU time",
                flush=True,
            )
    return ours


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--bib-records", type=int, nargs="*", default=[50_000])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--pubmed", type=Path, help="A folder with pubmed2*.xml.gz.")
    parser.add_argument("--peers-python", default=sys.executable, help="A Python that has the peers.")
    parser.add_argument("--peers", nargs="*", default=["splink", "bib-dedupe"], choices=["splink", "bib-dedupe"])
    parser.add_argument("--keep", type=Path, help="Where catalogues and tables stay; else they are removed.")
    parser.add_argument("--steps", action="store_true", help="What each step of evigraph took.")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run_evigraph(given.run)
        return
    first: tuple[int, Told] | None = None
    with tempfile.TemporaryDirectory() as temporary:
        root = given.keep or Path(temporary)
        sizes = {"splink": given.records, "bib-dedupe": given.bib_records if "bib-dedupe" in given.peers else []}
        for n_records in sorted({n for each in sizes.values() for n in each}):
            peers = [peer for peer in given.peers if n_records in sizes[peer]]
            ours = compare(n_records, given, root / str(n_records), peers)
            if "absent" in ours:
                continue
            first = first or (n_records, ours)
            growth = (n_records * math.log(n_records)) / (first[0] * math.log(first[0]))
            print(
                f"time over n log n, beside {first[0]:,} records: {ours['s'] / first[1]['s'] / growth:.2f} by the "
                f"clock, {ours['cpu'] / first[1]['cpu'] / growth:.2f} by CPU time",
                flush=True,
            )


if __name__ == "__main__":
    main()
