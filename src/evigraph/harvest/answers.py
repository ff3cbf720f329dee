"""Reading answers just far enough to walk on: a harvest needs ids, totals and cursors, and nothing else of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson


def parse_json(content: bytes) -> Any:
    """The JSON value of an answer; null where it is not JSON."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None


def dig(value: Any, *names: str) -> Any:
    """The value under a path of object members; null where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def integer(value: Any) -> int | None:
    """A count, also one written as text; null for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_ids(records: Any, name: str) -> tuple[str, ...] | None:
    """The member `name` of each record, empty where one lacks it; null where `records` is no list."""
    if not isinstance(records, list):
        return None
    return tuple(str(dig(record, name) or "") for record in records)


def public_address(address: str, params: Mapping[str, str | int]) -> str:
    """An address with its query, for logs: call it with parameters that hold no keys and no personal data."""
    return f"{address}?{urlencode(params)}"
