"""The canonical text of a PDF, read by a process of its own: a file made to harm costs that process and no more."""

from __future__ import annotations

import importlib.metadata
import resource
import subprocess
import sys
from typing import Any

import msgspec

from evigraph.errors import InputError
from evigraph.review.texts.canonical import Block, CanonicalText, Page

#: Seconds, bytes of memory, pages and characters beyond which no article goes.
MAX_SECONDS, MAX_MEMORY, MAX_PAGES, MAX_CHARACTERS = 60, 2 << 30, 2000, 5_000_000

#: How PDFium marks a hyphen at the end of a line.
_HYPHENS = frozenset({0x02, 0xFFFE})


def pdf_text(content: bytes) -> CanonicalText:
    """The text of a PDF with the box of each character; the same bytes and extractor give the same text.

    Raises:
        InputError: it cannot be read, takes too long or too much, is locked, or has no text layer (a scan).
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evigraph.review.texts.pdf"],
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"this PDF takes more than {MAX_SECONDS} s to read: print it to a new PDF") from error
    if done.returncode == 3:
        raise InputError(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1])
    if done.returncode:
        raise InputError("this PDF cannot be read: it is broken, or needs too much memory; attach another copy")
    return msgspec.msgpack.decode(done.stdout, type=CanonicalText)


def extracted(content: bytes) -> CanonicalText:
    """The text of a PDF, read in this process: `pdf_text` calls it in one that may die.

    Raises:
        InputError: it cannot be read or has no text layer.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document: Any = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise InputError(f"this PDF cannot be opened ({error}): attach a copy without a password") from error
    if len(document) > MAX_PAGES:
        raise InputError(f"this PDF has more than {MAX_PAGES} pages: attach the part that reports the study")
    signs: list[str] = []
    boxes: list[int] = []
    pages: list[Page] = []
    for number in range(len(document)):
        page = document[number]
        left, bottom, right, top = page.get_mediabox()
        if pages:
            signs.append("\n")
            boxes.extend((0, 0, 0, 0))
        start, text = len(signs), page.get_textpage()
        high = 0
        for index in range(text.count_chars()):
            code = raw.FPDFText_GetUnicode(text.raw, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            if code in (0, 0x0D):
                continue
            signs.append(_sign(code))
            x0, y0, x1, y1 = (0.0,) * 4 if code == 0x0A else text.get_charbox(index)
            is_placed = x1 > x0 and y1 > y0
            box = (x0 - left, y0 - bottom, x1 - left, y1 - bottom) if is_placed else (0.0,) * 4
            boxes.extend(round(100 * side) for side in box)
        if len(signs) > MAX_CHARACTERS:
            raise InputError(f"this PDF has more than {MAX_CHARACTERS:,} characters: attach the part that is read")
        pages.append(Page(start, len(signs), round(100 * (right - left)), round(100 * (top - bottom))))
    whole = "".join(signs)
    if not whole.strip():
        raise InputError("this PDF has no text layer (a scan?): run a text recognition over it and attach the result")
    version = importlib.metadata.version("pypdfium2")
    return CanonicalText(whole, f"pdf/1 pypdfium2/{version}", _lines(whole), tuple(pages), tuple(boxes))


def _sign(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd"
    return chr(code) if code >= 0x20 or code == 0x0A else " "


def _lines(text: str) -> tuple[Block, ...]:
    found, place = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append(Block(place, place + len(line), "line"))
        place += len(line) + 1
    return tuple(found)


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    try:
        text = extracted(sys.stdin.buffer.read())
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.buffer.write(msgspec.msgpack.encode(text))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
