"""The portal: a web application over the served release of one graph."""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from evigraph import __version__
from evigraph.errors import ReleaseError
from evigraph.portal import api, lists, open_pairs, pages
from evigraph.portal.decided import Decisions
from evigraph.portal.doors import bulk, mcp, negotiation, oai_pmh, openaire, openaire_links, openalex, sitemap, skg_if
from evigraph.portal.doors.courtesy import Courtesy
from evigraph.portal.headers import SECURITY_HEADERS, HeadAsGet, SecurityHeaders
from evigraph.portal.local_only import new_token
from evigraph.portal.people import account_pages, claim_pages, correction_pages, deposit_pages, openid_pages
from evigraph.portal.people.access import People
from evigraph.portal.people.deposits import Deposits
from evigraph.portal.people.gate import SignInNeededError, gate
from evigraph.portal.people.notices import Notices
from evigraph.portal.people.openid import Provider
from evigraph.portal.people.registries import Registries
from evigraph.portal.rendering import STATIC, page
from evigraph.portal.review import (
    agreement_page,
    batches,
    conflicts,
    duplicate_pages,
    flow_pages,
    frame,
    full_texts,
    graph_pages,
    history_page,
    overview,
    places,
    protocol_pages,
    record_pages,
    screen,
    search_pages,
    stopping_page,
    update_page,
)
from evigraph.portal.review.appraisal import page as appraisal_page
from evigraph.portal.review.coding import page as coding_page
from evigraph.portal.review.desk import Desk
from evigraph.portal.review.exchange import page as exchange_page
from evigraph.portal.review.extraction import builder
from evigraph.portal.review.extraction import page as extraction_page
from evigraph.portal.review.publication import page as publication_page
from evigraph.portal.review.report import page as report_page
from evigraph.portal.review.synthesis import method_pages
from evigraph.portal.review.synthesis import page as synthesis_page
from evigraph.portal.serving import OrjsonResponse
from evigraph.settings import PortalSettings, Settings
from evigraph.store.manifest import Manifest
from evigraph.store.release import ServedRelease

_LOG = logging.getLogger(__name__)

#: Where the addresses of programs begin: there a problem is told as JSON.
_DOORS = ("/api/", "/graph/", "/works", "/skg-if/", "/bulk", "/mcp")

_DESCRIPTION = (
    "Products of a research graph, merged from many sources, with the provenance of every value and four "
    "indicators of impact. Answers come from one immutable release, named in each of them."
)


def create_app(home: Path, settings: object | None = None) -> FastAPI:
    """The portal of the graph in `home`.

    A graph without a release is served as a page that says how to make one; a release that is switched to
    later is picked up by the next request.

    Args:
        home: the graph's folder.
        settings: the graph's settings; `settings.graph.contact` is shown where the release names no contact,
            `settings.portal.address` stands in every address that is given as a whole.
    """
    app = FastAPI(
        title="evigraph",
        version=__version__,
        description=_DESCRIPTION,
        dependencies=[Depends(gate)],
        docs_url=None,
        redoc_url=None,
        openapi_tags=[
            {"name": "products", "description": "Research products of the served release"},
            {"name": "entities", "description": "Authors, journals, organizations, projects, communities"},
        ],
    )
    app.state.releases = ServedRelease(home)
    app.state.contact = getattr(getattr(settings, "graph", None), "contact", None) or ""
    portal = settings.portal if isinstance(settings, Settings) else PortalSettings()
    ledger = getattr(getattr(settings, "ledger", None), "url", None) or home / "ledger.db"
    app.state.base_url = (portal.address or "").rstrip("/")
    app.state.people = People(ledger, portal.address, portal.sign_up, _providers(settings))
    app.state.decisions = Decisions(app.state.people)
    app.state.deposits = Deposits(app.state.people, home, settings if isinstance(settings, Settings) else Settings())
    app.state.registries = Registries(home, settings if isinstance(settings, Settings) else None)
    app.state.notices = Notices(app.state.people, home, settings if isinstance(settings, Settings) else Settings())
    app.state.notices.start()
    app.state.form_token = new_token()
    app.state.reviews = Desk(app.state.people, home / "reviews", app.state.releases)
    app.include_router(api.router)
    app.include_router(open_pairs.router)
    app.include_router(account_pages.router)
    app.include_router(openid_pages.router)
    app.include_router(claim_pages.router)
    app.include_router(correction_pages.router)
    app.include_router(deposit_pages.router)
    app.include_router(negotiation.router)
    app.include_router(oai_pmh.router)
    app.include_router(openaire_links.router)
    app.include_router(openaire.router)
    app.include_router(openalex.router)
    app.include_router(bulk.router)
    app.include_router(mcp.router)
    app.include_router(skg_if.router)
    app.include_router(sitemap.router)
    app.include_router(frame.router)
    app.include_router(overview.router)
    # The pages of the graph as a source stand before those of searches, whose addresses would match theirs.
    for room in (protocol_pages, graph_pages, search_pages, duplicate_pages, record_pages, history_page, update_page):
        app.include_router(room.router)
    for room in (screen, conflicts, agreement_page, stopping_page, batches, full_texts, flow_pages, places):
        app.include_router(room.router)
    for room in (
        appraisal_page,
        extraction_page,
        builder,
        coding_page,
        method_pages,
        synthesis_page,
        exchange_page,
        report_page,
        publication_page,
    ):
        app.include_router(room.router)
    app.include_router(lists.router)
    app.include_router(pages.router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(SignInNeededError, _on_sign_in_first)
    app.add_exception_handler(ReleaseError, _on_release_error)
    app.add_exception_handler(Exception, _on_failure)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    app.add_middleware(Courtesy)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders, is_https=app.state.people.is_https)
    return app


def _providers(settings: object) -> dict[str, Provider]:
    """By whom people may sign in beside their passwords, by name."""
    if not isinstance(settings, Settings):
        return {}
    hosts = tuple(settings.harvest.allow_hosts)
    return {
        name: Provider(name, one, settings.harvest.contact or settings.graph.contact, hosts)
        for name, one in settings.login.items()
    }


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, without the 422 that FastAPI puts everywhere: here a wrong parameter is a 400."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        for operations in document["paths"].values():
            for operation in operations.values():
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    operation["responses"].pop("422")
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema


class _Static(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        # Addresses of static files carry a mark of their content, so a copy is good for ever.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _is_machine(request: Request) -> bool:
    path, accept = request.url.path, request.headers.get("accept", "")
    asks_for_page = not accept or "text/html" in accept or "*/*" in accept
    is_form = path.endswith((".json", "/linkset")) or "/as/" in path
    return is_form or path.startswith(_DOORS) or not asks_for_page


def _manifest(request: Request) -> Manifest | None:
    try:
        releases: ServedRelease = request.app.state.releases
        return releases.get().manifest
    except ReleaseError:
        return None


def _answer(request: Request, status: int, detail: str) -> Response:
    title = HTTPStatus(status).phrase
    if _is_machine(request):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if request.url.path.startswith("/skg-if/") and status == 422:
            kind = {"type": "https://skg-if.github.io/api/errors#INVALID_FILTER", "title": "INVALID_FILTER"}
            return OrjsonResponse({**problem, **kind, "status": str(status)}, status)
        if request.url.path.startswith("/works"):
            # What OpenAlex's clients look for in an error.
            problem |= {"error": "Invalid query parameters error." if status == 400 else title, "message": detail}
        return OrjsonResponse(problem, status, media_type="application/problem+json")
    headline = {404: "Not found", 503: "Nothing to show yet", 500: "Something went wrong here"}.get(status, title)
    return page("error.html", _manifest(request), status, headline=headline, detail=detail, code=status)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    if error.status_code == 404 and not detail:
        detail = "There is no page at this address."
    answer = _answer(request, error.status_code, detail)
    answer.headers.update(error.headers or {})
    return answer


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("query", "path"))
    return _answer(request, 400, f"{where}: {first['msg']}")


async def _on_sign_in_first(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInNeededError)
    return RedirectResponse(error.address, 303)


async def _on_release_error(request: Request, error: Exception) -> Response:
    return _answer(request, 503, str(error))


async def _on_failure(request: Request, error: Exception) -> Response:
    _LOG.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    answer = _answer(request, 500, "The failure was noted. Try again, or start from a search.")
    # The framework answers failures outside of every middleware.
    answer.headers.update(SECURITY_HEADERS)
    return answer
