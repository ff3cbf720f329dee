"""A listing of products in the manner of OpenAlex: filter, search, sort, group_by, select, pages and cursors."""

from __future__ import annotations

import difflib
import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.portal.doors.cursors import Cursor, digest, read_cursor, release_of
from evigraph.portal.doors.openalex_filters import FILTERS, both, search_node, works_query
from evigraph.portal.serving import OrjsonResponse, base_address, problems, served
from evigraph.publish.api import openalex
from evigraph.store.release import Release, Superseded
from evigraph.store.search import MAX_WINDOW

router = APIRouter(tags=["OpenAlex-style listing"], default_response_class=OrjsonResponse)

MAX_PER_PAGE = 200
_GROUPS = 200

#: Fields to sort by and the orders of the index.
SORTS = {
    "relevance_score": "relevance",
    "cited_by_count": "citation_count",
    "publication_date": "date",
    "publication_year": "date",
    "popularity": "popularity",
    "influence": "influence",
    "impulse": "impulse",
}

#: Fields to group by and the facets of the index.
GROUPS = {
    "publication_year": "year",
    "type": "type",
    "language": "language",
    "keywords.id": "subject",
    "resource_type": "resource_type",
    "access_right": "access",
    **dict.fromkeys(("oa_status", "open_access.oa_status"), "route"),
    **dict.fromkeys(("institutions.country_code", "authorships.institutions.country_code"), "country"),
    "institutions.display_name": "organization",
    "primary_location.source.display_name": "host",
    "awards.funder_display_name": "funder",
    "license": "license",
    "peer_review": "peer_review",
    "source": "source",
    "citation_count_class": "citation_count_class",
    "popularity_class": "popularity_class",
    "influence_class": "influence_class",
    "impulse_class": "impulse_class",
}

#: Works whose reference lists a page gives whole; longer lists are given by the single work alone.
_REFERENCES_LISTED = 200

_PARAMETERS = ("filter", "search", "sort", "group_by", "select", "per_page", "page", "cursor", "mailto", "api_key")

_WORK: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}}}
_LIST: dict[str, Any] = {
    "type": "object",
    "required": ["meta", "results", "group_by"],
    "properties": {
        "meta": {
            "type": "object",
            "required": ["count", "db_response_time_ms", "per_page", "groups_count"],
            "properties": {
                "count": {"type": "integer"},
                "db_response_time_ms": {"type": "integer"},
                "page": {"type": ["integer", "null"]},
                "per_page": {"type": "integer"},
                "groups_count": {"type": ["integer", "null"]},
                "next_cursor": {"type": ["string", "null"]},
                "release_id": {"type": "string"},
            },
        },
        "results": {"type": "array", "items": _WORK},
        "group_by": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "key_display_name", "count"],
                "properties": {
                    "key": {"type": "string"},
                    "key_display_name": {"type": "string"},
                    "count": {"type": "integer"},
                },
            },
        },
    },
}


def _whole(text: str | None, usual: int, most: int, name: str) -> int:
    if text is None or text == "":
        return usual
    if not text.isascii() or not text.isdecimal() or len(text) > 7 or not 1 <= int(text) <= most:
        raise HTTPException(400, f"Invalid query parameters: {name} is a number from 1 to {most:,}.")
    return int(text)


def work_document(request: Request, release: Release, product_id: str, references: int | None) -> dict[str, Any] | None:
    """A product as a work of OpenAlex, with at most so many references; None where the release does not hold it."""
    row = release.product(product_id)
    if row is None:
        return None
    base = base_address(request)
    referenced = [f"{base}/product/{other}" for other in release.related_ids(product_id, "Cites", limit=references)]
    organizations = release.entities.of_product(product_id).get("organization", [])
    document = openalex.work(row, release.indicator(product_id), organizations, referenced, base)
    return {**document, "release_id": release.manifest.release_id}


def _given(request: Request) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        plain = name.replace("-", "_")
        if plain not in _PARAMETERS:
            close = difflib.get_close_matches(plain, _PARAMETERS, 1, 0.5)
            hint = f" Did you mean {close[0]}?" if close else f" Take one of {', '.join(_PARAMETERS)}."
            raise HTTPException(400, f"Invalid query parameters: there is no parameter {name!r}.{hint}")
        given[plain] = value
    return given


def _order(text: str | None, has_words: bool) -> tuple[str, bool]:
    """The order that `sort` names, and whether it ascends."""
    if not text:
        return ("relevance" if has_words else "citation_count"), False
    name, _, direction = text.split(",")[0].strip().partition(":")
    if name not in SORTS or direction not in ("", "asc", "desc"):
        raise HTTPException(400, f"Invalid query parameters: sort by {', '.join(SORTS)}, with :desc or :asc.")
    if SORTS[name] == "relevance" and not has_words:
        raise HTTPException(400, "Invalid query parameters: relevance_score needs a search.")
    return SORTS[name], direction != "desc"


def _selected(text: str | None) -> frozenset[str] | None:
    if not text:
        return None
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    unknown = sorted(names - set(openalex.FIELDS))
    if unknown:
        close = difflib.get_close_matches(unknown[0], openalex.FIELDS, 1, 0.5)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise HTTPException(400, f"Invalid query parameters: there is no field {unknown[0]!r} to select.{hint}")
    return names


@router.get(
    "/works",
    responses={
        200: {"description": "A page of works", "content": {"application/json": {"schema": _LIST}}},
        **problems(s400="A parameter, filter or field is not known, or a value cannot be."),
    },
    summary="Products, filtered, sorted, grouped",
)
def works(
    request: Request,
    filter: Annotated[str | None, Query(description=f"name:value,name:value of {', '.join(FILTERS)}")] = None,
    search: Annotated[str | None, Query(description="words, phrases, OR, NOT")] = None,
    sort: Annotated[str | None, Query(description=", ".join(SORTS))] = None,
    group_by: Annotated[str | None, Query(description=", ".join(GROUPS))] = None,
    select: Annotated[str | None, Query(description="top-level fields")] = None,
    per_page: Annotated[str | None, Query(description=f"1 to {MAX_PER_PAGE}")] = None,
    page: Annotated[str | None, Query(description="from 1")] = None,
    cursor: Annotated[str | None, Query(description="* to begin a walk, then next_cursor")] = None,
    mailto: Annotated[str | None, Query(description="who asks; not needed")] = None,
) -> Response:
    """Products as works. `per-page` and `group-by` are understood too."""
    started = time.perf_counter()
    given = _given(request)
    release = served(request)
    size = _whole(given.get("per_page"), 25, MAX_PER_PAGE, "per_page")
    number = _whole(given.get("page"), 1, MAX_WINDOW, "page")
    words = given.get("search", "").strip()
    fields = _selected(given.get("select"))
    node = search_node(words) if words else None
    order, ascends = _order(given.get("sort"), node is not None or ".search:" in given.get("filter", ""))
    mark = digest(given.get("filter"), words, given.get("sort"))
    after = None
    place_text = given.get("cursor")
    if place_text and place_text != "*":
        place = read_cursor(place_text, mark)
        release, after = release_of(request, place.release_id), place.after
    asked = works_query(release, given["filter"]) if given.get("filter") else None
    query = both(node, asked)
    meta: dict[str, Any] = {"count": 0, "db_response_time_ms": 0, "page": number, "per_page": size}
    results: list[dict[str, Any] | None] = []
    groups: list[dict[str, Any]] = []
    if given.get("group_by"):
        groups, meta["count"] = _grouped(release, given["group_by"], query)
    else:
        if not place_text and number * size > MAX_WINDOW:
            raise HTTPException(400, f"Invalid query parameters: pages reach {MAX_WINDOW:,} results, use cursor=*.")
        if order == "relevance" and not place_text:
            found = release.search.page(query, "relevance", (number - 1) * size, size)
            cards, meta["count"] = found.hits, found.total
        else:
            by = None if order == "relevance" else order
            offset = 0 if place_text else (number - 1) * size
            walked = release.search.walk(query, by, after=after, offset=offset, limit=size, is_reversed=ascends)
            cards, meta["count"] = walked.hits, walked.total
            if place_text:
                following = Cursor(release.manifest.release_id, mark, walked.next) if walked.next is not None else None
                meta |= {"page": None, "next_cursor": str(following) if following else None}
        results = [work_document(request, release, card["product_id"], _REFERENCES_LISTED) for card in cards]
    meta["groups_count"] = len(groups) if given.get("group_by") else None
    meta["release_id"] = release.manifest.release_id
    meta["db_response_time_ms"] = round((time.perf_counter() - started) * 1000)
    shown = [one if fields is None else _only(one, fields) for one in results if one]
    return OrjsonResponse({"meta": meta, "results": shown, "group_by": groups})


def _grouped(release: Release, name: str, query: Any) -> tuple[list[dict[str, Any]], int]:
    plain = name.removesuffix(":include_unknown")
    if plain not in GROUPS:
        raise HTTPException(400, f"Invalid query parameters: group by {', '.join(GROUPS)}.")
    counted, total = release.search.counts(query, GROUPS[plain], _GROUPS)
    groups = [{"key": value, "key_display_name": value, "count": n} for value, n in counted]
    missing = total - sum(n for _, n in counted)
    # A product has one year and one type at most, so that what is missing has none.
    if name.endswith(":include_unknown") and plain in ("publication_year", "type", "language") and missing > 0:
        groups.append({"key": "unknown", "key_display_name": "unknown", "count": missing})
    return groups, total


def _only(document: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in fields}


@router.get(
    "/works/{identifier:path}",
    responses={
        200: {"description": "A work", "content": {"application/json": {"schema": _WORK}}},
        301: {"description": "The id was merged into another: `Location` names its address."},
        **problems(s400="A field to select is not known.", s404="This graph holds no product under this identifier."),
    },
    summary="One product as a work",
)
def work(
    request: Request,
    identifier: str,
    select: Annotated[str | None, Query(description="top-level fields")] = None,
) -> Response:
    """A product by its id, `doi:…`, `pmid:…`, or the address of its DOI or page."""
    release = served(request)
    plain = identifier.rsplit("/product/", 1)[-1]
    for scheme in ("https:/", "http:/"):
        # Servers in between make one slash of two.
        if plain.startswith(scheme) and not plain.startswith(f"{scheme}/"):
            plain = f"{scheme}/{plain.removeprefix(scheme)}"
    answer = release.resolve(plain)
    if isinstance(answer, Superseded):
        return RedirectResponse(f"/works/{quote(answer.product_id, safe=':')}", 301)
    fields = _selected(select)
    document = work_document(request, release, answer, None) if answer else None
    if document is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    return OrjsonResponse(document if fields is None else _only(document, fields))
