"""Pairs to comparisons: `compare_bibliography` over all pairs that blocking brings together.

Kept are all matches, and the misses whose titles are at least `NEAR_TITLE_SIMILARITY` alike: those a person may
ask about. What cannot become either is set aside by vectorised tests first; the findings are the same.
"""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from evigraph.deduplicate.compare import NEAR_TITLE_SIMILARITY, Comparable, Finding, compare_bibliography
from evigraph.engine.step import RowStep
from evigraph.model.tables import COMPARABLE, COMPARISON, PAIR

_COMPARED = ("type", "title_key", "title_numbers", "author_names", "n_authors", "urls")


def pairs_with_comparables(pair: ir.Table, comparable: ir.Table) -> ir.Table:
    """Each pair with what is compared of both records, in columns that end in `_l` and `_r`."""
    left = comparable.select(record_id_l="record_id", **{f"{name}_l": name for name in _COMPARED})
    right = comparable.select(record_id_r="record_id", **{f"{name}_r": name for name in _COMPARED})
    return pair.join(left, "record_id_l").join(right, "record_id_r")


def is_kept(finding: Finding) -> bool:
    """Whether a finding goes into the table: a match, or a near miss."""
    return finding.is_match or (finding.title_similarity or 0.0) >= NEAR_TITLE_SIMILARITY


def _worth_comparing(batch: pa.RecordBatch) -> pa.Array:
    """Whether a pair's finding can be kept at all: titles alike, or software, whose tree reads titles otherwise."""
    similarity = cpdist(
        pc.fill_null(batch.column("title_key_l"), "").to_pylist(),
        pc.fill_null(batch.column("title_key_r"), "").to_pylist(),
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=NEAR_TITLE_SIMILARITY,
        dtype=np.float64,
    )
    return pc.or_(pa.array(similarity > 0.0), pc.equal(batch.column("type_l"), "software"))


def _side(batch: pa.RecordBatch, side: str) -> list[Comparable]:
    columns = (batch.column(f"{name}_{side}").to_pylist() for name in ("record_id", *_COMPARED))
    return [
        Comparable(
            record_id, type_, title_key, numbers or "", tuple(names or ()), n_authors, urls=frozenset(urls or ())
        )
        for record_id, type_, title_key, numbers, names, n_authors, urls in zip(*columns, strict=True)
    ]


def comparisons(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `comparison` for rows of `pairs_with_comparables`."""
    close = batch.filter(_worth_comparing(batch))
    rows = []
    for left, right in zip(_side(close, "l"), _side(close, "r"), strict=True):
        finding = compare_bibliography(left, right)
        if is_kept(finding):
            rows.append(
                {
                    "record_id_l": left.record_id,
                    "record_id_r": right.record_id,
                    **finding._asdict(),
                    "verdict": finding.verdict,
                    "level": finding.level,
                    "score": finding.score,
                }
            )
    return pa.RecordBatch.from_pylist(rows, schema=COMPARISON.schema)


STEP = RowStep("deduplicate.comparison", (PAIR, COMPARABLE), COMPARISON, pairs_with_comparables, comparisons)
