"""References as CSL-JSON 1.0.2 (citationstyles.org), the form that citation processors read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, alternate_ids_of, container_of, full_title, pid_of, urls_of


def item(row: Row) -> dict[str, Any]:
    """One reference as a CSL item; what is not known is left out."""
    container = container_of(row)
    first, last = container.get("first_page"), container.get("last_page")
    issn = container.get("issn_online") or container.get("issn_print") or container.get("issn_linking")
    language = row.get("language")
    values: dict[str, Any] = {
        "id": row.get("product_id") or row.get("record_id"),
        "type": kind_of(row).csl,
        "title": full_title(row),
        "title-short": row.get("title") if row.get("subtitle") else None,
        "author": [_name(author) for author in row.get("authors") or ()],
        "issued": _date(row),
        "container-title": container.get("name"),
        "container-title-short": container.get("abbreviated_name"),
        "volume": container.get("volume"),
        "issue": container.get("issue"),
        "page": f"{first}-{last}" if first and last else first or last,
        "edition": container.get("edition"),
        "event-place": container.get("conference_place"),
        "publisher": row.get("publisher"),
        "ISSN": issn,
        "ISBN": next(iter(alternate_ids_of(row, "isbn")), None),
        "DOI": pid_of(row, "doi"),
        "PMID": pid_of(row, "pmid"),
        "PMCID": pid_of(row, "pmc"),
        "URL": next(iter(urls_of(row)), None),
        "abstract": next(iter(row.get("descriptions") or ()), None),
        "keyword": ", ".join(one["value"] for one in row.get("subjects") or () if one["value"]),
        "language": language if language != "und" else None,
    }
    return {name: value for name, value in values.items() if value}


def _name(author: Mapping[str, Any]) -> dict[str, str]:
    family, given = author.get("family_name"), author.get("given_name")
    if family and not author.get("is_group"):
        return {"family": family, **({"given": given} if given else {})}
    return {"literal": author.get("full_name") or family or given or "Anonymous"}


def _date(row: Row) -> dict[str, list[list[int]]] | None:
    stated = row.get("published_on") or str(row.get("year") or "")
    parts = [int(part) for part in stated.split("-") if part.isascii() and part.isdecimal()][:3]
    return {"date-parts": [parts]} if parts else None
