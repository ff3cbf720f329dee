"""What registries say of records, put into their product with the registry as the one who said it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evigraph.deduplicate.precedence import Record

#: The columns of `record_mark` that come with a record to be merged.
MARKS: tuple[str, ...] = ("retracted_by", "issn_linking", "issn_linking_by")


def is_marked(record: Record) -> bool:
    """Whether a registry says something of the record."""
    return bool(record.get("retracted_by") or record.get("issn_linking"))


def marked(record: Record) -> Record:
    """The record with what registries say of it filled in."""
    if not is_marked(record):
        return record
    filled: dict[str, Any] = dict(record)
    if record.get("retracted_by"):
        filled["is_retracted"] = True
    if record.get("issn_linking") and record.get("container") is not None:
        filled["container"] = {**record["container"], "issn_linking": record["issn_linking"]}
    return filled


def name_registries(records: Sequence[Record], entries: list[dict[str, Any]]) -> None:
    """Puts the entries of registries in the place of the records that only repeat them, in each `entries` row.

    Args:
        records: the records as they were before `marked`.
        entries: rows of a product's provenance.
    """
    by_id = {record["record_id"]: record for record in records}
    for entry in entries:
        if entry["field"] == "is_retracted":
            said = [_retracted_by(by_id[record_id]) for record_id in entry["record_ids"]]
        elif entry["field"] == "container.issn_linking":
            said = [_linked_by(by_id[record_id]) for record_id in entry["record_ids"]]
        else:
            continue
        entry["record_ids"] = list(dict.fromkeys(teller for tellers in said for teller in tellers))


def _retracted_by(record: Record) -> list[str]:
    own = [record["record_id"]] if record.get("is_retracted") or not record.get("retracted_by") else []
    return [*own, *(record.get("retracted_by") or ())]


def _linked_by(record: Record) -> list[str]:
    return [record["issn_linking_by"]] if record.get("issn_linking") else [record["record_id"]]
