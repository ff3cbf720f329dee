"""Products in the JSON of OpenAlex's works (developers.openalex.org), so that its clients can read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, container_of, full_title
from evigraph.publish.formats.terms import is_web, language_of, pid_url

#: The top-level fields of a work: what `select` may name.
FIELDS = (
    *("id", "doi", "title", "display_name", "publication_year", "publication_date", "ids", "language", "type"),
    *("primary_location", "locations", "locations_count", "open_access", "authorships", "institutions", "biblio"),
    *("cited_by_count", "cited_by_api_url", "is_retracted", "keywords", "abstract_inverted_index", "awards"),
    *("referenced_works", "referenced_works_count", "related_works", "indicators", "sources", "release_id"),
)

#: OpenAlex's types of works by CSL's.
_TYPES = {
    "article-journal": "article",
    "article-newspaper": "article",
    "article": "preprint",
    "chapter": "book-chapter",
    "paper-conference": "article",
    "thesis": "dissertation",
    "motion_picture": "other",
    "document": "other",
}
_VERSIONS = {
    "c_71e4c1898caa6e32": "submittedVersion",
    "c_b1a7d7d4d402bcce": "submittedVersion",
    "c_ab4af688f83e57aa": "acceptedVersion",
    "c_970fb48d4fbd8a85": "publishedVersion",
}
_STATUS = ("diamond", "gold", "green", "hybrid", "bronze")

#: Authors of a work that are given; OpenAlex's lists end there too.
_MOST_AUTHORS = 100


def work(
    row: Row, indicator: Row | None, organizations: Sequence[Row], referenced: Sequence[str], base: str
) -> dict[str, Any]:
    """A work; `referenced` are addresses of works it cites, `base` is the address of the portal."""
    address = f"{base}/product/{row['product_id']}"
    pids = [(pid["scheme"], pid["value"]) for pid in row.get("pids") or ()]
    first: dict[str, str] = {}
    for scheme, value in pids:
        first.setdefault({"pmc": "pmcid"}.get(scheme, scheme), pid_url(scheme, value) or value)
    locations = [_location(one, row) for one in row.get("instances") or ()]
    container = container_of(row)
    stated = row.get("published_on")
    kind = kind_of(row).csl
    return {
        "id": address,
        "doi": first.get("doi"),
        "title": full_title(row),
        "display_name": full_title(row),
        "publication_year": row.get("year"),
        "publication_date": f"{stated}-01-01"[:10] if stated and len(stated) in (4, 7) else stated,
        "ids": {"evigraph": address, **first},
        "language": language_of(row),
        "type": _TYPES.get(kind, kind) if row.get("type") != "dataset" else "dataset",
        "primary_location": locations[0] if locations else None,
        "locations": locations,
        "locations_count": len(locations),
        "open_access": _open_access(row, locations),
        "authorships": _authorships(row),
        "institutions": [_institution(one) for one in organizations],
        "biblio": {name: container.get(name) for name in ("volume", "issue", "first_page", "last_page")},
        "cited_by_count": indicator["citation_count"] if indicator else 0,
        "cited_by_api_url": f"{base}/works?filter=cites:{row['product_id']}",
        "is_retracted": bool(row.get("is_retracted")),
        "keywords": [
            {"id": one["term_id"], "display_name": one["value"]} for one in row.get("subjects") or () if one["value"]
        ],
        "abstract_inverted_index": _inverted(next(iter(row.get("descriptions") or ()), None)),
        "awards": [
            {"funder_id": one["funder_id"], "funder_display_name": one["funder_name"], "funder_award_id": one["award"]}
            for one in row.get("funding") or ()
        ],
        "referenced_works": list(referenced),
        "referenced_works_count": len(referenced),
        "related_works": [],
        "indicators": {name: value for name, value in indicator.items() if name != "product_id"} if indicator else None,
        "sources": list(row.get("sources") or ()),
    }


def _location(instance: Mapping[str, Any], row: Row) -> dict[str, Any]:
    urls = [url for url in instance.get("urls") or () if is_web(url)]
    container = container_of(row)
    issns = [container[name] for name in ("issn_linking", "issn_print", "issn_online") if container.get(name)]
    version = (instance.get("version_type") or "").rsplit("/", 1)[-1]
    return {
        "is_oa": instance.get("access_right") == "c_abf2",
        "landing_page_url": next((url for url in urls if not url.endswith(".pdf")), None),
        "pdf_url": next((url for url in urls if url.endswith(".pdf")), None),
        "source": {
            "id": instance.get("hosted_by_id"),
            "display_name": instance.get("hosted_by") or container.get("name"),
            "issn_l": issns[0] if issns else None,
            "issn": list(dict.fromkeys(issns)),
            "type": "journal" if issns else None,
        },
        "license": instance.get("license"),
        "license_id": instance.get("license_url"),
        "version": _VERSIONS.get(version),
        "raw_type": instance.get("resource_type"),
        "collected_from": instance.get("collected_from"),
    }


def _open_access(row: Row, locations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    routes = {one.get("access_route") for one in row.get("instances") or ()}
    is_open = row.get("access_right") == "c_abf2"
    url = next((one["pdf_url"] or one["landing_page_url"] for one in locations if one["is_oa"]), None)
    status = next((name for name in _STATUS if name in routes), None)
    return {
        "is_oa": is_open,
        "oa_status": status or (None if is_open else "closed"),
        "oa_url": url,
        "any_repository_has_fulltext": "green" in routes,
    }


def _authorships(row: Row) -> list[dict[str, Any]]:
    authors = (row.get("authors") or ())[:_MOST_AUTHORS]
    last = len(row.get("authors") or ()) - 1
    return [
        {
            "author_position": "first" if place == 0 else "last" if place == last else "middle",
            "author": {
                "id": f"https://orcid.org/{author['orcid']}" if author.get("orcid") else None,
                "display_name": author.get("full_name"),
                "orcid": f"https://orcid.org/{author['orcid']}" if author.get("orcid") else None,
            },
            "institutions": [
                {"id": one["ror_id"], "display_name": one["name"], "ror": one["ror_id"]}
                for one in author.get("affiliations") or ()
                if one.get("ror_id")
            ],
            "raw_author_name": author.get("full_name"),
            "raw_affiliation_strings": [one["name"] for one in author.get("affiliations") or () if one.get("name")],
        }
        for place, author in enumerate(authors)
    ]


def _institution(row: Row) -> dict[str, Any]:
    ror = next((pid["value"] for pid in row["pids"] or () if pid["scheme"].lower() == "ror"), None)
    return {
        "id": row["organization_id"],
        "ror": ror,
        "display_name": row["legal_name"],
        "country_code": row["country_code"],
    }


def _inverted(text: str | None) -> dict[str, list[int]] | None:
    if not text:
        return None
    places: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        places.setdefault(word, []).append(place)
    return places
