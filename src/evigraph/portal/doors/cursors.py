"""Cursors: where a walk through results goes on, as text that any server of the same graph understands.

A cursor names the release it was given out for. While that release lies in the graph's folder, the walk goes on in
it, whatever is served meanwhile; so it gives every product once, and gives the same when it is walked again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import orjson
from fastapi import HTTPException, Request

from evigraph.errors import ReleaseError
from evigraph.portal.serving import served
from evigraph.store.release import Release

_GONE = "The release that this cursor walks is not kept any more: start again with cursor=*."


@dataclass(frozen=True)
class Cursor:
    """A place in a walk: the release, what was asked (a digest), and the place after which it goes on."""

    release_id: str
    asked: str
    after: int

    def __str__(self) -> str:
        packed = orjson.dumps([self.release_id, self.asked, self.after])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def digest(*asked: object) -> str:
    """A short mark of what was asked: a cursor goes on only with the same question."""
    return hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()[:12]


def read_cursor(text: str, asked: str) -> Cursor:
    """The cursor that `text` states.

    Raises:
        HTTPException: 400, it is none of ours, or it belongs to another question.
    """
    try:
        release_id, of, after = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(str(release_id), str(of), int(after))
    except (ValueError, TypeError, binascii.Error) as error:
        raise HTTPException(400, "This is no cursor of this server: start with cursor=*.") from error
    if cursor.asked != asked:
        raise HTTPException(400, "This cursor belongs to another question: start with cursor=*.")
    if not 0 <= cursor.after < 2**31:
        raise HTTPException(400, "This is no cursor of this server: start with cursor=*.")
    return cursor


def release_of(request: Request, release_id: str) -> Release:
    """The release of this id: the served one, or an older one that is still kept.

    Raises:
        HTTPException: 400, it is not kept any more.
    """
    current = served(request)
    if release_id == current.manifest.release_id:
        return current
    home = current.folder.parent.parent
    # An id is one folder's name: nothing else is looked for.
    if not release_id or any(not (letter.isalnum() or letter in "-_") for letter in release_id):
        raise HTTPException(400, _GONE)
    try:
        return _kept(home, release_id)
    except ReleaseError as error:
        raise HTTPException(400, _GONE) from error


@lru_cache(maxsize=4)
def _kept(home: Path, release_id: str) -> Release:
    return Release.open(home, release_id)
