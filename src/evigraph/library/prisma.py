"""The numbers that a PRISMA 2020 flow diagram asks of deduplication, and what the sources share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from evigraph.library.keeping import Kept
from evigraph.library.reading import Library, database_of


def numbers(library: Library, kept: Sequence[Kept]) -> dict[str, Any]:
    """Records identified, removed as duplicates and kept: in all, for each file, and for each source.

    A source is a database; a file whose database is not known stands for itself. `n_unique` counts the works that
    no other source (or file) holds; `overlap` the works that both of two sources hold, largest first.
    """
    of_source = [[database_of(record) for record in each.records] for each in kept]
    of_file = [[str(record["source"]) for record in each.records] for each in kept]
    n_records = len(library.records)
    sizes = Counter(len(each.records) for each in kept if len(each.records) > 1)
    within = sum(len(names) - len(set(names)) for names in of_source)
    return {
        "records_identified": n_records,
        "records_lost": sum(file.n_lost for file in library.files),
        "duplicates_removed": n_records - len(kept),
        "duplicates_removed_within_a_source": within,
        "duplicates_removed_across_sources": n_records - len(kept) - within,
        "records_kept": len(kept),
        "sources": _named(of_source, "source"),
        "files": [
            {**_named(of_file, "file", (file.label,))[0], "formats": list(file.dialects), "sha256": file.sha256}
            | {
                "records_lost": file.n_lost,
                "defects": [vars(defect) for defect in file.defects],
            }
            for file in library.files
        ],
        "overlap": _overlap(of_source),
        "clusters": {
            "n_of_several_records": sum(sizes.values()),
            "largest": max(sizes, default=1),
            "by_size": {str(size): n for size, n in sorted(sizes.items())},
        },
    }


def _named(clusters: Sequence[Sequence[str]], what: str, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    identified, kept, unique = Counter[str](), Counter[str](), Counter[str]()
    for cluster in clusters:
        identified.update(cluster)
        kept[cluster[0]] += 1
        if len(set(cluster)) == 1:
            unique[cluster[0]] += 1
    ordered = names or sorted(identified, key=lambda name: (-identified[name], name))
    return [
        {
            what: name,
            "records_identified": identified[name],
            "duplicates_removed": identified[name] - kept[name],
            "records_kept": kept[name],
            "n_unique": unique[name],
        }
        for name in ordered
    ]


def _overlap(clusters: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    shared = Counter(pair for cluster in clusters for pair in combinations(sorted(set(cluster)), 2))
    ordered = sorted(shared.items(), key=lambda item: (-item[1], item[0]))
    return [{"source_l": left, "source_r": right, "n": n} for (left, right), n in ordered]
