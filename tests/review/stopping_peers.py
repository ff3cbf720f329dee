"""Writes `stopping_peers.json`: made-up screening orders and what buscarpy says of them.

    PYTHON tests/review/stopping_peers.py

PYTHON has buscarpy 0.0.2. It lives apart from the project, for it brings matplotlib.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from buscarpy import calculate_h0


def main() -> None:
    rng = np.random.default_rng(8)
    orders = []
    while len(orders) < 60:
        n_pool, bias = int(rng.integers(20, 900)), float(rng.choice([1, 3, 10]))
        relevant = rng.random(n_pool) < rng.uniform(0.01, 0.3)
        # Relevant records come sooner by their bias: a race of exponential times.
        order = np.argsort(rng.exponential(1 / np.where(relevant, bias, 1)))
        labels = relevant[order][: int(rng.integers(1, n_pool + 1))].astype(int)
        target = float(rng.choice([0.8, 0.9, 0.95, 0.99]))
        p = float(calculate_h0(labels, n_pool, target))
        if not np.isnan(p):  # more are missing than are left: nothing to compare with
            orders.append({"labels": "".join(map(str, labels)), "n_pool": n_pool, "target": target, "p": p})
    Path(__file__).with_suffix(".json").write_text(json.dumps(orders, indent=0) + "\n")


if __name__ == "__main__":
    main()
