"""The JSON doors: search and product."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.model.impact import ENTITY_KINDS
from evigraph.portal.answers import Entity, Impact, Product, SearchAnswer
from evigraph.portal.impact import NAMED, impact_of
from evigraph.portal.search_page import FILTERS, MAX_PAGE_SIZE, PAGE_SIZE, Asked, answer
from evigraph.portal.serving import OrjsonResponse, problems, served
from evigraph.store.document import entity_document, product_document
from evigraph.store.release import Release, Superseded
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
    field: Annotated[Filter, Query(description="a field as a classification names it")] = [],  # noqa: B006
    peer_review: Annotated[Filter, Query(description="yes or no")] = [],  # noqa: B006
    route: Annotated[Filter, Query(description="gold, green, hybrid, bronze or diamond")] = [],  # noqa: B006
    license: Annotated[Filter, Query(description="a licence as it is shown")] = [],  # noqa: B006
    host: Annotated[Filter, Query(description="name of who hosts a copy")] = [],  # noqa: B006
    funder: Annotated[Filter, Query(description="name of a funder")] = [],  # noqa: B006
    project: Annotated[Filter, Query(description="a project as the facet shows it")] = [],  # noqa: B006
    organization: Annotated[Filter, Query(description="name of an organisation")] = [],  # noqa: B006
    country: Annotated[Filter, Query(description="country code of an organisation")] = [],  # noqa: B006
    facets: Annotated[str, Query(description="all: count those too that the page shows on request")] = "",
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


def _asked_for(request: Request, identifier: str) -> tuple[Release, str]:
    """The release, and the id of the product that the identifier names in it.

    Raises:
        HTTPException: 404, there is none.
    """
    release = served(request)
    resolved = release.resolve(identifier)
    product_id = resolved.product_id if isinstance(resolved, Superseded) else resolved
    if product_id is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    return release, product_id


@router.get(
    "/api/products/{identifier:path}/impact",
    response_model=Impact,
    responses={
        301: {"description": "The identifier is not the product's own id: `Location` names its address."},
        **problems(s404="This graph holds no product under this identifier, or it is not ranked."),
    },
    summary="What is behind the indicators of a product",
    tags=["products"],
)
def impact(
    request: Request,
    identifier: str,
    n_citations: Annotated[int, Query(ge=0, description="citing works to name for a score, the weightiest")] = NAMED,
) -> Response:
    """Fair comparisons, what carries influence and popularity, what it would take to the next class, and how the
    product stood in earlier releases. `identifier` as for the product."""
    release, product_id = _asked_for(request, identifier)
    if product_id != identifier:
        return RedirectResponse(f"/api/products/{quote(product_id, safe=':')}/impact", 301)
    found = impact_of(release, product_id, n_citations)
    if found is None:
        raise HTTPException(404, f"The product {product_id} is not ranked: no source states its year.")
    return OrjsonResponse(found)


@router.get(
    "/api/entities/{kind}/{entity_id:path}",
    response_model=Entity,
    responses=problems(s400="The kind is none of those there are.", s404="This graph holds no such entity."),
    summary="Indicators of an author, journal, organization, project or community",
    tags=["entities"],
)
def entity(
    request: Request,
    kind: str,
    entity_id: str,
    page: Annotated[int, Query(ge=1, description="of the products, from 1")] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="products a page")] = PAGE_SIZE,
) -> Response:
    """Sums, the h-index family, and the products that they count, the most cited first.

    `entity_id` is `orcid:…` or `name:…` of an author, `issn:…` or `name:…` of a journal, else the id in this graph.
    """
    release = served(request)
    if kind not in ENTITY_KINDS:
        raise HTTPException(400, f"There is no kind {kind!r}: take one of {', '.join(ENTITY_KINDS)}.")
    found = entity_document(release, kind, entity_id, (page - 1) * per_page, per_page)
    if found is None:
        raise HTTPException(404, f"This graph holds no {kind} {entity_id!r}.")
    return OrjsonResponse({**found, "page": page, "per_page": per_page})


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
    release, product_id = _asked_for(request, identifier)
    if product_id != identifier:
        return RedirectResponse(f"/api/products/{quote(product_id, safe=':')}", 301)
    document = product_document(release, product_id)
    if document is None:
        raise HTTPException(404, f"This graph holds no product under {identifier!r}.")
    return OrjsonResponse(document)
