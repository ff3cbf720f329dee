"""What crawlers read first: robots.txt, and the sitemap (sitemaps.org) with the address of every product's page."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from lxml import etree

from evigraph.portal.rendering import product_path
from evigraph.portal.serving import base_address, served

router = APIRouter(include_in_schema=False)

#: Addresses in one file; the format allows 50,000.
PER_FILE = 5_000

_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ROBOTS = """User-agent: *
Disallow: /search
Disallow: /feedback
Disallow: /claim
Disallow: /deposit
Disallow: /graph/
Disallow: /works
Disallow: /skg-if/
Disallow: /mcp
Sitemap: {base}/sitemap.xml
"""


def _base(request: Request) -> str:
    return base_address(request)


def _xml(root: str, entry: str, addresses: list[str], day: str) -> Response:
    nsmap: dict[str, str] = {None: _SPACE}  # type: ignore[dict-item]
    document = etree.Element(f"{{{_SPACE}}}{root}", nsmap=nsmap)
    for address in addresses:
        one = etree.SubElement(document, f"{{{_SPACE}}}{entry}")
        etree.SubElement(one, f"{{{_SPACE}}}loc").text = address
        if day:
            etree.SubElement(one, f"{{{_SPACE}}}lastmod").text = day
    return Response(etree.tostring(document, xml_declaration=True, encoding="UTF-8"), media_type="application/xml")


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """What crawlers are asked to leave alone, and where the sitemap is."""
    return PlainTextResponse(_ROBOTS.format(base=_base(request)))


@router.get("/sitemap.xml")
def sitemap(request: Request) -> Response:
    """The files of the sitemap."""
    release = served(request)
    n_files = -(-release.search.n_documents // PER_FILE)
    addresses = [f"{_base(request)}/sitemap/{number}.xml" for number in range(1, n_files + 1)]
    return _xml("sitemapindex", "sitemap", addresses, release.manifest.created_at[:10])


@router.get("/sitemap/{number}.xml")
def part(request: Request, number: int) -> Response:
    """The addresses of so many products' pages, in order of their ids."""
    release = served(request)
    after = (number - 1) * PER_FILE - 1
    if number < 1 or after >= release.search.n_documents - 1:
        raise HTTPException(404, "The sitemap has no such file.")
    found = release.search.walk(None, None, after=after, limit=PER_FILE)
    addresses = [f"{_base(request)}{product_path(card['product_id'])}" for card in found.hits]
    return _xml("urlset", "url", addresses, release.manifest.created_at[:10])
