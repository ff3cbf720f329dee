"""Cards: what a list of results says of a product, stored in the search index."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypedDict

#: The four indicators, in the order in which they are shown everywhere.
INDICATORS = ("citation_count", "popularity", "influence", "impulse")

#: Authors whose names a card gives.
_AUTHORS_NAMED = 6


class Card(TypedDict):
    """A product in a list. `classes` and `counts` are null for a product that is not ranked."""

    product_id: str
    title: str
    authors: list[str]
    n_authors: int
    venue: str | None
    year: int | None
    published_on: str | None
    type: str | None
    resource_type: str | None
    access_right: str | None
    is_peer_reviewed: bool | None
    is_retracted: bool
    doi: str | None
    sources: list[str]
    n_versions: int
    classes: dict[str, str] | None
    counts: dict[str, int] | None


def card_of(product: Mapping[str, Any], indicator: Mapping[str, Any] | None) -> Card:
    """The card of a product from its row and the row of its indicators, None where it is not ranked."""
    authors = product["authors"] or []
    instances = product["instances"] or []
    container = product["container"] or {}
    return Card(
        product_id=product["product_id"],
        title=product["title"] or "",
        authors=[short_name(author) for author in authors[:_AUTHORS_NAMED]],
        n_authors=len(authors),
        venue=container.get("name") or product["publisher"],
        year=product["year"],
        published_on=product["published_on"],
        type=product["type"],
        resource_type=next((instance["resource_type"] for instance in instances if instance["resource_type"]), None),
        access_right=product["access_right"],
        is_peer_reviewed=product["is_peer_reviewed"],
        is_retracted=bool(product["is_retracted"]),
        doi=next((pid["value"] for pid in product["pids"] or [] if pid["scheme"] == "doi"), None),
        sources=list(product["sources"] or []),
        n_versions=len(instances),
        classes={name: indicator[f"{name}_class"] for name in INDICATORS} if indicator else None,
        counts={name: indicator[name] for name in ("citation_count", "impulse")} if indicator else None,
    )


def short_name(author: Mapping[str, Any]) -> str:
    """An author's family name and initials (`Ser, H.X.E.`), or the full name where the parts are not known."""
    family, given = author.get("family_name"), author.get("given_name")
    if author.get("is_group") or not family or not given:
        return author.get("full_name") or family or ""
    letters = initials(given)
    return f"{family}, {letters}" if letters else family


@lru_cache(maxsize=100_000)
def initials(given_name: str) -> str:
    """Initials of given names: `Hui Xian` gives `H.X.`, `Jean-Paul` gives `J.-P.`"""
    parts: list[str] = []
    for name in given_name.split():
        pieces = [piece for piece in name.split("-") if piece]
        # Initials written together (`HXE`) are taken apart; names in capitals (`MARIA`) are not.
        if len(pieces) == 1 and 1 < len(name) <= 3 and name.isupper() and name.isalpha():
            parts.extend(f"{letter}." for letter in name)
        else:
            parts.append("-".join(f"{piece[0].upper()}." for piece in pieces))
    return "".join(parts)
