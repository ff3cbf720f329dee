"""What every door needs of the application: the served release, and JSON."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import JSONResponse

from evigraph.store.release import Release, ServedRelease


class OrjsonResponse(JSONResponse):
    """JSON as orjson writes it."""

    def render(self, content: Any) -> bytes:
        """The bytes of the answer."""
        return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


def served(request: Request) -> Release:
    """The release this request is answered from, the same for all of it.

    Raises:
        ReleaseError: there is none.
    """
    holder: ServedRelease = request.app.state.releases
    release = getattr(request.state, "release", None)
    if release is None:
        release = holder.get()
        request.state.release = release
    return release
