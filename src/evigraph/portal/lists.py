"""A whole list of results taken away: as a file that reference managers and programs read, and as a feed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from evigraph.portal.rendering import page, product_path
from evigraph.portal.search_page import Asked, answer
from evigraph.portal.serving import base_address, served
from evigraph.publish.api import LISTS
from evigraph.store.release import Release

router = APIRouter(include_in_schema=False)

#: Entries of a feed.
_FED = 50

#: Rows that are read from disk at once.
_AT_ONCE = 200


@router.get("/search/export")
def export(request: Request) -> Response:
    """The whole result as a file, streamed; without a format, the page that offers the formats.

    The file is written while it is sent, from one release, in the order asked for (by relevance: in order of
    popularity). `X-Total-Count` says how many products it will hold.
    """
    release = served(request)
    asked = Asked.read(request.query_params.multi_items())
    name = request.query_params.get("format", "")
    if not name:
        total = answer(release, asked, facets=()).total
        return page("export.html", release.manifest, query=asked.q, asked=asked, total=total, formats=LISTS)
    if name not in LISTS:
        raise HTTPException(400, f"There is no format {name!r}: take one of {', '.join(LISTS)}.")
    form = LISTS[name]
    ids = release.search.every(asked.q, asked.index_filters, asked.sort, match_any=asked.match_any)
    total = answer(release, asked, facets=()).total
    headers = {
        "Content-Disposition": f'attachment; filename="evigraph-{release.manifest.release_id}.{form.extension}"',
        "X-Total-Count": str(total),
        "X-Release-Id": release.manifest.release_id,
    }
    return StreamingResponse(form.write(_rows(release, ids)), media_type=form.media_type, headers=headers)


def _rows(release: Release, ids: Iterator[str]) -> Iterator[dict[str, Any]]:
    waiting: list[str] = []
    for product_id in ids:
        waiting.append(product_id)
        if len(waiting) == _AT_ONCE:
            yield from _read(release, waiting)
            waiting = []
    yield from _read(release, waiting)


def _read(release: Release, ids: list[str]) -> Iterator[dict[str, Any]]:
    rows = release.products(ids)
    for product_id in ids:
        if product_id in rows:
            yield {**rows[product_id], "indicators": release.indicator(product_id)}


@router.get("/search.atom")
def feed(request: Request) -> Response:
    """The newest products of a search as an Atom feed (RFC 4287). What is new in a release comes to the top."""
    release = served(request)
    asked = Asked.read([*request.query_params.multi_items(), ("sort", "date"), ("per_page", str(_FED))])
    results = answer(release, asked, facets=())
    base = base_address(request)
    updated = _instant(release.manifest.created_at)
    title = f"{asked.q or 'All products'} · {release.manifest.graph_name}"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_text(base + asked.path('/search.atom'))}</id>",
        f"<title>{_text(title)}</title>",
        f"<updated>{updated}</updated>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(base + asked.path("/search.atom"))}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(base + asked.path())}/>',
    ]
    for card in results.hits:
        address = base + product_path(card["product_id"])
        lines += [
            "<entry>",
            f"<id>{_text(address)}</id>",
            f"<title>{_text(card['title'] or 'Untitled')}</title>",
            f"<updated>{updated}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>',
            *(f"<author><name>{_text(name)}</name></author>" for name in card["authors"] or ["Not stated"]),
            f"<summary>{_text(' · '.join(filter(None, (card['venue'], card['published_on']))))}</summary>",
            "</entry>",
        ]
    lines.append("</feed>")
    return Response("\n".join(lines), media_type="application/atom+xml")


def _text(value: str) -> str:
    """Text for XML; characters that XML does not know are left out."""
    return escape("".join(one for one in value if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff")))


def _instant(stated: str) -> str:
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat(timespec="seconds")
