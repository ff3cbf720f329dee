"""Writes the data dictionary, the commands and the doors into docs/reference, or checks that they are current.

python scripts/write_reference.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from evigraph.cli import app
from evigraph.model.tables import RELEASE_TABLES, TABLES
from evigraph.portal.app import create_app
from evigraph.store.kinds import KINDS, ONCE

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def data_dictionary() -> str:
    """The data dictionary in Markdown, from the contracts."""
    released = {table.name for table in RELEASE_TABLES}
    lines = [
        "# Data dictionary",
        "",
        "Generated from the contracts in `evigraph.model.tables`. Rows lie in ascending order of the key.",
        "Tables of a release come first; the others are steps of a run and lie in `work/`.",
    ]
    for table in sorted(TABLES.values(), key=lambda table: (table.name not in released, table.name)):
        place = "release" if table.name in released else "work"
        lines += ["", f"## {table.name}", "", table.meaning, "", f"In: {place}. Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        lines += [f"| {c.name} | `{c.type}` | {c.meaning} |" for c in table.columns]
    return "\n".join(lines) + "\n"


def ledger_reference() -> str:
    """The kinds of events in Markdown, from their contracts."""
    lines = [
        "# What the ledger can hold",
        "",
        "Generated from `evigraph.store.kinds`. Each event has an actor, a time, a reason and the hash of the one",
        f"before. Any may carry `{ONCE}`, a key of the sender's by which what is sent twice is kept once. Of the",
        "events that agree in what is named under *replaced by*, the last one that is not withdrawn counts.",
    ]
    for kind in KINDS.values():
        about = f"{kind.subject_l}, and {kind.subject_r}" if kind.subject_r else kind.subject_l
        ends = "one about the same two, in either order"
        same = ends if kind.slot == ("ends",) else f"one with the same {', '.join(kind.slot)}"
        lines += ["", f"## {kind.name}", "", f"{kind.meaning.capitalize()}.", "", f"- about: {about}"]
        lines += [f"- reason: {'needed' if kind.needs_reason else 'may be left out'}"]
        lines += [f"- replaced by: {same if kind.slot else 'nothing'}"]
        if kind.fields:
            lines += ["", "| payload | type | meaning |", "|---|---|---|"]
        for field in kind.fields:
            values = f": {', '.join(field.values)}" if field.values else ""
            optional = "" if field.is_required else " (may be left out)"
            lines.append(f"| {field.name} | {field.type} | {field.meaning}{values}{optional} |")
    return "\n".join(lines).rstrip() + "\n"


def command_reference() -> str:
    """The command reference in Markdown, from the commands' own help."""
    lines = ["# Commands", "", "Generated from the commands themselves."]
    group: Any = typer.main.get_command(app)
    for path, command in sorted(_commands(group, "evigraph")):
        lines += ["", f"## {path}", "", (command.help or "").strip(), ""]
        lines += ["| argument or option | usual | meaning |", "|---|---|---|"]
        for parameter in command.params:
            if parameter.name == "help":
                continue
            is_option = parameter.param_type_name == "option"
            names = ", ".join(parameter.opts) if is_option else parameter.metavar or str(parameter.name).upper()
            has_none = parameter.default in (None, False, ()) or callable(parameter.default)
            usual = "" if has_none else str(parameter.default)
            meaning = getattr(parameter, "help", "") or ""
            lines.append(f"| `{names}` | {usual} | {meaning} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def _commands(command: Any, path: str) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(path, command)]
    return [found for name, each in inner.items() for found in _commands(each, f"{path} {name}")]


def api_reference() -> str:
    """The reference of the portal's doors in Markdown, from their OpenAPI description."""
    document = create_app(Path()).openapi()
    lines = ["# Doors", "", "Generated from the portal's OpenAPI description, which it serves at `/openapi.json`.", ""]
    lines += ["Every door answers HEAD and GET alike, tells problems as `application/problem+json` (RFC 9457), carries"]
    lines += ["`RateLimit` and `ETag`, and may be read by programs of other sites (CORS)."]
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    for group, operations in groups.items():
        lines += ["", f"## {group}"]
        for method, path, operation in operations:
            summary = " ".join(operation.get("description", operation["summary"]).split())
            lines += ["", f"### {method} {path}", "", summary, ""]
            if operation.get("parameters"):
                lines += ["| parameter | in | meaning |", "|---|---|---|"]
                lines += [
                    f"| `{one['name']}` | {one['in']} | {one.get('description', '')} |".replace("|  |", "| |")
                    for one in operation["parameters"]
                ]
                lines.append("")
            statuses = [f"{status}: {told['description']}" for status, told in sorted(operation["responses"].items())]
            lines += [f"- {line}" for line in statuses]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the files; with `--check` returns 1 where one is not current."""
    texts = {
        "data-dictionary.md": data_dictionary(),
        "commands.md": command_reference(),
        "api.md": api_reference(),
        "ledger.md": ledger_reference(),
    }
    stale = [name for name, text in texts.items() if not _is_current(REFERENCE / name, text)]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/reference/{name} is not current: run `make docs`")
        return bool(stale)
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(texts[name], encoding="utf-8")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
