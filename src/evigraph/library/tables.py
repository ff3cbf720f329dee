"""The tables beside the kept set: clusters with the reason for each record, evidence, and the open pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from evigraph.library.keeping import Kept
from evigraph.library.matching import Matching
from evigraph.library.reading import Row, database_of
from evigraph.model.pid import Pid, identity_order
from evigraph.model.tables import EVIDENCE

#: The columns of `clusters`: each record of the library once, those of a cluster together.
CLUSTER_COLUMNS: tuple[str, ...] = (
    *("cluster", "role", "record_id", "kept_record_id", "file", "number_in_file", "source", "title", "authors", "year"),
    *("container", "volume", "first_page", "identifiers", "reason", "filled_from_others"),
)

#: The fields that a person compares, for each side of an open pair.
_SIDE_FIELDS = ("title", "authors", "year", "container", "volume", "first_page", "identifiers", "file")

#: The columns of `open`: what to decide comes first, then both records side by side, then why it is open.
OPEN_COLUMNS: tuple[str, ...] = (
    "decision",
    *(f"{name}_{side}" for name in _SIDE_FIELDS for side in "lr"),
    *("why_open", "if_same", "record_id_l", "record_id_r"),
)

#: The columns of `versions`.
VERSION_COLUMNS: tuple[str, ...] = (
    *(f"{name}_{side}" for name in _SIDE_FIELDS for side in "lr"),
    *("reason", "record_id_l", "record_id_r"),
)

_AUTHORS_SHOWN = 6


def cluster_rows(kept: Sequence[Kept], matching: Matching) -> list[Row]:
    """Rows of `clusters` in the order of the kept records; in each cluster the one that stays first."""
    reasons = _reasons(matching)
    rows = []
    for number, each in enumerate(kept, 1):
        ids = [str(record["record_id"]) for record in each.records]
        for place, record in enumerate(each.records):
            record_id = ids[place]
            rows.append(
                {
                    "cluster": number,
                    "role": "kept" if place == 0 else "removed",
                    "record_id": record_id,
                    "kept_record_id": each.record_id,
                    "number_in_file": record["position"] + 1,
                    "source": database_of(record),
                    **shown(record),
                    "reason": _reason(record_id, ids, reasons) if place else "",
                    "filled_from_others": ", ".join(each.filled) if place == 0 else "",
                }
            )
    return rows


def evidence_rows(matching: Matching) -> list[Row]:
    """Rows of `evidence`, and one for each record that was exported again."""
    again = [
        {
            **dict.fromkeys(EVIDENCE.names),
            "record_id_l": min(copy, head),
            "record_id_r": max(copy, head),
            "rule": "exported again",
            "is_match": True,
            "verdict": "match",
            "level": "duplicate",
            "explanation": why,
        }
        for copy, (head, why) in matching.again.items()
    ]
    return sorted(
        [*matching.found.evidence, *again], key=lambda row: (row["record_id_l"], row["record_id_r"], row["rule"])
    )


def open_rows(kept: Sequence[Kept], matching: Matching) -> list[Row]:
    """Rows of `open`: pairs that a person should decide, duplicates before versions, the surest first."""
    rows, seen = [], set()
    cluster_of = {record_id: each.record_id for each in kept for record_id in _ids(each)}
    records = {str(record["record_id"]): record for each in kept for record in each.records}
    waiting = matching.found.open_pairs()
    for row in sorted(waiting, key=lambda row: (row["level"] == "version", -(row["score"] or 0.0), *_pair(row))):
        left, right = _pair(row)
        clusters = frozenset((cluster_of[left], cluster_of[right]))
        # Of two clusters one pair is enough: what is decided of it binds both.
        if clusters in seen:
            continue
        seen.add(clusters)
        rows.append({"decision": "", **_side_by_side(records[left], records[right]), "why_open": row["explanation"]})
        rows[-1] |= {"if_same": row["level"], "record_id_l": left, "record_id_r": right}
    return rows


def version_rows(kept: Sequence[Kept], matching: Matching) -> list[Row]:
    """Rows of `versions`: kept records that are one work published more than once, and so stay apart."""
    stays = {record_id: each for each in kept for record_id in _ids(each)}
    linked: dict[tuple[str, str], Row] = {}
    for row in matching.found.versions():
        left, right = sorted((stays[end] for end in _pair(row)), key=lambda each: each.record_id)
        told = {**_side_by_side(left.row, right.row), "reason": row["explanation"]}
        linked.setdefault(
            (left.record_id, right.record_id), told | {"record_id_l": left.record_id, "record_id_r": right.record_id}
        )
    return [linked[pair] for pair in sorted(linked)]


def _side_by_side(left: Row, right: Row) -> Row:
    sides = {"l": shown(left), "r": shown(right)}
    return {f"{name}_{side}": sides[side][name] for name in _SIDE_FIELDS for side in "lr"}


def shown(record: Row) -> Row:
    """What a person tells a record by, as text."""
    container = record["container"] or {}
    names = [person["full_name"] or "" for person in record["authors"] or ()]
    more = f"; and {len(names) - _AUTHORS_SHOWN} more" if len(names) > _AUTHORS_SHOWN else ""
    pids = sorted((Pid(pid["scheme"], pid["value"]) for pid in record["pids"] or ()), key=identity_order)
    return {
        "file": record["source"],
        "title": record["title"] or "",
        "authors": "; ".join(names[:_AUTHORS_SHOWN]) + more,
        "year": record["year"],
        "container": container.get("name") or "",
        "volume": container.get("volume") or "",
        "first_page": container.get("first_page") or "",
        "identifiers": "; ".join(map(str, pids)),
    }


def _ids(each: Kept) -> list[str]:
    return [str(record["record_id"]) for record in each.records]


def _pair(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["record_id_l"]), str(row["record_id_r"])


def _reasons(matching: Matching) -> dict[str, dict[str, str]]:
    """For each record its matches, each with the reason in words."""
    reasons: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in evidence_rows(matching):
        if row["is_match"]:
            left, right = _pair(row)
            for one, other in ((left, right), (right, left)):
                said = reasons[one].get(other)
                reasons[one][other] = f"{said}; {row['explanation']}" if said else row["explanation"]
    return reasons


def _reason(record_id: str, ids: Sequence[str], reasons: Mapping[str, Mapping[str, str]]) -> str:
    """Why a record is in its cluster: by the one that stays if that can be, else by another member, which is named."""
    found = reasons.get(record_id, {})
    direct = next((other for other in ids if other != record_id and other in found), None)
    if direct is None:
        return ""
    return found[direct] if direct == ids[0] else f"with {direct}: {found[direct]}"
