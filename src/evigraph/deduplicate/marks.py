"""What registries and curators say of records, put into their product with who said it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evigraph.deduplicate.precedence import Record
from evigraph.deduplicate.titles import fold
from evigraph.model.entities import RECORD_MARK

#: The columns of `record_mark` that come with a record to be merged.
MARKS: tuple[str, ...] = tuple(name for name in RECORD_MARK.names if name != "record_id")

#: Those of them of which each alone changes the record.
_CHANGING = ("retracted_by", "issn_linking", "amended_type", "dead_links", "amended_authors")


def is_marked(record: Record) -> bool:
    """Whether a registry or a curator says something of the record."""
    return any(record.get(name) for name in _CHANGING)


def marked(record: Record) -> Record:
    """The record with what registries say of it filled in."""
    if not is_marked(record):
        return record
    filled: dict[str, Any] = dict(record)
    if record.get("retracted_by"):
        filled["is_retracted"] = True
    if record.get("issn_linking") and record.get("container") is not None:
        filled["container"] = {**record["container"], "issn_linking": record["issn_linking"]}
    if record.get("amended_type"):
        filled["type"] = record["amended_type"]
    if record.get("dead_links"):
        filled["instances"] = [_alive(instance, set(record["dead_links"])) for instance in record["instances"] or ()]
    if record.get("amended_authors"):
        filled["authors"] = _authors(record)
    return filled


def _alive(instance: dict[str, Any], dead: set[str]) -> dict[str, Any]:
    return {**instance, "urls": [url for url in instance["urls"] or () if url not in dead]}


def _authors(record: Record) -> list[dict[str, Any]]:
    """The authors with those set right whom a curator named; the later word counts."""
    authors = [dict(author) for author in record.get("authors") or ()]
    for change in record["amended_authors"]:
        _, before, after = change.split("\n", 2)
        name, _, orcid = after.partition("|")
        for author in authors:
            if fold(author["full_name"] or "") != fold(before):
                continue
            if name:
                family, _, given = (part.strip() for part in name.partition(","))
                author |= {"full_name": name, "family_name": family, "given_name": given or None}
            if orcid:
                author["orcid"] = orcid
    return authors


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
        elif entry["field"] == "type":
            said = [_typed_by(by_id[record_id]) for record_id in entry["record_ids"]]
        elif entry["field"] == "container.issn_linking":
            said = [_linked_by(by_id[record_id]) for record_id in entry["record_ids"]]
        else:
            continue
        entry["record_ids"] = list(dict.fromkeys(teller for tellers in said for teller in tellers))


def _retracted_by(record: Record) -> list[str]:
    own = [record["record_id"]] if record.get("is_retracted") or not record.get("retracted_by") else []
    return [*own, *(record.get("retracted_by") or ())]


def _typed_by(record: Record) -> list[str]:
    return [record["amended_type_by"]] if record.get("amended_type") else [record["record_id"]]


def _linked_by(record: Record) -> list[str]:
    return [record["issn_linking_by"]] if record.get("issn_linking") else [record["record_id"]]
