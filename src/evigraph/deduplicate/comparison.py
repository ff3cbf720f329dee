"""Pairs to comparisons: `judge` over all pairs that blocking brings together.

Kept are the matches, the pairs that a person should decide, and the misses that speak against a cluster: those whose
titles are at least `NEAR_TITLE_SIMILARITY` alike or that state one identifier. Only these are put into words.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.comparable import Comparable
from evigraph.deduplicate.comparables import comparable_from_row
from evigraph.deduplicate.compare import NEAR_TITLE_SIMILARITY, Judgement, finding_of, judge_unless_hopeless
from evigraph.engine.step import RowStep
from evigraph.model.tables import COMPARABLE, COMPARISON, PAIR

#: A title that one venue printed in this many years recurs: it says no more of a work than `Editorial` does.
MIN_RECURRING_YEARS = 3

_COMPARED = tuple(name for name in COMPARABLE.names if name != "record_id")


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


def _side(batch: pa.RecordBatch, side: str) -> list[Comparable]:
    names = ("record_id", *_COMPARED)
    columns = [batch.column(f"{name}_{side}").to_pylist() for name in names]
    known: dict[str, Comparable] = {}
    answer = []
    for values in zip(*columns, strict=True):
        found = known.get(values[0])
        if found is None:
            found = known[values[0]] = comparable_from_row(dict(zip(names, values, strict=True)))
        answer.append(found)
    return answer


def comparisons(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `comparison` for rows of `pairs_with_comparables`."""
    rows = []
    for left, right in zip(_side(batch, "l"), _side(batch, "r"), strict=True):
        judgement = judge_unless_hopeless(left, right)
        if judgement is not None and is_kept(judgement):
            finding = finding_of(judgement)
            rows.append(
                {
                    "record_id_l": left.record_id,
                    "record_id_r": right.record_id,
                    "is_match": finding.is_match,
                    **finding._asdict(),
                }
            )
    return pa.RecordBatch.from_pylist(rows, schema=COMPARISON.schema)


STEP = RowStep("deduplicate.comparison", (PAIR, COMPARABLE), COMPARISON, pairs_with_comparables, comparisons)
