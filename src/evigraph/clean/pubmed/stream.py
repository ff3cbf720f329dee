"""PubMed XML as a stream of single records, each of which may be broken without harm to the others.

The bytes are cut at the tags of PubMed's records and each piece is parsed by itself, so the memory is that of one
record, and what is wrong with one costs that one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from lxml import etree

#: A record longer than this is skipped. The longest real ones (thousands of authors) take about 3 MiB.
MAX_RECORD_BYTES = 16 * 1024 * 1024

#: Bytes that are asked of the stream at a time.
_READ = 1 << 20

#: Kept when a tag is looked for over the border of two reads.
_TAIL = 1024

_START = re.compile(rb"<(PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument|MedlineCitation)(?=[\s>])")
_AFTER_NAME = (b">", b" ", b"\n", b"\t", b"\r")
_SET_START = re.compile(rb"<(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)[\s>]")
_SET_END = re.compile(rb"</(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)\s*>\s*$")
_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]*\[")
_SUBSET_END = re.compile(rb"\]\s*>")
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8 = frozenset({"utf-8", "ascii", "utf-8-sig"})
#: Codecs of Python that are no encodings of documents, or hide what they say from whoever looks at the bytes.
_NO_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})

#: A record of more tags than this is left out: its tree would take a hundred times its bytes.
MAX_TAGS = 400_000
#: An element with more attributes than this costs its record: to list them takes their number squared.
MAX_ATTRIBUTES = 1000

#: What XML 1.0 (§2.2) does not allow, as characters and as references.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")

Problem = Callable[[str, str, bool], None]


class Readable(Protocol):
    """Something to read bytes from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""


class Fragment(NamedTuple):
    """One record's piece of the payload: its element's name, its bytes; or the defect that cost them."""

    name: str
    data: bytes
    code: str = ""
    message: str = ""


class Prolog(NamedTuple):
    """What the beginning of a file says."""

    encoding: str
    declares_entities: bool
    n_skipped: int  # bytes up to the end of the document type's internal subset


def read_prolog(head: bytes) -> Prolog:
    """The encoding, and whether the document type declares entities, from the first bytes of a file."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return Prolog("utf-16", b"<\0!\0E\0N\0T\0I\0T\0Y" in head, 0)
    encoding = "utf-8"
    if declared := _ENCODING.match(head.removeprefix(codecs.BOM_UTF8).lstrip()):
        encoding = _believed(declared[1].decode())
    subset = _SUBSET.search(head)
    if subset is None:
        return Prolog(encoding, False, 0)
    end = _SUBSET_END.search(head, subset.end())
    n_skipped = end.end() if end else subset.end()
    return Prolog(encoding, b"<!ENTITY" in head[subset.end() : end.start() if end else None], n_skipped)


def _believed(declared: str) -> str:
    """The codec of a declared encoding; UTF-8 where the declaration itself could not be read in it."""
    try:
        name = codecs.lookup(declared).name
        is_so = name.replace("_", "-") not in _NO_ENCODINGS and b"<?xml".decode(name) == "<?xml"
    except (LookupError, UnicodeError):
        return "utf-8"
    return name if is_so else "utf-8"


def has_too_many_attributes(element: etree._Element, n_equals: int) -> bool:
    """Whether one of the elements has more than `MAX_ATTRIBUTES`; the text has so many signs of equality."""
    return n_equals > MAX_ATTRIBUTES and any(len(found.attrib) > MAX_ATTRIBUTES for found in element.iter("*"))


class _Reader:
    """The bytes of a file from a given beginning on, as UTF-8."""

    def __init__(self, head: bytes, stream: Readable, encoding: str) -> None:
        self._head = head
        self._stream = stream
        self._decoder = None if encoding in _UTF8 else codecs.getincrementaldecoder(encoding)("replace")

    def read(self) -> bytes:
        """The next bytes; empty at the end."""
        while True:
            if self._head:
                data, self._head = self._head, b""
            else:
                data = self._stream.read(_READ)
            if self._decoder is None or not data:
                return data
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "replace")


def cut(head: bytes, stream: Readable, encoding: str = "utf-8") -> Iterator[Fragment]:
    """The records of a PubMed file in their order, whole or with the defect that cost them.

    `head` are the bytes already read from `stream`. Defects: `record_too_large` (over `MAX_RECORD_BYTES`) and
    `xml_syntax` (the record is not closed before the next one begins, or before the file ends). Where the
    file as a whole seems to be cut off between records, a last fragment without a name says so.
    """
    reader = _Reader(head, stream, encoding)
    data, at, has_more, is_set, is_closed = b"", 0, True, False, False
    while True:
        match = _START.search(data, at)
        if not is_set:
            is_set = bool(_SET_START.search(data, at, match.start() if match else len(data)))
        if match is None:
            if not has_more:
                is_closed = bool(_SET_END.search(data, max(at, len(data) - _TAIL)))
                break
            more = reader.read()
            data, at, has_more = data[max(at, len(data) - _TAIL) :] + more, 0, bool(more)
            continue
        name, start, searched = match[1], match.start(), match.end()
        while True:
            # The next start first: of records that are never closed each would search the whole rest for its end.
            restart = _start_of(name, data, searched, len(data))
            end = _end_of(name, data, searched, restart if restart >= 0 else len(data))
            if end < 0 <= restart:
                yield _lost(
                    name, "xml_syntax", "the next record begins before it is closed; it was left out. Fetch it again"
                )
                at = restart
                break
            if end >= 0:
                if data.count(b"<", start, end) > MAX_TAGS:
                    yield _lost(
                        name, "record_too_large", f"the record has more than {MAX_TAGS:,} tags; it was left out"
                    )
                else:
                    yield Fragment(name.decode(), data[start:end])
                at = end
                break
            searched = max(searched, len(data) - _TAIL)
            if len(data) - start > MAX_RECORD_BYTES:
                message = f"the record takes more than {MAX_RECORD_BYTES // 2**20} MiB; it was left out. Fetch it again"
                yield _lost(name, "record_too_large", message)
                data, at, has_more = _after(name, data[searched:], reader)
                break
            more = reader.read()
            if not more:
                yield _lost(name, "xml_truncated", "the file ends in the middle of this record; fetch it again")
                return
            data, searched, start = data[start:] + more, searched - start, 0
    if is_set and not is_closed:
        yield Fragment("", b"", "xml_truncated", "the file ends before its last tag and may be cut off; fetch it again")


def _lost(name: bytes, code: str, message: str) -> Fragment:
    return Fragment(name.decode(), b"", code, message)


def _end_of(name: bytes, data: bytes, at: int, end: int) -> int:
    """The place after the record's end tag that begins before `end`, -1 where it is not there yet."""
    tag = b"</" + name
    while (at := data.find(tag, at, end)) >= 0:
        close = data.find(b">", at, at + _TAIL)
        if close < 0:
            return -1
        if not data[at + len(tag) : close].strip():
            return close + 1
        at = close
    return -1


def _start_of(name: bytes, data: bytes, at: int, end: int) -> int:
    """The place at which the next record of that name starts before `end`, -1 where none does."""
    tag = b"<" + name
    while (at := data.find(tag, at, end)) >= 0:
        if data[at + len(tag) : at + len(tag) + 1] in _AFTER_NAME:
            return at
        at += len(tag)
    return -1


def _after(name: bytes, data: bytes, reader: _Reader) -> tuple[bytes, int, bool]:
    """The stream after the record that is skipped: bytes, place in them, whether more may follow."""
    while True:
        found = (_end_of(name, data, 0, len(data)), _start_of(name, data, 0, len(data)))
        places = [place for place in found if place >= 0]
        if places:
            return data, min(places), True
        more = reader.read()
        if not more:
            return b"", 0, False
        data = data[-_TAIL:] + more


def _new_parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


class FragmentParser:
    """Parses fragments; entities are not expanded, nothing is fetched."""

    def __init__(self) -> None:
        self._parser = _new_parser()

    def parse(self, data: bytes, problem: Problem) -> etree._Element | None:
        """The fragment's element, or None where it is no well-formed XML.

        Tells `problem` (code, message, whether the record is lost): `xml_syntax`, `xml_entities` where it uses an
        entity that is not XML's own, or `invalid_characters` where bytes that are not UTF-8 or characters that
        XML forbids were replaced or left out.
        """
        try:
            return etree.fromstring(data, self._parser)
        except etree.XMLSyntaxError as error:
            message = error.msg
        if (repaired := _repaired(data)) is not None:
            try:
                element = etree.fromstring(repaired, self._parser)
            except etree.XMLSyntaxError as error:
                message = error.msg
            else:
                problem("invalid_characters", "bytes or characters that XML forbids were replaced", False)
                return element
        if message.startswith("Entity ") and "not defined" in message:
            problem("xml_entities", f"{message}, and entities are never expanded; it was left out", True)
        else:
            problem("xml_syntax", f"no well-formed XML ({message}); it was left out. Fetch it from PubMed again", True)
        return None


def _repaired(data: bytes) -> bytes | None:
    """The fragment without what XML forbids; None where there is nothing of the kind."""
    text = data.decode("utf-8", "replace")
    text = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text))
    repaired = text.encode()
    return repaired if repaired != data else None


def _allowed(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    is_allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return reference.group() if is_allowed or 0x10000 <= number <= 0x10FFFF else ""
