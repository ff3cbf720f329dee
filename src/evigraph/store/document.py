"""A product as one JSON document: fields, instances, where each value comes from, indicators with classes."""

from __future__ import annotations

from typing import Any

from evigraph.model.tables import PRODUCT
from evigraph.store.keyed import Row
from evigraph.store.release import Release

#: Columns of a product that say which records it has, not what it is.
_OWN = frozenset({"product_id", "provenance", "record_ids", "sources", "access_right", "is_peer_reviewed"})

#: What a document says of each record.
RECORD_COLUMNS = ("record_id", "source", "source_key", "datestamp", "payload", "position")


def product_document(release: Release, product_id: str) -> dict[str, Any] | None:
    """Everything the release says of a product, as plain values; None where it holds no such product.

    The product's row, and beside it: `indicators` (null where it is not ranked), `ranked_against` (products and
    year that the classes were computed against), `relations` (how many of each DataCite type), `records` (its
    records with source, date and payload), `evidence` (why they are one product) and `release_id`.
    """
    product = release.product(product_id)
    if product is None:
        return None
    indicator = release.indicator(product_id)
    record_ids = product["record_ids"] or []
    return {
        **product,
        "provenance": provenance_of(product),
        "indicators": {name: value for name, value in indicator.items() if name != "product_id"} if indicator else None,
        "ranked_against": {
            "n_products": release.manifest.n_ranked,
            "current_year": release.manifest.current_year,
        },
        "relations": release.relation_counts(product_id),
        "records": release.records(record_ids, RECORD_COLUMNS),
        "evidence": release.evidence(record_ids),
        "release_id": release.manifest.release_id,
    }


def provenance_of(product: Row) -> list[dict[str, Any]]:
    """Which records said each value of a product, spelled out where one record said everything."""
    if product["provenance"] or not product["record_ids"]:
        return list(product["provenance"] or [])
    leading = product["record_ids"][:1]
    return [
        {"field": name, "position": None, "record_ids": leading}
        for name in PRODUCT.names
        if name not in _OWN and product[name] not in (None, [], {})
    ]


def entity_document(
    release: Release, kind: str, entity_id: str, offset: int = 0, limit: int | None = None
) -> dict[str, Any] | None:
    """The indicators of an entity, its products (the most cited first) and `release_id`; None where there is none."""
    row = release.entity(kind, entity_id)
    if row is None:
        return None
    products = release.entity_products(kind, entity_id, offset, limit)
    titles = release.products((product["product_id"] for product in products), ("title", "year"))
    listed = [
        {
            "product_id": product["product_id"],
            "place": product["place"],
            "citation_count": product["citation_count"],
            "title": titles.get(product["product_id"], {}).get("title"),
            "year": titles.get(product["product_id"], {}).get("year"),
        }
        for product in products
    ]
    return {**row, "products": listed, "release_id": release.manifest.release_id}
