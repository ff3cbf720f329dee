"""Pages of a PDF as pictures, drawn by a process of its own and kept on disk, a bounded number of them."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from typing import Any

from evigraph.errors import InputError
from evigraph.review.files import Files
from evigraph.review.texts.pdf import MAX_MEMORY

#: Seconds that a page may take; the longer side of its picture in pixels.
MAX_SECONDS, _LONGER_SIDE = 20, 1600

#: How many pictures of a review are kept; those not looked at for longest go.
MAX_KEPT = 2_000


def page_picture(files: Files, sha256: str, number: int) -> bytes:
    """The picture (PNG) of a page, counted from 1, of an attached PDF; drawn once, then read.

    It shows the whole media box, not turned, so that places of characters lie on it without further reckoning.

    Raises:
        InputError: the page cannot be drawn in time, or there is none of this number.
    """
    path = files.folder / "pages" / f"{sha256}-{number}.png"
    try:
        content = path.read_bytes()
        path.touch()
        return content
    except OSError:
        # Not drawn yet, or gone to make room.
        pass
    content = _drawn(files.content(sha256), number)
    _keep(path, content)
    return content


def _drawn(content: bytes, number: int) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evigraph.review.texts.pdf_pictures", str(number)],
            input=content,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"page {number} takes more than {MAX_SECONDS} s to draw: read it as text") from error
    if done.returncode or not done.stdout:
        raise InputError(f"page {number} of this PDF cannot be drawn: read it as text")
    return done.stdout


def _keep(path: Path, content: bytes) -> None:
    """Keeps a picture where there is space: it can be drawn again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
        temporary.write_bytes(content)
        temporary.replace(path)
        kept = sorted(path.parent.glob("*.png"), key=lambda one: one.stat().st_mtime)
        for old in kept[: max(0, len(kept) - MAX_KEPT)]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def drawn_here(content: bytes, number: int) -> bytes:
    """The picture of a page, drawn in this process: `page_picture` calls it in one that may die.

    Raises:
        InputError: there is no page of this number.
    """
    import pypdfium2

    document: Any = pypdfium2.PdfDocument(content)
    if not 1 <= number <= len(document):
        raise InputError(f"this PDF has no page {number}")
    page = document[number - 1]
    page.set_rotation(0)
    page.set_cropbox(*page.get_mediabox())
    scale = min(2.0, _LONGER_SIDE / max(page.get_size()))
    bitmap = page.render(scale=scale, rev_byteorder=True)
    rows, length = bytes(bitmap.buffer), bitmap.width * bitmap.n_channels
    lines = [rows[start : start + length] for start in range(0, bitmap.height * bitmap.stride, bitmap.stride)]
    return _png(bitmap.width, bitmap.height, {1: 0, 3: 2, 4: 6}[bitmap.n_channels], lines)


def _png(width: int, height: int, color_type: int, lines: list[bytes]) -> bytes:
    """A PNG (ISO/IEC 15948) of rows of samples of eight bits; colour type 0 is grey, 2 RGB, 6 RGBA."""
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    try:
        picture = drawn_here(sys.stdin.buffer.read(), int(sys.argv[1]))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
