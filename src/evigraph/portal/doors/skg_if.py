"""SKG-IF (skg-if.github.io): the graph by the interoperability framework's API 1.0.0, data model 1.1.0."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from evigraph.model.pid import make_pid, normalise_issn, normalise_orcid, normalise_ror
from evigraph.portal.doors.cursors import Cursor, digest, read_cursor, release_of
from evigraph.portal.doors.expressions import all_of, any_of, words_in
from evigraph.portal.serving import OrjsonResponse, base_address, problems, served
from evigraph.publish.api import skg_if
from evigraph.store import marks
from evigraph.store.query import Exact, Node, Or
from evigraph.store.release import Release, Superseded
from evigraph.store.search import citing

router = APIRouter(prefix="/skg-if", tags=["SKG-IF"], default_response_class=OrjsonResponse)

MAX_PAGE_SIZE = 100
_LISTED = 100
_FOLLOWED = 20_000
_NOTHING = Or(())
_TYPES = {name: kind for kind, name in skg_if.PRODUCT_TYPES.items()} | {"other": "other"}
_ENTITY = {"type": "object", "required": ["@context", "@graph"]}
_INVALID: dict[str, Any] = {
    "description": "A filter is unknown, or has a value that cannot be.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {name: {"type": "string"} for name in ("type", "title", "status", "detail")},
            }
        }
    },
}
_TABLES = {"organisations": "organization", "grants": "project", "datasources": "data_source"}
_NAMED = {
    "organization": ("legal_name", "short_name", "alternative_names"),
    "project": ("title", "acronym"),
    "data_source": ("official_name", "english_name"),
}

Filter = Annotated[str | None, Query(description="name:value,name:value; all hold together")]
PageText = Annotated[str | None, Query(alias="page", description="what next_page of the page before says")]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="things a page")]


def _responses(*, is_list: bool) -> dict[int | str, dict[str, Any]]:
    found = {"description": "JSON-LD of SKG-IF", "content": {"application/json": {"schema": _ENTITY}}}
    if not is_list:
        return {200: found, **problems(s400="A parameter has a value that cannot be.", s404="There is none.")}
    return {200: found, 422: _INVALID, **problems(s400="A parameter has a value that cannot be.")}


class InvalidFilter(HTTPException):
    """A filter that is not known or cannot be: 422, told in the form of the specification."""

    def __init__(self, detail: str) -> None:
        super().__init__(422, detail)


def _ids(request: Request) -> skg_if.Identifiers:
    return skg_if.Identifiers(f"{base_address(request)}/")


def _context(request: Request) -> list[Any]:
    return [*skg_if.CONTEXTS, {"@base": f"{base_address(request)}/product/"}]


def _here(request: Request, query: str) -> str:
    """The address of this request with another query."""
    address = f"{base_address(request)}{request.url.path}"
    return f"{address}?{query}" if query else address


def _single(request: Request, identifier: str, thing: dict[str, Any] | None) -> Response:
    if thing is None:
        raise HTTPException(404, f"This graph holds nothing under {identifier!r}.")
    meta = {"local_identifier": _here(request, request.url.query), "entity_type": "single_entity"}
    return OrjsonResponse({"@context": _context(request), "meta": meta, "@graph": [thing]})


def _page(request: Request, things: list[dict[str, Any]], total: int, following: str | None) -> Response:
    here = _here(request, request.url.query)
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]

    def address(page: str | None) -> str:
        query = urlencode([*pairs, *([("page", page)] if page else [])])
        return _here(request, query)

    def page_of(page: str | None) -> dict[str, str]:
        return {"local_identifier": address(page), "entity_type": "search_result_page"}

    meta: dict[str, Any] = {
        "local_identifier": here,
        "entity_type": "search_result_page",
        "part_of": {
            "local_identifier": address(None),
            "entity_type": "search_result",
            "total_items": total,
            "first_page": page_of(None),
        },
    }
    if following:
        meta["next_page"] = page_of(following)
    return OrjsonResponse({"@context": _context(request), "meta": meta, "@graph": things})


def _asked(text: str | None) -> dict[str, str]:
    asked: dict[str, str] = {}
    for part in (text or "").split(","):
        name, colon, value = part.strip().partition(":")
        if part.strip() and (not colon or not value.strip()):
            raise InvalidFilter(f"A filter is written name:value; {part.strip()!r} is not.")
        if part.strip():
            asked[name.strip()] = value.strip()
    return asked


def _product(release: Release, product_id: str, ids: skg_if.Identifiers) -> dict[str, Any] | None:
    row = release.product(product_id)
    if row is None:
        return None
    related = {
        name: release.related_ids(product_id, relation, limit=_LISTED) for name, relation in skg_if.RELATIONS.items()
    }
    return skg_if.product(row, release.entities.of_product(product_id), related, ids)


def _resolved(release: Release, identifier: str) -> str | None:
    """The product of an identifier: ours as an address or alone, or a DOI and the like."""
    answer = release.resolve(unquote(identifier).rsplit("/product/", 1)[-1])
    return answer.product_id if isinstance(answer, Superseded) else answer


def _query(release: Release, asked: dict[str, str]) -> Node | None:
    nodes: list[Node] = []
    for name, value in asked.items():
        match name:
            case "product_type":
                kind = _TYPES.get(value)
                nodes.append(Exact("mark", marks.kind(kind)) if kind else _NOTHING)
            case "identifiers.id":
                nodes.append(_by_pid(release, asked.get("identifiers.scheme"), value))
            case "identifiers.scheme":
                if "identifiers.id" not in asked:
                    if value != "doi":
                        raise InvalidFilter("identifiers.scheme stands beside identifiers.id, or is doi.")
                    nodes.append(Exact("mark", marks.HAS_DOI))
            case "contributions.person.identifiers.id" | "contributions.by.identifiers.id" | "cf.contributions_orcid":
                orcid = normalise_orcid(value)
                nodes.append(Exact("orcid", orcid) if orcid else _NOTHING)
            case "contributions.person.identifiers.scheme" | "contributions.by.identifiers.scheme":
                if value != "orcid":
                    nodes.append(_NOTHING)
            case "cf.search.title":
                nodes.append(words_in("title")(value, False))
            case "cf.search.title_abstract":
                nodes.append(any_of([words_in("title")(value, False), words_in("abstract")(value, False)]))
            case "cf.contributions_aff_ror":
                ror = normalise_ror(value) or normalise_ror(f"https://ror.org/{value}")
                nodes.append(Exact("mark", marks.ror(ror)) if ror else _NOTHING)
            case "cf.cites" | "cf.cites_doi":
                product_id = _resolved(release, value)
                nodes.append(citing(product_id) if product_id else _NOTHING)
            case "cf.cited_by" | "cf.cited_by_doi":
                product_id = _resolved(release, value)
                others = release.related_ids(product_id, "Cites", limit=_FOLLOWED) if product_id else []
                nodes.append(any_of([Exact("product_id", other) for other in others]))
            case _:
                raise InvalidFilter(f"There is no filter {name!r} for products.")
    return all_of(nodes)


def _by_pid(release: Release, scheme: str | None, value: str) -> Node:
    if scheme is None:
        product_id = _resolved(release, value)
        return Exact("product_id", product_id) if product_id else _NOTHING
    pid = make_pid(scheme, value)
    return Exact("pid", str(pid)) if pid else _NOTHING


def _place(request: Request, release: Release, page: str | None, mark: str) -> tuple[Release, int | None]:
    if page in (None, "", "1"):
        return release, None
    assert page is not None
    cursor = read_cursor(page, mark)
    return release_of(request, cursor.release_id), cursor.after


@router.get("/products", responses=_responses(is_list=True), summary="Products")
def products(request: Request, filter: Filter = None, page_text: PageText = None, page_size: PageSize = 20) -> Response:
    """Products in order of their ids."""
    mark = digest("products", filter)
    release, after = _place(request, served(request), page_text, mark)
    query = _query(release, _asked(filter))
    walked = release.search.walk(query, None, after=after, limit=page_size)
    ids = _ids(request)
    things = [_product(release, card["product_id"], ids) for card in walked.hits]
    following = str(Cursor(release.manifest.release_id, mark, walked.next)) if walked.next is not None else None
    return _page(request, [one for one in things if one], walked.total, following)


@router.get("/products/{local_identifier:path}", responses=_responses(is_list=False), summary="One product")
def product(request: Request, local_identifier: str) -> Response:
    """A product by its identifier, as an address or alone."""
    release = served(request)
    product_id = _resolved(release, local_identifier)
    thing = _product(release, product_id, _ids(request)) if product_id else None
    return _single(request, local_identifier, thing)


def _entities(request: Request, door: str, text: str | None, page: str | None, size: int) -> Response:
    mark = digest(door, text)
    release, after = _place(request, served(request), page, mark)
    table = release.entities.kind(_TABLES[door])
    chosen = table.every()
    for name, value in _asked(text).items():
        match name:
            case "identifiers.id" | "identifiers.value":
                hits = table.having_pid(value) if "pids" in table.table.names else table.having_key([])
            case "identifiers.scheme":
                continue
            case "name" | "cf.search.name" | "cf.search.title" | "titles":
                hits = table.containing(_NAMED[table.table.name], value)
            case "country" if door == "organisations":
                hits = table.having("country_code", value)
            case "grant_number" if door == "grants":
                hits = table.having("code", value)
            case _:
                raise InvalidFilter(f"There is no filter {name!r} for {door}.")
        chosen = table.both(chosen, hits)
    offset = after or 0
    rows, total = table.rows(chosen, offset, size)
    end = offset + len(rows)
    following = str(Cursor(release.manifest.release_id, mark, end)) if end < total else None
    ids = _ids(request)
    return _page(request, [skg_if.WRITERS[table.table.name](row, ids) for row in rows], total, following)


def _entity(request: Request, door: str, identifier: str) -> Response:
    kind = door.removesuffix("s")
    key = unquote(identifier).rsplit(f"/{kind}/", 1)[-1]
    table = served(request).entities.kind(_TABLES[door])
    row = table.get(key)
    return _single(request, identifier, skg_if.WRITERS[table.table.name](row, _ids(request)) if row else None)


@router.get("/organisations", responses=_responses(is_list=True), summary="Organisations")
def organisations(
    request: Request, filter: Filter = None, page_text: PageText = None, page_size: PageSize = 20
) -> Response:
    """Organisations in order of their ids."""
    return _entities(request, "organisations", filter, page_text, page_size)


@router.get("/organisations/{local_identifier:path}", responses=_responses(is_list=False), summary="One organisation")
def organisation(request: Request, local_identifier: str) -> Response:
    """An organisation by its identifier."""
    return _entity(request, "organisations", local_identifier)


@router.get("/grants", responses=_responses(is_list=True), summary="Grants")
def grants(request: Request, filter: Filter = None, page_text: PageText = None, page_size: PageSize = 20) -> Response:
    """Grants in order of their ids."""
    return _entities(request, "grants", filter, page_text, page_size)


@router.get("/grants/{local_identifier:path}", responses=_responses(is_list=False), summary="One grant")
def grant(request: Request, local_identifier: str) -> Response:
    """A grant by its identifier."""
    return _entity(request, "grants", local_identifier)


@router.get("/datasources", responses=_responses(is_list=True), summary="Data sources")
def datasources(
    request: Request, filter: Filter = None, page_text: PageText = None, page_size: PageSize = 20
) -> Response:
    """Data sources in order of their ids."""
    return _entities(request, "datasources", filter, page_text, page_size)


@router.get("/datasources/{local_identifier:path}", responses=_responses(is_list=False), summary="One data source")
def datasource(request: Request, local_identifier: str) -> Response:
    """A data source by its identifier."""
    return _entity(request, "datasources", local_identifier)


def _person(release: Release, identifier: str) -> dict[str, Any] | None:
    """A person by ORCID iD, as the first product says who that is."""
    orcid = normalise_orcid(unquote(identifier))
    cards = release.search.walk(Exact("orcid", orcid), None, limit=1).hits if orcid else []
    for row in release.products(card["product_id"] for card in cards).values():
        for author in row["authors"] or []:
            if author["orcid"] == orcid:
                return skg_if.person(author, f"https://orcid.org/{orcid}")
    return None


def _venue(release: Release, identifier: str, ids: skg_if.Identifiers) -> dict[str, Any] | None:
    """A venue by ISSN, as the first product in it names it."""
    issn = normalise_issn(unquote(identifier).rsplit("issn:", 1)[-1])
    cards = release.search.walk(Exact("mark", marks.issn(issn)), None, limit=1).hits if issn else []
    for row in release.products(card["product_id"] for card in cards).values():
        return skg_if.venue(row["container"], ids)
    return None


def _topic(release: Release, identifier: str, ids: skg_if.Identifiers) -> dict[str, Any] | None:
    """A topic by its identifier, if a product has it."""
    scheme, _, label = unquote(identifier).rsplit("/topic/", 1)[-1].partition(":")
    for card in release.search.walk(words_in("keyword")(label, True), None, limit=20).hits if label else []:
        for one in (release.product(card["product_id"]) or {}).get("subjects") or []:
            if (one["scheme"] or "keyword") == scheme and one["value"].casefold() == label.casefold():
                return skg_if.topic(one["value"], one["scheme"], ids)
    return None


def _identified(request: Request, door: str, text: str | None, page: str | None) -> Response:
    """The list of a kind that has no table of its own: its things are found by their identifiers."""
    asked = _asked(text)
    name = next((name for name in ("identifiers.id", "identifiers.value") if name in asked), None)
    if name is None or set(asked) - {name, "identifiers.scheme"}:
        raise InvalidFilter(f"{door} are found by identifiers.id:… only.")
    release, ids = served(request), _ids(request)
    if page not in (None, "", "1"):
        read_cursor(str(page), digest(door))
    thing = _person(release, asked[name]) if door == "persons" else _venue(release, asked[name], ids)
    return _page(request, [thing] if thing else [], 1 if thing else 0, None)


@router.get("/persons", responses=_responses(is_list=True), summary="Persons, by identifier")
def persons(request: Request, filter: Filter = None, page_text: PageText = None) -> Response:
    """Persons by ORCID iD: `filter=identifiers.id:0000-…`."""
    return _identified(request, "persons", filter, page_text)


@router.get("/persons/{local_identifier:path}", responses=_responses(is_list=False), summary="One person")
def person(request: Request, local_identifier: str) -> Response:
    """A person by ORCID iD, as an address or alone."""
    return _single(request, local_identifier, _person(served(request), local_identifier))


@router.get("/venues", responses=_responses(is_list=True), summary="Venues, by identifier")
def venues(request: Request, filter: Filter = None, page_text: PageText = None) -> Response:
    """Venues by ISSN: `filter=identifiers.id:1234-567X`."""
    return _identified(request, "venues", filter, page_text)


@router.get("/venues/{local_identifier:path}", responses=_responses(is_list=False), summary="One venue")
def venue(request: Request, local_identifier: str) -> Response:
    """A venue by ISSN, alone or in its identifier."""
    return _single(request, local_identifier, _venue(served(request), local_identifier, _ids(request)))


@router.get("/topics", responses=_responses(is_list=True), summary="Topics (not listed)")
def topics(request: Request, filter: Filter = None) -> Response:
    """Always a 422: topics are named by products and are not listed."""
    raise InvalidFilter("Topics are not listed: products name them.")


@router.get("/topics/{local_identifier:path}", responses=_responses(is_list=False), summary="One topic")
def topic(request: Request, local_identifier: str) -> Response:
    """A topic by the identifier that a product gives it."""
    return _single(request, local_identifier, _topic(served(request), local_identifier, _ids(request)))
