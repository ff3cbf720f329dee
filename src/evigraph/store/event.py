"""An event of the ledger: its fields, its id, and the hash that chains it to the event before."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evigraph.errors import InputError

#: What the first event has in place of the hash of the event before it.
GENESIS = "0" * 64

SAME = "same"
DIFFERENT = "different"
WITHDRAWN = "withdrawn"

JsonValue = None | bool | int | str | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True)
class Event:
    """One line of the ledger. Written once, never changed.

    Attributes:
        ordinal: place in the ledger, from 1, without gaps.
        event_id: UUID version 7 (RFC 9562), ascending in the order of the ledger.
        kind: what is said, a name of `evigraph.store.kinds.KINDS`.
        subject_l: what it is about: a record id, an identifier, the id of another event.
        subject_r: the other thing that it is about, where its kind has one, else null.
        actor: who: the id of an account, or a name where a graph has no accounts.
        reason: why.
        decided_at: when, in UTC.
        payload: further facts, by the contract of the kind; JSON without floating-point numbers.
        previous_hash: hash of the event before, or 64 zeros.
        hash: SHA-256 over the canonical JSON of all other fields.
        scope: the whole that it belongs to and is read with, such as a review; null: the graph itself.
    """

    ordinal: int
    event_id: str
    kind: str
    subject_l: str
    subject_r: str | None
    actor: str
    reason: str
    decided_at: datetime
    payload: dict[str, JsonValue]
    previous_hash: str
    hash: str
    scope: str | None = None


def event_hash(fields: Mapping[str, object]) -> str:
    """SHA-256 in hex over the canonical JSON of an event's fields other than `hash`.

    Canonical: keys sorted, no white space, UTF-8 without escapes, times in ISO 8601 with microseconds and
    `+00:00`. A scope that is null is left out, so that events from before there were scopes keep their hashes.
    """
    plain = {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in fields.items()
        if name != "hash" and (name != "scope" or value is not None)
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def instant_text(instant: datetime) -> str:
    """An instant in ISO 8601 in UTC with microseconds, always 32 characters."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def next_event_id(instant: datetime, previous: str | None) -> str:
    """A UUID version 7 for `instant`, above `previous` even where the clock went backwards.

    48 bits of milliseconds since 1970, 12 bits of their fraction (RFC 9562 §6.2, method 3), 62 random bits.
    """
    microseconds = int(instant.timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1000)
    high = (milliseconds & (1 << 48) - 1) << 16 | 0x7000 | rest * 4096 // 1000
    low = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1 | 1 << 63
    candidate = high << 64 | low
    if previous is not None:
        candidate = max(candidate, uuid.UUID(previous).int + 1)
    return str(uuid.UUID(int=candidate))


def check_text(name: str, text: str) -> str:
    """`text` without surrounding white space, if every database can keep it.

    Raises:
        InputError: it is empty, or holds a NUL or half a surrogate pair.
    """
    stripped = text.strip()
    if not stripped:
        raise InputError(f"a decision needs {name}: say it in a few words")
    if "\0" in stripped or any("\ud800" <= character <= "\udfff" for character in stripped):
        raise InputError(f"the {name} holds characters that are no text: type it anew")
    return stripped


def check_payload(value: JsonValue) -> None:
    """Nothing, if `value` comes back from every database as it went in.

    Raises:
        InputError: it holds a floating-point number, a NUL, or something that is not JSON.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            check_payload(name)
            check_payload(inner)
    elif isinstance(value, list):
        for inner in value:
            check_payload(inner)
    elif isinstance(value, str):
        if value:
            check_text("payload", f"x{value}")
    elif value is not None and not isinstance(value, int):
        raise InputError(f"a decision's payload cannot hold {value!r}: write it as text")
