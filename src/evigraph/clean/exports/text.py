"""Exports as lines of text, whatever their encoding and line ends.

Reference managers write UTF-8 with and without byte-order mark, UTF-16 (EndNote, older EBSCO), and Windows-1252; line
ends of all three systems, sometimes mixed in one file. A line that is not UTF-8 is Windows-1252 unless the file has
shown to be UTF-8 elsewhere: then it is damaged UTF-8.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from evigraph.clean.payload import HEAD_BYTES, Report, open_bytes

_CHUNK = 1 << 18

#: A line longer than this is cut: no field of an export is that long, and memory stays bounded.
MAX_LINE_BYTES = 1 << 24

#: Line ends of all systems; a form feed, which print-like exports put between records, ends a line too.
_END = re.compile(rb"\r\n|\n|\r|\x0c")
_MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]{1,3}")
#: Bytes that Windows-1252 leaves undefined; as ISO 8859-1 they are controls.
_UNDEFINED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}

#: What some take for a line end, and what has no meaning in a text: spaces here.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f\x85\u2028\u2029]")

#: Told of a line in which something could not be read, in words.
Tell = Callable[[str], None]


def head_of(path: str) -> str:
    """The first lines of a file as text, for recognising its format: at most 256 KiB."""
    with open_bytes(path) as stream:
        head = stream.read(HEAD_BYTES)
    codec = _wide_codec(head)
    if codec:
        return head.decode(codec, "replace").lstrip("\ufeff")
    is_multibyte = bool(_MULTIBYTE.search(head))
    return "\n".join(_decoded(line, is_multibyte)[0] for line in _END.split(head)).lstrip("\ufeff")


def text_lines(path: str, report: Report, tell: Tell | None = None) -> Iterator[str]:
    """The lines of an export without their ends; byte-order marks are left out wherever they stand.

    `report` is told of damage to the file as a whole. `tell` is told in words what was wrong with the line that
    follows, so that the defect `encoding` can be put down to its record; without it, to the file.
    """
    name = Path(path).name

    def said(message: str) -> None:
        if tell is not None:
            tell(message)
        else:
            report(-1, "encoding", f"{name}: {message}", False)

    with open_bytes(path, report) as stream:
        head = stream.read(HEAD_BYTES)
        codec = _wide_codec(head)
        has_multibyte = bool(_MULTIBYTE.search(head))
        blocks = _blocks(head, stream)
        for raw in _raw_lines(_as_utf8(blocks, codec) if codec else blocks, said):
            has_multibyte = has_multibyte or _MULTIBYTE.search(raw) is not None
            line, problem = _decoded(raw, has_multibyte)
            if problem:
                said(problem)
            line = line.replace("\ufeff", "").replace("\0", "")
            yield _CONTROLS.sub(" ", line) if not line.isprintable() else line


def _blocks(head: bytes, stream: io.RawIOBase) -> Iterator[bytes]:
    yield head
    while block := stream.read(_CHUNK):
        yield block


def _as_utf8(blocks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def _raw_lines(blocks: Iterator[bytes], said: Tell) -> Iterator[bytes]:
    rest: list[bytes] = []
    n_rest = 0
    ends_in_cr = False
    for block in blocks:
        if ends_in_cr and block.startswith(b"\n"):
            block = block[1:]
        ends_in_cr = block.endswith(b"\r") if block else ends_in_cr
        lines = _END.split(block)
        if len(lines) == 1:
            if n_rest + len(block) <= MAX_LINE_BYTES:
                rest.append(block)
            elif n_rest <= MAX_LINE_BYTES:
                said(f"a line is longer than {MAX_LINE_BYTES >> 20} MiB; what follows in it was left out")
            n_rest += len(block)
            continue
        yield b"".join((*rest, lines[0]))
        yield from lines[1:-1]
        rest, n_rest = [lines[-1]], len(lines[-1])
    if last := b"".join(rest):
        yield last


def _decoded(raw: bytes, is_utf8: bool) -> tuple[str, str | None]:
    """The text of a line, and in words what was wrong with it."""
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        if is_utf8:
            return raw.decode("utf-8", "replace"), "a line is not wholly valid UTF-8; what could not be read is U+FFFD"
    codec = "iso-8859-1" if _UNDEFINED.intersection(raw) else "cp1252"
    return raw.decode(codec), "a line is not UTF-8 and was read as Windows-1252; check its accents"


def _wide_codec(head: bytes) -> str | None:
    """The codec of UTF-16, by its byte-order mark or by the zeros that Latin letters leave in it; else None."""
    sample = head[:4096]
    # Tags and column names are ASCII, so that UTF-16 always has zeros; two stray bytes alone make none.
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and 0 in sample:
        return "utf-16"
    half = len(sample) // 2
    if half >= 4:
        if sample[1::2].count(0) > half * 0.6 and sample[0::2].count(0) < half * 0.1:
            return "utf-16-le"
        if sample[0::2].count(0) > half * 0.6 and sample[1::2].count(0) < half * 0.1:
            return "utf-16-be"
    return None
