"""Deduplication of the labelled sets by other tools, for `dedup_quality.py`: run by a Python that has them.

    PYTHON benchmarks/dedup_quality_peers.py splink|bib-dedupe FOLDER

FOLDER holds a Parquet file for each set; the clusters of each, as JSON from record to cluster, come to lie beside it.
Nothing of evigraph is imported here. Splink has one model for all sets, trained by expectation maximisation on all
their records together and used at its usual threshold, .95, on the pairs that our blocking keys give; bib-dedupe has
its defaults.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pandas as pd

#: Probability from which on Splink's pairs are linked.
THRESHOLD = 0.95


def splink_clusters(sets: dict[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """The clusters of each set by one trained model."""
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
            cl.ExactMatch("first_page"),
        ],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
    )

    def linker(frame: pd.DataFrame, model: object) -> Linker:
        database = DuckDBAPI()
        return Linker(database.register(frame), model)

    training = linker(pd.concat(sets.values(), ignore_index=True), settings).training
    training.estimate_probability_two_random_records_match([block_on("title_key", "first_author")], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("first_author", "year"))
    training.estimate_parameters_using_expectation_maximisation(block_on("title_key"))
    model = training._linker.misc.save_model_to_json()
    answer = {}
    for name, frame in sets.items():
        one = linker(frame, model)
        predicted = one.inference.predict(threshold_match_probability=0.01)
        clusters = one.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
        found = clusters.as_pandas_dataframe()
        answer[name] = dict(zip(found["record_id"], found["cluster_id"].astype(str), strict=True))
    return answer


def bib_dedupe_clusters(sets: dict[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """The clusters of each set by bib-dedupe."""
    from bib_dedupe.bib_dedupe import block, match, prep
    from bib_dedupe.cluster import get_connected_components

    answer = {}
    for name, frame in sets.items():
        given = pd.DataFrame(
            {
                "ID": frame["record_id"],
                "ENTRYTYPE": "article",
                "author": frame["authors"],
                "title": frame["title"],
                "year": frame["year"].map(lambda year: "" if pd.isna(year) else str(int(year))),
                "journal": frame["journal"],
                "volume": frame["volume"].fillna(""),
                "number": "",
                "pages": frame["pages"],
                "doi": "",
                "abstract": "",
            }
        )
        groups = get_connected_components(match(block(prep(given, cpu=2), cpu=2), cpu=2))
        answer[name] = {record_id: group[0] for group in groups for record_id in group}
    return answer


if __name__ == "__main__":
    tool, place = sys.argv[1], Path(sys.argv[2])
    frames = {path.stem: pd.read_parquet(path) for path in sorted(place.glob("*.parquet"))}
    clusters = splink_clusters(frames) if tool == "splink" else bib_dedupe_clusters(frames)
    (place / f"{tool}.json").write_text(json.dumps(clusters), encoding="utf-8")
