"""Products, organisations, grants and data sources in the JSON-LD of SKG-IF: data model 1.1.0, API 1.0.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from evigraph.publish.formats.openaire import entity_id
from evigraph.publish.formats.rows import Row, container_of
from evigraph.publish.formats.terms import is_web

CONTEXTS = (
    "https://w3id.org/skg-if/context/1.1.0/skg-if.json",
    "https://w3id.org/skg-if/context/1.0.0/skg-if-api.json",
)

PRODUCT_TYPES = {"publication": "literature", "dataset": "research data", "software": "research software"}

#: Relations of the model and DataCite's names of them.
RELATIONS = {
    "cites": "Cites",
    "is_supplemented_by": "IsSupplementedBy",
    "is_documented_by": "IsDocumentedBy",
    "is_new_version_of": "IsNewVersionOf",
    "is_part_of": "IsPartOf",
}
_ACCESS = {"c_abf2": "open", "c_f1cf": "embargoed", "c_16ec": "restricted", "c_14cb": "closed"}
_ORGANISATION_TYPES = frozenset(
    {"archive", "company", "education", "facility", "government", "healthcare", "nonprofit", "funder", "research"}
)


class Identifiers:
    """The local identifiers of things: addresses under the one at which the graph is served."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def product(self, product_id: str) -> str:
        """The identifier of a product: the address of its page."""
        return f"{self.base}/product/{quote(product_id, safe=':')}"

    def of(self, kind: str, key: str) -> str:
        """The identifier of another thing of this graph."""
        return f"{self.base}/{kind}/{quote(key, safe=':')}"


def product(
    row: Row, entities: Mapping[str, Sequence[Row]], related: Mapping[str, Sequence[str]], ids: Identifiers
) -> dict[str, Any]:
    """A product; `related` are ids of products by the relations of `RELATIONS`."""
    texts: dict[str, Any] = {}
    if row.get("title"):
        texts["titles"] = {"none": [row["title"], *(row.get("alternative_titles") or ())]}
    if row.get("descriptions"):
        texts["abstracts"] = {"none": list(row["descriptions"])}
    organisations = {one["organization_id"]: organisation(one, ids) for one in entities.get("organization", ())}
    links = {
        name: [{"local_identifier": ids.product(other), "entity_type": "product"} for other in others]
        for name, others in related.items()
        if others
    }
    return {
        "local_identifier": ids.product(row["product_id"]),
        "entity_type": "product",
        "product_type": PRODUCT_TYPES.get(row.get("type") or "", "other"),
        **texts,
        "identifiers": _pids(row.get("pids")),
        "topics": [
            {"term": topic(one["value"], one["scheme"], ids)} for one in row.get("subjects") or () if one["value"]
        ],
        "contributions": [
            _contribution(author, place, row["product_id"], ids)
            for place, author in enumerate(row.get("authors") or (), 1)
        ],
        "manifestations": [_manifestation(one, row, ids) for one in row.get("instances") or ()],
        "relevant_organisations": list(organisations.values()),
        "funding": [grant(one, ids) for one in entities.get("project", ())],
        "related_products": links or None,
    }


def _pids(pids: Sequence[Mapping[str, str]] | None) -> list[dict[str, str]]:
    return [{"scheme": pid["scheme"].lower(), "value": pid["value"]} for pid in pids or ()]


def topic(label: str, scheme: str | None, ids: Identifiers) -> dict[str, Any]:
    """A topic from a subject's text."""
    identifier = ids.of("topic", f"{scheme or 'keyword'}:{label.casefold()}")
    return {"local_identifier": identifier, "entity_type": "topic", "labels": {"none": label}}


def person(author: Mapping[str, Any], local_identifier: str) -> dict[str, Any]:
    """A person from an author's entry."""
    orcid = author.get("orcid")
    return {
        "local_identifier": local_identifier,
        "entity_type": "person",
        "name": author.get("full_name"),
        "given_name": author.get("given_name"),
        "family_name": author.get("family_name"),
        "identifiers": [{"scheme": "orcid", "value": orcid}] if orcid else [],
    }


def _contribution(author: Mapping[str, Any], place: int, product_id: str, ids: Identifiers) -> dict[str, Any]:
    # Who has no identifier gets one for this answer only, as the specification has it.
    local = f"https://orcid.org/{author['orcid']}" if author.get("orcid") else f"otf___{product_id}___{place}"
    if author.get("is_group"):
        by: dict[str, Any] = {
            "local_identifier": local,
            "entity_type": "agent",
            "name": author.get("full_name"),
            "identifiers": [],
        }
    else:
        by = person(author, local)
    affiliations = [one for one in author.get("affiliations") or () if one.get("name") or one.get("ror_id")]
    return {
        "by": by,
        "rank": author.get("rank") or place,
        "role": "author",
        "declared_affiliations": [
            {
                "local_identifier": one.get("ror_id") or f"otf___{product_id}___{place}_{number}",
                "entity_type": "organisation",
                "name": one.get("name"),
                "identifiers": [{"scheme": "ror", "value": one["ror_id"]}] if one.get("ror_id") else [],
            }
            for number, one in enumerate(affiliations, 1)
        ],
    }


def _manifestation(instance: Mapping[str, Any], row: Row, ids: Identifiers) -> dict[str, Any]:
    container = container_of(row)
    first, last = container.get("first_page"), container.get("last_page")
    status = _ACCESS.get(instance.get("access_right") or "")
    url = instance.get("license_url")
    host = instance.get("hosted_by")
    biblio: dict[str, Any] = {name: container.get(name) for name in ("volume", "issue", "edition")}
    if first:
        biblio["pages"] = {"first": first, "last": last or first}
    if container.get("name"):
        biblio["in"] = venue(container, ids)
    if host:
        key = instance.get("hosted_by_id") or host
        biblio["hosting_data_source"] = {
            "local_identifier": ids.of("datasource", key),
            "entity_type": "datasource",
            "name": host,
        }
    stated = instance.get("published_on") or row.get("published_on")
    return {
        "type": {
            "class": instance["resource_type_id"],
            "labels": {"en": instance.get("resource_type") or "other"},
            "defined_in": "http://purl.org/coar/resource_type/",
        }
        if instance.get("resource_type_id")
        else None,
        "identifiers": _pids(instance.get("pids"))
        + [{"scheme": "url", "value": one} for one in instance.get("urls") or () if is_web(one)],
        "dates": {"publication": [stated]} if stated else {},
        "peer_review": {"status": "peer reviewed"} if instance.get("refereed") == "peerReviewed" else None,
        "access_rights": {"status": status} if status else None,
        "licence": url or instance.get("license"),
        "version": instance.get("version_type"),
        "biblio": biblio,
    }


def venue(container: Mapping[str, Any], ids: Identifiers) -> dict[str, Any]:
    """A venue from a product's container."""
    issns = [container[name] for name in ("issn_linking", "issn_print", "issn_online") if container.get(name)]
    key = f"issn:{issns[0]}" if issns else f"name:{container['name'].casefold()}"
    return {
        "local_identifier": ids.of("venue", key),
        "entity_type": "venue",
        "name": container.get("name"),
        "acronym": container.get("abbreviated_name"),
        "identifiers": [{"scheme": "issn", "value": issn} for issn in dict.fromkeys(issns)],
    }


def organisation(row: Row, ids: Identifiers) -> dict[str, Any]:
    """An organisation from its row."""
    country = row["country_code"]
    types = [one for one in row["types"] or () if one in _ORGANISATION_TYPES]
    known = country and len(country) == 2 and country.isascii() and country.isupper()
    return {
        "local_identifier": ids.of("organisation", entity_id(row["source"], row["source_key"])),
        "entity_type": "organisation",
        "name": row["legal_name"],
        "short_name": row["short_name"],
        "other_names": list(row["alternative_names"] or ()),
        "website": row["website_url"],
        "types": types or ["unspecified"],
        "identifiers": _pids(row["pids"]),
        **({"country": country} if known else {}),
    }


def grant(row: Row, ids: Identifiers) -> dict[str, Any]:
    """A grant from a project's row."""
    funding = next(iter(row["fundings"] or ()), None)
    agency = None
    if funding and (funding["name"] or funding["short_name"]):
        key = funding["short_name"] or funding["name"]
        agency = {
            "local_identifier": ids.of("organisation", f"funder:{key}"),
            "entity_type": "organisation",
            "name": funding["name"] or key,
            "short_name": funding["short_name"],
            "types": ["funder"],
        }
    duration = {"start": row["started_on"], "end": row["ended_on"]} if row["started_on"] else None
    return {
        "local_identifier": ids.of("grant", entity_id(row["source"], row["source_key"])),
        "entity_type": "grant",
        "grant_number": row["code"],
        "acronym": row["acronym"],
        "titles": {"none": row["title"]} if row["title"] else {},
        "abstracts": {"none": row["summary"]} if row["summary"] else {},
        "funding_agency": agency,
        "funding_stream": funding["stream_id"] if funding else None,
        "currency": row["currency"],
        "funded_amount": int(row["funded_amount"]) if row["funded_amount"] else None,
        "keywords": list(row["subjects"] or ()),
        "duration": duration,
        "website": row["website_url"],
    }


def data_source(row: Row, ids: Identifiers) -> dict[str, Any]:
    """A data source from its row."""
    return {
        "local_identifier": ids.of("datasource", entity_id(row["source"], row["source_key"])),
        "entity_type": "datasource",
        "name": row["official_name"] or row["english_name"],
        "identifiers": _pids(row["pids"]),
    }


#: How the entities of a release's tables are written.
WRITERS: dict[str, Callable[[Row, Identifiers], dict[str, Any]]] = {
    "organization": organisation,
    "project": grant,
    "data_source": data_source,
}
