"""Batches cut so that rows which belong together arrive together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

#: Rows a batch handed to a row function aims at: large enough to pay for a call, small enough for memory.
BATCH_ROWS = 4_096


def whole_groups(batches: Iterable[pa.RecordBatch], by: str, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of about `rows` rows that never split the rows sharing a value of `by`.

    The rows must arrive ordered by `by`. A single group larger than `rows` is one batch.
    """
    waiting: list[pa.RecordBatch] = []
    n_waiting = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        waiting.append(batch)
        n_waiting += batch.num_rows
        if n_waiting < rows:
            continue
        joined = _join(waiting)
        last = joined.column(joined.schema.get_field_index(by))[joined.num_rows - 1]
        # The last group may go on in the next batch: it stays behind.
        cut = pc.index(joined.column(joined.schema.get_field_index(by)), last).as_py()
        if cut:
            yield joined.slice(0, cut)
        waiting = [joined.slice(cut)]
        n_waiting = joined.num_rows - cut
    if waiting:
        yield _join(waiting)


def _join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
