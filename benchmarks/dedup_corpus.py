"""A catalogue of any size, for timing deduplication: real records, further works made of them, and their noisy copies.

    python benchmarks/dedup_corpus.py OUT --records 100000 [--data DATA] [--pubmed FOLDER]

**Works.** The first works are real records as they are (ACL, Crossref, DataCite, DBLP; PubMed where FOLDER holds
its two files). When these are used up they come again as other works, as often as it takes: in the n-th round every
content word but the `N_COMMON` commonest stands for another word about as frequent, names for other names, and year,
page and identifiers are others. A word stands for the same word through a whole round, so that the works of a round are
as like each other as the real ones are; the common words, venues and volumes recur in all rounds, so that their blocks
grow with the catalogue.

**Copies.** A work is told by 1 to 8 sources, 1.7 on the mean (`COPIES`). The first tells it as it is; each other has
the habits of a source and its slips: initials for given names, capitals, a subtitle lost, marks stripped from letters,
a misspelling, the venue abbreviated, pages cut short, no DOI, no authors, a byline cut, another year, a preprint's
DOI. The work of each record stands in `works.parquet`, beside `record/`.

All is drawn by one seeded generator: the same arguments give the same catalogue.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dedup_sets import DATA, dblp_acm
from evigraph.clean.api import crosswalk_of
from evigraph.model.tables import RECORD

Row = dict[str, Any]

#: How often a work is told by so many sources.
COPIES = {1: 0.60, 2: 0.24, 3: 0.10, 4: 0.03, 6: 0.02, 8: 0.01}

#: Content words that no round replaces.
N_COMMON = 300

#: Words or names of like frequency among which one stands for another.
BAND = 128

#: Rows that are written at a time.
CHUNK = 50_000

_COLUMNS = ("type", "title", "subtitle", "alternative_titles", "year", "language", "pids")
_BASE = ["record_id", "source", "source_key", *_COLUMNS, "authors", "container"]
_WORD = re.compile(r"[^\W\d_]{4,}")


def real_records(data: Path, pubmed: Path | None) -> list[Row]:
    """The real records with what deduplication reads of them, mixed."""
    files = [("openaire", path) for path in sorted((data / "acl").glob("publication-*.jsonl.gz"))]
    files += [(name, path) for name in ("crossref", "datacite") for path in sorted((data / name).glob("*.jsonl.gz"))]
    if pubmed is not None:
        files += [("pubmed", path) for path in sorted(pubmed.glob("pubmed2*.xml.gz"))]
    found: dict[str, Row] = {}
    for source, path in files:
        for table, batch in crosswalk_of(source)(str(path)):
            if table in ("record", "record_told"):
                kept = batch.select(_BASE)
                found.update((row["record_id"], row) for row in kept.to_pylist() if row["title"])
    # Of DBLP and ACM only one, for they tell the same works.
    found |= {row["record_id"]: row for row in dblp_acm(data).records if row["source"] == "dblp"}
    order = sorted(found)
    random.Random(0).shuffle(order)  # noqa: S311 - not for secrets
    return [found[record_id] for record_id in order]


class Rounds:
    """Other words and names for those of the real records, another for each round."""

    def __init__(self, records: list[Row]) -> None:
        words: Counter[str] = Counter()
        families: Counter[str] = Counter()
        for row in records:
            for text in (row["title"], row.get("subtitle")):
                words.update(set(_WORD.findall((text or "").lower())))
            families.update(filter(None, map(_family, row["authors"] or ())))
        ranked = sorted(words, key=lambda word: (-words[word], word))[N_COMMON:]
        self._words, self._families = _bands(ranked), _bands(sorted(families, key=lambda name: (-families[name], name)))

    def word(self, word: str, number: int) -> str:
        """What stands for a word in a round, in the capitals of the word."""
        found = _other(self._words, word.lower(), number)
        return found.capitalize() if word[0].isupper() else found

    def title(self, text: str | None, number: int) -> str | None:
        """A title in the words of a round."""
        return _WORD.sub(lambda match: self.word(match.group(), number), text) if text else text

    def author(self, author: Row, number: int) -> Row:
        """An author under the family name of a round."""
        family = _family(author)
        if not family:
            return author
        other = _other(self._families, family, number)
        full = author["full_name"]
        return {
            "full_name": full.replace(family, other) if full else None,
            "given_name": author.get("given_name"),
            "family_name": other if author.get("family_name") else None,
        }


def _family(author: Row) -> str | None:
    if author.get("family_name"):
        return str(author["family_name"])
    words = (author.get("full_name") or "").split()
    return words[-1] if len(words) > 1 else None


def _bands(ranked: list[str]) -> dict[str, tuple[list[str], int]]:
    """For each word its band and its place there."""
    bands = [ranked[start : start + BAND] for start in range(0, len(ranked), BAND)]
    return {word: (band, place) for band in bands for place, word in enumerate(band)}


def _other(bands: dict[str, tuple[list[str], int]], word: str, number: int) -> str:
    if word not in bands:
        return word
    band, place = bands[word]
    # Steps of a size without a factor in common with the band, so that neighbours part ways.
    return band[(place * (1 + 2 * (number // len(band))) + number) % len(band)]


def work_of(row: Row, number: int, rounds: Rounds) -> Row:
    """The work that a real record stands for in a round; in round 0 its own."""
    if not number:
        return row
    container = dict(row.get("container") or {})
    for name in ("first_page", "last_page"):
        if container.get(name):
            container[name] = re.sub(
                r"\d+", lambda match: str(int(match.group()) + 37 * number), container[name], count=1
            )
    return {
        **row,
        "title": rounds.title(row["title"], number),
        "subtitle": rounds.title(row.get("subtitle"), number),
        "alternative_titles": None,
        "authors": [rounds.author(author, number) for author in row["authors"] or ()],
        "year": row["year"] and 1960 + (row["year"] - 1960 + 7 * number) % 66,
        "container": container,
        "pids": [
            {
                "scheme": pid["scheme"],
                "value": f"{pid['value']}.{number}" if pid["scheme"] == "doi" else f"{pid['value']}{number:04}",
            }
            for pid in row.get("pids") or ()
        ],
    }


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or text


def _misspelled(text: str, draw: random.Random) -> str:
    places = [place for place in range(1, len(text) - 1) if text[place].isalpha() and text[place - 1].isalpha()]
    if not places:
        return text
    place = draw.choice(places)
    kind = draw.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
    return text[:place] + draw.choice("aeinrst") + text[place:]


def _initialled(author: Row) -> Row:
    family, full = _family(author), author.get("full_name") or ""
    given = author.get("given_name") or (full.removesuffix(family).strip(" ,") if family else "")
    initials = "".join(word[0] for word in re.split(r"[\s.\-]+", given) if word)
    return {
        "full_name": f"{family} {initials}".strip() if family else full,
        "given_name": initials or None,
        "family_name": family,
    }


def copy_of(work: Row, draw: random.Random) -> Row:
    """What another source tells of a work."""
    copy = dict(work)
    title = copy["title"]
    container = dict(copy.get("container") or {})
    authors = list(copy["authors"] or ())
    chance = draw.random
    if chance() < 0.5:
        authors = [_initialled(author) for author in authors]
    if chance() < 0.08:
        authors = authors[:3]
    if chance() < 0.03:
        authors = []
    if chance() < 0.15:
        title = title.upper() if chance() < 0.3 else title.capitalize()
    if chance() < 0.1 and ": " in title:
        title = title.split(": ")[0]
    if chance() < 0.3:
        title = _bare(title)
        authors = [
            {
                name: _bare(value) if value else value
                for name, value in author.items()
                if name in ("full_name", "given_name", "family_name")
            }
            for author in authors
        ]
    if chance() < 0.3:
        title = title.rstrip(".") if title.endswith(".") else title + "."
    if chance() < 0.08:
        title = _misspelled(title, draw)
    if container.get("name") and chance() < 0.3:
        container["name"] = " ".join(word[: max(4, len(word) // 2)] for word in container["name"].split())
    if chance() < 0.05:
        container = {}
    first, last = container.get("first_page"), container.get("last_page")
    if first and last and first.isdigit() and last.isdigit() and len(first) == len(last) and chance() < 0.3:
        same = next((place for place in range(len(first)) if first[place] != last[place]), 0)
        container["last_page"] = last[same:]
    if copy["year"] and chance() < 0.06:
        copy["year"] += draw.choice((-1, 1))
    pids = [pid for pid in copy.get("pids") or () if chance() < 0.6]
    if chance() < 0.02:
        pids = [{"scheme": "doi", "value": f"10.48550/arxiv.{draw.randrange(10**9)}"}]
    return copy | {"title": title, "authors": authors, "container": container, "pids": pids}


_SOURCES = ("crossref", "datacite", "pubmed", "openalex", "scopus", "wos", "embase", "local")


def catalogue(base: list[Row], n_records: int, seed: int = 1) -> Iterator[tuple[Row, int]]:
    """Rows of `record` in no order of works, each with the number of its work."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    rounds = Rounds(base)
    numbers, shares = list(COPIES), list(COPIES.values())
    waiting: list[tuple[Row, int]] = []
    n_told = 0
    work = 0
    while n_told < n_records:
        row = work_of(base[work % len(base)], work // len(base), rounds)
        sources = draw.sample(_SOURCES, min(draw.choices(numbers, shares)[0], n_records - n_told))
        for place, source in enumerate(sources):
            told = copy_of(row, draw) if place else row
            waiting.append((told | {"record_id": f"{source}:{work}", "source": source, "source_key": str(work)}, work))
            n_told += 1
        work += 1
        if len(waiting) >= CHUNK:
            draw.shuffle(waiting)
            yield from waiting
            waiting = []
    draw.shuffle(waiting)
    yield from waiting


def base_records(kept: Path, data: Path, pubmed: Path | None) -> list[Row]:
    """The real records, from the file `kept` where it is there, else read and written to it."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        rows = [row | {"payload": "", "position": 0, "is_deleted": False} for row in real_records(data, pubmed)]
        pq.write_table(RECORD.from_rows(rows).select(_BASE), kept)
    return pq.read_table(kept).to_pylist()


def write_catalogue(out: Path, n_records: int, base: list[Row]) -> None:
    """Writes `record/` and `works.parquet` below OUT."""
    (out / "record").mkdir(parents=True)
    works_schema = pa.schema({"record_id": pa.string(), "work": pa.int64()})
    with (
        pq.ParquetWriter(out / "record" / "part-00000.parquet", RECORD.schema, compression="zstd") as records,
        pq.ParquetWriter(out / "works.parquet", works_schema) as works,
    ):

        def write(rows: list[tuple[Row, int]]) -> None:
            filled = {"payload": "made.jsonl", "position": 0, "is_deleted": False, "instances": []}
            records.write_table(RECORD.from_rows([row | filled for row, _ in rows]), row_group_size=2_048)
            told = {"record_id": [row["record_id"] for row, _ in rows], "work": [work for _, work in rows]}
            works.write_table(pa.table(told, schema=works_schema))

        rows: list[tuple[Row, int]] = []
        for made in catalogue(base, n_records):
            rows.append(made)
            if len(rows) == CHUNK:
                write(rows)
                rows = []
        write(rows)


def main() -> None:
    """Writes a catalogue."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--pubmed", type=Path)
    given = parser.parse_args()
    base = base_records(given.out / "base.parquet", given.data, given.pubmed)
    write_catalogue(given.out, given.records, base)
    print(f"{given.records} records of {len(base)} real ones in {given.out}")


if __name__ == "__main__":
    main()
