"""OpenAIRE's application profile (`oai_openaire`, guidelines for literature repositories 4.0.1): one record of it.

Source: openaire-guidelines-for-literature-repository-managers.readthedocs.io. The profile takes DataCite's kernel 4
and Dublin Core and adds the version, licence, files and the citation of the publication.
"""

from __future__ import annotations

import re

from lxml import etree

from evigraph.clean.dates import date_from_text
from evigraph.clean.languages import UNDETERMINED, language_code
from evigraph.clean.licences import UNSTATED, license_of
from evigraph.clean.oai_pmh.element import (
    Json,
    attribute,
    block,
    children,
    extras_of,
    first,
    line,
    local_name,
    text_of,
    value_of,
)
from evigraph.clean.oai_pmh.oai_datacite import HOMED, attributes_of, common_columns
from evigraph.clean.oai_pmh.statement import Origin, Statement, rights_of
from evigraph.clean.oai_pmh.types import coar_type, kind_of
from evigraph.clean.resource_types import OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.vocabularies import EMBARGOED, access_right, version_type

_HOMED = HOMED | {
    *("description", "licenseCondition", "file", "citationTitle", "citationVolume", "citationIssue"),
    *("citationStartPage", "citationEndPage", "citationEdition", "citationConferencePlace", "citationConferenceDate"),
}

_COAR_VERSION = re.compile(r"https?://purl\.org/coar/version/(c_[0-9a-f]{16})/?$")

#: `resourceTypeGeneral` where COAR's type is missing or unknown.
_GENERAL: dict[str, str] = {
    "literature": "Other literature type",
    "publication": "Other literature type",
    "dataset": "Dataset",
    "software": "Software",
    "other research product": "Other ORP type",
}


def openaire(metadata: etree._Element, origin: Origin) -> Statement:
    """What a record in OpenAIRE's profile states; its title may be missing."""
    row, links, references, identifiers = common_columns(metadata, attributes_of(metadata))
    extras: list[Json] = row["extras"]
    stated_type = first(metadata, "resourceType")
    kind = coar_type(attribute(stated_type, "uri")) or _plain_kind(stated_type)
    version = first(metadata, "version")
    rights = children(metadata, "rights")
    stated = rights_of(text for entry in rights for text in (attribute(entry, "rightsURI"), text_of(entry)))
    condition = first(metadata, "licenseCondition")
    license_ = license_of(attribute(condition, "uri"))
    if license_ is UNSTATED or license_.is_open is None:
        named = license_of(text_of(condition)) if condition is not None else UNSTATED
        license_ = named if named.is_open is not None or license_ is UNSTATED else license_
    if license_ is UNSTATED:
        license_ = stated.license
    if start := attribute(condition, "startDate"):
        extras.append({"name": "licenseCondition@startDate", "value": start})
    files = children(metadata, "file")
    addresses = [address for entry in files if (address := text_of(entry)) and address.lower().startswith("http")]
    access = stated.access_right or next(
        (found for entry in files if (found := access_right(attribute(entry, "accessRightsURI")))), None
    )
    if access == EMBARGOED and (end := _embargo_end(metadata)):
        extras.append({"name": "embargoEnd", "value": end})
    extras += extras_of([entry for entry in files if (text_of(entry) or "") not in addresses])
    extras += [
        {"name": f"file@{name}", "value": value}
        for entry in files
        for name in ("mimeType", "objectType")
        if (value := attribute(entry, name))
    ]
    extras += _programmes(metadata)
    extras += extras_of([child for child in children(metadata) if local_name(child) not in _HOMED])
    languages = [code for entry in children(metadata, "language") if (code := language_code(text_of(entry)))]
    publishers = [name for entry in children(metadata, "publisher") if (name := line(entry))]
    extras += [{"name": "publisher", "value": name} for name in publishers[1:]]
    row["container"] = _container(metadata, row["container"])
    row["type"] = kind.type
    row["publisher"] = publishers[0] if publishers else None
    row["language"] = next((code for code in languages if code != UNDETERMINED), UNDETERMINED)
    row["descriptions"] += [text for entry in children(metadata, "description") if (text := block(entry))]
    row["instances"] = [
        {
            "resource_type": kind.label,
            "resource_type_id": kind.coar_uri,
            "version_type": _version(version),
            "urls": list(dict.fromkeys([*identifiers.addresses(), *addresses])),
            "pids": identifiers.pids,
            "access_right": access,
            "license": license_.label,
            "license_url": license_.url,
            "published_on": row["published_on"],
            "hosted_by": origin.repository,
            "collected_from": origin.collected_from,
        }
    ]
    key = text_of(first(metadata, "identifier"))
    return Statement(row, references, links, key=key)


def _plain_kind(stated: etree._Element | None) -> ResourceType:
    """The type by its words, where those are unknown by `resourceTypeGeneral`."""
    found = kind_of([text_of(stated)])
    general = (attribute(stated, "resourceTypeGeneral") or "").lower()
    if found.resource_type is OTHER_LITERATURE and general in _GENERAL:
        return resource_type(_GENERAL[general], "openaire")
    return found.resource_type


def _version(version: etree._Element | None) -> str | None:
    """COAR's version type by its address, else by its name."""
    uri = attribute(version, "uri") or ""
    if match := _COAR_VERSION.match(uri):
        return f"http://purl.org/coar/version/{match[1]}"
    return version_type(uri) or version_type(text_of(version))


def _embargo_end(metadata: etree._Element) -> str | None:
    """The date on which the embargo ends: `Available`, by the guidelines' field Embargo Period Date."""
    for entry in children(first(metadata, "dates"), "date"):
        if attribute(entry, "dateType") == "Available":
            return date_from_text(text_of(entry))
    return None


def _programmes(metadata: etree._Element) -> list[Json]:
    """What a funding reference says beside funder and number."""
    return [
        {"name": f"fundingReference.{local_name(part)}", "value": value}
        for entry in children(first(metadata, "fundingReferences"), "fundingReference")
        for part in children(entry, "fundingStream", "awardTitle")
        if (value := text_of(part))
    ] + [
        {"name": "fundingReference.awardNumber@awardURI", "value": value}
        for entry in children(first(metadata, "fundingReferences"), "fundingReference")
        if (value := attribute(first(entry, "awardNumber"), "awardURI"))
    ]


def _container(metadata: etree._Element, found: Json | None) -> Json | None:
    """Where the work appeared: the citation of the profile, with the ISSNs of what it is part of."""
    container = {
        "name": line(first(metadata, "citationTitle")),
        "volume": value_of(metadata, "citationVolume"),
        "issue": value_of(metadata, "citationIssue"),
        "first_page": value_of(metadata, "citationStartPage"),
        "last_page": value_of(metadata, "citationEndPage"),
        "edition": value_of(metadata, "citationEdition"),
        "conference_place": line(first(metadata, "citationConferencePlace")),
        "conference_on": date_from_text(value_of(metadata, "citationConferenceDate")),
    }
    stated = {name: value for name, value in container.items() if value}
    merged = {**(found or {}), **stated}
    return merged or None
