"""Parts of an OpenAlex work that need rules of their own: abstract, locations, subjects, funding."""

from __future__ import annotations

from typing import Any

from evigraph.clean.json_values import member, objects, text
from evigraph.clean.licences import UNSTATED, license_of
from evigraph.clean.resource_types import OTHER_LITERATURE, ResourceType, resource_type
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import CLOSED, OPEN, peer_reviewed, version_type
from evigraph.model.pid import normalise_arxiv, normalise_doi, normalise_ror

Json = dict[str, Any]

#: Concepts below this score are ancestors or guesses; OpenAlex itself gives ancestors 0.
MIN_CONCEPT_SCORE = 0.3

#: The open-access status of a work that is that of its published copy.
_PUBLISHED_ROUTES = frozenset({"gold", "hybrid", "bronze", "diamond"})


def abstract_of(index: Any) -> str | None:
    """The abstract that an inverted index (`{"word": [places]}`) spells, or None."""
    if type(index) is not dict:
        return None
    placed = [
        (place, word)
        for word, places in index.items()
        if type(places) is list
        for place in places
        if type(place) is int
    ]
    placed.sort()
    return " ".join(word for _, word in placed) or None


def instances_of(work: Json, kind: ResourceType, doi: str | None, published_on: str | None) -> list[Json]:
    """One instance a location, the primary one first, a location that is listed twice once."""
    primary = objects(work.get("primary_location"))
    instances: dict[Any, Json] = {}
    for location in (*primary, *objects(work.get("locations")), *objects(work.get("best_oa_location"))):
        address = text(location.get("landing_page_url")) or text(location.get("pdf_url"))
        host = text(member(location.get("source"), "id"))
        if address or host:
            is_primary = location in primary
            instances.setdefault(address or host, _instance(work, location, kind, doi, published_on, is_primary))
    return list(instances.values())


def _instance(
    work: Json, location: Json, kind: ResourceType, doi: str | None, published_on: str | None, is_primary: bool
) -> Json:
    get = location.get
    source = get("source")
    landing = text(get("landing_page_url"))
    raw_type = text(get("raw_type"))
    registered = resource_type(raw_type, "crossref") if raw_type and raw_type != "other" else OTHER_LITERATURE
    if is_primary or registered is OTHER_LITERATURE or registered.type != kind.type:
        registered = kind
    stated_license = text(get("license"))
    found = license_of(stated_license) if stated_license else UNSTATED
    is_oa = get("is_oa")
    other_doi = normalise_doi(landing) if landing and "doi.org/" in landing.lower() else None
    arxiv = normalise_arxiv(landing) if landing and "arxiv.org/" in landing else None
    pids = [{"scheme": "doi", "value": doi}] if doi and other_doi == doi else []
    # Another copy's DOI or arXiv id does not identify this work: OpenAlex may be wrong that they are one.
    alternate_ids = [{"scheme": "doi", "value": other_doi}] if other_doi and other_doi != doi else []
    if arxiv:
        alternate_ids.append({"scheme": "arxiv", "value": arxiv})
    return {
        "resource_type": registered.label,
        "resource_type_id": registered.coar_uri,
        "version_type": version_type(text(get("version"))),
        "urls": list(dict.fromkeys(url for url in (landing, text(get("pdf_url"))) if url)),
        "pids": pids,
        "alternate_ids": alternate_ids,
        "access_right": OPEN if is_oa is True else CLOSED if is_oa is False else None,
        "access_route": _route(work, location) if is_oa is True else None,
        "license": found.label,
        "license_url": found.url,
        "refereed": peer_reviewed(registered.label, is_from_crossref=False, has_doi=bool(pids)),
        "published_on": published_on if is_primary else None,
        "hosted_by": clean_line(text(member(source, "display_name")) or text(get("raw_source_name"))),
        "hosted_by_id": text(member(source, "id")),
        "collected_from": "OpenAlex",
    }


def _route(work: Json, location: Json) -> str | None:
    """The route by which an open copy is open: green in a repository, else the status of the work."""
    if text(member(location.get("source"), "type")) == "repository":
        return "green"
    status = text(member(work.get("open_access"), "oa_status"))
    return status if status in _PUBLISHED_ROUTES else None


def subjects_of(work: Json) -> list[Json]:
    """Topics, keywords, concepts, MeSH descriptors and sustainable development goals, each under its scheme."""
    subjects: dict[tuple[str, str], Json] = {}

    def add(scheme: str, value: Any, term_id: Any) -> None:
        name = clean_line(text(value))
        if name:
            tail = (text(term_id) or "").rstrip("/").rsplit("/", 1)[-1] or None
            subjects.setdefault((scheme, name), {"scheme": scheme, "value": name, "term_id": tail})

    for entry in objects(work.get("mesh")):
        add("mesh", entry.get("descriptor_name"), entry.get("descriptor_ui"))
    for entry in objects(work.get("topics")):
        add("openalex_topic", entry.get("display_name"), entry.get("id"))
    for entry in objects(work.get("keywords")):
        add("openalex_keyword", entry.get("display_name") or entry.get("keyword"), entry.get("id"))
    for entry in objects(work.get("concepts")):
        score = entry.get("score")
        if isinstance(score, (int, float)) and score >= MIN_CONCEPT_SCORE:
            add("openalex_concept", entry.get("display_name"), entry.get("id"))
    for entry in objects(work.get("sustainable_development_goals")):
        add("sdg", entry.get("display_name"), entry.get("id"))
    return list(subjects.values())


def funding_of(work: Json) -> list[Json]:
    """One FUNDING an award, and one for each funder without awards; a funder's id is its ROR, else OpenAlex's."""
    funders = {text(entry.get("id")): entry for entry in objects(work.get("funders"))}
    found: list[Json] = []
    named: set[str | None] = set()
    for entry in (*objects(work.get("grants")), *objects(work.get("awards"))):
        funder_id = text(entry.get("funder")) or text(entry.get("funder_id"))
        funder = funders.get(funder_id, {})
        name = clean_line(text(entry.get("funder_display_name")) or text(funder.get("display_name")))
        award = clean_line(text(entry.get("award_id")) or text(entry.get("funder_award_id")))
        if funder_id or name:
            named.add(funder_id)
            ror = normalise_ror(text(funder.get("ror")))
            found.append({"funder_name": name, "funder_id": ror or funder_id, "award": award})
    for funder_id, funder in funders.items():
        name = clean_line(text(funder.get("display_name")))
        if funder_id not in named and (funder_id or name):
            ror = normalise_ror(text(funder.get("ror")))
            found.append({"funder_name": name, "funder_id": ror or funder_id, "award": None})
    return list({tuple(entry.values()): entry for entry in found}.values())
