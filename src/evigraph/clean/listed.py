"""Reference lists as a source states them, cleaned for thousands of entries at once.

Nine rows in ten of a graph are references. Most of their texts and DOIs are clean as they are stated, which Arrow's
kernels tell of a whole column; only the others are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.clean.columns import spread
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import PLACEHOLDER_DOIS, PLACEHOLDER_SUFFIX, is_placeholder_doi
from evigraph.model.pid import normalise_doi
from evigraph.model.tables import REFERENCE
from evigraph.model.types import PID, TEXT

Row = dict[str, Any]

_PID_FIELDS = list(PID)
_IDS_TYPE = REFERENCE.schema.field("pids").type

#: In a text that `clean_line` may change: what is not printable, not normal for certain, or markup; an ampersand that
#: may begin an entity; space at an end or twice; nothing at all.
_ODD_TEXT = (
    "[^ -;=-~\u00c0-\u024f\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u2010-\u2015\u2018\u2019\u201c\u201d]"
    "|&[^ ]|&$|  |^ | $|^$"
)
#: A DOI that is normal but for letter case, unless it is a placeholder.
_USUAL_DOI = "^10\\.[0-9]{4,9}/[!-$&-~]+$"
_PLACEHOLDER = f"^10\\.[0-9]{{4,9}}/{PLACEHOLDER_SUFFIX}"
_PLACEHOLDERS = pa.array(PLACEHOLDER_DOIS, TEXT)


def cleaned(lines: list[str | None]) -> pa.StringArray:
    """Each of the lines as `evigraph.clean.text.clean_line` gives it."""
    try:
        stated = pa.array(lines, TEXT)
    except UnicodeError:  # lone surrogates, which cleaning takes away
        return pa.array(map(clean_line, lines), TEXT)
    return _replaced(stated, pc.match_substring_regex(stated, _ODD_TEXT), lines, clean_line)


def identifying_dois(stated: list[str | None]) -> pa.StringArray:
    """Each of the texts as a normalised DOI; null for one that is none, or stands where one is missing.

    Raises:
        UnicodeError: a text holds a lone surrogate.
    """
    lowered = pc.ascii_lower(pa.array(stated, TEXT))
    is_usual = pc.match_substring_regex(lowered, _USUAL_DOI)
    is_placeholder = pc.or_(pc.match_substring_regex(lowered, _PLACEHOLDER), pc.is_in(lowered, value_set=_PLACEHOLDERS))
    return _replaced(lowered, pc.invert(pc.and_not(is_usual, is_placeholder)), stated, identifying_doi)


def identifying_doi(stated: str | None) -> str | None:
    """The text as a normalised DOI; None where it is none, or stands where one is missing."""
    doi = normalise_doi(stated)
    return None if doi is None or is_placeholder_doi(doi) else doi


def _replaced(
    values: pa.StringArray, mask: pa.BooleanArray, stated: list[str | None], better: Callable[[str | None], str | None]
) -> pa.StringArray:
    """The values, where the mask says so what `better` makes of the stated one."""
    mask = mask.fill_null(False)
    places = np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
    if not places:
        return values
    return pc.replace_with_mask(values, mask, pa.array([better(stated[place]) for place in places], TEXT))


class StatedReferences:
    """Reference lists of which each entry states one DOI or none, and a text, all as the source has them."""

    def __init__(self, payload: str) -> None:
        self._payload = payload
        # Of each list: record, first position, number of entries.
        self._records: list[str] = []
        self._firsts: list[int] = []
        self._counts: list[int] = []
        self._dois: list[str | None] = []
        self._texts: list[str | None] = []

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, record_id: str, position: int, dois: list[str | None], texts: list[str | None]) -> None:
        """Takes the entries of a list from that position on."""
        self._records.append(record_id)
        self._firsts.append(position)
        self._counts.append(len(texts))
        self._dois += dois
        self._texts += texts

    def batch(self) -> pa.RecordBatch:
        """All entries as rows of the table reference, cleaned.

        Raises:
            ValueError, TypeError, pyarrow.ArrowException: a value does not fit its column.
        """
        n_rows = len(self._texts)
        runs, positions = spread(self._firsts, self._counts)
        dois = identifying_dois(self._dois)
        given = dois.drop_null()
        offsets = np.zeros(n_rows + 1, np.int32)
        np.cumsum(dois.is_valid().to_numpy(zero_copy_only=False), out=offsets[1:])
        ids = pa.StructArray.from_arrays([pa.repeat(pa.scalar("doi", TEXT), len(given)), given], fields=_PID_FIELDS)
        columns = {
            "record_id": pa.array(self._records, TEXT).take(runs),
            "payload": pa.repeat(pa.scalar(self._payload, TEXT), n_rows),
            "position": positions,
            "pids": pa.ListArray.from_arrays(pa.array(offsets), ids, type=_IDS_TYPE),
            "text": cleaned(self._texts),
        }
        return pa.RecordBatch.from_arrays([columns[name] for name in REFERENCE.names], schema=REFERENCE.schema)

    def rows(self) -> Iterator[Row]:
        """All entries one by one, cleaned."""
        at = 0
        for record_id, first, count in zip(self._records, self._firsts, self._counts, strict=True):
            for position in range(first, first + count):
                doi = identifying_doi(self._dois[at])
                yield {
                    "record_id": record_id,
                    "payload": self._payload,
                    "position": position,
                    "pids": [{"scheme": "doi", "value": doi}] if doi else [],
                    "text": clean_line(self._texts[at]),
                }
                at += 1
