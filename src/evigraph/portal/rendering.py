"""The templates and what they may call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from evigraph.portal import wording
from evigraph.portal.people.visitor import visitor
from evigraph.store.cards import Card
from evigraph.store.manifest import Manifest

STATIC = Path(__file__).parent / "static"


@cache
def static_path(name: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={mark}"


def product_path(product_id: str, part: str = "") -> str:
    """The address of a product's page, or of a part of it."""
    return f"/product/{quote(product_id, safe=':')}{f'/{part}' if part else ''}"


def entity_path(kind: str, entity_id: str) -> str:
    """The address of the page of an author, journal, organization, project, community or data source."""
    return f"/{kind.replace('_', '-')}/{quote(entity_id, safe=':')}"


def author_path(author: Mapping[str, Any]) -> str:
    """The address of an author of a byline: a page by ORCID iD or name as written; of a group, a search."""
    if author["orcid"]:
        return entity_path("author", f"orcid:{author['orcid']}")
    if author["is_group"] or not author["full_name"]:
        return search_path(author_search(author["full_name"] or author["family_name"] or ""))
    return entity_path("author", f"name:{author['full_name']}")


def journal_path(container: Mapping[str, Any]) -> str:
    """The address of the page of a journal: by its linking ISSN, else print, else online ISSN, else its name."""
    issn = container["issn_linking"] or container["issn_print"] or container["issn_online"]
    return entity_path("journal", f"issn:{issn}" if issn else f"name:{container['name']}")


def search_path(q: str = "", **filters: str) -> str:
    """The address of a search."""
    return f"/search?{urlencode({'q': q, **filters})}"


def author_search(name: str) -> str:
    """A query for the works of a person of this name."""
    return f'author:"{name.replace(chr(34), " ").strip()}"'


def group_path(view: str, group_id: str, label: str) -> str:
    """A search for the products of a group that something is compared in."""
    match view:
        case "year":
            return search_path(year=group_id)
        case "type":
            return search_path(type=group_id)
        case "field":
            return search_path(keyword=label)
        case "journal":
            return search_path(f'journal:"{label.replace(chr(34), " ").strip()}"')
    return "/search"


def pid_address(scheme: str, value: str) -> str | None:
    """Where an identifier leads, or None where it leads nowhere known."""
    _, base = wording.SCHEMES.get(scheme, ("", ""))
    return f"{base}{quote(value, safe='/:;().-_~')}" if base else None


def web_address(text: str | None) -> str | None:
    """An address that may be linked: http or https with a host; anything else is None."""
    if not text:
        return None
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def host_of(address: str) -> str:
    """The host of an address, for people."""
    return urlsplit(address).netloc.removeprefix("www.")


def marked(runs: list[tuple[str, bool]]) -> Markup:
    """Runs of text with those that were found marked."""
    return Markup("").join(Markup("<mark>{}</mark>").format(text) if found else escape(text) for text, found in runs)


def coins(card: Card, product: dict[str, Any] | None) -> str:
    """A ContextObject in a span (COinS, OpenURL 1.0): what reference managers read from a list of results."""
    container = (product or {}).get("container") or {}
    fields: list[tuple[str, str | None]] = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article" if card["type"] == "publication" else "unknown"),
        ("rft.atitle", card["title"]),
        ("rft.jtitle", card["venue"]),
        ("rft.date", card["published_on"] or (str(card["year"]) if card["year"] else None)),
        ("rft.volume", container.get("volume")),
        ("rft.issue", container.get("issue")),
        ("rft.spage", container.get("first_page")),
        ("rft.epage", container.get("last_page")),
        ("rft.issn", container.get("issn_online") or container.get("issn_print")),
        ("rft_id", f"info:doi/{card['doi']}" if card["doi"] else None),
    ]
    authors = (product or {}).get("authors") or []
    fields += [("rft.au", author["full_name"]) for author in authors[:50]]
    return urlencode([(name, value) for name, value in fields if value])


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evigraph.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=wording.number,
        score=wording.score,
        percent=wording.percent,
        percentile=wording.percentile,
        times=wording.times,
        date=wording.date,
        instant=wording.instant,
        size=wording.size,
        access=wording.access,
        language=wording.language,
        language_tag=wording.language_tag,
        marked=marked,
        web_address=web_address,
        host=host_of,
    )
    environment.globals.update(
        wording=wording,
        plural=wording.plural,
        counted=wording.counted,
        static=static_path,
        product_path=product_path,
        search_path=search_path,
        author_search=author_search,
        group_path=group_path,
        entity_path=entity_path,
        author_path=author_path,
        journal_path=journal_path,
        pid_address=pid_address,
        coins=coins,
        visitor=visitor,
    )
    return environment


ENVIRONMENT = _environment()


def page(template: str, manifest: Manifest | None, status: int = 200, **values: Any) -> HTMLResponse:
    """An HTML answer. `manifest` is that of the release the page was made from, None where there is none."""
    values.setdefault("query", "")
    text = ENVIRONMENT.get_template(template).render(manifest=manifest, **values)
    return HTMLResponse(text, status_code=status)
