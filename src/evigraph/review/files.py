"""The files of a review: what was imported and attached, each under the sha256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict
from pathlib import Path

from evigraph.errors import InputError
from evigraph.review.records import Found, Row, found, rows_of
from evigraph.review.searches import Import
from evigraph.store.durable import sync_folder

#: How many imports are kept in memory once read.
_KEPT = 32

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Files:
    """A folder of files named by their content: nothing in it is ever changed, and the same bytes lie there once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: OrderedDict[str, list[Found]] = OrderedDict()

    def keep(self, content: bytes) -> str:
        """The sha256 of these bytes, once they are on disk to stay.

        Raises:
            InputError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f"{sha256}.{os.getpid()}.partial")
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise InputError(
                f"the file cannot be kept in {self.folder.name} ({error.strerror}): check that there is space"
            ) from error
        return sha256

    def content(self, sha256: str) -> bytes:
        """The bytes of a file.

        Raises:
            InputError: there is none of this name, or it is not what it was.
        """
        if not _SHA256.fullmatch(sha256):
            raise InputError(f"{sha256!r} names no file")
        try:
            content = self._path(sha256).read_bytes()
        except OSError as error:
            raise InputError(
                f"the file {sha256[:12]} of this review is missing: restore {self.folder.name} from a backup"
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InputError(f"the file {sha256[:12]} was altered: restore {self.folder.name} from a backup")
        return content

    def rows(self, made: Import) -> list[Row]:
        """The full records of an import, as rows of `record`.

        Raises:
            InputError: the file is missing or was altered.
        """
        return rows_of(self.content(made.sha256))

    def records(self, made: Import) -> list[Found]:
        """The records of an import as reviewers see them.

        Raises:
            InputError: the file is missing or was altered.
        """
        if (known := self._read.get(made.sha256)) is not None:
            self._read.move_to_end(made.sha256)
            return known
        records = found(self.rows(made))
        self._read[made.sha256] = records
        while len(self._read) > _KEPT:
            self._read.popitem(last=False)
        return records

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
