"""Crossref's deposit XML in the form of its REST API: contributors, dates, titles, references, relations, funding.

Source: Crossref's unixref 1.0 and 1.1, and the deposit schema that they quote
(data.crossref.org/reports/help/schema_doc).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from evigraph.clean.names import author
from evigraph.clean.oai_pmh.element import attribute, children, descendants, first, line, local_name, text_of, value_of

Json = dict[str, Any]

#: How a citation's elements are called in the REST API.
_CITATION: dict[str, str] = {
    "doi": "DOI",
    "author": "author",
    "cYear": "year",
    "article_title": "article-title",
    "journal_title": "journal-title",
    "volume_title": "volume-title",
    "series_title": "series-title",
    "volume": "volume",
    "first_page": "first-page",
    "unstructured_citation": "unstructured",
}


def people(contributors: etree._Element | None, role: str) -> list[Json]:
    """The AUTHORs of that `contributor_role`, in their order; `author` is also who has no role."""
    found: list[Json] = []
    for entry in children(contributors, "person_name", "organization", "anonymous"):
        if (attribute(entry, "contributor_role") or "author") != role or local_name(entry) == "anonymous":
            continue
        if local_name(entry) == "organization":
            made = author(full_name=text_of(entry), is_group=True)
        else:
            made = author(
                given_name=value_of(entry, "given_name"),
                family_name=value_of(entry, "surname"),
                suffix=value_of(entry, "suffix"),
                orcid=value_of(entry, "ORCID"),
                affiliations=[*_affiliations(entry)],
            )
        if made:
            found.append(made)
    return found


def roles(contributors: etree._Element | None) -> list[str]:
    """The roles other than author, each once."""
    stated = (attribute(entry, "contributor_role") for entry in children(contributors))
    return list(dict.fromkeys(role for role in stated if role and role != "author"))


def _affiliations(person: etree._Element) -> Iterable[Json]:
    for entry in children(person, "affiliation"):
        yield {"name": text_of(entry), "ror_id": None}
    for place in children(first(person, "affiliations"), "institution"):
        rors = [text_of(entry) for entry in children(place, "institution_id") if attribute(entry, "type") == "ror"]
        yield {"name": value_of(place, "institution_name"), "ror_id": rors[0] if rors else None}


def date_parts(date: etree._Element | None, prefix: str = "") -> list[list[str]] | None:
    """The `date-parts` of a date with year, month and day as elements, or None without a year."""
    year = value_of(date, f"{prefix}year")
    if year is None:
        return None
    parts = [year, value_of(date, "month"), value_of(date, "day")]
    return [[part for at, part in enumerate(parts) if part and all(parts[: at + 1])]]


def citations(item: etree._Element) -> list[Json]:
    """The reference list as REST API gives it."""
    found: list[Json] = []
    for entry in children(first(item, "citation_list"), "citation"):
        citation: Json = {}
        for part in children(entry):
            if (name := _CITATION.get(local_name(part))) and (stated := text_of(part)):
                citation[name] = line(part) if name == "unstructured" else stated
            elif local_name(part) == "elocation_id" and "first-page" not in citation:
                citation["first-page"] = text_of(part)
        found.append(citation)
    return found


def programs(item: etree._Element, name: str) -> list[etree._Element]:
    """The `program` elements of that name in an item and in its Crossmark."""
    return [
        program
        for program in descendants(item, "program")
        if (attribute(program, "name") or "").lower() == name
        or (name == "relations" and first(program, "related_item") is not None)
    ]


def funders(item: etree._Element) -> list[Json]:
    """Funders with their awards, from FundRef's program."""
    found: list[Json] = []
    for program in programs(item, "fundref"):
        groups = [entry for entry in children(program, "assertion") if attribute(entry, "name") == "fundgroup"]
        for group in groups or [program]:
            awards = _assertions(group, "award_number")
            names = [entry for entry in descendants(group, "assertion") if attribute(entry, "name") == "funder_name"]
            for entry in names:
                ids = [
                    text_of(part)
                    for part in descendants(entry, "assertion")
                    if attribute(part, "name") == "funder_identifier"
                ]
                stated = (entry.text or "").strip()
                found.append({"name": stated, "DOI": next(iter(ids), None), "award": awards})
            rors = _assertions(group, "ror")
            found += [{"name": None, "id": [{"id": ror, "id-type": "ROR"}], "award": awards} for ror in rors]
    return found


def _assertions(group: etree._Element, name: str) -> list[str]:
    stated = (entry for entry in descendants(group, "assertion") if attribute(entry, "name") == name)
    return [value for entry in stated if (value := text_of(entry))]


def licences(item: etree._Element) -> list[Json]:
    """Licences with their version and start, from AccessIndicators."""
    return [
        {
            "URL": text_of(entry),
            "content-version": attribute(entry, "applies_to") or "unspecified",
            "start": _plain_date(attribute(entry, "start_date")),
        }
        for program in programs(item, "accessindicators")
        for entry in children(program, "license_ref")
    ]


def relations(item: etree._Element) -> dict[str, list[Json]]:
    """Relations by type, from the relations program."""
    found: dict[str, list[Json]] = {}
    for program in programs(item, "relations"):
        for related in children(program, "related_item"):
            for entry in children(related, "inter_work_relation", "intra_work_relation"):
                if kind := attribute(entry, "relationship-type"):
                    target = {"id": text_of(entry), "id-type": attribute(entry, "identifier-type")}
                    found.setdefault(kind, []).append(target)
    return found


def updates(item: etree._Element) -> list[Json]:
    """The works that this one corrects or withdraws, from Crossmark."""
    return [
        {"DOI": text_of(entry), "type": attribute(entry, "type")}
        for entry in descendants(first(item, "crossmark"), "update")
    ]


def _plain_date(text: str | None) -> Json | None:
    return {"date-parts": [text[:10].split("-")]} if text else None
