"""The hosted copies of a product: those of its records, identical ones told once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evigraph.deduplicate.precedence import Record

Instance = dict[str, Any]

#: COAR access rights, the most open first: open, embargoed, restricted, metadata only.
ACCESS_RIGHTS: tuple[str, ...] = ("c_abf2", "c_f1cf", "c_16ec", "c_14cb")

#: What is said of peer review, the surest first.
REFEREED: tuple[str, ...] = ("peerReviewed", "nonPeerReviewed")

#: COAR's version type "author's original".
AUTHORS_ORIGINAL = "http://purl.org/coar/version/c_b1a7d7d4d402bcce"

#: OpenAIRE's resource type of a text before peer review.
PREPRINT = "Preprint"

_IDENTICAL = ("hosted_by", "collected_from", "access_right", "resource_type")
_FILLED = (
    "resource_type_id",
    "version_type",
    "access_route",
    "license",
    "license_url",
    "hosted_by_id",
    "alternate_ids",
)


def _identity(instance: Instance) -> tuple[Any, ...]:
    """What two identical instances share: host, source, access, type, addresses, identifiers (OpenAIRE's rule)."""
    return (
        *(instance.get(name) for name in _IDENTICAL),
        frozenset(instance.get("urls") or ()),
        frozenset((pid["scheme"], pid["value"]) for pid in instance.get("pids") or ()),
    )


def _place(value: str | None, order: tuple[str, ...]) -> int:
    return order.index(value) if value in order else len(order)


def best(values: Sequence[str | None], order: tuple[str, ...]) -> str | None:
    """The value that comes first in `order`, or None where none of them is in it."""
    place = min((_place(value, order) for value in values), default=len(order))
    return order[place] if place < len(order) else None


def versioned(stated: Instance) -> Instance:
    """The instance with its COAR version type: what its source says, and of a preprint without one what it is.

    A preprint is by its definition (COAR resource type c_816b) a text before peer review, so an author's original. Of
    other instances nothing is guessed: an article in a repository may be the accepted or the published version.
    """
    if stated.get("resource_type") == PREPRINT and not stated.get("version_type"):
        return {**stated, "version_type": AUTHORS_ORIGINAL}
    return dict(stated)


def bare_instance(record: Record) -> Instance:
    """The instance of a record that names no copy: where it was collected, its identifiers and date."""
    return {
        "pids": record.get("pids"),
        "published_on": record.get("published_on"),
        "collected_from": record["source"],
    }


def _absorb(instance: Instance, other: Instance) -> None:
    for name in _FILLED:
        if not instance.get(name):
            instance[name] = other.get(name)
    instance["refereed"] = best([instance.get("refereed"), other.get("refereed")], REFEREED)
    dates = [date for date in (instance.get("published_on"), other.get("published_on")) if date]
    instance["published_on"] = min(dates, default=None)


def _same_copy(instances: Sequence[Instance], places: Sequence[int], stated: Instance) -> int | None:
    """The first of these places whose instance is not said to be another version than this one."""
    version = stated.get("version_type")
    return next(
        (place for place in places if not version or instances[place].get("version_type") in (None, version)), None
    )


def merge_instances(records: Sequence[Record]) -> tuple[list[Instance], list[list[str]]]:
    """The instances of all records in their order, and for each the records that know it.

    At least one a record. Instances of different records that are identical are one: peer-reviewed where either
    says so, with the older date. Two that are said to be different versions (submitted, accepted, published) are
    two. What one record tells twice is left as it tells it.
    """
    merged: list[Instance] = []
    told: list[list[str]] = []
    known: dict[tuple[Any, ...], list[int]] = {}
    for record in records:
        own: list[tuple[tuple[Any, ...], int]] = []
        for stated in record.get("instances") or [bare_instance(record)]:
            key = _identity(stated)
            place = _same_copy(merged, known.get(key, ()), stated)
            if place is not None:
                _absorb(merged[place], stated)
                if told[place][-1] != record["record_id"]:
                    told[place].append(record["record_id"])
                continue
            own.append((key, len(merged)))
            merged.append(dict(stated))
            told.append([record["record_id"]])
        for key, place in own:
            known.setdefault(key, []).append(place)
    return [versioned(instance) for instance in merged], told


def access_right(instances: Sequence[Instance]) -> str | None:
    """The best COAR access right among instances, or None where none is known."""
    return best([instance.get("access_right") for instance in instances], ACCESS_RIGHTS)


def is_peer_reviewed(instances: Sequence[Instance]) -> bool | None:
    """Whether an instance is peer-reviewed; False if one says not and none says so; None where nothing is known."""
    said = best([instance.get("refereed") for instance in instances], REFEREED)
    return None if said is None else said == REFEREED[0]
