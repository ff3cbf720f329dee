"""Canonical texts as they are kept: one of each attached file and extractor, beside the files of the review."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock, get_ident

import msgspec

from evigraph.errors import InputError
from evigraph.review.files import Files
from evigraph.review.kinds import Report
from evigraph.review.retrieval import PDF, PLAIN
from evigraph.review.texts import jats, pdf, plain
from evigraph.review.texts.canonical import CanonicalText

_EXTRACTORS = {PDF: "pdf-1", PLAIN: "plain-1"}

#: Texts that stay in memory once read: those that people have open. Of a PDF each character weighs 160 bytes, so a
#: very long one is decoded from disk each time.
_IN_MEMORY, _LONGEST_IN_MEMORY = 6, 300_000

_read: OrderedDict[Path, CanonicalText] = OrderedDict()
_measured: dict[Path, tuple[str, int]] = {}
_lock = Lock()


def is_read(files: Files, report: Report) -> bool:
    """Whether the text of an attached report is at hand, so that `text_of` does not have to extract it."""
    return _path(files, report).exists()


def measure(files: Files, report: Report) -> tuple[str, int]:
    """The sha256 and the number of characters of the text of a report; read once, then remembered.

    Raises:
        InputError: as `text_of`.
    """
    path = _path(files, report)
    if (known := _measured.get(path)) is None:
        text = text_of(files, report)
        # A file's text never changes, so neither does this; a hundred bytes each.
        known = _measured[path] = (text.sha256, len(text.text))
    return known


def text_of(files: Files, report: Report) -> CanonicalText:
    """The canonical text of an attached report: read where it is kept, else extracted and kept.

    Raises:
        InputError: no text is attached, or it cannot be read; the message says what to attach.
    """
    if not report.sha256:
        raise InputError("no text is attached to this report: attach a PDF or a JATS article")
    path = _path(files, report)
    with _lock:
        if (known := _read.get(path)) is not None:
            _read.move_to_end(path)
            return known
    text = _kept(path)
    if text is None:
        content = files.content(report.sha256)
        read = {PDF: pdf.pdf_text, PLAIN: plain.plain_text}.get(report.media_type, jats.jats_text)
        text = read(content)
        _keep(path, msgspec.msgpack.encode(text))
    if len(text.text) <= _LONGEST_IN_MEMORY:
        with _lock:
            _read[path] = text
            while len(_read) > _IN_MEMORY:
                _read.popitem(last=False)
    return text


def _path(files: Files, report: Report) -> Path:
    extractor = _EXTRACTORS.get(report.media_type, "jats-1")
    return files.folder / "texts" / f"{report.sha256}.{extractor}"


def _kept(path: Path) -> CanonicalText | None:
    if not path.exists():
        return None
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=CanonicalText)
    except (OSError, msgspec.DecodeError):
        # What was extracted can always be extracted again.
        path.unlink(missing_ok=True)
        return None


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}-{get_ident()}.partial")
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"the text cannot be kept ({error.strerror}): check that there is space") from error
