"""The order in which the records of a product are asked for a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: Sources by authority for bibliographic facts; any other comes after, by name. Registration agencies first, then
#: the curated databases and the publishers' own texts, then repositories and those that gather from others (after
#: OpenAIRE's order of authorities), last what people exported from somewhere.
SOURCES: tuple[str, ...] = (
    *("crossref", "datacite"),
    *("pubmed", "europepmc", "jats"),
    *("oai_pmh", "openaire", "openalex", "opencitations"),
    "exports",
)

#: Types by priority: what one source calls a publication and another a dataset is a publication (OpenAIRE's).
TYPES: tuple[str, ...] = ("publication", "dataset", "software", "other")

#: Resource types of a text before its publication.
_PREPRINTS = frozenset({"preprint", "working paper"})

Record = Mapping[str, Any]


def _place(value: str | None, order: Sequence[str]) -> int:
    return order.index(value) if value in order else len(order)


def is_preprint(record: Record) -> bool:
    """Whether all that a record says of its copies is that they precede publication."""
    kinds = [(instance.get("resource_type") or "").lower() for instance in record.get("instances") or ()]
    return bool(kinds) and all(kind in _PREPRINTS for kind in kinds)


def precedence(record: Record, sources: Sequence[str] = SOURCES) -> tuple[int, bool, int, str, str]:
    """Sort key of the records of one product, the leading one first.

    By type, published before preprint (the year of a work is that of its publication), source, record id: a
    total order, so that a merged product does not depend on the order in which records arrive.
    """
    source = record["source"]
    return _place(record.get("type"), TYPES), is_preprint(record), _place(source, sources), source, record["record_id"]


def in_order(records: Iterable[Record], sources: Sequence[str] = SOURCES) -> list[Record]:
    """The records of one product, the leading one first; `sources`: those that have a place, the best first."""
    return sorted(records, key=lambda record: precedence(record, sources))
