"""How quick the portal is under load: search and product pages of a large release, beside SQLite FTS5.

    python benchmarks/portal.py --from HOME [--products 1000000] [--seconds 60] [--folder FOLDER]

The release of the graph in HOME is replicated: each copy of a product has identifiers and records of its own, a word
of another title in its title and a year moved by up to two; citations are drawn anew, five a product, the earlier
works in the order of md5 cited more (a power law). Indicators are counts and their ranks, not the ranker's: they are
there to be sorted by. Provenance is that of products of one record; comparisons with like products are those of the
product that was copied; every citation carries the same score. The index is built (the claim: 4 minutes for 1,000,000
products on 2 cores), a server is started, and requests arrive on time whether or not earlier ones were
answered (open loop over 32 connections): 10 searches and 50 product pages a second. Then JSON products are asked for
as fast as they are answered, and the same queries run on SQLite FTS5.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import httpx2
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from evigraph.engine.layout import row_group_size
from evigraph.model.table import Table
from evigraph.model.tables import (
    CITATION,
    CITED_REFERENCE,
    INDICATOR,
    INDICATOR_VIEW,
    PRODUCT,
    RECORD,
    RELATION,
    RELEASE_TABLES,
)
from evigraph.store.query import Word, leaves, parse
from evigraph.store.release import served_id
from evigraph.store.search import build_index

#: What people ask: words, phrases, fields, prefixes, filters. The same for both sides.
QUERIES = (
    *("peer support", "mental health services", "cancer", "randomized controlled trial", "graph neural network"),
    *('"systematic review"', '"quality of life"', "title:therapy", "nurs* care", "depression OR anxiety"),
    *("covid 19 vaccine", "heart failure -surgery", "machine learning", "author:smith", "children adolescents"),
    *("gene expression", "protein structure", "diabetes type 2", "patients", "keyword:humans"),
)
CITATIONS = 5


def replicate(home: Path, folder: Path, n_products: int) -> Path:
    """A home with a release of `n_products` products made of those of the release served in `home`."""
    release = home / "releases" / str(served_id(home))
    made = folder / "releases" / f"replica-{n_products}"
    tables = made / "tables"
    db = duckdb.connect()
    db.execute("SET memory_limit='6GB'")
    db.execute(f"SET temp_directory='{folder / 'spill'}'")
    files = f"'{release}/tables/product/*.parquet'"
    n_base = pq.ParquetDataset(str(release / "tables/product")).read(["product_id"]).num_rows
    n_copies = -(-n_products // n_base)
    db.execute(
        f"CREATE TABLE ids AS SELECT product_id AS old, row_number() OVER (ORDER BY product_id) AS i FROM {files}"
    )
    db.execute(
        f"""CREATE TABLE copies AS SELECT old, c, CASE WHEN c = 0 THEN old
        ELSE split_part(old, '::', 1) || '::' || md5(old || '.' || c) END AS product_id
        FROM ids, range({n_copies}) r(c) QUALIFY row_number() OVER (ORDER BY c, old) <= {n_products}"""
    )
    columns = ", ".join(
        {
            "product_id": "k.product_id",
            "title": "CASE WHEN c = 0 THEN title ELSE title || ' ' || w.word END AS title",
            "year": "CASE WHEN c = 0 THEN year ELSE year - CAST(c % 3 AS INTEGER) END AS year",
            "pids": "list_transform(pids, lambda x: {'scheme': x.scheme, "
            "'value': x.value || CASE WHEN c = 0 THEN '' ELSE '.' || c END}) AS pids",
            "record_ids": "[record_ids[1] || '.' || c] AS record_ids",
            "provenance": "[] AS provenance",
        }.get(name, f"p.{name}")
        for name in PRODUCT.names
    )
    _write(
        db,
        PRODUCT,
        f"""SELECT {columns} FROM {files} p JOIN copies k ON k.old = p.product_id JOIN
        (SELECT i, split_part(old_title, ' ', 2) AS word FROM (SELECT i, title AS old_title FROM ids JOIN {files} q
        ON q.product_id = ids.old)) w ON w.i = 1 + hash(k.product_id) % {n_base} ORDER BY k.product_id""",
        tables,
    )
    columns = ", ".join(
        {"record_id": "r.record_id || '.' || c AS record_id"}.get(name, f"r.{name}") for name in RECORD.names
    )
    _write(
        db,
        RECORD,
        f"""SELECT {columns} FROM '{release}/tables/record/*.parquet' r
        JOIN (SELECT record_ids[1] AS first, c FROM {files} p
        JOIN copies k ON k.old = p.product_id) f ON f.first = r.record_id ORDER BY 1""",
        tables,
    )
    db.execute(
        "CREATE TABLE numbered AS SELECT product_id, row_number() OVER (ORDER BY product_id) - 1 AS n FROM copies"
    )
    db.execute("SELECT setseed(0.42)")
    db.execute(
        f"""CREATE TABLE cites AS SELECT DISTINCT a.product_id AS citing, b.product_id AS cited FROM
        (SELECT CAST(floor(random() * {n_products}) AS BIGINT) AS x,
        CAST(floor({n_products} * pow(random(), 3)) AS BIGINT) AS y FROM range({n_products * CITATIONS}))
        JOIN numbered a ON a.n = x JOIN numbered b ON b.n = y WHERE x <> y"""
    )
    _write(
        db,
        RELATION,
        """SELECT * FROM (SELECT citing AS source_id, 'Cites' AS relation, cited AS target_id, ['replica'] AS sources
        FROM cites
        UNION ALL SELECT cited, 'IsCitedBy', citing, ['replica'] FROM cites) ORDER BY 1, 2, 3""",
        tables,
    )
    _write(
        db,
        CITED_REFERENCE,
        """SELECT citing AS product_id, 'replica:list' AS record_id, 'replica' AS payload,
        CAST(row_number() OVER (PARTITION BY citing ORDER BY cited) - 1 AS INTEGER) AS position, NULL AS pids,
        NULL AS text, cited AS target_id FROM cites ORDER BY 1, 2, 3, 4""",
        tables,
    )
    grade = (
        "CASE WHEN share <= 0.0001 THEN 'C1' WHEN share <= 0.001 THEN 'C2' WHEN share <= 0.01 THEN 'C3' "
        "WHEN share <= 0.1 THEN 'C4' ELSE 'C5' END"
    )
    values = {
        "product_id": "product_id",
        **dict.fromkeys(("citation_count", "impulse"), "n"),
        **dict.fromkeys(("influence", "popularity"), "(n + 1.0) / 1e7"),
        **{f"{name}_class": grade for name in ("citation_count", "impulse", "influence", "popularity")},
    }
    others = {one.name: grade if one.name.endswith("_class") else "0" for one in INDICATOR.columns}
    columns = ", ".join(f"{values.get(name, others[name])} AS {name}" for name in INDICATOR.names)
    _write(
        db,
        INDICATOR,
        f"""SELECT {columns} FROM (SELECT product_id, n, percent_rank() OVER (ORDER BY n DESC) AS share FROM
        (SELECT k.product_id, count(c.citing) AS n FROM copies k LEFT JOIN cites c
        ON c.cited = k.product_id GROUP BY 1)) ORDER BY product_id""",
        tables,
    )
    _write(
        db,
        CITATION,
        """SELECT cited AS product_id, citing AS citing_id, 2020 AS year, 1e-7 AS influence, 1e-7 AS popularity,
        true AS is_early, true AS is_recent FROM cites ORDER BY 1, 2""",
        tables,
    )
    columns = ", ".join({"product_id": "k.product_id"}.get(name, f"v.{name}") for name in INDICATOR_VIEW.names)
    _write(
        db,
        INDICATOR_VIEW,
        f"""SELECT {columns} FROM '{release}/tables/indicator_view/*.parquet' v JOIN copies k ON k.old = v.product_id
        ORDER BY k.product_id, v.view, v.group_id""",
        tables,
    )
    shutil.copytree(release / "tables/indicator_group", tables / "indicator_group")
    for table in RELEASE_TABLES:
        if not (tables / table.name).exists():
            (tables / table.name).mkdir(parents=True)
            pq.write_table(table.empty(), tables / table.name / "part-00000.parquet")
    manifest = json.loads((release / "manifest.json").read_bytes())
    manifest |= {"release_id": made.name, "counts": {**manifest["counts"], "products": n_products}}
    (made / "manifest.json").write_text(json.dumps(manifest))
    (folder / "current").write_text(f"{made.name}\n")
    return made


def _write(db: duckdb.DuckDBPyConnection, table: Table, query: str, tables: Path) -> None:
    """The rows of a query, in key order, as files of a table."""
    folder = tables / table.name
    folder.mkdir(parents=True)
    reader = db.sql(query).to_arrow_reader(100_000)
    for number, batch in enumerate(reader):
        rows = table.conform(pa.Table.from_batches([batch]))
        pq.write_table(
            rows, folder / f"part-{number:05}.parquet", compression="zstd", row_group_size=row_group_size(table)
        )


async def open_loop(base: str, ids: list[str], seconds: int, sort: str) -> dict[str, list[float]]:
    """Milliseconds of each answer, counted from when its request was due; an error counts as infinite."""
    times: dict[str, list[float]] = {"search": [], "product": []}
    draw = random.Random(7)  # noqa: S311 - a plan of requests, the same each time
    plan = sorted(
        [(n / 10, "search", f"/search?sort={sort}", draw.choice(QUERIES)) for n in range(10 * seconds)]
        + [(n / 50, "product", f"/product/{draw.choice(ids)}", "") for n in range(50 * seconds)]
    )
    free = asyncio.Semaphore(32)
    async with httpx2.AsyncClient(base_url=base, timeout=60, limits=httpx2.Limits(max_connections=32)) as client:
        started = time.perf_counter()

        async def ask(due: float, kind: str, path: str, query: str) -> None:
            async with free:
                answer = await client.get(path, params={"q": query} if query else None)
            late = (time.perf_counter() - started - due) * 1000
            times[kind].append(late if answer.status_code == 200 else float("inf"))

        tasks = []
        for due, *rest in plan:
            await asyncio.sleep(max(0.0, started + due - time.perf_counter()))
            tasks.append(asyncio.create_task(ask(due, *rest)))
        await asyncio.gather(*tasks)
    return times


async def closed_loop(base: str, ids: list[str], seconds: int) -> float:
    """JSON products a second, 32 connections each asking as soon as it is answered."""
    draw, done, end = random.Random(8), 0, time.perf_counter() + seconds  # noqa: S311 - the same each time
    async with httpx2.AsyncClient(base_url=base, timeout=60, limits=httpx2.Limits(max_connections=32)) as client:

        async def ask() -> None:
            nonlocal done
            while time.perf_counter() < end:
                (await client.get(f"/api/products/{draw.choice(ids)}")).raise_for_status()
                done += 1

        await asyncio.gather(*(ask() for _ in range(32)))
    return done / seconds


def cpu_a_request(base: str, ids: list[str], server: psutil.Process) -> dict[str, float]:
    """Milliseconds of processor time of the server for a request of each kind, one after the other."""
    draw = random.Random(9)  # noqa: S311 - the same each time
    kinds: dict[str, list[str]] = {
        "search": [f"/search?{urlencode({'q': query})}" for query in QUERIES * 5],
        "search_by_popularity": [f"/search?{urlencode({'q': query, 'sort': 'popularity'})}" for query in QUERIES * 5],
        "product": [f"/product/{draw.choice(ids)}" for _ in range(200)],
        "json_product": [f"/api/products/{draw.choice(ids)}" for _ in range(400)],
    }
    told = {}
    with httpx2.Client(base_url=base, timeout=60) as client:
        for kind, paths in kinds.items():
            client.get(paths[0])
            before = sum(server.cpu_times()[:2])
            for path in paths:
                client.get(path).raise_for_status()
            told[kind] = round((sum(server.cpu_times()[:2]) - before) * 1000 / len(paths), 1)
    return told


def fts5(made: Path, path: Path) -> list[float]:
    """Milliseconds of each query on SQLite FTS5: the first 20 by bm25 and how many there are in each year."""
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.execute("CREATE VIRTUAL TABLE work USING fts5(title, abstract, authors, year UNINDEXED, tokenize='porter')")
    for file in sorted((made / "tables/product").glob("*.parquet")):
        rows = pq.read_table(file, columns=["title", "descriptions", "authors", "year"]).to_pylist()
        db.executemany(
            "INSERT INTO work VALUES (?, ?, ?, ?)",
            [
                (
                    r["title"],
                    " ".join(r["descriptions"] or ()),
                    "; ".join(a["full_name"] or "" for a in r["authors"] or ()),
                    r["year"],
                )
                for r in rows
            ],
        )
    db.commit()
    times = []
    for query in QUERIES * 3:
        words = [
            f'"{leaf.text}"{"*" if isinstance(leaf, Word) and leaf.is_prefix else ""}'
            for leaf in leaves(parse(query).node)
        ]
        asked = (" OR " if " OR " in query else " ").join(words)
        started = time.perf_counter()
        db.execute("SELECT rowid FROM work WHERE work MATCH ? ORDER BY rank LIMIT 20", (asked,)).fetchall()
        db.execute("SELECT year, count(*) FROM work WHERE work MATCH ? GROUP BY year", (asked,)).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="home", type=Path, required=True, help="a graph with a release")
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", type=Path, default=Path("portal-benchmark"))
    given = parser.parse_args()
    told: dict[str, Any] = {"products": given.products}
    made = given.folder / "releases" / f"replica-{given.products}"
    if not (made / "manifest.json").is_file():
        made = replicate(given.home, given.folder, given.products)
    started, cpu = time.perf_counter(), time.process_time()
    build_index(made / "tables", made / "index")
    told["index_seconds"] = round(time.perf_counter() - started, 1)
    told["index_cpu_seconds"] = round(time.process_time() - cpu, 1)
    ids = pq.ParquetDataset(str(made / "tables/product")).read(["product_id"]).column(0).to_pylist()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "evigraph", "serve", "--home", str(given.folder), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                httpx2.get(base, timeout=5)
                break
            except httpx2.TransportError:
                time.sleep(0.5)
        process = psutil.Process(server.pid)
        told["cpu_ms_a_request"] = cpu_a_request(base, ids, process)
        for sort in ("relevance", "popularity"):
            times = asyncio.run(open_loop(base, ids, given.seconds, sort))
            told[f"by_{sort}"] = {
                kind: {
                    "p50_ms": round(statistics.median(found)),
                    "p95_ms": round(p95(found)),
                    "errors": found.count(float("inf")),
                }
                for kind, found in times.items()
            }
        told["json_products_a_second"] = round(asyncio.run(closed_loop(base, ids, min(given.seconds, 20))))
        processes = [process, *process.children(recursive=True)]
        told["server_memory_mib"] = round(sum(one.memory_info().rss for one in processes) / 2**20)
    finally:
        server.terminate()
        server.wait(timeout=30)
    times_fts5 = fts5(made, given.folder / "fts5.db")
    told["sqlite_fts5"] = {"p50_ms": round(statistics.median(times_fts5)), "p95_ms": round(p95(times_fts5))}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
