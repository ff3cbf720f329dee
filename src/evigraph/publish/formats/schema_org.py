"""Products as schema.org JSON-LD, what search engines for literature and data read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, container_of, full_title
from evigraph.publish.formats.terms import is_web, language_of, license_of, pid_url, web_urls_of

#: Creators that a description names; longer lists serve no reader of the page.
_MOST_AUTHORS = 200


def document(row: Row, address: str) -> dict[str, Any]:
    """The product as one JSON-LD object; `address` is that of its page."""
    kind = kind_of(row)
    pids = [(pid["scheme"], pid["value"]) for pid in row.get("pids") or ()]
    is_open = {"c_abf2": True, "c_16ec": False, "c_14cb": False}.get(row.get("access_right") or "")
    values: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind.schema_org,
        "@id": address,
        "url": address,
        "name": full_title(row),
        "headline": (full_title(row) or "")[:110] if kind.schema_org == "ScholarlyArticle" else None,
        "alternateName": list(row.get("alternative_titles") or ()),
        "author": [_creator(author) for author in (row.get("authors") or ())[:_MOST_AUTHORS]],
        "datePublished": row.get("published_on") or (str(row["year"]) if row.get("year") else None),
        "description": next(iter(row.get("descriptions") or ()), None),
        "keywords": [one["value"] for one in row.get("subjects") or () if one["value"]],
        "inLanguage": language_of(row),
        "publisher": {"@type": "Organization", "name": row["publisher"]} if row.get("publisher") else None,
        "isPartOf": _part_of(container_of(row)),
        "pagination": _pages(container_of(row)),
        "identifier": [{"@type": "PropertyValue", "propertyID": scheme, "value": value} for scheme, value in pids],
        "sameAs": [url for scheme, value in pids if (url := pid_url(scheme, value))],
        "license": license_of(row),
        "isAccessibleForFree": is_open,
        "encoding": [{"@type": "MediaObject", "contentUrl": url} for url in web_urls_of(row) if url.endswith(".pdf")],
        "funding": [_grant(one) for one in row.get("funding") or () if one.get("award") or one.get("funder_name")],
    }
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def _creator(author: Mapping[str, Any]) -> dict[str, Any]:
    name = author.get("full_name") or author.get("family_name") or author.get("given_name") or ""
    person: dict[str, Any] = {"@type": "Organization" if author.get("is_group") else "Person", "name": name}
    if author.get("orcid"):
        person["@id"] = f"https://orcid.org/{author['orcid']}"
    for part, column in (("givenName", "given_name"), ("familyName", "family_name")):
        if author.get(column):
            person[part] = author[column]
    places = [one for one in author.get("affiliations") or () if one.get("name")]
    if places:
        person["affiliation"] = [
            {
                "@type": "Organization",
                "name": one["name"],
                **({"@id": one["ror_id"]} if is_web(one.get("ror_id")) else {}),
            }
            for one in places
        ]
    return person


def _part_of(container: Mapping[str, Any]) -> dict[str, Any] | None:
    """The issue of the volume of the periodical, as far as they are known."""
    whole: dict[str, Any] | None = None
    if container.get("name"):
        issns = [container[name] for name in ("issn_online", "issn_print", "issn_linking") if container.get(name)]
        whole = {"@type": "Periodical" if issns or container.get("volume") else "CreativeWork"}
        whole["name"] = container["name"]
        if issns:
            whole["issn"] = list(dict.fromkeys(issns))
    for kind, number, column in (
        ("PublicationVolume", "volumeNumber", "volume"),
        ("PublicationIssue", "issueNumber", "issue"),
    ):
        if container.get(column):
            whole = {"@type": kind, number: container[column], **({"isPartOf": whole} if whole else {})}
    return whole


def _pages(container: Mapping[str, Any]) -> str | None:
    first, last = container.get("first_page"), container.get("last_page")
    return f"{first}-{last}" if first and last else first or last


def _grant(funding: Mapping[str, Any]) -> dict[str, Any]:
    grant: dict[str, Any] = {"@type": "Grant"}
    if funding.get("award"):
        grant["identifier"] = funding["award"]
    if funding.get("funder_name"):
        funder = {"@type": "Organization", "name": funding["funder_name"]}
        grant["funder"] = {**funder, "@id": funding["funder_id"]} if is_web(funding.get("funder_id")) else funder
    return grant
