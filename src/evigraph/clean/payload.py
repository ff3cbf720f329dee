"""Payload files as bytes: decompressed by content, read as far as they are whole, and recognised by their first bytes.

Nothing here raises for what a file contains. Damage is reported through a function of the form of
`evigraph.clean.batches.Rows.defect`, and everything before it is read.
"""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path
from typing import IO, Any, Protocol

import orjson
from isal import isal_zlib

#: Bytes read from the file at a time.
_READ = 1 << 18

#: Decompressed bytes given at a time.
_GIVE = 1 << 20

#: A gzip may grow to this size whatever its ratio …
BOMB_FREE_BYTES = 64 * 1024 * 1024

#: … and beyond it to this many times its compressed size. Bibliographic JSON and XML compress 4 to 40 times;
#: deflate itself ends at about 1,030.
BOMB_RATIO = 200

#: Decompressed bytes that `sniff` looks at.
HEAD_BYTES = 1 << 18

_INFLATE_ERROR: Any = isal_zlib.error
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's code for a gzip header and a 32 KiB window

#: Content that `sniff` names, in words for people.
CONTENT_NAMES: dict[str, str] = {
    "binary": "binary data",
    "csv": "a CSV table",
    "empty": "nothing",
    "gzip": "a gzip that cannot be decompressed",
    "html": "a web page, perhaps an error message or a login page",
    "json": "JSON",
    "json-lines": "JSON lines",
    "pdf": "a PDF",
    "pubmed-xml": "PubMed XML",
    "text": "plain text",
    "xml": "XML",
    "zip": "a zip archive",
}

_PUBMED = re.compile(
    rb"<(?:!DOCTYPE\s+)?(?:PubmedArticleSet|PubmedArticle|PubmedBookArticleSet|PubmedBookArticle|MedlineCitationSet)\b"
)
_HTML = re.compile(rb"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_])")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Report(Protocol):
    """Where defects go: `evigraph.clean.batches.Rows.defect`."""

    def __call__(self, position: int, code: str, message: str, is_record_lost: bool) -> None:
        """Takes one defect; position -1 stands for the file as a whole."""


class PayloadStream(io.RawIOBase):
    """The decompressed bytes of a payload file, up to its end or to where it is damaged.

    A gzip is recognised by its first bytes, never by its name; one of several members is read through (RFC 1952
    §2.2), zero padding after the last is ignored. Damage ends the stream as the end of the file would and is
    then stated in `damage`, and reported once as the defect `gzip_truncated` of the file.

    Raises:
        OSError: the file itself cannot be opened or read.
    """

    def __init__(self, path: str | Path, report: Report | None = None) -> None:
        super().__init__()
        self.name = Path(path).name
        #: What is wrong with the compressed data, in words; None while nothing was found.
        self.damage: str | None = None
        self._report = report
        self._path = Path(path)
        self._file: IO[bytes] = self._path.open("rb")
        head = self._file.read(_READ)
        self.is_gzip = head[:2] == _GZIP_MAGIC
        self._inflater: Any = isal_zlib.decompressobj(_GZIP_WINDOW) if self.is_gzip else None
        self._compressed = head  # read from the file, not yet given to the inflater
        self._n_read = len(head)
        self._member_at = 0  # place of the current member in the file
        self._n_of_member = 0  # bytes that the current member has given
        self._n_given = 0
        self._ready = b""  # decompressed, not yet handed out
        self._is_over = False

    def readable(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Closes the file; reading is over."""
        self._file.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """The number of bytes put into `buffer`; 0 at the end."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` decompressed bytes, all that is left where it is negative; empty at the end.

        Fewer than asked for are given only at the end.
        """
        parts: list[bytes] = []
        missing = size
        while missing:
            if not self._ready and not self._more():
                break
            if missing < 0 or len(self._ready) <= missing:
                part, self._ready = self._ready, b""
            else:
                part, self._ready = self._ready[:missing], self._ready[missing:]
            parts.append(part)
            if missing > 0:
                missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _more(self) -> bool:
        """Whether there is something ready, after having decompressed until there is or the data ends."""
        while not self._ready and not self._is_over:
            if self._inflater is None:
                self._ready, self._compressed = self._compressed or self._file.read(_GIVE), b""
                self._is_over = not self._ready
            else:
                self._inflate(self._inflater)
        return bool(self._ready)

    def _inflate(self, inflater: Any) -> None:
        if inflater.eof:
            self._next_member(inflater.unused_data)
            return
        data = inflater.unconsumed_tail or self._compressed
        if data is self._compressed:
            self._compressed = b""
        if not data:
            data = self._file.read(_READ)
            self._n_read += len(data)
            if not data:
                self._end("it ends in the middle of its compressed data")
                return
        try:
            self._give(inflater.decompress(data, _GIVE))
        except _INFLATE_ERROR:
            self._give(self._salvage())
            self._end("its compressed data is corrupt")

    def _next_member(self, rest: bytes) -> None:
        """Goes on to the member that follows, if one does."""
        rest = rest or self._compressed
        self._compressed = b""
        while not (tail := rest.lstrip(b"\0")):
            rest = self._file.read(_READ)
            self._n_read += len(rest)
            if not rest:
                self._is_over = True
                return
        if len(tail) < 2:
            more = self._file.read(_READ)
            self._n_read += len(more)
            tail += more
        if tail[:2] != _GZIP_MAGIC:
            self._end("something that is not gzip follows its compressed data")
            return
        self._member_at = self._n_read - len(tail)
        self._n_of_member = 0
        self._compressed = tail
        self._inflater = isal_zlib.decompressobj(_GZIP_WINDOW)

    def _give(self, data: bytes) -> None:
        self._n_given += len(data)
        self._n_of_member += len(data)
        if self._n_given > BOMB_FREE_BYTES and self._n_given > BOMB_RATIO * self._n_read:
            self._end(f"it grows to more than {BOMB_RATIO} times its size, as a zip bomb does")
            return
        self._ready = data

    def _salvage(self) -> bytes:
        """What the current member still holds before its damage.

        The inflater drops the output of the call that meets the damage, so the member is decompressed again by
        one whose state can be copied, byte by byte in the block that is damaged.
        """
        n_skipped = self._n_of_member
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        parts: list[bytes] = []
        with self._path.open("rb") as file:
            file.seek(self._member_at)
            while block := file.read(1 << 14):
                before = inflater.copy()
                try:
                    part = inflater.decompress(block)
                except zlib.error:
                    part = _inflate_bytewise(before, block)
                    block = b""
                if n_skipped >= len(part):
                    n_skipped -= len(part)
                else:
                    parts.append(part[n_skipped:])
                    n_skipped = 0
                if not block or inflater.eof or sum(map(len, parts)) > BOMB_FREE_BYTES:
                    break
        return b"".join(parts)

    def _end(self, damage: str) -> None:
        self._is_over = True
        if self.damage is not None:
            return
        self.damage = damage
        if self._report is not None:
            self._report(
                -1,
                "gzip_truncated",
                f"{self.name}: {damage}; the {self._n_given:,} bytes before that were read. Fetch the file again.",
                True,
            )


def _inflate_bytewise(inflater: zlib._Decompress, block: bytes) -> bytes:
    parts: list[bytes] = []
    for at in range(len(block)):
        try:
            parts.append(inflater.decompress(block[at : at + 1]))
        except zlib.error:
            break
    return b"".join(parts)


def open_bytes(path: str | Path, report: Report | None = None) -> PayloadStream:
    """The decompressed bytes of a payload file as a readable stream; see `PayloadStream`.

    Raises:
        OSError: the file cannot be opened.
    """
    return PayloadStream(path, report)


def sniff(path: str | Path) -> str:
    """What the content of a file looks like, decompressed: one of the keys of `CONTENT_NAMES`.

    Decided by the first bytes alone: `json-lines` where a line of several is an object of its own, `json` for
    every other text that begins like JSON, `csv` where the first lines have the same number of columns.

    Raises:
        OSError: the file cannot be opened.
    """
    with open_bytes(path) as stream:
        head = stream.read(HEAD_BYTES)
        if not head:
            return "gzip" if stream.damage else "empty"
        return sniff_bytes(head, len(head) < HEAD_BYTES)


def sniff_bytes(head: bytes, is_whole: bool) -> str:
    """What a file that begins with `head` looks like; `is_whole`: that is all of it. See `sniff`."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "empty"
    if text[:5] == b"%PDF-":
        return "pdf"
    if text[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return "zip"
    if text[:2] == _GZIP_MAGIC:
        return "gzip"
    if text[:2] in _UTF16:
        text = text.decode("utf-16", "ignore").encode().lstrip()
    elif b"\0" in text[:4096] and text[:1] not in b"{[<":
        return "binary"
    if text[:1] == b"<":
        if _PUBMED.search(text):
            return "pubmed-xml"
        if _HTML.match(text):
            return "html"
        return "xml" if _XML.match(text) else "text"
    lines = text.split(b"\n")
    if looks_like_json_lines(lines, is_whole):
        return "json-lines"
    if text[:1] in b"{[":
        return "json"
    return "csv" if _has_columns(lines) else "text"


#: Keys that an answer or a dump file has around its records, as against a record itself.
_ENVELOPE = re.compile(
    rb'\s*\{\s*"(?:items|results|data|links|message|message-type|message-version|status|header|meta)"\s*:'
)


def is_envelope(head: bytes) -> bool:
    """Whether JSON that begins with `head` is an answer or a dump file with records inside."""
    return _ENVELOPE.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def looks_like_json_lines(lines: list[bytes], is_whole: bool) -> bool:
    """Whether a text that begins with these lines is JSON lines; the last may be cut off unless `is_whole`.

    Two lines, of which one is a JSON object of its own, or both begin like one. One line alone is a document, and
    so is a text whose first line opens an array or an answer that goes on in the next.
    """
    filled = [line for line in lines[:200] if line and not line.isspace()]
    if len(filled) < 2:
        return False
    if _is_json(filled[0], b"{["):
        return True
    if filled[0].strip() in (b"[", b"{") or is_envelope(filled[0]):
        return False
    if filled[0][:2] == filled[1][:2] == b'{"':
        return True
    return any(_is_json(line, b"{") and len(line) > 4 for line in filled[1:])


def _is_json(line: bytes, starts: bytes) -> bool:
    if line[:1] not in starts or not line[:1]:
        return False
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _has_columns(lines: list[bytes]) -> bool:
    """Whether the first line is a header of at least two columns that are short words."""
    header = lines[0].strip()
    for separator in (b",", b"\t", b";"):
        names = [name.strip(b'" ') for name in header.split(separator)]
        if len(names) > 1 and all(0 < len(name) <= 80 for name in names) and len(lines) > 1:
            return separator in lines[1]
    return False
