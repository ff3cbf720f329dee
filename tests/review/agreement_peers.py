"""Writes `agreement_peers.json`: made-up vote tables with gaps and what irrCAC and statsmodels say of them.

    PYTHON tests/review/agreement_peers.py

PYTHON has irrCAC 0.4.4 and statsmodels 0.14. They live apart from the project, for irrCAC asks for an older numpy.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from statsmodels.stats.inter_rater import cohens_kappa

CHOICES = ("exclude", "include", "maybe")


def main() -> None:
    rng = np.random.default_rng(8)
    tables = []
    for _ in range(24):
        n, reviewers, q = int(rng.integers(12, 150)), int(rng.integers(2, 6)), int(rng.integers(2, 4))
        prevalence, gaps = rng.uniform(0.05, 0.5), rng.uniform(0, 0.5)
        true = rng.choice(q, size=n, p=[1 - prevalence, *[prevalence / (q - 1)] * (q - 1)])
        codes = np.where(rng.random((n, reviewers)) < 0.2, rng.choice(q, size=(n, reviewers)), true[:, None])
        codes[rng.random(codes.shape) < gaps] = -1
        codes = codes[(codes >= 0).any(axis=1)]
        if len(np.unique(codes[codes >= 0])) < q:
            continue
        told = pd.DataFrame([[CHOICES[code] if code >= 0 else np.nan for code in row] for row in codes])
        coefficients = CAC(told, digits=12)
        table = {"codes": codes.tolist(), "n_choices": q}
        peers = {
            "fleiss_kappa": coefficients.fleiss,
            "ac1": coefficients.gwet,
            "pabak": coefficients.bp,
            "krippendorff_alpha": coefficients.krippendorff,
        }
        for name, figure in peers.items():
            said = figure()["est"]
            table[name] = [said["coefficient_value"], said["se"]]
            table["percent"] = said["pa"] if name == "ac1" else table.get("percent")
        if reviewers == 2:
            both = codes[(codes >= 0).all(axis=1)]
            crossed = np.zeros((q, q))
            np.add.at(crossed, (both[:, 0], both[:, 1]), 1)
            said = cohens_kappa(crossed)
            table["cohen_kappa"] = [said.kappa, said.std_kappa]
        tables.append(table)
    Path(__file__).with_suffix(".json").write_text(json.dumps(tables, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
