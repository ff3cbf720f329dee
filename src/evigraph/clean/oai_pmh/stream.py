"""OAI-PMH answers as a stream of single records, each of which may be broken without harm to the others.

The bytes are cut at the tags of the records and each piece is parsed by itself within the namespaces that the answer
declares, so the memory is that of one record and what is wrong with one costs that one.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Callable, Iterator
from html.entities import html5
from typing import NamedTuple

from lxml import etree

from evigraph.clean.pubmed.stream import MAX_ATTRIBUTES, MAX_TAGS, Readable, has_too_many_attributes

#: A record longer than this is skipped. Records with thousands of references take about 5 MiB.
MAX_RECORD_BYTES = 16 * 1024 * 1024

_READ = 1 << 20
_UTF8 = frozenset({"utf-8", "ascii", "utf-8-sig"})
_TAIL = 4096
_MAX_HEADER_BYTES = 1 << 16

_NAME = rb"(?:[A-Za-z_][\w.-]*:)?"
_COMMENTS = rb"(?:\s|<!--.{0,2000}?-->)*"
#: A record of the protocol begins with its header; MARC has elements of the same name that do not.
_RECORD = re.compile(rb"<" + _NAME + rb"record(?:\s[^<>]*)?>" + _COMMENTS + rb"<" + _NAME + rb"header[\s>]", re.DOTALL)
_RECORD_TAG = re.compile(rb"<(/?)" + _NAME + rb"record(?:\s[^<>]*?)?(/?)>")
_HEADER = re.compile(rb"<" + _NAME + rb"header(?:\s[^<>]*)?>")
_HEADER_END = re.compile(rb"</" + _NAME + rb"header\s*>")
_END = re.compile(rb"</" + _NAME + rb"OAI-PMH\s*>")
_NAMESPACE = re.compile(rb"""\sxmlns(?::([A-Za-z_][\w.-]*))?\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")

#: What XML 1.0 (§2.2) does not allow, as characters and as references.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,9};|#x[0-9A-Fa-f]{1,8};|[A-Za-z_:][\w:.-]{0,63};)")
_OWN_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']")

#: Namespaces of prefixes that repositories forget to declare.
_KNOWN_PREFIXES: dict[str, str] = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "datacite": "http://datacite.org/schema/kernel-4",
    "oaire": "http://namespace.openaire.eu/schema/oaire/",
}

Problem = Callable[[str, str, bool], None]


class Piece(NamedTuple):
    """A record's bytes, or a bare header's of a list of identifiers; or the defect that cost them."""

    data: bytes
    is_header: bool = False
    code: str = ""
    message: str = ""
    is_lost: bool = True


def cut(head: bytes, stream: Readable) -> Iterator[Piece]:
    """The records of an answer in their order, whole or with the defect that cost them.

    `head` are the bytes already read from `stream`. Defects: `record_too_large`, `xml_syntax` (a record is not closed
    before the next one begins), `xml_truncated` (the answer ends inside a record). Where it seems to be cut off between
    records, a last piece without bytes says so.
    """
    data, at, has_more, is_closed = head, 0, True, False
    has_records = False
    while True:
        start = _RECORD.search(data, at)
        if start is None:
            if not has_records:
                # A list of identifiers has bare headers; what is left of it is read as they come.
                while (header := _HEADER.search(data, at)) and (close := _HEADER_END.search(data, header.end())):
                    yield Piece(data[header.start() : close.end()], is_header=True)
                    at = close.end()
            is_closed = is_closed or _END.search(data, at) is not None
            if not has_more:
                break
            more = stream.read(_READ)
            keep = max(at, len(data) - (_TAIL if has_records else _MAX_HEADER_BYTES))
            data, at, has_more = data[keep:] + more, 0, bool(more)
            continue
        has_records = True
        begin, searched, depth = start.start(), start.start(), 0
        while True:
            tag = _RECORD_TAG.search(data, searched)
            if tag is not None:
                if tag.start() > begin and not tag[1] and _RECORD.match(data, tag.start()):
                    yield Piece(
                        b"", code="xml_syntax", message="the next record begins before it is closed; it was left out"
                    )
                    at = tag.start()
                    break
                depth += -1 if tag[1] else 0 if tag[2] else 1
                searched = tag.end()
                if depth == 0:
                    if data.count(b"<", begin, searched) > MAX_TAGS:
                        message = f"the record has more than {MAX_TAGS:,} tags; it was left out"
                        yield Piece(b"", code="record_too_large", message=message)
                    else:
                        yield Piece(data[begin:searched])
                    at = searched
                    break
                continue
            if len(data) - begin > MAX_RECORD_BYTES:
                message = f"the record takes more than {MAX_RECORD_BYTES // 2**20} MiB; it was left out"
                yield Piece(b"", code="record_too_large", message=message)
                at = len(data) - _TAIL
                break
            more = stream.read(_READ)
            if not more:
                yield Piece(b"", code="xml_truncated", message="the file ends in the middle of this record")
                return
            searched = max(begin, searched, len(data) - _TAIL) if searched > begin else begin
            data, searched, begin = data[begin:] + more, searched - begin, 0
    if not is_closed:
        yield Piece(
            b"", code="xml_truncated", message="the file ends before its last tag and may be cut off", is_lost=False
        )


class Utf8Reader:
    """The bytes of a file from a given beginning on, as UTF-8."""

    def __init__(self, head: bytes, stream: Readable, encoding: str) -> None:
        self._head = head
        self._stream = stream
        self._decoder = None if encoding in _UTF8 else codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as many as come; empty at the end."""
        while True:
            data, self._head = (self._head, b"") if self._head else (self._stream.read(_READ), b"")
            if self._decoder is None or not data:
                return data
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "replace")


def is_list(head: bytes) -> bool:
    """Whether a file that begins with `head` holds records with headers, whatever its root is."""
    return _RECORD.search(head) is not None


def first_record_at(head: bytes) -> int:
    """Where the first record begins, the end of `head` where there is none."""
    start = _RECORD.search(head)
    return start.start() if start else len(head)


def namespaces(head: bytes) -> dict[bytes, bytes]:
    """The namespaces that an answer declares before its first record, by prefix."""
    start = _RECORD.search(head) or _HEADER.search(head)
    end = start.start() if start else len(head)
    return {found[1] or b"": found[2] or found[3] or b"" for found in _NAMESPACE.finditer(head, 0, end)}


def _bounded(element: etree._Element, data: bytes, problem: Problem) -> etree._Element | None:
    if has_too_many_attributes(element, data.count(b"=")):
        message = f"an element of it has more than {MAX_ATTRIBUTES:,} attributes; it was left out"
        problem("record_too_large", message, True)
        return None
    return element


class PieceParser:
    """Parses pieces within an answer's namespaces; entities are not expanded, nothing is fetched."""

    def __init__(self, declared: dict[bytes, bytes]) -> None:
        self._declared = {prefix.decode("utf-8", "replace") for prefix in declared}
        self._start = b"".join(
            b' xmlns%s="%s"' % (b":" + prefix if prefix else b"", name.replace(b'"', b"&quot;"))
            for prefix, name in declared.items()
            if prefix != b"xml" and (name or not prefix)
        )
        self._parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )

    def parse(self, data: bytes, problem: Problem) -> etree._Element | None:
        """The piece's element, or None where it is no XML that can be mended.

        Tells `problem` (code, message, whether the record is lost): `invalid_characters`, `html_entities`,
        `bare_ampersand` and `undeclared_prefix` are mended, `xml_entities` and `xml_syntax` cost the record.
        """
        if not data.strip():
            problem("xml_syntax", "there is nothing in it", True)
            return None
        try:
            return _bounded(self._parsed(data, b""), data, problem)
        except etree.XMLSyntaxError:
            pass
        mended, codes, declarations = self._mended(data)
        try:
            element = self._parsed(mended, declarations)
        except etree.XMLSyntaxError as error:
            if "Entity" in error.msg and "not defined" in error.msg:
                problem("xml_entities", f"{error.msg}, and entities are never expanded; it was left out", True)
            else:
                problem("xml_syntax", f"no well-formed XML ({error.msg}); it was left out. Fetch it again", True)
            return None
        for code, message in codes:
            problem(code, message, False)
        return _bounded(element, data, problem)

    def _parsed(self, data: bytes, declarations: bytes) -> etree._Element:
        root = etree.fromstring(b"<piece" + self._start + declarations + b">" + data + b"</piece>", self._parser)
        return next((child for child in root if isinstance(child.tag, str)), root)

    def _mended(self, data: bytes) -> tuple[bytes, list[tuple[str, str]], bytes]:
        """The piece without what stops a parser, what was mended, and the namespaces that it lacked."""
        codes: list[tuple[str, str]] = []
        text = data.decode("utf-8", "replace")
        clean = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text))
        if clean.encode() != data:
            codes.append(("invalid_characters", "bytes or characters that XML forbids were replaced"))
        unescaped = _ENTITY.sub(_html_entity, clean)
        if unescaped != clean:
            codes.append(("html_entities", "entities of HTML, which XML does not know, were read as HTML's"))
        escaped = _BARE_AMPERSAND.sub("&amp;", unescaped)
        if escaped != unescaped:
            codes.append(("bare_ampersand", "a bare & was read as the character"))
        own = {name[1].decode() for name in _NAMESPACE.finditer(data) if name[1]}
        used = {found[1] or found[2] for found in _PREFIX.finditer(escaped)} - {"xml", "xmlns"}
        missing = sorted(used - self._declared - own)
        if missing:
            codes.append(("undeclared_prefix", f"the namespace prefix {', '.join(missing)} is not declared"))
        declarations = "".join(f' xmlns:{name}="{_KNOWN_PREFIXES.get(name, "urn:undeclared")}"' for name in missing)
        return escaped.encode(), codes, declarations.encode()


def _allowed(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    is_allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return reference.group() if is_allowed or 0x10000 <= number <= 0x10FFFF else ""


def _html_entity(entity: re.Match[str]) -> str:
    name = entity[1]
    return entity.group() if name in _OWN_ENTITIES or f"{name};" not in html5 else html.escape(html5[f"{name};"])
