"""What the writers of all formats take from a row of the table record or product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]

#: Name of the extra in which `evigraph.clean.exports.record` keeps the dialect that a reference was exported in.
DIALECT = "export_dialect"


def dialect_of(row: Row) -> str | None:
    """The dialect that the row was exported in ("Ovid RIS"), or None where it is no exported reference."""
    return next((extra["value"] for extra in row.get("extras") or () if extra["name"] == DIALECT), None)


def extras_of(row: Row) -> list[tuple[str, str]]:
    """The extras of a row as name and value in their order, without the dialect."""
    return [
        (extra["name"], extra["value"])
        for extra in row.get("extras") or ()
        if extra["name"] and extra["value"] and extra["name"] != DIALECT
    ]


def pid_of(row: Row, scheme: str) -> str | None:
    """The first identifier of that scheme, of the row's own or of its copies."""
    instances = row.get("instances") or ()
    lists = [row.get("pids") or (), *(instance.get("pids") or () for instance in instances)]
    return next((pid["value"] for pids in lists for pid in pids if pid["scheme"] == scheme), None)


def alternate_ids_of(row: Row, scheme: str) -> list[str]:
    """The identifiers of that scheme that are kept but make no identity."""
    return [pid["value"] for pid in row.get("alternate_ids") or () if pid["scheme"] == scheme]


def container_of(row: Row) -> Mapping[str, str | None]:
    """The container, empty where there is none."""
    return row.get("container") or {}


def urls_of(row: Row) -> list[str]:
    """The addresses of all copies, each once."""
    instances = row.get("instances") or ()
    return list(dict.fromkeys(url for instance in instances for url in instance.get("urls") or ()))


def databases_of(row: Row) -> list[str]:
    """The names of the sources that the copies were collected from, each once."""
    instances = row.get("instances") or ()
    return list(dict.fromkeys(name for instance in instances if (name := instance.get("collected_from"))))


def resource_type_of(row: Row) -> str | None:
    """OpenAIRE's name of the first copy's resource type."""
    return next((label for instance in row.get("instances") or () if (label := instance.get("resource_type"))), None)


def full_title(row: Row) -> str | None:
    """The title, with the subtitle after a colon."""
    title, subtitle = row.get("title"), row.get("subtitle")
    return f"{title}: {subtitle}" if title and subtitle else title or subtitle


def inverted_name(author: Mapping[str, Any]) -> str:
    """A person's name as "Family, Given" or "Family, Given, Suffix"; the full name where it is not taken apart."""
    full, given, family = author.get("full_name") or "", author.get("given_name"), author.get("family_name")
    if not given or not family:
        return full or given or family or ""
    whole = f"{given} {family}"
    suffix = full[len(whole) :].strip() if full.startswith(f"{whole} ") else ""
    return f"{family}, {given}, {suffix}" if suffix else f"{family}, {given}"


def terms_in_place(
    row: Row, extras: list[tuple[str, str]], tag: str, scheme: str | None, bare: Callable[[str], str]
) -> tuple[list[tuple[Mapping[str, Any], list[str]]], list[tuple[str, str]]]:
    """The subjects, each with the extras under `tag` that say the same with marks ("*Stress"); and the other extras.

    `bare` takes the marks off, in lower case; only subjects of `scheme` are looked at, all where it is null. So a
    format that has marks writes a term once and in its place.
    """
    marked: dict[str, list[str]] = {}
    rest: list[tuple[str, str]] = []
    subjects = row.get("subjects") or ()
    values = {subject["value"].casefold() for subject in subjects if scheme in (None, subject["scheme"])}
    for name, value in extras:
        if name == tag and bare(value) in values:
            marked.setdefault(bare(value), []).append(value)
        else:
            rest.append((name, value))
    terms = []
    for subject in subjects:
        is_meant = scheme in (None, subject["scheme"])
        terms.append((subject, marked.pop(subject["value"].casefold(), []) if is_meant else []))
    return terms, rest
