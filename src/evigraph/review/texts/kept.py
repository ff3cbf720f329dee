"""Canonical texts as they are kept: one of each attached file and extractor, beside the files of the review."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from evigraph.errors import InputError
from evigraph.review.files import Files
from evigraph.review.kinds import Report
from evigraph.review.retrieval import PDF
from evigraph.review.texts import jats, pdf
from evigraph.review.texts.canonical import CanonicalText


def text_of(files: Files, report: Report) -> CanonicalText:
    """The canonical text of an attached report: read where it is kept, else extracted and kept.

    Raises:
        InputError: no text is attached, or it cannot be read; the message says what to attach.
    """
    if not report.sha256:
        raise InputError("no text is attached to this report: attach a PDF or a JATS article")
    extractor = "pdf-1" if report.media_type == PDF else "jats-1"
    path = files.folder / "texts" / f"{report.sha256}.{extractor}"
    if path.exists():
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=CanonicalText)
        except (OSError, msgspec.DecodeError):
            # What was extracted can always be extracted again.
            path.unlink(missing_ok=True)
    content = files.content(report.sha256)
    text = pdf.pdf_text(content) if report.media_type == PDF else jats.jats_text(content)
    _keep(path, msgspec.msgpack.encode(text))
    return text


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.partial")
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"the text cannot be kept ({error.strerror}): check that there is space") from error
