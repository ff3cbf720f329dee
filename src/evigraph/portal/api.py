"""The JSON doors: search and product."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.portal.answers import Product, SearchAnswer
from evigraph.portal.search_page import FILTERS, MAX_PAGE_SIZE, PAGE_SIZE, Asked, answer
from evigraph.portal.serving import OrjsonResponse, problems, served
from evigraph.store.document import product_document
from evigraph.store.release import Superseded
from evigraph.store.search import MAX_WINDOW, SORTS

router = APIRouter(default_response_class=OrjsonResponse)

Filter = Annotated[list[str], Query()]


def _search_answer(request: Request) -> dict[str, Any]:
    release = served(request)
    asked = Asked.read(request.query_params.multi_items())
    if asked.offset + asked.per_page > MAX_WINDOW:
        raise HTTPException(400, f"Results can be paged up to {MAX_WINDOW:,}: narrow the search by a filter.")
    sort = request.query_params.get("sort")
    if sort and sort not in SORTS:
        raise HTTPException(400, f"There is no sort {sort!r}: take one of {', '.join(SORTS)}.")
    results = answer(release, asked)
    index_names = {index: name for name, index in FILTERS.items()}
    return {
        "query": asked.q,
        "sort": results.sort,
        "total": results.total,
        "page": asked.page,
        "per_page": asked.per_page,
        "release_id": release.manifest.release_id,
        "notes": list(results.notes),
        "facets": {
            index_names[name]: [{"value": value, "count": n} for value, n in counts]
            for name, counts in results.facets.items()
        },
        "results": results.hits,
    }


@router.get(
    "/api/search",
    response_model=SearchAnswer,
    responses=problems(s400="The sort is unknown, or the page lies beyond the last that can be asked for."),
    summary="Search the served release",
    tags=["products"],
)
def search(
    request: Request,
    q: Annotated[str, Query(description='Words (all of them), "phrases", OR, NOT or -word, field:value, pre*')] = "",
    type: Annotated[Filter, Query(description="publication, dataset, software or other")] = [],  # noqa: B006
    resource_type: Annotated[Filter, Query(description="Article, Preprint, …")] = [],  # noqa: B006
    year: Annotated[Filter, Query(description="2021, 2014-2022, 2014- or -2022")] = [],  # noqa: B006
    access: Annotated[Filter, Query(description="open, embargo, restricted, closed or unknown")] = [],  # noqa: B006
    source: Annotated[Filter, Query(description="name of a source of this graph")] = [],  # noqa: B006
    language: Annotated[Filter, Query(description="ISO 639-3 code")] = [],  # noqa: B006
    keyword: Annotated[Filter, Query(description="a keyword as it is written")] = [],  # noqa: B006
    citation_class: Annotated[Filter, Query(description="C1 to C5")] = [],  # noqa: B006
    influence_class: Annotated[Filter, Query(description="C1 to C5")] = [],  # noqa: B006
    popularity_class: Annotated[Filter, Query(description="C1 to C5")] = [],  # noqa: B006
    impulse_class: Annotated[Filter, Query(description="C1 to C5")] = [],  # noqa: B006
    sort: Annotated[str, Query(description=", ".join(SORTS))] = "relevance",
    page: Annotated[int, Query(ge=1, description="from 1")] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="results a page")] = PAGE_SIZE,
    match: Annotated[str, Query(description="all words, or any of them")] = "all",
) -> Any:
    """Products that match, with the counts of each facet.

    Values of one filter are alternatives; filters hold together. A facet's counts leave its own filter out.
    """
    return OrjsonResponse(_search_answer(request))


@router.get("/search.json", include_in_schema=False)
def search_twin(request: Request) -> Response:
    """The page of results as JSON."""
    return OrjsonResponse(_search_answer(request))


@router.get(
    "/api/products/{identifier:path}",
    response_model=Product,
    responses={
        301: {"description": "The identifier is not the product's own id: `Location` names its address."},
        **problems(s404="This graph holds no product under this identifier."),
    },
    summary="One product",
    tags=["products"],
)
def product(request: Request, identifier: str) -> Response:
    """A product: fields, instances, where each value comes from, indicators with classes.

    `identifier` is a product id, a DOI, a PMID (`pmid:1`), a PMCID, an arXiv or OpenAlex id, or a record id.
    """
    release = served(request)
    resolved = release.resolve(identifier)
    product_id = resolved.product_id if isinstance(resolved, Superseded) else resolved
    if product_id is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    if product_id != identifier:
        return RedirectResponse(f"/api/products/{quote(product_id, safe=':')}", 301)
    document = product_document(release, product_id)
    if document is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    return OrjsonResponse(document)
