"""The OpenAIRE Graph API v2 (and the names of its third version): products, organizations, projects, data sources."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from evigraph.portal.doors import openaire_entities as entities
from evigraph.portal.doors.cursors import Cursor, digest, read_cursor, release_of
from evigraph.portal.doors.openaire_filters import PRODUCT_PARAMETERS, product_query
from evigraph.portal.serving import OrjsonResponse, problems, served
from evigraph.publish.api import openaire
from evigraph.store.release import Release, Superseded
from evigraph.store.search import MAX_WINDOW

router = APIRouter(prefix="/graph", tags=["OpenAIRE Graph API"], default_response_class=OrjsonResponse)

MAX_PAGE_SIZE = 100

#: Fields that products can be sorted by, and the orders of the index; None: the order of ids.
SORTS = {
    "relevance": "relevance",
    "publicationDate": "date",
    "dateOfCollection": None,
    "influence": "influence",
    "popularity": "popularity",
    "citationCount": "citation_count",
    "impulse": "impulse",
}
_PAGING = ("page", "pageSize", "cursor", "sortBy", "logicalOperator", "debugQuery")

Page = Annotated[int, Query(ge=1, description="from 1")]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=MAX_PAGE_SIZE, description="results a page")]
CursorText = Annotated[str | None, Query(description="`*` to begin a walk, then `nextCursor` of the page before")]
SortBy = Annotated[str | None, Query(alias="sortBy", description="a field and ASC or DESC, several with commas")]

_SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["header", "results"],
    "properties": {
        "header": {
            "type": "object",
            "required": ["numFound", "queryTime", "pageSize"],
            "properties": {
                "numFound": {"type": "integer", "minimum": 0},
                "maxScore": {"type": ["number", "null"]},
                "queryTime": {"type": "integer"},
                "page": {"type": "integer"},
                "pageSize": {"type": "integer"},
                "nextCursor": {"type": "string", "description": "absent on the last page"},
            },
        },
        "results": {"type": "array"},
    },
}
_ENTITY: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
_SHAPE["properties"]["results"]["items"] = _ENTITY


def _listed(what: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": _SHAPE}}
    return {
        200: {"description": f"A page of {what}", "content": content},
        **problems(s400="A parameter is unknown or has a value that cannot be."),
    }


def _single(what: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": _ENTITY}}
    return {
        200: {"description": what, "content": content},
        **problems(s404="This graph holds nothing under this id."),
    }


def _parameters(names: dict[str, str]) -> dict[str, Any]:
    """Repeatable parameters as the description states them."""
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": meaning,
                "schema": {"type": "array", "items": {"type": "string"}},
                "explode": True,
            }
            for name, meaning in names.items()
        ]
    }


def product_document(release: Release, product_id: str) -> dict[str, Any] | None:
    """A product as OpenAIRE's API gives it, None where this release does not hold it."""
    row = release.product(product_id)
    if row is None:
        return None
    labels = {source.name: source.label for source in release.manifest.sources}
    return openaire.product(row, release.indicator(product_id), release.entities.of_product(product_id), labels)


def _asked_by(request: Request, known: dict[str, str]) -> dict[str, list[str]]:
    """The filters of a request.

    Raises:
        HTTPException: 400, a parameter is not known.
    """
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name in _PAGING:
            continue
        if name not in known:
            raise HTTPException(400, f"There is no parameter {name!r}: take one of {', '.join(known)}.")
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    return given


def _sorted_by(text: str | None, sorts: dict[str, str | None]) -> tuple[str | None, bool]:
    """The order that `sortBy` names first, and whether it ascends; orders are total, so the first decides.

    Raises:
        HTTPException: 400, a field is none that can be sorted by.
    """
    chosen: list[tuple[str | None, bool]] = []
    for part in (text or "relevance").split(","):
        name, _, direction = part.strip().partition(" ")
        if name not in sorts or direction.strip().upper() not in ("", "ASC", "DESC"):
            known = ", ".join(sorts)
            raise HTTPException(400, f"Nothing can be sorted by {part.strip()!r}: take {known}, each ASC or DESC.")
        chosen.append((sorts[name], direction.strip().upper() == "ASC"))
    return chosen[0]


def _window(page: int, page_size: int) -> int:
    if page * page_size > MAX_WINDOW:
        raise HTTPException(400, f"Pages reach {MAX_WINDOW:,} results: walk further with cursor=*.")
    return (page - 1) * page_size


@router.get(
    "/v2/researchProducts",
    responses=_listed("research products"),
    summary="Research products, filtered",
    openapi_extra=_parameters(PRODUCT_PARAMETERS),
)
@router.get("/v1/researchProducts", include_in_schema=False)
@router.get("/v3/research-products", include_in_schema=False)
def research_products(
    request: Request,
    page: Page = 1,
    page_size: PageSize = 10,
    cursor: CursorText = None,
    sort_by: SortBy = None,
) -> Response:
    """Research products: values of one parameter are alternatives, parameters hold together (see `logicalOperator`)."""
    started = time.perf_counter()
    release = served(request)
    given = _asked_by(request, PRODUCT_PARAMETERS)
    order, ascends = _sorted_by(sort_by, SORTS)
    operator = request.query_params.get("logicalOperator", "AND").upper()
    if operator not in ("AND", "OR", "NOT"):
        raise HTTPException(400, "logicalOperator is AND, OR or NOT.")
    asked_mark = digest(sorted(given.items()), order, ascends, operator)
    after = None
    if cursor and cursor != "*":
        place = read_cursor(cursor, asked_mark)
        release, after = release_of(request, place.release_id), place.after
    query = product_query(release, given, operator)
    is_ranked_order = order in ("influence", "popularity", "citation_count", "impulse", "date")
    header: dict[str, Any] = {"numFound": 0, "maxScore": None, "queryTime": 0}
    if cursor or order != "relevance" or query is None:
        by = order if is_ranked_order else ("popularity" if order == "relevance" and not cursor else None)
        offset = 0 if cursor else _window(page, page_size)
        walked = release.search.walk(query, by, after=after, offset=offset, limit=page_size, is_reversed=ascends)
        cards, header["numFound"] = walked.hits, walked.total
        if cursor and walked.next is not None:
            header["nextCursor"] = str(Cursor(release.manifest.release_id, asked_mark, walked.next))
    else:
        found = release.search.page(query, "relevance", _window(page, page_size), page_size)
        cards, header["numFound"] = found.hits, found.total
        header["maxScore"] = found.scores[0] if found.scores else None
    if not cursor:
        header["page"] = page
    header["pageSize"] = page_size
    results = [product_document(release, card["product_id"]) for card in cards]
    header["queryTime"] = round((time.perf_counter() - started) * 1000)
    return OrjsonResponse({"header": header, "results": [one for one in results if one]})


@router.get(
    "/v2/researchProducts/{identifier:path}", responses=_single("A research product"), summary="One research product"
)
@router.get("/v1/researchProducts/{identifier:path}", include_in_schema=False)
@router.get("/v3/research-products/{identifier:path}", include_in_schema=False)
def research_product(request: Request, identifier: str) -> Response:
    """A product by its id, OpenAIRE's form of it, or any identifier that the graph knows."""
    release = served(request)
    answer = release.resolve(identifier)
    product_id = answer.product_id if isinstance(answer, Superseded) else answer
    document = product_document(release, product_id) if product_id else None
    if document is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    return OrjsonResponse(document)


def _entities(
    request: Request, kind: entities.Kind, page: int, page_size: int, cursor: str | None, sort_by: str | None
) -> Response:
    started = time.perf_counter()
    release = served(request)
    given = _asked_by(request, kind.parameters)
    column, ascends = _sorted_by(sort_by, {"relevance": None, **kind.sorts})
    asked_mark = digest(kind.name, sorted(given.items()), column, ascends)
    offset = 0 if cursor else _window(page, page_size)
    if cursor and cursor != "*":
        place = read_cursor(cursor, asked_mark)
        release, offset = release_of(request, place.release_id), place.after
    table = release.entities.kind(kind.name)
    rows, total = table.rows(kind.chosen(release, given), offset, page_size, column, not ascends)
    header: dict[str, Any] = {"numFound": total, "maxScore": None, "queryTime": 0}
    if not cursor:
        header["page"] = page
    elif offset + len(rows) < total:
        header["nextCursor"] = str(Cursor(release.manifest.release_id, asked_mark, offset + len(rows)))
    header["pageSize"] = page_size
    header["queryTime"] = round((time.perf_counter() - started) * 1000)
    return OrjsonResponse({"header": header, "results": [kind.write(row) for row in rows]})


def _entity(request: Request, kind: entities.Kind, identifier: str) -> Response:
    row = served(request).entities.kind(kind.name).get(identifier)
    if row is None:
        raise HTTPException(404, f"This graph holds nothing under {identifier!r}.")
    return OrjsonResponse(kind.write(row))


@router.get(
    "/v2/organizations",
    responses=_listed("organizations"),
    summary="Organizations, filtered",
    openapi_extra=_parameters(entities.ORGANIZATIONS.parameters),
)
@router.get("/v1/organizations", include_in_schema=False)
@router.get("/v3/organizations", include_in_schema=False)
def organizations(
    request: Request,
    page: Page = 1,
    page_size: PageSize = 10,
    cursor: CursorText = None,
    sort_by: SortBy = None,
) -> Response:
    """Organizations."""
    return _entities(request, entities.ORGANIZATIONS, page, page_size, cursor, sort_by)


@router.get("/v2/organizations/{identifier:path}", responses=_single("An organization"), summary="One organization")
@router.get("/v1/organizations/{identifier:path}", include_in_schema=False)
@router.get("/v3/organizations/{identifier:path}", include_in_schema=False)
def organization(request: Request, identifier: str) -> Response:
    """An organization by its id."""
    return _entity(request, entities.ORGANIZATIONS, identifier)


@router.get(
    "/v2/projects",
    responses=_listed("projects"),
    summary="Projects, filtered",
    openapi_extra=_parameters(entities.PROJECTS.parameters),
)
@router.get("/v1/projects", include_in_schema=False)
@router.get("/v3/projects", include_in_schema=False)
def projects(
    request: Request,
    page: Page = 1,
    page_size: PageSize = 10,
    cursor: CursorText = None,
    sort_by: SortBy = None,
) -> Response:
    """Funded projects."""
    return _entities(request, entities.PROJECTS, page, page_size, cursor, sort_by)


@router.get("/v2/projects/{identifier:path}", responses=_single("A project"), summary="One project")
@router.get("/v1/projects/{identifier:path}", include_in_schema=False)
@router.get("/v3/projects/{identifier:path}", include_in_schema=False)
def project(request: Request, identifier: str) -> Response:
    """A project by its id."""
    return _entity(request, entities.PROJECTS, identifier)


@router.get(
    "/v2/dataSources",
    responses=_listed("data sources"),
    summary="Data sources, filtered",
    openapi_extra=_parameters(entities.DATA_SOURCES.parameters),
)
@router.get("/v1/dataSources", include_in_schema=False)
@router.get("/v3/datasources", include_in_schema=False)
def data_sources(
    request: Request,
    page: Page = 1,
    page_size: PageSize = 10,
    cursor: CursorText = None,
    sort_by: SortBy = None,
) -> Response:
    """Repositories, journals, aggregators."""
    return _entities(request, entities.DATA_SOURCES, page, page_size, cursor, sort_by)


@router.get("/v2/dataSources/{identifier:path}", responses=_single("A data source"), summary="One data source")
@router.get("/v1/dataSources/{identifier:path}", include_in_schema=False)
@router.get("/v3/datasources/{identifier:path}", include_in_schema=False)
def data_source(request: Request, identifier: str) -> Response:
    """A data source by its id."""
    return _entity(request, entities.DATA_SOURCES, identifier)
