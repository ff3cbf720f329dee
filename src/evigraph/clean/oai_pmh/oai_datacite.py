"""DataCite's XML, kernels 2 to 4, bare or in the envelope of `oai_datacite`: one record of it.

Source: DataCite Metadata Schema (schema.datacite.org). The XML is brought into the form in which DataCite's REST API
gives the same fields, so that one set of rules serves both (`evigraph.clean.datacite.parts`).
"""

from __future__ import annotations

from lxml import etree

from evigraph.clean.datacite.parts import (
    CITING,
    datacite_resource_type,
    dates_of,
    funding_of,
    people_of,
    related_of,
    rights_of,
)
from evigraph.clean.languages import language_code
from evigraph.clean.oai_pmh.element import (
    Json,
    attribute,
    block,
    children,
    descendants,
    extras_of,
    first,
    line,
    local_name,
    text_of,
    title,
    value_of,
)
from evigraph.clean.oai_pmh.statement import Identifiers, Origin, Statement
from evigraph.clean.text import is_usable_title
from evigraph.clean.vocabularies import says_retracted, version_type
from evigraph.model.pid import IDENTITY_SCHEMES, normalise_issn

#: Elements of the resource that have a home, wholly or by a rule of their own.
HOMED = frozenset(
    {
        *("identifier", "creators", "titles", "publisher", "publicationYear", "subjects", "dates", "language"),
        *("resourceType", "alternateIdentifiers", "relatedIdentifiers", "relatedItems", "rightsList", "rights"),
        *("descriptions", "fundingReferences", "contributors", "version"),
    }
)


def datacite(metadata: etree._Element, origin: Origin) -> Statement:
    """What DataCite's XML states of a record; its title may be missing."""
    resource = metadata
    if local_name(resource) != "resource":
        resource = next(descendants(metadata, "resource"), metadata)
    attributes = attributes_of(resource)
    kind = datacite_resource_type(attributes["types"]["resourceTypeGeneral"], attributes["types"]["resourceType"])
    row, links, references, identifiers = common_columns(resource, attributes)
    rights = rights_of(attributes)
    version = value_of(resource, "version")
    row["type"] = kind.type
    row["publisher"] = line(first(resource, "publisher"))
    row["language"] = language_code(value_of(resource, "language"))
    row["extras"] += extras_of([child for child in children(resource) if local_name(child) not in HOMED])
    row["extras"] += [{"name": "rights", "value": stated} for stated in rights.statements]
    if version:
        row["extras"].append({"name": "version", "value": version})
    row["instances"] = [
        {
            "resource_type": kind.label,
            "resource_type_id": kind.coar_uri,
            "version_type": version_type(version),
            "urls": identifiers.addresses(),
            "pids": identifiers.pids,
            "access_right": rights.access_right,
            "license": rights.license.label,
            "license_url": rights.license.url,
            "published_on": row["published_on"],
            "hosted_by": origin.repository,
            "collected_from": origin.collected_from,
        }
    ]
    return Statement(row, references, links, key=value_of(resource, "identifier"))


def common_columns(resource: etree._Element, attributes: Json) -> tuple[Json, list[Json], list[Json], Identifiers]:
    """The columns that DataCite's kernel and OpenAIRE's profile of it have alike, links, references, identifiers."""
    identifiers = _identifiers(resource)
    main, subtitle, alternatives = _titles(resource)
    dates = dates_of(attributes)
    creators = people_of(attributes["creators"])
    contributors = people_of(attributes["contributors"])
    links, references, container, extras = _related(attributes)
    extras += [{"name": f"date.{kind}", "value": value} for kind, value in dates.others]
    extras += [
        {"name": f"contributor.{person['role'] or 'Other'}", "value": person["author"]["full_name"]}
        for person in contributors
    ]
    extras += [{"name": "identifier", "value": value} for value in identifiers.others]
    extras += [{"name": "ISSN", "value": issn} for issn in identifiers.issns]
    descriptions, others = _descriptions(resource)
    row: Json = {
        "title": main,
        "subtitle": subtitle,
        "alternative_titles": alternatives,
        "authors": [person["author"] for person in creators],
        "descriptions": descriptions,
        "published_on": dates.published_on,
        "subjects": _subjects(resource),
        "container": container,
        "pids": identifiers.pids,
        "alternate_ids": identifiers.alternate_ids,
        "funding": funding_of(attributes),
        "is_retracted": dates.is_withdrawn or (main is not None and says_retracted(main)),
        "extras": extras + others,
    }
    return row, links, references, identifiers


def attributes_of(resource: etree._Element) -> Json:
    """The fields of the XML in the form of DataCite's REST API, as far as its rules read them."""
    kind = first(resource, "resourceType")
    rights = [*children(first(resource, "rightsList"), "rights"), *children(resource, "rights")]
    return {
        "types": {"resourceTypeGeneral": attribute(kind, "resourceTypeGeneral"), "resourceType": text_of(kind)},
        "creators": [_person(person, "creatorName") for person in children(first(resource, "creators"), "creator")],
        "contributors": [
            _person(person, "contributorName") for person in children(first(resource, "contributors"), "contributor")
        ],
        "publicationYear": value_of(resource, "publicationYear"),
        "dates": [
            {
                "date": text_of(date),
                "dateType": attribute(date, "dateType"),
                "dateInformation": attribute(date, "dateInformation"),
            }
            for date in children(first(resource, "dates"), "date")
        ],
        "rightsList": [
            {
                "rights": text_of(entry),
                "rightsUri": attribute(entry, "rightsURI"),
                "rightsIdentifier": attribute(entry, "rightsIdentifier"),
            }
            for entry in rights
        ],
        "fundingReferences": [
            {
                "funderName": value_of(entry, "funderName"),
                "funderIdentifier": value_of(entry, "funderIdentifier"),
                "awardNumber": value_of(entry, "awardNumber"),
            }
            for entry in children(first(resource, "fundingReferences"), "fundingReference")
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": text_of(entry),
                "relatedIdentifierType": attribute(entry, "relatedIdentifierType"),
                "relationType": attribute(entry, "relationType"),
            }
            for entry in children(first(resource, "relatedIdentifiers"), "relatedIdentifier")
        ],
        "relatedItems": [_item(entry) for entry in children(first(resource, "relatedItems"), "relatedItem")],
    }


def _person(person: etree._Element, name: str) -> Json:
    stated = first(person, name)
    return {
        "name": text_of(stated),
        "nameType": attribute(stated, "nameType"),
        "givenName": value_of(person, "givenName"),
        "familyName": value_of(person, "familyName"),
        "contributorType": attribute(person, "contributorType"),
        "nameIdentifiers": [
            {
                "nameIdentifier": text_of(entry),
                "nameIdentifierScheme": attribute(entry, "nameIdentifierScheme"),
                "schemeUri": attribute(entry, "schemeURI"),
            }
            for entry in children(person, "nameIdentifier")
        ],
        "affiliation": [
            {"name": text_of(entry), "affiliationIdentifier": attribute(entry, "affiliationIdentifier")}
            for entry in children(person, "affiliation")
        ],
    }


def _item(item: etree._Element) -> Json:
    identifier = first(item, "relatedItemIdentifier")
    return {
        "relationType": attribute(item, "relationType"),
        "relatedItemIdentifier": {
            "relatedItemIdentifier": text_of(identifier),
            "relatedItemIdentifierType": attribute(identifier, "relatedItemIdentifierType"),
        },
        "titles": [{"title": text_of(entry)} for entry in children(first(item, "titles"), "title")],
        "creators": [
            {"name": value_of(entry, "creatorName")} for entry in children(first(item, "creators"), "creator")
        ],
        **{
            name: value_of(item, name)
            for name in ("publicationYear", "volume", "issue", "firstPage", "lastPage", "publisher", "edition")
        },
    }


def _identifiers(resource: etree._Element) -> Identifiers:
    found = Identifiers()
    for entry in children(resource, "identifier"):
        found.add(text_of(entry), attribute(entry, "identifierType"))
    for entry in children(first(resource, "alternateIdentifiers"), "alternateIdentifier"):
        found.add(text_of(entry), attribute(entry, "alternateIdentifierType"), is_own=False)
    return found


def _titles(resource: etree._Element) -> tuple[str | None, str | None, list[str]]:
    """The main title, the subtitle, and the others; a title of a kind of its own is never the main one."""
    plain: list[str] = []
    others: list[str] = []
    subtitle: str | None = None
    for entry in children(first(resource, "titles"), "title"):
        cleaned, kind = title(entry), (attribute(entry, "titleType") or "").lower()
        if cleaned is None:
            continue
        if kind == "subtitle" and subtitle is None:
            subtitle = cleaned
        elif kind in ("", "other"):
            plain.append(cleaned)
        else:
            others.append(cleaned)
    main = next((stated for stated in plain if is_usable_title(stated)), None)
    return main, subtitle, [stated for stated in dict.fromkeys([*plain, *others]) if stated != main]


def _descriptions(resource: etree._Element) -> tuple[list[str], list[Json]]:
    """The abstracts, and what is described otherwise under the kind of description."""
    abstracts: list[str] = []
    others: list[Json] = []
    for entry in children(first(resource, "descriptions"), "description"):
        kind, cleaned = attribute(entry, "descriptionType") or "Abstract", block(entry)
        if cleaned and kind in ("Abstract", "Other", "Methods", "TechnicalInfo"):
            abstracts.append(cleaned)
        elif cleaned:
            others.append({"name": f"description.{kind}", "value": cleaned})
    return abstracts, others


def _subjects(resource: etree._Element) -> list[Json]:
    subjects: list[Json] = []
    for entry in children(first(resource, "subjects"), "subject"):
        if term := line(entry):
            scheme = attribute(entry, "subjectScheme")
            subjects.append(
                {
                    "scheme": scheme.lower() if scheme else "keyword",
                    "value": term,
                    "term_id": attribute(entry, "valueURI"),
                }
            )
    return subjects


def _related(attributes: Json) -> tuple[list[Json], list[Json], Json | None, list[Json]]:
    """Links, references, the container that the record is part of, and the relations to things that are no works."""
    links: list[Json] = []
    references: list[Json] = []
    extras: list[Json] = []
    container: Json | None = _container_item(attributes)
    issns: list[tuple[str, str]] = []
    for entry, related in zip(
        [*attributes["relatedIdentifiers"], *attributes["relatedItems"]], related_of(attributes), strict=True
    ):
        scheme = (entry.get("relatedIdentifierType") or "").lower()
        stated = entry.get("relatedIdentifier")
        if scheme in ("issn", "eissn", "lissn", "pissn") and related.stated == "IsPartOf":
            if issn := normalise_issn(stated):
                issns.append((scheme, issn))
            continue
        if related.relation in CITING:
            pids = [related.pid] if related.pid and related.pid.scheme in IDENTITY_SCHEMES else []
            if pids or related.text or stated:
                references.append({"pids": pids, "text": related.text or (None if pids else stated)})
        elif related.pid is not None and related.pid.scheme in IDENTITY_SCHEMES:
            note = related.stated or None
            links.append(
                {
                    "relation": related.relation,
                    "scheme": related.pid.scheme,
                    "value": related.pid.value,
                    "note": note,
                }
            )
        elif value := stated or related.text:
            extras.append({"name": f"relatedIdentifier.{related.stated or 'IsRelatedTo'}", "value": value})
    columns = {"issn": "issn_print", "pissn": "issn_print", "eissn": "issn_online", "lissn": "issn_linking"}
    for scheme, issn in issns:
        if scheme == "issn" and len(issns) == 1:
            # DataCite's ISSN does not say of which form.
            extras.append({"name": "ISSN", "value": issn})
        else:
            container = {**(container or {}), columns[scheme]: issn}
    return links, references, container, extras


def _container_item(attributes: Json) -> Json | None:
    """The container that a `relatedItem` with `IsPublishedIn` describes, or None."""
    for item in attributes["relatedItems"]:
        if item["relationType"] == "IsPublishedIn" and item["titles"]:
            return {
                "name": item["titles"][0]["title"],
                "volume": item["volume"],
                "issue": item["issue"],
                "first_page": item["firstPage"],
                "last_page": item["lastPage"],
                "edition": item["edition"],
            }
    return None
