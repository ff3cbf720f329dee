"""REFI-QDA 1.5 projects and codebooks of any tool, read: codes, texts with codings, memos, cases, and what is left.

Nothing of the archive is unpacked to disk; an XML that declares entities, an archive that claims too much, and a path
that leads out of it are refused. What this module reads but a review has no place for is counted under its own name.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from evigraph.errors import InputError

#: What an archive may hold: files, bytes of one, and of all of them.
MAX_FILES, MAX_FILE, MAX_ALL = 20_000, 64 * 1024**2, 512 * 1024**2

#: The file of a project that holds everything but its texts.
_PROJECT = "project.qde"

_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6})$")

#: Sources that a review, which is of texts, has no place for.
_NO_TEXTS = ("PictureSource", "AudioSource", "VideoSource")


@dataclass(frozen=True)
class ReadCode:
    """A code with the id of the one above it; empty at the top."""

    guid: str
    name: str
    parent: str
    color: str
    description: str


@dataclass(frozen=True)
class ReadCoding:
    """A coding of a passage: from `start` to `end` in code points, the end exclusive; by whom, where it is told."""

    guid: str
    code: str
    start: int
    end: int
    coder: str


@dataclass(frozen=True)
class ReadSource:
    """A text, as the project holds it, with its codings."""

    guid: str
    name: str
    text: str
    codings: tuple[ReadCoding, ...]


@dataclass(frozen=True)
class ReadMemo:
    """A note and what it is on: `review`, `code`, `coding`, `source` or `case`, with the id of that."""

    guid: str
    text: str
    about: str
    about_id: str


@dataclass(frozen=True)
class ReadCase:
    """A case: its name, and the ids of the texts that belong to it."""

    guid: str
    name: str
    sources: tuple[str, ...]


@dataclass
class ReadProject:
    """A project as far as a review has a place for it.

    Attributes:
        unhomed: what else was in it, by name, counted.
    """

    name: str = ""
    codes: list[ReadCode] = field(default_factory=list)
    sources: list[ReadSource] = field(default_factory=list)
    memos: list[ReadMemo] = field(default_factory=list)
    cases: list[ReadCase] = field(default_factory=list)
    unhomed: Counter[str] = field(default_factory=Counter)


def read_refi(content: bytes) -> ReadProject:
    """A project (`.qdpx`, or its `.qde` alone where texts lie inside) or a codebook (`.qdc`), told by its content.

    Raises:
        InputError: it is neither, or cannot be read; the message says why.
    """
    if content[:2] == b"PK":
        archive = _Archive(content)
        return _Reader(archive.read(_PROJECT), archive).project()
    return _Reader(content, None).project()


class _Archive:
    """The files of a project's zip, read one at a time within bounds."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError) as error:
            raise InputError(f"this project cannot be opened ({error}): export it again") from error
        entries = self._zip.infolist()
        if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_ALL:
            raise InputError(
                f"this project is too large: at most {MAX_FILES:,} files of {MAX_ALL // 1024**2} MB together are taken"
            )
        self._entries = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            InputError: there is none, it is encrypted, damaged, or larger than it may be.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise InputError(f"this project has no file {name[:80]}: export it again, as .qdpx")
        try:
            with self._zip.open(entry) as stream:
                content = stream.read(MAX_FILE + 1)
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, NotImplementedError) as error:
            raise InputError(f"{name[:80]} in this project cannot be read ({error}): export it again") from error
        if len(content) > MAX_FILE:
            raise InputError(f"{name[:80]} in this project is larger than {MAX_FILE // 1024**2} MB: leave it out")
        return content


class _Reader:
    def __init__(self, content: bytes, archive: _Archive | None) -> None:
        self.archive, self.made = archive, ReadProject()
        self.root = _parsed(content)
        self.users: dict[str, str] = {}
        self.notes: dict[str, tuple[str, str]] = {}
        self.refs: list[tuple[str, str, str]] = []

    def project(self) -> ReadProject:
        """What the document holds."""
        kind = _name(self.root)
        if kind not in ("Project", "CodeBook"):
            raise InputError(f"this is a {kind[:40]}, no REFI-QDA project or codebook: export one as .qdpx or .qdc")
        self.made.name = self.root.get("name", "")
        for user in _all(self.root, "Users", "User"):
            self.users[user.get("guid", "")] = user.get("name") or user.get("id") or ""
        held = self.root if kind == "CodeBook" else _first(self.root, "CodeBook")
        if held is not None:
            self._codes(_first(held, "Codes"), "")
            self._none_of(held, "Sets")
        for note in _all(self.root, "Notes", "Note"):
            text = self._text(note)
            if text is None:
                self.made.unhomed["note whose text is not in the project"] += 1
            else:
                self.notes[note.get("guid", "")] = (text, note.get("name", ""))
        for held in _children(self.root, "Sources"):
            for source in held:
                self._source(source)
        for case in _all(self.root, "Cases", "Case"):
            self._case(case)
        self._refs(self.root, "review", "")
        for part in ("Variables", "Sets", "Graphs", "Links"):
            self._none_of(self.root, part)
        self._memos()
        return self.made

    def _codes(self, held: etree._Element | None, parent: str) -> None:
        waiting = [(code, parent) for code in _children(held, "Code")]
        while waiting:
            code, above = waiting.pop(0)
            guid, color = code.get("guid", ""), code.get("color", "")
            description = _child_text(code, "Description")
            color = color if _COLOR.match(color) else ""
            self.made.codes.append(ReadCode(guid, code.get("name", "") or "(no name)", above, color, description))
            self._refs(code, "code", guid)
            waiting += [(below, guid) for below in _children(code, "Code")]

    def _source(self, source: etree._Element) -> None:
        kind, guid = _name(source), source.get("guid", "")
        if kind not in ("TextSource", "PDFSource", *_NO_TEXTS):
            self.made.unhomed["source of no kind that the standard has"] += 1
            return
        if kind in _NO_TEXTS:
            self.made.unhomed[f"{kind} (no text)"] += 1
            return
        self._refs(source, "source", guid)
        whole = len(_children(source, "Coding"))
        if whole:
            self.made.unhomed["coding of a whole source"] += whole
        if values := len(_children(source, "VariableValue")):
            self.made.unhomed["value of a variable"] += values
        held: etree._Element | None = source
        if kind == "PDFSource":
            if rectangles := sum(len(_children(one, "Coding")) for one in _children(source, "PDFSelection")):
                self.made.unhomed["coding of a rectangle of a PDF"] += rectangles
            held = _first(source, "Representation")
        text = self._text(held) if held is not None else None
        if held is None or text is None:
            self.made.unhomed[f"{kind} whose text is not in the project"] += 1
            return
        codings = tuple(self._codings(held, len(text)))
        self.made.sources.append(ReadSource(guid, source.get("name", ""), text, codings))

    def _codings(self, held: etree._Element, length: int) -> Iterator[ReadCoding]:
        for selection in _children(held, "PlainTextSelection"):
            try:
                start, end = int(selection.get("startPosition", "")), int(selection.get("endPosition", ""))
            except ValueError:
                start, end = -1, -1
            codings = _children(selection, "Coding")
            if not 0 <= start < end <= length:
                self.made.unhomed["selection outside of its text"] += 1
                continue
            if not codings:
                self.made.unhomed["selection without a code"] += 1
            self._refs(selection, "coding", codings[0].get("guid", "") if codings else "")
            for coding in codings:
                code = _first(coding, "CodeRef")
                guid = coding.get("guid", "")
                user = coding.get("creatingUser") or selection.get("creatingUser") or ""
                code_id = code.get("targetGUID", "") if code is not None else ""
                self._refs(coding, "coding", guid)
                yield ReadCoding(guid, code_id, start, end, self.users.get(user, ""))

    def _case(self, case: etree._Element) -> None:
        guid = case.get("guid", "")
        sources = tuple(one.get("targetGUID", "") for one in _children(case, "SourceRef"))
        self.made.cases.append(ReadCase(guid, case.get("name", "") or "(no name)", sources))
        if description := _child_text(case, "Description"):
            self.made.memos.append(ReadMemo("", description, "case", guid))
        for part, words in (("CodeRef", "code"), ("SelectionRef", "selection"), ("VariableValue", "variable's value")):
            if n := len(_children(case, part)):
                self.made.unhomed[f"{words} of a case"] += n

    def _refs(self, element: etree._Element, about: str, about_id: str) -> None:
        self.refs += [(one.get("targetGUID", ""), about, about_id) for one in _children(element, "NoteRef")]

    def _memos(self) -> None:
        """Notes on what they are linked to; one that is linked to nothing is on the review."""
        linked = {guid for guid, _, _ in self.refs}
        refs = [*self.refs, *((guid, "review", "") for guid in self.notes if guid not in linked)]
        for guid, about, about_id in refs:
            if guid not in self.notes:
                self.made.unhomed["link to a note that is not there"] += 1
                continue
            text, _ = self.notes[guid]
            self.made.memos.append(ReadMemo(guid, text, about, about_id))

    def _none_of(self, held: etree._Element, part: str) -> None:
        found = _first(held, part)
        if found is not None and (n := len([one for one in found if isinstance(one.tag, str)])):
            self.made.unhomed[part.lower().removesuffix("s")] += n

    def _text(self, element: etree._Element) -> str | None:
        """The words of a text or note; null where the project does not hold them."""
        inside = _first(element, "PlainTextContent")
        if inside is not None:
            return inside.text or ""
        path = element.get("plainTextPath", "")
        if self.archive is None or not path.startswith("internal://"):
            return None
        name = path.removeprefix("internal://")
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            raise InputError(f"this project names a file outside of it ({path[:80]}): export it again")
        try:
            return self.archive.read(f"sources/{name}").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{name[:80]} in this project is not in UTF-8: export it again") from error


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True
    )
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise InputError("this document declares a type or entities of its own, which REFI-QDA has none of: refused")
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"this document cannot be read ({str(error).splitlines()[0]}): export it again") from error


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [one for one in element if isinstance(one.tag, str) and _name(one) == name]


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _all(root: etree._Element, outer: str, inner: str) -> list[etree._Element]:
    return [one for held in _children(root, outer) for one in _children(held, inner)]


def _child_text(element: etree._Element, name: str) -> str:
    found = _first(element, name)
    return (found.text or "") if found is not None else ""
