"""The record that stays for each cluster: one of the user's own, its gaps filled from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evigraph.deduplicate.merge import merge_records
from evigraph.deduplicate.precedence import in_order
from evigraph.library.reading import Row
from evigraph.model.records import BIBLIOGRAPHIC

#: Columns that are taken from the merged product whole, for what it adds is identifiers and parts of an address.
_UNITED = ("pids", "container")


@dataclass(frozen=True)
class Kept:
    """A cluster: the record that stays, as written; all records, the leading one first; fields filled from others."""

    row: Row
    records: list[Row]
    filled: tuple[str, ...]

    @property
    def record_id(self) -> str:
        """The id of the record that stays."""
        return str(self.row["record_id"])


def keep(clusters: Sequence[Sequence[Row]], labels: Sequence[str]) -> list[Kept]:
    """What stays of each cluster, in the order of the files and of the records in them.

    Published before preprint, then the file named first, leads. What it says stays as it says it; what it leaves
    out is taken from the next record that says it, and identifiers are united. Abstracts and keywords are not
    added to those that are there: a record that is screened reads like one that was exported.
    """
    kept = [_kept(cluster, labels) for cluster in clusters]
    place = {label: number for number, label in enumerate(labels)}
    return sorted(kept, key=lambda each: (place[each.row["source"]], each.row["position"], each.record_id))


def _kept(cluster: Sequence[Row], labels: Sequence[str]) -> Kept:
    records = [dict(record) for record in in_order(cluster, labels)]
    lead = records[0]
    if len(records) == 1:
        return Kept(lead, records, ())
    merged = merge_records("", records, labels)
    row: Row = dict(lead)
    filled: list[str] = []
    for name in (column.name for column in BIBLIOGRAPHIC):
        if name == "instances":
            continue
        value = _best(name, lead[name], merged[name])
        if value != lead[name]:
            row[name] = value
            filled.append(name)
    if "pids" in filled and row["instances"]:
        # Formats write the identifiers of the copy.
        row["instances"] = [{**row["instances"][0], "pids": row["pids"]}, *row["instances"][1:]]
    return Kept(row, records, tuple(filled))


def _best(name: str, own: Any, merged: Any) -> Any:
    if name in _UNITED:
        return merged or own
    if name == "descriptions" and not own:
        return (merged or [])[:1] or own
    if name in ("published_on", "is_retracted"):
        return merged if merged is not None else own
    if name == "language":
        return merged if own in (None, "und") else own
    return merged if own in (None, "", []) else own
