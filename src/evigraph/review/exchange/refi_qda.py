"""The coding of a review as a REFI-QDA 1.5 project (`.qdpx`) or codebook (`.qdc`)."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping

from lxml import etree

from evigraph.review.coding.book import Book, Coded
from evigraph.review.coding.placed import placed
from evigraph.review.exchange.quotations import MAX_QUOTATION, Quotations
from evigraph.review.texts.canonical import CanonicalText

_PROJECT, _CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"

#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

WITHHELD = (
    f"Only short quotations: of each coded passage at most {MAX_QUOTATION} characters, and at most a tenth of the text "
    "together. The rest is blank, as its licence does not let it leave the review."
)


def codebook(book: Book, review_id: str) -> bytes:
    """The codes as a codebook; a review without a code has none (the schema asks for one), then an empty answer."""
    if not book.codes:
        return b""
    root = _root(_CODEBOOK, "CodeBook", origin="evigraph")
    _codes(etree.SubElement(root, f"{{{_CODEBOOK}}}Codes"), book, review_id, _CODEBOOK)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def project(
    book: Book,
    review_id: str,
    title: str,
    codings: list[Coded],
    names: Mapping[str, str],
    texts: Mapping[str, tuple[str, CanonicalText]],
    quotations: Quotations,
) -> bytes:
    """The project: `project.qde` and the texts under `sources/`.

    Positions are Unicode code points from 0, the end exclusive. A text is its canonical one, of a PDF too.

    Args:
        codings: those to export; of a text that was attached or extracted anew, in the place where their words stand
            now. Those whose words stand there no more are named in the description of the text, and none is written
            of a text that is not in `texts`.
        names: of coders by account.
        texts: by record: title and text.
        quotations: which may leave as a whole; of another, all but short quotations of coded passages is blank, so that
            positions stay true.
    """
    root = _root(_PROJECT, "Project", name=_plain(title), origin="evigraph")
    users = sorted({one.actor for one in codings})
    if users:
        held = _below(root, "Users")
        for account in users:
            _below(held, "User", guid=_guid(review_id, "user", account), name=_plain(names.get(account, account)))
    if book.codes:
        _codes(_below(_below(root, "CodeBook"), "Codes"), book, review_id, _PROJECT)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        sources = _below(root, "Sources") if texts else None
        for record_id, (name, text) in texts.items():
            found = placed((one for one in codings if one.anchor.record_id == record_id), text)
            guid = _guid(review_id, "source", record_id)
            source = _below(sources, "TextSource", guid=guid, name=_plain(name), plainTextPath=f"internal://{guid}.txt")
            is_free = quotations.is_free(record_id)
            told = [] if is_free else [WITHHELD]
            told += [_missing(book, one, quotations) for one in (*found.alike, *found.lost)]
            if told:
                _below(source, "Description").text = _plain("\n".join(told))
            for one in found.here:
                _coding(source, one, review_id)
            words = text.text if is_free else _quoted(text.text, found.here, quotations)
            archive.writestr(f"sources/{guid}.txt", words.encode())
        archive.writestr("project.qde", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    return made.getvalue()


def _coding(source: etree._Element, one: Coded, review_id: str) -> None:
    user, at = _guid(review_id, "user", one.actor), one.said.said_at.isoformat()
    selection = _below(
        source,
        "PlainTextSelection",
        guid=_guid(review_id, "selection", one.coding_id),
        startPosition=str(one.anchor.start),
        endPosition=str(one.anchor.end),
        creatingUser=user,
        creationDateTime=at,
    )
    guid = _guid(review_id, "coding", one.coding_id)
    coding = _below(selection, "Coding", guid=guid, creatingUser=user, creationDateTime=at)
    _below(coding, "CodeRef", targetGUID=_guid(review_id, "code", one.code_id))


def _codes(held: etree._Element, book: Book, review_id: str, space: str) -> None:
    path = [held]
    for code_id, depth in book.tree():
        code = book.codes[code_id]
        fields = {"guid": _guid(review_id, "code", code_id), "name": _plain(code.name), "isCodable": "true"}
        element = etree.SubElement(
            path[depth], f"{{{space}}}Code", fields | ({"color": code.color} if code.color else {})
        )
        if code.description:
            etree.SubElement(element, f"{{{space}}}Description").text = _plain(code.description)
        path[depth + 1 :] = [element]


def _missing(book: Book, one: Coded, quotations: Quotations) -> str:
    """A line on a coding whose words do not stand in the text that is attached now."""
    words = quotations.words(one.anchor.record_id, one.anchor.exact)
    return f"Not found in this text any more: {book.codes[one.code_id].name}: {words}"


def _quoted(text: str, codings: Iterable[Coded], quotations: Quotations) -> str:
    signs = [sign if sign == "\n" else " " for sign in text]
    for one in codings:
        quoted = quotations.passage(one.anchor.record_id, one.anchor.start, one.anchor.exact)
        signs[one.anchor.start : one.anchor.start + len(quoted)] = quoted
    return "".join(signs)


def _below(parent: etree._Element | None, tag: str, /, **fields: str) -> etree._Element:
    assert parent is not None
    return etree.SubElement(parent, f"{{{_PROJECT}}}{tag}", fields)


def _root(space: str, tag: str, /, **fields: str) -> etree._Element:
    return etree.Element(etree.QName(space, tag), fields)


def _guid(review_id: str, kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"evigraph:{review_id}:{kind}:{name}"))


def _plain(words: str) -> str:
    return _FORBIDDEN.sub("\ufffd", words)
