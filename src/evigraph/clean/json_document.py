"""JSON that the fast parser refuses: documents too large to hold, and values that only need mending.

The parser of the standard library says where a value ends, which orjson does not; so a list of any length is
read with a buffer of about one record.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

from evigraph.clean.payload import PayloadStream, Report

#: The largest record that is read, in bytes; also the largest document that is read whole.
RECORD_BYTES = 16 * 1024 * 1024

#: The lists that hold the records of a dump file or an answer.
_LISTS = ("items", "results", "data")

_BLOCK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_STRUCTURE = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'\\.|"', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EXTENSION = re.compile(r"[:\[,]\s*-?(?:NaN|Infinity)\b")


class Item(NamedTuple):
    """A record of a payload: its place, the object (or what a source reads it into), about how many bytes it took."""

    position: int
    value: Any
    size: int


class Nothing:
    """Stands for a value that could not be read."""


NOTHING = Nothing()


def records_in(value: object) -> list[Any]:
    """The records in a JSON value: those of an answer's or dump's list, else the value itself."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return [value]
    if isinstance(message := value.get("message"), dict):
        value = message
    for name in _LISTS:
        if isinstance(items := value.get(name), list):
            return items
    return [value]


def as_object(item: object, name: str, position: int, report: Report) -> dict[str, Any] | None:
    """The item if it is a JSON object; else None, reported as `not_an_object`."""
    if type(item) is dict:
        return item
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    kind = kinds.get(type(item), "a number")
    report(position, "not_an_object", f"{name}: record {position} is {kind}, not a JSON object; it was left out.", True)
    return None


def report_too_large(name: str, position: int, report: Report) -> None:
    """Reports the defect `record_too_large`."""
    message = f"{name}: record {position} is larger than {RECORD_BYTES >> 20} MiB and was left out. Split or repair it."
    report(position, "record_too_large", message, True)


def read_leniently(data: bytes, name: str, position: int, report: Report) -> object:
    """The value of JSON that orjson refuses but that can be read without guessing at its structure, or `NOTHING`."""
    is_utf8 = True
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        is_utf8 = False
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        problem = "nested too deep"
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at character {error.pos}"
    except ValueError as error:
        problem = str(error)
    else:
        return _mended(value, text, is_utf8, name, position, report)
    report(
        position,
        "json_syntax",
        f"{name}: record {position} is not JSON ({problem}); it was left out. Mend it or fetch it again.",
        True,
    )
    return NOTHING


def _as_null(_: str) -> None:
    """NaN and Infinity are read as null."""


_DECODER = json.JSONDecoder(parse_constant=_as_null)


def _mended(value: Any, text: str, is_utf8: bool, name: str, position: int, report: Report) -> Any:
    """The value without lone surrogates; what was mended is reported."""
    if "\\u" in text:
        plain = json.dumps(value, ensure_ascii=False)
        if _LONE_SURROGATE.search(plain):
            value = _DECODER.decode(_LONE_SURROGATE.sub("\ufffd", plain))
            is_utf8 = False
    if not is_utf8:
        message = f"{name}: record {position} is not wholly valid Unicode; what could not be read became U+FFFD."
        report(position, "encoding", message, False)
    if _EXTENSION.search(text):
        found: list[str] = []
        json.loads(text, parse_constant=found.append)
        if found:
            message = f"{name}: record {position} holds {found[0]}, which is not JSON; it was read as null."
            report(position, "json_extension", message, False)
    return value


class _UnreadableError(Exception):
    """The document cannot be read any further; the text says why."""


class Scanner:
    """Reads the records of a document, or of several after each other, one by one.

    Takes the stream and what was already read from it. A broken or too large element of a list is passed over
    by counting its brackets; where they do not fit, the rest of the document is lost and reported once.
    """

    def __init__(self, stream: PayloadStream, data: bytes, report: Report) -> None:
        self._stream = stream
        self._report = report
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = self._decoder.decode(data.removeprefix(codecs.BOM_UTF8))
        self._at = 0
        self._n_dropped = 0
        self._position = 0
        self._size = 0  # of the value read last, in characters

    def items(self) -> Iterator[Item]:
        """The records of all documents in the stream."""
        try:
            while opening := self._peek():
                value = self._value()
                if value is not NOTHING:
                    items = records_in(value)
                    self._size //= max(len(items), 1)
                    for item in items:
                        yield from self._item(item)
                elif opening == "[":
                    yield from self._list()
                elif opening == "{":
                    yield from self._document()
                else:
                    raise _UnreadableError("there is no JSON value")
        except _UnreadableError as error:
            if self._stream.damage is None:
                message = (
                    f"{self._stream.name}: from record {self._position} on it is not JSON: {error}. Fetch it again."
                )
                self._report(self._position, "json_syntax", message, True)

    def _item(self, item: object) -> Iterator[Item]:
        if (checked := as_object(item, self._stream.name, self._position, self._report)) is not None:
            yield Item(self._position, checked, self._size)
        self._position += 1

    def _document(self) -> Iterator[Item]:
        """The records of an object that cannot be read whole; itself a lost record where it has no list of them."""
        start = self._n_dropped + self._at
        n_before = self._position
        has_list = yield from self._envelope()
        if not has_list and self._position == n_before:
            self._lose(self._n_dropped + self._at - start)

    def _list(self) -> Iterator[Item]:
        """The elements of the list that opens here. Ends behind the list."""
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            value = self._value()
            if value is NOTHING:
                self._lose(self._skip())
            else:
                yield from self._item(value)
            separator = self._peek()
            self._at += 1
            if separator == "]":
                return
            if separator != ",":
                raise _UnreadableError("a list ends, or lacks a comma, between two records")

    def _envelope(self) -> Generator[Item, None, bool]:
        """The records of the lists in the object that opens here. Returns whether it has such a list."""
        has_list = False
        self._at += 1
        while (mark := self._peek()) != "}":
            if mark == ",":
                self._at += 1
                continue
            key = self._value() if mark == '"' else NOTHING
            if not isinstance(key, str) or self._peek() != ":":
                raise _UnreadableError("an object ends, or lacks a name or a colon")
            self._at += 1
            opening = self._peek()
            if key in _LISTS and opening == "[":
                has_list = True
                yield from self._list()
            elif key == "message" and opening == "{":
                has_list |= yield from self._envelope()
            elif self._value() is NOTHING:
                self._skip()
        self._at += 1
        return has_list

    def _lose(self, length: int) -> None:
        """Reports the record here, which takes `length` characters, as lost."""
        if length > RECORD_BYTES:
            report_too_large(self._stream.name, self._position, self._report)
        else:
            message = (
                f"{self._stream.name}: record {self._position} is not JSON; it was left out. Mend it or fetch it again."
            )
            self._report(self._position, "json_syntax", message, True)
        self._position += 1

    def _value(self) -> object:
        """The value that starts here, and the place moved behind it; or `NOTHING`, and the place as it was."""
        wanted = _BLOCK
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at > RECORD_BYTES or not self._more(wanted):
                    return NOTHING
            else:
                if end < len(self._text) or not self._more(wanted):
                    if end - self._at > RECORD_BYTES:
                        return NOTHING
                    text = self._text[self._at : end]
                    self._size = len(text)
                    self._at = end
                    is_utf8 = "\ufffd" not in text
                    return (
                        value
                        if _is_plain(text)
                        else _mended(value, text, is_utf8, self._stream.name, self._position, self._report)
                    )
            wanted *= 2

    def _skip(self) -> int:
        """Moves behind the value that opens here, by its brackets and quotes. Returns its length."""
        if self._peek() not in ("{", "[", '"'):
            raise _UnreadableError("something stands where a record or a value should")
        start = self._n_dropped + self._at
        depth = 0
        while True:
            mark = self._find(_STRUCTURE)
            if mark == '"':
                while self._find(_STRING_END) != '"':
                    pass
            else:
                depth += 1 if mark in "{[" else -1
            if depth <= 0:
                return self._n_dropped + self._at - start

    def _find(self, pattern: re.Pattern[str]) -> str:
        """What the pattern finds next, and the place moved behind it."""
        while True:
            if found := pattern.search(self._text, self._at):
                self._at = found.end()
                return found.group()
            # An escape that the buffer cuts in two must stay together.
            self._at = len(self._text) - self._text.endswith("\\")
            if not self._more(_BLOCK):
                raise _UnreadableError("it ends, or its brackets do not close, in the middle of a record")

    def _peek(self) -> str:
        """The next character that is not white space, and the place moved to it; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_BLOCK):
                return ""

    def _more(self, n_bytes: int) -> bool:
        """Whether there was more to read; what lies before the place is dropped."""
        data = self._stream.read(n_bytes)
        text = self._decoder.decode(data, final=not data)
        self._text = self._text[self._at :] + text
        self._n_dropped += self._at
        self._at = 0
        return bool(text)


def _is_plain(text: str) -> bool:
    """Whether nothing in the text of a value can need mending."""
    return not ("\ufffd" in text or "\\ud" in text or "\\uD" in text or "NaN" in text or "Infinity" in text)
