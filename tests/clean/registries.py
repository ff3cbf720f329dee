"""Reads a registry payload through its crosswalk and holds the batches to their contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.api import crosswalk_of
from evigraph.clean.told import TOLD

CORPUS = Path(__file__).parents[1] / "corpus"
Rows = dict[str, list[dict[str, Any]]]


def read(source: str, path: Path | str) -> Rows:
    """The rows by table, without `_told`; a name is one of the corpus."""
    place = path if isinstance(path, Path) else CORPUS / source / path
    found: Rows = {}
    for name, batch in crosswalk_of(source)(str(place)):
        assert batch.schema.equals(TOLD[name].schema), name
        batch.validate(full=True)
        found.setdefault(name.removesuffix("_told"), []).extend(batch.to_pylist())
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    """Place, name and cost of each defect."""
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows.get("defect", [])]
