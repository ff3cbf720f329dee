"""JSON payloads as records: lines, arrays, dump files and REST answers, recognised by content.

JSON lines are streamed. A document of at most `RECORD_BYTES` is read whole; of a larger one the records are
read one after the other, so memory is bounded by a few times `RECORD_BYTES` for both.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from evigraph.clean.json_document import (
    NOTHING,
    RECORD_BYTES,
    Item,
    Scanner,
    as_object,
    read_leniently,
    records_in,
    report_too_large,
)
from evigraph.clean.payload import (
    CONTENT_NAMES,
    HEAD_BYTES,
    PayloadStream,
    Report,
    is_envelope,
    open_bytes,
    sniff_bytes,
)

_BLOCK = 1 << 20

#: Keys by which a line is told to be an answer with records inside.
_ENVELOPE_KEYS = frozenset({"items", "results", "message", "data"})


def json_objects(
    path: str | Path, report: Report, usual: Callable[[bytes], Any | None] | None = None
) -> Iterator[Item]:
    """The records of a JSON payload, in order; what cannot be read goes to `report` and costs that record alone.

    Forms, recognised by content: JSON lines; one array; `{"items": […]}` (Crossref's public data file);
    `{"message": {"items": […]}}` and `{"message": {…}}` (Crossref REST); `{"results": […]}` (OpenAlex and
    OpenAIRE REST); `{"data": […]}` (JSON:API, DataCite REST); one object; several of these after each other;
    gzipped or not, pretty-printed or not. A line that is an answer counts as its records. Of a key that an object
    has twice the last is read.

    `usual` reads a line that is a record of a source's usual form into a value of the source's own, and gives None
    for every other line; all else that is given is an object as it stands.

    The position is the line, from 0, where every line is one record, else the record's ordinal number.

    Defects: `empty_file`, `wrong_file_type`, `gzip_truncated`, `json_syntax`, `not_an_object`,
    `record_too_large` (over `RECORD_BYTES`) lose the record or the file; `encoding` (bytes that are not UTF-8
    and lone surrogates become U+FFFD) and `json_extension` (NaN and Infinity become null) do not.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with open_bytes(path, report) as stream:
        head = stream.read(HEAD_BYTES)
        is_whole = len(head) < HEAD_BYTES
        kind = sniff_bytes(head, is_whole)
        if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            report(-1, "encoding", f"{stream.name} is UTF-16. Convert it to UTF-8 and add it again.", True)
        elif kind == "empty":
            if stream.damage is None:
                report(-1, "empty_file", f"{stream.name} is empty. Fetch it again.", True)
        elif kind == "json-lines" or (kind == "json" and _is_one_long_line(head, is_whole)):
            yield from _lines(stream, head, report, usual or _none_is_usual)
        elif kind == "json":
            yield from _document(stream, head, report)
        elif stream.damage is None:
            message = f"{stream.name} is not JSON but looks like {CONTENT_NAMES[kind]}. Fetch it again, or add it"
            report(-1, "wrong_file_type", f"{message} under the source it belongs to.", True)


def _is_one_long_line(head: bytes, is_whole: bool) -> bool:
    """Whether the first line goes on past the head and opens a record, not an answer or an array."""
    return not (is_whole or b"\n" in head or is_envelope(head)) and head.removeprefix(codecs.BOM_UTF8)[:1] == b"{"


def _document(stream: PayloadStream, head: bytes, report: Report) -> Iterator[Item]:
    """The records of one JSON document, or of several after each other."""
    data = head + stream.read(RECORD_BYTES - len(head) + 1)
    if len(data) <= RECORD_BYTES and stream.damage is None:
        try:
            value = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
        except orjson.JSONDecodeError:
            pass
        else:
            yield from _items(records_in(value), stream.name, 0, len(data), report)
            return
    yield from Scanner(stream, data, report).items()


def _items(values: list[object], name: str, first: int, size: int, report: Report) -> Iterator[Item]:
    """The objects among the values of a document or line of that size."""
    size //= max(len(values), 1)
    for position, value in enumerate(values, first):
        if (checked := as_object(value, name, position, report)) is not None:
            yield Item(position, checked, size)


def _none_is_usual(_: bytes) -> None:
    """No line is read in a form of its own."""


def _lines(stream: PayloadStream, head: bytes, report: Report, usual: Callable[[bytes], Any | None]) -> Iterator[Item]:
    """The records of JSON lines."""
    position = 0
    for line in _split(stream, head.removeprefix(codecs.BOM_UTF8)):
        if line is None:
            report_too_large(stream.name, position, report)
        elif (record := usual(line)) is not None:
            yield Item(position, record, len(line))
        elif line and not line.isspace():
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                value = read_leniently(line, stream.name, position, report)
            if type(value) is dict and _ENVELOPE_KEYS.isdisjoint(value):
                yield Item(position, value, len(line))
            elif value is not NOTHING:
                values = records_in(value)
                if isinstance(value, list):
                    values = [value]  # a line that is an array is no answer of any source
                yield from _items(values, stream.name, position, len(line), report)
                position += max(len(values) - 1, 0)
        position += 1


def _split(stream: PayloadStream, rest: bytes) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is larger than `RECORD_BYTES`.

    A last line that is cut off by the damage of a gzip is not given: the damage is a defect of its own.
    """
    is_too_large = False
    while block := stream.read(_BLOCK):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield None if is_too_large or len(line) > RECORD_BYTES else line
            is_too_large = False
        if is_too_large or len(rest) > RECORD_BYTES:
            is_too_large = True
            rest = b""
    *lines, last = rest.split(b"\n")
    for line in lines:
        yield None if is_too_large or len(line) > RECORD_BYTES else line
        is_too_large = False
    if is_too_large or len(last) > RECORD_BYTES:
        yield None
    elif last and (stream.damage is None or _is_whole(last)):
        yield last


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
