"""What an OAI-PMH answer says, read just far enough to walk on, however broken it came.

The protocol: Open Archives Initiative Protocol for Metadata Harvesting 2.0
(openarchives.org/OAI/openarchivesprotocol.html). Elements are known by their local names, for repositories differ in
prefixes and some forget the namespace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?OAI-PMH\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
_TAIL = 4096
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,9}|#x[0-9A-Fa-f]{1,8});)")
_NAME = r"(?:[A-Za-z_][\w.-]*:)?"
_HEADER = re.compile(rf"<{_NAME}header(?:\s[^<>]*)?>")
_HEADER_END = re.compile(rf"</{_NAME}header\s*>")
_TOKEN = re.compile(rf"<{_NAME}resumptionToken(?:\s[^<>]*)?(?:/>|>[^<]*</{_NAME}resumptionToken\s*>)")


@dataclass(frozen=True)
class OaiError:
    """An error of the protocol (§3.6): its code, and what the repository says about it."""

    code: str
    message: str


@dataclass(frozen=True)
class RecordHeader:
    """The header of a record: its identifier, datestamp and sets, and whether it is deleted."""

    identifier: str
    datestamp: str | None
    is_deleted: bool
    sets: tuple[str, ...]


@dataclass(frozen=True)
class OaiAnswer:
    """An answer as it was understood.

    Attributes:
        root: the `OAI-PMH` element; null where the answer is something else, as an error page.
        is_whole: the answer was not cut off.
        is_well_formed: it is XML as it came; what can be read of another one is read all the same.
        response_date: the repository's time of answering, as stated.
        errors: errors of the protocol.
        headers: the headers of the records, in order.
        token: the resumption token; empty where the list ends explicitly, null where there is none.
        n_total: `completeListSize`, `cursor`: the place of this page in the list; null where not stated.
    """

    root: etree._Element | None
    is_whole: bool
    is_well_formed: bool
    response_date: str | None = None
    errors: tuple[OaiError, ...] = ()
    headers: tuple[RecordHeader, ...] = ()
    token: str | None = None
    n_total: int | None = None
    cursor: int | None = None


def read_answer(content: bytes) -> OaiAnswer:
    """What an answer's content says; never raises."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    root, is_well_formed = _parsed(content)
    if root is None or local_name(root) != "OAI-PMH":
        return OaiAnswer(None, False, False)
    token = next((element for element in _elements(root) if local_name(element) == "resumptionToken"), None)
    headers = tuple(_headers(root))
    if not is_well_formed and (rest := _salvaged(content)) is not None:
        headers, token = rest
    return OaiAnswer(
        root=root,
        is_whole=is_well_formed or _END.search(content[-_TAIL:]) is not None,
        is_well_formed=is_well_formed,
        response_date=child_text(root, "responseDate"),
        errors=tuple(
            OaiError(element.get("code", ""), _text(element) or "")
            for element in root
            if local_name(element) == "error"
        ),
        headers=headers,
        token=None if token is None else _text(token) or "",
        n_total=None if token is None else _count(token.get("completeListSize")),
        cursor=None if token is None else _count(token.get("cursor")),
    )


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, name: str) -> str | None:
    """The text of the first child of that name, or None."""
    return next((_text(child) for child in element if local_name(child) == name), None)


def children(root: etree._Element, verb: str, name: str) -> list[etree._Element]:
    """The elements of that name in a verb's answer (`ListSets`, `set`)."""
    return [child for part in root if local_name(part) == verb for child in part if local_name(child) == name]


def verb_element(root: etree._Element, verb: str) -> etree._Element | None:
    """The element that holds the answer to a verb, or None."""
    return next((part for part in root if local_name(part) == verb), None)


def _salvaged(content: bytes) -> tuple[tuple[RecordHeader, ...], etree._Element | None] | None:
    """The headers and the token as they stand in the text: a parser that recovers may drop what follows the damage."""
    text = _text_of(content)
    pieces: list[str] = []
    at = 0
    while (header := _HEADER.search(text, at)) and (close := _HEADER_END.search(text, header.end())):
        pieces.append(text[header.start() : close.end()])
        at = close.end()
    pieces += _TOKEN.findall(text)[-1:]
    try:
        found = etree.fromstring(f"<p>{''.join(pieces)}</p>".encode(), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None
    root = etree.Element("root")
    root.append(found)
    token = next((element for element in found if local_name(element) == "resumptionToken"), None)
    return tuple(_headers(root)), token


def _text_of(content: bytes) -> str:
    """The content without what stops a parser: a document type, entities that are not XML's own, controls."""
    text = _FORBIDDEN.sub("", content.decode("utf-8", "replace"))
    # The first one alone: to look for the end of each of many that have none takes their number squared.
    at = text.find("<!DOCTYPE")
    if at >= 0 and (doctype := _DOCTYPE.match(text, at)):
        text = text[:at] + text[doctype.end() :]
    return _ENTITY.sub("", text)


def _elements(root: etree._Element) -> list[etree._Element]:
    """The elements two levels below the root: records, headers, the token. Never metadata."""
    return [child for part in root for child in part]


def _headers(root: etree._Element) -> list[RecordHeader]:
    found: list[RecordHeader] = []
    for element in _elements(root):
        name = local_name(element)
        header = element if name == "header" else None
        if name == "record":
            header = next((child for child in element if local_name(child) == "header"), None)
        if header is None:
            continue
        found.append(
            RecordHeader(
                identifier=child_text(header, "identifier") or "",
                datestamp=child_text(header, "datestamp"),
                is_deleted=header.get("status") == "deleted",
                sets=tuple(_text(child) or "" for child in header if local_name(child) == "setSpec"),
            )
        )
    return found


def _parsed(content: bytes) -> tuple[etree._Element | None, bool]:
    """The root element and whether the content is well-formed; None where nothing can be made of it."""
    try:
        return etree.fromstring(content, _parser(recover=False)), True
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        return etree.fromstring(_text_of(content).encode(), _parser(recover=True)), False
    except (etree.XMLSyntaxError, ValueError):
        return None, False


def _parser(recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        # Not collect_ids=False: with it lxml 6.1 opens the document type's file, though load_dtd is off.
        recover=recover,
    )


def _text(element: etree._Element) -> str | None:
    return (element.text or "").strip() or None


def _count(text: str | None) -> int | None:
    stated = (text or "").strip()
    return int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 16 else None
