"""Concepts of SKOS vocabularies as subjects with their statements: RDF/XML, N-Triples, Turtle, JSON-LD,
RDF/JSON.

Only what thesauri use is read: subjects with addresses, their plain and language-tagged texts, and the addresses
they point to. Labels that are nodes of their own (SKOS-XL) stand for their literal form.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from lxml import etree

from evigraph.clean.batches import Rows
from evigraph.clean.json_document import RECORD_BYTES
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, open_bytes, sniff_bytes
from evigraph.clean.registries.turtle import Damage, looks_like_turtle, statements

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

#: A JSON document is read whole.
_DOCUMENT_BYTES = 4 * RECORD_BYTES

_TRIPLE = re.compile(
    r'\s*<([^<>"\s]+)>\s+<([^<>"\s]+)>\s+'
    r'(?:<([^<>"\s]*)>|_:\S+|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<[^<>\s]*>)?)\s*\.\s*(?:#.*)?$'
)
_BLANK = re.compile(r"\s*_:")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Value(NamedTuple):
    """What a statement says: an address, or a text with its language (empty where none is stated)."""

    text: str
    language: str
    is_address: bool


class Subject(NamedTuple):
    """A subject: its place, its address, and its values by the local name of the property, in their order."""

    position: int
    address: str
    values: dict[str, list[Value]]


def local_name(address: str) -> str:
    """The part of a property's address after its last `#`, `/` or `}`."""
    return re.split(r"[#/}]", address)[-1]


def subjects(path: str, rows: Rows) -> Iterator[Subject]:
    """The subjects of an RDF file; of one in N-Triples each run of lines about one subject.

    Defects: `empty_file`, `wrong_file_type`, `xml_syntax` (what stood before is read),
    `json_syntax`, `triple_syntax` (a statement; it costs itself), `file_too_large`.
    """
    with open_bytes(path, rows.defect) as stream:
        head = stream.read(HEAD_BYTES)
    kind = sniff_bytes(head, len(head) < HEAD_BYTES)
    if kind == "empty":
        rows.defect(-1, "empty_file", f"{rows.payload} is empty. Fetch it again.", True)
    elif kind == "xml":
        yield from _xml_subjects(path, rows)
    elif kind in ("json", "json-lines"):
        yield from _json_subjects(path, rows)
    elif any(map(_TRIPLE.match, head.decode("utf-8", "replace").splitlines()[:50])):
        yield from _triples(path, rows)
    elif looks_like_turtle(head.decode("utf-8", "replace")):
        yield from _turtle_subjects(path, rows)
    else:
        message = f"{rows.payload} looks like {CONTENT_NAMES[kind]}, not like RDF in XML, JSON, N-Triples or Turtle"
        rows.defect(-1, "wrong_file_type", f"{message}. Fetch it in one of these forms.", True)


def _xml_subjects(path: str, rows: Rows) -> Iterator[Subject]:
    position = -1
    with open_bytes(path) as stream:
        options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
        depth = 0
        try:
            for event, element in etree.iterparse(io.BufferedReader(stream), events=("start", "end"), **options):
                depth += 1 if event == "start" else -1
                # Depth 1 after an end: a child of rdf:RDF is complete.
                if event == "end" and depth == 1:
                    address = element.get(f"{_RDF}about")
                    if address:
                        position += 1
                        yield Subject(position, address, _xml_values(element))
                    element.clear()
                    while (before := element.getprevious()) is not None:
                        before.getparent().remove(before)
        except (etree.XMLSyntaxError, UnicodeError) as error:
            message = f"{rows.payload} is no longer XML from here on ({error}); what stood before was read"
            rows.defect(position + 1, "xml_syntax", f"{message}. Fetch it again.", True)


def _xml_values(element: Any) -> dict[str, list[Value]]:
    values: dict[str, list[Value]] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = local_name(child.tag)
        address = child.get(f"{_RDF}resource")
        literal = next((node for node in child.iter() if node.tag != child.tag and _is_literal(node)), None)
        text = (child.text or "").strip()
        if address is not None:
            values.setdefault(name, []).append(Value(address, "", True))
        elif literal is not None:
            values.setdefault(name, []).append(Value(literal.text.strip(), literal.get(_XML_LANG) or "", False))
        elif text:
            values.setdefault(name, []).append(Value(text, child.get(_XML_LANG) or "", False))
    return values


def _is_literal(node: Any) -> bool:
    return isinstance(node.tag, str) and bool((node.text or "").strip())


def _json_subjects(path: str, rows: Rows) -> Iterator[Subject]:
    data = _document(path, rows)
    if data is None:
        return
    try:
        document = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        rows.defect(-1, "json_syntax", f"{rows.payload} is not JSON ({error}). Fetch it again.", True)
        return
    if type(document) is dict and ("@graph" in document or "@id" in document):
        document = document.get("@graph") or [document]
    if type(document) is dict:
        document = [{"@id": address, **stated} for address, stated in document.items() if type(stated) is dict]
    for position, node in enumerate(document if type(document) is list else []):
        address = node.get("@id") or node.get("uri") if type(node) is dict else None
        if type(address) is str:
            values = {local_name(name.replace(":", "/")): _json_values(stated) for name, stated in node.items()}
            yield Subject(position, address, values)


def _document(path: str, rows: Rows) -> bytes | None:
    """The whole of a file, None where it is larger than a document may be."""
    with open_bytes(path) as stream:
        data = stream.read(_DOCUMENT_BYTES + 1)
    if len(data) <= _DOCUMENT_BYTES:
        return data
    message = f"{rows.payload} is larger than {_DOCUMENT_BYTES >> 20} MiB. Fetch it as N-Triples or RDF/XML."
    rows.defect(-1, "file_too_large", message, True)
    return None


def _turtle_subjects(path: str, rows: Rows) -> Iterator[Subject]:
    current: Subject | None = None
    data = _document(path, rows) or b""
    for position, told in enumerate(statements(data.decode("utf-8-sig", "replace"))):
        if isinstance(told, Damage):
            message = f"line {told.line} is no statement in Turtle; it was left out up to its full stop"
            rows.defect(position, "triple_syntax", message, True)
            continue
        if current is None or current.address != told.subject:
            if current is not None:
                yield current
            current = Subject(position, told.subject, {})
        target = told.target if told.is_address else _plain(told.target)
        value = Value(target, told.language, told.is_address)
        current.values.setdefault(local_name(told.property), []).append(value)
    if current is not None:
        yield current


def _json_values(stated: Any) -> list[Value]:
    values: list[Value] = []
    for entry in stated if type(stated) is list else [stated]:
        if type(entry) is str:
            values.append(Value(entry, "", entry.startswith(("http://", "https://"))))
        elif type(entry) is dict:
            address = entry.get("@id") or (entry.get("value") if entry.get("type") == "uri" else None)
            text = address or entry.get("@value") or entry.get("value")
            language = entry.get("@language") or entry.get("lang")
            if type(text) is str and text:
                values.append(Value(text, language if type(language) is str else "", bool(address)))
    return values


def _triples(path: str, rows: Rows) -> Iterator[Subject]:
    current: Subject | None = None
    with open_bytes(path, rows.defect) as stream:
        lines = io.TextIOWrapper(io.BufferedReader(stream), "utf-8-sig", "replace")
        position = -1
        while line := lines.readline(1 << 20):
            position += 1
            if not line.strip() or line.lstrip().startswith("#") or _BLANK.match(line):
                continue
            match = _TRIPLE.match(line)
            if match is None:
                message = f"line {position + 1} is no statement in N-Triples; it was left out"
                rows.defect(position, "triple_syntax", message, True)
                continue
            address, name, target, text, language = match.groups()
            if current is None or current.address != address:
                if current is not None:
                    yield current
                current = Subject(position, address, {})
            if target is not None or text is not None:
                value = Value(target, "", True) if target is not None else Value(_plain(text), language or "", False)
                current.values.setdefault(local_name(name), []).append(value)
    if current is not None:
        yield current


def _plain(text: str) -> str:
    """The text that a literal writes with escapes (N-Triples §2.4)."""

    def character(match: re.Match[str]) -> str:
        if code := match[1] or match[2]:
            number = int(code, 16)
            return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
        return _ESCAPED.get(match[3], match[3])

    return _ESCAPE.sub(character, text)
