"""Pairs whose titles cannot be one work's, told from numbers alone: a bound on what `compare` would say.

From the codes of words (`word_codes.py`) follows which words of each title no way of matching (`alignment.py`) could
take out of the leftovers, and from their rarity the most that the titles can weigh (`plausible_titles.py`); what the
bylines can weigh is told likewise (`plausible_bylines.py`), and what year and place weigh follows from the fields. A
pair is set aside where even that, with all other fields in full agreement, stays below `weights.OPEN`, where the titles
cannot be alike enough to be kept as evidence, and where no identifier is shared. So no pair is set aside that
`comparison.is_kept` would keep (`tests/deduplicate/test_plausible.py` holds it against the comparison itself).

A new way in which words or names match, or a new weight of a field, has to be told here too.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate import weights
from evigraph.deduplicate.compiled import compiled
from evigraph.deduplicate.plausible_bylines import most_of_bylines
from evigraph.deduplicate.plausible_titles import most_of_titles

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

#: The weights that `most_of_bylines` asks for, in its order.
BYLINE_WEIGHTS = (
    weights.AUTHORS_MOST,
    weights.AUTHOR_FIRST,
    weights.AUTHOR_FURTHER,
    weights.AUTHORS_VAGUE,
    weights.AUTHORS_UNKNOWN,
    weights.AUTHOR_ADDED,
    weights.AUTHORS_ADDED_LEAST,
)

#: What sums of weights may be off by.
_ROUNDING: Final = 1e-6


@compiled
def mark_plausible(
    letters_at_l: Any, letters_l: Any, letters_at_r: Any, letters_r: Any,
    words_at_l: Any, words_l: Any, words_at_r: Any, words_r: Any,
    told_at_l: Any, told_l: Any, told_at_r: Any, told_r: Any,
    pids_at_l: Any, pids_l: Any, pids_at_r: Any, pids_r: Any,
    names_at_l: Any, names_l: Any, names_at_r: Any, names_r: Any, n_names_l: Any, n_names_r: Any,
    is_one_language: Any, are_two_languages: Any, besides: Any, weights_: Any, byline_weights: Any, kept: Any,
) -> None:  # fmt: skip
    """Marks in `kept` the pairs that must be compared."""
    for row in range(len(kept)):
        if kept[row]:
            continue
        for place in range(pids_at_l[row], pids_at_l[row + 1]):
            for other in range(pids_at_r[row], pids_at_r[row + 1]):
                if pids_l[place] == pids_r[other]:
                    kept[row] = True
        if kept[row]:
            continue
        most = most_of_titles(
            words_l, words_at_l[row], words_at_l[row + 1], words_r, words_at_r[row], words_at_r[row + 1],
            letters_l, letters_at_l[row], letters_at_l[row + 1], letters_r, letters_at_r[row], letters_at_r[row + 1],
            told_l, told_at_l[row], told_at_l[row + 1], told_r, told_at_r[row], told_at_r[row + 1],
            is_one_language[row], are_two_languages[row], weights_,
        )  # fmt: skip
        if most == np.inf:
            kept[row] = True
        elif most + besides[row] + byline_weights[0] >= weights_[0]:
            kept[row] = weights_[0] <= most + besides[row] + most_of_bylines(
                names_l, names_at_l[row], names_at_l[row + 1], n_names_l[row],
                names_r, names_at_r[row], names_at_r[row + 1], n_names_r[row],
                words_l, words_at_l[row], words_at_l[row + 1], words_r, words_at_r[row], words_at_r[row + 1],
                byline_weights,
            )  # fmt: skip


def _lists(column: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each row's list begins (one more than rows), and the values of all lists."""
    starts = np.zeros(len(column) + 1, np.int64)
    np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy(), out=starts[1:])
    return starts, column.flatten().to_numpy(zero_copy_only=False).astype(np.int64)


def _letters(column: pa.StringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each text begins (one more than rows), and the bytes of all texts."""
    starts = np.zeros(len(column) + 1, np.int64)
    np.cumsum(pc.fill_null(pc.binary_length(column), 0).to_numpy(), out=starts[1:])
    joined = pc.binary_join(
        pa.ListArray.from_arrays(pa.array([0, len(column)], pa.int32()), pc.fill_null(column, "")), ""
    )
    return starts, np.frombuffer(joined[0].as_buffer() or b"", np.uint8)


def _flags(array: pa.Array) -> Flags:
    answer: Flags = pc.fill_null(array, False).to_numpy(zero_copy_only=False)
    return answer


def _is_told(batch: pa.RecordBatch, name: str) -> tuple[Flags, Flags]:
    """Whether left, and right, tell a field."""
    return tuple(batch.column(f"{name}_{side}").is_valid().to_numpy(zero_copy_only=False) for side in "lr")


def _are_equal(batch: pa.RecordBatch, name: str) -> Flags:
    return _flags(pc.equal(batch.column(f"{name}_l"), batch.column(f"{name}_r")))


def _most_besides(batch: pa.RecordBatch) -> Numbers:
    """The most that all fields but title and authors can weigh together where no identifier is shared.

    A year is weighed as it is. A venue of one name is surely one, which prints nothing at two places.
    """
    has_years = np.logical_and(*_is_told(batch, "year"))
    distance = np.abs(
        np.subtract(*(pc.fill_null(batch.column(f"year_{side}"), 0).to_numpy().astype(np.int64) for side in "lr"))
    )
    of_year = np.array((weights.YEAR_SAME, weights.YEAR_NEAR, weights.YEAR_FAR, weights.YEAR_FAR, weights.YEAR_DISTANT))
    most = np.where(has_years, of_year[np.minimum(distance, 4)], 0.0) + weights.VENUE_SAME
    same_page, same_volume = _are_equal(batch, "first_page"), _are_equal(batch, "volume")
    most += np.where(same_page, np.where(same_volume, weights.PLACE_SAME, weights.PAGE_SAME), 0.0)
    is_elsewhere = _are_equal(batch, "venue") & np.logical_and(*_is_told(batch, "first_page")) & ~same_page
    is_elsewhere &= ~_are_equal(batch, "last_page")
    elsewhere = np.where(
        np.logical_and(*_is_told(batch, "volume")), weights.PLACE_ELSEWHERE, weights.PLACE_HALF_ELSEWHERE
    )
    most += np.where(is_elsewhere, elsewhere, 0.0)
    answer: Numbers = most + np.where(_are_equal(batch, "type"), 0.0, weights.TYPE_DIFFERENT) + _ROUNDING
    return answer


def _compared_anyway(batch: pa.RecordBatch) -> Flags:
    """Which pairs are compared whatever the titles say: generic ones, addresses, one a further title of the other."""
    answer = np.zeros(len(batch), np.bool_)
    for side, other in ("lr", "rl"):
        answer |= _flags(batch.column(f"is_generic_{side}"))
        answer |= _flags(pc.greater(pc.list_value_length(batch.column(f"urls_{side}")), 0))
        further, title = batch.column(f"other_titles_{side}"), batch.column(f"title_key_{other}")
        rows = np.flatnonzero(_flags(pc.greater(pc.list_value_length(further), 0)))
        told = zip(further.take(pa.array(rows)).to_pylist(), title.take(pa.array(rows)).to_pylist(), strict=True)
        answer[rows] |= np.array([title in titles for titles, title in told], np.bool_)
    return answer


def plausible(batch: pa.RecordBatch) -> Flags:
    """For each row of `comparison.pairs_with_comparables` whether it must be compared; no other could be kept."""
    languages = pc.equal(batch.column("language_l"), batch.column("language_r"))
    lists = [array for side in "lr" for array in _letters(batch.column(f"title_key_{side}"))]
    lists += [
        array
        for name in ("word_codes", "told_codes", "pid_codes", "name_codes")
        for side in "lr"
        for array in _lists(batch.column(f"{name}_{side}"))
    ]
    lists += [pc.fill_null(pc.list_value_length(batch.column(f"author_names_{side}")), 0).to_numpy() for side in "lr"]
    weighed = (
        weights.OPEN,
        weights.TITLE_SHARED,
        weights.TITLE_SHARED_MOST,
        weights.TITLE_SUBSTITUTED,
        max(weights.TITLE_NUMBERS, weights.TITLE_LEAST),
        weights.TITLE_TRANSLATED,
    )
    kept = _compared_anyway(batch)
    besides = _most_besides(batch)
    flags = _flags(languages), _flags(pc.invert(languages))
    mark_plausible(*lists, *flags, besides, np.array(weighed), np.array(BYLINE_WEIGHTS), kept)
    return kept
