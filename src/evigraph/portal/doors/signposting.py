"""Signposting (signposting.org/FAIR): typed links from a product's page to what it stands for, levels 1 and 2.

Level 1 are links in the header of the page; level 2 are all links as a linkset (RFC 9264) in JSON and as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evigraph.publish.api import FORMATS, json_ld
from evigraph.store.keyed import Row

#: Authors that the header of the page links to; the linkset has them all. Headers should stay under 8 kB.
_IN_HEADER = 20

_PID_URLS = {"doi": "https://doi.org/", "handle": "https://hdl.handle.net/", "arxiv": "https://arxiv.org/abs/"}


@dataclass(frozen=True)
class Link:
    """A link from the page: relation, target, and the target's media type where it is known."""

    rel: str
    href: str
    type: str | None = None


def links(row: Row, address: str) -> list[Link]:
    """All links of a product whose page has this address."""
    return list(_links(row, address))


def _links(row: Row, address: str) -> Iterator[Link]:
    described = json_ld(row, address)
    pids = [(pid["scheme"], pid["value"]) for pid in row["pids"] or []]
    persistent = next((_PID_URLS[scheme] + _quoted(value) for scheme, value in pids if scheme in _PID_URLS), None)
    yield Link("cite-as", persistent or address)
    yield Link("type", "https://schema.org/AboutPage")
    yield Link("type", f"https://schema.org/{described['@type']}")
    for author in row["authors"] or []:
        if author["orcid"]:
            yield Link("author", f"https://orcid.org/{author['orcid']}")
    if "license" in described:
        yield Link("license", _quoted(described["license"]))
    for one in described.get("encoding", []):
        yield Link("item", _quoted(one["contentUrl"]), "application/pdf")
    for one in FORMATS.values():
        yield Link("describedby", f"{address}/as/{one.name}", one.media_type)


def header(row: Row, address: str) -> str:
    """The value of the page's Link header: the links, and where the linkset is."""
    chosen = links(row, address)
    authors = [link for link in chosen if link.rel == "author"][:_IN_HEADER]
    chosen = [link for link in chosen if link.rel != "author" or link in authors]
    chosen.append(Link("linkset", f"{address}/linkset", "application/linkset"))
    chosen.append(Link("linkset", f"{address}/linkset.json", "application/linkset+json"))
    return ", ".join(_text(link) for link in chosen)


def linkset_text(row: Row, address: str) -> str:
    """The linkset as text (RFC 9264 §4.1): the links of the header field, each with the page as its anchor."""
    return ",\n".join(_text(link, address) for link in links(row, address)) + "\n"


def linkset_json(row: Row, address: str) -> dict[str, Any]:
    """The linkset as JSON (RFC 9264 §4.2), the page as anchor."""
    context: dict[str, Any] = {"anchor": address}
    for link in links(row, address):
        target = {"href": link.href, **({"type": link.type} if link.type else {})}
        context.setdefault(link.rel, []).append(target)
    return {"linkset": [context]}


def _text(link: Link, anchor: str | None = None) -> str:
    kind = f'; type="{link.type}"' if link.type else ""
    return f'<{link.href}>; rel="{link.rel}"{kind}' + (f'; anchor="{anchor}"' if anchor else "")


def _quoted(address: str) -> str:
    """The address without what would end the link or the header."""
    return "".join(letter if "!" <= letter <= "~" and letter not in '<>"' else _percent(letter) for letter in address)


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
