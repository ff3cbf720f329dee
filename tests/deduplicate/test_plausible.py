"""No pair is set aside that the comparison would keep: generated titles, with every way in which words match, and real
ones."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.deduplicate import comparison
from evigraph.deduplicate.byline_codes import byline_codes
from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.comparables import comparable_from_row, comparables, folded_name
from evigraph.deduplicate.compare import _weigh_bylines, judge
from evigraph.deduplicate.comparison import comparisons, is_kept, pairs_with_comparables
from evigraph.deduplicate.names import compare_bylines
from evigraph.deduplicate.plausible import BYLINE_WEIGHTS, plausible
from evigraph.deduplicate.plausible_bylines import most_of_bylines
from evigraph.deduplicate.titles import fold
from evigraph.deduplicate.word_codes import codes_of
from evigraph.model.tables import PAIR, RECORD


def _batch(rows: list[dict[str, Any]], pairs: Iterable[tuple[str, str]], backend: Any) -> pa.RecordBatch:
    batch = comparables(RECORD.from_rows(rows).combine_chunks().to_batches()[0])
    pair = PAIR.from_rows([{"record_id_l": min(ends), "record_id_r": max(ends)} for ends in pairs])
    joined = backend.to_pyarrow(pairs_with_comparables(ibis.memtable(pair), ibis.memtable(batch)))
    return joined.combine_chunks().to_batches()[0]


def _set_aside_wrongly(batch: pa.RecordBatch) -> list[tuple[str | None, str | None]]:
    wrong = []
    for row, is_plausible in zip(batch.to_pylist(), plausible(batch).tolist(), strict=True):
        left, right = (
            comparable_from_row({name[:-2]: value for name, value in row.items() if name.endswith(side)})
            for side in ("_l", "_r")
        )
        if not is_plausible and is_kept(judge(left, right)):
            wrong.append((left.title_key, right.title_key))
    return wrong


WORDS = """
    relational database management systems imaginary networks psoriasis transactions mississippi formulae of the in
    for und der second 2 ii part b integration interoperation supercalifragilistic data base vldb very large bases
    review workshop report buffering melancholia 2019 qrstuv zahlen
    """.split()  # noqa: SIM905 - easier to read than a list
NAMES = (
    *("Nowak, Ada", "Okoro, Ben", "Lind, Cia", "Psoriasis, Dan", "Van Relational, E", "Nwoak, Ada", "Ada Nowak"),
    *("A Nowak", "N. Ada", "O., Ben", "Imaginary Networks Group", "Lin, D Cia", "van der Lind, Cia", "Vanderlind C"),
    *("Нова, Ада", "Wang, Li", "Wangli", "Okoro-Lind, B.", "Nowakowska, Ada", "X"),
)
VENUES = (None, "Very Large Data Bases", "VLDB", "Journal of Imaginary Networks", "Transactions on Melancholia")


def fold_byline(name: str) -> str:
    return folded_name(name, None, None)


@st.composite
def titles(draw: st.DrawFn) -> str:
    """A title of known and unknown words, misspelled, cut short, run together, parted, as initials."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9))
    made: list[str] = []
    for word in words:
        place = draw(st.integers(0, len(word)))
        kind = draw(st.integers(0, 9))
        made.append(
            {
                0: word[:place] + word[place + 1 :],
                1: word[:place] + "e" + word[place:],
                2: word[: max(4, place)],
                3: f"{word[:place]} {word[place:]}",
            }.get(kind, word)
        )
    gap = draw(st.sampled_from([" ", " ", " ", ""]))
    cut = draw(st.integers(0, len(made)))
    if draw(st.integers(0, 5)) == 0:
        made[:cut] = ["".join(word[0] for word in made[:cut] if word)]
    return gap.join(made[:cut]) + " " + " ".join(made[cut:])


rows_of_record = st.lists(
    st.builds(
        dict,
        type=st.just("publication"),
        title=titles() | st.none(),
        authors=st.lists(st.sampled_from(NAMES).map(lambda name: {"full_name": name}), max_size=5),
        year=st.sampled_from([None, 2015, 2018, 2019]),
        alternative_titles=st.lists(titles(), max_size=1),
        language=st.sampled_from([None, "eng", "deu"]),
        container=st.builds(
            dict,
            name=st.sampled_from(VENUES),
            volume=st.sampled_from([None, "2", "3"]),
            first_page=st.sampled_from([None, "17", "18"]),
            last_page=st.sampled_from([None, "19"]),
        ),
        pids=st.lists(st.sampled_from([{"scheme": "doi", "value": f"10.5555/{end}"} for end in "ab"]), max_size=1),
    ),
    min_size=2,
    max_size=14,
).map(
    lambda rows: [
        {"record_id": f"s:{place:02}", "source": "s", "source_key": str(place), "payload": "", "position": 0}
        | {"is_deleted": False}
        | row
        for place, row in enumerate(rows)
    ]
)


@given(rows=rows_of_record)
@settings(max_examples=60, deadline=None)
def test_what_would_be_kept_is_plausible(rows: list[dict[str, Any]], backend: Any) -> None:
    ids = [row["record_id"] for row in rows]
    pairs = [(left, right) for left in ids for right in ids if left < right]
    assert _set_aside_wrongly(_batch(rows, pairs, backend)) == []


bylines = st.lists(st.sampled_from(NAMES).map(fold_byline) | st.text("abw ,", min_size=1, max_size=6), max_size=5)


@given(left=bylines, right=bylines, title=titles(), other=titles())
@settings(max_examples=400, deadline=None)
def test_no_bylines_weigh_more_than_the_bound(left: list[str], right: list[str], title: str, other: str) -> None:
    sides = []
    for record_id, names, text in (("s:1", left, title), ("s:2", right, other)):
        kept = tuple(name for name in (fold_byline(name) for name in names) if name)
        sides.append(Comparable(record_id, "publication", fold(text) or "none", author_names=kept, n_authors=len(kept)))
    part = _weigh_bylines(*sides, compare_bylines(*(side.name_keys for side in sides)))
    codes = [np.array(byline_codes(side.author_names), np.int64) for side in sides]
    words = [np.array(codes_of(side.words), np.int64) for side in sides]
    most = most_of_bylines(
        *(value for code, side in zip(codes, sides, strict=True) for value in (code, 0, len(code), side.n_authors)),
        *(value for word in words for value in (word, 0, len(word))),
        np.array(BYLINE_WEIGHTS),
    )
    assert part is not None and part.weight <= most


def _real_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", errors="replace") as file:
        told = list(csv.DictReader(file, delimiter="%"))
    return [
        {
            "record_id": f"{name}:{place}",
            "source": name,
            "source_key": str(place),
            "payload": "",
            "position": place,
            "is_deleted": False,
            "type": "publication",
            "title": row["title"],
            "authors": [{"full_name": part.strip()} for part in row["authors"].split(",") if part.strip()],
            "year": int(row["year"]) if row["year"].isdigit() else None,
            "container": {"name": row["venue"] or None},
        }
        for place, row in enumerate(told)
    ]


def test_real_titles_that_would_be_kept_are_plausible(backend: Any, shared_data: Path) -> None:
    """Neighbours by title, by last words and by authors, so that many are near misses; most others are set aside."""
    folder = shared_data / "dedup" / "dblp_acm_full"
    rows = _real_rows(folder, "dblp") + _real_rows(folder, "acm")
    rows = [row for place, row in enumerate(rows) if place % 8 == 0]
    pairs: set[tuple[str, str]] = set()
    orders: tuple[Callable[[dict[str, Any]], list[str]], ...] = (
        lambda row: row["title"].lower().split(),
        lambda row: row["title"].lower().split()[::-1],
        lambda row: [author["full_name"] for author in row["authors"]],
    )
    for order in orders:
        ids = [row["record_id"] for row in sorted(rows, key=order)]
        pairs |= {(ids[at], ids[at + step]) for step in (1, 2, 5) for at in range(len(ids) - step)}
    pairs = {(min(ends), max(ends)) for ends in pairs}
    batch = _batch(rows, sorted(pairs), backend)
    assert _set_aside_wrongly(batch) == []
    assert plausible(batch).mean() < 0.5


def test_a_large_batch_finds_what_small_ones_find(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [" ".join(WORDS[place % 30 :][: 3 + place % 5]) for place in range(60)]
    rows = [
        {"record_id": f"s:{place:02}", "source": "s", "source_key": str(place), "payload": "", "position": 0}
        | {"is_deleted": False, "type": "publication", "title": title, "authors": [{"full_name": NAMES[place % 3]}]}
        for place, title in enumerate(told)
    ]
    ids = [row["record_id"] for row in rows]
    batch = _batch(rows, [(left, right) for left in ids for right in ids if left < right], backend)
    assert 0 < plausible(batch).sum() < len(batch) - 500
    small = comparisons(batch.slice(0, comparison.MIN_SIFTED - 1))
    monkeypatch.setattr(comparison, "MIN_SIFTED", len(batch) + 1)
    whole = comparisons(batch)
    assert small.equals(whole.slice(0, len(small)))
    monkeypatch.setattr(comparison, "MIN_SIFTED", 1)
    assert comparisons(batch).equals(whole) and len(whole) > 20
