"""Files that people gave, each under the sha256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from evigraph.errors import InputError
from evigraph.store.durable import sync_folder

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ContentFolder:
    """A folder of files named by their content: nothing in it is ever changed, and the same bytes lie there once.

    `what` says whose files they are, for messages.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self.folder = folder
        self._what = what

    def keep(self, content: bytes) -> str:
        """The sha256 of these bytes, once they are on disk to stay.

        Raises:
            InputError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f"{sha256}.{os.urandom(6).hex()}.partial")
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
        try:
            content = self.path(sha256).read_bytes()
        except OSError as error:
            raise InputError(
                f"the file {sha256[:12]} of {self._what} is missing: restore {self.folder.name} from a backup"
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InputError(f"the file {sha256[:12]} was altered: restore {self.folder.name} from a backup")
        return content

    def remove(self, sha256: str) -> None:
        """Removes a file that nobody needs any more; nothing, where it is gone already."""
        self.path(sha256).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes of this sha256 lie, or would lie.

        Raises:
            InputError: it is no sha256.
        """
        if not _SHA256.fullmatch(sha256):
            raise InputError(f"{sha256!r} names no file")
        return self.folder / sha256[:2] / sha256
