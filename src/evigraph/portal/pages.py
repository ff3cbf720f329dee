"""The HTML pages."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.model.pid import is_product_id, parse_pid
from evigraph.portal import advanced, kindred
from evigraph.portal.cited_by import LISTED, AskedOfCiting, cited_by
from evigraph.portal.comparison import compare_fields
from evigraph.portal.decided import decisions_of, waiting_for_a_run
from evigraph.portal.doors.negotiation import head_of, negotiated, page_headers
from evigraph.portal.entity_page import KINDS, entity_page
from evigraph.portal.impact import EXPLAINED, impact_of
from evigraph.portal.neighbourhood import neighbourhood
from evigraph.portal.people.deposits import deposits_of
from evigraph.portal.people.links import shown_links, subjects_of
from evigraph.portal.product_page import product_page, reference_lists
from evigraph.portal.rendering import page, product_path
from evigraph.portal.search_page import Asked, search_page
from evigraph.portal.serving import found_product, page_number, served
from evigraph.portal.standing import standing_from
from evigraph.publish.api import FORMATS, sentences
from evigraph.store.release import Release, Superseded
from evigraph.store.search import MAX_WINDOW

router = APIRouter(include_in_schema=False)

#: Citing works that a page names for a score.
_CARRIERS = 10

#: Works that the tour of the start page shows for an indicator.
_TOUR = 5


@router.get("/")
def start(request: Request) -> Response:
    """What this graph holds, and a way in."""
    release = served(request)
    names = {source.name for source in release.manifest.sources}
    within = {"source": ("openalex",)} if "openalex" in names else {}
    tour = []
    for sort in ("influence", "popularity"):
        found = release.search.search("", within, sort, 0, _TOUR, facets=())
        # A work that nobody cites has no place in a tour of what is cited most.
        cited = [card for card in found.hits if (card["counts"] or {}).get("citation_count")]
        if cited:
            tour.append((sort, cited, Asked(filters=within, sort=sort).path()))
    return page("start.html", release.manifest, tour=tour)


@router.get("/search")
def search(request: Request) -> Response:
    """The results of a search; an identifier that was pasted leads to its product."""
    release = served(request)
    asked = Asked.read(request.query_params.multi_items())
    if asked.q and not asked.filters and (product_id := _pasted(release, asked.q)):
        return RedirectResponse(product_path(product_id), 303)
    if asked.offset >= MAX_WINDOW:
        raise HTTPException(404, f"Results are shown up to number {MAX_WINDOW:,}. Narrow the search by a filter.")
    return page("search.html", release.manifest, query=asked.q, found=search_page(release, asked))


@router.get("/search/advanced")
def advanced_search(request: Request) -> Response:
    """The form of the advanced search; filled in, the search that it asks for."""
    if request.query_params.get("go"):
        return RedirectResponse(advanced.address_of(request.query_params), 303)
    return page("advanced.html", served(request).manifest, fields=advanced.FIELDS)


def _pasted(release: Release, text: str) -> str | None:
    """The product that a pasted identifier names; short numbers are words, since they may be years."""
    text = text.strip()
    if " " in text and not text.lower().startswith(("doi", "pmid", "pmcid", "pubmed")):
        return None
    if text.isdecimal() and len(text) < 5:
        return None
    compact = text if ":" not in text or "::" in text else text.replace(": ", ":")
    if not (is_product_id(compact) or "::" in compact or ":" in compact or parse_pid(compact)):
        return None
    return _resolved(release, compact)


def _resolved(release: Release, text: str) -> str | None:
    answer = release.resolve(text)
    return answer.product_id if isinstance(answer, Superseded) else answer


@router.get("/product/{product_id}")
def product(request: Request, product_id: str) -> Response:
    """A product."""
    release = served(request)
    row = found_product(request, product_id)
    if isinstance(row, Response):
        return row
    if other := negotiated(request, row):
        return other
    response = page(
        "product.html",
        release.manifest,
        shown=product_page(release, row),
        pending=waiting_for_a_run(decisions_of(request), release, row),
        links=shown_links(request, release, row),
        deposited=deposits_of(request).waiting_for_a_run(release, subjects_of(row)),
        head=head_of(request, row),
    )
    response.headers.update(page_headers(request, row))
    return response


@router.get("/product/{product_id}/why")
def why(request: Request, product_id: str) -> Response:
    """Why the product's records are one, and what each of them says."""
    release = served(request)
    row = found_product(request, product_id, "why")
    if isinstance(row, Response):
        return row
    records = release.records(row["record_ids"] or [], ("record_id", "source", "datestamp", "payload", "position"))
    return page(
        "why.html",
        release.manifest,
        product=row,
        records=records,
        evidence=release.evidence(row["record_ids"] or []),
        relations=release.record_relations(row["record_ids"] or []),
        fields=compare_fields(release, row),
        pending=waiting_for_a_run(decisions_of(request), release, row),
    )


@router.get("/product/{product_id}/cited-by")
def citing_works(request: Request, product_id: str) -> Response:
    """The works that cite the product."""
    release = served(request)
    row = found_product(request, product_id, "cited-by")
    if isinstance(row, Response):
        return row
    indicator = release.indicator(row["product_id"])
    return page(
        "cited_by.html",
        release.manifest,
        product=row,
        shown=cited_by(release, AskedOfCiting.read(row["product_id"], request.query_params)),
        n_counted=indicator["citation_count"] if indicator else None,
    )


@router.get("/product/{product_id}/cite")
def cite(request: Request, product_id: str) -> Response:
    """The product as a reference: in citation styles, and in each format."""
    release = served(request)
    row = found_product(request, product_id, "cite")
    if isinstance(row, Response):
        return row
    forms = [(one.label, one.media_type, product_path(row["product_id"], f"as/{one.name}")) for one in FORMATS.values()]
    return page("cite.html", release.manifest, product=row, sentences=sentences(row), forms=forms)


@router.get("/product/{product_id}/neighbourhood")
def walk(request: Request, product_id: str) -> Response:
    """The product among what it cites and what cites it."""
    release = served(request)
    row = found_product(request, product_id, "neighbourhood")
    if isinstance(row, Response):
        return row
    return page("neighbourhood.html", release.manifest, product=row, shown=neighbourhood(release, row))


@router.get("/product/{product_id}/related")
def related(request: Request, product_id: str) -> Response:
    """Works related to the product by references and by words in common."""
    release = served(request)
    row = found_product(request, product_id, "related")
    if isinstance(row, Response):
        return row
    coupled = kindred.by_references(release, row["product_id"])
    return page("related.html", release.manifest, product=row, coupled=coupled, alike=kindred.by_text(release, row))


@router.get("/product/{product_id}/references")
def references(request: Request, product_id: str) -> Response:
    """The works that the product cites, in the order of its reference list."""
    release = served(request)
    row = found_product(request, product_id, "references")
    if isinstance(row, Response):
        return row
    number = page_number(request.query_params)
    lists = reference_lists(release, row["product_id"], (number - 1) * LISTED, LISTED)
    wanted = request.query_params.get("record")
    chosen = next((told for told in lists if told.record_id == wanted), lists[0] if lists else None)
    return page(
        "references.html",
        release.manifest,
        product=row,
        lists=lists,
        chosen=chosen,
        number=number,
        n_pages=-(-chosen.n // LISTED) if chosen else 0,
    )


@router.get("/product/{product_id}/impact")
def impact(request: Request, product_id: str) -> Response:
    """What is behind the product's indicators: comparisons, what carries them, the next class, earlier releases."""
    release = served(request)
    row = found_product(request, product_id, "impact")
    if isinstance(row, Response):
        return row
    found = impact_of(release, row["product_id"], _CARRIERS)
    shown = standing_from(found) if found else None
    return page("impact.html", release.manifest, product=row, impact=found, shown=shown, explained=EXPLAINED)


def entity(request: Request, entity_id: str) -> Response:
    """An author, journal, organization, project, community or data source with its products."""
    release = served(request)
    kind = request.url.path.split("/")[1]
    shown = entity_page(release, kind.replace("-", "_"), entity_id, page_number(request.query_params))
    if shown is None:
        raise HTTPException(404, f"This graph holds no {kind.replace('-', ' ')} “{entity_id}”.")
    return page("entity.html", release.manifest, shown=shown)


for _kind in KINDS:
    router.add_api_route(f"/{_kind.replace('_', '-')}/{{entity_id:path}}", entity, methods=["GET"])


@router.get("/doi/{doi:path}")
def by_doi(request: Request, doi: str) -> Response:
    """Leads to the product with this DOI."""
    return _by_identifier(request, doi if doi.lower().startswith("doi:") else f"doi:{doi}", doi)


@router.get("/pmid/{pmid}")
def by_pmid(request: Request, pmid: str) -> Response:
    """Leads to the product with this PubMed id."""
    return _by_identifier(request, f"pmid:{pmid}", pmid)


def _by_identifier(request: Request, text: str, asked: str) -> Response:
    release = served(request)
    product_id = _resolved(release, text)
    if product_id is None:
        raise HTTPException(404, f"This graph holds no product under “{asked}”.")
    return RedirectResponse(product_path(product_id), 302)


@router.get("/indicators")
def indicators(request: Request) -> Response:
    """What the four indicators and their classes mean."""
    manifest = served(request).manifest
    parameters: dict[str, Any] = dict(manifest.ranking.get("parameters") or {})
    return page("indicators.html", manifest, parameters=parameters)


@router.get("/about")
def about(request: Request) -> Response:
    """How this graph was made."""
    return page("about.html", served(request).manifest)
