"""The coding of a review as a REFI-QDA 1.5 project (`.qdpx`) or codebook (`.qdc`)."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from lxml import etree

from evigraph.review.coding.book import Book, Coded
from evigraph.review.coding.kinds import Memo
from evigraph.review.coding.placed import placed
from evigraph.review.exchange.quotations import MAX_QUOTATION, Quotations
from evigraph.review.texts.canonical import CanonicalText

_PROJECT, _CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"

#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

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
    memos: Sequence[tuple[str, Memo]] = (),
    studies: Mapping[str, tuple[str, Sequence[str]]] = MappingProxyType({}),
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
        memos: by id; of one on a study the words are the description of its case.
        studies: label and records by id: the cases.
    """
    notes: dict[tuple[str, str], list[str]] = {}
    for memo_id, memo in memos:
        notes.setdefault((memo.about, memo.about_id), []).append(_guid(review_id, "memo", memo_id))
    root = _root(_PROJECT, "Project", name=_plain(title), origin="evigraph")
    users = sorted({_coder(one, names) for one in codings})
    if users:
        held = _below(root, "Users")
        for name in users:
            _below(held, "User", guid=_guid(review_id, "user", name), name=_plain(name))
    if book.codes:
        _codes(_below(_below(root, "CodeBook"), "Codes"), book, review_id, _PROJECT, notes)
    _cases(root, review_id, memos, studies, texts)
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
                _coding(source, one, review_id, _coder(one, names), notes)
            _refs(source, notes.get(("report", record_id), ()))
            words = text.text if is_free else _quoted(text.text, found.here, quotations)
            archive.writestr(zipfile.ZipInfo(f"sources/{guid}.txt"), words.encode(), zipfile.ZIP_DEFLATED)
        _notes(root, review_id, memos, notes)
        document = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        archive.writestr(zipfile.ZipInfo("project.qde"), document, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _coder(one: Coded, names: Mapping[str, str]) -> str:
    """Who coded: of a coding that was taken in from other software the coder there."""
    return one.coder or names.get(one.actor, one.actor)


def _cases(
    root: etree._Element,
    review_id: str,
    memos: Sequence[tuple[str, Memo]],
    studies: Mapping[str, tuple[str, Sequence[str]]],
    texts: Mapping[str, tuple[str, CanonicalText]],
) -> None:
    with_texts = {study: held for study, held in studies.items() if any(one in texts for one in held[1])}
    if not with_texts:
        return
    held = _below(root, "Cases")
    for study, (label, records) in with_texts.items():
        case = _below(held, "Case", guid=_guid(review_id, "study", study), name=_plain(label))
        told = [memo.text for _, memo in memos if (memo.about, memo.about_id) == ("study", study)]
        if told:
            _below(case, "Description").text = _plain("\n".join(told))
        for record_id in records:
            if record_id in texts:
                _below(case, "SourceRef", targetGUID=_guid(review_id, "source", record_id))


def _notes(
    root: etree._Element,
    review_id: str,
    memos: Sequence[tuple[str, Memo]],
    notes: Mapping[tuple[str, str], Sequence[str]],
) -> None:
    """The memos but those on studies, and links from the project to those on nothing else that a project holds."""
    told = [(memo_id, memo) for memo_id, memo in memos if memo.about != "study"]
    if not told:
        return
    held = _below(root, "Notes")
    for memo_id, memo in told:
        note = _below(held, "Note", guid=_guid(review_id, "memo", memo_id))
        _below(note, "PlainTextContent").text = _plain(memo.text)
    for (about, _), guids in notes.items():
        if about in ("review", "theme"):
            _refs(root, guids)


def _refs(element: etree._Element, guids: Iterable[str]) -> None:
    space = str(element.tag).partition("}")[0].removeprefix("{")
    for guid in guids:
        etree.SubElement(element, f"{{{space}}}NoteRef", {"targetGUID": guid})


def _coding(
    source: etree._Element,
    one: Coded,
    review_id: str,
    coder: str,
    notes: Mapping[tuple[str, str], Sequence[str]],
) -> None:
    user, at = _guid(review_id, "user", coder), one.said.said_at.isoformat()
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
    _refs(coding, notes.get(("coding", one.coding_id), ()))


def _codes(
    held: etree._Element,
    book: Book,
    review_id: str,
    space: str,
    notes: Mapping[tuple[str, str], Sequence[str]] = MappingProxyType({}),
) -> None:
    path = [held]
    for code_id, depth in book.tree():
        code = book.codes[code_id]
        fields = {"guid": _guid(review_id, "code", code_id), "name": _plain(code.name), "isCodable": "true"}
        element = etree.SubElement(
            path[depth], f"{{{space}}}Code", fields | ({"color": code.color} if code.color else {})
        )
        if code.description:
            etree.SubElement(element, f"{{{space}}}Description").text = _plain(code.description)
        _refs(element, notes.get(("code", code_id), ()))
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
    """The id of a thing: that which it came with, where it came from other software."""
    if _GUID.fullmatch(name):
        return name.lower()
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"evigraph:{review_id}:{kind}:{name}"))


def _plain(words: str) -> str:
    return _FORBIDDEN.sub("\ufffd", words)
