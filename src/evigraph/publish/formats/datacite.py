"""Products as DataCite Metadata Schema 4.6 in XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, container_of, inverted_name, resource_type_of
from evigraph.publish.formats.terms import ACCESS_LABELS, COAR_ACCESS, is_web, language_of, xml_text

KERNEL = "http://datacite.org/schema/kernel-4"
OAI = "http://schema.datacite.org/oai/oai-1.1/"
OAI_SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
SCHEMA_LOCATION = f"{KERNEL} https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMESPACES: dict[str, str] = {None: KERNEL, "xsi": _XSI}  # type: ignore[dict-item]

#: DataCite's names of schemes of related and alternate identifiers.
SCHEMES = {"doi": "DOI", "pmid": "PMID", "arxiv": "arXiv", "handle": "Handle", "isbn": "ISBN", "w3id": "w3id"}


def resource(row: Row, address: str) -> etree._Element:
    """The product as a `resource`; where it has no DOI, the address of its page identifies it."""
    root = etree.Element(f"{{{KERNEL}}}resource", nsmap=_NAMESPACES)
    root.set(f"{{{_XSI}}}schemaLocation", SCHEMA_LOCATION)
    pids = [(pid["scheme"], pid["value"]) for pid in row.get("pids") or ()]
    doi = next((value for scheme, value in pids if scheme == "doi"), None)
    add(root, "identifier", doi or address, identifierType="DOI" if doi else "URL")
    creators(root, row, KERNEL)
    titles = add(root, "titles")
    language = language_of(row)
    title = add(titles, "title", row.get("title") or "Untitled")
    if language:
        title.set(f"{{{_XML}}}lang", language)
    if row.get("subtitle"):
        add(titles, "title", row["subtitle"], titleType="Subtitle")
    for other in row.get("alternative_titles") or ():
        add(titles, "title", other, titleType="AlternativeTitle")
    add(root, "publisher", row.get("publisher") or container_of(row).get("name") or ":unav")
    # The year is mandatory; 0000 is the code of the schema's appendix for one that is not known.
    add(root, "publicationYear", f"{row['year']:04}" if row.get("year") else "0000")
    add(root, "resourceType", resource_type_of(row), resourceTypeGeneral=kind_of(row).datacite)
    _subjects(root, row)
    if row.get("published_on"):
        add(add(root, "dates"), "date", row["published_on"], dateType="Issued")
    if language:
        add(root, "language", language)
    others = [(SCHEMES.get(scheme, scheme), value) for scheme, value in pids if (scheme, value) != ("doi", doi)]
    if doi:
        others.append(("URL", address))
    if others:
        place = add(root, "alternateIdentifiers")
        for scheme, value in others:
            add(place, "alternateIdentifier", value, alternateIdentifierType=scheme)
    _related(root, container_of(row))
    _rights(root, row)
    if row.get("descriptions"):
        place = add(root, "descriptions")
        for text in row["descriptions"]:
            add(place, "description", text, descriptionType="Abstract")
    _funding(root, row)
    return root


def record(row: Row, address: str) -> str:
    """The product as an XML document."""
    text: bytes = etree.tostring(resource(row, address), xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text.decode()


def oai_record(row: Row, address: str) -> etree._Element:
    """The product in DataCite's container for OAI-PMH (`oai_datacite`)."""
    root = etree.Element(f"{{{OAI}}}oai_datacite", nsmap={None: OAI})  # type: ignore[dict-item]
    add(root, "schemaVersion", "4.6")
    add(root, "datacentreSymbol", "evigraph")
    add(root, "payload").append(resource(row, address))
    return root


def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A new last child of `parent`, in the parent's namespace where the name has none."""
    space = etree.QName(parent).namespace
    tag = name if name.startswith("{") or not space else f"{{{space}}}{name}"
    element = etree.SubElement(parent, tag, {key: xml_text(value) for key, value in attributes.items()})
    if text is not None:
        element.text = xml_text(text)
    return element


def creators(root: etree._Element, row: Row, space: str) -> None:
    """Adds the authors as DataCite's creators."""
    place = add(root, f"{{{space}}}creators")
    for author in row.get("authors") or ():
        creator = add(place, "creator")
        is_group = bool(author.get("is_group"))
        name = (author.get("full_name") if is_group else inverted_name(author)) or ":unav"
        add(creator, "creatorName", name, nameType="Organizational" if is_group else "Personal")
        _name_parts(creator, author)
    if not len(place):
        add(add(place, "creator"), "creatorName", ":unav")


def _name_parts(creator: etree._Element, author: Mapping[str, Any]) -> None:
    if not author.get("is_group"):
        for name, column in (("givenName", "given_name"), ("familyName", "family_name")):
            if author.get(column):
                add(creator, name, author[column])
    if author.get("orcid"):
        known = {"nameIdentifierScheme": "ORCID", "schemeURI": "https://orcid.org"}
        add(creator, "nameIdentifier", f"https://orcid.org/{author['orcid']}", **known)
    for affiliation in author.get("affiliations") or ():
        if affiliation.get("name"):
            add(creator, "affiliation", affiliation["name"])


def _subjects(root: etree._Element, row: Row) -> None:
    subjects = [one for one in row.get("subjects") or () if one["value"]]
    if subjects:
        place = add(root, "subjects")
        for one in subjects:
            add(place, "subject", one["value"], **({"subjectScheme": one["scheme"]} if one["scheme"] else {}))


def _related(root: etree._Element, container: Mapping[str, Any]) -> None:
    """The ISSNs of the container as related identifiers."""
    issns = [container[name] for name in ("issn_online", "issn_print", "issn_linking") if container.get(name)]
    if issns:
        place = add(root, "relatedIdentifiers")
        for issn in dict.fromkeys(issns):
            add(place, "relatedIdentifier", issn, relatedIdentifierType="ISSN", relationType="IsPublishedIn")


def _rights(root: etree._Element, row: Row) -> None:
    stated: dict[tuple[str, str], None] = {}
    access = row.get("access_right") or ""
    if access in ACCESS_LABELS:
        stated[ACCESS_LABELS[access], COAR_ACCESS + access] = None
    for one in row.get("instances") or ():
        url = one.get("license_url") or ""
        if one.get("license") or is_web(url):
            stated[one.get("license") or url, url if is_web(url) else ""] = None
    if stated:
        place = add(root, "rightsList")
        for label, url in stated:
            add(place, "rights", label, **({"rightsURI": url} if url else {}))


def _funding(root: etree._Element, row: Row) -> None:
    fundings = [one for one in row.get("funding") or () if one.get("funder_name")]
    if fundings:
        place = add(root, "fundingReferences")
        for one in fundings:
            reference = add(place, "fundingReference")
            add(reference, "funderName", one["funder_name"])
            if one.get("funder_id"):
                add(
                    reference,
                    "funderIdentifier",
                    one["funder_id"],
                    funderIdentifierType=_funder_scheme(one["funder_id"]),
                )
            if one.get("award"):
                add(reference, "awardNumber", one["award"])


def _funder_scheme(funder_id: str) -> str:
    if "10.13039" in funder_id:
        return "Crossref Funder ID"
    return "ROR" if "ror.org" in funder_id else "Other"
