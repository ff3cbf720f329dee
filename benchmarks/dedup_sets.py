"""The labelled sets of deduplication as rows of `record`: DBLP-ACM, DBLP-Scholar, Cora, dirty DBLP-ACM.

Each set gives its records and labelled pairs. Nothing here knows a venue, a name or a threshold: fields are read as
the files give them, bylines split as any byline is.
"""

from __future__ import annotations

import csv
import gzip
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Pair = tuple[str, str]

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@dataclass(frozen=True)
class LabelledSet:
    """Records, pairs that are one work, and the pairs that are judged (None: all pairs of records).

    Attributes:
        level: what the set's makers call the same: one publication (`duplicate`) or one work (`version`).
    """

    name: str
    records: list[Row]
    same: frozenset[Pair]
    judged: frozenset[Pair] | None
    level: str


def split_byline(text: str) -> list[str]:
    """The names in a byline: parted by semicolons, `and`, `&` or commas; initials after a comma belong to the name."""
    pieces = [piece.strip(" .,:;") for piece in re.split(r"[;,]|\band\b|&", html.unescape(text))]
    names: list[str] = []
    for piece in filter(None, pieces):
        letters = re.sub(r"[^a-z]+", " ", piece.lower()).split()
        is_initials = bool(letters) and all(len(part) == 1 for part in letters)
        if is_initials and names and not re.search(r",|\b[a-z]\b", names[-1].lower()):
            names[-1] = f"{names[-1]}, {piece}"
        elif letters not in (["et", "al"], []):
            names.append(piece)
    return names


def _row(source: str, key: str, title: str, authors: str, venue: str, year: str, **container: str | None) -> Row:
    found = re.search(r"(?:1[89]|20)\d\d", year or "")
    return {
        "record_id": f"{source}:{key}",
        "source": source,
        "source_key": key,
        "type": "publication",
        "title": title.strip() or None,
        "authors": [{"full_name": name} for name in split_byline(authors)],
        "year": int(found.group()) if found else None,
        "container": {"name": venue.strip() or None, **container},
    }


def _lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    with gzip.open(path, "rt", encoding=encoding, errors="replace") as file:
        yield from file


def dblp_acm(data: Path) -> LabelledSet:
    """The full tables; all pairs across them are judged."""
    folder = data / "dedup" / "dblp_acm_full"
    records = [
        _row(source, row["id"], row["title"], row["authors"], row["venue"], row["year"])
        for source in ("dblp", "acm")
        for row in csv.DictReader(_lines(folder / f"{source}.csv.gz"), delimiter="%")
    ]
    truth = csv.DictReader(_lines(folder / "gt.csv.gz"), delimiter="%")
    same = frozenset((f"dblp:{row['D1']}", f"acm:{row['D2']}") for row in truth)
    ids = {source: [r["record_id"] for r in records if r["source"] == source] for source in ("dblp", "acm")}
    judged = frozenset((left, right) for left in ids["dblp"] for right in ids["acm"])
    return LabelledSet("DBLP-ACM", records, same, judged, "duplicate")


_SIDE = re.compile(r"COL (\w+) VAL (.*?)(?= COL \w+ VAL|$)")


def _ditto(name: str, paths: list[Path], sources: tuple[str, str], level: str) -> LabelledSet:
    known: dict[tuple[str, str], Row] = {}
    same, judged = set(), set()
    for path in paths:
        for line in _lines(path):
            *sides, label = line.rstrip("\n").split("\t")
            pair = []
            for source, text in zip(sources, sides, strict=True):
                if (source, text) not in known:
                    told = {column: value.strip() for column, value in _SIDE.findall(text)}
                    known[source, text] = _row(
                        source, str(len(known)), told["title"], told["authors"], told["venue"], told["year"]
                    )
                pair.append(known[source, text]["record_id"])
            judged.add((pair[0], pair[1]))
            if label == "1":
                same.add((pair[0], pair[1]))
    return LabelledSet(name, list(known.values()), frozenset(same), frozenset(judged), level)


def dblp_scholar(data: Path) -> LabelledSet:
    """The labelled pairs of test and validation part."""
    folder = data / "dedup" / "dblp_scholar"
    paths = [folder / "test.txt.gz", folder / "valid.txt.gz"]
    return _ditto("DBLP-Scholar", paths, ("dblp", "scholar"), "version")


def dirty_dblp_acm(data: Path) -> LabelledSet:
    """The labelled pairs of test and validation part, values moved into other columns."""
    folder = data / "dedup" / "dblp_acm_dirty"
    return _ditto("DBLP-ACM dirty", [folder / "test.txt.gz", folder / "valid.txt.gz"], ("dblp", "acm"), "duplicate")


def cora(data: Path) -> LabelledSet:
    """Citations; all pairs are judged."""
    folder = data / "dedup" / "cora"
    records = []
    for row in csv.DictReader(_lines(folder / "cora.csv.gz"), delimiter="|"):
        pages = re.findall(r"[a-z]*\d+(?:\.\d+)?", (row["pages"] or "").lower())
        records.append(
            _row(
                "cora",
                row["Entity Id"],
                row["title"],
                row["author"],
                row["venue"],
                row["year"] or row["note"] or "",
                volume=(row["volume"] or "").strip() or None,
                first_page=pages[0] if pages else None,
                last_page=pages[1] if len(pages) > 1 else None,
            )
        )
    same = frozenset(
        (f"cora:{left}", f"cora:{right}")
        for left, right in (line.strip().split("|") for line in _lines(folder / "cora_gt.csv.gz") if line.strip())
    )
    return LabelledSet("Cora", records, same, None, "version")


def all_sets(data: Path = DATA) -> list[LabelledSet]:
    """The four sets."""
    return [dblp_acm(data), dblp_scholar(data), cora(data), dirty_dblp_acm(data)]


def predicted(labelled: LabelledSet, cluster_of: dict[str, str]) -> set[Pair]:
    """The judged pairs that stand in one cluster."""
    if labelled.judged is not None and len(labelled.judged) < 100_000:
        return {(left, right) for left, right in labelled.judged if cluster_of[left] == cluster_of[right]}
    groups: dict[str, list[str]] = {}
    for record_id, leader in cluster_of.items():
        groups.setdefault(leader, []).append(record_id)
    found = set()
    for members in groups.values():
        for left, right in combinations(members, 2):
            for pair in ((left, right), (right, left)):
                if labelled.judged is None:
                    if pair in labelled.same or pair[0] < pair[1]:
                        found.add(pair)
                elif pair in labelled.judged:
                    found.add(pair)
    if labelled.judged is None:
        found = {pair if pair in labelled.same or pair[::-1] not in labelled.same else pair[::-1] for pair in found}
    return found
