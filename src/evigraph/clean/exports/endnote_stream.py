"""EndNote XML as single records, each of which may be broken without harm to the others.

The text is cut at the tags of records and each piece is parsed by itself: memory is that of a record. Nothing is
fetched, no entity is expanded but HTML's named characters, which are replaced before parsing.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from evigraph.clean.payload import HEAD_BYTES, Report, open_bytes
from evigraph.clean.pubmed.stream import MAX_ATTRIBUTES, MAX_TAGS, has_too_many_attributes, read_prolog

#: A record longer than this, in characters, is skipped: the longest real ones hold an abstract and a few notes.
MAX_RECORD = 1 << 24

#: Tags are looked for again over this many characters where two reads meet.
_TAIL = 256

_READ = 1 << 18
_START = re.compile(r"<record(?=[\s>])")
_END = re.compile(r"</record\s*>")
_SET_END = re.compile(r"</(?:records|xml)\s*>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))|([A-Za-z][A-Za-z0-9]{0,31}));|&")
_OWN_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})


@dataclass
class XmlRecord:
    """A record: its element, its size in characters, and what was wrong with it: code and message each."""

    element: etree._Element
    size: int
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class LostRecord:
    """A record that could not be read: the defect's code and why in words."""

    code: str
    reason: str


def xml_records(path: str, report: Report) -> Iterator[XmlRecord | LostRecord]:
    """The records of an EndNote XML file in their order.

    Lost ones are `xml_syntax`, `xml_truncated` (the file ends in it) or `record_too_large`. Bytes that are no text in
    the file's encoding and characters that XML forbids are replaced or left out, which is the problem
    `invalid_characters`. Where the end of the list of records is missing, `report` is told `xml_truncated`.
    """
    with open_bytes(path, report) as stream:
        head = stream.read(HEAD_BYTES)
        decoder = codecs.getincrementaldecoder(read_prolog(head).encoding)("replace")
        text, at, is_over = decoder.decode(head), 0, False
        while True:
            start = _START.search(text, at)
            if start is None:
                if is_over:
                    break
                text, at = text[max(at, len(text) - _TAIL) :], 0
                more = stream.read(_READ)
                text, is_over = text + decoder.decode(more, not more), not more
                continue
            searched = start.end()
            while (end := _END.search(text, searched)) is None and not is_over:
                if len(text) - start.start() > MAX_RECORD:
                    break
                searched = max(searched, len(text) - _TAIL)
                more = stream.read(_READ)
                text, is_over = text + decoder.decode(more, not more), not more
            again = _START.search(text, start.end(), end.start() if end else len(text))
            if again is not None:
                yield LostRecord("xml_syntax", "the next record begins before it is closed")
                at = again.start()
            elif end is not None:
                yield _parsed(text[start.start() : end.end()])
                at = end.end()
            elif is_over:
                yield LostRecord("xml_truncated", "the file ends in the middle of it")
                return
            else:
                yield LostRecord("record_too_large", f"it is longer than {MAX_RECORD >> 20} Mi characters")
                at = len(text)
            text, at = text[at:], 0
        if stream.damage is None and not _SET_END.search(text):
            report(-1, "xml_truncated", "the file ends before its last tag and may be cut off; export it again", False)


def _parsed(text: str) -> XmlRecord | LostRecord:
    problems: list[tuple[str, str]] = []
    if text.count("<") > MAX_TAGS:
        return LostRecord("record_too_large", f"it has more than {MAX_TAGS:,} tags")
    if "\ufffd" in text:
        problems.append(("invalid_characters", "bytes that are not text in the file's encoding became U+FFFD"))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return _bounded(etree.fromstring(text.encode("utf-8", "replace"), parser), text, problems)
    except etree.XMLSyntaxError as error:
        message = error.msg
    repaired = _REFERENCE.sub(_character, _FORBIDDEN.sub("", text))
    if repaired != text:
        try:
            element = etree.fromstring(repaired.encode("utf-8", "replace"), parser)
        except etree.XMLSyntaxError as error:
            message = error.msg
        else:
            problems.append(("invalid_characters", "characters or entities that XML does not know were replaced"))
            return _bounded(element, text, problems)
    return LostRecord("xml_syntax", f"it is no well-formed XML: {message}")


def _bounded(element: etree._Element, text: str, problems: list[tuple[str, str]]) -> XmlRecord | LostRecord:
    if has_too_many_attributes(element, text.count("=")):
        return LostRecord("record_too_large", f"an element of it has more than {MAX_ATTRIBUTES:,} attributes")
    return XmlRecord(element, len(text), problems)


def _character(match: re.Match[str]) -> str:
    if match[3]:
        if match[3] in _OWN_ENTITIES:
            return match.group()
        text = html.unescape(match.group())
        return html.escape(text, quote=False)
    if not match[1] and not match[2]:
        return "&amp;"
    number = int(match[1], 16) if match[1] else int(match[2])
    is_allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return match.group() if is_allowed or 0x10000 <= number <= 0x10FFFF else ""
