"""A product in the form that the asker names in `Accept`, at the address of its page; and each form at its own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from evigraph.portal.doors import signposting
from evigraph.portal.rendering import product_path
from evigraph.portal.serving import OrjsonResponse, base_address, found_product, problems
from evigraph.publish.api import FORMATS, Format, highwire_tags, json_ld
from evigraph.store.keyed import Row

router = APIRouter()

_BY_TYPE = {one.media_type: one for one in FORMATS.values()}
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_JSON = "application/json"


def page_address(request: Request, product_id: str) -> str:
    """The address of a product's page with scheme and host, as this request reached us."""
    return f"{base_address(request)}{product_path(product_id)}"


def negotiated(request: Request, row: Row) -> Response | None:
    """The product in the form that `Accept` prefers; None where that is the page.

    Raises:
        HTTPException: 406, none of the forms asked for can be given.
    """
    wanted = _preferred(request.headers.get("accept", ""))
    if wanted is None:
        return None
    if wanted == _JSON:
        return RedirectResponse(f"/api/products/{row['product_id']}", 303, headers={"Vary": "Accept"})
    response = _written(request, row, _BY_TYPE[wanted])
    response.headers["Vary"] = "Accept"
    return response


def _preferred(accept: str) -> str | None:
    """The media type that `accept` (RFC 9110 §12.5.1) prefers of those that can be given; None for the page."""
    asked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            quality = float(weight)
        except ValueError:
            quality = 0.0
        if name and quality > 0:
            asked.append((-quality, place, name))
    if not asked:
        return None
    for _, _, name in sorted(asked):
        if name in _PAGE_TYPES or name in ("*/*", "text/*"):
            return None
        if name == _JSON or name in _BY_TYPE:
            return name
    raise HTTPException(406, f"This product can be had as text/html, {_JSON}, {', '.join(_BY_TYPE)}.")


def head_of(request: Request, row: Row) -> dict[str, Any]:
    """What the head of a product's page says to machines: Highwire tags, JSON-LD, the addresses of other forms."""
    address = page_address(request, row["product_id"])
    return {
        "tags": highwire_tags(row, address),
        "json_ld": json_ld(row, address),
        "address": address,
        "forms": [
            (one.label, one.media_type, product_path(row["product_id"], f"as/{one.name}")) for one in FORMATS.values()
        ],
    }


def page_headers(request: Request, row: Row) -> dict[str, str]:
    """The headers of a product's page: its links (Signposting level 1), and that its form depends on Accept."""
    return {"Link": signposting.header(row, page_address(request, row["product_id"])), "Vary": "Accept"}


def _written(request: Request, row: Row, form: Format) -> Response:
    text = form.one(row, page_address(request, row["product_id"]))
    name = row["product_id"].replace("::", "-").replace("_", "")
    return Response(
        text,
        media_type=form.media_type,
        headers={"Content-Disposition": f'inline; filename="{name}.{form.extension}"'},
    )


@router.get(
    "/product/{product_id}/as/{form}",
    response_class=Response,
    responses={
        200: {
            "description": "The product in this form",
            "content": {kind: {"schema": {"type": "string"}} for kind in _BY_TYPE},
        },
        **problems(s404="This graph holds no such product, or has no such form."),
    },
    summary="One product in another form",
    tags=["products"],
)
def form_of(request: Request, product_id: str, form: str) -> Response:
    """A product as BibTeX, RIS, CSL-JSON, JSON-LD, DataCite XML or Turtle.

    The same is given at the address of its page, `/product/{product_id}`, to those who accept that media type.
    """
    if form not in FORMATS:
        raise HTTPException(404, f"There is no form {form!r}: take one of {', '.join(FORMATS)}.")
    row = found_product(request, product_id, f"as/{form}")
    return row if isinstance(row, Response) else _written(request, row, FORMATS[form])


@router.get(
    "/product/{product_id}/linkset",
    response_class=PlainTextResponse,
    responses={
        200: {"description": "Links, RFC 9264", "content": {"application/linkset": {"schema": {"type": "string"}}}},
        **problems(s404="This graph holds no such product."),
    },
    summary="The links of one product as text",
    tags=["products"],
)
def linkset(request: Request, product_id: str) -> Response:
    """The typed links of a product's page (Signposting level 2) as text."""
    row = found_product(request, product_id, "linkset")
    if isinstance(row, Response):
        return row
    text = signposting.linkset_text(row, page_address(request, row["product_id"]))
    return Response(text, media_type="application/linkset")


@router.get(
    "/product/{product_id}/linkset.json",
    response_class=OrjsonResponse,
    responses={
        200: {
            "description": "Links, RFC 9264",
            "content": {"application/linkset+json": {"schema": {"type": "object"}}},
        },
        **problems(s404="This graph holds no such product."),
    },
    summary="The links of one product as JSON",
    tags=["products"],
)
def linkset_json(request: Request, product_id: str) -> Response:
    """The typed links of a product's page (Signposting level 2) as JSON."""
    row = found_product(request, product_id, "linkset.json")
    if isinstance(row, Response):
        return row
    document = signposting.linkset_json(row, page_address(request, row["product_id"]))
    return OrjsonResponse(document, media_type="application/linkset+json")
