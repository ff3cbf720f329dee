"""How well deduplication does on labelled sets: precision, recall and F1 of pairs after closure, one fixed setting.

    python benchmarks/dedup_quality.py [DATA] [--set NAME] [--peers-python PYTHON]

DATA holds `dedup/` with DBLP-ACM (full tables), DBLP-Scholar and dirty DBLP-ACM (test and validation pairs) and Cora.
Every set goes through the whole pipeline, blocking included, at level `duplicate` with the weights of
`evigraph.deduplicate.weights`; level `version` is told beside it. Intervals are 95 %: 1,000 bootstrap samples of the
true works (their pairs together, for pairs of one work are no independent observations).

Peers (bib-dedupe and Splink, `dedup_quality_peers.py`) run on the same records in the Python that `--peers-python`
names; they know one level.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dedup_sets import DATA, LabelledSet, Pair, all_sets, predicted
from evigraph.deduplicate import members
from evigraph.deduplicate.blocks import block_keys
from evigraph.deduplicate.comparables import comparable_row
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD

#: Least F1 that the project asks of itself.
BARS = {"DBLP-ACM": 0.98, "DBLP-Scholar": 0.91, "Cora": 0.86, "DBLP-ACM dirty": 0.94}

N_SAMPLES = 1000

PEERS = ("bib-dedupe", "splink")


def _groups(pairs: Iterable[Pair]) -> dict[str, str]:
    """For each record in some pair the first record of its component."""
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in pairs:
        parent[find(left)] = find(right)
    return {node: find(node) for node in parent}


def scores(labelled: LabelledSet, found: set[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Precision, recall, F1; and their 95 % intervals, shape (3, 2), by bootstrap over the true works.

    A false pair counts with the work of its left record.
    """
    work_of = _groups(labelled.same)
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for pair in found | labelled.same:
        work = work_of.get(pair[0], pair[0])
        is_true, is_found = pair in labelled.same, pair in found
        counts[work][0] += is_true and is_found
        counts[work][1] += is_found
        counts[work][2] += is_true
    table = np.array(list(counts.values()), dtype=np.float64)

    def measure(totals: np.ndarray) -> np.ndarray:
        hits, n_found, n_true = totals[..., 0], totals[..., 1], totals[..., 2]
        precision, recall = hits / np.maximum(n_found, 1), hits / np.maximum(n_true, 1)
        return np.stack([precision, recall, 2 * hits / np.maximum(n_found + n_true, 1)], axis=-1)

    random = np.random.default_rng(0)
    weights = random.multinomial(len(table), np.full(len(table), 1 / len(table)), size=N_SAMPLES)
    return measure(table.sum(axis=0)), np.percentile(measure(weights @ table), [2.5, 97.5], axis=0).T


def peers_clusters(python: str, sets: list[LabelledSet]) -> dict[str, dict[str, dict[str, str]]]:
    """For each peer and set the cluster of each record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for labelled in sets:
            rows = []
            for record in labelled.records:
                of = comparable_row(record)
                container = record["container"]
                pages = [page for page in (container.get("first_page"), container.get("last_page")) if page]
                keys = block_keys(
                    *(of[name] for name in ("title_key", "is_generic", "author_names", "year", "venue", "volume")),
                    of["first_page"],
                )
                columns = ("record_id", "title_key", "author_names", "year", "venue", "volume", "first_page")
                rows.append(
                    {name: of[name] for name in columns}
                    | {
                        "first_author": next(iter(of["author_names"]), None),
                        "keys": keys,
                        "title": record["title"] or "",
                        "journal": container.get("name") or "",
                        "pages": "--".join(pages),
                        "authors": "; ".join(author["full_name"] for author in record["authors"]),
                    }
                )
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{labelled.name}.parquet")
        script, found = Path(__file__).with_name("dedup_quality_peers.py"), {}
        for peer in PEERS:
            subprocess.run([python, script, peer, folder], check=True, capture_output=True)
            found[peer] = json.loads((folder / f"{peer}.json").read_text(encoding="utf-8"))
    return found


def line(name: str, level: str, labelled: LabelledSet, cluster_of: dict[str, str], rest: str) -> tuple[str, float]:
    """A line of the table, and F1."""
    found = predicted(labelled, {**{row["record_id"]: row["record_id"] for row in labelled.records}, **cluster_of})
    (precision, recall, f1), interval = scores(labelled, found)
    cells = [
        f"{value:.3f} ({low:.3f}-{high:.3f})"
        for value, (low, high) in zip((precision, recall, f1), interval, strict=True)
    ]
    return f"| {labelled.name} | {name} | {level} | {' | '.join(cells)} | {rest} |", float(f1)


def main() -> int:
    """Prints a table; 1 where a bar is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--set", dest="name", help="only this set")
    parser.add_argument("--peers-python", help="a Python with bib-dedupe and splink")
    given = parser.parse_args()
    sets = [labelled for labelled in all_sets(given.data) if given.name in (None, labelled.name)]
    found_steps = [step for step in CLUSTERING if step is not members.STEP]
    is_short = False
    print("| set | tool | level | precision | recall | F1 | bar | blocked | processor seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    peers = peers_clusters(given.peers_python, sets) if given.peers_python else {}
    for labelled in sets:
        cpu = time.process_time()
        tables, _ = run_in_memory(
            found_steps, {"record": RECORD.from_rows(labelled.records), "decision": DECISION.empty()}, {}
        )
        seconds = time.process_time() - cpu
        ids = (tables["pair"][name].to_pylist() for name in ("record_id_l", "record_id_r"))
        pairs = {frozenset(pair) for pair in zip(*ids, strict=True)}
        blocked = sum(frozenset(pair) in pairs for pair in labelled.same) / len(labelled.same)
        for level in ("duplicate", "version"):
            clustered, _ = run_in_memory([members.STEP], tables, {"level": level})
            columns = (clustered["member"][name].to_pylist() for name in ("record_id", "product_id"))
            rest = f"{BARS[labelled.name]} | {blocked:.3f} | {seconds:.1f}"
            text, f1 = line("evigraph", level, labelled, dict(zip(*columns, strict=True)), rest)
            is_short = is_short or (level == "duplicate" and f1 < BARS[labelled.name])
            print(text, flush=True)
        for peer, clusters in peers.items():
            print(line(peer, "", labelled, clusters[labelled.name], "| | ")[0], flush=True)
    return int(is_short)


if __name__ == "__main__":
    sys.exit(main())
