"""Pages with forms: each form carries the token of whoever asked for it, and a key by which it is kept once."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from evigraph.errors import ReleaseError
from evigraph.portal.people.visitor import prepare_form, remember_visit
from evigraph.portal.rendering import page
from evigraph.portal.serving import served
from evigraph.store.manifest import Manifest


def form_page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page with forms, which nobody keeps a copy of."""
    token, visit = prepare_form(request)
    answer = page(template, _manifest(request), status, token=token, once=secrets.token_urlsafe(12), **values)
    answer.headers["Cache-Control"] = "no-store"
    remember_visit(request, answer, visit)
    return answer


def _manifest(request: Request) -> Manifest | None:
    """That of the release; None where there is none: accounts do without."""
    try:
        return served(request).manifest
    except ReleaseError:
        return None
