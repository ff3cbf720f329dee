"""The ISSN International Centre's table of linking ISSNs: which ISSN-L stands for the serial of an ISSN."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.payload import open_bytes
from evigraph.clean.registries.archive import meant_files
from evigraph.model.entities import ISSN_LINK, TOLD_ENTITIES
from evigraph.model.pid import normalise_issn

SOURCE = "issn_l"

_TOLD = TOLD_ENTITIES[ISSN_LINK]

#: Rows of a batch: they are narrow.
_BATCH_ROWS = 1 << 16

#: Bytes of a line; the table's have 20.
_LINE_BYTES = 4096

_SEPARATOR = re.compile(r"[\t,;]")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables issn_link and defect that the table of ISSN-Ls gives.

    Two columns with a header of the names ISSN and ISSN-L, separated by tabs, commas or semicolons; the zip in which
    the Centre gives it (with the table from ISSN-L to ISSNs beside it, which is left out) or the text itself. A line
    with an invalid ISSN is lost as `issn_invalid`.
    """
    rows = Rows(SOURCE, Path(path).name)
    position = -1
    for member in meant_files(path, rows.defect, lambda name: "l-to-issn" not in name.lower()):
        with open_bytes(member, rows.defect) as stream:
            lines = io.TextIOWrapper(io.BufferedReader(stream), "utf-8-sig", "replace")
            header = [name.strip(' "\n\r').upper() for name in _SEPARATOR.split(lines.readline(_LINE_BYTES))]
            if header[:2] != ["ISSN", "ISSN-L"]:
                message = f"{member.name} is not the table from ISSN to ISSN-L: its first line does not name them"
                rows.defect(-1, "wrong_file_type", f"{message}. Fetch it again.", True)
                continue
            linked: dict[str, str] = {}
            while line := lines.readline(_LINE_BYTES):
                position += 1
                cells = [cell.strip(' "\n\r') for cell in _SEPARATOR.split(line, 2)]
                if not any(cells):
                    continue
                issn, linking = normalise_issn(cells[0]), normalise_issn(cells[1] if len(cells) > 1 else None)
                if issn is None or linking is None:
                    message = f"line {position + 2} does not hold two valid ISSNs; it was left out"
                    rows.defect(position, "issn_invalid", message, True)
                else:
                    linked[issn] = linking
                if len(linked) >= _BATCH_ROWS:
                    yield _TOLD.name, _batch(linked, rows.payload)
                    linked = {}
                    yield from rows.full()
            if linked:
                yield _TOLD.name, _batch(linked, rows.payload)
    yield from rows.rest()


def _batch(linked: dict[str, str], payload: str) -> pa.RecordBatch:
    columns = [list(linked), list(linked.values()), [SOURCE] * len(linked), [payload] * len(linked)]
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], schema=_TOLD.schema)
