"""The files in tar and zip archives, one after the other, with bounds on everything that an archive claims.

Nothing is unpacked here: an entry is a name and its bytes as they are read. Tars are read by our own reader, for the
standard library's holds an extended header of any size in memory, and gives links and devices with files.
Formats: POSIX.1-2008 pax and ustar, GNU long names; ZIP as PKWARE's APPNOTE 6.3.10 has it, stored or deflated.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from evigraph.clean.payload import BOMB_FREE_BYTES, BOMB_RATIO, PayloadStream, Report, open_bytes

#: Entries that an archive may have; the largest known dumps have some hundred thousand.
MAX_ENTRIES = 1_000_000

#: The largest entry that is read, as it lies in the archive (itself perhaps compressed).
MAX_ENTRY_BYTES = 16 * 1024**3

#: The central directory of a zip is held in memory.
_MAX_DIRECTORY_BYTES = 256 * 1024**2

#: An extended header of a tar is held in memory.
_MAX_HEADER_BYTES = 1 << 20

_BLOCK = 512
_READ = 1 << 20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


class EntryError(Exception):
    """An entry cannot be read: `code` names the defect, the text says what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Entry(NamedTuple):
    """A file in an archive: its name, and its bytes, to be read before the next entry is asked for.

    Where `refusal` says why it may not be read, its bytes are not wanted. Reading may raise `EntryError`.
    """

    name: str
    blocks: Iterator[bytes]
    refusal: str | None = None


def archive_kind(path: str | Path) -> str | None:
    """`tar` (also compressed by gzip) or `zip` where a file is an archive, by its first bytes; else None.

    Raises:
        OSError: the file cannot be opened.
    """
    with open_bytes(path) as stream:
        head = stream.read(_BLOCK)
    if head[:4] in _ZIP_STARTS:
        return "zip"
    return "tar" if _is_tar_header(head) else None


def entries(path: str | Path, kind: str, report: Report) -> Iterator[Entry]:
    """The files in an archive, in their order; folders and the notes of macOS (`__MACOSX/`, `._name`) are left out.

    What is wrong with the archive as a whole goes to `report`: `gzip_truncated`, `archive_truncated`,
    `archive_damaged`, `archive_overlap`, `archive_too_large`; what was read before counts.
    """
    found = _zip_entries(path, report) if kind == "zip" else _tar_entries(path, report)
    for number, entry in enumerate(found):
        if number >= MAX_ENTRIES:
            message = f"it has more than {MAX_ENTRIES:,} entries; the others were not read. Unpack it and add the files"
            report(-1, "archive_too_large", message, True)
            return
        parts = PurePosixPath(entry.name).parts
        if "__MACOSX" in parts or (parts and (parts[-1].startswith("._") or parts[-1] == ".DS_Store")):
            continue
        yield entry


def _name_refusal(name: str) -> str | None:
    """Why an entry of that name is not read; None where nothing is wrong with it."""
    if not name or "\0" in name or len(name) > 4096:
        return "it has no usable name"
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "its name is an absolute path"
    if ".." in name.replace("\\", "/").split("/"):
        return "its name leads out of the archive (..)"
    return None


def _tar_entries(path: str | Path, report: Report) -> Iterator[Entry]:
    with open_bytes(path, report) as stream:
        yield from _TarReader(stream, report).entries()


class _TarReader:
    """Reads a tar from a stream, header by header."""

    def __init__(self, stream: PayloadStream, report: Report) -> None:
        self._stream = stream
        self._report = report
        self._left = 0  # bytes of the current entry that were not read, without padding
        self._padding = 0

    def entries(self) -> Iterator[Entry]:
        """The entries; ends at the end mark, at the end of the stream, or where no header follows."""
        long_name: str | None = None
        pax: dict[str, str] = {}
        while True:
            self._skip()
            header = self._stream.read(_BLOCK)
            if len(header) < _BLOCK:
                if header:
                    self._truncated()
                return
            if not any(header):
                return
            size = _number(header[124:136])
            if not _is_tar_header(header) or size is None:
                message = "it goes on with something that is no entry of a tar; the rest was not read. Fetch it again"
                self._report(-1, "archive_damaged", message, True)
                return
            kind = header[156:157]
            if kind in b"xgLK":
                self._begin(size)
                if size > _MAX_HEADER_BYTES:
                    continue
                body = b"".join(self._blocks())
                if kind == b"L":
                    long_name = body.rstrip(b"\0").decode("utf-8", "replace")
                elif kind == b"x":
                    pax = _pax(body)
                continue
            if (stated := pax.get("size", "")).isascii() and stated.isdecimal() and len(stated) < 20:
                size = int(stated)
            name = pax.get("path") or long_name or _ustar_name(header)
            is_sparse = kind == b"S" or any(key.startswith("GNU.sparse") for key in pax)
            long_name, pax = None, {}
            self._begin(0 if kind in b"123456" else size)
            if kind == b"5" or name.endswith("/"):
                continue
            yield Entry(name, self._blocks(), _name_refusal(name) or _kind_refusal(kind, is_sparse, size))

    def _begin(self, size: int) -> None:
        self._left = size
        self._padding = -size % _BLOCK

    def _blocks(self) -> Iterator[bytes]:
        while self._left:
            data = self._stream.read(min(_READ, self._left))
            if not data:
                self._truncated()
                self._left = self._padding = 0
                return
            self._left -= len(data)
            yield data

    def _skip(self) -> None:
        for _ in self._blocks():
            pass
        if self._padding:
            self._stream.read(self._padding)
            self._padding = 0

    def _truncated(self) -> None:
        if self._stream.damage is None:
            message = "it ends in the middle of an entry; what came before was read. Fetch it again"
            self._report(-1, "archive_truncated", message, True)


def _kind_refusal(kind: bytes, is_sparse: bool, size: int) -> str | None:
    if is_sparse:
        return "it is a sparse file"
    if kind in b"12":
        return "it is a link"
    if kind in b"346":
        return "it is a device"
    if kind not in (b"0", b"\0", b"7"):
        return "it is no ordinary file"
    return f"it is larger than {MAX_ENTRY_BYTES >> 30} GiB" if size > MAX_ENTRY_BYTES else None


def _is_tar_header(header: bytes) -> bool:
    """Whether the checksum of a header is right; bytes 148 to 155, its own place, count as spaces."""
    if len(header) < _BLOCK or not header[0]:
        return False
    stated = _number(header[148:156])
    return stated is not None and stated == sum(header) - sum(header[148:156]) + 8 * 0x20


def _number(field: bytes) -> int | None:
    """The number in a field of a header: octal digits, or binary with the first bit set (GNU); None: neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0") or b"0"
    try:
        return int(digits, 8) if digits.isdigit() else None
    except ValueError:
        return None


def _ustar_name(header: bytes) -> str:
    name, prefix = (header[start:end].split(b"\0", 1)[0] for start, end in ((0, 100), (345, 500)))
    is_posix = header[257:263] == b"ustar\0"
    return (prefix + b"/" + name if prefix and is_posix else name).decode("utf-8", "replace")


def _pax(body: bytes) -> dict[str, str]:
    """The records `length key=value` of an extended header, as far as they are whole."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body):
        digits, space, _ = body[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or not len(digits) < (length := int(digits)) <= len(body) - at:
            break
        key, equals, value = body[at + len(digits) + 1 : at + length - 1].partition(b"=")
        if equals:
            found[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        at += length
    return found


def _zip_entries(path: str | Path, report: Report) -> Iterator[Entry]:
    if refusal := _directory_refusal(Path(path)):
        report(-1, "archive_too_large", refusal, True)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        message = f"it is not a whole zip archive ({error}); nothing was read. Fetch it again"
        report(-1, "archive_damaged", message, True)
        return
    with archive:
        listed = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
        ends = [entry.header_offset + 30 + entry.compress_size for entry in listed]
        if any(end > after.header_offset for end, after in zip(ends, listed[1:], strict=False)):
            message = "its entries lie over each other, as in a zip bomb; nothing was read"
            report(-1, "archive_overlap", message, True)
            return
        for entry in listed:
            if not entry.is_dir():
                refusal = _name_refusal(entry.orig_filename) or _zip_refusal(entry)
                yield Entry(entry.filename, _zip_blocks(archive, entry), refusal)


def _zip_refusal(entry: zipfile.ZipInfo) -> str | None:
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in (0, stat.S_IFREG):
        return "it is a link" if mode == stat.S_IFLNK else "it is a device"
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed by a method that is not read here (deflate is)"
    if entry.file_size > MAX_ENTRY_BYTES:
        return f"it is larger than {MAX_ENTRY_BYTES >> 30} GiB"
    if entry.file_size > BOMB_FREE_BYTES and entry.file_size > BOMB_RATIO * entry.compress_size:
        return f"it grows to more than {BOMB_RATIO} times its size, as a zip bomb does"
    return None


def _zip_blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry; never more than it states, for the module stops there."""
    try:
        with archive.open(entry) as stream:
            while data := stream.read(_READ):
                yield data
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise EntryError("archive_member_damaged", f"its data cannot be read ({error})") from error


def _directory_refusal(path: Path) -> str | None:
    """Why the list of entries at the end of a zip is too large to hold; None where it is not, or is not found."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or at + 22 > len(tail):
            return None
        n_entries, n_bytes = struct.unpack_from("<HI", tail, at + 10)
        locator = tail.rfind(b"PK\x06\x07", 0, at)
        if locator >= 0 and locator + 20 <= len(tail):
            (place,) = struct.unpack_from("<Q", tail, locator + 8)
            if place < size:
                file.seek(place)
                record = file.read(56)
                if record[:4] == b"PK\x06\x06" and len(record) == 56:
                    n_entries, n_bytes = struct.unpack_from("<QQ", record, 32)
    if n_entries > MAX_ENTRIES or n_bytes > _MAX_DIRECTORY_BYTES:
        return f"it lists {n_entries:,} entries in {n_bytes:,} bytes; nothing was read. Unpack it and add the files"
    return None
