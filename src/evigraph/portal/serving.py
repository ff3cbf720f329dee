"""What every door needs of the application: the served release, its products, JSON, and how problems are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse

from evigraph.portal.answers import Problem
from evigraph.portal.rendering import product_path
from evigraph.store.keyed import Row
from evigraph.store.release import Release, ServedRelease, Superseded

_PROBLEM: dict[str, Any] = {"application/problem+json": {"schema": Problem.model_json_schema()}}


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


def base_address(request: Request) -> str:
    """The address of the portal, without a slash at its end: as set, or else as this request reached us."""
    stated: str = request.app.state.base_url
    return stated or str(request.base_url).rstrip("/")


def found_product(request: Request, product_id: str, part: str = "") -> Row | RedirectResponse:
    """The product's row, or the answer that leads to where it is.

    Raises:
        HTTPException: 404, this graph holds no such product.
    """
    release = served(request)
    answer = release.resolve(product_id)
    current = answer.product_id if isinstance(answer, Superseded) else answer
    row = release.product(current) if current else None
    if current is None or row is None:
        raise HTTPException(404, f"This graph holds no product under “{product_id}”.")
    return row if current == product_id else RedirectResponse(product_path(current, part), 301)


def page_number(parameters: Mapping[str, str]) -> int:
    """The page of a list that the parameters of an address ask for, from 1; what is no number asks for the first."""
    text = parameters.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def problems(**described: str) -> dict[int | str, dict[str, Any]]:
    """The problems that a door answers with, for its description: `s404="no such product"`."""
    told = {"s429": "Too many requests from this address.", "s503": "This graph has no release yet.", **described}
    return {int(status.removeprefix("s")): {"description": text, "content": _PROBLEM} for status, text in told.items()}
