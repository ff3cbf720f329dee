"""Pairs to comparisons: `judge` over all pairs that blocking brings together.

Kept are the matches, the pairs that a person should decide, and the misses that speak against a cluster: those whose
titles are at least `NEAR_TITLE_SIMILARITY` alike or that state one identifier. Only these are put into words.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.comparables import COMPARED, comparable_from_row
from evigraph.deduplicate.compare import NEAR_TITLE_SIMILARITY, Finding, Judgement, finding_of, judge_unless_hopeless
from evigraph.engine.step import RowStep
from evigraph.model.tables import COMPARABLE, COMPARISON, PAIR

#: A title that one venue printed in this many years recurs: it says no more of a work than `Editorial` does.
MIN_RECURRING_YEARS = 3

#: Rows of a batch from which on pairs are first sifted by `plausible`: for fewer, compiled code takes longer to load
#: than it saves. An engine's whole batches have more.
MIN_SIFTED = 4_000

_COMPARED = tuple(name for name in COMPARABLE.names if name != "record_id")

#: The columns of what is found, in the order in which they are made.
_FOUND = ("record_id_l", "record_id_r", "is_match", *Finding._fields)


def pairs_with_comparables(pair: ir.Table, comparable: ir.Table) -> ir.Table:
    """Each pair with what is compared of both records, in columns that end in `_l` and `_r`."""
    recurring = recurring_titles(comparable)
    marked = comparable.left_join(recurring, ["title_key", "venue"]).select(
        *("record_id", *(name for name in _COMPARED if name != "is_generic")),
        is_generic=comparable.is_generic | recurring.n_years.notnull(),
    )
    left = marked.select(record_id_l="record_id", **{f"{name}_l": name for name in _COMPARED})
    right = marked.select(record_id_r="record_id", **{f"{name}_r": name for name in _COMPARED})
    return pair.join(left, "record_id_l").join(right, "record_id_r")


def recurring_titles(comparable: ir.Table) -> ir.Table:
    """The titles that a venue printed in `MIN_RECURRING_YEARS` different years or more: columns, yearly reports.

    All records with one title share a block, so that a record elsewhere changes nothing.
    """
    printed = comparable.filter(comparable.title_key.notnull(), comparable.venue.notnull())
    counted = printed.group_by("title_key", "venue").agg(n_years=printed.year.nunique())
    return counted.filter(counted.n_years >= MIN_RECURRING_YEARS)


def is_kept(judgement: Judgement) -> bool:
    """Whether a judgement goes into the table: a match, an open pair, or a miss that speaks against a cluster."""
    if judgement.verdict != "no" or judgement.has_pid:
        return True
    return judgement.titles is not None and judgement.titles.similarity >= NEAR_TITLE_SIMILARITY


def _promising(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows that can give a comparison; of a few rows all, for there it costs less to compare them."""
    if len(batch) < MIN_SIFTED:
        return batch
    from evigraph.deduplicate.plausible import plausible

    return batch.filter(pa.array(plausible(batch)))


def _sides(batch: pa.RecordBatch) -> tuple[list[Comparable], list[Comparable]]:
    """The comparables of both sides; each record is made only once."""
    known: dict[str, Comparable] = {}
    answer = []
    for side in ("l", "r"):
        record_ids = batch.column(f"record_id_{side}").to_pylist()
        first = {record_id: place for place, record_id in enumerate(record_ids) if record_id not in known}
        new = batch.select([f"{name}_{side}" for name in COMPARED]).take(pa.array(list(first.values()), pa.int64()))
        for values in zip(*(column.to_pylist() for column in new.columns), strict=True):
            known[values[0]] = comparable_from_row(dict(zip(COMPARED, values, strict=True)))
        answer.append([known[record_id] for record_id in record_ids])
    return answer[0], answer[1]


def comparisons(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `comparison` for rows of `pairs_with_comparables`."""
    rows = []
    for left, right in zip(*_sides(_promising(batch)), strict=True):
        judgement = judge_unless_hopeless(left, right)
        if judgement is not None and is_kept(judgement):
            finding = finding_of(judgement)
            rows.append((left.record_id, right.record_id, finding.is_match, *finding))
    columns = zip(*rows, strict=True) if rows else [()] * len(_FOUND)
    return pa.RecordBatch.from_pydict(dict(zip(_FOUND, map(list, columns), strict=True)), schema=COMPARISON.schema)


STEP = RowStep("deduplicate.comparison", (PAIR, COMPARABLE), COMPARISON, pairs_with_comparables, comparisons)
