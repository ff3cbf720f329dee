"""Links between products, as `/researchProducts/links` of OpenAIRE's API gives them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from evigraph.model.relation import INVERSE
from evigraph.portal.rendering import pid_address
from evigraph.portal.serving import OrjsonResponse, problems, served
from evigraph.store.keyed import Row
from evigraph.store.release import Release, Superseded

router = APIRouter(prefix="/graph", tags=["OpenAIRE Graph API"], default_response_class=OrjsonResponse)

_PARAMETERS = frozenset({"sourcePid", "targetPid", "relation", "page", "pageSize"})
_COLUMNS = ("title", "type", "published_on", "authors", "pids", "instances", "sources")
_AUTHORS = 50

_SHAPE = {
    "type": "object",
    "required": ["header", "results"],
    "properties": {"header": {"type": "object"}, "results": {"type": "array", "items": {"type": "object"}}},
}


def _product(release: Release, pid: str) -> str | None:
    answer = release.resolve(pid)
    return answer.product_id if isinstance(answer, Superseded) else answer


@router.get(
    "/v2/researchProducts/links",
    responses={
        200: {"description": "A page of links", "content": {"application/json": {"schema": _SHAPE}}},
        **problems(s400="Neither end is named, or a parameter is not known."),
    },
    summary="Links between products",
)
@router.get("/v1/researchProducts/links", include_in_schema=False)
@router.get("/v3/research-products/links", include_in_schema=False)
def links(
    request: Request,
    source_pid: Annotated[str | None, Query(alias="sourcePid", description="an identifier of the source")] = None,
    target_pid: Annotated[str | None, Query(alias="targetPid", description="an identifier of the target")] = None,
    relation: Annotated[str | None, Query(description="Cites, IsCitedBy, IsSupplementTo, …")] = None,
    page: Annotated[int, Query(ge=0, le=100_000, description="from 0")] = 0,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100, description="links a page")] = 10,
) -> Response:
    """The links of one product to others, or between two; pages are counted from 0."""
    started = time.perf_counter()
    for name in request.query_params:
        if name not in _PARAMETERS:
            raise HTTPException(400, f"There is no parameter {name!r}: take {', '.join(sorted(_PARAMETERS))}.")
    if source_pid is None and target_pid is None:
        raise HTTPException(400, "Name one end at least: sourcePid or targetPid.")
    release = served(request)
    source = _product(release, source_pid) if source_pid is not None else None
    target = _product(release, target_pid) if target_pid is not None else None
    # Every link is held in both directions, so those to a product are its own, turned round.
    own, other = (source, target) if source_pid is not None else (target, None)
    is_turned = source_pid is None
    found: list[tuple[str, str]] = []
    if own and (other or source_pid is None or target_pid is None):
        for name in sorted(release.relation_counts(own)):
            told = INVERSE.get(name, name) if is_turned else name
            if relation is None or told == relation:
                found += [(told, key) for key in release.related_ids(own, name) if other is None or key == other]
    chosen = found[page * page_size : (page + 1) * page_size]
    rows = release.products({key for _, key in chosen} | ({own} if own else set()), _COLUMNS)
    labels = {one.name: one.label for one in release.manifest.sources}
    results = []
    for name, key in chosen:
        ends = (_node(rows.get(str(own)), labels), _node(rows.get(key), labels))
        left, right = ends[::-1] if is_turned else ends
        results.append({"source": left, "relType": {"name": name, "typeSchema": "datacite"}, "target": right})
    header = {
        "numFound": len(found),
        "totalLinks": len(found),
        "totalPages": -(-len(found) // page_size),
        "page": page,
        "pageSize": page_size,
        "queryTime": round((time.perf_counter() - started) * 1000),
    }
    return OrjsonResponse({"header": header, "results": results})


@router.get(
    "/v2/researchProducts/links/relations-info",
    responses={
        200: {
            "description": "The relations",
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}},
        },
        **problems(),
    },
    summary="Names of relations",
)
@router.get("/v1/researchProducts/links/relations-info", include_in_schema=False)
@router.get("/v3/research-products/links/relations-info", include_in_schema=False)
def relations_info() -> Response:
    """The relations that links may have, each with its name read from the other end."""
    return OrjsonResponse([{"name": name, "inverse": inverse} for name, inverse in sorted(INVERSE.items())])


def _node(row: Row | None, labels: Mapping[str, str]) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "title": row["title"],
        "type": row["type"],
        "instanceType": next((one["resource_type"] for one in row["instances"] or [] if one["resource_type"]), None),
        "publicationDate": row["published_on"],
        "identifiers": [
            {"id": row["product_id"], "idScheme": "openaireIdentifier", "idUrl": None},
            *(
                {"id": pid["value"], "idScheme": pid["scheme"], "idUrl": pid_address(pid["scheme"], pid["value"])}
                for pid in row["pids"] or []
            ),
        ],
        "authors": [{"name": one["full_name"], "identifiers": []} for one in (row["authors"] or [])[:_AUTHORS]],
        "collectedFrom": [{"name": labels.get(name, name), "identifiers": []} for name in row["sources"] or []],
    }
