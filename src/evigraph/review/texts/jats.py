"""The canonical text of a JATS article: its body in reading order, one block a paragraph, heading, caption or row."""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator

from lxml import etree

from evigraph.errors import InputError
from evigraph.review.texts.canonical import Block, CanonicalText

EXTRACTOR = "jats/1"

#: What holds text of its own; everything else inside is run into it.
_KINDS = {
    "p": "paragraph",
    "title": "heading",
    "label": "caption",
    "tr": "row",
    "attrib": "paragraph",
    "verse-line": "paragraph",
    "term": "paragraph",
    "disp-formula": "paragraph",
    "preformat": "paragraph",
}
_SKIPPED = frozenset({"tex-math", "graphic", "media", "object-id", "processing-meta"})
_SPACE = re.compile(r"[ \t\r\n\u00a0]+")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})

#: Words of a section's title that tell what it reports, where the article does not say.
_TITLES = (("result", "results"), ("finding", "results"), ("method", "methods"), ("discussion", "discussion"))


def jats_text(content: bytes) -> CanonicalText:
    """The text of the body of an article; the same bytes give the same text.

    Raises:
        InputError: it is no well-formed XML, or holds no body.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_ENTITY.sub(_character, content), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise InputError(f"this XML cannot be read ({said}): attach the article again") from error
    body = next((one for one in root.iter("{*}body")), None)
    if body is None:
        raise InputError("this article has no body, only metadata: attach a PDF, or JATS with the full text")
    parts: list[str] = []
    blocks: list[Block] = []
    place = 0
    for words, kind, section in _blocks(body, ""):
        if parts:
            between = "\n" if kind == "row" and blocks[-1].kind == "row" else "\n\n"
            parts.append(between)
            place += len(between)
        blocks.append(Block(place, place + len(words), kind, section))
        parts.append(words)
        place += len(words)
    if not blocks:
        raise InputError("the body of this article is empty: attach a PDF, or JATS with the full text")
    return CanonicalText("".join(parts), EXTRACTOR, tuple(blocks))


def _character(found: re.Match[bytes]) -> bytes:
    name = found[1].decode()
    character = html.entities.html5.get(f"{name};") if name not in _PREDEFINED else None
    return found[0] if character is None else "".join(f"&#{ord(one)};" for one in character).encode()


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _blocks(element: etree._Element, section: str) -> Iterator[tuple[str, str, str]]:
    """Words, kind and section of the blocks inside an element; words between blocks are paragraphs."""
    kind = _KINDS.get(_name(element), "paragraph")
    if kind == "row":
        cells = (_SPACE.sub(" ", "".join(map(str, cell.itertext()))).strip() for cell in element if _name(cell))
        if words := " | ".join(cells).strip(" |"):
            yield words, "row", section
        return
    loose: list[str] = [element.text or ""]
    for child in element:
        name = _name(child)
        if _holds_blocks(child):
            yield from _said(loose, kind, section)
            loose = []
            yield from _blocks(child, _section_of(child, section) if name == "sec" else section)
        elif name and name not in _SKIPPED:
            loose.extend(str(part) for part in child.itertext())
        loose.append(child.tail or "")
    yield from _said(loose, kind, section)


def _holds_blocks(element: etree._Element) -> bool:
    return _name(element) in _KINDS or any(_name(one) in _KINDS for one in element.iterdescendants())


def _said(loose: list[str], kind: str, section: str) -> Iterator[tuple[str, str, str]]:
    if words := _SPACE.sub(" ", "".join(loose)).strip():
        yield words, kind, section


def _section_of(sec: etree._Element, outer: str) -> str:
    if said := sec.get("sec-type"):
        return said.lower()
    title = sec.find("{*}title")
    words = "".join(map(str, title.itertext())).lower() if title is not None else ""
    return outer or next((section for word, section in _TITLES if word in words), "")
