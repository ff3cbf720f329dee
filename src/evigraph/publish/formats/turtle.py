"""Products as RDF in Turtle 1.1: the same statements as the schema.org JSON-LD, whose context they spell out."""

from __future__ import annotations

import re
from typing import Any

from evigraph.publish.formats.rows import Row
from evigraph.publish.formats.schema_org import document

#: schema.org's names that point to a thing and not to a text.
_LINKS = frozenset({"url", "sameAs", "license", "contentUrl"})

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def graph(row: Row, address: str) -> str:
    """The product's statements, then those about the things with an id that it names."""
    described = document(row, address)
    described.pop("@context")
    things = [described]
    blocks = []
    while things:
        thing = things.pop(0)
        blocks.append(f"<{_iri(thing['@id'])}> {_statements(thing, 1, things)} .\n")
    return "\n".join(["@prefix schema: <https://schema.org/> .\n", *dict.fromkeys(blocks)])


def _statements(thing: dict[str, Any], depth: int, named: list[dict[str, Any]]) -> str:
    lines = [f"a schema:{thing['@type']}"]
    for name, value in thing.items():
        if not name.startswith("@"):
            values = value if isinstance(value, list) else [value]
            lines.append(f"schema:{name} " + ", ".join(_object(name, one, depth, named) for one in values))
    indent = "  " * depth
    return f" ;\n{indent}".join(lines)


def _object(name: str, value: Any, depth: int, named: list[dict[str, Any]]) -> str:
    if isinstance(value, dict) and "@id" in value:
        named.append(value)
        return f"<{_iri(value['@id'])}>"
    if isinstance(value, dict):
        return f"[ {_statements(value, depth + 1, named)} ]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"<{_iri(str(value))}>" if name in _LINKS else f'"{_literal(str(value))}"'


def _literal(text: str) -> str:
    return re.sub(r'[\\"\n\r\t]|[\x00-\x1f]', lambda match: _ESCAPES.get(match.group(), " "), text)


def _iri(text: str) -> str:
    return re.sub(r'[\x00-\x20<>"{}|^`\\]', lambda match: f"%{ord(match.group()):02X}", text)
