"""Our percentiles and field-weighted impact beside OpenAlex's own, on a set of works that cite each other.

    python benchmarks/indicators_openalex.py [--csv FILE] [--json]

The set is the OpenAlex export in the wheel `biblium` (613 works on scientometrics, 24,970 references, of which 3,528
lead to works of the set), fetched through pip, by name and hash, unless a file is given. It is run through the
pipeline by itself; what OpenAlex says of each work, counted over all of OpenAlex, is read from the same file. For each
pair the rank correlation (Spearman) is printed: over all works that both give a value for, and over those that are
cited at all inside the set. docs/explanation/indicators.md says why they differ.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from scipy.stats import spearmanr

from evigraph import pipeline
from evigraph.harvest.payloads import add
from evigraph.harvest.wheels import DEMO_WHEELS, fetch
from evigraph.settings import Settings
from evigraph.store.release import Release

#: Ours, OpenAlex's, and what the pair compares.
PAIRS = (
    ("citation_count", "cited_by_count", "citations"),
    ("year_percentile", "cited_by_percentile_year", "percentile in its year"),
    ("year_percentile", "citation_normalized_percentile", "percentile among works of its field, type and year"),
    ("fwci", "fwci", "citations by those usual for field, type and year"),
)


def openalex_csv() -> Path:
    """The export out of the wheel, from the cache or through pip."""
    wheel = next(wheel for wheel in DEMO_WHEELS if wheel.name == "biblium")
    return next(path for member, path in fetch(wheel).items() if member.source == "openalex")


def stated(path: Path) -> dict[str, dict[str, float]]:
    """What OpenAlex says of each work, by its OpenAlex id."""
    csv.field_size_limit(sys.maxsize)
    found: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            ends = [_number(row.get(f"cited_by_percentile_year.{end}")) for end in ("min", "max")]
            found[row["id"].rsplit("/", 1)[-1]] = {
                "cited_by_count": _number(row.get("cited_by_count")),
                "cited_by_percentile_year": float(np.mean(ends)),
                "citation_normalized_percentile": _number(row.get("citation_normalized_percentile.value")),
                "fwci": _number(row.get("fwci")),
            }
    return found


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def computed(path: Path) -> dict[str, dict[str, float]]:
    """What this graph says of each work, by its OpenAlex id, from a run over the export alone."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        add(home, "openalex", path)
        pipeline.run(home, Settings())
        release = Release.open(home)
        found: dict[str, dict[str, float]] = {}
        for product_id, record_ids in _products(release):
            row = release.indicator(product_id)
            views = release.views(product_id)
            if row is None:
                continue
            year = next(view for view in views if view["view"] == "year")
            fields = [view for view in views if view["view"] == "field"] or [v for v in views if v["view"] == "all"]
            ours = {
                "citation_count": row["citation_count"],
                "year_percentile": year["citation_count_percentile"],
                # Of its fields the one with most works of its type and year: the steadiest mean.
                "fwci": max(fields, key=lambda view: view["n_alike"])["fwci"],
            }
            for record_id in record_ids:
                found[record_id.partition(":")[2]] = {
                    name: float("nan") if value is None else float(value) for name, value in ours.items()
                }
        return found


def _products(release: Release) -> list[tuple[str, list[str]]]:
    table = parquet.read_table(release.folder / "tables" / "product", columns=["product_id", "record_ids"])
    return list(zip(table["product_id"].to_pylist(), table["record_ids"].to_pylist(), strict=True))


def compare(path: Path) -> dict[str, Any]:
    """For each pair the number of works and the rank correlation, of all and of those cited inside the set."""
    theirs, ours = stated(path), computed(path)
    common = sorted(set(theirs) & set(ours))
    answer: dict[str, Any] = {"n_works": len(common), "pairs": {}}
    counts = {
        name: sum(each[work][name] for work in common)
        for name, each in (("citation_count", ours), ("cited_by_count", theirs))
    }
    answer |= {"n_citations": int(counts["citation_count"]), "n_citations_openalex": int(counts["cited_by_count"])}
    is_cited = np.array([ours[work]["citation_count"] > 0 for work in common])
    answer["n_cited"] = int(is_cited.sum())
    for mine, other, what in PAIRS:
        left = np.array([ours[work][mine] for work in common])
        right = np.array([theirs[work][other] for work in common])
        known = right[~np.isnan(right)]
        told: dict[str, Any] = {
            "what": what,
            "openalex": {"least": float(known.min()), "most": float(known.max()), "n_distinct": len(set(known))},
        }
        for name, chosen in (("all", np.ones(len(common), bool)), ("cited", is_cited)):
            both = chosen & ~np.isnan(left) & ~np.isnan(right)
            told[name] = {"n": int(both.sum()), "spearman": float(spearmanr(left[both], right[both]).statistic)}
        answer["pairs"][f"{mine} / {other}"] = told
    return answer


def lines_of(found: dict[str, Any]) -> list[str]:
    """The answer of `compare` as a table."""
    lines = [
        f"{found['n_works']} works, {found['n_cited']} of them cited inside the set; rank correlation (Spearman)",
        f"{found['n_citations']:,} citations inside the set, {found['n_citations_openalex']:,} in OpenAlex",
        f"{'ours / OpenAlex':52} {'n':>5} {'all':>6} {'n':>5} {'cited':>6}  OpenAlex's values",
    ]
    for name, told in found["pairs"].items():
        cells = " ".join(f"{told[part]['n']:5} {told[part]['spearman']:6.2f}" for part in ("all", "cited"))
        known = told["openalex"]
        lines.append(f"{name:52} {cells}  {known['n_distinct']} from {known['least']:.4g} to {known['most']:.4g}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, help="an OpenAlex CSV export; usual: that of the wheel")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = compare(arguments.csv or openalex_csv())
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print("\n".join(lines_of(found)))


if __name__ == "__main__":
    main()
