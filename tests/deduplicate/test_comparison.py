from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import ibis

from evigraph.deduplicate.comparables import comparable_of, comparables
from evigraph.deduplicate.compare import finding_of, judge
from evigraph.deduplicate.comparison import comparisons, is_kept, pairs_with_comparables
from evigraph.model.tables import COMPARISON, PAIR, RECORD

LONG = "Synthetic observations on the behaviour of entirely imaginary networks under sustained and unlikely load"


def test_a_batch_finds_what_single_comparisons_find(record: Callable[..., dict[str, Any]], backend: Any) -> None:
    """The quick tests set aside only pairs that could not be kept."""
    titles = [LONG, LONG + " again", LONG.replace("load", "loads"), LONG + " 2", "Editorial", "Something else", None]
    bylines = [["Ada Nowak", "Ben Okoro"], ["A Nowak", "B Okoro"], ["Ada Nowak"], ["Cia Lind", "Dan Quist"], []]
    kinds = ["publication", "dataset", "software"]
    rows = [
        record(
            "crossref",
            f"{kind}{title}{byline}",
            title=titles[title],
            names=bylines[byline],
            type=kind,
            instances=[{"urls": ["https://code.example/x"]}] if title > 4 else [],
        )
        for kind in kinds
        for title in range(len(titles))
        for byline in range(len(bylines))
    ]
    of = {row["record_id"]: comparable_of(row) for row in rows}
    pairs = [{"record_id_l": left, "record_id_r": right} for left, right in combinations(sorted(of), 2)]
    batch = comparables(RECORD.from_rows(rows).combine_chunks().to_batches()[0])
    joined = backend.to_pyarrow(pairs_with_comparables(ibis.memtable(PAIR.from_rows(pairs)), ibis.memtable(batch)))
    answer = comparisons(joined.combine_chunks().to_batches()[0])
    assert answer.schema == COMPARISON.schema
    expected = {}
    for pair in pairs:
        judgement = judge(of[pair["record_id_l"]], of[pair["record_id_r"]])
        if is_kept(judgement):
            finding = finding_of(judgement)
            expected[pair["record_id_l"], pair["record_id_r"]] = finding._asdict() | {"is_match": finding.is_match}
    assert {row["verdict"] for row in expected.values()} == {"match", "open", "no"}
    assert expected == {(row.pop("record_id_l"), row.pop("record_id_r")): row for row in answer.to_pylist()}
