"""Deduplication by other tools, for `dedup_speed.py`: run by a Python that has them, prints JSON.

    PYTHON benchmarks/dedup_peers.py splink|bib-dedupe FOLDER

Nothing of evigraph is imported here.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path

import pandas as pd

CORES = 2
MEMORY = "2GB"

#: Records that Splink's model is trained on; not counted.
N_TRAINED = 100_000


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def run_splink(folder: Path) -> dict[str, object]:
    """Blocking on the keys, comparison and clusters; the model trained before the clock starts."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            cl.JaroWinklerAtThresholds("title_key", [0.98, 0.92, 0.85]),
            cl.JaroWinklerAtThresholds("first_author", [0.95, 0.85]),
            cl.ArrayIntersectAtSizes("author_names", [3, 1]),
            cl.ExactMatch("year"),
            cl.JaroWinklerAtThresholds("venue", [0.9]),
            cl.ExactMatch("volume"),
            cl.ExactMatch("first_page"),
            cl.ExactMatch("doi"),
        ],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )

    def linker(connection: duckdb.DuckDBPyConnection, model: object, where: str) -> Linker:
        database = DuckDBAPI(connection=connection)
        connection.execute(f"CREATE TABLE records AS SELECT * FROM '{folder / 'splink.parquet'}' {where}")
        return Linker(database.register("records"), model)

    def connect() -> duckdb.DuckDBPyConnection:
        return duckdb.connect(config={"threads": CORES, "memory_limit": MEMORY, "temp_directory": str(folder)})

    trained = linker(connect(), settings, f"LIMIT {N_TRAINED}")
    trained.training.estimate_probability_two_random_records_match([block_on("doi")], recall=0.5)
    trained.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    trained.training.estimate_parameters_using_expectation_maximisation(block_on("first_author", "year"))
    trained.training.estimate_parameters_using_expectation_maximisation(block_on("title_key"))
    model = str(folder / "splink-model.json")
    trained.misc.save_model_to_json(model, overwrite=True)

    started, before = time.perf_counter(), cpu()
    model_linker = linker(connect(), model, "")
    predicted = model_linker.inference.predict(threshold_match_probability=0.01)
    clusters = model_linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, 0.95)
    seconds, used = time.perf_counter() - started, cpu() - before
    frame = clusters.as_pandas_dataframe()[["record_id", "cluster_id"]].rename(columns={"cluster_id": "cluster"})
    frame.astype(str).to_parquet(folder / "splink-clusters.parquet", index=False)
    return {"s": seconds, "cpu": used, "notes": f"{len(predicted.as_pandas_dataframe()):,} pairs from .01 on"}


def run_bib_dedupe(folder: Path) -> dict[str, object]:
    """bib-dedupe with its defaults, from preparation to clusters."""
    from bib_dedupe.bib_dedupe import block, cluster, match, prep

    records = pd.read_parquet(folder / "record", columns=["record_id", "title", "authors", "year", "container", "pids"])

    def names(authors: object) -> str:
        return "; ".join(
            f"{author['family_name']}, {author['given_name'] or ''}"
            if author["family_name"]
            else author["full_name"] or ""
            for author in (authors if authors is not None else ())
        )

    def of_container(name: str) -> pd.Series:
        return records["container"].map(lambda container: (container or {}).get(name) or "")

    def doi(pids: object) -> str:
        return next((pid["value"] for pid in (pids if pids is not None else ()) if pid["scheme"] == "doi"), "")

    first, last = of_container("first_page"), of_container("last_page")
    frame = pd.DataFrame(
        {
            "ID": records["record_id"],
            "ENTRYTYPE": "article",
            "author": records["authors"].map(names),
            "title": records["title"].fillna(""),
            "year": records["year"].map(lambda year: "" if pd.isna(year) else str(int(year))),
            "journal": of_container("name"),
            "volume": of_container("volume"),
            "number": of_container("issue"),
            "pages": [f"{left}--{right}" if right else left for left, right in zip(first, last, strict=True)],
            "doi": records["pids"].map(doi),
            "abstract": "",
        }
    )
    started, before = time.perf_counter(), cpu()
    prepared = prep(frame, cpu=CORES)
    pairs = block(prepared, cpu=CORES)
    matched = match(pairs, cpu=CORES)
    groups = cluster(matched)
    seconds, used = time.perf_counter() - started, cpu() - before
    found = [(record_id, group[0]) for group in groups for record_id in group]
    pd.DataFrame(found, columns=["record_id", "cluster"]).to_parquet(folder / "bib-dedupe-clusters.parquet")
    return {"s": seconds, "cpu": used, "notes": f"{len(pairs):,} pairs"}


if __name__ == "__main__":
    tool, place = sys.argv[1], Path(sys.argv[2])
    told = run_splink(place) if tool == "splink" else run_bib_dedupe(place)
    print(json.dumps(told))
