"""What a product is marked with in the search index beside its facets: yes or no questions, and what it belongs to.

Programs filter by them; nobody counts them, so they cost no column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PEER_REVIEWED, NOT_PEER_REVIEWED, LICENSED, RETRACTED = "peer-reviewed", "not-peer-reviewed", "licensed", "retracted"
HAS_PROJECT, HAS_FUNDER = "has-project", "has-funder"
HAS_ABSTRACT, HAS_DOI, HAS_ORCID = "has-abstract", "has-doi", "has-orcid"


def kind(product_type: str) -> str:
    """The mark of a product of this type: publication, dataset, software or other."""
    return f"type:{product_type}"


def route(name: str) -> str:
    """The mark of a product with a copy by this route: gold, green, hybrid, bronze, diamond."""
    return f"route:{name}"


def entity(kind: str, entity_id: str) -> str:
    """The mark of a product that belongs to this entity."""
    return f"{kind}:{entity_id}"


def host(name: str) -> str:
    """The mark of a product with a copy hosted by a data source of this name or id, letter case aside."""
    return f"host:{name.lower()}"


def issn(value: str) -> str:
    """The mark of a product that appeared under this ISSN."""
    return f"issn:{value}"


def funder(name: str) -> str:
    """The mark of a product funded by a funder of this name or id, letter case aside."""
    return f"funder:{name.lower()}"


def award(number: str) -> str:
    """The mark of a product funded by this grant, letter case aside."""
    return f"award:{number.lower()}"


def ror(ror_id: str) -> str:
    """The mark of a product one of whose authors is affiliated to this organization."""
    return f"ror:{ror_id}"


def marks_of(product: Mapping[str, Any], entities: Iterable[tuple[str, str]]) -> list[str]:
    """The marks of a product from its row and its entities as (kind, id)."""
    instances = product["instances"] or []
    authors = product["authors"] or []
    container = product["container"] or {}
    found: dict[str, None] = {kind(product["type"]): None} if product["type"] else {}
    if product["is_peer_reviewed"] is not None:
        found[PEER_REVIEWED if product["is_peer_reviewed"] else NOT_PEER_REVIEWED] = None
    for is_so, mark in (
        (product["is_retracted"], RETRACTED),
        (any(product["descriptions"] or ()), HAS_ABSTRACT),
        (any(pid["scheme"] == "doi" for pid in product["pids"] or ()), HAS_DOI),
        (any(author["orcid"] for author in authors), HAS_ORCID),
        (any(one.get("license") or one.get("license_url") for one in instances), LICENSED),
    ):
        if is_so:
            found[mark] = None
    for one in instances:
        if one.get("access_route"):
            found[route(one["access_route"])] = None
        for name in (one.get("hosted_by"), one.get("hosted_by_id")):
            if name:
                found[host(name)] = None
    for name in ("issn_print", "issn_online", "issn_linking"):
        if container.get(name):
            found[issn(container[name])] = None
    if product["funding"]:
        found[HAS_FUNDER] = None
    for one in product["funding"] or ():
        for name in (one["funder_name"], one["funder_id"]):
            if name:
                found[funder(name)] = None
        if one["award"]:
            found[award(one["award"])] = None
    for author in authors:
        for affiliation in author["affiliations"] or ():
            if affiliation["ror_id"]:
                found[ror(affiliation["ror_id"])] = None
    for entity_kind, entity_id in entities:
        found[entity(entity_kind, entity_id)] = None
        if entity_kind == "project":
            found[HAS_PROJECT] = found[HAS_FUNDER] = None
    return list(found)
