"""Values of a JSON object in the form that is wanted, whatever form they have: for sources that vary."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str | None:
    """The first text in a value, stripped: a text, a number as one, the first of a list; None where there is none."""
    if type(value) is str:
        return value.strip() or None
    if type(value) is list:
        for part in value:
            if (found := text(part)) is not None:
                return found
        return None
    if type(value) is int or type(value) is float:
        return str(value)
    return None


def texts(value: Any) -> list[str]:
    """The non-empty texts in a list, or the one that the value itself is, stripped."""
    if type(value) is list:
        return [found for part in value if (found := text(part)) is not None]
    found = text(value)
    return [found] if found is not None else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The JSON objects in a list, or the one that the value itself is."""
    if type(value) is list:
        return [part for part in value if type(part) is dict]
    return [value] if type(value) is dict else []


def member(value: Any, *path: str) -> Any:
    """What lies at this path of names in nested objects; None where the path ends."""
    for name in path:
        if type(value) is not dict:
            return None
        value = value.get(name)
    return value
