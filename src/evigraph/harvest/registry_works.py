"""Single works, asked for by DOI at the registries, and what an ORCID record lists.

Three public REST APIs: Crossref's `/works/{doi}` (api.crossref.org/swagger-ui), DataCite's `/dois/{doi}`
(support.datacite.org/docs/api-get-doi), ORCID's `/v3.0/{orcid}/works` (info.orcid.org/documentation/api-tutorials).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from evigraph.harvest.answers import dig, parse_json, public_address
from evigraph.harvest.payloads import PayloadWriter
from evigraph.model.pid import normalise_doi
from evigraph.net.client import AnswerError, Client

#: The registries in the order in which they are asked, and the host of each.
REGISTRIES = {"crossref": "api.crossref.org", "datacite": "api.datacite.org"}
ORCID_HOST = "pub.orcid.org"

_LABELS = {"crossref": "Crossref", "datacite": "DataCite"}
_ABSENT = frozenset({404, 410})
_MARKUP = re.compile(r"<[^>]{0,200}>")


@dataclass(frozen=True)
class RegistryWork:
    """A work as a registry answered it: `content` is the answer byte for byte, `origin` its address."""

    doi: str
    source: str
    title: str
    year: str
    origin: str
    content: bytes

    @property
    def registry(self) -> str:
        """The registry's name."""
        return _LABELS[self.source]


def fetch_work(client: Client, source: str, doi: str) -> RegistryWork | None:
    """The work that a registry knows by a DOI; null where it has none of that DOI, or none with a title.

    Raises:
        HarvestError: the registry cannot be reached, or refuses.
    """
    address = f"https://{REGISTRIES[source]}/{'works' if source == 'crossref' else 'dois'}/{quote(doi, safe='')}"
    # Without these two DataCite leaves out the ROR ids of affiliations and publishers.
    origin = address if source == "crossref" else public_address(address, {"affiliation": "true", "publisher": "true"})
    try:
        answer = client.get(origin)
    except AnswerError as error:
        if error.status in _ABSENT:
            return None
        raise
    parsed = parse_json(answer.content)
    if source == "crossref":
        told = dig(parsed, "message")
        stated, title = dig(told, "DOI"), _first(dig(told, "title"))
        year = _first(_first(dig(told, "issued", "date-parts")))
    else:
        told = dig(parsed, "data", "attributes")
        stated, title, year = dig(told, "doi"), dig(_first(dig(told, "titles")), "title"), dig(told, "publicationYear")
    # A DOI that is an alias is answered with the work's other DOI: a link to the alias would then lead nowhere.
    if not isinstance(title, str) or not title.strip() or normalise_doi(str(stated or "")) != doi:
        return None
    title = " ".join(_MARKUP.sub("", title).split())
    return RegistryWork(doi, source, title[:500], str(year or ""), origin, answer.content) if title else None


def orcid_dois(client: Client, orcid: str) -> tuple[str, ...]:
    """The DOIs of the works that an ORCID record shows to everybody, in the record's order; none where it is absent.

    Identifiers that the record relates to a work as `part-of` are not the work's own and are left out.

    Raises:
        HarvestError: ORCID cannot be reached, or refuses.
    """
    try:
        answer = client.get(f"https://{ORCID_HOST}/v3.0/{orcid}/works", headers={"Accept": "application/json"})
    except AnswerError as error:
        if error.status in _ABSENT:
            return ()
        raise
    found: dict[str, None] = {}
    for group in _objects(dig(parse_json(answer.content), "group")):
        for summary in _objects(dig(group, "work-summary")):
            for one in _objects(dig(summary, "external-ids", "external-id")):
                if dig(one, "external-id-type") != "doi" or dig(one, "external-id-relationship") == "part-of":
                    continue
                if doi := normalise_doi(str(dig(one, "external-id-value") or "")):
                    found[doi] = None
    return tuple(found)


def keep_works(home: Path, works: Iterable[RegistryWork]) -> None:
    """Keeps each work as a payload of its registry, so that the next run brings it into the graph.

    Raises:
        BusyError: another process is harvesting from that registry.
        HarvestError: the graph's folder cannot be written.
    """
    by_source: dict[str, list[RegistryWork]] = {}
    for work in works:
        by_source.setdefault(work.source, []).append(work)
    for source, told in by_source.items():
        with PayloadWriter(home, source) as writer:
            for work in told:
                writer.add_content(f"{work.doi.replace('/', '_')}.json", work.content, work.origin, None)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
