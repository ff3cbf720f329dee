"""JATS files as a stream of single articles, each of which may be broken without harm to the others.

The bytes are cut at the tags of `<article>`, which JATS never nests, and each piece is parsed by itself: the memory
is that of one article, and a document type with its entities is left behind.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections.abc import Callable, Iterator

from lxml import etree

from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, Report, open_bytes, sniff_bytes
from evigraph.clean.pubmed.stream import MAX_TAGS, read_prolog

#: An article longer than this is skipped; the longest real ones, with tables of thousands of rows, take some MiB.
MAX_ARTICLE_BYTES = 32 * 1024 * 1024

_READ = 1 << 20
_TAIL = 64
_START = re.compile(rb"<article(?=[\s>])")
_END = re.compile(rb"</article\s*>")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")

#: An article set declares its prefixes at its own root, which a piece does not have.
_OPENING = (
    b'<piece xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML" '
    b'xmlns:ali="http://www.niso.org/schemas/ali/1.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    b'xmlns:oasis="http://www.niso.org/standards/z39-96/ns/oasis-exchange/table">'
)
_CLOSING = b"</piece>"


def articles(path: str, report: Report) -> Iterator[tuple[int, etree._Element, int]]:
    """The `<article>` elements of a JATS file in order, each with its place and its bytes.

    Defects: `empty_file`, `wrong_file_type`, `gzip_truncated`, `xml_truncated` (the file ends inside an article),
    `record_too_large`, `xml_syntax`, `xml_entities` (an entity that is neither XML's nor HTML's; none is ever
    expanded) lose the article or the file; `invalid_characters` does not.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with open_bytes(path, report) as stream:
        head = stream.read(HEAD_BYTES)
        kind = sniff_bytes(head, len(head) < HEAD_BYTES)
        if kind == "empty":
            if stream.damage is None:
                report(-1, "empty_file", f"{stream.name} is empty. Fetch it again.", True)
            return
        if kind != "xml" and not _START.search(head):
            message = f"{stream.name} looks like {CONTENT_NAMES[kind]}, not like JATS. Fetch it again, or add it"
            report(-1, "wrong_file_type", f"{message} under the source it belongs to.", True)
            return
        encoding = read_prolog(head).encoding
        decoder = None if encoding in ("utf-8", "ascii") else codecs.getincrementaldecoder(encoding)("replace")

        def more(block: bytes) -> bytes:
            return block if decoder is None else decoder.decode(block, final=not block).encode("utf-8", "replace")

        position = 0
        for piece in _cut(more(head), lambda: more(stream.read(_READ))):
            if piece is None:
                message = f"article {position} takes more than {MAX_ARTICLE_BYTES >> 20} MiB and was left out"
                report(position, "record_too_large", message, True)
            elif piece.count(b"<") > MAX_TAGS:
                message = f"article {position} has more than {MAX_TAGS:,} tags and was left out"
                report(position, "record_too_large", message, True)
            elif not _END.search(piece, max(0, len(piece) - _TAIL)):
                if stream.damage is None:
                    message = f"the file ends in the middle of article {position}; it was left out. Fetch it again"
                    report(position, "xml_truncated", message, True)
            elif (article := _parsed(piece, position, report)) is not None:
                yield position, article, len(piece)
            position += 1
        if not position and stream.damage is None:
            message = f"{stream.name} is XML but holds no <article>. Add it under the source it belongs to."
            report(-1, "wrong_file_type", message, True)


def _cut(data: bytes, read: Callable[[], bytes]) -> Iterator[bytes | None]:
    """The pieces from `<article` to `</article>`; None for one that is too long, a last one may lack its end."""
    while True:
        start = _START.search(data)
        if start is None:
            block = read()
            if not block:
                return
            data = data[-_TAIL:] + block
            continue
        data, searched = data[start.start() :], 1
        is_too_long = False
        while (end := _END.search(data, searched)) is None:
            searched = max(1, len(data) - _TAIL)
            if len(data) > MAX_ARTICLE_BYTES:
                is_too_long = True
                data, searched = data[-_TAIL:], 0
            block = read()
            if not block:
                yield None if is_too_long else data
                return
            data += block
        yield None if is_too_long or end.end() > MAX_ARTICLE_BYTES else data[: end.end()]
        data = data[end.end() :]


def _parsed(piece: bytes, position: int, report: Report) -> etree._Element | None:
    """The article of a piece, None where it is not well-formed."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    piece = _ENTITY.sub(_as_character, piece)
    try:
        return etree.fromstring(_OPENING + piece + _CLOSING, parser)[0]
    except etree.XMLSyntaxError as error:
        problem = error.msg
    mended = _FORBIDDEN.sub(b"", piece.decode("utf-8", "replace").encode())
    if mended != piece:
        try:
            article = etree.fromstring(_OPENING + mended + _CLOSING, parser)[0]
        except etree.XMLSyntaxError as error:
            problem = error.msg
        else:
            message = f"bytes or characters of article {position} that XML forbids were replaced"
            report(position, "invalid_characters", message, False)
            return article
    is_entity = problem.startswith("Entity ") and "not defined" in problem
    what = f"{problem}, and entities are never expanded" if is_entity else f"no well-formed XML ({problem})"
    code = "xml_entities" if is_entity else "xml_syntax"
    report(position, code, f"article {position}: {what}; it was left out. Fetch it again", True)
    return None


def _as_character(entity: re.Match[bytes]) -> bytes:
    """HTML's named characters, which JATS's own entity sets hold too; other entities as they stand."""
    name = entity[1]
    if name in _XML_ENTITIES:
        return entity[0]
    found = html.entities.html5.get(f"{name.decode()};")
    return html.escape(found).encode() if found else entity[0]
