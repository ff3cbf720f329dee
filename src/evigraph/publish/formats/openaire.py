"""Products and what stands around them in the JSON of the OpenAIRE Graph API v2 (graph.openaire.eu/docs)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evigraph.publish.formats.rows import Row, container_of, resource_type_of
from evigraph.publish.formats.terms import language_of

_ACCESS_SCHEME = "http://vocabularies.coar-repositories.org/documentation/access_rights/"

#: OpenAIRE's labels of access rights, by COAR's code.
ACCESS_LABELS = {"c_abf2": "OPEN", "c_f1cf": "EMBARGO", "c_16ec": "RESTRICTED", "c_14cb": "CLOSED"}

#: Fields of OpenAIRE's products that no column of ours holds; they are given as null.
_NOT_KEPT = (
    *("dateOfCollection", "lastUpdateTimeStamp", "codeRepositoryUrl", "documentationUrls", "programmingLanguage"),
    *("size", "version", "geoLocations", "contactPeople", "contactGroups", "tools"),
)

#: Names of the indicators in OpenAIRE's JSON: value, class, and the columns they come from.
_IMPACT = (
    ("citationCount", "citationClass", "citation_count"),
    ("influence", "influenceClass", "influence"),
    ("popularity", "popularityClass", "popularity"),
    ("impulse", "impulseClass", "impulse"),
)
_CONTAINER = {
    "name": "name",
    "issnPrinted": "issn_print",
    "issnOnline": "issn_online",
    "issnLinking": "issn_linking",
    "vol": "volume",
    "iss": "issue",
    "sp": "first_page",
    "ep": "last_page",
    "edition": "edition",
    "conferencePlace": "conference_place",
    "conferenceDate": "conference_on",
}


def entity_id(source: str, source_key: str) -> str:
    """The id of an organization, project or data source: OpenAIRE's own where it comes from there."""
    return source_key if source == "openaire" else f"{source}:{source_key}"


def product(
    row: Row,
    indicator: Row | None,
    entities: Mapping[str, Sequence[Row]],
    source_labels: Mapping[str, str],
) -> dict[str, Any]:
    """A research product.

    Args:
        row: its row of the table product.
        indicator: its row of the table indicator, None where it is not ranked.
        entities: the rows of its projects, organizations and communities, by table.
        source_labels: the names of sources by id.
    """
    routes = {one.get("access_route") for one in row.get("instances") or ()}
    stated = row.get("published_on")
    return {
        "id": row["product_id"],
        "originalIds": list(row.get("record_ids") or ()),
        "pids": _pids(row.get("pids")),
        "type": row.get("type"),
        "mainTitle": row.get("title"),
        "subTitle": row.get("subtitle"),
        "authors": [_author(author) for author in row.get("authors") or ()],
        "descriptions": list(row.get("descriptions") or ()),
        # OpenAIRE's dates have all three parts; what is not stated is the first.
        "publicationDate": f"{stated}-01-01"[:10] if stated and len(stated) in (4, 7) else stated,
        "publisher": row.get("publisher"),
        "embargoEndDate": None,
        "language": {"code": language_of(row) or "und", "label": language_of(row) or "Undetermined"},
        "countries": _countries(entities.get("organization", ())),
        "subjects": [
            {"subject": {"scheme": one["scheme"], "value": one["value"]}, "provenance": None}
            for one in row.get("subjects") or ()
        ],
        "sources": [name for name in (container_of(row).get("name"),) if name],
        "formats": [],
        "contributors": [],
        "coverages": [],
        "bestAccessRight": _access(row.get("access_right")),
        "container": {name: container_of(row).get(column) for name, column in _CONTAINER.items()}
        if row.get("container")
        else None,
        "isGreen": "green" in routes,
        "openAccessColor": next((route for route in ("gold", "hybrid", "bronze") if route in routes), None),
        "isInDiamondJournal": "diamond" in routes,
        "publiclyFunded": None,
        **dict.fromkeys(_NOT_KEPT),
        "indicators": {"citationImpact": _impact(indicator)} if indicator else None,
        "projects": [_project_named(one) for one in entities.get("project", ())],
        "organizations": [_organization_named(one) for one in entities.get("organization", ())],
        "communities": [
            {"code": one["acronym"] or one["source_key"], "label": one["name"], "provenance": None}
            for one in entities.get("community", ())
        ],
        "collectedFrom": [_keyed(name, source_labels.get(name, name)) for name in row.get("sources") or ()],
        "instances": [_instance(one, row) for one in row.get("instances") or ()],
    }


def _pids(pids: Sequence[Mapping[str, str]] | None) -> list[dict[str, str]]:
    return [{"scheme": pid["scheme"], "value": pid["value"]} for pid in pids or ()]


def _keyed(key: str | None, value: str | None) -> dict[str, str | None]:
    """A thing as key and value, and under the names that the third version of the API gives them."""
    return {"key": key, "value": value, "id": key, "name": value}


def _author(author: Mapping[str, Any]) -> dict[str, Any]:
    orcid = author.get("orcid")
    return {
        "fullName": author.get("full_name"),
        "name": author.get("given_name"),
        "surname": author.get("family_name"),
        "rank": author.get("rank"),
        "pid": {"id": {"scheme": "orcid", "value": orcid}, "provenance": None} if orcid else None,
    }


def _access(code: str | None) -> dict[str, str] | None:
    if code not in ACCESS_LABELS:
        return None
    return {"code": code, "label": ACCESS_LABELS[code], "scheme": _ACCESS_SCHEME}


def _impact(indicator: Row) -> dict[str, Any]:
    stated = {name: indicator[column] for name, _, column in _IMPACT}
    return {**stated, **{name: indicator[f"{column}_class"] for _, name, column in _IMPACT}}


def _countries(organizations: Sequence[Row]) -> list[dict[str, Any]]:
    stated = {one["country_code"]: one["country_name"] for one in organizations if one["country_code"]}
    return [{"code": code, "label": name or code, "provenance": None} for code, name in sorted(stated.items())]


def _instance(instance: Mapping[str, Any], row: Row) -> dict[str, Any]:
    access = _access(instance.get("access_right"))
    return {
        "pids": _pids(instance.get("pids")),
        "alternateIdentifiers": _pids(instance.get("alternate_ids")),
        "accessRight": {**access, "openAccessRoute": _route(instance)} if access else None,
        "type": instance.get("resource_type") or resource_type_of(row) or "",
        "urls": list(instance.get("urls") or ()),
        "license": instance.get("license") or instance.get("license_url"),
        "refereed": instance.get("refereed") or "UNKNOWN",
        "publicationDate": instance.get("published_on"),
        "hostedBy": _keyed(instance.get("hosted_by_id"), instance.get("hosted_by")),
        "collectedFrom": _keyed(instance.get("collected_from"), instance.get("collected_from")),
    }


def _route(instance: Mapping[str, Any]) -> str | None:
    route = instance.get("access_route")
    # Diamond journals are gold in OpenAIRE's vocabulary of routes.
    return {"diamond": "gold"}.get(route, route) if route else None


def _project_named(row: Row) -> dict[str, Any]:
    funding = next(iter(row["fundings"] or ()), None)
    return {
        "id": entity_id(row["source"], row["source_key"]),
        "code": row["code"],
        "acronym": row["acronym"],
        "title": row["title"],
        "funder": funding["short_name"] or funding["name"] if funding else None,
    }


def _organization_named(row: Row) -> dict[str, Any]:
    return {
        "id": entity_id(row["source"], row["source_key"]),
        "legalName": row["legal_name"],
        "acronym": row["short_name"],
        "pids": _pids(row["pids"]),
    }


def organization(row: Row) -> dict[str, Any]:
    """An organization from its row."""
    return {
        "id": entity_id(row["source"], row["source_key"]),
        "originalIds": list(row["original_ids"] or ()),
        "legalName": row["legal_name"],
        "legalShortName": row["short_name"],
        "alternativeNames": list(row["alternative_names"] or ()),
        "websiteUrl": row["website_url"],
        "country": {"code": row["country_code"], "label": row["country_name"] or row["country_code"]}
        if row["country_code"]
        else None,
        "pids": _pids(row["pids"]),
    }


def project(row: Row) -> dict[str, Any]:
    """A project from its row."""
    return {
        "id": entity_id(row["source"], row["source_key"]),
        "originalIds": list(row["original_ids"] or ()),
        "code": row["code"],
        "acronym": row["acronym"],
        "title": row["title"],
        "callIdentifier": row["call_identifier"],
        "keywords": row["keywords"],
        "startDate": row["started_on"],
        "endDate": row["ended_on"],
        "openAccessMandateForPublications": bool(row["publications_must_be_open"]),
        "openAccessMandateForDataset": bool(row["datasets_must_be_open"]),
        "subjects": list(row["subjects"] or ()),
        "summary": row["summary"],
        "websiteUrl": row["website_url"],
        "fundings": [
            {
                "name": one["name"],
                "shortName": one["short_name"],
                "jurisdiction": one["jurisdiction"],
                "fundingStream": {"id": one["stream_id"], "description": one["stream_description"]}
                if one["stream_id"]
                else None,
            }
            for one in row["fundings"] or ()
        ],
        "granted": {
            "currency": row["currency"],
            "fundedAmount": row["funded_amount"],
            "totalCost": row["total_cost"],
        }
        if row["currency"]
        else None,
        "h2020Programmes": [
            {"code": one["code"], "description": one["description"]} for one in row["programmes"] or ()
        ],
    }


#: Fields of a data source in the API and the columns they come from; lists and texts as they are.
_DATA_SOURCE = {
    "originalIds": "original_ids",
    "openaireCompatibility": "compatibility",
    "officialName": "official_name",
    "englishName": "english_name",
    "websiteUrl": "website_url",
    "logoUrl": "logo_url",
    "dateOfValidation": "validated_on",
    "description": "description",
    "subjects": "subjects",
    "languages": "languages",
    "contentTypes": "content_types",
    "releaseStartDate": "release_started_on",
    "releaseEndDate": "release_ended_on",
    "missionStatementUrl": "mission_statement_url",
    "accessRights": "access_rights",
    "uploadRights": "upload_rights",
    "databaseAccessRestriction": "database_access_restriction",
    "dataUploadRestriction": "data_upload_restriction",
    "versioning": "versioning",
    "citationGuidelineUrl": "citation_guideline_url",
    "pidSystems": "pid_systems",
    "certificates": "certificates",
    "policies": "policies",
}


def data_source(row: Row) -> dict[str, Any]:
    """A data source from its row."""
    journal = row["journal"]
    return {
        "id": entity_id(row["source"], row["source_key"]),
        "pids": _pids(row["pids"]),
        "type": {"scheme": row["type_scheme"], "value": row["type"]} if row["type"] else None,
        **{name: row[column] for name, column in _DATA_SOURCE.items()},
        "journal": {name: journal.get(column) for name, column in _CONTAINER.items()} if journal else None,
    }
