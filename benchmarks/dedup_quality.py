"""How well deduplication does on labelled sets: precision, recall and F1 of pairs after closure, one fixed setting.

    python benchmarks/dedup_quality.py [DATA] [--set NAME]

DATA holds `dedup/` with DBLP-ACM (full tables), DBLP-Scholar and dirty DBLP-ACM (test and validation pairs) and Cora.
Every set goes through the whole pipeline, blocking included, at level `duplicate` with the weights of
`evigraph.deduplicate.weights`; level `version` is told beside it. Intervals are 95 %: 1,000 bootstrap samples of the
true works (their pairs together, for pairs of one work are no independent observations).

The peers' figures are those of their own runs, which this benchmark does not repeat.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dedup_sets import DATA, LabelledSet, Pair, all_sets, predicted
from evigraph.deduplicate import members
from evigraph.deduplicate.steps import CLUSTERING
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.tables import DECISION, RECORD

#: Least F1 that the project asks of itself.
BARS = {"DBLP-ACM": 0.98, "DBLP-Scholar": 0.91, "Cora": 0.86, "DBLP-ACM dirty": 0.94}

N_SAMPLES = 1000


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


def main() -> int:
    """Prints a table; 1 where a bar is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--set", dest="name", help="only this set")
    given = parser.parse_args()
    found_steps = [step for step in CLUSTERING if step is not members.STEP]
    is_short = False
    print("| set | level | precision | recall | F1 (95 % interval) | bar | blocked | processor seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for labelled in all_sets(given.data):
        if given.name and given.name != labelled.name:
            continue
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
            (precision, recall, f1), interval = scores(labelled, predicted(labelled, dict(zip(*columns, strict=True))))
            is_short = is_short or (level == "duplicate" and f1 < BARS[labelled.name])
            print(
                f"| {labelled.name} | {level} | {precision:.3f} | {recall:.3f} | {f1:.3f} ({interval[2, 0]:.3f}-"
                f"{interval[2, 1]:.3f}) | {BARS[labelled.name]} | {blocked:.3f} | {seconds:.1f} |",
                flush=True,
            )
    return int(is_short)


if __name__ == "__main__":
    sys.exit(main())
