"""Products in the application profile of OpenAIRE's Guidelines for Literature Repositories 4.0 (`oai_openaire`)."""

from __future__ import annotations

from lxml import etree

from evigraph.publish.formats.datacite import KERNEL, SCHEMES, add, creators
from evigraph.publish.formats.kinds import coar_uri_of, kind_of
from evigraph.publish.formats.rows import Row, container_of, pid_of, resource_type_of
from evigraph.publish.formats.terms import ACCESS_LABELS, COAR_ACCESS, language_of, license_of, web_urls_of

NAMESPACE = "http://namespace.openaire.eu/schema/oaire/"
SCHEMA = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES: dict[str, str] = {None: NAMESPACE, "datacite": KERNEL, "dc": _DC, "xsi": _XSI}  # type: ignore[dict-item]
_GENERAL = {"publication": "literature", "dataset": "dataset", "software": "software"}
_VERSIONS = {
    "c_b1a7d7d4d402bcce": "AO",
    "c_71e4c1898caa6e32": "SMUR",
    "c_ab4af688f83e57aa": "AM",
    "c_fa2ee174bc00049f": "P",
    "c_970fb48d4fbd8a85": "VoR",
    "c_e19f295774971610": "CVoR",
    "c_dc82b40f9837b551": "EVoR",
}
_FUNDER_SCHEMES = (("10.13039", "Crossref Funder ID"), ("ror.org", "ROR"), ("grid.", "GRID"), ("isni", "ISNI"))

#: Elements of the profile by columns of the container.
_CITATION = {
    "citationTitle": "name",
    "citationVolume": "volume",
    "citationIssue": "issue",
    "citationStartPage": "first_page",
    "citationEndPage": "last_page",
    "citationEdition": "edition",
    "citationConferencePlace": "conference_place",
    "citationConferenceDate": "conference_on",
}


def record(row: Row, address: str) -> etree._Element:
    """The product's `resource`; `address` is that of its page, which identifies it where it has no DOI."""
    root = etree.Element(f"{{{NAMESPACE}}}resource", nsmap=_NAMESPACES)
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    titles = add(root, _datacite("titles"))
    add(titles, "title", row.get("title") or "Untitled")
    if row.get("subtitle"):
        add(titles, "title", row["subtitle"], titleType="Subtitle")
    for other in row.get("alternative_titles") or ():
        add(titles, "title", other, titleType="AlternativeTitle")
    creators(root, row, KERNEL)
    _funding(root, row)
    doi = pid_of(row, "doi")
    _other_identifiers(root, row, doi)
    if language := language_of(row):
        add(root, f"{{{_DC}}}language", language)
    if row.get("publisher"):
        add(root, f"{{{_DC}}}publisher", row["publisher"])
    dates = add(root, _datacite("dates"))
    if stated := row.get("published_on") or (f"{row['year']:04}" if row.get("year") else None):
        add(dates, "date", stated, dateType="Issued")
    general = _GENERAL.get(row.get("type") or "", "other research product")
    label = resource_type_of(row) or kind_of(row).schema_org
    add(root, "resourceType", label, resourceTypeGeneral=general, uri=coar_uri_of(row))
    for text in row.get("descriptions") or ():
        add(root, f"{{{_DC}}}description", text)
    add(root, _datacite("identifier"), doi or address, identifierType="DOI" if doi else "URL")
    access = row.get("access_right") or ""
    if access in ACCESS_LABELS:
        add(root, _datacite("rights"), ACCESS_LABELS[access], rightsURI=COAR_ACCESS + access)
    subjects = [one["value"] for one in row.get("subjects") or () if one["value"]]
    if subjects:
        place = add(root, _datacite("subjects"))
        for value in subjects:
            add(place, "subject", value)
    if url := license_of(row):
        named = next((one["license"] for one in row["instances"] if one["license_url"] == url), None)
        add(root, "licenseCondition", named or url, uri=url)
    if version := next((uri for one in row.get("instances") or () if (uri := one.get("version_type"))), None):
        add(root, "version", _VERSIONS.get(version.rsplit("/", 1)[-1], "NA"), uri=version)
    for url in web_urls_of(row):
        add(root, "file", url)
    for name, column in _CITATION.items():
        if value := container_of(row).get(column):
            add(root, name, value)
    return root


def _datacite(name: str) -> str:
    return f"{{{KERNEL}}}{name}"


def _funding(root: etree._Element, row: Row) -> None:
    fundings = [one for one in row.get("funding") or () if one.get("funder_name")]
    if not fundings:
        return
    place = add(root, "fundingReferences")
    for one in fundings:
        reference = add(place, "fundingReference")
        add(reference, "funderName", one["funder_name"])
        if stated := one.get("funder_id"):
            scheme = next((name for part, name in _FUNDER_SCHEMES if part in stated.lower()), "Other")
            add(reference, "funderIdentifier", stated, funderIdentifierType=scheme)
        if one.get("award"):
            add(reference, "awardNumber", one["award"])


def _other_identifiers(root: etree._Element, row: Row, doi: str | None) -> None:
    others = [pid for pid in row.get("pids") or () if pid["value"] != doi]
    if others:
        place = add(root, _datacite("alternateIdentifiers"))
        for pid in others:
            scheme = SCHEMES.get(pid["scheme"], pid["scheme"])
            add(place, "alternateIdentifier", pid["value"], alternateIdentifierType=scheme)
    issns = {
        kind: container_of(row).get(column)
        for kind, column in (("PISSN", "issn_print"), ("EISSN", "issn_online"), ("LISSN", "issn_linking"))
    }
    if any(issns.values()):
        place = add(root, _datacite("relatedIdentifiers"))
        for kind, value in issns.items():
            if value:
                add(place, "relatedIdentifier", value, relatedIdentifierType=kind, relationType="IsPartOf")
